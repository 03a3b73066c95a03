"""The sentences of a profile, Chinese and English: its rhythm, its next order, why, and what to do."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from regulars.values.money import Money, currency_symbol

_STATUSES = {
    "on_time": {"en": "On time", "zh": "正常"},
    "due": {"en": "Due", "zh": "临近"},
    "overdue": {"en": "Overdue", "zh": "逾期未购"},
    "lost": {"en": "Lost", "zh": "已断购"},
}

_STATUS_EXPLANATIONS = {
    "on_time": {
        "en": "The next order is not expected yet.",
        "zh": "尚未到预计的下次购买时间。",
    },
    "due": {
        "en": "The next order is expected about now.",
        "zh": "预计近期会再次购买。",
    },
    "overdue": {
        "en": "The next order should have come by now, and can still be won.",
        "zh": "按其节奏早该再次购买，仍可挽回。",
    },
    "lost": {
        "en": "Churned by the shop's cut and more than one rhythm late, or more than eight rhythms late.",
        "zh": "已达流失标准且逾期超过一个周期，或逾期超过八个周期。",
    },
}

_REASONS = {
    "on_rhythm": {
        "en": "Usually orders every {usual}; {since} since the last order, the next one is expected around {expected}.",
        "zh": "通常每 {usual}下单一次；距上次下单 {since}，预计 {expected} 前后再次购买。",
    },
    "due_now": {
        "en": "Usually orders every {usual}; {since} since the last order: the next one is expected about now.",
        "zh": "通常每 {usual}下单一次；距上次下单 {since}，近期应会再次购买。",
    },
    "past_own_rhythm": {
        "en": (
            "Usually ordered every {own} ({orders}); now {since} since the last one, "
            "{late} past its latest usual day; {stake} a year at stake."
        ),
        "zh": "通常每 {own}下单一次（共 {orders}）；距上次下单已 {since}，超出最晚预期 {late}；每年 {stake} 面临流失。",
    },
    "past_blended_rhythm": {
        "en": (
            "{orders}, about {own} apart; leaning on the shop's rhythm the next was due after {rhythm}. "
            "Now {since} since the last one, {late} past the latest usual day; {stake} a year at stake."
        ),
        "zh": (
            "共 {orders}，间隔约 {own}；结合本店节奏应在 {rhythm}后再次购买。"
            "距上次下单已 {since}，超出最晚预期 {late}；每年 {stake} 面临流失。"
        ),
    },
    "no_second_order": {
        "en": (
            "Bought on one day only, {since} ago; half of the second orders come within {rhythm}. "
            "{late} past the usual window; {stake} a year at stake."
        ),
        "zh": ("{since}前首购后未再下单；半数二单在 {rhythm}内产生。已超出常见窗口 {late}；每年 {stake} 面临流失。"),
    },
    "refund_then_silence": {
        "en": (
            "The last thing that happened was a refund{refund}; no order since, {since} after the last one "
            "(usual rhythm {usual}); {stake} a year at stake."
        ),
        "zh": ("最近一次往来是退款{refund}，此后未再下单；距上次下单已 {since}（通常每 {usual}一次）；每年 {stake} 面临流失。"),
    },
    "long_silent": {
        "en": (
            "{orders}, the next one was due after {rhythm}; silent for {since}, {late} past the latest usual day. "
            "{stake} of {yearly} a year may still be won."
        ),
        "zh": ("共 {orders}，下一单本应在 {rhythm}后；已沉默 {since}，超出最晚预期 {late}。每年 {yearly} 中约 {stake} 仍可挽回。"),
    },
}

_ACTIONS = {
    "wait": {"en": "Nothing to do yet", "zh": "暂不打扰"},
    "remind": {"en": "Remind around {expected}", "zh": "在 {expected} 前后提醒"},
    "remind_favourite": {"en": "Remind with {favourite}", "zh": "用{favourite}提醒"},
    "personal_call": {
        "en": "Call or write personally: one of the most valuable customers",
        "zh": "专人电话或私信联系：属于最有价值的客户",
    },
    "second_order_offer": {"en": "Give a reason for a second order, a small offer", "zh": "用小额优惠促成二单"},
    "win_back_offer": {"en": "Win back with a personal offer", "zh": "用专属优惠挽回"},
    "ask_why": {"en": "Ask what went wrong before offering anything", "zh": "先询问退款原因，再考虑优惠"},
    "let_go": {"en": "Leave out of paid campaigns", "zh": "不再投入付费触达"},
}

_ACTION_NAMES = {
    "wait": {"en": "Wait", "zh": "等待"},
    "remind": {"en": "Remind", "zh": "提醒"},
    "remind_favourite": {"en": "Remind with their favourite", "zh": "用常买商品提醒"},
    "personal_call": {"en": "Contact personally", "zh": "专人联系"},
    "second_order_offer": {"en": "Second-order offer", "zh": "二单优惠"},
    "win_back_offer": {"en": "Win-back offer", "zh": "挽回优惠"},
    "ask_why": {"en": "Ask why", "zh": "询问原因"},
    "let_go": {"en": "Let go", "zh": "放手"},
}


def lang(language: str) -> str:
    """`zh` or `en`."""
    return "zh" if language == "zh" else "en"


def status_name(status: str, language: str = "en") -> str:
    """What a status of the next order is called."""
    return _STATUSES[status][lang(language)]


def status_explanation(status: str, language: str = "en") -> str:
    """What a status of the next order means."""
    return _STATUS_EXPLANATIONS[status][lang(language)]


def action_name(action: str, language: str = "en") -> str:
    """What a suggested action is called."""
    return _ACTION_NAMES[action][lang(language)]


@dataclass(frozen=True, slots=True)
class Facts:
    """What the sentences about a next order are filled with."""

    orders: int
    own_days: float | None  # median gap
    rhythm_days: float
    since_days: float
    overdue_days: float
    expected_on: date
    yearly_value: Money
    value_at_stake: Money
    favourite: str | None = None
    refunded_on: date | None = None
    refunded: Money | None = None
    rhythm_is_own: bool = False  # its own gaps weigh most in `rhythm_days`


def reason_text(code: str, facts: Facts, language: str = "en") -> str:
    """The reason as a sentence."""
    return _REASONS[code][lang(language)].format_map(_filled(facts, language))


def action_text(code: str, facts: Facts, language: str = "en") -> str:
    """The suggested action as a sentence."""
    return _ACTIONS[code][lang(language)].format_map(_filled(facts, language))


def rhythm_text(gaps: int, median: float | None, spread: float | None, language: str = "en") -> str:
    """How regularly a customer orders."""
    zh = lang(language) == "zh"
    if gaps == 0 or median is None:
        return "只在一天下过单，尚无节奏" if zh else "Ordered on one day only: no rhythm yet"
    days = _days(median, zh)
    if gaps < 3 or spread is None:
        few = f"{gaps} gap{'s' * (gaps > 1)}"
        return f"两次下单相隔约 {days}（仅 {gaps} 个间隔）" if zh else f"About {days} between orders (only {few})"
    around = _days(spread, zh)
    return (
        f"通常每 {days}下单，半数间隔相差不超过 {around}" if zh else f"Usually every {days}, half of the time within {around} of it"
    )


def amount(money: Money) -> str:
    """An amount in whole major units, as sentences quote it."""
    whole = round(money.major)
    return f"{'-' if whole < 0 else ''}{currency_symbol(money.currency)}{abs(whole):,}"


def _filled(facts: Facts, language: str) -> Mapping[str, str]:
    zh = lang(language) == "zh"
    refund = ""
    if facts.refunded is not None and facts.refunded_on is not None:
        sum_, day = amount(facts.refunded), _date(facts.refunded_on, zh)
        refund = f"（{day}，{sum_}）" if zh else f" ({sum_} on {day})"
    own = facts.own_days if facts.own_days is not None else facts.rhythm_days
    return {
        "orders": f"{facts.orders:,} 单" if zh else f"{facts.orders:,} order{'s' * (facts.orders != 1)}",
        "own": _days(own, zh),
        "rhythm": _days(facts.rhythm_days, zh),
        "usual": _days(own if facts.rhythm_is_own else facts.rhythm_days, zh),
        "since": _days(facts.since_days, zh),
        "late": _days(math.ceil(facts.overdue_days), zh),
        "expected": _date(facts.expected_on, zh),
        "yearly": amount(facts.yearly_value),
        "stake": amount(facts.value_at_stake),
        "favourite": _favourite(facts.favourite, zh),
        "refund": refund,
    }


def _favourite(name: str | None, zh: bool) -> str:
    if name is None:
        return "常买商品" if zh else "what they usually buy"
    return f"常买的“{name}”" if zh else f"their favourite, {name}"


def _date(day: date, zh: bool) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if zh else f"{day.day} {day:%b %Y}"


def _days(days: float, zh: bool) -> str:
    whole = round(days)
    return f"{whole:,} 天" if zh else f"{whole:,} day{'s' * (whole != 1)}"
