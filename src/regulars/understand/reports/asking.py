"""The verbs that every report answers to: asked, compared, and traced to the customers behind a figure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from regulars.errors import InvalidInput
from regulars.understand.questions import Desk, Moments, Report, told
from regulars.understand.reports.domain.answers import Answered, Behind, Compared, CustomerBehind
from regulars.understand.reports.kinds import report_of
from regulars.understand.reports.queries import behind, how_many
from regulars.values.csv import Table
from regulars.values.money import Money
from regulars.values.periods import Period
from regulars.values.zones import day_start, local_day

#: Tables that answers are made from: reports over events read the first ones, our own the others.
_READ = (
    "events",
    "customers",
    "segment_members",
    "sessions",
    "orders",
    "order_lines",
    "refunds",
    "reviews",
    "products",
    "ad_costs",
    "market_prices",
    "product_snapshots",
)
#: What may differ between the two sides of a comparison.
OVERRIDES = ("range", "to", "segment", "where", "known_only", "with_bots")


def ask(desk: Desk, kind: str, question: Mapping[str, Any]) -> Answered:
    """Ask a report; the same question again answers from memory until events, orders or members change.

    Raises
    ------
    NotFound : there is no such report.
    InvalidInput : the question cannot be understood; the sentence names the place.
    """
    report = report_of(kind)
    query = report.read(desk, question)
    as_of = desk.as_of()
    made = _kept(desk, report, query, as_of)
    return Answered(kind, desk.shop.shop_id, desk.shop.timezone, getattr(made, "as_of", as_of), question, made)


def kept_table(answered: Answered) -> Table:
    """An answer as columns and rows, one row per figure."""
    made: pa.Table = report_of(answered.kind).table(answered.answer)
    return Table(tuple(made.column_names), tuple(tuple(_plain(cell) for cell in row.values()) for row in made.to_pylist()))


def _plain(cell: Any) -> Any:
    """Whole numbers without a point: a column that holds counts beside shares is one of floats."""
    return int(cell) if isinstance(cell, float) and cell.is_integer() else cell


def compare(desk: Desk, kind: str, question: Mapping[str, Any], first: Mapping[str, Any], second: Mapping[str, Any]) -> Compared:
    """Ask the same question twice: of two segments, in two ranges, under two conditions.

    Parameters
    ----------
    first, second : fields that replace those of the question: `range`, `to`, `segment`, `where`, `known_only`, `with_bots`.
        A range of `previous` means the time of equal length before the question's own.
    """
    sides = []
    for place, side in (("first", first), ("second", second)):
        told.object_of(side, place, OVERRIDES)
        whole = {**question, **side}
        if side.get("range") == "previous":
            whole["range"] = previous_range(desk, question)
        sides.append(ask(desk, kind, {name: value for name, value in whole.items() if value is not None}))
    return Compared(kind, *sides)


def customers(
    desk: Desk, kind: str, question: Mapping[str, Any], cell: Mapping[str, Any], *, after: str | None = None, limit: int = 100
) -> Behind:
    """The customers and visitors behind a cell, by id.

    Parameters
    ----------
    cell : the cell's coordinates as the answer names them, such as `{"step": 2}`.
    after : the last id of the page before.
    """
    report = report_of(kind)
    query = report.read(desk, question)
    who = report.customers(desk, query, cell)
    total = int(desk.warehouse.value(how_many(who)) or 0)
    rows = desk.warehouse.rows(behind(who, desk.shop.shop_id, after, limit))
    found = [
        CustomerBehind(
            customer_id=row["customer_id"],
            is_known=not row["customer_id"].startswith("v_"),
            region=row["region"],
            stage=row["stage"],
            orders=row["orders"],
            net=None if row["net_minor"] is None else Money(int(row["net_minor"]), desk.shop.currency),
            last_order_at=None if row["last_order_at"] is None else row["last_order_at"].replace(tzinfo=UTC),
        )
        for row in rows
    ]
    return Behind(total, found)


def previous_range(desk: Desk, question: Mapping[str, Any]) -> dict[str, str]:
    """The time of equal length just before a question's range, as a range is written.

    Raises
    ------
    InvalidInput : the question has no range with a beginning.
    """
    moments = told.moments(question.get("range"), "range", desk.shop.timezone)
    if moments.start is None:
        raise InvalidInput("there is no range to step back from", mend="give the question a `range` with `from`", code="open_range")
    bounded: Moments = desk.bounded(moments)
    assert bounded.start is not None
    assert bounded.end is not None
    zone = desk.shop.timezone
    first, after = local_day(bounded.start, zone), local_day(bounded.end, zone)
    if (bounded.start, bounded.end) == (day_start(first, zone), day_start(after, zone)):  # whole days
        before = Period(first, after).previous()
        return {"from": before.start_on.isoformat(), "to": before.last_on.isoformat()}
    start, end = bounded.start - (bounded.end - bounded.start), bounded.start
    return {"from": _written(start), "to": _written(end - timedelta(microseconds=1))}


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _kept(desk: Desk, report: Report, query: Any, as_of: datetime) -> Any:
    """The answer, from memory where the same was asked before and nothing has changed."""
    try:
        key = ("reports", report.kind, desk.shop, query, as_of)
        hash(key)
    except TypeError:
        return report.answer(desk, query)
    return desk.warehouse.cached(key, lambda: report.answer(desk, query), of=_READ)
