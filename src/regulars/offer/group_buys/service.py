"""The verbs of group buys, and their parts in merging and erasing people."""

from __future__ import annotations

from regulars.collect import identity
from regulars.guard import privacy
from regulars.offer.group_buys.checks import CHECKS
from regulars.offer.group_buys.following import follow, forget
from regulars.offer.group_buys.grouping import SeatAnswer, join, leave, open_group, pay, refunded, settle
from regulars.offer.group_buys.keeping import SETTLE
from regulars.offer.group_buys.offering import arrange, end
from regulars.offer.group_buys.reading import get, group, groups, listing, refunds

__all__ = [
    "CHECKS",
    "SETTLE",
    "SeatAnswer",
    "arrange",
    "end",
    "get",
    "group",
    "groups",
    "join",
    "leave",
    "listing",
    "open_group",
    "pay",
    "refunded",
    "refunds",
    "settle",
]

if forget not in privacy.ERASERS:
    privacy.ERASERS.append(forget)
if follow not in identity.MERGERS:
    identity.MERGERS.append(follow)
