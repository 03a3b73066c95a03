"""The canonical fields a column can be, per kind of file: what each means and how its cells are read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["orders", "customers", "products", "reviews", "events", "costs", "competition"]
KINDS: tuple[Kind, ...] = ("orders", "customers", "products", "reviews", "events", "costs", "competition")

#: How a cell is read: an identifier, a word or text as it stands, an instant, a number, a share of a whole, or somebody's personal data
#: (never kept as it is).
Reading = Literal["id", "text", "instant", "amount", "count", "share", "flag", "personal"]

#: Whether the cell speaks of the whole order or of one line in it.
Level = Literal["order", "line"]


@dataclass(frozen=True, slots=True)
class Field:
    """One canonical field."""

    name: str
    reading: Reading
    meaning: str
    meaning_zh: str
    level: Level = "line"


def _fields(*fields: Field) -> dict[str, Field]:
    return {field.name: field for field in fields}


ORDER_FIELDS = _fields(
    Field("order_id", "id", "the order's or invoice's number", "订单编号", "order"),
    Field("line_id", "id", "the line's own number inside its order", "子订单编号"),
    Field("ordered_at", "instant", "when the order was placed", "下单时间", "order"),
    Field("ordered_time", "text", "the time of day, where it stands in a column of its own", "下单时刻", "order"),
    Field("customer_id", "id", "the shop's own number of the buyer", "客户编号", "order"),
    Field("customer_email", "personal", "the buyer's e-mail address", "邮箱", "order"),
    Field("customer_account", "personal", "the buyer's account name", "买家账号", "order"),
    Field("customer_phone", "personal", "the buyer's phone number", "手机号", "order"),
    Field("customer_name", "personal", "the buyer's name", "姓名", "order"),
    Field("customer_address", "personal", "the delivery address", "收货地址", "order"),
    Field("quantity", "count", "how many were bought; negative for goods that came back", "数量"),
    Field("unit_price", "amount", "the price of one", "单价"),
    Field("line_amount", "amount", "what the line comes to", "行金额"),
    Field("line_discount", "amount", "what was taken off the line", "行优惠"),
    Field("order_total", "amount", "what the buyer owes for the whole order", "订单总额", "order"),
    Field("items_total", "amount", "the goods of the order, before shipping and tax", "商品金额", "order"),
    Field("shipping", "amount", "postage of the order", "运费", "order"),
    Field("tax", "amount", "tax added to the order", "税费", "order"),
    Field("discount", "amount", "what was taken off the order", "优惠金额", "order"),
    Field("refund_amount", "amount", "money given back", "退款金额", "order"),
    Field("refunded_at", "instant", "when money was given back", "退款时间", "order"),
    Field("refund_reason", "text", "why money was given back; only a code is kept", "退款原因"),
    Field("status", "text", "the state of the order", "订单状态", "order"),
    Field("payment_status", "text", "the state of the payment", "付款状态", "order"),
    Field("cancelled_at", "instant", "when the order was cancelled", "取消时间", "order"),
    Field("paid_at", "instant", "when the order was paid", "付款时间", "order"),
    Field("paid_amount", "amount", "what the buyer paid", "实付金额", "order"),
    Field("shipped_at", "instant", "when the order was sent", "发货时间", "order"),
    Field("delivered_at", "instant", "when the order arrived", "签收时间", "order"),
    Field("promised_at", "instant", "when the order was promised to arrive", "承诺送达时间", "order"),
    Field("currency", "text", "the currency of the amounts", "币种", "order"),
    Field("product_id", "id", "the product's number", "商品编号"),
    Field("product_name", "text", "the product's name", "商品名称"),
    Field("category", "text", "the product's category", "类目"),
    Field("brand", "text", "the product's brand", "品牌"),
    Field("variant", "text", "colour, size and the like", "规格"),
    Field("seller", "text", "the seller inside a marketplace", "卖家"),
    Field("shop", "text", "the shop, where a file holds several", "店铺", "order"),
    Field("country", "text", "the country delivered to", "国家", "order"),
    Field("region", "text", "the province or state delivered to", "省份", "order"),
    Field("city", "text", "the city delivered to", "城市", "order"),
    Field("channel", "text", "where the order came in", "渠道", "order"),
    Field("coupon", "text", "the coupon used", "优惠券", "order"),
)

CUSTOMER_FIELDS = _fields(
    Field("customer_id", "id", "the shop's own number of the customer", "客户编号"),
    Field("customer_email", "personal", "the e-mail address", "邮箱"),
    Field("customer_account", "personal", "the account name", "账号"),
    Field("customer_phone", "personal", "the phone number", "手机号"),
    Field("customer_name", "personal", "the name", "姓名"),
    Field("first_name", "personal", "the first name", "名"),
    Field("last_name", "personal", "the family name", "姓"),
    Field("customer_address", "personal", "the postal address", "地址"),
    Field("registered_at", "instant", "when the account was opened", "注册时间"),
    Field("country", "text", "the country", "国家"),
    Field("region", "text", "the province or state", "省份"),
    Field("city", "text", "the city", "城市"),
    Field("gender", "text", "the gender", "性别"),
    Field("birth_date", "instant", "the date of birth; only the year is kept", "出生日期"),
    Field("birth_year", "count", "the year of birth", "出生年份"),
    Field("tier", "text", "the membership tier", "会员等级"),
    Field("channel", "text", "where the customer came from", "来源渠道"),
    Field("tags", "text", "labels the shop gave the customer", "标签"),
    Field("shop", "text", "the shop, where a file holds several", "店铺"),
)

PRODUCT_FIELDS = _fields(
    Field("product_id", "id", "the product's number", "商品编号"),
    Field("product_name", "text", "the product's name or title", "商品名称"),
    Field("category", "text", "the category", "类目"),
    Field("brand", "text", "the brand", "品牌"),
    Field("seller", "text", "the seller inside a marketplace", "卖家"),
    Field("price", "amount", "the selling price", "售价"),
    Field("cost", "amount", "what one costs the shop", "成本价"),
    Field("currency", "text", "the currency of the amounts", "币种"),
    Field("stock", "count", "how many are in stock", "库存"),
    Field("status", "text", "on sale, sold out, taken off", "状态"),
    Field("observed_at", "instant", "the day the values were seen", "更新时间"),
    Field("sold_total", "count", "units sold so far", "累计销量"),
    Field("review_total", "count", "reviews so far", "累计评价"),
    Field("shop", "text", "the shop, where a file holds several", "店铺"),
)

REVIEW_FIELDS = _fields(
    Field("review_id", "id", "the review's number", "评价编号"),
    Field("customer_id", "id", "the shop's own number of the writer", "客户编号"),
    Field("customer_email", "personal", "the writer's e-mail address", "邮箱"),
    Field("customer_account", "personal", "the writer's account name", "买家账号"),
    Field("customer_phone", "personal", "the writer's phone number", "手机号"),
    Field("customer_name", "personal", "the writer's name", "姓名"),
    Field("order_id", "id", "the order reviewed", "订单编号"),
    Field("product_id", "id", "the product reviewed", "商品编号"),
    Field("category", "text", "the product's category", "类目"),
    Field("rating", "amount", "the stars given", "评分"),
    Field("recommended", "flag", "whether the writer recommends it", "是否推荐"),
    Field("helpful_count", "count", "how many found the review helpful", "有用数"),
    Field("title", "personal", "the review's headline", "评价标题"),
    Field("words", "personal", "what the review says", "评价内容"),
    Field("reviewed_at", "instant", "when it was written", "评价时间"),
    Field("shop", "text", "the shop, where a file holds several", "店铺"),
)

EVENT_FIELDS = _fields(
    Field("occurred_at", "instant", "when it happened", "发生时间"),
    Field("event", "text", "what happened: the event's name", "事件名称"),
    Field("type", "text", "the kind of call, in Segment form: track, page, identify ...", "调用类型（Segment 格式）"),
    Field("customer_id", "personal", "the known customer: the shop's number, or an e-mail address", "客户编号"),
    Field("visitor_id", "personal", "the device of a visitor nobody has named", "访客编号"),
    Field("message_id", "id", "the message's own number; without it, a hash of the row", "消息编号"),
    Field("session_id", "id", "the session's number", "会话编号"),
    Field("product_id", "id", "the product's number", "商品编号"),
    Field("product_name", "text", "the product's name", "商品名称"),
    Field("category", "text", "the category", "类目"),
    Field("brand", "text", "the brand", "品牌"),
    Field("variant", "text", "colour, size and the like", "规格"),
    Field("price", "amount", "the price of one", "单价"),
    Field("quantity", "count", "how many", "数量"),
    Field("order_id", "id", "the order's number", "订单编号"),
    Field("order_total", "amount", "what the order comes to", "订单总额"),
    Field("currency", "text", "the currency of the amounts", "币种"),
    Field("coupon", "text", "the coupon used", "优惠券"),
    Field("list_id", "text", "the list the product stood in", "列表"),
    Field("query", "text", "the words searched for", "搜索词"),
    Field("url", "text", "the page's address", "页面地址"),
    Field("referrer", "text", "the page before", "来源页面"),
)

COST_FIELDS = _fields(
    Field("spent_on", "instant", "the day, or the first day of the period", "日期"),
    Field("spent_until", "instant", "the last day of the period, where a row covers several days", "结束日期"),
    Field("source", "text", "the platform or channel the money went to", "推广平台"),
    Field("campaign", "text", "the campaign, as utm_campaign names it", "推广计划"),
    Field("coupon", "text", "the coupon or promotion it was spent for", "优惠券"),
    Field("impressions", "count", "how often it was shown", "展现量"),
    Field("clicks", "count", "how often it was clicked", "点击量"),
    Field("cost", "amount", "what was spent", "花费"),
    Field("currency", "text", "the currency of the amounts", "币种"),
)

COMPETITION_FIELDS = _fields(
    Field("observed_on", "instant", "the day it was seen", "日期"),
    Field("competitor", "text", "the competitor", "竞品店铺"),
    Field("product_id", "id", "our product's number or SKU", "商品编号"),
    Field("product_name", "text", "our product's name", "商品名称"),
    Field("category", "text", "our category", "类目"),
    Field("price", "amount", "the competitor's price", "竞品价格"),
    Field("currency", "text", "the currency of the amounts", "币种"),
    Field("available", "flag", "whether the competitor has it in stock", "是否有货"),
    Field("share", "share", "the competitor's share of the market", "市场份额"),
    Field("sales", "amount", "what the competitor sold, in money", "销售额"),
    Field("units", "count", "what the competitor sold, in units", "销量"),
)

FIELDS: dict[Kind, dict[str, Field]] = {
    "orders": ORDER_FIELDS,
    "customers": CUSTOMER_FIELDS,
    "products": PRODUCT_FIELDS,
    "reviews": REVIEW_FIELDS,
    "events": EVENT_FIELDS,
    "costs": COST_FIELDS,
    "competition": COMPETITION_FIELDS,
}

#: What a file must tell: one field of each group. The first of a group is the one a message names.
REQUIRED: dict[Kind, tuple[tuple[str, ...], ...]] = {
    "orders": (("ordered_at",), ("line_amount", "unit_price", "order_total", "paid_amount", "items_total")),
    "customers": (("customer_id", "customer_email", "customer_account", "customer_phone"),),
    "products": (("product_id", "product_name"),),
    "reviews": (("rating", "words"),),
    "events": (("occurred_at",), ("event", "type"), ("customer_id", "visitor_id")),
    "costs": (("spent_on",), ("cost",)),
    "competition": (
        ("observed_on",),
        ("competitor",),
        ("product_id", "product_name", "category"),
        ("price", "share", "sales", "units"),
    ),
}

#: The fields that may stand for the buyer, best first: the first one filled in a row names the customer.
IDENTITIES: tuple[str, ...] = ("customer_id", "customer_email", "customer_account", "customer_phone")
