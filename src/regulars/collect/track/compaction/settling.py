"""What both stores say of parts that were merged: one row and one mark for all of them, and what keeps parts from being merged."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import delete, select, update

from regulars.collect.track.archive import Part
from regulars.collect.track.compaction.choosing import Kept, Stretch
from regulars.collect.track.tables import event_part
from regulars.values import clock
from regulars.warehouse.arrow import arrow_rows
from regulars.warehouse.schema import EVENT_PARTS

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

    from regulars.records import UnitOfWork
    from regulars.warehouse import Warehouse

#: Bytes of a row whose size was not written down: parts of releases that merged none.
_ROW_BYTES = 1024


def kept(uow: UnitOfWork, first: str | None = None, last: str | None = None) -> list[Kept]:
    """The parts of the records, in order: all of them, or those from `first` to `last`."""
    table = event_part.c
    asked = select(table.part_id, table.last_part, table.state, table.created_at, table.done_at, table.sizes, table.shops)
    if first is not None and last is not None:
        asked = asked.where(table.part_id.between(first, last))
    rows = uow.rows(asked.order_by(table.begin_segment, table.begin_offset))
    return [
        Kept(
            part_id=row["part_id"],
            last_part=row["last_part"] or row["part_id"],
            done=row["state"] == "done",
            created_at=row["created_at"],
            done_at=row["done_at"] or clock.now(),
            bytes_by_shop=_sizes(row),
        )
        for row in rows
    ]


def can_be_merged(stretch: Stretch, files: Mapping[str, Sequence[Part]], unmarked: set[tuple[str, str]]) -> Iterator[Stretch]:
    """The stretch without parts whose file or mark is missing, cut where the columns of the files change with a release."""
    run: list[Kept] = []
    schemas: dict[str, pa.Schema] = {}
    until = ""
    for part in stretch:
        found = {shop: _file_of(part, files.get(shop, ())) for shop in part.bytes_by_shop}
        whole = all(
            file and file.part_id >= stretch[0].part_id and (shop, part.part_id) not in unmarked for shop, file in found.items()
        )
        read = {shop: schema for shop, file in found.items() if whole and file and (schema := _schema(file)) is not None}
        if len(read) < len(found) or any(not schema.equals(schemas.get(shop, schema)) for shop, schema in read.items()):
            yield from _whole(run, until)
            run, schemas, until = [], {}, ""
        if len(read) == len(found):
            run.append(part)
            schemas |= read
            until = max([until, *(file.last_part for file in found.values() if file)])
    yield from _whole(run, until)


def unmarked(warehouse: Warehouse, parts: Sequence[Kept]) -> set[tuple[str, str]]:
    """Shop and id of the parts that are not in the warehouse by its marks."""
    table = warehouse.table("event_parts")
    marks: dict[str, list[tuple[str, str]]] = {}
    for row in warehouse.rows(table.select("shop_id", "part_id", "last_part").order_by(["shop_id", "part_id"])):
        marks.setdefault(row["shop_id"], []).append((row["part_id"], row["last_part"] or row["part_id"]))
    found = set()
    for part in parts:
        for shop_id in part.bytes_by_shop:
            own = marks.get(shop_id, [])
            place = bisect_right(own, (part.part_id, "~")) - 1
            if place < 0 or own[place][1] < part.last_part:
                found.add((shop_id, part.part_id))
    return found


def one_mark(warehouse: Warehouse, first: str, last: str) -> None:
    """One mark for each shop's parts from `first` to `last`, in one transaction."""
    with warehouse.transaction():
        table = warehouse.table("event_parts")
        between = table.filter(table.part_id.between(first, last))
        sums = between.group_by("shop_id").aggregate(
            events=between.events.sum(), duplicates=between.duplicates.sum(), committed_at=between.committed_at.max()
        )
        rows = [
            {**row, "events": int(row["events"]), "duplicates": int(row["duplicates"]), "part_id": first, "last_part": last}
            for row in warehouse.rows(sums)
        ]
        warehouse.delete("event_parts", lambda t: t.part_id.between(first, last))
        if rows:
            warehouse.append("event_parts", arrow_rows(EVENT_PARTS, rows))


def one_row(uow: UnitOfWork, first: str, last: str) -> None:
    """One row for the parts from `first` to `last`; where loading goes on stays the same, as the row ends where the last one ended."""
    table = event_part.c
    rows = uow.rows(select(event_part).where(table.part_id.between(first, last)).order_by(table.begin_segment, table.begin_offset))
    if len(rows) < 2:
        return
    shops: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for row in rows:
        shops.update(row["shops"])
        sizes.update(_sizes(row))
    uow.execute(delete(event_part).where(table.part_id > first, table.part_id <= last))
    uow.execute(
        update(event_part)
        .where(table.part_id == first)
        .values(
            end_segment=rows[-1]["end_segment"],
            end_offset=rows[-1]["end_offset"],
            events=sum(row["events"] for row in rows),
            quarantined=sum(row["quarantined"] for row in rows),
            shops=dict(shops),
            sizes=dict(sizes),
            last_part=last,
            done_at=max(row["done_at"] for row in rows),
        )
    )


def _sizes(row: RowMapping | Mapping[str, Any]) -> dict[str, int]:
    told: dict[str, int] | None = row["sizes"]
    return dict(told) if told is not None else {shop: count * _ROW_BYTES for shop, count in row["shops"].items()}


def _file_of(part: Kept, files: Sequence[Part]) -> Part | None:
    """The file that holds all of a part."""
    place = bisect_right(files, part.part_id, key=lambda file: file.part_id) - 1
    return files[place] if place >= 0 and files[place].last_part >= part.last_part else None


def _schema(file: Part) -> pa.Schema | None:
    try:
        return pq.read_schema(file.path).remove_metadata()
    except (OSError, pa.ArrowException):
        return None


def _whole(run: list[Kept], until: str) -> Iterator[Stretch]:
    if len(run) > 1 and until <= run[-1].last_part:
        yield tuple(run)
