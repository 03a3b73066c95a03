"""`regulars journal`: where events wait to be loaded, how many do, and loading them now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from regulars.app import House

app = typer.Typer(help="Where events wait to be loaded.", no_args_is_help=True)


@dataclass(frozen=True, slots=True)
class JournalStatus:
    """The journal of an installation, and the archive behind it. `kept_in` never shows a user, a password or a token."""

    kept_in: str
    durable_until: str | None
    loaded_until: str
    backlog_bytes: int
    archive_files: int
    compacted_at: datetime | None
    troubles: list[str]


@app.command()
def status(json: bool = typer.Option(False, "--json", help="Print JSON.")) -> None:
    """Where the journal is, how far it is durable and loaded, what is wrong with it, and how many files the archive of events has.

    Example: regulars journal status
    """
    from regulars.cli import doors

    with doors.opened() as house:
        found = _status(house)
    if json:
        doors.print_json(found)
        return
    print(f"kept in        {found.kept_in}")
    print(f"durable until  {found.durable_until or 'not known now'}")
    print(f"loaded until   {found.loaded_until}")
    print(f"waiting        {found.backlog_bytes:,} bytes")
    at = f"{found.compacted_at:%Y-%m-%d %H:%M} UTC" if found.compacted_at else "never"
    print(f"archived in    {found.archive_files:,} files, small ones last merged: {at}")
    for trouble in found.troubles:
        print(f"trouble        {trouble}")


@app.command()
def empty() -> None:
    """Load everything that waits, and delete it from the journal; do so before `journal_url` is changed away from a broker.

    Example: regulars journal empty
    """
    from regulars.cli import doors

    with doors.opened() as house:
        events = house.loader.empty()
        print(f"{events:,} events loaded; the journal is empty")


def _status(house: House) -> JournalStatus:
    from regulars.collect import track
    from regulars.errors import RegularsError
    from regulars.stream.brokers import parse

    loader, url = house.loader, house.settings.journal_url
    try:
        durable = str(loader.journal.durable)
    except RegularsError:
        durable = None
    with house.records.reading() as uow:
        compacted_at = track.compacted_at(uow)
    return JournalStatus(
        kept_in=parse(url).shown if url else "home/journal",
        durable_until=durable,
        loaded_until=str(loader.progress.loaded_until),
        backlog_bytes=loader.backlog_bytes(),
        archive_files=loader.archive_files(),
        compacted_at=compacted_at,
        troubles=[f"{message} ({where}); {mend}" for message, mend, where in loader.journal.troubles()],
    )
