"""Loyalty: what does a customer have for coming back?

Question: how many points, which tier and which rewards does a customer have, and what are they owed?
Hears: customers' events as they are loaded (`Order Completed`, `Order Refunded`, `Order Cancelled`, and those earn rules name);
Referral Reward Due.
Tells: Points Accrued, Points Spent, Points Returned, Points Taken Back, Points Expired, Tier Changed, Reward Claimed, Reward Returned.
Owns: points_currency, points_account, points_lot, points_act, points_entry, points_rule, points_request, points_birthday, tier_program,
tier_member, tier_order, tier_change, reward, reward_claim (records).
"""

from __future__ import annotations

import importlib
from typing import Any

#: Public name -> its name in the service, which is imported when one is asked for. (Files of the room have some of the latter.)
_PUBLIC = {
    "POINTS": "POINTS",
    "Asked": "Asked",
    "Correction": "Correction",
    "Membership": "Membership",
    "PointsBalance": "PointsBalance",
    "PointsCurrency": "PointsCurrency",
    "PointsOverview": "PointsOverview",
    "PointsStatement": "PointsStatement",
    "TierProgram": "TierProgram",
    "Wish": "Wish",
    "balance": "balance",
    "claim_reward": "claim",
    "correct": "correct",
    "earn_rules": "rules",
    "make_rule": "make_rule",
    "membership": "membership",
    "move": "move",
    "move_one": "move_one",
    "owner_of": "owner_of",
    "points_currencies": "currencies",
    "points_currency": "currency",
    "points_overview": "overview",
    "rebuild": "rebuild",
    "save_currency": "save_currency",
    "save_program": "save_program",
    "save_reward": "save_reward",
    "statement": "statement",
    "tier_program_of": "program",
    "together": "together",
}

__all__ = [*_PUBLIC, "paying"]


def __getattr__(name: str) -> Any:
    if name == "paying":
        return importlib.import_module(f"{__name__}.paying")
    if name not in _PUBLIC:
        raise AttributeError(name)
    return getattr(importlib.import_module(f"{__name__}.service"), _PUBLIC[name])
