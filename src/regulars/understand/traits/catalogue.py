"""The traits: the one declared list, from which the table, the API, the pages and the reference page are made."""

from __future__ import annotations

from typing import Literal

from regulars.understand.traits.domain import Family, Trait, Unit, Window

_ORDERS = ("orders", "refunds")
_LINES = ("orders", "order_lines")
_NEVER = ("has not ordered yet", "尚未下单")
_NO_GAP = ("has ordered on one day only", "只在一天下过单")
_BY = {
    "category": ("category", "品类", "no bought line names a category", "购买明细没有品类"),
    "brand": ("brand", "品牌", "no bought line names a brand", "购买明细没有品牌"),
    "seller": ("seller", "卖家", "no bought line names a seller", "购买明细没有卖家"),
}
_PRICED = (
    "bought nothing in a category of at least 5 priced products",
    "没有购买过拥有至少 5 个有价商品的品类",
)


def _trait(
    family: Family, name: str, unit: Unit, label: tuple[str, str], formula: tuple[str, str], none: tuple[str, str],
    sources: tuple[str, ...], *, window: Window = "all", likeness: Literal["", "plain", "log"] = "",
) -> Trait:  # fmt: skip
    return Trait(
        name=name,
        family=family,
        unit=unit,
        label={"en": label[0], "zh": label[1]},
        formula={"en": formula[0], "zh": formula[1]},
        none={"en": none[0], "zh": none[1]},
        sources=sources,
        window=window,
        likeness=likeness,
    )


def _preferred(by: str) -> tuple[Trait, Trait, Trait]:
    en, zh, none_en, none_zh = _BY[by]
    none = (none_en, none_zh)
    return (
        _trait("taste", f"preferred_{by}", "text", (f"Preferred {en}", f"偏好{zh}"), (
            f"The {en} with the largest spend in counted orders; equal ones by name",
            f"有效订单中花费最多的{zh}；相同时按名称",
        ), none, _LINES),
        _trait("taste", f"preferred_{by}_share", "share", (f"Share of the preferred {en}", f"偏好{zh}占比"), (
            f"Spend in the preferred {en} / spend in lines that name a {en}",
            f"偏好{zh}的花费 / 有{zh}的明细的花费",
        ), none, _LINES, likeness="plain"),
        _trait("taste", f"preferred_{by}_lift", "ratio", (f"Lift of the preferred {en}", f"偏好{zh}提升度"), (
            f"The customer's share of the preferred {en} / the whole shop's share of it",
            f"客户在偏好{zh}的占比 / 全店在该{zh}的占比",
        ), none, _LINES),
    )  # fmt: skip


_ALL = (
    _trait("value", "lifetime_value", "money", ("Value so far", "累计价值"), (
        "Net revenue of all orders so far: GMV - cancelled - refunds", "至今所有订单的净收入：GMV - 取消 - 退款"),
        _NEVER, _ORDERS, likeness="log"),
    _trait("value", "average_order_value", "money", ("Average order value", "客单价"), (
        "GMV / orders", "GMV / 订单数"), _NEVER, ("orders",), likeness="log"),
    _trait("value", "order_count", "count", ("Orders", "订单数"), (
        "Counted orders (placed or cancelled), 0 for those who have not ordered", "有效订单数（含已取消），未下单者为 0"),
        ("nothing is known of them but events", "仅有行为事件"), ("orders",), likeness="log"),
    _trait("value", "recency_days", "days", ("Days since the last order", "距上次下单天数"), (
        "Local days from the last order to the end of the data", "从最近一次下单到数据截止的店铺本地天数"),
        _NEVER, ("orders",), likeness="log"),
    *(_trait("value", f"{name}_score", "score", (f"{en} score", f"{zh}分"), (
        f"1 (worst) to 5 (best) among the shop's buyers, as RFM scores {name}", f"在本店客户中 1（最差）到 5（最好），与 RFM {zh}一致"),
        _NEVER, ("customer_profiles",)) for name, en, zh in (
            ("recency", "Recency", "最近购买"), ("frequency", "Frequency", "购买频次"), ("monetary", "Monetary", "购买金额"))),
    _trait("rhythm", "purchase_cycle_days", "days", ("Purchase cycle", "购买周期"), (
        "Median days between two purchase days", "相邻两个购买日间隔天数的中位数"), _NO_GAP, ("orders",), likeness="log"),
    _trait("rhythm", "tenure_days", "days", ("Tenure", "客龄"), (
        "Local days from the registration or first order, whichever is earlier, to the end of the data",
        "从注册或首单（取较早者）到数据截止的天数"),
        ("neither ordered nor registered with a date", "没有下单，也没有注册日期"), ("orders", "customers"), likeness="plain"),
    *_preferred("category"), *_preferred("brand"), *_preferred("seller"),
    _trait("taste", "brand_loyalty", "share", ("Brand loyalty", "品牌忠诚度"), (
        "Of the brands bought in an order whose category was bought before: the share that were bought in that category's order before it too",
        "在复购某品类时购买的品牌中，上一次购买该品类时也买过的占比"),
        ("never bought a category with brands a second time", "没有复购过带品牌的品类"), _LINES, likeness="plain"),
    _trait("price", "price_position", "share", ("Price position", "价位"), (
        "Mean, over the products bought (once an order), of the product's place among all products of its category by mean paid "
        "price: 0 the cheapest, 1 the dearest; only categories of 5 products or more",
        "所购商品（每单每商品计一次）在其品类全部商品中按平均成交价的位置均值：0 最便宜，1 最贵；仅计至少 5 个商品的品类"),
        _PRICED, _LINES, likeness="plain"),
    _trait("price", "price_band", "text", ("Price band", "价格带"), (
        "low, middle or high: the third of 0 to 1 that the price position is in", "low、middle 或 high：价位所在的三分之一"),
        _PRICED, _LINES),
    _trait("price", "upper_third_share", "share", ("Quality seeking", "品质追求"), (
        "Share of the products bought (once an order) that are in the dearest third of their category",
        "所购商品（每单每商品计一次）中位于品类最贵三分之一的占比"), _PRICED, _LINES, likeness="plain"),
    _trait("price", "bought_rating", "stars", ("Rating of what they buy", "所购商品评分"), (
        "Mean rating, by all reviewers, of the products bought (once an order) that have at least 3 reviews",
        "所购商品（每单每商品计一次、至少 3 条评价）的平均评分"),
        ("no product they bought has 3 reviews", "所购商品没有达到 3 条评价"), (*_LINES, "reviews")),
    _trait("price", "paid_against_usual", "ratio", ("Paid against the usual price", "成交价与常价之比"), (
        "Geometric mean of unit price / the product's usual (geometric mean) unit price, over lines of products sold at several prices; below 1: buys when it is cheap",
        "在有过多种价格的商品上，成交单价 / 该商品常价（几何均值）的几何均值；小于 1 表示常在便宜时购买"),
        ("bought no product that was sold at several prices", "没有购买过有多种价格的商品"), _LINES, likeness="plain"),
    _trait("price", "price_response", "ratio", ("Response to price", "价格反应"), (
        "By how many percent the quantity changes where a product's price is 1 % higher: least squares through the means of each product, in logarithms; from 10 lines on whose prices vary",
        "商品价格高 1% 时购买数量变化的百分比：以各商品均值为中心、取对数的最小二乘；需至少 10 行价格有变化的明细"),
        ("fewer than 10 lines of products with several prices", "有多种价格的商品明细不足 10 行"), _LINES),
    _trait("promotion", "discount_order_share", "share", ("Orders at a discount", "折扣订单占比"), (
        "Share of orders with a discount or a coupon", "含折扣或优惠券的订单占比"),
        ("the shop's orders tell no discount or coupon", "店铺订单没有折扣或优惠券信息"), ("orders",), likeness="plain"),
    _trait("promotion", "coupon_order_share", "share", ("Orders with a coupon", "用券订单占比"), (
        "Share of orders with a coupon code", "使用优惠券的订单占比"),
        ("the shop's orders tell no coupon", "店铺订单没有优惠券信息"), ("orders",), likeness="plain"),
    _trait("promotion", "discount_rate", "share", ("Discount rate", "折扣率"), (
        "Discounts / price of the items before them", "折扣金额 / 折前商品金额"),
        ("the shop's orders tell no discount", "店铺订单没有折扣信息"), ("orders",), likeness="plain"),
    _trait("habit", "preferred_channel", "text", ("Preferred channel", "偏好渠道"), (
        "The channel of most orders; equal ones by name", "订单最多的渠道；相同时按名称"),
        ("no order names a channel", "订单没有渠道"), ("orders",)),
    _trait("habit", "preferred_channel_share", "share", ("Share of the preferred channel", "偏好渠道占比"), (
        "Orders by the preferred channel / orders that name a channel", "偏好渠道订单数 / 有渠道的订单数"),
        ("no order names a channel", "订单没有渠道"), ("orders",), likeness="plain"),
    _trait("habit", "preferred_hour", "hour", ("Preferred hour", "偏好时段"), (
        "The hour of the shop's local day with most orders; the earlier of equal ones", "订单最多的店铺本地小时；相同时取较早者"),
        _NEVER, ("orders",)),
    _trait("habit", "preferred_hour_share", "share", ("Share of the preferred hour", "偏好时段占比"), (
        "Orders in the preferred hour / orders", "偏好时段订单数 / 订单数"), _NEVER, ("orders",)),
    _trait("habit", "weekend_share", "share", ("Orders at weekends", "周末订单占比"), (
        "Share of orders on a local Saturday or Sunday", "店铺本地周六、周日的订单占比"), _NEVER, ("orders",), likeness="plain"),
    _trait("habit", "preferred_device", "text", ("Preferred device", "偏好设备"), (
        "The device of most visits that tell one; equal ones by name", "访问最多的设备；相同时按名称"),
        ("was never seen on a device", "没有设备访问记录"), ("sessions",)),
    _trait("habit", "home_region", "text", ("Region", "地区"), (
        "Region of the latest order that names one, else the customer's, else of the latest visit", "最近订单的地区，否则为客户资料，否则为最近访问的地区"),
        ("no order, file or visit names a region", "订单、资料和访问都没有地区"), ("orders", "customers", "sessions")),
    _trait("service", "return_rate", "share", ("Return rate", "退款率"), (
        "Refunded / (GMV - cancelled)", "退款金额 / (GMV - 取消)"),
        ("has no order that was not cancelled", "没有未取消的订单"), _ORDERS, likeness="plain"),
    _trait("service", "mean_rating", "stars", ("Mean rating given", "平均评分"), (
        "Mean of the ratings this customer gave", "该客户所给评分的均值"),
        ("has not rated anything", "没有评分"), ("reviews",)),
    _trait("service", "complaints", "count", ("Complaints", "差评数"), (
        "Reviews with 2 stars or fewer, or that do not recommend", "2 星及以下或不推荐的评价数"),
        ("has not reviewed anything", "没有评价"), ("reviews",)),
    _trait("service", "review_mood", "share", ("Mood of reviews", "评价情感分"), (
        "Mean mood of the words of this customer's reviews, 0 (discontent) to 1 (content); Chinese and English only",
        "该客户评价内容情感分的均值，0（不满）到 1（满意）；仅中文和英文"),
        ("wrote no review whose words could be scored", "没有可计算情感分的评价"), ("reviews",)),
    _trait("service", "late_delivery_share", "share", ("Late deliveries", "晚到占比"), (
        "Orders that arrived after the promise / orders whose arrival and promise are known",
        "签收晚于承诺的订单 / 签收与承诺时间都已知的订单"),
        ("no order tells its arrival and its promise", "没有订单同时有签收和承诺时间"), ("orders",)),
    _trait("engagement", "sessions_30_days", "count", ("Visits of 30 days", "近 30 天访问"), (
        "Visits that began in the last 30 days of the data, without bots", "数据截止前 30 天内开始的访问数，不含机器人"),
        ("was not seen in the last 120 days", "近 120 天没有访问"), ("sessions",), window="last_120_days", likeness="log"),
    _trait("engagement", "engagement_trend", "ratio", ("Engagement trend", "活跃趋势"), (
        "(a - b) / (a + b), a: visits a day of the last 30 days, b: of the 90 days before; 1 only lately, 0 as before, -1 no longer",
        "(a - b) / (a + b)，a 为近 30 天日均访问，b 为之前 90 天日均访问；1 仅近期活跃，0 持平，-1 不再活跃"),
        ("was not seen in the last 120 days", "近 120 天没有访问"), ("sessions",), window="last_120_days", likeness="plain"),
    _trait("given", "given_age", "years", ("Age", "年龄"), (
        "Year of the end of the data - year of birth, as loaded, else as told by an identify call (birth_year, or age)",
        "数据截止年份 - 出生年份；取导入资料，否则取 identify 的 birth_year 或 age"),
        ("no year of birth was given", "未提供出生年份"), ("customers", "events"), window="now"),
    *(_trait("given", f"given_{name}", "text", (en, zh), (
        f"As loaded with customers, else as the newest identify call told `{name}`" if name != "occupation" else "As the newest identify call told `occupation`",
        f"取导入的客户资料，否则取最新 identify 的 `{name}`" if name != "occupation" else "取最新 identify 的 `occupation`"),
        ("was not given", "未提供"), ("customers", "events") if name != "occupation" else ("events",), window="now")
        for name, en, zh in (("gender", "Gender", "性别"), ("city", "City", "城市"), ("occupation", "Occupation", "职业"), ("tier", "Tier", "等级"))),
)  # fmt: skip

TRAITS: dict[str, Trait] = {one.name: one for one in _ALL}
FAMILIES: dict[Family, dict[str, str]] = {
    "value": {"en": "Value", "zh": "价值"},
    "rhythm": {"en": "Rhythm", "zh": "节奏"},
    "taste": {"en": "Preferences", "zh": "偏好"},
    "price": {"en": "Price and quality", "zh": "价格与品质"},
    "promotion": {"en": "Promotions", "zh": "促销"},
    "habit": {"en": "Habits", "zh": "习惯"},
    "service": {"en": "Returns and satisfaction", "zh": "售后与满意度"},
    "engagement": {"en": "Engagement", "zh": "活跃"},
    "given": {"en": "Given", "zh": "资料"},
}
WINDOWS: dict[Window, dict[str, str]] = {
    "all": {"en": "whole history", "zh": "全部历史"},
    "last_120_days": {"en": "last 120 days", "zh": "近 120 天"},
    "now": {"en": "as of now", "zh": "当前"},
}
