"""When a customer's next order is due by its own rhythm, and what is at stake when it does not come."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from regulars.understand.profiles import NextOrder, Status
from regulars.values.money import Money

#: Gaps a customer needs for its own rhythm to weigh as much as the shop's.
CREDIBLE_GAPS = 2
#: From so many gaps on a rhythm is called the customer's own (its weight is then two thirds or more).
OWN_FROM_GAPS = 4
#: Two standard deviations, were gaps normal: 1.4826 median absolute deviations are one.
DEVIATIONS = 2 * 1.4826
#: After so many further rhythms of silence, half of what was winnable is lost.
HALF_LIFE_RHYTHMS = 6.0
#: So many rhythms past its latest usual day a customer is lost, however short the rhythm.
LOST_AFTER_RHYTHMS = 8.0
#: So many rhythms past it a customer is lost, if the shop also counts it as churned.
LOST_WHEN_CHURNED_AFTER_RHYTHMS = 1.0
#: A year's value looks back this far.
YEAR_DAYS = 365
#: A customer's spend is judged as if it had also been watched for so many days at the shop's mean.
PRIOR_DAYS = 60
#: Money given back since the last order is worth asking about from this share of the customer's average order on.
NOTABLE_REFUND = 0.2
#: The share of buyers, by yearly value, who deserve a personal call.
TOP_SHARE = 0.02


def rhythm_days(own_days: float, gaps: int, shop_days: float) -> float:
    """The days after which a repeat customer's next order is expected.

    A weighted geometric mean of its own median gap and the shop's typical one, own weight `gaps / (gaps + 2)`: gaps vary by
    factors, not by days, so they are averaged as logarithms. With one gap the shop weighs two thirds, with eight a fifth.
    """
    weight = gaps / (gaps + CREDIBLE_GAPS)
    return math.exp(weight * math.log(max(own_days, 1)) + (1 - weight) * math.log(max(shop_days, 1)))


def tolerance_days(own_spread: float, gaps: int, rhythm: float, shop_relative_spread: float) -> float:
    """How many days after the expected one an order is still within its usual spread; at least one day.

    Two robust standard deviations (2 x 1.4826 median absolute deviations) of the gaps, own and shop's weighted as the rhythm is.
    Past cut-offs on three stores: 59 to 79 % of the orders still to come came by then (benchmarks/next_purchase.py).
    """
    weight = gaps / (gaps + CREDIBLE_GAPS)
    return max(1.0, DEVIATIONS * (weight * own_spread + (1 - weight) * shop_relative_spread * rhythm))


def winnable_share(overdue_days: float, rhythm: float) -> float:
    """The share of a customer's yearly value that can still be won back: halved by every six further rhythms of silence.

    The half-life lies between what three stores showed: of customers two to four rhythms late, comebacks were .63, .56 and .92 of
    the usual (the rule says .72); of those over eight rhythms late .39, .29 and .64 (benchmarks/next_purchase.py).
    """
    return float(0.5 ** (max(overdue_days, 0.0) / (HALF_LIFE_RHYTHMS * rhythm)))


def status_of(days_since: float, rhythm: float, tolerance: float, churned: bool) -> Status:
    """Where a customer is in its rhythm.

    on_time before `rhythm - tolerance` (at the earliest half a rhythm before the expected day), due up to `rhythm + tolerance`,
    overdue after it. lost when it is more than one rhythm late and churned by the shop's cut, or more than eight rhythms late.
    """
    late = (days_since - rhythm - tolerance) / rhythm
    if late > LOST_AFTER_RHYTHMS or (late > LOST_WHEN_CHURNED_AFTER_RHYTHMS and churned):
        return "lost"
    if late > 0:
        return "overdue"
    return "due" if days_since >= rhythm - min(tolerance, rhythm / 2) else "on_time"


def yearly_value_minor(spent_minor: int, watched_days: int, shop_daily_minor: float) -> int:
    """What a customer is worth a year: net spend after the first purchase day, per day watched, times 365.

    `spent_minor` and `watched_days` reach back a year at most. The customer is judged as if it had been watched for 60 more days
    in which it spent what the shop's customers spend on average, so a week of history makes nobody a big spender.
    """
    daily = (spent_minor + PRIOR_DAYS * shop_daily_minor) / (watched_days + PRIOR_DAYS)
    return max(0, round(YEAR_DAYS * daily))


@dataclass(frozen=True, slots=True)
class ShopRhythm:
    """What the shop's own history says about how customers come back; every customer's forecast leans on it."""

    customers: int
    repeat_customers: int  # ordered on two days or more
    typical_gap_days: float  # median over repeat customers of their own median gap
    relative_spread: float  # median over customers with three gaps or more of spread / median gap
    second_order_median_days: float  # between first and second purchase day, among those who came back
    second_order_late_days: float  # four of five second orders had come by then
    second_order_share: float | None  # of the customers who had the time, how many came back
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


# -- what is bought next --------------------------------------------------------------------------------------------

#: What is bought again: a category, or a product.
Level = Literal["category", "product"]
LEVELS: tuple[Level, ...] = ("category", "product")
#: How far ahead a purchase is looked for, and how many things are told of each customer.
WINDOW_DAYS = 30
MOST_THINGS = 5
#: Repeat purchases of the same thing a shop needs before anything is told.
FEWEST_REPEATS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class NextProductRow:
    """What a customer probably buys again. If it does, half of the time between `from_at` and `to_at`, by `likely_at` half of the time."""

    customer_id: str
    level: Level
    thing: str
    name: str
    rank: int
    times: int
    last_at: datetime
    rhythm_days: float
    probability: float  # within the window
    from_at: datetime
    likely_at: datetime
    to_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingRow:
    """How many customers probably buy a thing within the window: the sum of their probabilities."""

    thing: str
    name: str
    customers: int
    expected: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NextProductsAnswer:
    """Customers to remind, the most probable first, and what will be asked for."""

    as_of: datetime
    level: Level
    window_days: int
    total: int
    things: list[ThingRow]
    rows: list[NextProductRow]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HitRate:
    """Of customers who bought in the window, the share who bought one of the three things named first: by this method and by three others."""

    level: Level
    cut_offs: int
    customers: int
    probable: float
    own_frequency: float  # the three bought on most days, then latest
    last_basket: float  # three of the last purchase day
    popularity: float  # the three that most customers bought lately
    expected: float  # purchases of things in the window by the probabilities
    came: int
