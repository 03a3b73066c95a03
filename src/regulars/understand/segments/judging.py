"""Trees judged at a shop's warehouse: members, live size and a sample, and the reasons of one customer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import ibis.expr.types as ir

from regulars.understand.metrics import data_span
from regulars.understand.questions import READ, Desk
from regulars.understand.segments.domain.tree import Definition
from regulars.understand.segments.queries import members
from regulars.understand.segments.queries.belonging import Judged, judged_rows
from regulars.understand.segments.queries.orders import Money
from regulars.values.money import minor_digits

#: Tables that membership is made from.
MADE_FROM = (*READ, "orders", "order_lines", "customer_profiles", "next_orders", "customer_values")

_DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class Preview:
    """How many a tree holds now, of how many customers, and some of them."""

    as_of: datetime
    customers: int
    of_customers: int
    share: float | None
    sample: list[str]


def as_of(desk: Desk) -> datetime:
    """The moment segments are judged at: the end of the newest day of events or orders, or now where that is earlier."""
    span = data_span(desk.warehouse, desk.shop)
    ends = [end for end in (desk.span().end, span.as_of if span.orders else None) if end is not None]
    return max(ends) if ends else desk.now()


def judge(
    desk: Desk,
    definitions: Mapping[str, Definition],
    listed: Sequence[str] = (),
    *,
    at: datetime | None = None,
    held: Iterable[str] = (),
    counted: bool = False,
) -> Judged:
    """The expression that knows of every customer what these definitions ask; `counted`: with the reasons to be shown."""
    currency = data_span(desk.warehouse, desk.shop).currency
    money = Money(currency, 10 ** minor_digits(currency))
    return judged_rows(desk.base, money, definitions, listed, at or as_of(desk), held=held, counted=counted)


def members_of(
    desk: Desk,
    definition: Definition,
    others: Mapping[str, Definition] | None = None,
    listed: Sequence[str] = (),
    *,
    at: datetime | None = None,
) -> ir.Table:
    """The `customer_id` of everybody a tree holds; `others` and `listed` are the segments it may ask about."""
    judged = judge(desk, {**(others or {}), _DRAFT: definition}, listed, at=at)
    return members.of_one(judged, _DRAFT)


def preview(
    desk: Desk,
    definition: Definition,
    others: Mapping[str, Definition] | None = None,
    listed: Sequence[str] = (),
    *,
    sample: int = 10,
) -> Preview:
    """Live size and a sample; the same question is answered from memory until the data change."""
    moment = as_of(desk)
    judged = judge(desk, {**(others or {}), _DRAFT: definition}, listed, at=moment)
    key = ("segments.preview", desk.shop.shop_id, definition, repr(sorted((others or {}).items())), moment, sample)

    def ask() -> Preview:
        found = members.of_one(judged, _DRAFT)
        row = desk.warehouse.rows(members.counted(judged, _DRAFT))[0]
        some = desk.warehouse.rows(found.order_by("customer_id").limit(sample)) if sample else []
        size, whole = int(row["customers"] or 0), int(row["everybody"] or 0)
        return Preview(moment, size, whole, round(size / whole, 4) if whole else None, [one["customer_id"] for one in some])

    return desk.warehouse.cached(key, ask, of=MADE_FROM)
