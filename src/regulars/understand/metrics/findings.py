"""Plain statements about a period, each computed from the data and silent where there is too little of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from regulars.understand.metrics.domain import Bucket, Finding, Language, MetricsAnswer, Value
from regulars.understand.metrics.tally import change, ratio
from regulars.values.money import Money, currency_symbol, minor_digits

#: Fewer buyers (or customers old enough) than this say nothing about buyers in general.
FEWEST_BUYERS = 50
FEWEST_ORDERS = 100
#: A first order older than this has had its time to be followed by a second one.
SETTLED_DAYS = 90

_TEXTS: dict[str, dict[Language, str]] = {
    "recent_trend": {
        "en": "GMV of the last three complete months is {gmv}, {change} against the three before.",
        "zh": "最近三个完整月的成交额为 {gmv}，较之前三个月{change}。",
    },
    "never_returned": {
        "en": "{share} of customers never came back: {customers} of the {settled} whose first order is more than {days} days old.",
        "zh": "{share} 的客户再未复购：首单已超过 {days} 天的 {settled} 位客户中有 {customers} 位。",
    },
    "returning_revenue": {
        "en": "Repeat orders bring {share} of the revenue of known customers ({revenue}).",
        "zh": "老客贡献了已知客户成交额的 {share}（{revenue}）。",
    },
    "top_buyers": {
        "en": "The top 10% of buyers ({buyers}) bring {share} of the revenue of known customers.",
        "zh": "前 10% 的客户（{buyers} 位）贡献了已知客户成交额的 {share}。",
    },
    "refund_rate_change": {
        "en": "The refund rate went from {before} to {now} ({basis}).",
        "zh": "退款率由 {before} 变为 {now}（{basis}）。",
    },
    "most_refunded_product": {
        "en": "Most money went back for “{product}”: {refunds}, {share} of its sales in the period.",
        "zh": "退款最多的商品是“{product}”：{refunds}，占其同期销售额的 {share}。",
    },
    "best_and_worst_month": {
        "en": "Best month: {best_on} with a net revenue of {best}; weakest: {worst_on} with {worst}.",
        "zh": "净收入最高的月份是 {best_on}（{best}），最低的是 {worst_on}（{worst}）。",
    },
    "purchase_interval": {
        "en": "Half of the repeat orders come within {days} days of the order before.",
        "zh": "一半的复购发生在上一单之后 {days} 天以内。",
    },
    "unknown_buyers": {
        "en": "{share} of orders have no known buyer; no customer report can count them.",
        "zh": "{share} 的订单没有买家信息，无法计入任何客户分析。",
    },
    "other_currencies": {
        "en": "{orders} orders in other currencies are left out of all reports.",
        "zh": "另有 {orders} 笔其他币种的订单未计入报表。",
    },
}

_BASIS: dict[str, dict[Language, str]] = {
    "previous": {"en": "against the period before", "zh": "与上一周期相比"},
    "halves": {"en": "first against second half of what is over", "zh": "已结束各期的前半段与后半段相比"},
}


@dataclass(frozen=True, slots=True)
class BuyerCounts:
    """What `queries.buyers.buyer_counts` counted."""

    buyers: int
    spent: int
    top_spent: int
    settled: int
    never_returned: int


@dataclass(frozen=True, slots=True)
class RefundedProduct:
    """The product for which most money went back."""

    name: str
    refunds: Money
    item_revenue: Money


def findings(report: MetricsAnswer, buyers: BuyerCounts, refunded: RefundedProduct | None) -> tuple[Finding, ...]:
    """The statements the data supports, the most telling first.

    Parameters
    ----------
    report : all metrics of the period.
    refunded : the product with most refunds; None where none was refunded.
    """
    return tuple(_all(report, buyers, refunded))


def _all(report: MetricsAnswer, buyers: BuyerCounts, refunded: RefundedProduct | None) -> Iterator[Finding]:
    value = {total.metric: total.value for total in report.totals}
    months = [bucket for bucket in report.series if bucket.complete and bucket.values["orders"]] if report.unit == "month" else []
    enough = _count(value["orders"]) >= FEWEST_ORDERS
    if enough and len(months) >= 6 and (trend := change(_sum(months[-3:], "gmv"), _sum(months[-6:-3], "gmv"))) is not None:
        tone = _tone(trend, threshold=0.05)
        yield _finding("recent_trend", tone, gmv=_sum(months[-3:], "gmv"), change=trend)
    if buyers.settled >= FEWEST_BUYERS and (share := ratio(buyers.never_returned, buyers.settled)) is not None:
        yield _finding(
            "never_returned",
            "bad" if share >= 0.5 else "neutral",
            share=share,
            customers=buyers.never_returned,
            settled=buyers.settled,
            days=SETTLED_DAYS,
        )
    if buyers.buyers >= FEWEST_BUYERS and buyers.spent > 0:
        again, first = _minor(value["returning_revenue"]), _minor(value["new_revenue"])
        if (share := ratio(again, again + first)) is not None:
            yield _finding("returning_revenue", "neutral", share=share, revenue=value["returning_revenue"])
        if (share := ratio(buyers.top_spent, buyers.spent)) is not None:
            yield _finding("top_buyers", "neutral", share=share, buyers=-(-buyers.buyers // 10))
    yield from _refund_rate(report)
    if refunded is not None:
        share = ratio(refunded.refunds.minor, refunded.item_revenue.minor)
        if share is not None:
            yield _finding("most_refunded_product", "bad", product=refunded.name, refunds=refunded.refunds, share=share)
    if enough and len(months) >= 3:
        ordered = sorted(months, key=lambda month: _minor(month.values["net_revenue"]))
        worst, best = ordered[0], ordered[-1]
        yield _finding(
            "best_and_worst_month",
            "neutral",
            best_on=best.start_on,
            best=best.values["net_revenue"],
            worst_on=worst.start_on,
            worst=worst.values["net_revenue"],
        )
    median = value["purchase_interval_days_median"]
    if buyers.buyers >= FEWEST_BUYERS and isinstance(median, float | int):
        yield _finding("purchase_interval", "neutral", days=round(median, 1))
    unknown = value["anonymous_share"]
    if isinstance(unknown, float) and unknown >= 0.05:
        yield _finding("unknown_buyers", "bad", share=unknown)
    if report.other_currency_orders:
        yield _finding("other_currencies", "neutral", orders=report.other_currency_orders)


def _refund_rate(report: MetricsAnswer) -> Iterator[Finding]:
    """Against the period before where the data reaches that far back, else the two halves of the complete buckets."""
    rate, basis = report.total("refund_rate"), "previous"
    now, before = rate.value, rate.previous
    enough = _count(report.total("orders").value) >= FEWEST_ORDERS and _count(report.total("orders").previous) >= FEWEST_ORDERS
    if not report.previous.covered:
        over, basis = [bucket for bucket in report.series if bucket.complete], "halves"
        middle = len(over) // 2
        halves = over[:middle], over[len(over) - middle :]
        before, now = (ratio(_sum(half, "refunds").minor, _sum(half, "gmv").minor) if half else None for half in halves)
        enough = all(sum(_count(bucket.values["orders"]) for bucket in half) >= FEWEST_ORDERS for half in halves)
    if enough and isinstance(now, float) and isinstance(before, float) and abs(now - before) >= 0.005:
        yield _finding("refund_rate_change", "bad" if now > before else "good", before=before, now=now, basis=basis)


def _finding(code: str, tone: Literal["good", "bad", "neutral"], **values: Value | str | date) -> Finding:
    texts = _TEXTS[code]
    english = texts["en"].format(**{name: _spoken(name, value, "en") for name, value in values.items()})
    chinese = texts["zh"].format(**{name: _spoken(name, value, "zh") for name, value in values.items()})
    return Finding(code, tone, values, {"en": english, "zh": chinese})


def _spoken(name: str, value: Value | str | date, language: Language) -> str:
    """A value as a reader says it; the name tells fractions (`share`, `change`) from counts."""
    match value:
        case Money():
            digits = 0 if abs(value.major) >= 1000 else minor_digits(value.currency)
            return f"{'-' if value.minor < 0 else ''}{currency_symbol(value.currency)}{abs(value.major):,.{digits}f}"
        case str():
            return _BASIS[value][language] if name == "basis" else value
        case date():
            return f"{value:%b %Y}" if language == "en" else f"{value.year} 年 {value.month} 月"
        case float() if name == "change":
            return f"{value:+.1%}" if language == "en" else f"{'上升' if value >= 0 else '下降'} {abs(value):.1%}"
        case float() if name in ("share", "before", "now"):
            return f"{value:.1%}"
        case _:
            return f"{value:,}"


def _tone(change_: float, *, threshold: float) -> Literal["good", "bad", "neutral"]:
    if abs(change_) < threshold:
        return "neutral"
    return "good" if change_ > 0 else "bad"


def _sum(buckets: Sequence[Bucket], metric: str) -> Money:
    amounts: list[Money] = [amount for bucket in buckets if isinstance(amount := bucket.values[metric], Money)]
    total = amounts[0]
    for amount in amounts[1:]:
        total = total + amount
    return total


def _minor(value: Value) -> int:
    return value.minor if isinstance(value, Money) else 0


def _count(value: Value) -> int:
    return int(value) if isinstance(value, int | float) else 0


def texts() -> Mapping[str, Mapping[Language, str]]:
    """The sentence of every finding in both languages, by code."""
    return _TEXTS
