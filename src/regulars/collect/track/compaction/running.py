"""Compaction step by step, each step safe to be done again after a kill.

1. the merging is written down (`planned`);
2. what each shop's parts become is written beside them and forced to disk, then renamed over the first part (`placed`). From here on
   the file says by itself which parts it holds, so nothing is read twice and nothing is missing, whatever the stores say;
3. one mark in the warehouse, one row in the records (`settled`);
4. an hour later the other parts' files are deleted (`done`), so that a copy of the folder that was under way is whole.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, insert, select, update

from regulars.access import shops
from regulars.access.domain import EVERY_SHOP
from regulars.collect.track import archive
from regulars.collect.track.compaction import merging, settling
from regulars.collect.track.compaction.choosing import MOST_BYTES, Stretch, stretches
from regulars.collect.track.tables import event_merging
from regulars.errors import Conflict, RegularsError, StorageFull
from regulars.guard import privacy
from regulars.values import clock
from regulars.values.ids import new_id

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

    from regulars.records import Records, UnitOfWork
    from regulars.warehouse import Warehouse

log = logging.getLogger(__name__)

#: How long the files of merged parts stay beside the file that holds their rows.
STAY = timedelta(hours=1)
_REMEMBERED = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compacted:
    """What one run did: how many parts became how many, and how many small files it deleted."""

    merged_parts: int
    into: int
    deleted_files: int


def compact(
    records: Records,
    warehouse: Warehouse,
    home: Path,
    *,
    now: datetime | None = None,
    most_bytes: int = MOST_BYTES,
    go_on: Callable[[], object] = lambda: None,
) -> Compacted:
    """Merge what can be merged now, after finishing what was cut off; `go_on` is called between two mergings and may raise.

    Raises
    ------
    Conflict : it runs already.
    StorageFull : there is no room for the merged file; everything is as it was before.
    """
    at = now or clock.now()
    with privacy.held(home, what="compaction", wait=False) as mine:
        if not mine:
            raise Conflict("the events archive is being compacted already", mend="wait until that is done", code="compacting")
        _finish(records, warehouse, home)
        deleted = _delete_merged(records, home, at)
        parts = into = 0
        for stretch in _to_merge(records, warehouse, home, at, most_bytes):
            go_on()
            if _merge(records, warehouse, home, stretch):
                parts, into = parts + len(stretch), into + 1
    if into:
        log.info("events archive compacted", extra={"parts": parts, "into": into})
    return Compacted(merged_parts=parts, into=into, deleted_files=deleted)


def recover(records: Records, warehouse: Warehouse, home: Path) -> None:
    """Called at start: finish what a kill cut off, or undo it where no file was placed yet. What cannot be finished the doctor names."""
    with privacy.held(home, what="compaction", wait=False) as mine:
        if mine:
            _finish(records, warehouse, home)


def compacted_at(uow: UnitOfWork) -> datetime | None:
    """When parts were merged last."""
    found: datetime | None = uow.value(select(func.max(event_merging.c.placed_at)))
    return found


def unfinished(uow: UnitOfWork) -> list[RowMapping]:
    """Mergings that are neither settled nor done."""
    return uow.rows(
        select(event_merging).where(event_merging.c.state.in_(("planned", "placed"))).order_by(event_merging.c.began_at)
    )


def _to_merge(records: Records, warehouse: Warehouse, home: Path, now: datetime, most_bytes: int) -> list[Stretch]:
    with records.reading() as uow:
        zones = {shop.timezone for shop in shops.list_all(uow)}
        parts = settling.kept(uow)
    zone = ZoneInfo(zones.pop() if len(zones) == 1 else "UTC")  # shops of several zones share their parts
    wanted = stretches(parts, now, zone, most_bytes=most_bytes)
    if not wanted:
        return []
    shop_ids = {shop_id for stretch in wanted for part in stretch for shop_id in part.bytes_by_shop}
    files = {shop_id: list(archive.in_force(archive.listed(home, shop_id))) for shop_id in shop_ids}
    lacking = settling.unmarked(warehouse, [part for stretch in wanted for part in stretch])
    return [run for stretch in wanted for run in settling.can_be_merged(stretch, files, lacking)]


def _merge(records: Records, warehouse: Warehouse, home: Path, stretch: Stretch) -> bool:
    """One merging from its plan on; False where a file cannot be read, which the doctor names."""
    first, last = stretch[0].part_id, stretch[-1].last_part
    merging_id = _plan(records, first, last, len(stretch))
    try:
        _carry_out(records, warehouse, home, merging_id, first, last)
    except StorageFull:
        _drop(records, merging_id)
        raise
    except RegularsError as error:
        log.warning("a part of the events archive keeps others from being merged: %s", error)
        _drop(records, merging_id)
        return False
    return True


def _plan(records: Records, first: str, last: str, parts: int) -> str:
    merging_id = new_id("merging")
    with records.unit() as uow:
        uow.execute(
            insert(event_merging).values(
                merging_id=merging_id,
                shop_id=EVERY_SHOP,
                first_part=first,
                last_part=last,
                parts=parts,
                state="planned",
                began_at=clock.now(),
            )
        )
    return merging_id


def _drop(records: Records, merging_id: str) -> None:
    """Forget a plan of which nothing was placed."""
    with records.unit() as uow:
        uow.execute(delete(event_merging).where(event_merging.c.merging_id == merging_id, event_merging.c.state == "planned"))


def _carry_out(records: Records, warehouse: Warehouse, home: Path, merging_id: str, first: str, last: str) -> None:
    with privacy.held(home):
        try:
            drafts = [merging.draft(home, shop_id, first, last) for shop_id in _shops(home)]
        except BaseException:
            _clear(home)
            raise
        merging.place([draft for draft in drafts if draft is not None])
    with records.unit() as uow:
        _now(uow, merging_id, "placed", placed_at=clock.now())
    _settle(records, warehouse, merging_id, first, last)


def _settle(records: Records, warehouse: Warehouse, merging_id: str, first: str, last: str) -> None:
    """Let the stores say the same as the files. Where the warehouse lacks one of the parts it goes on to say so."""
    with records.reading() as uow:
        lacking = settling.unmarked(warehouse, settling.kept(uow, first, last))
    if not lacking:
        settling.one_mark(warehouse, first, last)
    with records.unit() as uow:
        if not lacking:
            settling.one_row(uow, first, last)
        _now(uow, merging_id, "settled")


def _finish(records: Records, warehouse: Warehouse, home: Path) -> None:
    """Finish mergings of which a file was placed, and undo the others."""
    with records.reading() as uow:
        rows = unfinished(uow)
    for row in rows:
        merging_id, first, last = row["merging_id"], row["first_part"], row["last_part"]
        try:
            if row["state"] == "placed":
                _settle(records, warehouse, merging_id, first, last)
            elif not any(merging.is_merged(home, shop_id, first, last) for shop_id in _shops(home)):
                with privacy.held(home):
                    _clear(home)
                _drop(records, merging_id)
            else:
                _carry_out(records, warehouse, home, merging_id, first, last)
        except RegularsError as error:
            log.warning("a merging of parts of the events archive could not be finished: %s", error)


def _clear(home: Path) -> None:
    """Remove what was being written; nobody but us can be writing it."""
    for path in (home / "events").glob(f"*/*{privacy.MERGING}"):
        path.unlink(missing_ok=True)


def _delete_merged(records: Records, home: Path, now: datetime) -> int:
    """Delete files whose rows are in another one, which is read whole before; those of the last hour's mergings stay.

    That is also what an older copy of the folder brought back beside the merged files.
    """
    table = event_merging.c
    with records.reading() as uow:
        rows = uow.rows(select(event_merging).where(table.state != "done"))
    due = [row for row in rows if row["state"] == "settled" and row["placed_at"] <= now - STAY]
    staying = [(row["first_part"], row["last_part"]) for row in rows if row not in due]
    gone = 0
    for shop_id in _shops(home):
        gone += _delete_merged_of(home, shop_id, staying)
    with records.unit() as uow:
        for row in due:
            _now(uow, row["merging_id"], "done", done_at=clock.now())
        uow.execute(delete(event_merging).where(table.state == "done", table.done_at < now - _REMEMBERED))
    return gone


def _delete_merged_of(home: Path, shop_id: str, staying: Sequence[tuple[str, str]]) -> int:
    files = list(archive.listed(home, shop_id))
    in_force = list(archive.in_force(files))
    merged = sorted({file.path for file in files} - {file.path for file in in_force})
    free = [path for path in merged if not any(first <= path.stem <= last for first, last in staying)]
    if not free:
        return 0
    sound = cache(archive.is_sound)
    gone = 0
    with privacy.held(home):
        for path in free:
            holder = next(file for file in in_force if file.part_id < path.stem <= file.last_part)
            if sound(holder.path):
                path.unlink(missing_ok=True)
                gone += 1
    return gone


def _shops(home: Path) -> list[str]:
    return sorted(path.name for path in (home / "events").glob("*") if path.is_dir())


def _now(uow: UnitOfWork, merging_id: str, state: str, **values: datetime) -> None:
    uow.execute(update(event_merging).where(event_merging.c.merging_id == merging_id).values(state=state, **values))
