"""Told when customers bring others: an invitation taken up, an order that counts, and rewards that are due, given or refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from regulars.events.base import Event


@dataclass(frozen=True, kw_only=True)
class ReferralProgrammeArranged(Event):
    """A referral programme was made or ended."""

    name: ClassVar[str] = "Referral Programme Arranged"
    meaning: ClassVar[str] = "An operator made or ended a programme that rewards customers for bringing others."

    programme_id: str
    starts_at: datetime
    ends_at: datetime | None
    return_days: int


@dataclass(frozen=True, kw_only=True)
class ReferralClaimed(Event):
    """Somebody came by an invitation."""

    name: ClassVar[str] = "Referral Claimed"
    meaning: ClassVar[str] = "A customer came by another customer's code; `signals` names what looks like one person on both sides."

    programme_id: str
    referral_id: str
    code: str
    signals: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ReferralOrdered(Event):
    """The customer who was brought has ordered."""

    name: ClassVar[str] = "Referral Ordered"
    meaning: ClassVar[str] = "A customer who came by a code made the order that counts; rewards wait for its return window."

    programme_id: str
    referral_id: str
    code: str
    order_id: str
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class ReferralDecided(Event):
    """It is settled what a referral leads to."""

    name: ClassVar[str] = "Referral Decided"
    meaning: ClassVar[str] = (
        "A referral was rewarded, refused, has lapsed without an order, or waits for an operator (`review`), with the reasons."
    )

    programme_id: str
    referral_id: str
    code: str
    decision: str  # rewarded | refused | lapsed | review
    reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ReferralRewardDue(Event):
    """A reward is to be given."""

    name: ClassVar[str] = "Referral Reward Due"
    meaning: ClassVar[str] = (
        "The customer of this event has earned a reward, as who brought somebody (`referrer`) or was brought (`friend`). "
        "`reward_id` is one for each reward: who gives it gives it once."
    )

    programme_id: str
    referral_id: str
    reward_id: str
    side: str  # referrer | friend
    kind: str  # points | coupon
    points: int | None
    coupon: str | None


@dataclass(frozen=True, kw_only=True)
class ReferralRewardGranted(Event):
    """A reward was given."""

    name: ClassVar[str] = "Referral Reward Granted"
    meaning: ClassVar[str] = "A reward of a referral was given to its customer."

    programme_id: str
    referral_id: str
    reward_id: str
