"""Reading the values that were worked out: the list by page, one customer, and lifetime value by how customers began."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from regulars.errors import InvalidInput, NotEnoughData, NotFound
from regulars.predict.lifetime_value import queries
from regulars.predict.lifetime_value.cautions import said
from regulars.predict.lifetime_value.domain import TIERS, GroupBy, GroupRow, GroupsAnswer, Tier, TierRow, ValueRow, ValuesAnswer
from regulars.predict.lifetime_value.words import tier_name
from regulars.understand import profiles
from regulars.understand.metrics import data_span, scope_of
from regulars.values.money import Money, minor_digits
from regulars.warehouse import Warehouse

if TYPE_CHECKING:
    from regulars.access import Shop

MOST_ROWS = 1_000
MOST_GROUPS = 500
_EXPORT_ROWS = 5_000


def listing(
    warehouse: Warehouse,
    shop: Shop,
    *,
    tier: str | None = None,
    min_value_minor: int | None = None,
    limit: int = 50,
    cursor: str | None = None,
    language: str = "en",
) -> ValuesAnswer:
    """The shop's expected values: sums, tiers, cautions, and customers, the most valuable first.

    Raises
    ------
    NotEnoughData : no values could be worked out; it says why.
    InvalidInput : an unknown tier, a foreign cursor, or a limit outside 1 to 1,000.
    """
    if not 1 <= limit <= MOST_ROWS:
        raise InvalidInput(f"a page of {limit} customers", mend=f"ask for 1 to {MOST_ROWS}", code="bad_limit")
    told = about(warehouse, shop)
    rows = queries.listed(warehouse.table("customer_values"), shop.shop_id, _tier(tier), min_value_minor)
    after = None
    if cursor is not None:
        minor, customer_id = profiles.decode_cursor(cursor, "values", int, str)
        after = int(minor), str(customer_id)
    found = warehouse.rows(queries.ranked(rows, after, limit + 1))
    sums = warehouse.cached(
        ("values.tiers", shop.shop_id),
        lambda: warehouse.rows(queries.by_tier(warehouse.table("customer_values"), shop.shop_id)),
        of=("customer_values",),
    )
    currency = told["currency"]
    whole = sum(int(row["value"]) for row in sums)
    filtered = tier is not None or min_value_minor is not None
    total = int(warehouse.value(rows.count().as_table())) if filtered else sum(int(row["customers"]) for row in sums)
    tracking = told["tracking"]
    return ValuesAnswer(
        as_of=told["as_of"],
        currency=currency,
        basis=told["basis"],
        margin_rate=told["margin_rate"] if told["basis"] == "margin" else None,
        method=told["method"],
        horizon_days=told["horizon_days"],
        customers=sum(int(row["customers"]) for row in sums),
        value=Money(whole, currency),
        tracking_factor=None if tracking is None else round(tracking, 4),
        expected_orders=round(sum(float(row["orders"]) for row in sums), 1),
        retained_gain=None
        if told["retained_gain"] is None
        else Money(round(told["retained_gain"] * 10 ** minor_digits(currency)), currency),
        gini=None if told["gini"] is None else round(told["gini"], 4),
        coverage=None if told["coverage"] is None else round(told["coverage"], 4),
        cautions=said(told["cautions"], language),
        tiers=[_tier_row(code, sums, whole, currency, language) for code in TIERS],
        total=total,
        rows=[_row(row, language) for row in found[:limit]],
        next=profiles.encode_cursor("values", found[limit - 1]["value_minor"], found[limit - 1]["customer_id"])
        if len(found) > limit
        else None,
    )


def every_row(
    warehouse: Warehouse, shop: Shop, *, tier: str | None = None, min_value_minor: int | None = None, language: str = "en"
) -> Iterator[ValueRow]:
    """All customers of the list, in its order: for exports of any length."""
    about(warehouse, shop)
    rows = queries.listed(warehouse.table("customer_values"), shop.shop_id, _tier(tier), min_value_minor)

    def told() -> Iterator[ValueRow]:
        for batch in warehouse.query(queries.in_order(rows)).to_batches(max_chunksize=_EXPORT_ROWS):
            for row in batch.to_pylist():
                yield _row(row, language)

    return told()


def value_of(warehouse: Warehouse, shop: Shop, customer_id: str, *, language: str = "en") -> ValueRow:
    """What one customer is expected to bring.

    Raises
    ------
    NotFound : the customer has no value: it never ordered, or the shop has too little data.
    """
    table = warehouse.table("customer_values")
    found = warehouse.rows(table.filter(table.shop_id == shop.shop_id, table.customer_id == customer_id))
    if not found:
        raise NotFound(
            f"there is no expected value of '{customer_id[:60]}'",
            mend="see `GET /v1/values`; new customers have one after the next run",
            code="no_value",
        )
    return _row(found[0], language)


def groups(warehouse: Warehouse, shop: Shop, by: GroupBy, *, limit: int = 50) -> GroupsAnswer:
    """Lifetime value by how customers began: month of the first order, its channel, the first visit's channel, or what was first bought.

    Raises
    ------
    NotEnoughData : no values could be worked out.
    """
    if not 1 <= limit <= MOST_GROUPS:
        raise InvalidInput(f"{limit} groups", mend=f"ask for 1 to {MOST_GROUPS}", code="bad_limit")
    told = about(warehouse, shop)
    span = data_span(warehouse, shop)
    assert span.first_at is not None
    currency = told["currency"]

    def ask() -> list[dict[str, Any]]:
        begun = queries.begun(by, scope_of(span, shop), span.first_at, span.as_of)  # type: ignore[arg-type]
        return warehouse.rows(queries.grouped(begun, shop.shop_id, by, MOST_GROUPS))

    rows = warehouse.cached(
        ("values.groups", shop.shop_id, by),
        ask,
        of=("customer_values", "customer_profiles", "orders", "order_lines", "sessions"),
    )
    rate = told["margin_rate"]
    made = []
    for row in rows[-limit:] if by == "cohort" else rows[:limit]:
        customers = int(row["customers"])
        so_far, expected = (Money(round(float(row[name]) * part), currency) for name, part in (("so_far", rate), ("expected", 1.0)))
        made.append(
            GroupRow(
                key=row["key"],
                customers=customers,
                so_far=so_far.share(1, customers),
                expected=expected.share(1, customers),
                lifetime=(so_far + expected).share(1, customers),
                expected_total=expected,
            )
        )
    return GroupsAnswer(by=by, as_of=told["as_of"], currency=currency, basis=told["basis"], rows=made)


def about(warehouse: Warehouse, shop: Shop) -> dict[str, Any]:
    """How the shop's values were worked out.

    Raises
    ------
    NotEnoughData : there are none; it says why.
    """
    table = warehouse.table("shop_values")
    found = warehouse.rows(table.filter(table.shop_id == shop.shop_id))
    if not found:
        raise NotEnoughData(
            "no values were worked out yet",
            mend="load orders; they follow by themselves, or `regulars run values`",
            code="no_values",
        )
    told: dict[str, Any] = json.loads(found[0]["told"])
    if "problem" in told:
        raise NotEnoughData(told["problem"], mend=told["mend"], code=told["code"], **told["values"])
    return {**told, "as_of": _aware(found[0]["as_of"]), "currency": found[0]["currency"]}


def _tier(tier: str | None) -> Tier | None:
    if tier is None or tier in TIERS:
        return tier
    raise InvalidInput(f"there is no tier '{tier[:40]}'", mend=f"use one of {', '.join(TIERS)}", code="bad_filter")


def _tier_row(tier: Tier, sums: list[dict[str, Any]], whole: int, currency: str, language: str) -> TierRow:
    row = next((row for row in sums if row["value_tier"] == tier), None)
    value = int(row["value"]) if row else 0
    return TierRow(
        tier=tier,
        name=tier_name(tier, language),
        customers=int(row["customers"]) if row else 0,
        value_from=Money(int(row["least"]), currency) if row else None,
        value=Money(value, currency),
        share=round(value / whole, 4) if whole else None,
    )


def _row(row: dict[str, Any], language: str) -> ValueRow:
    currency = row["currency"]

    def money(name: str) -> Money:
        return Money(int(row[f"{name}_minor"]), currency)

    return ValueRow(
        customer_id=row["customer_id"],
        orders=row["purchase_days"],
        no_order_probability=round(row["no_order_probability"], 4),
        expected_orders=round(row["expected_orders"], 2),
        next_order_at=_maybe(row["next_order_at"]),
        next_order_from_at=_maybe(row["next_order_from_at"]),
        next_order_to_at=_maybe(row["next_order_to_at"]),
        order_value=money("order_value"),
        value=money("value"),
        value_low=money("value_low"),
        value_high=money("value_high"),
        retained_gain=money("retained_gain"),
        tier=row["value_tier"],
        tier_name=tier_name(row["value_tier"], language),
    )


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)


def _maybe(moment: datetime | None) -> datetime | None:
    return None if moment is None else _aware(moment)
