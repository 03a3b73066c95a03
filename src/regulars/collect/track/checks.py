"""What `regulars doctor` asks of collected events: the journal reads whole, the archive is complete, the warehouse has each part."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from regulars.access.keys import Keyring
from regulars.collect.track import archive
from regulars.collect.track.loading import journal_of
from regulars.collect.track.tables import event_part
from regulars.stream.journal.damages import troubles
from regulars.work import Check, CheckContext, Finding


def _journal_sound(context: CheckContext) -> Iterator[Finding]:
    journal = journal_of(context.home)
    found = journal.troubles() if journal else troubles(context.home / "journal", Keyring.open(context.home))
    for message, mend, where in found:
        yield Finding(message, mend=mend, where=where)


def _archive_complete(context: CheckContext) -> Iterator[Finding]:
    with context.records.reading() as uow:
        parts = uow.rows(select(event_part.c.part_id, event_part.c.shops).where(event_part.c.state == "done"))
    for row in parts:
        for shop_id in row["shops"]:
            part = archive.path_of(context.home, shop_id, row["part_id"])
            if part.is_file() and not archive.is_sound(part):
                yield Finding(
                    "a part of the events archive is damaged",
                    mend="put the last backup of home/events in place; until then the warehouse is the only copy of its events",
                    where=f"{shop_id}/{row['part_id']}",
                )
            elif not part.is_file():
                yield Finding(
                    "a part of the events archive is missing",
                    mend="put the last backup of home/events in place",
                    where=f"{shop_id}/{row['part_id']}",
                )


def _parts_loaded(context: CheckContext) -> Iterator[Finding]:
    marks = context.warehouse.table("event_parts")
    loaded = {(row["shop_id"], row["part_id"]) for row in context.warehouse.rows(marks.select("shop_id", "part_id"))}
    with context.records.reading() as uow:
        parts = uow.rows(select(event_part.c.part_id, event_part.c.shops).where(event_part.c.state == "done"))
    for row in parts:
        for shop_id in row["shops"]:
            if (shop_id, row["part_id"]) not in loaded:
                yield Finding(
                    "a loaded part of the events is not in the warehouse",
                    mend="run `regulars warehouse rebuild`",
                    where=f"{shop_id}/{row['part_id']}",
                )


def _counts_agree(context: CheckContext) -> Iterator[Finding]:
    marks, events = context.warehouse.table("event_parts"), context.warehouse.table("events")
    marked = {row["shop_id"]: row["n"] for row in context.warehouse.rows(marks.group_by("shop_id").aggregate(n=marks.events.sum()))}
    held = {row["shop_id"]: row["n"] for row in context.warehouse.rows(events.group_by("shop_id").aggregate(n=events.count()))}
    for shop_id in sorted({*marked, *held}):
        if held.get(shop_id, 0) > marked.get(shop_id, 0):
            yield Finding(
                f"the warehouse holds {held.get(shop_id, 0):,} events, {marked.get(shop_id, 0):,} were loaded",
                mend="run `regulars warehouse rebuild`",
                where=f"shop {shop_id}",
            )


CHECKS = [
    Check("journal can be read whole, and keeps what it took", "P1, P19", _journal_sound),
    Check("events archive is complete", "P19", _archive_complete),
    Check("loaded events are in the warehouse", "P1", _parts_loaded),
    Check("events are in the warehouse once", "P1", _counts_agree),
]
