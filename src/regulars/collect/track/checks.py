"""What `regulars doctor` asks of collected events: the journal reads whole, the archive is complete, the warehouse has each part."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import cache

from regulars.access.keys import Keyring
from regulars.collect.track import archive
from regulars.collect.track.compaction import running, settling
from regulars.collect.track.loading import journal_of
from regulars.stream.journal.damages import troubles
from regulars.values import clock
from regulars.work import Check, CheckContext, Finding

_MERGED_WITHIN = timedelta(minutes=10)


def _journal_sound(context: CheckContext) -> Iterator[Finding]:
    journal = journal_of(context.home)
    found = journal.troubles() if journal else troubles(context.home / "journal", Keyring.open(context.home))
    for message, mend, where in found:
        yield Finding(message, mend=mend, where=where)


def _archive_complete(context: CheckContext) -> Iterator[Finding]:
    is_sound = cache(archive.is_sound)
    with context.records.reading() as uow:
        parts = [part for part in settling.kept(uow) if part.done]
    for part in parts:
        for shop_id in part.bytes_by_shop:
            path = archive.holding(context.home, shop_id, part.part_id)
            if path is None or (archive.last_part_of(path) < part.last_part and is_sound(path)):
                yield Finding(
                    "a part of the events archive is missing",
                    mend="put the last backup of home/events in place",
                    where=f"{shop_id}/{part.part_id}",
                )
            elif not is_sound(path):
                yield Finding(
                    "a part of the events archive is damaged",
                    mend="put the last backup of home/events in place; until then the warehouse is the only copy of its events",
                    where=f"{shop_id}/{part.part_id}",
                )


def _parts_loaded(context: CheckContext) -> Iterator[Finding]:
    with context.records.reading() as uow:  # before the marks: what is done here is marked there
        parts = [part for part in settling.kept(uow) if part.done]
    for shop_id, part_id in sorted(settling.unmarked(context.warehouse, parts)):
        yield Finding(
            "a loaded part of the events is not in the warehouse",
            mend="run `regulars warehouse rebuild`",
            where=f"{shop_id}/{part_id}",
        )


def _merged_whole(context: CheckContext) -> Iterator[Finding]:
    with context.records.reading() as uow:
        rows = running.unfinished(uow)
    for row in rows:
        if row["began_at"] < clock.now() - _MERGED_WITHIN:
            yield Finding(
                "parts of the events archive began to be merged and are not yet",
                mend="mend what is said of the events archive, then run `regulars warehouse compact`",
                where=row["first_part"],
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
    Check("parts of the events archive are merged or not", "P19", _merged_whole),
    Check("loaded events are in the warehouse", "P1", _parts_loaded),
    Check("events are in the warehouse once", "P1", _counts_agree),
]
