"""What a referral is, which order counts, and when both sides are rewarded; free of any store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from regulars.errors import InvalidInput

#: `review`: rewards wait for an operator. `lapsed`: no order that counts came in time.
State = Literal["claimed", "ordered", "review", "rewarded", "refused", "lapsed"]
STATES: tuple[State, ...] = ("claimed", "ordered", "review", "rewarded", "refused", "lapsed")
Side = Literal["referrer", "friend"]
RewardKind = Literal["points", "coupon"]
Phase = Literal["planned", "running", "ended"]

#: Why a referral looks like one person on both sides; each alone asks an operator, as families share devices and addresses.
SIGNALS = ("same_email", "same_phone", "same_address", "same_device", "device_shared", "address_shared")
#: Why rewards are not given, beside the signals.
REFUSALS = ("same_customer", "not_new_customer", "returned", "operator")
#: The referrer has had as many rewards as one may have; the friend is rewarded all the same.
CAPPED = "referrer_cap"
MOST_POINTS = 10_000_000
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reward:
    """What one side gets: points, or a coupon by the name the shop's coupons know it by."""

    kind: RewardKind
    points: int | None = None
    coupon: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralOrder:
    """An order of the friend, as it stands now: placed and net of refunds."""

    order_id: str
    ordered_at: datetime
    net_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a programme asks: the order of a new customer, big enough, in time, and not given back."""

    claim_days: int
    return_days: int
    min_order_minor: int

    def order_that_counts(self, orders: Sequence[ReferralOrder], claimed_at: datetime) -> ReferralOrder | None:
        """The first order big enough, from the claim on, inside `claim_days`."""
        end = claimed_at + self.claim_days * _DAY
        mine = [one for one in orders if claimed_at <= one.ordered_at < end and one.net_minor >= self.min_order_minor]
        return min(mine, key=lambda one: (one.ordered_at, one.order_id), default=None)

    def lapses_at(self, claimed_at: datetime) -> datetime:
        """When a claim without an order is over."""
        return claimed_at + self.claim_days * _DAY

    def due_at(self, ordered_at: datetime) -> datetime:
        """When nothing can be given back any more."""
        return ordered_at + self.return_days * _DAY

    def still_counts(self, order: ReferralOrder | None) -> bool:
        """Whether an order is still big enough after what was given back of it."""
        return order is not None and order.net_minor >= self.min_order_minor


def bought_before(orders: Sequence[ReferralOrder], claimed_at: datetime) -> bool:
    """Whether somebody was a customer already when they came by the code."""
    return any(one.ordered_at < claimed_at for one in orders)


def checked(
    *, name: str, referrer: Reward | None, friend: Reward | None, claim_days: int, return_days: int, min_order_minor: int,
    max_per_referrer: int | None, link: str, starts_at: datetime, ends_at: datetime | None,
) -> None:  # fmt: skip
    """Refuse a programme that cannot mean anything.

    Raises
    ------
    InvalidInput : says which value and what would do.
    """
    if not name.strip():
        raise _bad("no_programme_name", "a programme needs a name", "give `name`")
    if referrer is None and friend is None:
        raise _bad("no_reward", "nobody would be rewarded", "give `referrer` or `friend` or both")
    for one in (referrer, friend):
        if one is None:
            continue
        if one.kind == "points" and (one.coupon or not 1 <= (one.points or 0) <= MOST_POINTS):
            raise _bad("bad_reward_points", f"a reward of points has 1 to {MOST_POINTS:,} points", "give `points`, and no coupon")
        if one.kind == "coupon" and (one.points is not None or not (one.coupon or "").strip()):
            raise _bad("bad_reward_coupon", "a reward of a coupon names it", "give `coupon`, and no points")
    if not 1 <= claim_days <= 365 or not 0 <= return_days <= 365:
        raise _bad("bad_referral_days", "days are 1 to 365 to order, 0 to 365 to give back", "give `claim_days` and `return_days`")
    if min_order_minor < 0 or (max_per_referrer is not None and not 1 <= max_per_referrer <= 1_000_000):
        raise _bad(
            "bad_referral_bounds", "the smallest order is 0 or more, and a cap 1 or more", "give `min_order` and `max_per_referrer`"
        )
    if link and not link.startswith(("https://", "http://")):
        raise _bad("bad_link", "a link begins with https://", "give the address of the shop's page, or leave it out")
    if ends_at is not None and ends_at <= starts_at:
        raise _bad("bad_offer_time", "a programme ends after it begins", "give `ends_at` later than `starts_at`, or leave it out")


def _bad(code: str, what: str, mend: str) -> InvalidInput:
    return InvalidInput(what, mend=mend, code=code)
