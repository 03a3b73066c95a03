"""Loyalty: what does a customer have for coming back?

Question: how many points, which tier and which rewards does a customer have, and what are they owed?
Hears: customers' events as they are loaded (`Order Completed`, `Order Refunded`, `Order Cancelled`, and those earn rules name).
Tells: Points Accrued, Points Spent, Points Returned, Points Taken Back, Points Expired, Tier Changed, Reward Claimed, Reward Returned.
Owns: points_currency, points_account, points_lot, points_act, points_entry, points_rule, points_request, points_birthday, tier_program,
tier_member, tier_order, tier_change, reward, reward_claim (records).
"""

from __future__ import annotations

import importlib
from typing import Any

#: Public names; the service has them, and is imported when one is asked for.
_PUBLIC = (
    "POINTS",
    "Asked",
    "Correction",
    "Membership",
    "PointsBalance",
    "PointsCurrency",
    "PointsOverview",
    "PointsStatement",
    "TierProgram",
    "Wish",
    "balance",
    "claim",
    "correct",
    "currencies",
    "currency",
    "make_rule",
    "membership",
    "move",
    "move_one",
    "overview",
    "owner_of",
    "program",
    "rebuild",
    "rules",
    "save_currency",
    "save_program",
    "save_reward",
    "statement",
    "together",
)

__all__ = list(_PUBLIC)


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(name)
    return getattr(importlib.import_module(f"{__name__}.service"), name)
