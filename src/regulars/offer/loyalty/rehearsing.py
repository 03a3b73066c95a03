"""Dry runs: what an earn rule would have given, and which tiers customers would have, had the rules held for past orders."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from regulars.errors import NotEnoughData
from regulars.offer.loyalty.currencies import PointsCurrency
from regulars.offer.loyalty.domain.program import Rate
from regulars.offer.loyalty.domain.tiers import Standing
from regulars.offer.loyalty.queries import past_orders
from regulars.offer.loyalty.tier_program import TierProgram
from regulars.offer.loyalty.tiering import TierCount
from regulars.understand.metrics import data_span
from regulars.values.money import Money

if TYPE_CHECKING:
    from regulars.access.domain import Shop
    from regulars.warehouse import Warehouse

#: Of so many orders at most a dry run is made at once.
MOST_ORDERS = 2_000_000
LONGEST_DAYS = 3_650


@dataclass(frozen=True, slots=True, kw_only=True)
class EarnRehearsal:
    """What a rate and a multiplier would have given over past orders.

    `points` after what refunds would have taken back; `worth` of them; `worth_share` of net sales; `top_share`: the part of the points
    that the tenth of customers who gain most would have had.
    """

    first_at: datetime
    last_at: datetime
    orders: int
    customers: int
    points: int
    taken_back: int
    worth: Money
    worth_share: float
    points_per_order: float
    top_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TierRehearsal:
    """Which tiers customers would have at the end of the data, and how often they would have changed."""

    as_of: datetime
    orders: int
    customers: int
    members: list[TierCount]
    upgrades: int
    renewals: int
    downgrades: int
    taken_back: int


def rehearse_earning(
    warehouse: Warehouse, shop: Shop, currency: PointsCurrency, *, multiplier_bps: int = 10_000, days: int = 365
) -> EarnRehearsal:
    """Replay the last so many days of orders by a currency's rate and a multiplier; nothing is written.

    Raises
    ------
    NotEnoughData : there are no orders of known customers in that time.
    """
    span = data_span(warehouse, shop)
    since = span.as_of - timedelta(days=min(days, LONGEST_DAYS))
    rows = warehouse.rows(past_orders(shop.shop_id, since, shop.currency).limit(MOST_ORDERS))
    if not rows:
        raise _no_orders()
    rate = Rate(currency.points, currency.per_minor, multiplier_bps)
    points = back = sales = 0
    gained: Counter[str] = Counter()
    for row in rows:
        whole, kept = rate.of(row["net_minor"]), rate.of(row["net_minor"] - row["back_minor"])
        points += kept
        back += whole - kept
        sales += row["net_minor"] - row["back_minor"]
        gained[row["customer_id"]] += kept
    tenth = sum(sorted(gained.values(), reverse=True)[: max(1, len(gained) // 10)])
    worth = points * currency.worth.minor // currency.worth_points
    return EarnRehearsal(
        first_at=_aware(rows[0]["ordered_at"]),
        last_at=_aware(rows[-1]["ordered_at"]),
        orders=len(rows),
        customers=len(gained),
        points=points,
        taken_back=back,
        worth=Money(worth, shop.currency),
        worth_share=worth / sales if sales else 0.0,
        points_per_order=points / len(rows),
        top_share=tenth / points if points else 0.0,
    )


def rehearse_tiers(warehouse: Warehouse, shop: Shop, given: TierProgram) -> TierRehearsal:
    """Replay all orders and refunds by the rules of tiers; nothing is written.

    Raises
    ------
    NotEnoughData : there are no orders of known customers.
    """
    span = data_span(warehouse, shop)
    rows = warehouse.rows(past_orders(shop.shop_id, None, shop.currency).limit(MOST_ORDERS))
    if not rows:
        raise _no_orders()
    rules = given.rules(shop.timezone)
    happened: dict[str, list[tuple[datetime, str, int, bool]]] = defaultdict(list)
    for row in rows:
        mine = happened[row["customer_id"]]
        at = _aware(row["ordered_at"])
        mine.append((at, row["order_id"], row["net_minor"], False))
        if row["back_minor"]:
            later = at if row["back_at"] is None else max(at, _aware(row["back_at"]))
            mine.append((later, row["order_id"], row["back_minor"], True))
    tiers: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for acts in happened.values():
        standing = Standing(rules)
        for at, order_id, amount, is_refund in sorted(acts, key=lambda act: (act[0], act[3])):
            if is_refund:
                standing.refund(order_id, at, amount)
            else:
                standing.order(order_id, at, amount)
        standing.settle(span.as_of)
        tiers[standing.tier_id] += 1
        reasons.update(change.reason for change in standing.transitions)
    return TierRehearsal(
        as_of=span.as_of,
        orders=len(rows),
        customers=len(happened),
        members=[TierCount(tier_id=one.tier_id, customers=tiers[one.tier_id]) for one in given.tiers],
        upgrades=reasons["upgrade"],
        renewals=reasons["renewal"],
        downgrades=reasons["downgrade"],
        taken_back=reasons["refund_revert"],
    )


def _aware(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at


def _no_orders() -> NotEnoughData:
    return NotEnoughData(
        "there are no orders of known customers to try it on",
        mend="load orders, or name a longer time",
        code="no_past_orders",
    )
