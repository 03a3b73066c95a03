"""Everything about one customer: numbers, RFM in words, stage, rhythm, next order, favourites and timeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from regulars.errors import NotFound
from regulars.understand import lifecycle, rfm
from regulars.understand.metrics.span import data_span
from regulars.understand.profiles import queries, timelines
from regulars.understand.profiles.domain import CustomerAnswer, Favourite, Rhythm, Timeline
from regulars.understand.profiles.next_order import NextOrder, Said
from regulars.understand.profiles.service import aware, customer_row
from regulars.understand.profiles.words import Facts, action_text, reason_text, rhythm_text, status_name
from regulars.values.money import Money
from regulars.values.zones import local_day
from regulars.warehouse import Warehouse

if TYPE_CHECKING:
    from regulars.access import Shop

_FAVOURITES = 5


def customer(warehouse: Warehouse, shop: Shop, customer_id: str, *, language: str = "en", limit: int = 20) -> CustomerAnswer:
    """Everything known about one customer, with the first page of its timeline.

    Raises
    ------
    NotFound : the shop has no profile of that number.
    """
    profile = _profile(warehouse, shop, customer_id)
    span = data_span(warehouse, shop)
    known = _one(warehouse, "customers", shop, customer_id) or {}
    cuts = lifecycle.cuts_of(warehouse, shop)
    asked = {"shop_id": shop.shop_id, "customer_id": customer_id, "currency": span.currency}
    products = _favourites(warehouse, asked, "product_id")
    numbers = customer_row(profile, span.currency, language)
    gaps = max(profile["purchase_days"] - 1, 0)
    tags = str(known.get("tags") or "")
    as_of = aware(profile["as_of"])
    assert as_of is not None
    return CustomerAnswer(
        as_of=as_of,
        numbers=numbers,
        cancelled=numbers.gmv - numbers.refunds - numbers.net,
        average_basket_units=round(numbers.units / numbers.orders, 2) if numbers.orders else None,
        city=known.get("city"),
        gender=known.get("gender"),
        birth_year=known.get("birth_year"),
        tier=known.get("tier"),
        tags=[tag.strip() for tag in tags.split(",") if tag.strip()],
        registered_at=aware(known.get("registered_at")),
        stage_explanation=lifecycle.stage_explanation(profile["stage"], cuts, language),
        rfm=rfm.explain(warehouse, shop, profile, language=language),
        rhythm=Rhythm(
            gaps,
            profile["gap_days_median"],
            profile["gap_days_mean"],
            profile["gap_days_spread"],
            rhythm_text(gaps, profile["gap_days_median"], profile["gap_days_spread"], language),
        ),
        next_order=next_order(warehouse, shop, profile, products[0].name if products else None, language),
        favourite_categories=_favourites(warehouse, asked, "category"),
        favourite_products=products,
        timeline=timelines.timeline(warehouse, shop, customer_id, limit=limit, currency=span.currency, kinds=timelines.FACTS),
    )


def timeline(
    warehouse: Warehouse, shop: Shop, customer_id: str, *, cursor: str | None = None, limit: int = 20,
    kinds: Sequence[timelines.Kind] = timelines.KINDS,
) -> Timeline:  # fmt: skip
    """A page of what a customer did, newest first, of some kinds or all.

    Raises
    ------
    NotFound : the shop has no profile of that number.
    """
    _profile(warehouse, shop, customer_id)
    currency = data_span(warehouse, shop).currency
    return timelines.timeline(warehouse, shop, customer_id, cursor=cursor, limit=limit, currency=currency, kinds=kinds)


def next_order(
    warehouse: Warehouse, shop: Shop, profile: Mapping[str, Any], favourite: str | None, language: str = "en"
) -> NextOrder | None:
    """The customer's next order as last predicted; None without a prediction."""
    row = _one(warehouse, "next_orders", shop, profile["customer_id"])
    if row is None:
        return None
    refund: tuple[datetime, int] | None = None
    if row["reason"] == "refund_then_silence":
        for found in warehouse.rows(queries.refunds_of_one(), shop_id=shop.shop_id, customer_id=profile["customer_id"]):
            refund = found["refunded_at"], int(found["refunded_minor"])
    return said(row, profile, shop.timezone, favourite, refund, language)


def said(
    row: Mapping[str, Any],
    profile: Mapping[str, Any],
    zone: str,
    favourite: str | None,
    refund: tuple[datetime, int] | None,
    language: str = "en",
) -> NextOrder:
    """A row of next_orders with its sentences, given the customer's profile."""
    expected_at, late_after_at = aware(row["expected_at"]), aware(row["late_after_at"])
    assert expected_at is not None
    assert late_after_at is not None
    yearly, stake = Money(row["yearly_value_minor"], row["currency"]), Money(row["value_at_stake_minor"], row["currency"])
    facts = Facts(
        orders=profile["orders"],
        own_days=profile["gap_days_median"],
        rhythm_days=row["rhythm_days"],
        since_days=profile["days_since_last"],
        overdue_days=row["overdue_days"],
        expected_on=local_day(expected_at, zone),
        yearly_value=yearly,
        value_at_stake=stake,
        favourite=favourite,
        refunded_on=local_day(refund[0].replace(tzinfo=UTC), zone) if refund else None,
        refunded=Money(refund[1], row["currency"]) if refund else None,
        rhythm_is_own=row["rhythm_source"] == "own",
    )
    return NextOrder(
        status=row["status"],
        status_name=status_name(row["status"], language),
        expected_at=expected_at,
        late_after_at=late_after_at,
        rhythm_days=round(row["rhythm_days"], 1),
        rhythm_source=row["rhythm_source"],
        overdue_days=round(row["overdue_days"], 1),
        lateness=round(row["lateness"], 2),
        yearly_value=yearly,
        value_at_stake=stake,
        reason=Said(row["reason"], reason_text(row["reason"], facts, language)),
        action=Said(row["action"], action_text(row["action"], facts, language)),
    )


def _profile(warehouse: Warehouse, shop: Shop, customer_id: str) -> dict[str, Any]:
    profile = _one(warehouse, "customer_profiles", shop, customer_id)
    if profile is None:
        raise NotFound(
            f"there is no customer '{customer_id}' in this shop", mend="search for it in the customer list", code="no_such_customer"
        )
    return profile


def _one(warehouse: Warehouse, table: str, shop: Shop, customer_id: str) -> dict[str, Any] | None:
    found = warehouse.rows(queries.row_of_one(table), shop_id=shop.shop_id, customer_id=customer_id)
    return found[0] if found else None


def _favourites(warehouse: Warehouse, asked: Mapping[str, str], by: str) -> list[Favourite]:
    return [
        Favourite(
            id=row["id"] if by == "product_id" else None,
            name=row["name"] or row["id"],
            orders=row["orders"],
            units=float(row["units"]),
            amount=Money(int(row["amount"]), asked["currency"]),
            share=round(int(row["amount"]) / int(row["whole"]), 4) if row["whole"] and int(row["whole"]) > 0 else None,
        )
        for row in warehouse.rows(queries.favourites_of_one(by, _FAVOURITES), **asked)
    ]
