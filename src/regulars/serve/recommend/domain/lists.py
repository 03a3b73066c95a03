"""What is asked and what is answered: placements, the list with its reasons, and why something is not in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from regulars.values.money import Money

Placement = Literal[
    "similar",
    "bought_together",
    "cart",
    "next",
    "because_viewed",
    "home",
    "email",
    "buy_again",
    "category",
    "trending",
    "rising",
    "popular",
    "new_arrivals",
]
PLACEMENTS: tuple[Placement, ...] = get_args(Placement)
#: What each placement shows, in English and Chinese.
MEANINGS: dict[Placement, tuple[str, str]] = {
    "similar": ("Products like the one that is looked at", "与当前商品相似的商品"),
    "bought_together": ("Products that are bought in one basket with these", "常与这些商品一起购买的商品"),
    "cart": ("What goes with the whole cart", "与整个购物车搭配的商品"),
    "next": ("What visitors look at next after such a visit", "同类访客接下来浏览的商品"),
    "because_viewed": ("Products like the one that was viewed last", "与最近浏览商品相似的商品"),
    "home": ("A personal choice: this visit, earlier ones, and what is bought again", "个性化首页：本次访问、历史浏览与复购"),
    "email": ("The same for a message, without this visit", "用于邮件的个性化推荐（不看本次访问）"),
    "buy_again": ("What this customer buys again and again", "该客户反复购买的商品"),
    "category": ("A category's products, in the order of their chances", "类目页排序"),
    "trending": ("What is looked at and bought most these days", "近期热门商品"),
    "rising": ("What is looked at more than usual", "热度上升的商品"),
    "popular": ("What sells best, in the region or segment where one is given", "按地区或分群的畅销商品"),
    "new_arrivals": ("New products, each with a fair start", "新品（保证曝光机会）"),
}
#: Placements that need a product to start from.
NEED_CONTEXT: tuple[Placement, ...] = ("similar", "bought_together", "cart")
Code = Literal[
    "context",
    "bought_with",
    "viewed",
    "visits_like_this",
    "bought_before",
    "buyers_like_you",
    "category_liked",
    "popular",
    "popular_there",
    "rising",
    "new",
    "pinned",
    "discovery",
]
Why = Literal[
    "unknown", "out_of_stock", "hidden", "market", "variant", "price", "filter", "excluded", "bought", "in_context", "rule",
    "shown_enough",
]  # fmt: skip
MOST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A request. `customer` is a buyer as the shop names them, `visitor` a device as its SDK names it; ids may be unknown.

    `repeats` lets `next` show again what was looked at in this visit. `apart` is for askers who cannot prove who they are, such as
    a page in a browser: of a `visitor` only what that device did in this visit counts, and nothing of the customer it belongs to.
    """

    placement: Placement
    customer: str | None = None
    visitor: str | None = None
    context: tuple[str, ...] = ()
    category: str | None = None
    brand: str | None = None
    seller_id: str | None = None
    min_price_minor: int | None = None
    max_price_minor: int | None = None
    market: str | None = None
    region: str | None = None
    segment_id: str | None = None
    exclude: tuple[str, ...] = ()
    repeats: bool = False
    apart: bool = False
    size: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class RecommendReason:
    """Why a product is in the list; `product_id` is the source, which the person viewed or bought, or the request named."""

    code: Code
    product_id: str | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommended:
    """One place of a list."""

    position: int
    product_id: str
    name: str | None
    category: str | None
    brand: str | None
    price: Money | None
    score: float
    reason: RecommendReason


@dataclass(frozen=True, slots=True, kw_only=True)
class RecommendationList:
    """A list. Its `impression_id` is sent back as `list_id` of `Product List Viewed` and `Product Clicked`.

    `personalised` is false where the person has refused it or nobody was named: then only the request and what is popular count.
    `arm` is the person's arm where the placement runs an A/B test.
    """

    impression_id: str
    placement: Placement
    model: str
    personalised: bool
    made_at: datetime
    items: list[Recommended]
    arm: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """A candidate that is not in the list, and why."""

    product_id: str
    name: str | None
    why: Why


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedList:
    """A list with what it was made from: what is known of the person, how many candidates there were, and what was left out."""

    recommendation: RecommendationList
    viewed: list[str]
    bought: int
    candidates: int
    dropped: list[Dropped]


TEXTS: dict[Code, tuple[str, str]] = {
    "context": ("Goes with {name}", "与{name}相关"),
    "bought_with": ("Bought together with {name}", "常与{name}一起购买"),
    "viewed": ("Because you viewed {name}", "因为浏览过{name}"),
    "visits_like_this": ("Others with a visit like this looked at it", "相似访问的顾客也看了"),
    "bought_before": ("Bought before", "以前买过"),
    "buyers_like_you": ("Bought by customers who buy alike", "购买习惯相似的顾客买过"),
    "category_liked": ("Popular in a category you look at", "常看类目中的热门商品"),
    "popular": ("Popular now", "近期热门"),
    "popular_there": ("Popular there", "当地热门"),
    "rising": ("Looked at more than usual", "热度上升"),
    "new": ("New here", "新品"),
    "pinned": ("Chosen by the shop", "店铺精选"),
    "discovery": ("Something else to discover", "发现更多"),
}


def text_of(code: Code, name: str | None, language: str) -> str:
    """The reason in words."""
    return TEXTS[code][language == "zh"].replace("{name}", name or "")
