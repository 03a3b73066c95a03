"""Evaluation: every segment of a shop in one pass, what changed into the warehouse, then told in the stream, each change once.

The warehouse goes first: members, changes and a run are written in one transaction. The records follow: in one transaction the
changes of runs that are not told yet are told, and up to which run that is. A crash between the two is made up for by the next call.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import insert, select, update

from regulars.events import SegmentEntered, SegmentLeft
from regulars.understand.questions import Desk
from regulars.understand.segments import judging, shelf
from regulars.understand.segments.domain.kept import Segment, fingerprint, in_order, resting_on
from regulars.understand.segments.domain.reading import definition
from regulars.understand.segments.domain.tree import Definition, named_segments
from regulars.understand.segments.queries import members
from regulars.understand.segments.tables import segment, segment_size
from regulars.values.zones import local_day
from regulars.warehouse import TABLES, unbound
from regulars.warehouse.arrow import arrow_schema

if TYPE_CHECKING:
    from regulars.access import Shop
    from regulars.records import Records, UnitOfWork
    from regulars.warehouse import Warehouse

log = logging.getLogger(__name__)

_TOLD_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """What an evaluation came to."""

    as_of: datetime
    segments: int
    entered: int
    left: int


@dataclass(frozen=True, slots=True)
class _Run:
    segment_id: str
    definition: str
    is_baseline: bool
    entered: pa.Array
    left: pa.Array


def evaluate(records: Records, warehouse: Warehouse, shop: Shop) -> Evaluated:
    """Judge every segment anew, and tell who came and who left.

    Dynamic segments are judged together, in one pass over the events. Those whose first evaluation under their definition this is
    get their members silently. Doing it twice changes and tells nothing more.
    """
    with records.reading() as uow:
        found = shelf.listing(uow, shop.shop_id)
        lists = {
            one.segment_id: shelf.listed_customers(uow, shop.shop_id, one.segment_id) for one in found if one.kind != "dynamic"
        }
    tell(records, warehouse, shop, found)
    desk = Desk(warehouse, shop)
    moment = judging.as_of(desk)
    trees, _ = shelf.definitions(found, shop.timezone)
    freezing = [one for one in found if one.kind == "frozen" and one.evaluated_at is None and one.where_tree is not None]
    with warehouse.transaction():
        _drop_unknown(warehouse, shop.shop_id, {one.segment_id for one in found})
        before = _before(warehouse, shop.shop_id)
        runs = []
        for one in found:
            if one.kind != "dynamic" and one not in freezing:
                print_ = fingerprint("list", one.segment_id)
                runs.append(_listed_run(warehouse, shop.shop_id, one.segment_id, lists[one.segment_id], before, print_))
        _write(warehouse, shop.shop_id, [run for run in runs if run is not None], before, moment)
        frozen = {}
        for one in freezing:
            frozen[one.segment_id] = _freeze(desk, one, found, moment)
            run = _listed_run(
                warehouse,
                shop.shop_id,
                one.segment_id,
                frozen[one.segment_id],
                before,
                fingerprint("list", one.segment_id),
                anew=True,
            )
            _write(warehouse, shop.shop_id, [run] if run else [], before, moment)
        _write(warehouse, shop.shop_id, _dynamic_runs(desk, trees, found, before, moment), before, moment)
    with records.unit() as uow:
        for segment_id, customers in frozen.items():
            shelf.put_list(uow, shop.shop_id, segment_id, {one: one for one in customers})
    entered, left = tell(records, warehouse, shop, found)
    _note(records, warehouse, shop, found, moment)
    log.info("segments evaluated", extra={"shop_id": shop.shop_id, "segments": len(found), "entered": entered, "left": left})
    return Evaluated(as_of=moment, segments=len(found), entered=entered, left=left)


def tell(records: Records, warehouse: Warehouse, shop: Shop, found: Sequence[Segment]) -> tuple[int, int]:
    """Tell the changes of every run that is not told yet; returns how many entered and left were told."""
    runs = unbound("segment_runs")
    rows = warehouse.rows(runs.filter(runs.shop_id == shop.shop_id).order_by("run"))
    by_segment = {one.segment_id: one for one in found}
    entered = left = 0
    for row in rows:
        one = by_segment.get(row["segment_id"])
        if one is None:
            continue
        with records.unit() as uow:
            here = (segment.c.shop_id == shop.shop_id, segment.c.segment_id == one.segment_id)
            if uow.execute(update(segment).where(*here, segment.c.told_run < row["run"]).values(told_run=row["run"])).rowcount != 1:
                continue
            at = row["at"].replace(tzinfo=UTC)
            _count(uow, shop, one.segment_id, row, at)
            if row["is_baseline"]:
                continue
            for some in _changes(warehouse, shop.shop_id, one.segment_id, row["run"]):
                uow.tell_all([_event(shop.shop_id, one, row["run"], at, change) for change in some])
            entered, left = entered + row["entered"], left + row["left"]
    return entered, left


def _event(shop_id: str, one: Segment, run: int, at: datetime, change: Mapping[str, Any]) -> SegmentEntered | SegmentLeft:
    kind = SegmentEntered if change["entered"] else SegmentLeft
    return kind(
        shop_id=shop_id, customer_id=change["customer_id"], timestamp=at, segment_id=one.segment_id, segment=one.name, run=run
    )


def _changes(warehouse: Warehouse, shop_id: str, segment_id: str, run: int) -> list[list[dict[str, Any]]]:
    table = unbound("segment_changes")
    rows = table.filter(table.shop_id == shop_id, table.segment_id == segment_id, table.run == run)
    found = warehouse.rows(rows.select("customer_id", "entered").order_by("customer_id"))
    return [found[start : start + _TOLD_AT_ONCE] for start in range(0, len(found), _TOLD_AT_ONCE)]


def _count(uow: UnitOfWork, shop: Shop, segment_id: str, row: Mapping[str, Any], at: datetime) -> None:
    """Add a run to the sizes by day."""
    day = _day(at, shop)
    here = (segment_size.c.shop_id == shop.shop_id, segment_size.c.segment_id == segment_id, segment_size.c.day == day)
    known = uow.one(select(segment_size).where(*here))
    base = bool(row["is_baseline"])
    came, went = (0, 0) if base else (row["entered"], row["left"])
    if known is None:
        values = {"customers": row["customers"], "entered": came, "left": went, "redefined": base}
        uow.execute(insert(segment_size).values(shop_id=shop.shop_id, segment_id=segment_id, day=day, **values))
        return
    uow.execute(
        update(segment_size)
        .where(*here)
        .values(
            customers=row["customers"],
            entered=known["entered"] + came,
            left=known["left"] + went,
            redefined=known["redefined"] or base,
        )
    )


def _note(records: Records, warehouse: Warehouse, shop: Shop, found: Sequence[Segment], moment: datetime) -> None:
    """Write down sizes and when they were found; a day without changes has a size too."""
    sizes = {row["segment_id"]: row["customers"] for row in warehouse.rows(members.sizes(shop.shop_id))}
    day = _day(moment, shop)
    with records.unit() as uow:
        known = set(
            uow.execute(
                select(segment_size.c.segment_id).where(segment_size.c.shop_id == shop.shop_id, segment_size.c.day == day)
            ).scalars()
        )
        for one in found:
            size = sizes.get(one.segment_id, 0)
            here = (segment.c.shop_id == shop.shop_id, segment.c.segment_id == one.segment_id)
            changed = update(segment).where(*here, segment.c.changed_at == one.changed_at)
            uow.execute(changed.values(customers=size, evaluated_at=moment))
            if one.segment_id not in known:
                quiet = {"customers": size, "entered": 0, "left": 0, "redefined": False}
                uow.execute(insert(segment_size).values(shop_id=shop.shop_id, segment_id=one.segment_id, day=day, **quiet))


def _day(moment: datetime, shop: Shop) -> str:
    """The local day that an evaluation closes: that of the last instant it looked at."""
    return local_day(moment - timedelta(microseconds=1), shop.timezone).isoformat()


def _before(warehouse: Warehouse, shop_id: str) -> dict[str, str]:
    """Under which definition each segment was evaluated last."""
    runs = unbound("segment_runs")
    rows = warehouse.rows(runs.filter(runs.shop_id == shop_id).select("segment_id", "run", "definition").order_by("run"))
    return {row["segment_id"]: row["definition"] for row in rows}


def _drop_unknown(warehouse: Warehouse, shop_id: str, known: set[str]) -> None:
    """Take out what is left of segments that are no more."""
    for name in ("segment_members", "segment_changes", "segment_runs"):
        rows = unbound(name)
        there = {row["segment_id"] for row in warehouse.rows(rows.filter(rows.shop_id == shop_id).select("segment_id").distinct())}
        for gone in sorted(there - known):
            warehouse.delete(name, lambda t, gone=gone: (t.shop_id == shop_id) & (t.segment_id == gone))  # type: ignore[misc]


def _dynamic_runs(
    desk: Desk, trees: Mapping[str, Definition], found: Sequence[Segment], before: Mapping[str, str], moment: datetime
) -> list[_Run]:
    """Who comes and who goes, of all dynamic segments in one question."""
    if not trees:
        return []
    asks = {name: named_segments(one.tree) for name, one in trees.items()}
    names = in_order(asks)
    by_id = {one.segment_id: one for one in found}
    listed = [one.segment_id for one in found if one.kind != "dynamic"]
    judged = judging.judge(
        desk, trees, [name for name in listed if any(name in one for one in asks.values())], at=moment, held=names
    )
    changed = desk.warehouse.query(members.came_and_went(judged, names))
    runs = []
    for i, name in enumerate(names):
        others = sorted(resting_on([name], asks))
        print_ = fingerprint(*[(one, by_id[one].where_tree, by_id[one].known_only) for one in others if one in by_id])
        baseline = before.get(name) != print_
        was, now = changed.column(f"was{i}"), changed.column(f"is{i}")
        came = changed.column("customer_id").filter(pc.and_(now, pc.invert(was)))
        went = changed.column("customer_id").filter(pc.and_(was, pc.invert(now)))
        if baseline or len(came) or len(went):
            runs.append(_Run(name, print_, baseline, came, went))
    return runs


def _freeze(desk: Desk, one: Segment, found: Sequence[Segment], moment: datetime) -> list[str]:
    """Whom a frozen segment holds from now on."""
    known = {other.segment_id: other for other in found}
    wanted = definition(one.where_tree, desk.shop.timezone, known_only=one.known_only)
    others, listed = shelf.needed(wanted, known, desk.shop)
    rows = desk.warehouse.query(judging.members_of(desk, wanted, others, listed, at=moment))
    return sorted(rows.column("customer_id").to_pylist())


def _listed_run(
    warehouse: Warehouse,
    shop_id: str,
    segment_id: str,
    customers: Sequence[str],
    before: Mapping[str, str],
    print_: str,
    *,
    anew: bool = False,
) -> _Run | None:
    """Who comes and who goes when a list is put in the place of what is stored."""
    there = set(warehouse.query(members.stored(shop_id, segment_id).select("customer_id")).column("customer_id").to_pylist())
    wanted = set(customers)
    baseline = anew or before.get(segment_id) != print_
    came, went = sorted(wanted - there), sorted(there - wanted)
    if not (baseline or came or went):
        return None
    return _Run(segment_id, print_, baseline, pa.array(came, pa.string()), pa.array(went, pa.string()))


def _write(warehouse: Warehouse, shop_id: str, runs: Sequence[_Run], before: dict[str, str], moment: datetime) -> None:
    """Members, changes and runs, in the transaction that is open."""
    if not runs:
        return
    table = unbound("segment_runs")
    number = int(warehouse.value(table.filter(table.shop_id == shop_id).aggregate(run=table.run.max())) or 0) + 1
    at = moment.astimezone(UTC).replace(tzinfo=None)
    changes = pa.concat_tables([_as_changes(shop_id, number, at, run) for run in runs])
    if changes.num_rows:
        warehouse.append("segment_changes", changes)
        told = unbound("segment_changes")
        told = told.filter(told.shop_id == shop_id, told.run == number)
        came = told.filter(told.entered)
        warehouse.exchange(
            "segment_members",
            told.select("shop_id", "segment_id", "customer_id"),
            came.select("shop_id", "segment_id", "customer_id", entered_at=came["at"]),
        )
    sizes = {row["segment_id"]: row["customers"] for row in warehouse.rows(members.sizes(shop_id))}
    rows = [
        {
            "shop_id": shop_id, "segment_id": run.segment_id, "run": number, "definition": run.definition, "is_baseline": run.is_baseline,
            "at": at, "entered": len(run.entered), "left": len(run.left), "customers": sizes.get(run.segment_id, 0),
        }
        for run in runs
    ]  # fmt: skip
    warehouse.append("segment_runs", pa.Table.from_pylist(rows, schema=arrow_schema(TABLES["segment_runs"])))
    before.update({run.segment_id: run.definition for run in runs})


def _as_changes(shop_id: str, number: int, at: datetime, run: _Run) -> pa.Table:
    parts = [_plain(run.entered), _plain(run.left)]
    ids = pa.concat_arrays(parts)
    count = len(ids)
    flags = pa.concat_arrays([pa.array([True] * len(parts[0]), pa.bool_()), pa.array([False] * len(parts[1]), pa.bool_())])
    columns = {
        "shop_id": pa.repeat(pa.scalar(shop_id), count),
        "segment_id": pa.repeat(pa.scalar(run.segment_id), count),
        "run": pa.repeat(pa.scalar(number, pa.int64()), count),
        "customer_id": ids,
        "entered": flags,
        "at": pa.repeat(pa.scalar(at, pa.timestamp("us")), count),
    }
    return pa.table(columns, schema=arrow_schema(TABLES["segment_changes"]))


def _plain(ids: pa.Array | pa.ChunkedArray) -> pa.Array:
    whole = ids.combine_chunks() if isinstance(ids, pa.ChunkedArray) else ids
    if isinstance(whole, pa.ChunkedArray):
        whole = pa.concat_arrays(whole.chunks) if whole.num_chunks else pa.array([], pa.string())
    return whole.cast(pa.string())
