"""When a customer's next order is due by its own rhythm, and what is at stake when it does not come: the rule in plain functions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from regulars.understand.profiles.next_order import NextOrder
from regulars.values.money import Money


@dataclass(frozen=True, slots=True)
class ShopRhythm:
    """What the shop's own history says about how customers come back; every customer's forecast leans on it."""

    customers: int
    repeat_customers: int
    typical_gap_days: float  # median over repeat customers of their own median gap
    relative_spread: float  # median over customers with three gaps or more of spread / median gap
    second_order_median_days: float  # between first and second purchase day, among those who came back
    second_order_late_days: float  # four of five second orders had come by then
    second_order_share: float  # of the customers who had the time, how many came back
    daily_value_minor: float  # net revenue a day after the first order, mean over customers
    top_value_minor: int  # yearly value from which a customer is worth a personal call


@dataclass(frozen=True, slots=True)
class StatusRow:
    """How many customers are in one status, and their money."""

    status: str
    name: str
    explanation: str
    customers: int
    yearly_value: Money
    value_at_stake: Money


@dataclass(frozen=True, slots=True)
class ActionRow:
    """How many of the listed customers one action is suggested for."""

    action: str
    name: str
    customers: int
    value_at_stake: Money


@dataclass(frozen=True, slots=True)
class ActOnRow:
    """One customer to act on."""

    rank: int
    customer_id: str
    orders: int
    last_order_at: datetime
    days_since_last: float
    aov: Money | None
    segment: str | None
    segment_name: str | None
    stage: str
    stage_name: str
    region: str | None
    favourite_product: str | None
    next_order: NextOrder


@dataclass(frozen=True, slots=True)
class ActOnAnswer:
    """Customers who should have ordered by now, ranked by the value at stake."""

    as_of: datetime | None
    currency: str
    total: int  # customers that pass the filters
    yearly_value: Money  # of all that pass
    value_at_stake: Money  # of all that pass
    statuses: list[StatusRow]  # of the whole shop, whatever the filters
    actions: list[ActionRow]  # of those that pass
    rows: list[ActOnRow]
    next: str | None
    shop_rhythm: ShopRhythm | None  # null: no order yet
