"""Told when people group up for a price: opened, joined, paid, succeeded, failed, and whose money is to be given back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from regulars.events.base import Event


@dataclass(frozen=True, kw_only=True)
class GroupBuyArranged(Event):
    """A group buy was made or ended."""

    name: ClassVar[str] = "Group Buy Arranged"
    meaning: ClassVar[str] = "An operator offered a product at a group's price, or ended that offer."

    offer_id: str
    product_id: str
    size: int
    price_minor: int
    currency: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, kw_only=True)
class GroupBuyOpened(Event):
    """The leader has paid, the group is open."""

    name: ClassVar[str] = "Group Buy Opened"
    meaning: ClassVar[str] = "The leader of a group has paid: others may join until `deadline_at`."

    offer_id: str
    group_id: str
    product_id: str
    size: int
    price_minor: int
    currency: str
    deadline_at: datetime


@dataclass(frozen=True, kw_only=True)
class GroupBuyJoined(Event):
    """Somebody holds a seat."""

    name: ClassVar[str] = "Group Buy Joined"
    meaning: ClassVar[str] = "A customer took a seat of a group, as its leader or as a member; unpaid it lapses at `expires_at`."

    offer_id: str
    group_id: str
    product_id: str
    leader: bool
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class GroupBuyPaid(Event):
    """A seat was paid."""

    name: ClassVar[str] = "Group Buy Paid"
    meaning: ClassVar[str] = "A customer paid their seat of a group."

    offer_id: str
    group_id: str
    product_id: str
    price_minor: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class GroupBuyLapsed(Event):
    """A seat is free again."""

    name: ClassVar[str] = "Group Buy Lapsed"
    meaning: ClassVar[str] = "A seat that was held is free again: not paid in time, or left before it was paid."

    offer_id: str
    group_id: str
    product_id: str


@dataclass(frozen=True, kw_only=True)
class GroupBuySucceeded(Event):
    """All seats are paid."""

    name: ClassVar[str] = "Group Buy Succeeded"
    meaning: ClassVar[str] = "As many members as the group needs have paid: all of them get the product at the group's price."

    offer_id: str
    group_id: str
    product_id: str
    size: int
    price_minor: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class GroupBuyFailed(Event):
    """The group came to nothing."""

    name: ClassVar[str] = "Group Buy Failed"
    meaning: ClassVar[str] = (
        "A group was not complete at its deadline, or everybody who had paid has left; what was paid goes back."
    )

    offer_id: str
    group_id: str
    product_id: str
    reason: str  # failed | cancelled
    paid: int  # members who get their money back now


@dataclass(frozen=True, kw_only=True)
class GroupBuyLeaderChanged(Event):
    """Another member leads."""

    name: ClassVar[str] = "Group Buy Leader Changed"
    meaning: ClassVar[str] = "The leader left; the customer of this event, the first member who has paid, leads the group now."

    offer_id: str
    group_id: str
    product_id: str


@dataclass(frozen=True, kw_only=True)
class GroupBuyRefundDue(Event):
    """Money is to be given back."""

    name: ClassVar[str] = "Group Buy Refund Due"
    meaning: ClassVar[str] = "What a customer paid for a seat is to be given back; `refund_id` is one for each payment."

    offer_id: str
    group_id: str
    refund_id: str
    amount_minor: int
    currency: str
    reason: str  # failed | left | late


@dataclass(frozen=True, kw_only=True)
class GroupBuyRefunded(Event):
    """Money was given back."""

    name: ClassVar[str] = "Group Buy Refunded"
    meaning: ClassVar[str] = "The shop has given a payment for a seat back."

    offer_id: str
    group_id: str
    refund_id: str
    amount_minor: int
    currency: str
