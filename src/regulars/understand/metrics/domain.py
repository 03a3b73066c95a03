"""The nouns of the metrics room: a metric's definition, and the answers its reports give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from regulars.values.money import Money
from regulars.values.periods import Period, Unit

MetricUnit = Literal["money", "count", "ratio", "days"]
Grain = Literal["order", "line", "customer", "refund", "gap", "delivery", "cost", "product"]
Dimension = Literal["category", "product", "brand", "seller", "channel", "region"]
Language = Literal["zh", "en"]

#: A metric's value: money for unit `money`, a whole number (or a decimal for part units) for `count`,
#: a fraction for `ratio`, days for `days`; None where the metric has no value (a ratio over nothing).
Value = Money | int | float | None


@dataclass(frozen=True, slots=True)
class Metric:
    """One definition: what the number means at every door."""

    name: str
    title: Mapping[str, str]  # by language, `en` and `zh`
    formula: Mapping[str, str]
    unit: MetricUnit
    grain: Grain  # what is counted or measured
    additive: bool  # values of neighbouring periods add up to the value of both together
    better: Literal["higher", "lower", "neither"]
    since: str = "0.1"  # the version that introduced this definition


def metric(
    name: str,
    title: tuple[str, str],
    formula: tuple[str, str],
    unit: MetricUnit,
    grain: Grain,
    *,
    additive: bool = False,
    better: Literal["higher", "lower", "neither"] = "higher",
) -> Metric:
    """A definition; title and formula in English and Chinese."""
    return Metric(
        name=name,
        title={"en": title[0], "zh": title[1]},
        formula={"en": formula[0], "zh": formula[1]},
        unit=unit,
        grain=grain,
        additive=additive,
        better=better,
    )


@dataclass(frozen=True, slots=True)
class MetricCatalogue:
    """Every metric there is, in the order in which reports list them."""

    metrics: tuple[Metric, ...]


@dataclass(frozen=True, slots=True)
class DataSpan:
    """What the store's orders cover, and the moment up to which they are judged."""

    first_at: datetime | None  # None: no counted order yet
    last_at: datetime | None
    as_of: datetime  # the earlier of now and the end of the local day of the newest order
    orders: int
    currency: str  # the currency reports are in: the shop's, or the data's own where it has none of the shop's
    other_currency_orders: int  # orders in any other currency; no report counts them

    @property
    def empty(self) -> bool:
        """Whether there is no counted order."""
        return self.last_at is None


@dataclass(frozen=True, slots=True)
class ComparedPeriod:
    """A period set beside the one asked for."""

    period: Period
    covered: bool  # the data reaches back to its first day; where not, changes against it are None


@dataclass(frozen=True, slots=True)
class MetricTotal:
    """One metric over the whole period, beside the period before and the same one a year earlier."""

    metric: str
    value: Value
    previous: Value
    previous_change: float | None  # (value - previous) / |previous|; None when not covered or previous is 0 or None
    last_year: Value
    last_year_change: float | None


@dataclass(frozen=True, slots=True)
class Bucket:
    """All metrics of one calendar unit, cut to the period."""

    start_on: date
    end_on: date  # the first day after it
    complete: bool  # the whole calendar unit lies inside the period and is over
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class MetricsAnswer:
    """Totals with comparisons, and the same metrics by day, week or month."""

    shop_id: str
    currency: str
    timezone: str
    as_of: datetime
    period: Period
    complete: bool  # the period is over
    previous: ComparedPeriod
    last_year: ComparedPeriod
    unit: Unit
    other_currency_orders: int
    totals: tuple[MetricTotal, ...]
    series: tuple[Bucket, ...]

    def total(self, metric: str) -> MetricTotal:
        """The total of one metric, by name."""
        return next(total for total in self.totals if total.metric == metric)


@dataclass(frozen=True, slots=True)
class BreakdownRow:
    """One category, product, brand, seller, channel or region."""

    key: str  # as stored; "(none)" where the source has none, "(not a product)" for gift cards and fees; "(other)", "(all)": sums
    name: str  # the product's latest name; else the key
    item_revenue: Money
    share: float | None  # of all item revenue of the period
    units: int | float
    orders: int | None  # orders with it; None for "(other)", where orders of several rows would count twice
    buyers: int | None
    refunds: Money | None  # None where refunds do not carry the dimension
    gmv: Money | None  # totals of the orders; only for channel and region, which an order has one of
    previous_item_revenue: Money
    change: float | None


@dataclass(frozen=True, slots=True)
class BreakdownAnswer:
    """The largest groups of a dimension, the rest as one row, and all together."""

    shop_id: str
    currency: str
    timezone: str
    as_of: datetime
    period: Period
    previous: ComparedPeriod
    by: Dimension
    metric: str  # what the rows are ranked by
    groups: int  # how many groups there are in all
    rows: tuple[BreakdownRow, ...]
    other: BreakdownRow | None  # None: every group is among the rows
    total: BreakdownRow


@dataclass(frozen=True, slots=True)
class Tile:
    """A headline number: the period's total, and where it went in the latest complete bucket."""

    metric: str
    value: Value
    previous: Value
    previous_change: float | None
    last_year: Value
    last_year_change: float | None
    latest_on: date | None  # first day of the latest complete bucket (see `unit` of the overview)
    latest: Value
    latest_change: float | None  # against the bucket before it


@dataclass(frozen=True, slots=True)
class Finding:
    """A plain statement computed from the data, with the values it rests on."""

    code: str
    tone: Literal["good", "bad", "neutral"]
    values: Mapping[str, Value | str | date]
    text: Mapping[str, str]  # by language, `en` and `zh`


@dataclass(frozen=True, slots=True)
class OverviewAnswer:
    """What a growth manager sees first."""

    shop_id: str
    currency: str
    timezone: str
    span: DataSpan
    as_of: datetime
    period: Period
    complete: bool
    previous: ComparedPeriod
    last_year: ComparedPeriod
    unit: Unit
    tiles: tuple[Tile, ...]
    series: tuple[Bucket, ...]
    top_products: tuple[BreakdownRow, ...]
    top_categories: tuple[BreakdownRow, ...]  # empty where no order line has a category
    findings: tuple[Finding, ...]
