"""The trait "next order" of a profile, as predict/next_purchase writes it: codes, figures and their sentences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from regulars.values.money import Money

Status = Literal["on_time", "due", "overdue", "lost"]
STATUSES: tuple[Status, ...] = ("overdue", "due", "lost", "on_time")

Reason = Literal[
    "on_rhythm",  # not yet expected
    "due_now",  # expected about now
    "past_own_rhythm",  # enough orders to know its rhythm, and past it
    "past_blended_rhythm",  # few orders: its own gaps blended with the shop's
    "no_second_order",  # one purchase day only, and the usual time for a second has passed
    "refund_then_silence",  # the last thing that happened was a refund
    "long_silent",  # several rhythms past: little left to win
]
Action = Literal["wait", "remind", "remind_favourite", "personal_call", "second_order_offer", "win_back_offer", "ask_why", "let_go"]
ACTIONS: tuple[Action, ...] = (
    "personal_call",
    "ask_why",
    "remind_favourite",
    "second_order_offer",
    "win_back_offer",
    "remind",
    "let_go",
    "wait",
)


@dataclass(frozen=True, slots=True)
class Said:
    """A code for machines and the sentence for people."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class NextOrder:
    """When a customer's next order is due, how late it is, what that is worth, why, and what to do."""

    status: Status
    status_name: str
    expected_at: datetime
    late_after_at: datetime
    rhythm_days: float
    rhythm_source: Literal["own", "blended", "shop"]
    overdue_days: float  # days past late_after_at; 0 before
    lateness: float  # days since the last order / rhythm
    yearly_value: Money
    value_at_stake: Money
    reason: Said
    action: Said
