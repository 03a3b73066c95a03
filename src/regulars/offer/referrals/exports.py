"""Referrals and their rewards as tables."""

from __future__ import annotations

from collections.abc import Sequence

from regulars.offer.referrals.reading import Referral, ReferralReward
from regulars.values.csv import Table

_REFERRALS = (
    "referral_id", "programme_id", "code", "referrer_id", "customer_id", "state", "claimed_at", "order_id", "ordered_at", "due_at",
    "decided_at", "decided_by",
)  # fmt: skip
_REWARDS = ("reward_id", "referral_id", "side", "customer_id", "kind", "points", "coupon", "due_at", "granted_at")


def referrals_table(found: Sequence[Referral]) -> Table:
    """One row per referral; reasons with blanks between them."""
    rows = ((*(getattr(one, name) for name in _REFERRALS), " ".join(one.reasons)) for one in found)
    return Table((*_REFERRALS, "reasons"), tuple(rows))


def rewards_table(found: Sequence[ReferralReward]) -> Table:
    """One row per reward."""
    return Table(_REWARDS, tuple(tuple(getattr(one, name) for name in _REWARDS) for one in found))
