"""What a customer's coming value is: the numbers told of each, tiers, methods, and how good they were."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import numpy as np
import numpy.typing as npt

from regulars.values.money import Money

Floats = npt.NDArray[np.float64]
SpendMethod = Literal["gamma_gamma", "shop_mean"]
Method = Literal["purchase_model", "average"]
Basis = Literal["margin", "revenue"]
Tier = Literal["top", "high", "middle", "low"]
GroupBy = Literal["cohort", "channel", "first_touch", "category", "product"]

MONTHS = 12
MONTH_DAYS = 30.4375
YEAR_DAYS = MONTHS * MONTH_DAYS
DISCOUNT_A_MONTH = 0.01
#: A value of twelve months is told from so many days of history on; less says nothing about how long customers stay.
LEAST_HISTORY_DAYS = 90
#: Trees are averaged with the purchase model from so many labelled rows on: active customers at past cut-offs.
TREES_FROM = 5_000
#: The interval of a value: of ten customers, eight lie inside.
LOW_QUANTILE, HIGH_QUANTILE = 0.1, 0.9
#: Quantiles of the time to the next order: earliest, expected, latest.
NEXT_ORDER_QUANTILES = (0.25, 0.5, 0.75)
#: A correlation of orders and their value beyond this breaks what Gamma-Gamma takes for granted.
MOST_CORRELATION = 0.3
#: Tier -> the share of customers, by expected value, down to which it reaches.
TIERS: dict[Tier, float] = {"top": 0.05, "high": 0.2, "middle": 0.5, "low": 1.0}


@dataclass(frozen=True, slots=True)
class Caution:
    """Something that weakens the values, in a sentence."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Score:
    """Forecasts of one past cut-off against what came in the horizon after it."""

    as_of: datetime
    customers: int
    trained_on: int  # labelled rows of the trees; 0: purchase model alone
    gini: float | None  # normalised: 1 ranks customers as their value came out, 0 ranks at random
    last_period_gini: float | None  # of what they ordered for in the horizon before, for comparison
    decile_error: float  # mean distance of forecast and actual money over ten groups by forecast, as a share of the actual mean
    total_error: float | None  # forecast / actual - 1
    coverage: float  # share of customers whose value lay inside its interval
    money: float  # the actual value, major units
    forecast: float


@dataclass(frozen=True, slots=True)
class Backtest:
    """Rolling cut-offs, oldest first."""

    horizon_days: int
    method: Method
    folds: tuple[Score, ...]

    @property
    def gini(self) -> float | None:
        """Mean over the cut-offs."""
        known = [fold.gini for fold in self.folds if fold.gini is not None]
        return float(np.mean(known)) if known else None

    @property
    def tracking(self) -> float | None:
        """Actual by forecast money of the newest cut-off: what totals are to be multiplied by."""
        last = self.folds[-1] if self.folds else None
        return last.money / last.forecast if last is not None and last.forecast > 0 else None


@dataclass(frozen=True, slots=True)
class Values:
    """What every buyer is expected to bring, arrays in the order of `customers`; money in major units of `currency`."""

    as_of: datetime
    currency: str
    horizon_days: int
    basis: Basis
    margin_rate: float  # 1 where the basis is revenue
    method: Method
    customers: list[str]
    no_order: Floats  # P(no order in the horizon)
    orders: Floats  # to expect in twelve months
    order_value: Floats  # of a coming purchase day, net revenue
    value: Floats  # of twelve months, discounted, in `basis`
    low: Floats
    high: Floats
    retained_gain: Floats  # value if it orders within the horizon less value if not
    next_days: Floats  # shape (3, customers): days from `as_of` to the next order at the quantiles; infinite: not foreseeable


def normalised_gini(actual: Floats, forecast: Floats) -> float | None:
    """How well a forecast ranks customers by what they were worth: 1 as well as the actual values, 0 as chance; ties in row order."""
    if len(actual) < 2 or actual.sum() <= 0:
        return None
    best = _gini(actual, actual)
    return _gini(actual, forecast) / best if best > 0 else None


def _gini(actual: Floats, by: Floats) -> float:
    order = np.argsort(-by, kind="stable")
    share = np.cumsum(actual[order]) / actual.sum()
    return float(share.mean() - (len(actual) + 1) / (2 * len(actual)))


def decile_error(actual: Floats, forecast: Floats, parts: int = 10) -> float:
    """Mean distance of forecast and actual value over groups of equal size by forecast, as a share of the actual mean."""
    whole = float(actual.mean()) if len(actual) else 0.0
    if whole <= 0:
        return 0.0
    groups = [group for group in np.array_split(np.argsort(-forecast, kind="stable"), parts) if len(group)]
    return float(np.mean([abs(float(forecast[group].mean() - actual[group].mean())) for group in groups])) / whole


def tiers_of(value: Floats) -> list[Tier]:
    """The tier of each customer: by value, equal ones in row order; who is worth nothing is `low`."""
    places = np.empty(len(value), dtype=np.int64)
    places[np.argsort(-value, kind="stable")] = np.arange(len(value))
    made: list[Tier] = []
    for place, worth in zip(places.tolist(), value.tolist(), strict=True):
        share = (place + 1) / len(value)
        made.append(next(tier for tier, most in TIERS.items() if share <= most or tier == "low") if worth > 0 else "low")
    return made


# -- what is answered -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueRow:
    """One customer's expected value.

    `next_order_at` is the day by which an order has come with a chance of one half; the interval is that of a quarter and three
    quarters. Null: not within ten years.
    """

    customer_id: str
    orders: int  # purchase days so far
    no_order_probability: float
    expected_orders: float
    next_order_at: datetime | None
    next_order_from_at: datetime | None
    next_order_to_at: datetime | None
    order_value: Money
    value: Money
    value_low: Money
    value_high: Money
    retained_gain: Money
    tier: Tier
    tier_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TierRow:
    """A tier of customers: from which value on, how many, and their share of the expected money."""

    tier: Tier
    name: str
    customers: int
    value_from: Money | None
    value: Money
    share: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ValuesAnswer:
    """The shop's expected values, by tier and customer, and how far they can be trusted."""

    as_of: datetime
    currency: str
    basis: Basis
    margin_rate: float | None
    method: Method
    horizon_days: int
    customers: int
    value: Money
    tracking_factor: float | None  # actual by forecast money of the newest horizon that is over
    expected_orders: float
    retained_gain: Money | None  # mean of a customer retained through the horizon against one who is not
    gini: float | None
    coverage: float | None
    cautions: list[Caution]
    tiers: list[TierRow]
    total: int  # customers under the filters
    rows: list[ValueRow]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRow:
    """Customers who began alike: what they brought so far and what is expected of them; means are per customer."""

    key: str
    customers: int
    so_far: Money
    expected: Money
    lifetime: Money  # both
    expected_total: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupsAnswer:
    """Lifetime value by how customers began."""

    by: GroupBy
    as_of: datetime
    currency: str
    basis: Basis
    rows: list[GroupRow]


@dataclass(frozen=True, slots=True)
class Spell:
    """A stretch of days without any order of the shop."""

    first_on: date
    last_on: date
    days: int
