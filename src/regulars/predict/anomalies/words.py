"""The answer to "why did it change?" in sentences, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from regulars.console import numbers as n
from regulars.events.reasons import REASONS
from regulars.predict.anomalies.domain import Cause, RootCause
from regulars.understand.metrics import METRICS, Value
from regulars.values.money import Money

DIMENSIONS = {
    "product": ("product", "商品"),
    "category": ("category", "类目"),
    "brand": ("brand", "品牌"),
    "seller": ("seller", "商家"),
    "channel": ("channel", "渠道"),
    "region": ("region", "地区"),
    "device": ("device", "设备"),
    "source": ("source", "来源"),
    "campaign": ("campaign", "推广活动"),
    "coupon": ("coupon", "优惠券"),
    "reason": ("reason", "原因"),
    "price": ("price", "价格"),
    "stock": ("stock", "库存"),
}
_VALUES = {"raised": ("raised", "上调"), "lowered": ("lowered", "下调"), "ran out": ("ran out", "曾缺货")}


def sentences(answer: RootCause) -> Mapping[str, tuple[str, ...]]:
    """What changed, where it lies, and what explains it."""
    return {"en": tuple(_english(answer)), "zh": tuple(_chinese(answer))}


def said(value: Value, unit: str) -> str:
    """A value in words that both languages read."""
    match value:
        case None:
            return n.NOTHING
        case Money():
            return n.money(value)
        case _:
            return n.share(value) if unit == "ratio" else n.count(value)


def part(cause: Cause, language: str) -> str:
    """The part of the shop, named."""
    at = 1 if language == "zh" else 0
    return ("、" if at else ", ").join(f"{DIMENSIONS[name][at]} {_named(name, value, at)}" for name, value in cause.names.items())


def _named(name: str, value: str, at: int) -> str:
    if name == "reason" and value in REASONS:
        return REASONS[value][at]
    return _VALUES.get(value, (value, value))[at] if name in ("price", "stock") else value


def _longer(answer: RootCause) -> bool:
    """Whether sums of periods of different lengths are compared, so that the change is one of days."""
    return METRICS[answer.metric].additive and answer.period.days != answer.before.days


def _english(answer: RootCause) -> list[str]:
    title, change = METRICS[answer.metric].title["en"], answer.change
    moved = "did not change" if not change else f"{'fell' if change < 0 else 'rose'} by {n.share(abs(change))}"
    told = [
        f"{title} {moved}{' a day' if _longer(answer) else ''}: {said(answer.previous, answer.unit)} before, {said(answer.value, answer.unit)} now."
    ]
    told += [
        f"{n.share(one.share)} of it lies in {part(one, 'en')}: {said(one.actual, answer.unit)} where {said(one.expected, answer.unit)} was to be expected."
        for one in answer.causes
    ]
    if not answer.causes:
        told.append("It lies in no part of the shop more than in others, or the orders do not say where.")
    if answer.effects is not None:
        inner, outer = said(answer.effects.inner, answer.unit), said(answer.effects.outer, answer.unit)
        told.append(
            f"Prices account for {inner}, units and assortment for {outer}."
            if answer.effects.kind == "price_volume"
            else f"The parts' own rates account for {inner}, their weights (mix) for {outer}."
        )
    return told + [one.text["en"] for one in answer.hypotheses if one.finding == "found"]


def _chinese(answer: RootCause) -> list[str]:
    title, change = METRICS[answer.metric].title["zh"], answer.change
    moved = "没有变化" if not change else f"{'下降' if change < 0 else '上升'} {n.share(abs(change))}"
    told = [
        f"{title}{'日均' if _longer(answer) else ''}{moved}：之前 {said(answer.previous, answer.unit)}，现在 {said(answer.value, answer.unit)}。"
    ]
    told += [
        f"其中 {n.share(one.share)} 来自{part(one, 'zh')}：实际 {said(one.actual, answer.unit)}，预计 {said(one.expected, answer.unit)}。"
        for one in answer.causes
    ]
    if not answer.causes:
        told.append("变化没有集中在店铺的某一部分，或订单没有记载。")
    if answer.effects is not None:
        inner, outer = said(answer.effects.inner, answer.unit), said(answer.effects.outer, answer.unit)
        told.append(
            f"价格因素 {inner}，销量与品类结构 {outer}。"
            if answer.effects.kind == "price_volume"
            else f"各部分自身比率的影响 {inner}，结构（占比）变化的影响 {outer}。"
        )
    return told + [one.text["zh"] for one in answer.hypotheses if one.finding == "found"]
