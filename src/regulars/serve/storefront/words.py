"""What shoppers read on pages and components, in English and in Chinese."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from regulars.serve.recommend.domain.lists import Placement

#: The heading of a list where the page gives none.
TITLES: dict[Placement, tuple[str, str]] = {
    "similar": ("Similar products", "相似商品"),
    "bought_together": ("Often bought together", "经常一起购买"),
    "cart": ("Goes well with your cart", "与购物车更配"),
    "next": ("You may also like", "猜你喜欢"),
    "because_viewed": ("Because you looked at this", "看过的商品的相似款"),
    "home": ("Chosen for you", "为你推荐"),
    "email": ("Chosen for you", "为你推荐"),
    "buy_again": ("Buy again", "再次购买"),
    "category": ("In this category", "本类目推荐"),
    "trending": ("Trending now", "近期热门"),
    "rising": ("On the rise", "热度上升"),
    "popular": ("Best sellers", "畅销商品"),
    "new_arrivals": ("New arrivals", "新品上架"),
}
#: Words of the pages that need no script.
PAGE_WORDS: dict[str, tuple[str, str]] = {
    "search": ("Search", "搜索"),
    "search_in": ("Search products", "搜索商品"),
    "found": ("{n} products", "共 {n} 件商品"),
    "found_one": ("1 product", "共 1 件商品"),
    "nothing": ("Nothing found for “{query}”", "没有找到“{query}”"),
    "related": ("Nothing fits “{query}”. These may be of interest:", "没有找到“{query}”，看看这些商品："),
    "read_as": ("Shown for “{query}”", "已为你显示“{query}”的结果"),
    "before": ("Previous page", "上一页"),
    "after": ("Next page", "下一页"),
    "back": ("Back to the shop", "返回店铺"),
    "was": ("Before", "原价"),
}


def said(name: str, language: str, **values: str) -> str:
    """A sentence in the language of the page."""
    text = PAGE_WORDS[name][language == "zh"]
    for key, value in values.items():
        text = text.replace("{" + key + "}", value)
    return text
