"""The verbs of the next-purchase room: rebuild every customer's next order, and list whom to act on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from regulars.errors import InvalidInput
from regulars.predict.next_purchase import queries
from regulars.predict.next_purchase.domain import TOP_SHARE, ActionRow, ActOnAnswer, ActOnRow, ShopRhythm, StatusRow
from regulars.understand import lifecycle, profiles, rfm
from regulars.understand.metrics import DataSpan, data_span
from regulars.understand.profiles import ACTIONS, STATUSES
from regulars.values.money import Money
from regulars.warehouse import Warehouse

if TYPE_CHECKING:
    from regulars.access import Shop

MOST_ROWS = 1_000
_EXPORT_ROWS = 5_000
#: The spread taken while no customer has three gaps: half the gaps lie within 40 % of the median.
_USUAL_SPREAD = 0.4


def refresh(warehouse: Warehouse, shop: Shop) -> int:
    """Rebuild the expected next order of every buyer from the refreshed profiles; returns how many there are.

    While nobody has ever ordered a second time, no rhythm is known and nothing is predicted.
    """
    with warehouse.transaction():
        span = data_span(warehouse, shop)
        known = shop_rhythm(warehouse, shop)
        if known is None or known.repeat_customers == 0:
            mine = warehouse.table("next_orders")
            return warehouse.replace("next_orders", mine.filter(mine.shop_id == shop.shop_id).limit(0), shop_id=shop.shop_id)
        history = lifecycle.history_of(shop, span)
        spent = queries.spending(warehouse.table("orders"), warehouse.table("refunds"), history)
        rows = queries.next_orders(warehouse.table("customer_profiles"), spent, known, history)
        return warehouse.replace("next_orders", rows, shop_id=shop.shop_id)


def shop_rhythm(warehouse: Warehouse, shop: Shop) -> ShopRhythm | None:
    """What the shop's own history says about how customers come back; None without an order."""
    span = data_span(warehouse, shop)
    if span.empty:
        return None
    return warehouse.cached(
        ("next_purchase.shop_rhythm", shop.shop_id, shop.timezone, span.as_of), lambda: _shop_rhythm(warehouse, shop, span)
    )


def _shop_rhythm(warehouse: Warehouse, shop: Shop, span: DataSpan) -> ShopRhythm | None:
    history = lifecycle.history_of(shop, span)
    table, orders = warehouse.table("customer_profiles"), warehouse.table("orders")
    gaps = warehouse.rows(queries.gaps_of_shop(table, shop.shop_id))[0]
    if not gaps["customers"]:
        return None
    second = warehouse.rows(queries.second_orders(orders, history))[0]
    late = float(second["late_days"] or 0)
    share = warehouse.rows(queries.second_order_share(table, history, late))[0]
    spent = queries.spending(orders, warehouse.table("refunds"), history)
    daily = warehouse.rows(queries.daily_value(spent))[0]
    daily_minor = float(daily["spent_minor"] or 0) / max(int(daily["watched_days"] or 0), 1)
    top = warehouse.value(queries.top_value(spent, daily_minor, TOP_SHARE))
    return ShopRhythm(
        customers=gaps["customers"],
        repeat_customers=gaps["repeat_customers"],
        typical_gap_days=round(float(gaps["typical_gap_days"] or 0), 2),
        relative_spread=round(float(_USUAL_SPREAD if gaps["relative_spread"] is None else gaps["relative_spread"]), 4),
        second_order_median_days=round(float(second["median_days"] or 0), 2),
        second_order_late_days=round(late, 2),
        second_order_share=round(share["came_back"] / share["had_time"], 4) if share["had_time"] else None,
        daily_value_minor=round(daily_minor, 4),
        top_value_minor=max(round(float(top or 0)), 1),
    )


def act_on(
    warehouse: Warehouse,
    shop: Shop,
    *,
    limit: int = 50,
    cursor: str | None = None,
    min_value_minor: int | None = None,
    status: str | Sequence[str] | None = None,
    action: str | None = None,
    language: str = "en",
) -> ActOnAnswer:
    """Customers who should have ordered by now, ranked by the value at stake, each with the reason and a suggested action.

    Parameters
    ----------
    status : one or several of overdue (the default), due, lost, on_time.
    action : only customers this action is suggested for.
    min_value_minor : at least so much at stake a year (of customers not late yet: so much a year).

    Raises
    ------
    InvalidInput : an unknown status or action, a foreign cursor, or a limit outside 1 to 1,000.
    """
    if not 1 <= limit <= MOST_ROWS:
        raise InvalidInput(f"a page of {limit} customers", mend=f"ask for 1 to {MOST_ROWS}", code="bad_limit")
    rows = _listed(warehouse, shop, status, action, min_value_minor)
    span = data_span(warehouse, shop)
    all_rows = queries.listed(warehouse.table("next_orders"), shop.shop_id, list(STATUSES), None, None)
    by_status = {row["status"]: row for row in warehouse.rows(queries.sums(all_rows, "status"))}
    by_action = {row["action"]: row for row in warehouse.rows(queries.sums(rows, "action"))}
    place, after = _after(cursor)
    found = warehouse.rows(queries.ranked(rows, after, limit + 1))
    shown, money = found[:limit], _money(span.currency)
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
        rows=_said(warehouse, shop, shown, place, span.currency, language),
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
    language: str = "en",
) -> Iterator[ActOnRow]:
    """All customers of the list, in its order, read page by page: for exports of any length."""
    currency = data_span(warehouse, shop).currency
    rows = _listed(warehouse, shop, status, action, min_value_minor)

    def pages() -> Iterator[ActOnRow]:
        place, after = 0, None
        while found := warehouse.rows(queries.ranked(rows, after, _EXPORT_ROWS)):
            yield from _said(warehouse, shop, found, place, currency, language)
            place, after = place + len(found), _keys(found[-1])

    return pages()


def _listed(
    warehouse: Warehouse, shop: Shop, status: str | Sequence[str] | None, action: str | None, min_value_minor: int | None
) -> Any:
    statuses = ["overdue"] if not status else [status] if isinstance(status, str) else list(status)
    for wish in statuses:
        if wish not in STATUSES:
            raise InvalidInput(f"there is no status '{wish}'", mend=f"use one of {', '.join(STATUSES)}", code="bad_filter")
    if action and action not in ACTIONS:
        raise InvalidInput(f"there is no action '{action}'", mend=f"use one of {', '.join(ACTIONS)}", code="bad_filter")
    return queries.listed(warehouse.table("next_orders"), shop.shop_id, statuses, action, min_value_minor)


def _said(warehouse: Warehouse, shop: Shop, rows: list[dict[str, Any]], place: int, currency: str, language: str) -> list[ActOnRow]:
    """Rows of next_orders with what else is known about their customers."""
    ids = [row["customer_id"] for row in rows]
    if not ids:
        return []
    table = warehouse.table("customer_profiles")
    about = {
        row["customer_id"]: row for row in warehouse.rows(table.filter(table.shop_id == shop.shop_id, table.customer_id.isin(ids)))
    }
    lines = profiles.bought_lines(warehouse.table("order_lines"), shop.shop_id, currency, ids)
    favourites = {row["customer_id"]: row["name"] for row in warehouse.rows(profiles.favourite_products(lines))}
    refunded = [row["customer_id"] for row in rows if row["reason"] == "refund_then_silence"]
    refunds = profiles.refunds_since_order(warehouse, shop, refunded) if refunded else {}
    answer = []
    for rank, row in enumerate(rows, start=place + 1):
        customer_id = row["customer_id"]
        profile = about[customer_id]
        last_order_at = profiles.aware(profile["last_order_at"])
        assert last_order_at is not None
        answer.append(
            ActOnRow(
                rank=rank,
                customer_id=customer_id,
                orders=profile["orders"],
                last_order_at=last_order_at,
                days_since_last=profile["days_since_last"],
                aov=Money(profile["gmv_minor"], currency).share(1, profile["orders"]),
                segment=profile["rfm_segment"],
                segment_name=rfm.segment_name(profile["rfm_segment"], language) if profile["rfm_segment"] else None,
                stage=profile["stage"],
                stage_name=lifecycle.stage_name(profile["stage"], language),
                region=profile["region"],
                favourite_product=favourites.get(customer_id),
                next_order=profiles.said(
                    row, profile, shop.timezone, favourites.get(customer_id), refunds.get(customer_id), language
                ),
            )
        )
    return answer


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
