"""Events of a question as Ibis expressions: whose they are, which filters they pass, and in which bucket they lie."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from functools import reduce

import ibis
import ibis.expr.types as ir

from regulars.understand.questions.calendar import Calendar
from regulars.understand.questions.domain import Asked, Condition, EventFilter, Moments, Property, Scalar
from regulars.understand.questions.properties import Operand, of_customer, of_event
from regulars.values.zones import utc_offsets
from regulars.warehouse import unbound
from regulars.warehouse.local_time import to_local

#: Types of messages that are behaviour; identify, group and alias tell who somebody is.
BEHAVIOUR = ("track", "page", "screen")


def events_of(
    asked: Asked,
    *,
    filters: Sequence[EventFilter] = (),
    properties: Sequence[Property] = (),
    moments: Moments | None = None,
    told_apart: bool = False,
) -> ir.Table:
    """The events a question reads: every column of `events`, and one more for each customer property that is asked for.

    Parameters
    ----------
    filters : only events that pass at least one of them; none: all events.
    properties : what breakdowns and measures read beside what the filters name.
    moments : only events in this range.
    told_apart : whoever asks drops what passes no filter itself, when it tells which one an event passes; cheaper than trying them twice.
    """
    rows = unbound("events")
    tests = [rows.shop_id == asked.shop_id, rows.customer_id.notnull()]  # one filter of many tests is compiled sooner than many
    if not asked.with_bots:
        tests.append(~rows.is_bot)
    if asked.known_only:
        tests.append(rows.is_known)
    if moments is not None:
        tests += _inside(rows, moments)
    names = sorted({one.event for one in filters if one.event is not None})
    if filters and all(one.event is not None for one in filters):
        if not told_apart:
            tests.append(rows.event == names[0] if len(names) == 1 else rows.event.isin(names))
    else:
        tests.append(rows.type.isin(BEHAVIOUR))
    rows = rows.filter(*tests)
    if asked.segment is not None:
        members = unbound("segment_members")
        members = members.filter(members.shop_id == asked.shop_id, members.segment_id == asked.segment)
        rows = rows.semi_join(members, "customer_id")
    rows = _with_customers(rows, asked, _customer_keys(asked.where, filters, properties))
    for condition in asked.where:
        rows = rows.filter(holds(rows, condition))
    if any(one.where for one in filters) and not told_apart:
        rows = rows.filter(_any(passes(rows, one) for one in filters))
    return rows


def belonging(rows: ir.Table, asked: Asked) -> ir.Table:
    """The rows of any table with `customer_id` that are the asked customers': of the segment, known, and as `where` says of them.

    Conditions on events say nothing about such rows and are left aside.
    """
    if asked.known_only:
        rows = rows.filter(~rows.customer_id.startswith("v_"))
    if asked.segment is not None:
        members = unbound("segment_members")
        members = members.filter(members.shop_id == asked.shop_id, members.segment_id == asked.segment)
        rows = rows.semi_join(members, "customer_id")
    about = [one for one in asked.where if one.on == "customer"]
    columns = rows.columns
    rows = _with_customers(rows, asked, [one.key for one in about])
    for condition in about:
        rows = rows.filter(holds(rows, condition))
    return rows.select(*columns) if about else rows


def passes(rows: ir.Table, wanted: EventFilter) -> ir.BooleanValue:
    """Whether each event passes a filter; never null. `rows` come from `events_of` with that filter."""
    tests = [] if wanted.event is None else [rows.event == wanted.event]
    tests += [holds(rows, condition) for condition in wanted.where]
    if not tests:
        return ibis.literal(True)
    return reduce(lambda a, b: a & b, tests)


def holds(rows: ir.Table, condition: Condition) -> ir.BooleanValue:
    """Whether a condition holds for each event; never null."""
    return judged(operand(rows, Property(condition.key, condition.on)), condition)


def judged(value: Operand, condition: Condition) -> ir.BooleanValue:
    """Whether values meet a condition; never null."""
    match condition.op:
        case "is_set":
            return value.text.notnull()
        case "not_set":
            return value.text.isnull()
        case "eq":
            return _equal(value, condition.value)
        case "ne":
            return ~_equal(value, condition.value)
        case "in":
            return _within_list(value, condition.value)
        case "not_in":
            return ~_within_list(value, condition.value)
        case "gt":
            return _sure(value.number > condition.value)
        case "gte":
            return _sure(value.number >= condition.value)
        case "lt":
            return _sure(value.number < condition.value)
        case "lte":
            return _sure(value.number <= condition.value)
        case "between":
            assert isinstance(condition.value, tuple)
            low, high = condition.value
            return _sure((value.number >= low) & (value.number <= high))
        case "contains":
            return _sure(value.text.lower().contains(str(condition.value).lower()))
        case "not_contains":
            return ~_sure(value.text.lower().contains(str(condition.value).lower()))
        case "starts_with":
            return _sure(value.text.lower().startswith(str(condition.value).lower()))


def operand(rows: ir.Table, wanted: Property) -> Operand:
    """A property of each event, or of its customer."""
    if wanted.on == "event":
        return of_event(rows, wanted.key)
    column = rows[_column(wanted.key)]
    return Operand(column, column.try_cast("float64"))


def code(rows: ir.Table, filters: Sequence[EventFilter]) -> ir.IntegerValue:
    """Which filters each event passes, as the sum of 2 to the power of their places. At most 62 filters."""
    bits = [passes(rows, one).cast("int64") * (1 << i) for i, one in enumerate(filters)]
    return reduce(lambda a, b: a + b, bits)


def within(rows: ir.Table, moments: Moments) -> ir.Table:
    """The events in a range."""
    tests = _inside(rows, moments)
    return rows.filter(*tests) if tests else rows


def _inside(rows: ir.Table, moments: Moments) -> list[ir.BooleanValue]:
    tests = [] if moments.start is None else [rows.timestamp >= instant(moments.start)]
    return tests if moments.end is None else [*tests, rows.timestamp < instant(moments.end)]


def bucket(column: ir.TimestampValue, calendar: Calendar) -> ir.IntegerValue:
    """The number of the calendar's bucket that holds each instant; meaningful only inside the calendar."""
    start, end = calendar.starts[0], calendar.starts[-1]
    if calendar.interval == "hour":
        offset = utc_offsets(calendar.zone, start, end)[0][1]
        shifted = column + ibis.interval(seconds=offset % 3600) if offset % 3600 else column
        return shifted.epoch_seconds() // 3600 - (round(start.timestamp()) + offset % 3600) // 3600
    local = to_local(column, calendar.zone, start, end)
    first = calendar.day(0)
    if calendar.interval == "month":
        return local.year() * 12 + local.month() - (first.year * 12 + first.month)
    days = local.epoch_seconds() // 86_400 - (first - date(1970, 1, 1)).days
    return days // 7 if calendar.interval == "week" else days


def instant(moment: datetime) -> ir.TimestampScalar:
    """An aware instant as the warehouse stores it: UTC without zone mark."""
    return ibis.timestamp(moment.astimezone(UTC).replace(tzinfo=None))


def behaviour(shop_id: str) -> ir.Table:
    """Every event of a shop that is behaviour, whoever's."""
    rows = unbound("events")
    return rows.filter(rows.shop_id == shop_id, rows.type.isin(BEHAVIOUR))


def extent(shop_id: str) -> ir.Table:
    """First and last instant of a shop's behaviour, and how many events there are."""
    rows = behaviour(shop_id)
    rows = rows.filter(rows.customer_id.notnull())
    return rows.aggregate(first_at=rows.timestamp.min(), last_at=rows.timestamp.max(), events=rows.count())


def _with_customers(rows: ir.Table, asked: Asked, keys: Iterable[str]) -> ir.Table:
    for key in sorted(set(keys)):
        values = of_customer(unbound("events"), unbound("customers"), asked.shop_id, key)
        values = values.rename({_column(key): "value", "valued_customer": "customer_id"})
        joined = rows.left_join(values, rows.customer_id == values.valued_customer)
        rows = joined.drop("valued_customer")
    return rows


def _customer_keys(where: Sequence[Condition], filters: Sequence[EventFilter], properties: Sequence[Property]) -> Iterable[str]:
    yield from (one.key for one in (*where, *(c for f in filters for c in f.where)) if one.on == "customer")
    yield from (one.key for one in properties if one.on == "customer")


def _column(key: str) -> str:
    return f"customer::{key}"


def _equal(value: Operand, wanted: object) -> ir.BooleanValue:
    if isinstance(wanted, bool):
        return _sure(value.text == ("true" if wanted else "false"))
    if isinstance(wanted, (int, float)):
        return _sure(value.number == float(wanted))
    return _sure(value.text == str(wanted))


def _within_list(value: Operand, wanted: Scalar | tuple[Scalar, ...] | None) -> ir.BooleanValue:
    assert isinstance(wanted, tuple)
    texts = [("true" if one else "false") if isinstance(one, bool) else one for one in wanted if isinstance(one, (str, bool))]
    numbers = [float(one) for one in wanted if isinstance(one, (int, float)) and not isinstance(one, bool)]
    tests = []
    if texts:
        tests.append(_sure(value.text.isin(texts)))
    if numbers:
        tests.append(_sure(value.number.isin(numbers)))
    return _any(tests)


def _any(tests: Iterable[ir.BooleanValue]) -> ir.BooleanValue:
    return reduce(lambda a, b: a | b, tests)


def _sure(test: ir.BooleanValue) -> ir.BooleanValue:
    return test.fill_null(False)
