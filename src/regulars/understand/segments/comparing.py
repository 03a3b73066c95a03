"""Segments side by side: overlap, set operations, sizes by day, and how customers moved between them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal

import ibis
import ibis.expr.types as ir
from sqlalchemy import select

from regulars.errors import InvalidInput
from regulars.understand.questions import Desk
from regulars.understand.questions.queries import instant
from regulars.understand.segments.domain.kept import Combination, Flow, Flows, Overlap, SizeDay
from regulars.understand.segments.queries import members
from regulars.understand.segments.tables import segment_size

if TYPE_CHECKING:
    from regulars.records import UnitOfWork

Operation = Literal["union", "intersection", "difference", "exclusive"]
OPERATIONS: tuple[Operation, ...] = ("union", "intersection", "difference", "exclusive")
MOST_COMPARED = 5


def overlap(desk: Desk, segments: Sequence[str]) -> Overlap:
    """How 2 to 5 segments overlap: every combination, the largest first.

    Raises
    ------
    InvalidInput : fewer or more segments, or one of them twice.
    """
    names = _checked(segments)
    shop_id = desk.shop.shop_id
    key = ("segments.overlap", shop_id, names)
    rows = desk.warehouse.cached(key, lambda: desk.warehouse.rows(members.overlap(shop_id, names)), of=("segment_members",))
    counts = {int(row["code"]): int(row["customers"]) for row in rows}
    sizes = tuple(sum(count for code, count in counts.items() if code >> i & 1) for i in range(len(names)))
    shared = tuple(
        tuple(sum(count for code, count in counts.items() if code >> i & 1 and code >> j & 1) for j in range(len(names)))
        for i in range(len(names))
    )
    found = [
        Combination(tuple(name for i, name in enumerate(names) if code >> i & 1), counts.get(code, 0))
        for code in range(1, 1 << len(names))
    ]
    found.sort(key=lambda one: (-one.customers, len(one.segments), one.segments))
    return Overlap(names, sizes, tuple(found), shared, sum(counts.values()))


def combined(desk: Desk, operation: str, segments: Sequence[str]) -> ir.Table:
    """Members by a set operation: in any, in all, in the first but no other, or in exactly one."""
    names = _checked(segments)
    if operation not in OPERATIONS:
        raise InvalidInput(f"there is no operation '{operation}'", mend=f"one of {', '.join(OPERATIONS)}", code="bad_operation")
    every = range(1, 1 << len(names))
    match operation:
        case "union":
            codes = list(every)
        case "intersection":
            codes = [(1 << len(names)) - 1]
        case "difference":
            codes = [1]
        case _:
            codes = [1 << i for i in range(len(names))]
    return members.in_combination(desk.shop.shop_id, names, codes)


def tree_of(operation: str, segments: Sequence[str]) -> dict[str, object]:
    """The same as a tree, for a segment that follows."""
    names = _checked(segments)
    asked = [{"segment": name} for name in names]
    match operation:
        case "union":
            return {"any": asked}
        case "intersection":
            return {"all": asked}
        case "difference":
            return {"all": [asked[0], *({"not": one} for one in asked[1:])]}
        case "exclusive":
            ways = [{"all": [one, *({"not": other} for other in asked if other is not one)]} for one in asked]
            return {"any": ways}
    raise InvalidInput(f"there is no operation '{operation}'", mend=f"one of {', '.join(OPERATIONS)}", code="bad_operation")


def sizes(
    uow: UnitOfWork, shop_id: str, segment_id: str, *, first_on: date | None = None, last_on: date | None = None
) -> list[SizeDay]:
    """The size of a segment at the end of each day on which it was evaluated, oldest first."""
    rows = select(segment_size).where(segment_size.c.shop_id == shop_id, segment_size.c.segment_id == segment_id)
    if first_on is not None:
        rows = rows.where(segment_size.c.day >= first_on.isoformat())
    if last_on is not None:
        rows = rows.where(segment_size.c.day <= last_on.isoformat())
    return [
        SizeDay(date.fromisoformat(row["day"]), row["customers"], row["entered"], row["left"], bool(row["redefined"]))
        for row in uow.rows(rows.order_by(segment_size.c.day))
    ]


def flows(desk: Desk, segments: Sequence[str], first_at: datetime, last_at: datetime) -> Flows:
    """How customers moved between 2 to 5 segments from one instant to another; of several they are in, the first named counts."""
    names = _checked(segments)
    if last_at <= first_at:
        raise InvalidInput("the end is not after the beginning", mend="swap them", code="bad_range")
    shop_id = desk.shop.shop_id
    sides = [
        _places(shop_id, names, moment).rename({"customer": "customer_id", side: "place"})
        for side, moment in (("a", first_at), ("b", last_at))
    ]
    both = sides[0].outer_join(sides[1], "customer")
    moved = both.select(a=both.a.coalesce(len(names)), b=both.b.coalesce(len(names)))
    rows = desk.warehouse.rows(moved.group_by("a", "b").aggregate(customers=moved.count()))
    called = [*names, ""]
    found = [Flow(called[int(row["a"])], called[int(row["b"])], int(row["customers"])) for row in rows]
    found.sort(key=lambda one: (-one.customers, one.source, one.target))
    return Flows(first_at, last_at, names, tuple(found))


def _places(shop_id: str, names: Sequence[str], moment: datetime) -> ir.Table:
    parts = [
        members.members_at(shop_id, name, instant(moment)).mutate(place=ibis.literal(i, "int64")) for i, name in enumerate(names)
    ]
    whole = ibis.union(*parts, distinct=False)
    return whole.group_by("customer_id").aggregate(place=whole.place.min())


def _checked(segments: Sequence[str]) -> tuple[str, ...]:
    names = tuple(segments)
    if not 2 <= len(names) <= MOST_COMPARED or len(set(names)) < len(names):
        raise InvalidInput(
            f"{len(names)} segments cannot be compared", mend=f"name 2 to {MOST_COMPARED} different ones", code="bad_segments"
        )
    return names
