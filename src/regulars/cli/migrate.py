"""`regulars migrate`: bring both stores to this release."""

from __future__ import annotations

import typer


def migrate(as_json: bool = typer.Option(False, "--json", help="Print the applied revisions as JSON.")) -> None:
    """Bring the records and the warehouse to this release. Safe to run at any time; killed in the middle, it goes on next time.

    Example: regulars migrate
    """
    from regulars.cli.doors import opened, print_json

    with opened() as house:
        if as_json:
            print_json({"applied": house.migrated})
        else:
            print(f"applied: {', '.join(house.migrated)}" if house.migrated else "both stores are up to date")
