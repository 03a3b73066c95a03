"""The nouns of the retention room: cohorts of first orders, what they did since, and what they were worth."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from regulars.values.money import Money
from regulars.values.periods import Period

CohortUnit = Literal["week", "month"]
Measure = Literal["customers", "orders", "revenue"]
GroupBy = Literal["category", "channel", "region"]


@dataclass(frozen=True, slots=True)
class Cell:
    """What one cohort did in one period after its first order (period 0 holds the first order itself)."""

    period: int  # weeks or months since the cohort's own
    value: int | Money  # customers who ordered, their orders, or the totals of these orders
    share: float | None  # customers: of the cohort; orders and revenue: of the same measure in period 0
    complete: bool  # this calendar week or month is over


@dataclass(frozen=True, slots=True)
class CohortRow:
    """Customers whose first order ever falls into one week or month."""

    start_on: date
    end_on: date  # the first day after it
    customers: int
    cells: tuple[Cell, ...]  # from period 0; triangular


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """The share over all cohorts whose period is over, weighted by what they started with."""

    period: int
    share: float | None
    cohorts: int  # how many cohorts have lived through this period
    customers: int  # how many customers these cohorts have


@dataclass(frozen=True, slots=True)
class RetentionAnswer:
    """The cohort triangle and its weighted average."""

    shop_id: str
    currency: str
    timezone: str
    as_of: datetime
    period: Period
    unit: CohortUnit
    measure: Measure
    cohorts: tuple[CohortRow, ...]
    curve: tuple[CurvePoint, ...]


@dataclass(frozen=True, slots=True)
class GroupCurve:
    """The retention curve of the customers who share a trait of their first order."""

    name: str  # "(none)" where the first order has none, "(other)" for the small groups together
    customers: int
    curve: tuple[CurvePoint, ...]


@dataclass(frozen=True, slots=True)
class GroupedRetentionAnswer:
    """One retention curve per first category, channel or region, largest group first."""

    shop_id: str
    timezone: str
    as_of: datetime
    period: Period
    unit: CohortUnit
    by: GroupBy
    groups: tuple[GroupCurve, ...]


@dataclass(frozen=True, slots=True)
class LtvCell:
    """Cumulative revenue per cohort customer up to the end of one month since the first order's."""

    month: int
    value: Money
    complete: bool


@dataclass(frozen=True, slots=True)
class LtvRow:
    """One first-order month."""

    start_on: date
    customers: int
    ltv: tuple[LtvCell, ...]


@dataclass(frozen=True, slots=True)
class LtvAnswer:
    """What a customer is worth, by the month of the first order."""

    shop_id: str
    currency: str
    timezone: str
    as_of: datetime
    period: Period
    cohorts: tuple[LtvRow, ...]
    average: tuple[LtvCell, ...]  # over all cohorts that have lived through the month, weighted by customers
