"""The stages a customer passes through, cut by days since the last order, and the answer about them."""

from __future__ import annotations

import math
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


#: Fewer gaps between purchase days than this say too little to read cuts from.
FEWEST_GAPS = 50
#: Taken where the shop has set no cut and its own rhythm cannot be read yet.
DEFAULT_DORMANT_AFTER_DAYS = 90
DEFAULT_CHURNED_AFTER_DAYS = 180

CutSource = Literal["setting", "rhythm", "default"]


@dataclass(frozen=True, slots=True)
class Cuts:
    """From how many days on a customer is no longer new, is dormant, is churned; and where the latter two come from."""

    new_within_days: int
    dormant_after_days: int
    churned_after_days: int
    dormant_source: CutSource = "setting"
    churned_source: CutSource = "setting"


def stage_of(days_since_first: int, days_since_last: int, cuts: Cuts) -> Stage:
    """The stage of a buyer, from local days since its first and its last order.

    churned: more than `churned_after_days` since the last order; dormant: more than `dormant_after_days`;
    of the others, new: the first order is at most `new_within_days` ago; active: all the rest.
    """
    if days_since_last > cuts.churned_after_days:
        return "churned"
    if days_since_last > cuts.dormant_after_days:
        return "dormant"
    return "new" if days_since_first <= cuts.new_within_days else "active"


def suggested_cuts(p90_days: float, p98_days: float) -> tuple[int, int]:
    """Dormant after nine of ten, churned after 49 of 50 repeat orders would have come, in whole days and at least a week apart."""
    dormant = max(7, math.ceil(p90_days))
    return dormant, max(dormant + 7, math.ceil(p98_days))


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

    dormant_after_days: int
    churned_after_days: int
    intervals: int  # how many gaps between two purchase days were seen
    median_days: float
    p90_days: float
    p98_days: float
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
