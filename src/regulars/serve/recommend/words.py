"""What codes of this room mean, in English and in Chinese."""

from __future__ import annotations

from regulars.serve.recommend.domain.lift import LiftState
from regulars.serve.recommend.domain.lists import Placement, Why
from regulars.serve.recommend.domain.trials import Order, ShownBy

WHYS: dict[Why, tuple[str, str]] = {
    "unknown": ("Not in the catalogue", "商品目录中没有"),
    "out_of_stock": ("Out of stock", "缺货"),
    "hidden": ("Hidden or deleted", "已下架或删除"),
    "market": ("Not sold in the market asked for", "不在所需市场销售"),
    "variant": ("A variant of what the page is about, or of one before it", "当前商品或列表中靠前商品的同款变体"),
    "price": ("Outside the price range asked for", "不在所需价格区间"),
    "filter": ("Not of the category, brand or seller asked for", "不属于所需类目、品牌或卖家"),
    "excluded": ("Excluded by the request", "请求中已排除"),
    "bought": ("Bought already, and rarely bought again", "已购买且很少复购"),
    "in_context": ("The page or cart is about it", "当前页面或购物车中的商品"),
    "rule": ("Kept out by a rule", "被规则排除"),
    "shown_enough": ("Shown often enough for now, so others come first", "展示次数已达上限，暂时让位"),
}
PLACES: dict[Placement, tuple[str, str]] = {
    "similar": ("Similar products", "相似商品"),
    "bought_together": ("Bought together", "常一起购买"),
    "cart": ("Beside the cart", "购物车搭配"),
    "next": ("Next in the visit", "接下来浏览"),
    "because_viewed": ("Because you viewed", "因为您看过"),
    "home": ("Personal home page", "个性化首页"),
    "email": ("Block of an e-mail", "邮件推荐位"),
    "buy_again": ("Buy again", "再次购买"),
    "category": ("Category page", "类目页"),
    "trending": ("Trending", "近期热门"),
    "rising": ("Rising", "热度上升"),
    "popular": ("Best sellers", "畅销"),
    "new_arrivals": ("New arrivals", "新品"),
}
METHODS: dict[str, tuple[str, str]] = {
    "popularity": ("Popularity", "热门"),
    "co_views": ("Looked at together", "共同浏览"),
    "v_stan": ("V-STAN", "V-STAN"),
    "champion": ("Trees of before", "此前的排序模型"),
    "regulars": ("Regulars", "本系统"),
    "clicks": ("Regulars, clicks learned too", "本系统（含点击学习）"),
    "implicit": ("implicit", "implicit"),
    "frequency": ("Personal frequency", "个人购买频次"),
    "tifu_knn": ("TIFU-KNN", "TIFU-KNN"),
    "up_cf": ("UP-CF@r", "UP-CF@r"),
}
RANKINGS: dict[str, tuple[str, str]] = {
    "trees": ("Learned trees put lists in order: they won the replay", "排序模型在回放中胜出，正在使用"),
    "v_stan_won": ("V-STAN puts lists in order: learned trees did not beat it", "排序模型未胜过 V-STAN，使用 V-STAN"),
    "champion_won": ("The trees of before go on: the new ones were no better", "新模型未更优，沿用此前的模型"),
    "too_few_lists": ("V-STAN puts lists in order: too few visits to learn from", "访问数据不足，使用 V-STAN"),
    "too_few_sessions": ("Too few visits to judge anything", "访问过少，无法评估"),
    "not_judged": ("Not judged yet: the nightly run has not come", "尚未评估：等待夜间任务"),
}
KINDS: dict[str, tuple[str, str]] = {
    "pin": ("Pin", "置顶"),
    "boost": ("Boost", "加权"),
    "bury": ("Bury", "降权"),
    "exclude": ("Keep out", "排除"),
    "include": ("Only these", "仅限"),
}
SHOWN_BY: dict[ShownBy, tuple[str, str]] = {
    "model": ("Chosen by the model", "模型选择"),
    "random": ("Drawn by lot", "随机抽取"),
    "popular": ("Popular order", "热门排序"),
    "rule": ("Pinned", "规则置顶"),
}
ORDERS: dict[Order, tuple[str, str]] = {
    "model": ("As the night decided", "按每晚评估结果"),
    "v_stan": ("V-STAN", "V-STAN"),
    "popular": ("Popular order", "热门排序"),
}
AGAINST: dict[str, tuple[str, str]] = {
    "random": ("against random products", "对比随机商品"),
    "popular": ("against popular order", "对比热门排序"),
    "control": ("test against control", "实验组对比对照组"),
}
LIFT_STATES: dict[LiftState, tuple[str, str]] = {
    "better": ("Better", "更好"),
    "worse": ("Worse", "更差"),
    "no_difference": ("No difference shown", "未见差异"),
    "too_few": ("Too few yet", "数据不足"),
}
ARMS: dict[str, tuple[str, str]] = {
    "": ("No test", "未参与实验"),
    "control": ("Control", "对照组"),
    "variant": ("Test", "实验组"),
}


def ordered_by(model: str, language: str) -> str:
    """What put a list in order, from the `model` that the list names."""
    zh = language == "zh"
    _, _, number = model.partition(".")
    if number:
        return f"排序模型第 {number} 版" if zh else f"learned trees, version {number}"
    return METHODS[model][zh] if model in METHODS else model
