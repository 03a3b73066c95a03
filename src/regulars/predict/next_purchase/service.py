"""The verbs of the next-purchase room: rebuild every customer's next order, and list whom to act on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from regulars.errors import InvalidInput
from regulars.predict.next_purchase import queries
from regulars.predict.next_purchase.checks import CHECKS
from regulars.predict.next_purchase.domain import TOP_SHARE, ActionRow, ActOnAnswer, ActOnRow, ShopRhythm, StatusRow
from regulars.understand import lifecycle, profiles, rfm
from regulars.understand.metrics import data_span, scope_of, who_ordered
from regulars.understand.profiles import ACTIONS, STATUSES
from regulars.values.money import Money
from regulars.values.periods import Period
from regulars.warehouse import Warehouse
from regulars.warehouse.derived import SHOP_RHYTHMS

if TYPE_CHECKING:
    from regulars.access import Shop

__all__ = ["CHECKS", "MOST_ROWS", "act_on", "count", "every_row", "refresh", "shop_rhythm"]

MOST_ROWS = 1_000
_EXPORT_ROWS = 5_000
#: Pages are asked for in these sizes, so that few questions need compiling.
_PAGE_SIZES = (20, 50, 200, MOST_ROWS)
#: The spread taken while no customer has three gaps: half the gaps lie within 40 % of the median.
_USUAL_SPREAD = 0.4


def refresh(warehouse: Warehouse, shop: Shop) -> int:
    """Rebuild the expected next order of every buyer from the refreshed profiles; returns how many there are.

    While nobody has ever ordered a second time, no rhythm is known and nothing is predicted.
    """
    with warehouse.transaction():
        table = warehouse.table("customer_profiles")
        measured = _measured(warehouse, shop)
        warehouse.replace("shop_rhythms", _stored(measured, shop.shop_id), shop_id=shop.shop_id)
        if measured is None or measured[1].repeat_customers == 0:
            mine = warehouse.table("next_orders")
            return warehouse.replace("next_orders", mine.filter(mine.shop_id == shop.shop_id).limit(0), shop_id=shop.shop_id)
        currency = data_span(warehouse, shop).currency
        return warehouse.replace(
            "next_orders", queries.next_orders(table, shop.shop_id, currency, measured[1]), shop_id=shop.shop_id
        )


def shop_rhythm(warehouse: Warehouse, shop: Shop) -> ShopRhythm | None:
    """What the shop's own history says about how customers come back, as of the last rebuild; None without an order."""
    table = warehouse.table("shop_rhythms")
    found = warehouse.rows(table.filter(table.shop_id == shop.shop_id).drop("shop_id", "as_of"))
    return ShopRhythm(**found[0]) if found else None


def _measured(warehouse: Warehouse, shop: Shop) -> tuple[datetime, ShopRhythm] | None:
    table = warehouse.table("customer_profiles")
    row = warehouse.rows(queries.basis(table, shop.shop_id))[0]
    if not row["customers"]:
        return None
    late = float(row["second_late_days"] or 0)
    share = warehouse.rows(queries.second_order_share(table, shop.shop_id, late))[0]
    daily_minor = float(row["spent_minor"] or 0) / max(float(row["watched_days"] or 0), 1.0)
    top = warehouse.value(queries.top_value(table, shop.shop_id, daily_minor, TOP_SHARE))
    return row["as_of"], ShopRhythm(
        customers=row["customers"],
        repeat_customers=row["repeat_customers"],
        typical_gap_days=round(float(row["typical_gap_days"] or 0), 2),
        relative_spread=round(float(_USUAL_SPREAD if row["relative_spread"] is None else row["relative_spread"]), 4),
        second_order_median_days=round(float(row["second_median_days"] or 0), 2),
        second_order_late_days=round(late, 2),
        second_order_share=round(share["came_back"] / share["had_time"], 4) if share["had_time"] else None,
        daily_value_minor=round(daily_minor, 4),
        top_value_minor=max(round(float(top or 0)), 1),
    )


def _stored(measured: tuple[datetime, ShopRhythm] | None, shop_id: str) -> pa.Table:
    kinds = {"string": pa.string(), "int64": pa.int64(), "float64": pa.float64(), "timestamp(6)": pa.timestamp("us")}
    schema = pa.schema([(name, kinds[kind.lstrip("!")]) for name, kind in SHOP_RHYTHMS.columns.items()])
    rows = [{"shop_id": shop_id, "as_of": measured[0], **asdict(measured[1])}] if measured else []
    return pa.Table.from_pylist(rows, schema)


def act_on(
    warehouse: Warehouse,
    shop: Shop,
    *,
    limit: int = 50,
    cursor: str | None = None,
    min_value_minor: int | None = None,
    status: str | Sequence[str] | None = None,
    action: str | None = None,
    period: Period | None = None,
    language: str = "en",
) -> ActOnAnswer:
    """Customers who should have ordered by now, ranked by the value at stake, each with the reason and a suggested action.

    Parameters
    ----------
    status : one or several of overdue (the default), due, lost, on_time.
    action : only customers this action is suggested for.
    min_value_minor : at least so much at stake a year (of customers not late yet: so much a year).
    period : only customers with an order in it.

    Raises
    ------
    InvalidInput : an unknown status or action, a foreign cursor, or a limit outside 1 to 1,000.
    """
    if not 1 <= limit <= MOST_ROWS:
        raise InvalidInput(f"a page of {limit} customers", mend=f"ask for 1 to {MOST_ROWS}", code="bad_limit")
    rows = _listed(warehouse, shop, status, action, min_value_minor, period)
    span = data_span(warehouse, shop)
    all_rows = queries.listed(warehouse.table("next_orders"), shop.shop_id, list(STATUSES), None, None)
    by_status = {
        row["status"]: row
        for row in warehouse.cached(
            ("next_purchase.statuses", shop.shop_id), lambda: warehouse.rows(queries.sums(all_rows, "status")), of=("next_orders",)
        )
    }
    asked = ("next_purchase.actions", shop.shop_id, str(status), action, min_value_minor, period)
    by_action = {
        row["action"]: row
        for row in warehouse.cached(asked, lambda: warehouse.rows(queries.sums(rows, "action")), of=("next_orders", "orders"))
    }
    place, after = _after(cursor)
    found = warehouse.rows(queries.ranked(rows, after, limit + 1))
    ids, money = [row["customer_id"] for row in found[:limit]], _money(span.currency)
    shown = _told(warehouse, shop, ids, span.currency) if ids else []
    return ActOnAnswer(
        as_of=span.as_of,
        currency=span.currency,
        total=sum(row["customers"] for row in by_action.values()),
        yearly_value=money(sum(int(row["yearly"]) for row in by_action.values())),
        value_at_stake=money(sum(int(row["stake"]) for row in by_action.values())),
        statuses=[_status(code, by_status.get(code), span.currency, language) for code in STATUSES],
        actions=[
            ActionRow(
                code, profiles.action_name(code, language), by_action[code]["customers"], money(int(by_action[code]["stake"]))
            )
            for code in ACTIONS
            if code in by_action
        ],
        rows=[_said(row, shop, rank, span.currency, language) for rank, row in enumerate(shown, start=place + 1)],
        next=_cursor(place + limit, shown[-1]) if len(found) > limit else None,
        shop_rhythm=shop_rhythm(warehouse, shop),
    )


def every_row(
    warehouse: Warehouse,
    shop: Shop,
    *,
    min_value_minor: int | None = None,
    status: str | Sequence[str] | None = None,
    action: str | None = None,
    period: Period | None = None,
    language: str = "en",
) -> Iterator[ActOnRow]:
    """All customers of the list, in its order: for exports of any length."""
    currency = data_span(warehouse, shop).currency
    rows = queries.told(
        _listed(warehouse, shop, status, action, min_value_minor, period),
        warehouse.table("customer_profiles"),
        warehouse.table("order_lines"),
        warehouse.table("refunds"),
        shop.shop_id,
        currency,
    )

    def told() -> Iterator[ActOnRow]:
        rank = 0
        for batch in warehouse.query(rows).to_batches(max_chunksize=_EXPORT_ROWS):
            for row in batch.to_pylist():
                rank += 1
                yield _said(row, shop, rank, currency, language)

    return told()


def _listed(
    warehouse: Warehouse,
    shop: Shop,
    status: str | Sequence[str] | None,
    action: str | None,
    min_value_minor: int | None,
    period: Period | None,
) -> Any:
    statuses = ["overdue"] if not status else [status] if isinstance(status, str) else list(status)
    for wish in statuses:
        if wish not in STATUSES:
            raise InvalidInput(f"there is no status '{wish}'", mend=f"use one of {', '.join(STATUSES)}", code="bad_filter")
    if action and action not in ACTIONS:
        raise InvalidInput(f"there is no action '{action}'", mend=f"use one of {', '.join(ACTIONS)}", code="bad_filter")
    rows = queries.listed(warehouse.table("next_orders"), shop.shop_id, statuses, action, min_value_minor)
    if period is None:
        return rows
    scope = scope_of(data_span(warehouse, shop), shop)
    return who_ordered(rows, warehouse.table("orders"), scope, *period.instants(shop.timezone))


def _told(warehouse: Warehouse, shop: Shop, customer_ids: list[str], currency: str) -> list[dict[str, Any]]:
    size = next(size for size in _PAGE_SIZES if size >= len(customer_ids))
    padded = customer_ids + customer_ids[-1:] * (size - len(customer_ids))
    ids = {f"id_{place}": customer_id for place, customer_id in enumerate(padded)}
    return warehouse.rows(queries.told_page(size), shop_id=shop.shop_id, currency=currency, **ids)


def _said(row: dict[str, Any], shop: Shop, rank: int, currency: str, language: str) -> ActOnRow:
    last_order_at = profiles.aware(row["last_order_at"])
    assert last_order_at is not None
    refund = (row["refunded_at"], int(row["refunded_minor"])) if row["refunded_at"] else None
    return ActOnRow(
        rank=rank,
        customer_id=row["customer_id"],
        orders=row["orders"],
        last_order_at=last_order_at,
        days_since_last=row["days_since_last"],
        aov=Money(row["gmv_minor"], currency).share(1, row["orders"]),
        segment=row["rfm_segment"],
        segment_name=rfm.segment_name(row["rfm_segment"], language) if row["rfm_segment"] else None,
        stage=row["stage"],
        stage_name=lifecycle.stage_name(row["stage"], language),
        region=row["region"],
        favourite_product=row["favourite"],
        next_order=profiles.said(row, row, shop.timezone, row["favourite"], refund, language),
    )


def _status(code: str, row: dict[str, Any] | None, currency: str, language: str) -> StatusRow:
    found = row or {"customers": 0, "yearly": 0, "stake": 0}
    money = _money(currency)
    return StatusRow(
        code,
        profiles.status_name(code, language),
        profiles.status_explanation(code, language),
        found["customers"],
        money(int(found["yearly"])),
        money(int(found["stake"])),
    )


def _money(currency: str) -> Any:
    return lambda minor: Money(minor, currency)


def _keys(row: dict[str, Any]) -> tuple[int, int, str]:
    return row["value_at_stake_minor"], row["yearly_value_minor"], row["customer_id"]


def _cursor(place: int, row: dict[str, Any]) -> str:
    return profiles.encode_cursor("act_on", place, *_keys(row))


def _after(cursor: str | None) -> tuple[int, tuple[int, int, str] | None]:
    if cursor is None:
        return 0, None
    place, stake, yearly, customer_id = profiles.decode_cursor(cursor, "act_on", int, int, int, str)
    return int(place), (int(stake), int(yearly), str(customer_id))


def count(warehouse: Warehouse, shop: Shop, status: str) -> int:
    """How many customers have this status."""
    rows = queries.listed(warehouse.table("next_orders"), shop.shop_id, [status], None, None)
    return int(warehouse.value(rows.count().as_table()))
