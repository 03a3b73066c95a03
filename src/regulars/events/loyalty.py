"""Told when points move, when a tier changes, and when a reward is taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from regulars.events.base import Event


@dataclass(frozen=True, kw_only=True)
class _Moved:
    """What is told of any movement of points."""

    currency_id: str
    points: int
    key: str | None  # of the act of the journal
    order_id: str | None
    rule: str  # the rule or the caller that wished it


@dataclass(frozen=True, kw_only=True)
class PointsAccrued(Event, _Moved):
    """Points were earned or given."""

    name: ClassVar[str] = "Points Accrued"
    meaning: ClassVar[str] = "A customer earned points, or was given some; they may be pending until `activates_at`."

    activates_at: datetime | None
    expires_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class PointsSpent(Event, _Moved):
    """Points were spent, or a hold was captured."""

    name: ClassVar[str] = "Points Spent"
    meaning: ClassVar[str] = "A customer spent points, at once or by a hold that was captured."


@dataclass(frozen=True, kw_only=True)
class PointsReturned(Event, _Moved):
    """Spent points came back."""

    name: ClassVar[str] = "Points Returned"
    meaning: ClassVar[str] = "Points that were spent came back to the customer."


@dataclass(frozen=True, kw_only=True)
class PointsTakenBack(Event, _Moved):
    """Points were clawed back or taken off."""

    name: ClassVar[str] = "Points Taken Back"
    meaning: ClassVar[str] = (
        "Points were taken back, as their order was refunded or by a correction; `points` may exceed what was left."
    )


@dataclass(frozen=True, kw_only=True)
class PointsExpired(Event, _Moved):
    """Points lapsed."""

    name: ClassVar[str] = "Points Expired"
    meaning: ClassVar[str] = "Points of a customer lapsed unspent, at the time of the event."


@dataclass(frozen=True, kw_only=True)
class TierChanged(Event):
    """A customer's tier, or how long it holds, changed."""

    name: ClassVar[str] = "Tier Changed"
    meaning: ClassVar[str] = (
        "A customer rose to a tier, fell to one, or keeps it for another period; `reason` is upgrade, renewal, grace_started, downgrade, "
        "refund_revert, manual or manual_end."
    )

    tier: str
    previous: str
    reason: str
    valid_until: datetime | None


@dataclass(frozen=True, kw_only=True)
class RewardClaimed(Event):
    """A reward of the catalogue was taken for points."""

    name: ClassVar[str] = "Reward Claimed"
    meaning: ClassVar[str] = "A customer took a reward of the catalogue for points."

    reward_id: str
    claim_id: str
    currency_id: str
    points: int


@dataclass(frozen=True, kw_only=True)
class RewardReturned(Event):
    """A reward was given back."""

    name: ClassVar[str] = "Reward Returned"
    meaning: ClassVar[str] = "A claimed reward was called off: its points came back and it is in stock again."

    reward_id: str
    claim_id: str
    currency_id: str
    points: int
