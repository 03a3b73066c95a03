"""What people permit and refuse: purposes, channels, states, and which of two tellings holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, get_args

Purpose = Literal["analytics", "personalisation", "marketing", "advertising", "surveys", "sharing", "transfer", "sensitive"]
#: A purpose of the ledger that is no permission but a refusal that stands above all: popular instead of personal, same prices.
SWITCH: Final = "no_personalisation"
Told = Literal[
    "analytics",
    "personalisation",
    "marketing",
    "advertising",
    "surveys",
    "sharing",
    "transfer",
    "sensitive",
    "no_personalisation",
]
Channel = Literal["email", "sms", "push", "in_app", "web"]
State = Literal["given", "withdrawn", "pending"]
Source = Literal["form", "tracker", "import", "support", "api"]
Default = Literal["opt_in", "opt_out"]
Because = Literal["given", "withdrawn", "pending", "nothing_told", "no_personalisation"]

PURPOSES: tuple[Purpose, ...] = get_args(Purpose)
TOLD: tuple[Told, ...] = get_args(Told)
CHANNELS: tuple[Channel, ...] = get_args(Channel)
STATES: tuple[State, ...] = get_args(State)
SOURCES: tuple[Source, ...] = get_args(Source)
#: In the tables, where a consent is for every channel.
EVERY_CHANNEL = ""

#: Purpose: what it means in English and in Chinese, and what holds where nobody has said anything (a shop may decide otherwise).
MEANINGS: dict[Purpose, tuple[str, str, Default]] = {
    "analytics": (
        "Collecting what a visitor does in the shop, to count and understand it",
        "采集访客在店铺中的行为，用于统计和分析",
        "opt_out",
    ),
    "personalisation": (
        "Showing offers, recommendations and search results by a person's own history",
        "按个人历史展示优惠、推荐和搜索结果",
        "opt_out",
    ),
    "marketing": ("Sending advertising messages about the shop", "发送店铺的营销信息", "opt_in"),
    "advertising": ("Showing or measuring advertisements elsewhere", "在站外投放广告或衡量广告效果", "opt_in"),
    "surveys": ("Asking for opinions and reviews", "邀请评价和参与调查", "opt_out"),
    "sharing": ("Giving personal data to another company", "向其他公司提供个人信息", "opt_in"),
    "transfer": ("Sending personal data abroad", "向境外提供个人信息", "opt_in"),
    "sensitive": ("Handling sensitive personal information", "处理敏感个人信息", "opt_in"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """One entry of the ledger: who permitted or refused what, for which channel (None: all), how, when and with what proof."""

    consent_id: str
    customer_id: str
    purpose: Told
    channel: Channel | None
    state: State
    source: Source
    wording_version: int | None
    happened_at: datetime
    recorded_at: datetime
    proof: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What somebody last said about one purpose on one channel (None: all), and when."""

    purpose: Told
    channel: Channel | None
    state: State
    told_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a shop does where nobody has said anything, and whether `given` has to be confirmed (double opt-in)."""

    purpose: Purpose
    default: Default
    double_opt_in: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Whether something may be done, and why: what was told, and since when; `default` where nothing was told."""

    allowed: bool
    because: Because
    default: Default
    since: datetime | None = None


def may_by(standings: Iterable[Standing], policy: Policy, channel: Channel | None = None) -> Answer:
    """Whether a purpose is permitted, from all that one person last said.

    The latest telling that is for this channel or for all of them decides; at the same instant a refusal goes before a permission.
    Without a channel, only what was said for all of them counts. `no_personalisation` refuses personalisation whatever else was said.
    """
    latest: Standing | None = None
    switch: Standing | None = None
    for one in standings:
        if one.purpose == SWITCH:
            switch = one if switch is None or order(one) > order(switch) else switch
        elif one.purpose == policy.purpose and one.channel in (None, channel) and (latest is None or order(one) > order(latest)):
            latest = one
    if policy.purpose == "personalisation" and switch is not None and switch.state == "given":
        return Answer(allowed=False, because="no_personalisation", default=policy.default, since=switch.told_at)
    if latest is None:
        return Answer(allowed=policy.default == "opt_out", because="nothing_told", default=policy.default)
    return Answer(allowed=latest.state == "given", because=latest.state, default=policy.default, since=latest.told_at)


_CAUTIOUS = {"given": 0, "pending": 1, "withdrawn": 2}


def order(one: Standing) -> tuple[datetime, int]:
    """By time; at the same instant the more cautious state comes last and holds."""
    return one.told_at, rank(one.purpose, one.state)


def rank(purpose: str, state: str) -> int:
    """How cautious a state is; for the switch `no_personalisation` it is the other way round."""
    return 2 - _CAUTIOUS[state] if purpose == SWITCH else _CAUTIOUS[state]
