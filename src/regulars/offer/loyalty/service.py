"""The verbs of loyalty, and its parts in hearing events, merging, exporting, erasing and checking."""

from __future__ import annotations

from regulars.collect import identity, track
from regulars.guard import privacy
from regulars.offer.loyalty import following, hearing, reading
from regulars.offer.loyalty.birthdays import tell_birthday
from regulars.offer.loyalty.corrections import Correction, correct, corrections, decide
from regulars.offer.loyalty.currencies import (
    POINTS,
    CurrencyGiven,
    PointsCurrency,
    currencies,
    currency,
    save_currency,
)
from regulars.offer.loyalty.domain.wishes import Wish
from regulars.offer.loyalty.moving import Asked, move, move_one, together
from regulars.offer.loyalty.overview import PointsOverview, overview
from regulars.offer.loyalty.owners import owner_of
from regulars.offer.loyalty.reading import PointsBalance, PointsStatement, balance, owned_currencies, statement
from regulars.offer.loyalty.rebuilding import CHECKS, RebuildAnswer, rebuild
from regulars.offer.loyalty.rewards import Claim, PointsReward, RewardGiven, claim, claims, finish_claim, rewards, save_reward
from regulars.offer.loyalty.rules import KeptRule, change_rule, make_rule, remove_rule, rules
from regulars.offer.loyalty.tier_program import Benefit, Tier, TierProgram, program, save_program, the_program
from regulars.offer.loyalty.tiering import Heard, Membership, counts, give, hear, membership, steps

__all__ = [
    "CHECKS",
    "POINTS",
    "Asked",
    "Benefit",
    "Claim",
    "Correction",
    "CurrencyGiven",
    "Heard",
    "KeptRule",
    "Membership",
    "PointsBalance",
    "PointsCurrency",
    "PointsOverview",
    "PointsReward",
    "PointsStatement",
    "RebuildAnswer",
    "RewardGiven",
    "Tier",
    "TierProgram",
    "Wish",
    "balance",
    "change_rule",
    "claim",
    "claims",
    "correct",
    "corrections",
    "counts",
    "currencies",
    "currency",
    "decide",
    "finish_claim",
    "give",
    "hear",
    "make_rule",
    "membership",
    "move",
    "move_one",
    "overview",
    "owned_currencies",
    "owner_of",
    "program",
    "rebuild",
    "remove_rule",
    "rewards",
    "rules",
    "save_currency",
    "save_program",
    "save_reward",
    "statement",
    "steps",
    "tell_birthday",
    "the_program",
    "together",
]

if following.follow not in identity.MERGERS:
    identity.MERGERS.append(following.follow)
if following.forget not in privacy.ERASERS:
    privacy.ERASERS.append(following.forget)
privacy.EXPORTERS["points_journal"] = reading.exported
privacy.EXPORTERS["points_lots"] = reading.exported_lots
_LISTENER = track.Listener(wanted=hearing.wanted, hear=hearing.hear)
if all(one.hear is not hearing.hear for one in track.LISTENERS):
    track.LISTENERS.append(_LISTENER)
