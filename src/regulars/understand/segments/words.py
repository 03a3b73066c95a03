"""Conditions in sentences, in Chinese and English: for explanations, for the list, and for people who read a tree aloud."""

from __future__ import annotations

from regulars.understand import traits
from regulars.understand.questions import Condition, EventFilter
from regulars.understand.segments.domain.traits import SCORES, TRAITS, Known
from regulars.understand.segments.domain.tree import (
    All,
    AnyOf,
    Attribute,
    Bounds,
    Did,
    InTurn,
    Leaf,
    Member,
    Node,
    Not,
    Ordered,
    Period,
    Regularly,
    Score,
    Stopped,
    Tag,
    Trait,
)

_OPS = {
    "eq": ("is", "是"), "ne": ("is not", "不是"), "is_set": ("is known", "已填写"), "not_set": ("is not known", "未填写"),
    "in": ("is one of", "属于"), "not_in": ("is none of", "不属于"), "gt": ("is more than", "大于"), "gte": ("is at least", "不少于"),
    "lt": ("is less than", "小于"), "lte": ("is at most", "不多于"), "between": ("is between", "介于"), "contains": ("contains", "包含"),
    "not_contains": ("does not contain", "不包含"), "starts_with": ("starts with", "开头是"),
}  # fmt: skip
_VALUES = {
    "new": "新客", "active": "活跃", "dormant": "沉睡", "churned": "流失", "prospect": "未下单", "on_time": "正常", "due": "临近",
    "overdue": "逾期", "lost": "流失",
}  # fmt: skip
_UNITS = {"second": "秒", "minute": "分钟", "hour": "小时", "day": "天", "week": "周"}
_KEYS = {
    "coupon": ("coupon", "优惠券"), "channel": ("channel", "渠道"), "region": ("region", "地区"), "seller": ("seller", "店铺"),
    "status": ("status", "状态"), "currency": ("currency", "币种"), "total": ("order total", "订单金额"), "discount": ("discount", "优惠金额"),
    "shipping": ("postage", "运费"), "units": ("units", "件数"), "product": ("product", "商品"), "product_name": ("product name", "商品名称"),
    "category": ("category", "品类"), "brand": ("brand", "品牌"), "variant": ("variant", "规格"), "gender": ("gender", "性别"),
    "tier": ("tier", "会员等级"), "city": ("city", "城市"), "birth_year": ("birth year", "出生年份"),
}  # fmt: skip


def sentence(node: Node, language: str = "en") -> str:
    """A tree in words."""
    zh = language == "zh"
    match node:
        case All(of):
            return _joined(of, "，且" if zh else ", and ", language) or ("所有人" if zh else "everybody")
        case AnyOf(of):
            return _joined(of, "，或" if zh else ", or ", language) or ("没有人" if zh else "nobody")
        case Not(Did() as leaf) if leaf.bounds.open and not leaf.first and leaf.measure == "count":
            return ("没有" if zh else "did not do ") + _event(leaf.event, language) + _period(leaf.period, language)
        case Not(of):
            return (f"并非（{sentence(of, language)}）") if zh else f"not ({sentence(of, language)})"
        case _:
            return leaf_sentence(node, language)


def leaf_sentence(leaf: Leaf, language: str = "en") -> str:
    """One condition in words."""
    zh = language == "zh"
    match leaf:
        case Attribute(condition):
            return _condition(condition, _key(condition.key, language), language)
        case Trait(condition):
            return _condition(condition, known_name(TRAITS[condition.key], language), language)
        case Score(condition):
            return _condition(condition, known_name(SCORES[condition.key], language), language)
        case Tag(tag):
            return f"带有标签“{tag}”" if zh else f"has the tag “{tag}”"
        case Member(segment_id):
            return f"属于人群“{segment_id}”" if zh else f"is in the segment “{segment_id}”"
        case Did(first=True):
            told = _event(leaf.event, language) + _period(leaf.period, language)
            return f"首次{told}" if zh else f"first ever {told}"
        case Did():
            return _did(leaf, language)
        case InTurn():
            steps = ("，然后" if zh else ", then ").join(_event(one, language) for one in leaf.steps)
            within = "" if leaf.within is None else _window(leaf.within.value, leaf.within.unit, language)
            return ("先" if zh else "did ") + steps + within + _period(leaf.period, language)
        case Stopped():
            since = _number(leaf.since_days)
            event = _event(leaf.event, language)
            times = "" if leaf.at_least == 1 else (f"至少 {leaf.at_least} 次" if zh else f" at least {leaf.at_least} times")
            return (
                f"曾经{event}{times}，但最近 {since} 天没有"
                if zh
                else f"did {event}{times} before, but not in the last {since} days"
            )
        case Regularly():
            event = _event(leaf.event, language)
            if zh:
                return f"最近 {leaf.of_weeks} 周中至少 {leaf.weeks} 周有{event}"
            return f"did {event} in at least {leaf.weeks} of the last {leaf.of_weeks} weeks"
        case Ordered():
            return _ordered(leaf, language)


def known_name(known: Known, language: str) -> str:
    """A trait's or prediction's name."""
    return known.zh if language == "zh" else known.en


def _did(leaf: Did, language: str) -> str:
    zh, event, period = language == "zh", _event(leaf.event, language), _period(leaf.period, language)
    if leaf.measure == "count":
        if leaf.bounds == Bounds(at_most=0) or leaf.bounds == Bounds(exactly=0):
            return f"没有{event}{period}" if zh else f"did not do {event}{period}"
        times = "" if leaf.bounds.open else _bounds(leaf.bounds, language, " 次" if zh else " times")
        return f"{event}{times}{period}" if zh else f"did {event}{times}{period}"
    of = "" if leaf.of is None else leaf.of.key
    kind = {"sum": ("the sum of", "合计"), "avg": ("the average of", "平均"), "max": ("the largest", "最大")}[leaf.measure]
    bounds = _bounds(leaf.bounds, language, "")
    return f"{event}的 {of} {kind[1]}{bounds}{period}" if zh else f"{kind[0]} {of} of {event} is{bounds}{period}"


def _ordered(leaf: Ordered, language: str) -> str:
    zh = language == "zh"
    what = (" 且 " if zh else " and ").join(_condition(one, _key(one.key, language), language) for one in leaf.where)
    those = (f"（{what}）" if zh else f" where {what}") if what else ""
    period = _period(leaf.period, language)
    if leaf.first:
        return f"首单{those}{period}" if zh else f"first order{those} was{period or ' ever'}"
    bounds = _bounds(leaf.bounds, language, "")
    match leaf.measure:
        case "count":
            count = "" if leaf.bounds.open else _bounds(leaf.bounds, language, " 次" if zh else " times")
            return f"下单{those}{count}{period}" if zh else f"ordered{count}{those}{period}"
        case "top_share":
            of = _key(leaf.by, language)
            return f"最常买的{of}占比{bounds}{those}{period}" if zh else f"spends on one {of} a share of{bounds}{those}{period}"
        case "price_index":
            return (
                f"单价相对同品类均价{bounds}{those}{period}"
                if zh
                else f"pays per unit, against the category's average,{bounds}{those}{period}"
            )
        case _:
            name = {
                "amount": ("ordered amount", "下单金额"),
                "units": ("units ordered", "购买件数"),
                "share": ("share of orders", "订单占比"),
            }
            return f"{name[leaf.measure][1]}{those}{bounds}{period}" if zh else f"{name[leaf.measure][0]}{those} is{bounds}{period}"


def _event(event: EventFilter, language: str) -> str:
    zh = language == "zh"
    name = event.shown or ("任意行为" if zh else "anything")
    what = (" 且 " if zh else " and ").join(_condition(one, _key(one.key, language), language) for one in event.where)
    shown = f"“{name}”" if event.shown else name
    return shown + ((f"（{what}）" if zh else f" ({what})") if what else "")


def _condition(condition: Condition, name: str, language: str) -> str:
    zh = language == "zh"
    op = _OPS[condition.op][zh]
    if condition.value is None:
        return f"{name}{op}" if zh else f"{name} {op}"
    values = condition.value if isinstance(condition.value, tuple) else (condition.value,)
    between = (" 和 " if zh else " and ") if condition.op == "between" else ("、" if zh else ", ")
    shown = between.join(_said(one, zh) for one in values)
    return f"{name}{op} {shown}" if zh else f"{name} {op} {shown}"


def _said(value: str | float | bool, zh: bool) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _number(value)
    return _VALUES.get(str(value), str(value)) if zh else str(value).replace("_", " ")


def _period(period: Period, language: str) -> str:
    zh = language == "zh"
    if period.moments is not None:
        start = "" if period.moments.start is None else period.moments.start.date().isoformat()
        end = "" if period.moments.end is None else period.moments.end.date().isoformat()
        return f"（{start} 至 {end}）" if zh else f" from {start or 'the start'} to {end or 'now'}"
    if period.within_days is None and period.until_days_ago is None:
        return ""
    if period.until_days_ago is not None:
        until = _number(period.until_days_ago)
        if period.within_days is None:
            return f"（{until} 天前）" if zh else f" more than {until} days ago"
        within = _number(period.within_days)
        return f"（{within} 至 {until} 天前）" if zh else f" between {within} and {until} days ago"
    assert period.within_days is not None
    days = _number(period.within_days)
    return f"（最近 {days} 天）" if zh else f" in the last {days} days"


def _bounds(bounds: Bounds, language: str, unit: str) -> str:
    zh = language == "zh"
    if bounds.exactly is not None:
        return f"正好 {_number(bounds.exactly)}{unit}" if zh else f" exactly {_number(bounds.exactly)}{unit}"
    parts = []
    if bounds.at_least is not None:
        parts.append(f"至少 {_number(bounds.at_least)}{unit}" if zh else f"at least {_number(bounds.at_least)}{unit}")
    if bounds.at_most is not None:
        parts.append(f"至多 {_number(bounds.at_most)}{unit}" if zh else f"at most {_number(bounds.at_most)}{unit}")
    if not parts:
        return f"至少 1{unit}" if zh else f" at least 1{unit}"
    return "、".join(parts) if zh else " " + " and ".join(parts)


def _window(value: int, unit: str, language: str) -> str:
    if language == "zh":
        return f"，间隔不超过 {value} {_UNITS[unit]}"
    return f" within {value} {unit}{'' if value == 1 else 's'}"


def _number(value: float) -> str:
    return f"{value:,.6f}".rstrip("0").rstrip(".") if value != int(value) else f"{int(value):,}"


def _key(key: str, language: str) -> str:
    if key in _KEYS:
        return _KEYS[key][language == "zh"]
    computed = traits.TRAITS.get(key)
    return computed.label["zh" if language == "zh" else "en"] if computed else key


def _joined(of: tuple[Node, ...], between: str, language: str) -> str:
    parts = [f"({sentence(one, language)})" if isinstance(one, (All, AnyOf)) else sentence(one, language) for one in of]
    return between.join(parts)
