"""Looking around: searches, lists, promotions, products."""

from __future__ import annotations

from regulars.events.ecommerce.vocabulary import CURRENCY, LIST_CATEGORY, LIST_ID, ONE_PRODUCT, PRODUCTS, SEARCH_ID, needed
from regulars.events.specs import EventSpec, PropertySpec, Subject

_QUERY = PropertySpec(
    "query", "string", "the words searched for", "搜索词", required=True, column="query", aliases=("search", "search_term", "q")
)
_RESULTS = PropertySpec("results", "integer", "how many products were found", "结果数量", aliases=("result_count", "resultCount"))
_FILTERS = PropertySpec("filters", "list", "the filters that were set: {type, value}", "所选筛选条件：{type, value}")
_SORTS = PropertySpec("sorts", "list", "the sort orders that were set: {type, value}", "所选排序：{type, value}")

_PROMOTION = (
    needed(
        PropertySpec("promotion_id", "string", "the promotion's number", "推广位编号", aliases=("promotionId",)), instead=("name",)
    ),
    PropertySpec("creative", "string", "which picture or text was shown", "素材"),
    PropertySpec("name", "string", "the promotion's name", "推广名称"),
    PropertySpec("position", "string", "where on the page it stood", "展示位置"),
)

BROWSING = Subject(
    "Looking around",
    "浏览",
    (
        EventSpec("Products Searched", "A visitor searched for products.", "访客搜索了商品。", (_QUERY, _RESULTS, SEARCH_ID)),
        EventSpec(
            "Product List Viewed",
            "A list or category was seen.",
            "浏览了商品列表或类目。",
            (LIST_ID, LIST_CATEGORY, PRODUCTS, CURRENCY),
        ),
        EventSpec(
            "Product List Filtered",
            "A list was filtered or sorted.",
            "对商品列表做了筛选或排序。",
            (LIST_ID, LIST_CATEGORY, _FILTERS, _SORTS, PRODUCTS, CURRENCY),
        ),
        EventSpec("Promotion Viewed", "A promotion on a page was seen.", "看到了推广位。", _PROMOTION),
        EventSpec("Promotion Clicked", "A promotion on a page was clicked.", "点击了推广位。", _PROMOTION),
        EventSpec(
            "Product Clicked",
            "A product in a list was clicked.",
            "在列表中点击了商品。",
            (*ONE_PRODUCT, LIST_ID, SEARCH_ID, CURRENCY),
        ),
        EventSpec(
            "Product Viewed", "A product's page was seen.", "浏览了商品详情页。", (*ONE_PRODUCT, LIST_ID, SEARCH_ID, CURRENCY)
        ),
    ),
)
