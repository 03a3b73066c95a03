"""The verbs of the profiles room: rebuild every customer's numbers, search them, and choose filters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import ibis

from regulars.errors import InvalidInput
from regulars.understand import lifecycle, rfm
from regulars.understand.lifecycle import stage_name
from regulars.understand.metrics.queries.scope import instant, who_ordered
from regulars.understand.metrics.service import scope_of
from regulars.understand.metrics.span import asked_period, data_span
from regulars.understand.profiles import cursor as cursors
from regulars.understand.profiles import queries
from regulars.understand.profiles.checks import CHECKS
from regulars.understand.profiles.domain import SORTS, Choice, CustomerPage, CustomerRow, FilterChoices, Filters, Sort
from regulars.understand.profiles.next_order import STATUSES
from regulars.understand.rfm import segment_name
from regulars.values.money import Money
from regulars.warehouse import Warehouse

if TYPE_CHECKING:
    from regulars.access import Shop

__all__ = [
    "CHECKS",
    "MOST_ROWS",
    "aware",
    "customer_row",
    "every_customer",
    "filter_choices",
    "refresh",
    "search",
]

MOST_ROWS = 1_000
_CHOICES = 200


def refresh(warehouse: Warehouse, shop: Shop) -> int:
    """Rebuild the shop's customer profiles as of its data; returns how many customers there are.

    One expression is run inside the engine: totals, rhythm, RFM scores and segment, and stage of every customer with a counted
    order, then the customers who are known but never ordered. The shop's old rows are replaced in one transaction.
    """
    with warehouse.transaction():
        span = data_span(warehouse, shop)
        customers = warehouse.table("customers")
        if span.empty:
            return warehouse.replace(
                "customer_profiles", queries.prospects_only(customers, shop.shop_id, instant(span.as_of)), shop_id=shop.shop_id
            )
        rows = queries.profiles(
            warehouse.table("orders"),
            warehouse.table("refunds"),
            customers,
            lifecycle.history_of(shop, span),
            lifecycle.cuts_of(warehouse, shop),
        )
        return warehouse.replace("customer_profiles", rows, shop_id=shop.shop_id)


def search(
    warehouse: Warehouse,
    shop: Shop,
    *,
    filters: Filters | None = None,
    sort: Sort = "net",
    descending: bool | None = None,
    cursor: str | None = None,
    limit: int = 50,
    language: str = "en",
) -> CustomerPage:
    """One page of the shop's customers.

    Parameters
    ----------
    sort : `net` revenue, `orders`, `last_order`, `first_order`, `aov` or `customer_id`; descending but for the last.
    cursor : `next` of the page before; pages neither overlap nor skip while the profiles stay the same.
    limit : 1 to 1,000 rows.

    Raises
    ------
    InvalidInput : an unknown sort, stage, segment or status, a foreign cursor, or a limit out of range.
    """
    filters = filters or Filters()
    _check(filters, sort, limit)
    descending = sort != "customer_id" if descending is None else descending
    span = data_span(warehouse, shop)
    rows = queries.matching(warehouse.table("customer_profiles"), warehouse.table("next_orders"), shop.shop_id, filters)
    period = asked_period(warehouse, shop, filters.from_on, filters.to_on)
    if period is not None:
        rows = who_ordered(rows, warehouse.table("orders"), scope_of(span, shop), *period.instants(shop.timezone))
    total = warehouse.cached(
        ("profiles.total", shop.shop_id, tuple(asdict(filters).items())),
        lambda: warehouse.value(rows.count().as_table()),
        of=("customer_profiles", "next_orders", "orders", "customer_tags"),
    )
    order = f"{sort}{'-' if descending else '+'}"
    found = warehouse.rows(queries.page(rows, sort, descending, _after(cursor, order, sort), limit + 1))
    more = len(found) > limit
    shown = found[:limit]
    return CustomerPage(
        as_of=span.as_of,
        currency=span.currency,
        total=total,
        sort=sort,
        descending=descending,
        rows=[customer_row(row, span.currency, language) for row in shown],
        next=cursors.encode(order, _key(shown[-1]["sort_key"]), shown[-1]["customer_id"]) if more else None,
    )


def every_customer(
    warehouse: Warehouse,
    shop: Shop,
    *,
    filters: Filters | None = None,
    sort: Sort = "net",
    descending: bool | None = None,
    language: str = "en",
) -> Iterator[CustomerRow]:
    """All customers that pass the filters, in order, read page by page: for exports of any length."""
    _check(filters or Filters(), sort, MOST_ROWS)

    def pages() -> Iterator[CustomerRow]:
        cursor: str | None = None
        while True:
            page = search(
                warehouse,
                shop,
                filters=filters,
                sort=sort,
                descending=descending,
                cursor=cursor,
                limit=MOST_ROWS,
                language=language,
            )
            yield from page.rows
            cursor = page.next
            if cursor is None:
                return

    return pages()


def filter_choices(warehouse: Warehouse, shop: Shop, *, language: str = "en") -> FilterChoices:
    """What the filters of the customer list can be set to, the commonest first (at most 200 regions, channels and tags)."""

    def of(column: str, name: Any, table: str = "customer_profiles") -> list[Choice]:
        found = warehouse.cached(
            ("profiles.choices", shop.shop_id, column),
            lambda: warehouse.rows(queries.choices(warehouse.table(table), shop.shop_id, column, _CHOICES)),
            of=(table,),
        )
        return [Choice(row["value"], name(row["value"]), row["customers"]) for row in found]

    return FilterChoices(
        segments=of("rfm_segment", lambda code: segment_name(code, language)),
        stages=of("stage", lambda code: stage_name(code, language)),
        regions=of("region", str),
        channels=of("channel", str),
        tags=of("tag", str, "customer_tags"),
    )


def customer_row(row: Mapping[str, Any], currency: str, language: str) -> CustomerRow:
    """A row of customer_profiles as an answer."""
    gmv, orders = Money(row["gmv_minor"], currency), row["orders"]
    return CustomerRow(
        customer_id=row["customer_id"],
        orders=orders,
        purchase_days=row["purchase_days"],
        units=float(row["units"]),
        gmv=gmv,
        refunds=Money(row["refunds_minor"], currency),
        net=Money(row["net_minor"], currency),
        aov=gmv.share(1, orders) if orders else None,
        first_order_at=aware(row["first_order_at"]),
        last_order_at=aware(row["last_order_at"]),
        days_since_last=row["days_since_last"],
        gap_days_median=row["gap_days_median"],
        recency_score=row["recency_score"],
        frequency_score=row["frequency_score"],
        monetary_score=row["monetary_score"],
        segment=row["rfm_segment"],
        segment_name=segment_name(row["rfm_segment"], language) if row["rfm_segment"] else None,
        stage=row["stage"],
        stage_name=stage_name(row["stage"], language),
        region=row["region"],
        channel=row["channel"],
    )


def aware(moment: datetime | None) -> datetime | None:
    """An instant of the warehouse (naive, UTC) as an aware one."""
    return None if moment is None else moment.replace(tzinfo=UTC)


def _check(filters: Filters, sort: str, limit: int) -> None:
    if sort not in SORTS:
        raise InvalidInput(f"customers cannot be sorted by '{sort}'", mend=f"use one of {', '.join(SORTS)}", code="bad_sort")
    if not 1 <= limit <= MOST_ROWS:
        raise InvalidInput(f"a page of {limit} customers", mend=f"ask for 1 to {MOST_ROWS}", code="bad_limit")
    for name, value, known in (
        ("segment", filters.segment, rfm.SEGMENTS),
        ("value type", filters.value_type, tuple(rfm.VALUE_TYPES.values())),
        ("stage", filters.stage, (*lifecycle.STAGES, lifecycle.PROSPECT)),
        ("status", filters.status, STATUSES),
    ):
        if value and value not in known:
            raise InvalidInput(f"there is no {name} '{value}'", mend=f"use one of {', '.join(known)}", code="bad_filter")


def _after(cursor: str | None, order: str, sort: Sort) -> tuple[Any, str] | None:
    if cursor is None:
        return None
    text = sort in ("customer_id", "last_order", "first_order")
    value, customer_id = cursors.decode(cursor, order, str if text else int, str)
    if sort not in ("last_order", "first_order"):
        return value, str(customer_id)
    try:
        return ibis.timestamp(datetime.fromisoformat(str(value))), str(customer_id)
    except ValueError:
        raise InvalidInput(
            "the cursor does not belong to this list", mend="begin again without a cursor", code="bad_cursor"
        ) from None


def _key(value: Any) -> str | int:
    return value.isoformat() if isinstance(value, datetime) else value
