"""The verbs of referrals, and their parts in merging and erasing people."""

from __future__ import annotations

from regulars.collect import identity
from regulars.guard import privacy
from regulars.offer.referrals.arranging import arrange, end
from regulars.offer.referrals.checks import CHECKS
from regulars.offer.referrals.deciding import Settled, decide, grant, settle
from regulars.offer.referrals.following import follow, forget
from regulars.offer.referrals.giving import give
from regulars.offer.referrals.inviting import claim, invite
from regulars.offer.referrals.reading import get, listing, one, referrals, rewards

__all__ = [
    "CHECKS",
    "SETTLE",
    "Settled",
    "arrange",
    "claim",
    "decide",
    "end",
    "get",
    "give",
    "grant",
    "invite",
    "listing",
    "one",
    "referrals",
    "rewards",
    "settle",
]

SETTLE = "referrals.settle"

if forget not in privacy.ERASERS:
    privacy.ERASERS.append(forget)
if follow not in identity.MERGERS:
    identity.MERGERS.append(follow)
