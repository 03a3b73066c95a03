"""What happened, per customer, for every condition at once: the events are read in one pass whatever the number of segments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from itertools import count

import ibis
import ibis.expr.types as ir

from regulars.understand.questions import Asked, EventFilter, Moments, Property
from regulars.understand.questions.queries import events_of, instant, operand, passes
from regulars.understand.segments.domain.tree import Bounds, Did, InTurn, Leaf, MeasureKind, Regularly, Stopped
from regulars.understand.segments.queries import bits
from regulars.warehouse import unbound

_WEEK = timedelta(days=7)
_HALF = 2**bits.APART


@dataclass(frozen=True, slots=True)
class Counted:
    """Events in an interval, counted or measured; `first`: when the first of them was."""

    event: EventFilter
    moments: Moments
    measure: MeasureKind | str = "count"  # count, any (1 if there is one), sum, avg, max, or first
    of: Property | None = None


@dataclass(frozen=True, slots=True)
class Weeks:
    """In how many of the last weeks."""

    event: EventFilter
    of_weeks: int
    until: datetime


Fact = Counted | Weeks


def facts_of(leaf: Leaf, as_of: datetime, *, counted: bool = True) -> tuple[Fact, ...]:
    """What has to be known of the events for a condition; nothing where it asks about something else.

    Parameters
    ----------
    counted : how often, also where it is enough to know whether.
    """
    match leaf:
        case Did(first=True):
            return (Counted(leaf.event, Moments(None, leaf.period.at(as_of).end), "first"),)
        case Did():
            often = "any" if not counted and leaf.measure == "count" and _whether(leaf.bounds) else leaf.measure
            return (Counted(leaf.event, leaf.period.at(as_of), often, leaf.of),)
        case Stopped():
            now = as_of + timedelta(microseconds=1)
            turn = now - timedelta(days=leaf.since_days)
            since = None if leaf.before_days is None else now - timedelta(days=leaf.since_days + leaf.before_days)
            before = Counted(leaf.event, Moments(since, turn), "count" if counted or leaf.at_least > 1 else "any")
            return before, Counted(leaf.event, Moments(turn, now), "count" if counted else "any")
        case Regularly():
            return (Weeks(leaf.event, leaf.of_weeks, as_of + timedelta(microseconds=1)),)
        case _:
            return ()


def _whether(bounds: Bounds) -> bool:
    """Whether 1 and more say the same to these bounds."""
    least, most, exactly = bounds.at_least, bounds.at_most, bounds.exactly
    return (least is None or least <= 1) and (most is None or 0 <= most < 1) and (exactly is None or exactly == 0)


def all_named(facts: Sequence[Fact]) -> bool:
    """Whether every fact is about events of one name; else rows of all kinds must not be read together."""
    return all(one.event.event is not None for one in facts)


def in_one_pass(asked: Asked, facts: Sequence[Fact], *, everybody: bool = False, who: bool = True) -> ir.Table:
    """One row per customer with any such event: `f0`, `f1` ... in the order of `facts`.

    Parameters
    ----------
    everybody : also customers without such events, with `known`; for facts that are `all_named`.
    who : `known` tells visitors from customers; else it is 1 for all.
    """
    filters = [one.event for one in facts]
    measured = [one.of for one in facts if isinstance(one, Counted) and one.of is not None]
    rows = events_of(
        asked,
        filters=_names(filters),
        properties=[*_customers(filters), *measured],
        moments=None if everybody else _widest(facts),
        told_apart=everybody,
    )
    counts = [i for i, one in enumerate(facts) if isinstance(one, Counted) and one.measure == "count"]
    others = [i for i, one in enumerate(facts) if isinstance(one, Counted) and one.measure != "count"]
    place = _places(counts, others)
    words: dict[int, dict[int, bits.Asked]] = {}
    for i, (number, bit) in place.items():
        one = facts[i]
        assert isinstance(one, Counted)
        words.setdefault(number, {})[bit] = bits.Asked(one.event, one.moments)
    values = {of: f"v{k}" for k, of in enumerate(dict.fromkeys(measured))}
    weeks = {one: f"p{k}" for k, one in enumerate(dict.fromkeys(one.event for one in facts if isinstance(one, Weeks)))}
    rows = rows.mutate(
        **{f"word{number}": bits.word(rows, held) for number, held in words.items()},
        **{name: operand(rows, of).number for of, name in values.items()},
        **{name: passes(rows, one) for one, name in weeks.items()},
    )
    made: dict[str, ir.Value] = {"known": rows.is_known.cast("int64").max()} if everybody and who else {}
    for number, bit in dict.fromkeys((number, bit % bits.APART) for i in counts for number, bit in [place[i]]):
        both = rows[f"word{number}"] >> bit if bit else rows[f"word{number}"]
        made[f"c{number}_{bit}"] = (both & (1 | _HALF)).cast("float64").sum()
    for number in dict.fromkeys(place[i][0] for i in others if _is_any(facts[i])):
        made[f"any{number}"] = rows[f"word{number}"].bit_or()
    for i, one in enumerate(facts):
        if isinstance(one, Weeks):
            made[f"f{i}"] = _in_weeks(rows, rows[weeks[one.event]], one)
        elif i in others and not _is_any(one):
            number, bit = place[i]
            here = (rows[f"word{number}"] & (1 << bit)) != 0
            made[f"f{i}"] = _measured(rows, here, one, rows[values[one.of]] if one.of is not None else None)
    sums = rows.group_by("customer_id").aggregate(**made)
    apart: dict[str, ir.Value] = {}
    for i, (number, bit) in place.items():
        if _is_any(facts[i]):
            apart[f"f{i}"] = ((sums[f"any{number}"] >> bit) & 1).cast("float64")
        elif i in counts:
            both = sums[f"c{number}_{bit % bits.APART}"]
            upper = (both / _HALF).floor().cast("float64")
            apart[f"f{i}"] = upper if bit >= bits.APART else both - upper * float(_HALF)
    if everybody and not who:
        apart["known"] = ibis.literal(1, "int64")
    found = sums.mutate(**apart)
    return found.select("customer_id", *(["known"] if everybody else []), *(f"f{i}" for i in range(len(facts))))


def _places(counts: Sequence[int], others: Sequence[int]) -> dict[int, tuple[int, int]]:
    """For each fact the number and the bit that stand for it: counts in pairs, whatever else where there is room."""
    found: dict[int, tuple[int, int]] = {}
    for k, i in enumerate(counts):
        number, pair = divmod(k // 2, bits.PAIRS)
        found[i] = number, pair + bits.APART * (k % 2)
    taken = set(found.values())
    free = ((n, bit) for n in count() for bit in range(bits.BITS) if (n, bit) not in taken)
    return found | dict(zip(others, free, strict=False))


def _is_any(fact: Fact) -> bool:
    return isinstance(fact, Counted) and fact.measure == "any"


def _in_weeks(rows: ir.Table, passed: ir.BooleanValue, fact: Weeks) -> ir.Scalar:
    ends = [fact.until - i * _WEEK for i in range(fact.of_weeks)]
    found = [(passed & _within(rows, Moments(end - _WEEK, end))).cast("int8").max() for end in ends]
    return reduce(lambda a, b: a + b, (one.coalesce(0).cast("int64") for one in found)).cast("float64")


def _measured(rows: ir.Table, here: ir.BooleanValue, fact: Counted, value: ir.FloatingValue | None) -> ir.Scalar:
    if fact.measure == "first":
        return rows.timestamp.min(where=here)
    assert value is not None
    match fact.measure:
        case "sum":
            return ibis.cases((here, value), else_=0.0).fill_null(0.0).sum()
        case "avg":
            return value.mean(where=here)
        case _:
            return value.max(where=here)


def _within(rows: ir.Table, moments: Moments) -> ir.BooleanValue:
    tests = []
    if moments.start is not None:
        tests.append(rows.timestamp >= instant(moments.start))
    if moments.end is not None:
        tests.append(rows.timestamp < instant(moments.end))
    return reduce(lambda a, b: a & b, tests) if tests else ibis.literal(True)


def _widest(facts: Sequence[Fact]) -> Moments:
    """What all facts together need to see."""
    all_moments = [
        one.moments if isinstance(one, Counted) else Moments(one.until - one.of_weeks * _WEEK, one.until) for one in facts
    ]
    starts = [one.start for one in all_moments]
    ends = [one.end for one in all_moments]
    return Moments(
        None if None in starts else min(one for one in starts if one is not None),
        None if None in ends else max(one for one in ends if one is not None),
    )


def in_turn(asked: Asked, leaf: InTurn, as_of: datetime) -> ir.Table:
    """The customers who did one thing after another, each at a later instant: a running latest start of each step."""
    period, now = leaf.period.at(as_of), as_of + timedelta(microseconds=1)
    parts = []
    for k, step in enumerate(leaf.steps):
        rows = events_of(asked, filters=[step], moments=Moments(period.start, now))
        parts.append(rows.select("customer_id", "timestamp", step=ibis.literal(k, "int64")))
    rows = ibis.union(*parts, distinct=False)
    rows = rows.mutate(s0=ibis.cases(((rows.step == 0) & _within(rows, period), rows.timestamp)))
    for k in range(1, len(leaf.steps)):
        # Of one instant the later steps come first, so that nothing follows what happened at the same time.
        before = ibis.window(group_by="customer_id", order_by=[rows.timestamp, rows.step.desc()], rows=(None, -1))
        rows = rows.mutate(begun=rows[f"s{k - 1}"].max().over(before))
        here = rows.step == k
        if leaf.within is not None:
            here = here & (rows.timestamp <= rows.begun + ibis.interval(seconds=leaf.within.microseconds // 1_000_000))
        rows = rows.mutate(**{f"s{k}": ibis.cases((here, rows.begun))}).drop("begun")
    last = f"s{len(leaf.steps) - 1}"
    return rows.filter(rows[last].notnull()).select("customer_id").distinct()


def candidates(shop_id: str) -> ir.Table:
    """Everybody a segment may hold: whoever did or told anything, was loaded, or ordered; `known`: not a mere visitor."""
    events = unbound("events")
    events = events.filter(events.shop_id == shop_id, events.customer_id.notnull(), ~events.is_bot)
    seen = events.group_by("customer_id").aggregate(known=events.is_known.cast("int64").max())
    everybody = ibis.union(seen.select(customer_id=seen.customer_id.cast("string"), known=seen.known), unheard(shop_id))
    return everybody.group_by("customer_id").aggregate(known=everybody.known.max())


def unheard(shop_id: str) -> ir.Table:
    """Whoever was loaded or ordered, whether or not any event tells of it: `customer_id` and `known`, which is 1; one may be here twice."""
    found = []
    for name in ("customers", "customer_profiles", "orders"):
        rows = unbound(name)
        rows = rows.filter(rows.shop_id == shop_id, rows.customer_id.notnull())
        found.append(rows.select(customer_id=rows.customer_id.cast("string"), known=ibis.literal(1, "int64")).distinct())
    return ibis.union(*found)


def _names(filters: Iterable[EventFilter]) -> list[EventFilter]:
    """Only by name: the finer conditions are tried once, in the pass itself."""
    return list(dict.fromkeys(EventFilter(one.event) for one in filters))


def _customers(filters: Iterable[EventFilter]) -> list[Property]:
    return list(dict.fromkeys(Property(one.key, "customer") for each in filters for one in each.where if one.on == "customer"))
