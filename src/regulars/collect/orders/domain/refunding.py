"""Refunds: several messages for one order add up, and never count twice what a file has booked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from regulars.collect.orders.domain.facts import OrderFact
from regulars.collect.orders.domain.goods import Exchange, Line, lines, shared, split


@dataclass(frozen=True, slots=True)
class Owed:
    """The order money is given back for: its total, whose it is, what a unit of its products cost, and what files have booked."""

    total_minor: int | None
    customer_id: str | None
    unit_minor: Mapping[str, int]
    booked_minor: int = 0


def refund_rows(
    facts: Sequence[tuple[OrderFact, Exchange]], owed: Owed, shop_id: str, load_id: str
) -> tuple[list[dict[str, Any]], list[tuple[OrderFact, str]]]:
    """Rows of the warehouse table `refunds`, and the facts whose amount nobody knows (yet).

    A refund is its `refund_id`, else its message. It comes to its `total`; else to its products, at the price told or the order's;
    else to all that is left of the order. What files have booked already covers the earliest refunds up to that amount.

    Parameters
    ----------
    facts : refunds in order of time; of several with one `refund_id` the first counts.
    """
    rows: list[dict[str, Any]] = []
    unknown: list[tuple[OrderFact, str]] = []
    given_back, seen = 0, set()
    for fact, rated in facts:
        number = f"{fact.order_id}/{fact.refund_id}" if fact.refund_id else f"{fact.source_id}/{fact.message_id}"
        if number in seen:
            continue
        seen.add(number)
        products = lines(fact.products or (), rated)
        parts = [_part(line, owed) for line in products]
        amount = _amount(fact, rated, parts, given_back, owed)
        if amount is None:
            if owed.total_minor is not None:
                unknown.append((fact, "total:missing"))
            continue
        before, given_back = given_back, given_back + amount
        booked = max(0, given_back - max(owed.booked_minor, before))
        head = {
            "shop_id": shop_id,
            "refund_id": number,
            "order_id": fact.order_id,
            "customer_id": owed.customer_id or fact.customer_id,
            "refunded_at": fact.told_at.astimezone(UTC).replace(tzinfo=None),
            "reason": fact.reason,
            "currency": fact.shop_currency,
            "load_id": load_id,
        }
        rows += [{**head, **part} for part in _parts(products, parts, booked)]
    return rows, unknown


def _part(line: Line, owed: Owed) -> int | None:
    """What a product of a refund comes to."""
    if line.amount_minor is not None:
        return abs(line.amount_minor)
    unit = owed.unit_minor.get(line.product.product_id or line.product.name or "")
    return None if unit is None else abs(int(unit * line.product.quantity))


def _amount(fact: OrderFact, rated: Exchange, parts: Sequence[int | None], given_back: int, owed: Owed) -> int | None:
    told = rated.minor(fact.total)
    if told is not None:
        return abs(told)
    if parts:
        return sum(part for part in parts if part is not None) if None not in parts else None
    return None if owed.total_minor is None else max(owed.total_minor - given_back, 0)


def _parts(products: Sequence[Line], parts: Sequence[int | None], booked: int) -> list[dict[str, Any]]:
    """The amount by product where the products told make it up, the rest (postage and the like) as one row without product."""
    if booked == 0:
        return []
    known = [part or 0 for part in parts]
    by_product = split(min(booked, sum(known)), known) if sum(known) else shared(booked, products)
    made: list[dict[str, Any]] = [
        {
            "line_key": line.key,
            "kind": "return",
            "product_id": line.product.product_id,
            "product_name": line.product.name,
            "category": line.product.category,
            "quantity": abs(line.product.quantity),
            "amount_minor": amount,
        }
        for line, amount in zip(products, by_product, strict=True)
        if amount
    ]
    if rest := booked - sum(by_product):
        made.append({"line_key": 0, "kind": "refund", "amount_minor": rest})
    return made
