"""What each event says to many conditions at once, as the bits of a number: tried once per event, not once per condition."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce

import ibis
import ibis.expr.types as ir

from regulars.understand.questions import EventFilter, Moments
from regulars.understand.questions.queries import BEHAVIOUR, holds, instant

#: Bits that a signed number of 64 holds without trouble on the way.
BITS = 62
#: Two counts in one sum of floats, exact up to 2 to the power of 53; a customer has fewer events than 2 to the power of this.
APART = 26
#: Pairs of counts in one number: the bits of a pair lie `APART` apart.
PAIRS = APART


@dataclass(frozen=True, slots=True)
class Asked:
    """Events that pass a filter in an interval."""

    event: EventFilter
    moments: Moments


def word(rows: ir.Table, asked: Mapping[int, Asked]) -> ir.IntegerValue:
    """A number per event: bit b is set where the event is what `asked[b]` asks for."""
    names = {name: _sum(b for b, one in asked.items() if one.event.event in (name, None)) for name in _names(asked)}
    rest = _sum(b for b, one in asked.items() if one.event.event is None)
    found: ir.IntegerValue = ibis.literal(rest, "int64")
    if names:
        found = ibis.cases(*((rows.event == name, _number(bits)) for name, bits in names.items()), else_=_number(rest))
    if rest:
        found = _and(found, rows.type.isin(BEHAVIOUR), rest)
    for condition in dict.fromkeys(condition for one in asked.values() for condition in one.event.where):
        bits = _sum(b for b, one in asked.items() if condition in one.event.where)
        found = _and(found, holds(rows, condition), bits)
    return found & _in_time(rows, asked)


def _and(found: ir.IntegerValue, test: ir.BooleanValue, bits: int) -> ir.IntegerValue:
    """Without these bits where the test fails."""
    return found & ibis.ifelse(test.fill_null(False), _number(-1), _number(~bits))


def _in_time(rows: ir.Table, asked: Mapping[int, Asked]) -> ir.IntegerValue:
    """The bits of whatever interval each event lies in: between two neighbouring ends nothing changes."""
    ends = sorted({end for one in asked.values() for end in (one.moments.start, one.moments.end) if end is not None})

    def bits(after: datetime | None) -> int:
        return _sum(b for b, one in asked.items() if _holds(one.moments, after))

    return chosen(
        [bits(None), *(bits(end) for end in ends)], lambda place: rows.timestamp < instant(ends[place - 1]), low=0, high=len(ends)
    )


def chosen(values: Sequence[int], before: Callable[[int], ir.BooleanValue], *, low: int, high: int) -> ir.IntegerValue:
    """The value of the part a row lies in, by halving; `before(k)`: it lies before part k."""
    if low == high or len(set(values[low : high + 1])) == 1:
        return _number(values[low])
    middle = (low + high + 1) // 2
    return ibis.ifelse(
        before(middle), chosen(values, before, low=low, high=middle - 1), chosen(values, before, low=middle, high=high)
    )


def _holds(moments: Moments, after: datetime | None) -> bool:
    """Whether the interval holds what begins at an end (null: what is before all ends)."""
    if after is None:
        return moments.start is None
    return (moments.start is None or moments.start <= after) and (moments.end is None or after < moments.end)


def _names(asked: Mapping[int, Asked]) -> list[str]:
    return list(dict.fromkeys(one.event.event for one in asked.values() if one.event.event is not None))


def _sum(bits: Iterable[int]) -> int:
    return reduce(lambda a, b: a | 1 << b, bits, 0)


def _number(bits: int) -> ir.IntegerValue:
    return ibis.literal(bits, "int64")
