"""Referrals: customers bring new ones, and both are rewarded once nothing can be given back any more.

Question: who brought whom, did it count, is it one person on both sides, and which rewards are due?
Hears: Orders Loaded, Orders Received, Referral Reward Due.
Tells: Referral Programme Arranged, Referral Claimed, Referral Ordered, Referral Decided, Referral Reward Due, Referral Reward Granted.
Owns: referral_programme, referral_code, referral, referral_reward.
"""

from regulars.offer.referrals.domain import STATES, Reward, State
from regulars.offer.referrals.reading import Referral, ReferralCode, ReferralProgramme, ReferralReward
from regulars.offer.referrals.service import (
    Settled,
    arrange,
    claim,
    decide,
    end,
    get,
    give,
    grant,
    invite,
    listing,
    one,
    referrals,
    rewards,
    settle,
)

__all__ = [
    "STATES",
    "Referral",
    "ReferralCode",
    "ReferralProgramme",
    "ReferralReward",
    "Reward",
    "Settled",
    "State",
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
