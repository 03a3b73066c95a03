"""Segments, value types and scores in words, Chinese and English: who they are and what to do about them."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.understand.rfm.domain import Dimension


@dataclass(frozen=True, slots=True)
class Words:
    """A name, a plain explanation and the suggested handling."""

    name: str
    explanation: str
    handling: str


_EN: dict[str, Words] = {
    "champions": Words(
        "Champions",
        "Ordered very recently and more often than most.",
        "Thank them, show new arrivals first, ask for reviews and referrals. No discounts needed.",
    ),
    "loyal": Words(
        "Loyal customers",
        "Order often and are still around.",
        "Offer bundles and a higher tier; ask what else they would buy.",
    ),
    "potential_loyalists": Words(
        "Potential loyalists",
        "Recent buyers with a few orders: the next regulars.",
        "Invite to the loyalty programme and recommend what goes with their last order.",
    ),
    "new_customers": Words(
        "New customers",
        "A very recent first order.",
        "Welcome them and help them use what they bought; make a second order easy within the usual window.",
    ),
    "promising": Words(
        "Promising",
        "A fairly recent order, none repeated yet.",
        "Remind them of the shop with a small reason to come back.",
    ),
    "need_attention": Words(
        "Need attention",
        "In the middle on recency and frequency; could go either way.",
        "A limited offer on what they bought before.",
    ),
    "about_to_sleep": Words(
        "About to sleep",
        "Few orders, and the last one is getting old.",
        "Show bestsellers and renewed favourites; a modest offer at most.",
    ),
    "cannot_lose": Words(
        "Cannot lose them",
        "Were among the most frequent buyers, but have not ordered for long.",
        "Contact personally and ask why; win back before a competitor keeps them.",
    ),
    "at_risk": Words(
        "At risk",
        "Ordered repeatedly, but long ago.",
        "A personal message with their favourites and an offer that expires.",
    ),
    "hibernating": Words(
        "Hibernating",
        "Few orders, and the last one was long ago.",
        "Include in cheap campaigns only; do not spend much on them.",
    ),
    "important_value": Words(
        "Important, keep delighted",
        "Recent, frequent and high spending.",
        "Give the best service and priority; do not train them on discounts.",
    ),
    "important_develop": Words(
        "Important, develop",
        "Recent and high spending, but not frequent.",
        "Raise frequency: memberships, replenishment reminders, bundles.",
    ),
    "important_keep": Words(
        "Important, keep", "Frequent and high spending, but not recent.", "Get in touch actively before they drift away."
    ),
    "important_win_back": Words(
        "Important, win back", "High spending, but neither recent nor frequent.", "A targeted win-back with a personal offer."
    ),
    "general_value": Words(
        "General, value", "Recent and frequent, but low spending.", "Raise the basket: thresholds, add-ons, better ranges."
    ),
    "general_develop": Words(
        "General, develop", "Recent only.", "Let them get to know the shop; try a low-threshold second-order offer."
    ),
    "general_keep": Words("General, keep", "Frequent only.", "Keep in touch through regular low-cost messages."),
    "general_win_back": Words("General, win back", "Low on all three.", "Spend little: big-sale reminders only."),
}

_ZH: dict[str, Words] = {
    "champions": Words("冠军客户", "最近刚下单，且下单比大多数人频繁。", "感谢并优先推荐新品，邀请评价与推荐好友，无需打折。"),
    "loyal": Words("忠诚客户", "经常下单，且仍在活跃。", "推荐组合与更高会员等级，了解还想买什么。"),
    "potential_loyalists": Words("潜力忠诚客户", "近期购买且已有几单，下一批回头客。", "邀请加入会员，推荐与上一单搭配的商品。"),
    "new_customers": Words("新客户", "刚刚完成首单。", "欢迎并帮助用好所购商品，在常见间隔内促成第二单。"),
    "promising": Words("有潜力客户", "近期下过单，尚未复购。", "用一个小理由提醒他们回来。"),
    "need_attention": Words("需要关注", "近度与频度居中，可能走向两端。", "针对买过的商品给限时优惠。"),
    "about_to_sleep": Words("即将沉睡", "订单少，且最近一单已渐久。", "展示畅销与翻新的心头好，最多给适度优惠。"),
    "cannot_lose": Words("不能流失", "曾属下单最频繁的客户，但已很久没下单。", "专人联系并询问原因，尽快挽回。"),
    "at_risk": Words("有流失风险", "曾多次下单，但已隔很久。", "发送个性化消息，附其偏好商品与限时优惠。"),
    "hibernating": Words("冬眠客户", "订单少，且最近一单已很久。", "仅纳入低成本活动，不宜多投入。"),
    "important_value": Words("重要价值客户", "近期购买、频次高、消费高。", "最好的服务与优先权益，不要用折扣惯坏。"),
    "important_develop": Words("重要发展客户", "近期购买、消费高，但频次低。", "提升频次：会员、补货提醒、组合购买。"),
    "important_keep": Words("重要保持客户", "频次高、消费高，但近期未购买。", "主动联系，防止流失。"),
    "important_win_back": Words("重要挽留客户", "消费高，但近期未购买且频次低。", "用专属优惠定向挽回。"),
    "general_value": Words("一般价值客户", "近期购买、频次高，但消费低。", "提升客单价：满减、加购、更好的品类。"),
    "general_develop": Words("一般发展客户", "仅近期购买。", "让其了解店铺，试用低门槛的二单优惠。"),
    "general_keep": Words("一般保持客户", "仅频次高。", "用低成本消息保持联系。"),
    "general_win_back": Words("一般挽留客户", "三项均低。", "少投入，仅在大促时提醒。"),
}

_DIMENSIONS: dict[Dimension, dict[str, str]] = {
    "recency": {"en": "Recency", "zh": "最近购买（R）"},
    "frequency": {"en": "Frequency", "zh": "购买频次（F）"},
    "monetary": {"en": "Monetary value", "zh": "消费金额（M）"},
}


def words(code: str, language: str = "en") -> Words:
    """The words of a segment or value type."""
    return (_ZH if language == "zh" else _EN)[code]


def segment_name(code: str, language: str = "en") -> str:
    """What a segment or value type is called."""
    return words(code, language).name


def dimension_name(dimension: Dimension, language: str = "en") -> str:
    """What a dimension is called."""
    return _DIMENSIONS[dimension]["zh" if language == "zh" else "en"]


def score_text(dimension: Dimension, value: float, amount: str, better_than: float, language: str = "en") -> str:
    """One score of one customer as a sentence; `better_than` is the share of buyers that do worse, `amount` the money in words."""
    percent = f"{int(better_than * 100)}%"  # rounded down: nobody has more than 100 % of buyers
    days, orders = f"{value:,.0f}", f"{value:,.0f}"
    if language == "zh":
        match dimension:
            case "recency":
                return f"最近一次下单在 {days} 天前，比 {percent} 的购买客户更近"
            case "frequency":
                return f"共 {orders} 单，多于 {percent} 的购买客户"
            case "monetary":
                return f"净消费 {amount}，高于 {percent} 的购买客户"
    match dimension:
        case "recency":
            when = "today" if value == 0 else "1 day ago" if value == 1 else f"{days} days ago"
            return f"Last order {when}: more recent than {percent} of buyers"
        case "frequency":
            return f"{orders} {'order' if value == 1 else 'orders'}: more than {percent} of buyers"
        case "monetary":
            return f"{amount} spent net of refunds: more than {percent} of buyers"


def fewer_scores(dimension: Dimension, scores: int, largest_share: float, language: str = "en") -> str:
    """Why fewer than five scores occur in a dimension."""
    percent = f"{largest_share:.0%}"
    if language == "zh":
        return f"只出现 {scores} 种分数：{percent} 的客户数值相同，相同数值得分相同"
    name = {"recency": "days since the last order", "frequency": "number of orders", "monetary": "spend"}[dimension]
    return f"Only {scores} of 5 scores occur: {percent} of buyers share one {name}, and equal values score equally"
