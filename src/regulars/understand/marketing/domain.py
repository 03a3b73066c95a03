"""What a question about marketing asks, and the row of a channel, campaign or promotion with all that follows from its sums."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Literal

from regulars.understand.attribution import Model
from regulars.values.money import Money
from regulars.values.periods import Period

By = Literal["channel", "source", "campaign", "promotion"]
Basis = Literal["margin", "revenue"]

#: From this share of item revenue on whose products' costs are known, return is counted from margin.
MARGIN_KNOWN = 0.9
_DIGITS = 4


@dataclass(frozen=True, slots=True)
class MarketingQuery:
    """Which days, by what, and which model gives credit."""

    shop_id: str
    zone: str
    currency: str
    period: Period
    by: By
    model: Model
    lookback_days: int
    limit: int


@dataclass(frozen=True, slots=True)
class Sums:
    """What is added up for one row; money in minor units, `orders` and `new_customers` in shares of attribution."""

    impressions: int = 0
    clicks: int = 0
    visits: int = 0
    people: int = 0  # visitors; of a promotion, those who saw it or used it
    orders: float = 0.0
    new_customers: float = 0.0
    revenue: int = 0
    discount: int = 0
    cost: int = 0
    net: float = 0.0  # revenue without shipping and tax
    goods: float = 0.0  # what the goods cost, where that is known
    known: float = 0.0  # item revenue of these
    items: float = 0.0  # item revenue of all


@dataclass(frozen=True, slots=True)
class MarketingRow:
    """A channel, source, campaign or promotion; null where there is nothing to divide by."""

    key: str
    name: str
    impressions: int
    clicks: int
    click_rate: float | None  # clicks / impressions
    visits: int
    visitors: int
    conversion_rate: float | None  # orders / visits; of a promotion, orders / people
    orders: float
    new_customers: float
    revenue: Money
    discount: Money
    cost: Money
    cost_per_click: Money | None
    cost_per_order: Money | None
    cost_per_new_customer: Money | None
    return_on_ad_spend: float | None  # revenue / cost
    return_on_investment: float | None  # (margin or revenue - cost) / cost; of a promotion, its discount is a cost too


@dataclass(frozen=True, slots=True)
class MarketingAnswer:
    """The rows, the most expensive first; orders that nothing touched are `(none)`."""

    by: By
    model: Model
    currency: str
    first_on: date
    last_on: date
    basis: Basis  # what return on investment is counted from
    margin_known: float | None  # share of item revenue whose products' costs are known
    unmatched: Money  # spent on what brought no visit (of a promotion: nobody saw or used it)
    unmatched_share: float | None
    complete: bool
    rows: tuple[MarketingRow, ...]
    total: MarketingRow


def row_of(key: str, name: str, sums: Sums, by: By, basis: Basis, currency: str) -> MarketingRow:
    """All figures of one row."""

    def money(minor: float) -> Money:
        return Money(int(Decimal(minor).to_integral_value(ROUND_HALF_EVEN)), currency)

    def each(count: float) -> Money | None:
        return money(float(Decimal(sums.cost) / Decimal(str(count)))) if sums.cost and count else None

    base: Decimal = Decimal(sums.revenue)
    if basis == "margin":
        goods = sums.goods * sums.items / sums.known if sums.known else sums.goods
        base = Decimal(sums.net) - Decimal(goods)
    spent = sums.cost + (sums.discount if by == "promotion" else 0)
    came = sums.people if by == "promotion" else sums.visits
    return MarketingRow(
        key=key,
        name=name,
        impressions=sums.impressions,
        clicks=sums.clicks,
        click_rate=over(sums.clicks, sums.impressions),
        visits=sums.visits,
        visitors=sums.people,
        conversion_rate=over(sums.orders, came),
        orders=round(sums.orders, _DIGITS),
        new_customers=round(sums.new_customers, _DIGITS),
        revenue=Money(sums.revenue, currency),
        discount=Money(sums.discount, currency),
        cost=Money(sums.cost, currency),
        cost_per_click=each(sums.clicks),
        cost_per_order=each(round(sums.orders, _DIGITS)),
        cost_per_new_customer=each(round(sums.new_customers, _DIGITS)),
        return_on_ad_spend=over(sums.revenue, sums.cost),
        return_on_investment=over(base - sums.cost, spent),
    )


def over(part: float | Decimal, whole: float) -> float | None:
    """part / whole to four digits; null over nothing."""
    if not whole:
        return None
    return float((Decimal(part) / Decimal(whole)).quantize(Decimal(1).scaleb(-_DIGITS), ROUND_HALF_EVEN))


def added(parts: list[Sums]) -> Sums:
    """The sums of several rows."""
    return Sums(*(sum(getattr(part, name) for part in parts) for name in Sums.__dataclass_fields__))
