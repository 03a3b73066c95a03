"""The loader: from the journal into the archive, the records and the warehouse, each event once.

A stretch of the journal is a part. Its steps, each safe to be done again after a crash at any instant:

1. shape the messages and write the part's rows to the archive;
2. in one transaction of the records: note the part, keep what was put aside, what names people, and whose ids belong together;
3. in one transaction of the warehouse: append what is new, and the mark of the part;
4. note the part as done; a segment of the journal that is wholly done is deleted, and its key with it.

Sessions are made when no part waits, else after several; what they are to be made of is noted in step 3.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import func, insert, select, update

from regulars.access.domain import EVERY_SHOP
from regulars.collect.track import archive, quarantine, shapes, uncollected
from regulars.collect.track.ahead import one_ahead
from regulars.collect.track.following import Followers
from regulars.collect.track.plain import Lane
from regulars.collect.track.rules import Rules
from regulars.collect.track.tables import event_part, source_count
from regulars.errors import RegularsError
from regulars.guard import privacy
from regulars.stream.journal import Entry, Journal, Place
from regulars.values import clock
from regulars.warehouse.arrow import arrow_rows
from regulars.warehouse.schema import EVENT_PARTS

if TYPE_CHECKING:
    from regulars.access.keys import Keyring
    from regulars.records import Records, UnitOfWork
    from regulars.warehouse import Warehouse

log = logging.getLogger(__name__)

PART_BYTES = 64 * 1024 * 1024  # of a backlog: the warehouse takes many events at once for half of what small parts cost
_PIECE_BYTES = 16 * 1024 * 1024  # of a part, whose bodies are in memory at once
_PARTS_TOGETHER = 2  # of a backlog, whose sessions are made at once; of more the server would grow
_REST_SECONDS = 0.25
_NICENESS = 5
_AFTER_A_FAULT_SECONDS = 2.0
_CLOSE_AFTER_SECONDS = 300.0  # a segment with events in it is closed, loaded and deleted at least so often


#: The loader of each data folder in this process.
_OPEN: WeakValueDictionary[Path, Loader] = WeakValueDictionary()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the loader is."""

    loaded_until: Place
    parts: int = 0
    events: int = 0
    duplicates: int = 0
    quarantined: int = 0
    last_part_at: float = 0.0
    fault: str = ""


class Loader:
    """Loads one journal. `run_once` loads what is durable now; `start` goes on in a thread."""

    def __init__(self, records: Records, warehouse: Warehouse, home: Path, keyring: Keyring, journal: Journal) -> None:
        self.journal = journal
        self._records = records
        self._warehouse = warehouse
        self._home = home
        self._keyring = keyring
        self._rules = Rules(records, keyring)
        self._followers = Followers(records, warehouse, keyring, self._rules)
        self._lane = Lane(home / "scratch")
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._one = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed_at = time.monotonic()
        self.progress = Progress(reached(records))
        journal.on_written(self._wake.set)
        _OPEN[home.resolve()] = self

    # -- running --------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Go on in a thread until `stop`."""
        self._thread = threading.Thread(target=self._loop, name="regulars-loader", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish the part that is being loaded, then end."""
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(60)
        self._lane.close()

    def run_once(self) -> int:
        """Load everything that is durable now, in this thread; returns how many events were taken."""
        with self._one:
            taken = 0
            self._finish_prepared()
            stretches = self._shaped(self.progress.loaded_until, self.journal.durable)
            for begin, end, part in one_ahead(stretches, begin_with=_give_way):
                if part is None:
                    self._advance(end)
                else:
                    taken += self._load(begin, end, part)
                    self._followers.catch_up(at_parts=_PARTS_TOGETHER)
            self._followers.catch_up()
            self.journal.remove_before(self.progress.loaded_until)
            if self.progress.fault:
                self.progress = replace(self.progress, fault="")
            return taken

    def empty(self) -> int:
        """Close the segment, load all of it and delete it: afterwards nothing that was sent is in the journal any more."""
        self.journal.rotate()
        return self.run_once()

    def backlog_bytes(self) -> int:
        """Bytes of the journal that wait."""
        return self.journal.backlog_bytes(self.progress.loaded_until)

    def archive_files(self, shop_id: str | None = None) -> int:
        """How many files the events archive has, of a shop or of all."""
        return archive.count(self._home, shop_id)

    def _loop(self) -> None:
        _give_way()
        while not self._stop.is_set():
            self._wake.wait(5.0)
            self._wake.clear()
            try:
                self.run_once()
                if time.monotonic() - self._closed_at > _CLOSE_AFTER_SECONDS:
                    self._closed_at = time.monotonic()
                    self.empty()
            except Exception as error:
                words = str(error) if isinstance(error, RegularsError) else type(error).__name__
                again = words == self.progress.fault
                self.progress = replace(self.progress, fault=words)
                if not isinstance(error, RegularsError):
                    log.exception("the loader stumbled; it goes on")
                elif not again:
                    log.warning("the loader waits and tries again: %s", words)
                self._wake.set()
                self._stop.wait(_AFTER_A_FAULT_SECONDS)
            else:
                self._stop.wait(_REST_SECONDS)  # so that a part holds more than one request

    # -- one part -------------------------------------------------------------------------------------------------

    def _shaped(self, place: Place, until: Place) -> Iterator[tuple[Place, Place, shapes.Part | None]]:
        """The parts up to a place, each with where it begins and ends; None where nothing is left.

        This runs beside the loading of the part before: it asks nothing that other parts tell.
        """
        while place < until and not self._stop.is_set():
            begin, shaping = place, None
            self._rules.refresh()
            for behind, entries in self._pieces(begin, until):
                shaping = shaping or shapes.Shaping(self._rules.tools(), self._lane, str(begin))
                shaping.take(entries)
                place = behind
            if shaping is None:
                yield begin, until, None
                return
            yield begin, place, shaping.part()

    def _pieces(self, begin: Place, until: Place) -> Iterator[tuple[Place, list[Entry]]]:
        """The entries of the next part, some of them at a time, with the place behind them."""
        entries: list[Entry] = []
        end, size = begin, 0
        for behind, block in self.journal.blocks(begin, until, most_bytes=PART_BYTES):
            end = behind
            entries += block
            size += sum(entry.size for entry in block)
            if size >= _PIECE_BYTES:
                yield end, entries
                entries, size = [], 0
        if entries:
            yield end, entries

    def _load(self, begin: Place, end: Place, part: shapes.Part) -> int:
        part_id = str(begin)
        self._followers.leave_out_erased(part)
        self._followers.leave_out_refused(part)
        tables = {shop: part.table(shop, part_id) for shop in part.shops}
        for shop_id, table in tables.items():
            archive.write(self._home, shop_id, part_id, table)
        with self._records.unit() as uow:
            self._note(uow, part_id, begin, end, part, tables)
            quarantine.keep(uow, self._keyring, part.refused)
            self._followers.in_records(uow, part)
            self._followers.tell(uow, part)
            self._count(uow, part)
        new = self._into_warehouse(part_id, tables)
        duplicates = part.repeated.total() + part.events - new
        self._done(part_id, end, duplicates=duplicates, part=part)
        return new

    def _note(
        self, uow: UnitOfWork, part_id: str, begin: Place, end: Place, part: shapes.Part, tables: Mapping[str, pa.Table]
    ) -> None:
        uow.execute(
            insert(event_part).values(
                part_id=part_id,
                shop_id=EVERY_SHOP,
                begin_segment=begin.segment,
                begin_offset=begin.offset,
                end_segment=end.segment,
                end_offset=end.offset,
                state="prepared",
                events=part.events,
                quarantined=len(part.refused),
                shops={shop: table.num_rows for shop, table in tables.items()},
                sizes={shop: table.nbytes for shop, table in tables.items()},
                created_at=clock.now(),
            )
        )

    def _count(self, uow: UnitOfWork, part: shapes.Part) -> None:
        taken = part.by_source()
        refused: Counter[str] = Counter(head.source_id for head, _ in part.refused)
        uncollected.keep(uow, part.uncollected, part.last_at)
        for source_id in {*taken, *refused, *part.repeated}:
            latest = part.last_at.get(source_id)
            uow.execute(
                update(source_count)
                .where(source_count.c.source_id == source_id)
                .values(
                    events=source_count.c.events + taken[source_id],
                    quarantined=source_count.c.quarantined + refused[source_id],
                    duplicates=source_count.c.duplicates + part.repeated[source_id],
                    last_event_at=latest,
                )
            )

    def _into_warehouse(self, part_id: str, tables: Mapping[str, pa.Table]) -> int:
        new = 0
        resolved = self._followers.resolved(tables)
        with self._warehouse.transaction():
            for shop_id, table in resolved.items():
                new += append(self._warehouse, shop_id, part_id, [table])
                self._followers.in_warehouse(shop_id, tables[shop_id], table)
        self._followers.afterwards(list(tables))
        return new

    def _done(self, part_id: str, end: Place, *, duplicates: int, part: shapes.Part | None = None) -> None:
        with self._records.unit() as uow:
            uow.execute(update(event_part).where(event_part.c.part_id == part_id).values(state="done", done_at=clock.now()))
        before = self.progress
        self.progress = Progress(
            end,
            before.parts + 1,
            before.events + (part.events if part else 0),
            before.duplicates + duplicates,
            before.quarantined + (len(part.refused) if part else 0),
            time.time(),
        )

    def _finish_prepared(self) -> None:
        """Parts that a crash left between records and warehouse: their archive is whole, so it is taken from there."""
        with self._records.reading() as uow:
            waiting = uow.rows(select(event_part).where(event_part.c.state == "prepared").order_by(event_part.c.part_id))
        for row in waiting:
            tables = {shop: archive.read(archive.path_of(self._home, shop, row["part_id"])) for shop in row["shops"]}
            self._into_warehouse(row["part_id"], tables)
            self._done(row["part_id"], Place(row["end_segment"], row["end_offset"]), duplicates=0)

    def _advance(self, place: Place) -> None:
        """There was nothing to load up to here."""
        self.progress = replace(self.progress, loaded_until=place)


def _give_way() -> None:
    """Where senders and the loader want the same core, senders go first: what waits is safe in the journal."""
    if sys.platform == "linux":  # elsewhere a thread has no priority of its own
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)


def reached(records: Records) -> Place:
    """Where loading goes on: behind the last part that is done."""
    with records.reading() as uow:
        segment = uow.value(select(func.max(event_part.c.end_segment)).where(event_part.c.state == "done"))
        if segment is None:
            return Place(0, 0)
        offset = uow.value(
            select(func.max(event_part.c.end_offset)).where(event_part.c.state == "done", event_part.c.end_segment == segment)
        )
    return Place(segment, offset)


def begun(records: Records) -> Place:
    """The last place of the journal that is known of: behind the last part, done or not."""
    with records.reading() as uow:
        segment = uow.value(select(func.max(event_part.c.end_segment)))
        if segment is None:
            return Place(0, 0)
        offset = uow.value(select(func.max(event_part.c.end_offset)).where(event_part.c.end_segment == segment))
    return Place(segment, offset)


def journal_of(home: Path) -> Journal | None:
    """The journal that is loaded in this process, where one is open."""
    loader = _OPEN.get(home.resolve())
    return loader.journal if loader is not None else None


def come_to_rest(home: Path, _shop_id: str) -> None:
    """Load all that was sent and delete it from the journal, before somebody is erased."""
    if (loader := _OPEN.get(home.resolve())) is not None:
        loader.empty()


privacy.BEFORE_ERASURE.append(come_to_rest)


def rebuild(records: Records, warehouse: Warehouse, home: Path, keyring: Keyring) -> int:
    """Fill an empty warehouse from the archived parts, in the order in which they came; returns how many events."""
    rules = Rules(records, keyring)
    rules.refresh()
    followers = Followers(records, warehouse, keyring, rules)

    def resolved(shop_id: str, path: Path) -> Iterator[pa.Table]:
        for rows in archive.read_blocks(path):
            yield followers.resolved({shop_id: _first_of_each(rows)})[shop_id]

    events = 0
    with privacy.held(home):
        for shop_id, path in archive.parts(home):
            last, rows = archive.last_part_of(path), archive.rows_in(path)
            events += append(warehouse, shop_id, path.stem, resolved(shop_id, path), last_part=last, rows=rows)
    for shop in rules.shops():
        followers.rebuilt(shop)
    return events


def append(
    warehouse: Warehouse,
    shop_id: str,
    part_id: str,
    tables: Iterable[pa.Table],
    *,
    last_part: str | None = None,
    rows: int | None = None,
) -> int:
    """Append the new rows of a part with its mark, in one transaction; a part that is marked already changes nothing.

    `tables` hold the part's rows one after the other, each event once; `rows` tells how many the part has where they hold fewer.
    Of parts that were merged, `last_part` is the last.
    """
    with warehouse.transaction():
        marks = warehouse.table("event_parts")
        if warehouse.value(marks.filter(marks.shop_id == shop_id, marks.part_id == part_id).count()):
            return 0
        appended = given = 0
        for table in tables:
            appended += warehouse.append_new("events", table, hashed="event_key")
            given += table.num_rows
        row = {
            "shop_id": shop_id,
            "part_id": part_id,
            "events": appended,
            "duplicates": (given if rows is None else rows) - appended,
            "committed_at": clock.now().replace(tzinfo=None),
            "last_part": last_part if last_part != part_id else None,
        }
        warehouse.append("event_parts", arrow_rows(EVENT_PARTS, [row]))
        return appended


def _first_of_each(rows: pa.Table) -> pa.Table:
    """The first row of each event, where rows of several parts stand together."""
    if pc.count_distinct(rows.column("event_key")).as_py() == rows.num_rows:
        return rows
    placed = rows.select(["source_id", "message_id"]).append_column("place", pa.array(range(rows.num_rows), pa.int64()))
    first = placed.group_by(["source_id", "message_id"], use_threads=False).aggregate([("place", "min")])
    return rows.take(first.column("place_min").sort())
