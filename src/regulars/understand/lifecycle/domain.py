"""The stages a customer passes through, cut by days since the last order, and the answer about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from regulars.values.money import Money

Stage = Literal["new", "active", "dormant", "churned"]
STAGES: tuple[Stage, ...] = ("new", "active", "dormant", "churned")
#: Known to the shop, but without an order.
PROSPECT = "prospect"
#: Where somebody comes from who was not yet a buyer.
NOT_YET = "none"


@dataclass(frozen=True, slots=True)
class Cuts:
    """The shop's settings: from how many days without an order on a customer is dormant, then churned."""

    dormant_after_days: int
    churned_after_days: int


def stage_of(days_since_last: int, repeat: bool, cuts: Cuts) -> Stage:
    """The stage of a buyer.

    churned: more than `churned_after_days` since the last order; dormant: more than `dormant_after_days`;
    of the others, active has ordered on two days or more, new on one so far.
    """
    if days_since_last > cuts.churned_after_days:
        return "churned"
    if days_since_last > cuts.dormant_after_days:
        return "dormant"
    return "active" if repeat else "new"


@dataclass(frozen=True, slots=True)
class StageNow:
    """One stage as of the answer's `as_of`."""

    stage: str  # new | active | dormant | churned | prospect
    name: str
    explanation: str
    customers: int
    share: float | None  # of the buyers; null for prospects
    orders: int
    revenue: Money  # net revenue of all their orders
    revenue_share: float | None


@dataclass(frozen=True, slots=True)
class Movement:
    """How many customers went from one stage to another (or stayed) between two month ends."""

    from_stage: str  # none | new | active | dormant | churned
    to_stage: str
    customers: int


@dataclass(frozen=True, slots=True)
class LifecycleMonth:
    """The stock at a month's end and what moved since the month before."""

    month: date  # its first day
    end_on: date  # its last day, or the day of as_of in the month under way
    complete: bool
    customers: int
    new: int
    active: int
    dormant: int
    churned: int
    joined: int  # first order ever in this month
    second_orders: int  # from new to active: the second order came
    became_dormant: int
    became_churned: int
    reawakened: int  # from dormant back to active
    won_back: int  # from churned back to active
    churn_rate: float | None  # became churned / not churned at the start
    win_back_rate: float | None  # won back / churned at the start
    movements: list[Movement]


@dataclass(frozen=True, slots=True)
class CutsSuggestion:
    """Cuts read from the shop's own purchase intervals."""

    cuts: Cuts
    intervals: int  # how many gaps between two purchase days were seen
    median_days: float
    p80_days: float
    p95_days: float
    text: str


@dataclass(frozen=True, slots=True)
class LifecycleAnswer:
    """Stages now, at every month's end, and the movement between them."""

    as_of: datetime | None
    currency: str
    cuts: Cuts
    suggestion: CutsSuggestion | None  # null: too few repeat orders to tell
    now: list[StageNow]
    months: list[LifecycleMonth]  # oldest first
