"""The fact behind a reason: which numbers of a customer can be said aloud, when, and in what words."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from regulars.predict.snapshots import FEATURES
from regulars.predict.snapshots.words import MEANINGS_ZH

Told = Mapping[str, float]
#: What is said of the rhythm of somebody who has bought on one day only.
ONLY_ORDER = "only_order"
#: What is said where nothing raises the risk above the shop's usual one.
WORTH = "worth"
#: What is said of a reason that the customer gave itself.
SURVEYED = "survey_answer"
#: What is said of the rhythm where no number of it stands out.
SILENCE = "silence"
#: Given the customer's numbers and the shop's medians.
When = Callable[[Told, Told], bool]


@dataclass(frozen=True, slots=True)
class Fact:
    """A sentence in both languages with `{names}` of numbers; `also` are further features it tells."""

    en: str
    zh: str
    when: When
    also: tuple[str, ...] = ()


def _above(name: str, least: float = 0.0) -> When:
    return lambda told, usual: told[name] > least


def _over_usual(name: str) -> When:
    """A fifth above the shop's median or more: less is no difference to speak of."""
    return lambda told, usual: told[name] > 1.2 * usual.get(name, math.inf)


def _under_usual(name: str) -> When:
    return lambda told, usual: told[name] < 0.8 * usual.get(name, -math.inf)


def _half(name: str, whole: str) -> When:
    return lambda told, usual: told[name] <= 0.5 * told.get(whole, 0.0)


def _under(name: str, most: float) -> When:
    return lambda told, usual: told[name] < most


def _always(told: Told, usual: Told) -> bool:
    return True


def _never(told: Told, usual: Told) -> bool:
    return False


def _late(told: Told, usual: Told) -> bool:
    return told["recency_days"] > told["gap_mean"]


_SILENCE = (
    "{recency_days} days since the last order, usual gap {gap_mean}",
    "距上次下单 {recency_days} 天，通常间隔 {gap_mean} 天",
)
_LATE = Fact(*_SILENCE, _late, ("recency_days", "gap_mean"))
_SLOW = Fact(
    "orders every {gap_mean} days on average, customers usually every {usual}",
    "平均每 {gap_mean} 天下单一次，客户通常为每 {usual} 天",
    _over_usual("gap_mean"),
    ("gap_mean",),
)
_FEWER_30 = Fact(
    "purchase days in the last 30 days: {days_in_30}, in the 30 before: {days_30_before}",
    "最近 30 天有 {days_in_30} 个购买日，之前 30 天 {days_30_before} 个",
    lambda told, usual: told["days_in_30"] < told["days_30_before"],
    ("days_in_30", "days_30_before"),
)
_FEWER_90 = Fact(
    "purchase days in the last 90 days: {days_in_90}, in the 90 before: {days_90_before}",
    "最近 90 天有 {days_in_90} 个购买日，之前 90 天 {days_90_before} 个",
    lambda told, usual: told["days_in_90"] < told["days_90_before"],
    ("days_in_90", "days_90_before"),
)
_FEWER_VISITS = Fact(
    "visits in the last 30 days: {visits_in_30}, in the 30 before: {visits_30_before}",
    "最近 30 天到访 {visits_in_30} 次，之前 30 天 {visits_30_before} 次",
    lambda told, usual: told["visits_in_30"] < told["visits_30_before"],
    ("visits_in_30", "visits_30_before"),
)
_FAVOURITE = Fact(
    "its favourite category was last bought {favourite_recency_days} days ago",
    "最常买的类目上次购买是 {favourite_recency_days} 天前",
    lambda told, usual: told["favourite_recency_days"] > max(told["recency_days"] + 7, 30),
    ("favourite_recency_days",),
)
#: Feature -> what is said of it. A feature that is not here is said by its meaning in the catalogue.
FACTS: dict[str, Fact] = {
    SILENCE: Fact(*_SILENCE, _always, ("recency_days", "gap_mean")),
    "recency_days": _LATE,
    "recency_to_gap": _LATE,
    "recency_to_median_gap": _LATE,
    "recency_deviations": _LATE,
    "recency_share": _LATE,
    "gap_mean": _SLOW,
    "gap_last": Fact("the last gap was {gap_last} days, usual gap {gap_mean}", "最近一次间隔 {gap_last} 天，通常间隔 {gap_mean} 天",
                     lambda told, usual: told["gap_last"] > told.get("gap_mean", math.inf), ("gap_last", "gap_mean")),
    "days_in_30": _FEWER_30,
    "trend_30": _FEWER_30,
    "days_in_90": _FEWER_90,
    "trend_90": _FEWER_90,
    "purchase_days": Fact(
        "purchase days so far: {purchase_days} (customers usually {usual})",
        "至今购买日数：{purchase_days}（客户通常为 {usual}）",
        _under_usual("purchase_days"),
        ("purchase_days",),
    ),
    WORTH: Fact(
        "no likelier to leave than others; warned of for what it is worth", "流失可能性不高于其他客户，因价值高而预警", _always
    ),
    ONLY_ORDER: Fact("{recency_days} days since its only order", "首单后 {recency_days} 天没有再下单", _always, ("recency_days",)),
    "discount_last": Fact("the last order had a discount of {discount_last%}, its orders had {discount_share%} on average",
                          "最近一单折扣 {discount_last%}，平均折扣 {discount_share%}",
                          lambda told, usual: told["discount_last"] < told.get("discount_share", math.nan) - 0.005,
                          ("discount_last", "discount_share")),
    "discount_share": Fact("bought at {discount_share%} off on average, customers usually at {usual%}", "平均折扣 {discount_share%}，客户通常为 {usual%}",
                           _over_usual("discount_share"), ("discount_share",)),
    "discounted_orders_share": Fact("{discounted_orders_share%} of its orders had a discount", "{discounted_orders_share%} 的订单有折扣",
                                    _over_usual("discounted_orders_share"), ("discounted_orders_share",)),
    "coupon_orders_share": Fact("{coupon_orders_share%} of its orders used a coupon", "{coupon_orders_share%} 的订单用券",
                                _over_usual("coupon_orders_share"), ("coupon_orders_share",)),
    "shipping_share": Fact("shipping was {shipping_share%} of what it paid, usually {usual%}", "运费占付款的 {shipping_share%}，通常为 {usual%}",
                           _over_usual("shipping_share"), ("shipping_share",)),
    "unit_price_late_to_mean": Fact("paid {unit_price_late_to_mean%} of its usual unit price in the last 90 days",
                                    "最近 90 天的件单价是平时的 {unit_price_late_to_mean%}",
                                    lambda told, usual: 1.05 < told["unit_price_late_to_mean"] < 3, ("unit_price_late_to_mean",)),
    "price_now_to_paid": Fact("what it bought costs {price_now_to_paid%} of what it paid now", "所购商品现价是当时成交价的 {price_now_to_paid%}",
                              _above("price_now_to_paid", 1.02), ("price_now_to_paid",)),
    "coupons_refused_in_180": Fact("coupons refused in the last 180 days: {coupons_refused_in_180}", "最近 180 天有 {coupons_refused_in_180} 次用券被拒",
                                   _above("coupons_refused_in_180"), ("coupons_refused_in_180",)),
    "unit_price_mean": Fact("buys at {unit_price_mean} a unit, customers usually at {usual}", "件单价 {unit_price_mean}，客户通常为 {usual}",
                            _never, ("unit_price_mean",)),
    "cancelled_share": Fact("{cancelled_share%} of its orders were cancelled", "{cancelled_share%} 的订单被取消",
                            _above("cancelled_share"), ("cancelled_share",)),
    "cancelled_in_90": Fact("orders cancelled in the last 90 days: {cancelled_in_90}", "最近 90 天取消了 {cancelled_in_90} 单",
                            _above("cancelled_in_90"), ("cancelled_in_90",)),
    "refunds": Fact("lines refunded so far: {refunds}", "累计退款 {refunds} 行", _above("refunds"), ("refunds",)),
    "refunded": Fact("lines refunded so far: {refunds}", "累计退款 {refunds} 行", _above("refunds"), ("refunds",)),
    "refunded_in_90": Fact("money given back in the last 90 days", "最近 90 天有退款", _above("refunded_in_90"), ("refunded_in_90",)),
    "refund_recency_days": Fact("the last refund was {refund_recency_days} days ago", "最近一次退款在 {refund_recency_days} 天前",
                                _under("refund_recency_days", 180), ("refund_recency_days",)),
    "rating_last": Fact("the last rating was {rating_last} of 5", "最近一次评分 {rating_last} 分（满分 5 分）", _under("rating_last", 4), ("rating_last",)),
    "rating_mean": Fact("rates {rating_mean} of 5 on average", "平均评分 {rating_mean} 分（满分 5 分）", _under("rating_mean", 4), ("rating_mean",)),
    "low_ratings_in_180": Fact("ratings of 2 or less in the last 180 days: {low_ratings_in_180}", "最近 180 天有 {low_ratings_in_180} 次 2 分及以下的评分",
                               _above("low_ratings_in_180"), ("low_ratings_in_180",)),
    "reviews": Fact("reviews written: {reviews}, the last one {rating_last} of 5", "写过 {reviews} 条评价，最近一次 {rating_last} 分",
                    _under("rating_last", 4), ("reviews", "rating_last")),
    "review_recency_days": Fact("the last rating, {review_recency_days} days ago, was {rating_last} of 5",
                                "{review_recency_days} 天前的最近一次评分为 {rating_last} 分", _under("rating_last", 4),
                                ("review_recency_days", "rating_last")),
    "delivery_beyond_last": Fact(
        "last delivery {delivery_beyond_last} days late", "最近一次配送晚到 {delivery_beyond_last} 天", _above("delivery_beyond_last", 0.5), ("delivery_beyond_last",)
    ),
    "late_delivery_share": Fact(
        "{late_delivery_share%} of its deliveries came late", "{late_delivery_share%} 的配送晚到", _above("late_delivery_share"), ("late_delivery_share",)
    ),
    "late_deliveries_in_90": Fact(
        "late deliveries in the last 90 days: {late_deliveries_in_90}",
        "最近 90 天有 {late_deliveries_in_90} 次配送晚到",
        _above("late_deliveries_in_90"),
        ("late_deliveries_in_90",),
    ),
    "delivery_days_last": Fact(
        "the last delivery took {delivery_days_last} days, customers usually {usual}",
        "最近一次配送用了 {delivery_days_last} 天，客户通常为 {usual} 天",
        _over_usual("delivery_days_last"),
        ("delivery_days_last",),
    ),
    "delivery_days_mean": Fact(
        "its deliveries take {delivery_days_mean} days, customers usually {usual}",
        "配送平均用 {delivery_days_mean} 天，客户通常为 {usual} 天",
        _over_usual("delivery_days_mean"),
        ("delivery_days_mean",),
    ),
    "tickets_in_90": Fact("tickets in the last 90 days: {tickets_in_90}", "最近 90 天有 {tickets_in_90} 个工单", _above("tickets_in_90"), ("tickets_in_90",)),
    "tickets_in_180": Fact("tickets in the last 180 days: {tickets_in_180}", "最近 180 天有 {tickets_in_180} 个工单",
                           _above("tickets_in_180"), ("tickets_in_180",)),
    "ticket_recency_days": Fact("opened a ticket {ticket_recency_days} days ago", "{ticket_recency_days} 天前提过工单",
                                _under("ticket_recency_days", 180), ("ticket_recency_days",)),
    "visits_in_7": Fact("visits in the last 7 days: {visits_in_7}", "最近 7 天到访 {visits_in_7} 次", _under_usual("visits_in_7"), ("visits_in_7",)),
    "visits_in_30": _FEWER_VISITS,
    "visits_trend_30": _FEWER_VISITS,
    "visits_in_90": Fact("visits in the last 90 days: {visits_in_90}, customers usually {usual}", "最近 90 天到访 {visits_in_90} 次，客户通常 {usual} 次",
                         _under_usual("visits_in_90"), ("visits_in_90",)),
    "visit_recency_days": Fact("the last visit was {visit_recency_days} days ago, customers usually {usual}",
                               "最近一次到访在 {visit_recency_days} 天前，客户通常 {usual} 天", _over_usual("visit_recency_days"), ("visit_recency_days",)),
    "views_in_30": Fact("products viewed in the last 30 days: {views_in_30}", "最近 30 天浏览了 {views_in_30} 个商品", _under_usual("views_in_30"), ("views_in_30",)),
    "idle_carts_in_30": Fact("products left in carts in the last 30 days: {idle_carts_in_30}", "最近 30 天有 {idle_carts_in_30} 次加购没有下单",
                             _above("idle_carts_in_30"), ("idle_carts_in_30",)),
    "message_opened_recency_days": Fact("last opened a message {message_opened_recency_days} days ago", "上次打开消息在 {message_opened_recency_days} 天前",
                                        _over_usual("message_opened_recency_days"), ("message_opened_recency_days",)),
    "unsubscribed_ever": Fact("has unsubscribed", "已退订", _above("unsubscribed_ever"), ("unsubscribed_ever",)),
    "favourite_recency_days": _FAVOURITE,
    "favourite_share": _FAVOURITE,
    "categories_in_90": Fact("categories bought from in the last 90 days: {categories_in_90}, so far: {categories}",
                             "最近 90 天购买了 {categories_in_90} 个类目，此前共 {categories} 个",
                             _half("categories_in_90", "categories"), ("categories_in_90", "categories")),
    "products_in_90": Fact("different products in the last 90 days: {products_in_90}, so far: {products}",
                           "最近 90 天购买了 {products_in_90} 种商品，累计 {products} 种",
                           _half("products_in_90", "products"), ("products_in_90", "products")),
    "products_new_share": Fact("{products_new_share%} of its products are new to it in the last 90 days",
                               "所购商品中 {products_new_share%} 是最近 90 天首次购买", _under("products_new_share", 0.1), ("products_new_share",)),
    SURVEYED: Fact("said so when asked, {survey_days} days ago", "{survey_days} 天前在问卷中这样回答", _never, also=("survey_days",)),
    "sold_out_share": Fact("{sold_out_share%} of what it bought lately is sold out", "近期所购商品中 {sold_out_share%} 已售罄", _above("sold_out_share"), ("sold_out_share",)),
}  # fmt: skip

_MEANINGS = {feature.name: feature for feature in FEATURES}
#: Of these groups a number says nothing by itself; only the facts above are told.
_ONLY_LISTED = frozenset(
    {"rhythm", "value", "assortment", "returns", "reviews", "service", "messages", "benefits", "visits", "price"}
)


def applies(name: str, told: Told, usual: Told) -> bool:
    """Whether the feature is a fact against this customer that can be said."""
    fact = FACTS.get(name)
    if fact is None:
        feature = _MEANINGS.get(name)
        return feature is not None and feature.group not in _ONLY_LISTED and _known(told, name)
    return all(_known(told, each) for each in (name, *fact.also)) and fact.when(told, usual)


def numbers(name: str, told: Told, usual: Told) -> dict[str, float]:
    """The numbers of the feature's sentence."""
    fact = FACTS.get(name)
    made = {each: told[each] for each in (fact.also if fact else (name,))}
    if not math.isnan(usual.get(name, math.nan)):
        made["usual"] = usual[name]
    return {each: round(value, 4) for each, value in made.items()}


def sentence(name: str, given: Mapping[str, float], language: str = "en") -> str:
    """The fact in words."""
    fact = FACTS.get(name)
    if fact is None:
        return _by_meaning(name, given, language)
    text = fact.zh if language == "zh" else fact.en
    for each, value in given.items():
        text = text.replace(f"{{{each}%}}", f"{value:.0%}").replace(f"{{{each}}}", _number(value))
    return text


def _by_meaning(name: str, given: Mapping[str, float], language: str) -> str:
    feature = _MEANINGS.get(name)
    if feature is None or name not in given:
        return name
    zh = language == "zh"
    meaning = MEANINGS_ZH.get(name, feature.meaning) if zh else feature.meaning
    value = f"{given[name]:.0%}" if feature.unit == "share" else _number(given[name])
    if "usual" not in given:
        return f"{meaning}：{value}" if zh else f"{meaning}: {value}"
    usual = f"{given['usual']:.0%}" if feature.unit == "share" else _number(given["usual"])
    return f"{meaning}：{value}（客户通常为 {usual}）" if zh else f"{meaning}: {value} (customers usually {usual})"


def _known(told: Told, name: str) -> bool:
    return not math.isnan(told.get(name, math.nan))


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 10 or abs(value - round(value)) < 0.05 else f"{value:.1f}"
