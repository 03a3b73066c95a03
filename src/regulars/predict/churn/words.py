"""What is shown of levels, reasons, actions and views, in English and Chinese."""

from __future__ import annotations

from regulars.predict.churn.facts import ONLY_ORDER, WORTH

#: Code -> name in English and Chinese.
LEVEL_NAMES = {
    "red": ("Red", "红色"),
    "orange": ("Orange", "橙色"),
    "yellow": ("Yellow", "黄色"),
    "green": ("Green", "绿色"),
    "gone": ("Gone", "已流失"),
}
REASON_NAMES = {
    "delivery": ("Delivery", "配送"),
    "quality": ("Product quality and reviews", "商品质量与评价"),
    "returns": ("Returns", "退货退款"),
    "price": ("Price and promotion", "价格与促销"),
    "service": ("Service", "客服"),
    "visits": ("Visits falling", "到访减少"),
    "category": ("Category exhausted", "品类需求枯竭"),
    "rhythm": ("Rhythm", "购买节奏"),
}
ACTION_NAMES = {
    "delivery": ("Apologise for the delivery and make the next one free and tracked", "就配送致歉，下一单免运费并全程跟踪"),
    "quality": ("Have support call, replace or refund what disappointed", "由客服回访，对不满意的商品换货或退款"),
    "returns": ("Ask what went wrong and recommend what is seldom sent back", "询问退货原因，推荐退货率低的商品"),
    "price": ("Offer the price it is used to, by a personal coupon", "用专属优惠券给到其习惯的价格"),
    "service": ("Let a senior colleague settle the open ticket", "由资深客服跟进并了结工单"),
    "visits": ("Bring back by what it viewed last", "用最近浏览的商品唤回"),
    "category": ("Show a neighbouring category it has not bought from", "推荐尚未买过的相邻类目"),
    "rhythm": ("Remind at its usual time", "在其惯常的购买时间提醒"),
    WORTH: ("A personal word of thanks; no offer is needed", "致以个人问候即可，无需优惠"),
    ONLY_ORDER: ("Invite to a second order while the first is fresh", "趁首单印象尚新，邀请再次下单"),
}
VIEW_NAMES = {
    "satisfaction": ("Satisfaction", "满意度"),
    "product_quality": ("Product quality", "商品质量"),
    "service_experience": ("Service experience", "服务体验"),
    "brand_and_price": ("Brand and price", "品牌与价格"),
}
WRONG_NAMES = {
    "still_buys": ("Still buys from us elsewhere (store, phone, another account)", "仍在其他渠道购买（门店、电话、其他账号）"),
    "seasonal": ("Buys only in its season", "只在特定季节购买"),
    "other_reason": ("At risk, but for another reason", "确有风险，但原因不对"),
    "already_handled": ("Already talked to", "已经沟通处理"),
    "cannot_return": ("Moved or has no need any more", "已搬离或不再需要"),
    "no_customer": ("No real customer (test, staff, reseller)", "非真实客户（测试、员工、经销商）"),
    "other": ("Something else", "其他"),
}
METHOD_NAMES = {
    "blend": ("trees and regression", "梯度提升树与逻辑回归的平均"),
    "logistic": ("regression on six numbers", "六个数值的逻辑回归"),
    "purchase_model": ("purchase model (Pareto/NBD or NBD)", "购买模型（Pareto/NBD 或 NBD）"),
}


def word(names: dict[str, tuple[str, str]], code: str, language: str) -> str:
    """A code's name; an unknown one is its own."""
    found = names.get(code)
    return code if found is None else found[1 if language == "zh" else 0]
