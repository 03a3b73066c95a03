"""Ready-made segments: by attribute, behaviour, value and need, each with what it means and how to use it, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Family = Literal["attribute", "behaviour", "value", "need"]
FAMILIES: tuple[Family, ...] = ("attribute", "behaviour", "value", "need")


@dataclass(frozen=True, slots=True)
class Ready:
    """A ready-made segment: a beginning that every shop may change."""

    library_id: str
    family: Family
    en: str
    zh: str
    means_en: str
    means_zh: str
    where_tree: Mapping[str, Any]

    def name(self, language: str) -> str:
        """Its name in a language."""
        return self.zh if language == "zh" else self.en

    def means(self, language: str) -> str:
        """What it means in a language."""
        return self.means_zh if language == "zh" else self.means_en


def _trait(name: str, op: str, value: Any) -> dict[str, Any]:
    return {"trait": name, "op": op, "value": value}


_DISCOUNTED = {"ordered": {"where": [{"key": "discount", "op": "gt", "value": 0}]}}
_WITH_COUPON = {"ordered": {"where": [{"key": "coupon", "op": "is_set"}]}}
_VIEWED = {"event": "Product Viewed"}
_ADDED = {"event": "Product Added"}
_BOUGHT = {"event": "Order Completed"}

LIBRARY: tuple[Ready, ...] = (
    Ready(
        "members", "attribute", "Members", "会员客户", "Customers who carry a membership tier. Address them by what their tier brings.",
        "拥有会员等级的客户。可按等级权益沟通。", {"attribute": "tier", "op": "is_set"},
    ),
    Ready(
        "registered-not-bought", "attribute", "Registered, never bought", "注册未购", "Known to the shop, without a single order. Help them to a first purchase.",
        "已注册但从未下单。重点促成首单。", {"all": [_trait("stage", "eq", "prospect"), _trait("orders", "eq", 0)]},
    ),
    Ready(
        "new", "behaviour", "New customers", "新客", "First order within the last 30 days. Welcome them, and lead them to the second order.",
        "最近 30 天内首次下单。做好欢迎并引导复购。", {"ordered": {}, "first": True, "within_days": 30},
    ),
    Ready(
        "active", "behaviour", "Active customers", "活跃客户", "Ordered within the time customers of this shop usually take. Keep them without discounts.",
        "在本店正常购买周期内下过单。维持关系，无需折扣。", _trait("stage", "in", ["new", "active"]),
    ),
    Ready(
        "sleeping", "behaviour", "Sleeping customers", "沉睡客户", "Have not ordered for longer than usual, and are not lost yet. Wake them with a reason to come.",
        "超过正常周期未下单，但尚未流失。给一个回来的理由。", _trait("stage", "eq", "dormant"),
    ),
    Ready(
        "churned", "behaviour", "Churned customers", "流失客户", "Silent for so long that few come back by themselves. One strong offer, then leave them alone.",
        "沉默过久，很少自然回流。一次强力召回后不再打扰。", _trait("stage", "eq", "churned"),
    ),
    Ready(
        "regular", "behaviour", "Comes every week", "每周都来", "Active in at least 3 of the last 4 weeks. The best people to ask and to show news first.",
        "最近 4 周中至少 3 周有行为。适合做调研和新品首发。", {"regularly": {"event": None}, "at_least": 3, "of_weeks": 4},
    ),
    Ready(
        "browsing-not-buying", "behaviour", "Looks, does not buy", "只看不买", "Looked at 5 products or more in the last 14 days and ordered none. Answer what holds them back.",
        "最近 14 天浏览 5 次以上商品却未下单。找出顾虑并打消。",
        {"all": [{"did": _VIEWED, "at_least": 5, "within_days": 14}, {"not": {"any": [{"did": _BOUGHT, "within_days": 14}, {"ordered": {}, "within_days": 14}]}}]},
    ),
    Ready(
        "cart-left", "behaviour", "Left a cart", "加购未付", "Put something into the cart within the last 3 days and ordered nothing since. Remind them of what is in it.",
        "最近 3 天加购但未下单。提醒购物车里的商品。",
        {"all": [{"did": _ADDED, "within_days": 3}, {"not": {"any": [{"sequence": [_ADDED, _BOUGHT], "within_days": 3}, {"ordered": {}, "within_days": 3}]}}]},
    ),
    Ready(
        "stopped-visiting", "behaviour", "Stopped coming", "不再来访", "Came in the 60 days before, but not within the last 30. Often the first sign of churn.",
        "此前 60 天有来访，最近 30 天没有。常是流失的先兆。", {"stopped": {"event": None}, "since_days": 30, "before_days": 60},
    ),
    Ready(
        "high-value", "value", "High value", "高价值客户", "Top scores for frequency and for money. Treat them as what they are: most of the revenue.",
        "购买频次与金额得分都高。是收入的主要来源，优先服务。", {"all": [_trait("frequency_score", "gte", 4), _trait("monetary_score", "gte", 4)]},
    ),
    Ready(
        "high-value-at-risk", "value", "High value at risk", "高价值待挽留", "Spent much, and their next order is late by their own rhythm. Call or write in person.",
        "消费金额高，且按自身节奏已逾期未购。应人工跟进。",
        {"all": [_trait("monetary_score", "gte", 4), {"prediction": "status", "op": "in", "value": ["overdue", "lost"]}, _trait("stage", "ne", "churned")]},
    ),
    Ready(
        "promising", "value", "Promising", "潜力客户", "Few orders so far, each of them large. A second good experience makes them high value.",
        "订单不多但单笔金额高。再一次好体验即可成为高价值客户。", {"all": [_trait("orders", "lte", 2), _trait("monetary_score", "gte", 4), _trait("recency_score", "gte", 3)]},
    ),
    Ready(
        "low-value", "value", "Low value", "低价值客户", "Little money, rarely. Serve them by what costs nothing.",
        "金额低、频次低。以零成本方式触达。", {"all": [_trait("frequency_score", "lte", 2), _trait("monetary_score", "lte", 2)]},
    ),
    Ready(
        "one-time", "value", "Bought once", "一次性客户", "One order, longer ago than most need for the second one. The largest group that can be won.",
        "仅下单一次且超过 60 天。最值得争取的复购人群。", {"all": [_trait("orders", "eq", 1), _trait("days_since_last", "gte", 60)]},
    ),
    Ready(
        "price-sensitive", "need", "Price-sensitive", "价格敏感", "At least half of the orders of a year came with a discount or coupon. Offers work, full prices do not.",
        "一年内至少一半订单使用折扣或优惠券。促销有效，原价难成交。",
        {
            "any": [
                {"all": [{**_DISCOUNTED, "at_least": 2, "within_days": 365}, {**_DISCOUNTED, "measure": "share", "at_least": 0.5, "within_days": 365}]},
                {"all": [{**_WITH_COUPON, "at_least": 2, "within_days": 365}, {**_WITH_COUPON, "measure": "share", "at_least": 0.5, "within_days": 365}]},
            ]
        },
    ),
    Ready(
        "quality-seeking", "need", "Quality-seeking", "品质导向", "Pay at least a quarter more per unit than the category's average. Show the best, not the cheapest.",
        "单价比同品类均价高至少 25%。展示最好的，而不是最便宜的。",
        {"all": [{"ordered": {}, "measure": "price_index", "at_least": 1.25, "within_days": 365}, {"ordered": {}, "at_least": 2, "within_days": 365}]},
    ),
    Ready(
        "brand-loyal", "need", "Brand-loyal", "品牌忠诚", "Three orders or more in a year, and most of the money goes to one brand. Tell them first what is new of it.",
        "一年内下单 3 次以上，六成以上花在同一品牌。该品牌上新优先通知。",
        {"all": [{"ordered": {}, "measure": "top_share(brand)", "at_least": 0.6, "within_days": 365}, {"ordered": {}, "at_least": 3, "within_days": 365}]},
    ),
    Ready(
        "service-demanding", "need", "Service-demanding", "服务敏感", "Give back much of what they buy, or had two refunds in half a year. Ask what went wrong before the next offer.",
        "退款占比高，或半年内退款两次以上。先解决问题，再谈营销。",
        {"any": [{"all": [_trait("refund_share", "gte", 0.2), _trait("orders", "gte", 2)]}, {"did": {"event": "Order Refunded"}, "at_least": 2, "within_days": 180}]},
    ),
    Ready(
        "bargain-hunters", "need", "Comes for promotions", "促销驱动", "Clicked a promotion or applied a coupon at least three times in 60 days.",
        "60 天内至少 3 次点击活动或使用优惠券。",
        {"any": [{"did": {"event": "Promotion Clicked"}, "at_least": 3, "within_days": 60}, {"did": {"event": "Coupon Applied"}, "at_least": 3, "within_days": 60}]},
    ),
)  # fmt: skip

BY_ID: dict[str, Ready] = {one.library_id: one for one in LIBRARY}
