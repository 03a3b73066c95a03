"""`regulars doctor`: every invariant of a live installation."""

from __future__ import annotations

import typer


def doctor(as_json: bool = typer.Option(False, "--json", help="Print every check as JSON.")) -> None:
    """Check every invariant and name what is wrong; exit 1 if anything is.

    Example: regulars doctor --json
    """
    from regulars.app import examine
    from regulars.cli.doors import opened, print_json

    with opened() as house:
        answer = examine(house)
    if as_json:
        print_json(answer)
    else:
        for check in answer.checks:
            print(f"{'ok   ' if check.ok else 'WRONG'}  {check.name}")
            for finding in check.findings:
                print(f"         {finding.what}{f' [{finding.where}]' if finding.where else ''}\n         -> {finding.mend}")
        print("all is well" if answer.ok else f"{answer.wrong} of {len(answer.checks)} checks found something")
    raise typer.Exit(0 if answer.ok else 1)
