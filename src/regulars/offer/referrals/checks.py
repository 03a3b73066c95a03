"""What `regulars doctor` asks of referrals: rewards are for decided referrals, once for each side, and caps hold."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import and_, exists, func, select

from regulars.offer.referrals.tables import referral, referral_code, referral_programme, referral_reward
from regulars.work.checks import Check, CheckContext, Finding

_SHOWN = 20


def rewards_have_their_referral(context: CheckContext) -> Iterator[Finding]:
    """A reward belongs to a referral that is rewarded."""
    f, w = referral.c, referral_reward.c
    settled = exists().where(f.shop_id == w.shop_id, f.referral_id == w.referral_id, f.state == "rewarded")
    with context.records.reading() as uow:
        for row in uow.rows(select(w.reward_id).where(~settled).limit(_SHOWN)):
            yield Finding(
                "a reward is due for a referral that is not rewarded", "do not give it", f"referral_reward {row['reward_id']}"
            )


def caps_hold(context: CheckContext) -> Iterator[Finding]:
    """What a code counts are its owner's rewards, at most as many as the programme allows."""
    c, p, f, w = referral_code.c, referral_programme.c, referral.c, referral_reward.c
    given = func.count(w.reward_id)
    mine = and_(f.shop_id == c.shop_id, f.code == c.code)
    theirs = and_(w.shop_id == f.shop_id, w.referral_id == f.referral_id, w.side == "referrer")
    whole = and_(p.shop_id == c.shop_id, p.programme_id == c.programme_id)
    asked = select(c.shop_id, c.code, c.rewarded, given.label("given"), p.max_per_referrer)
    asked = asked.select_from(
        referral_code.join(referral_programme, whole).outerjoin(referral, mine).outerjoin(referral_reward, theirs)
    )
    asked = asked.group_by(c.shop_id, c.code, c.rewarded, p.max_per_referrer)
    with context.records.reading() as uow:
        for row in uow.rows(asked.having((given != c.rewarded) | (given > p.max_per_referrer)).limit(_SHOWN)):
            yield Finding(
                f"a code counts {row['rewarded']} rewards, its owner has {row['given']}",
                "tell us how it came about",
                f"referral_code {row['shop_id']}/{row['code']}",
            )


CHECKS = [
    Check("referral rewards belong to decided referrals", "P10", rewards_have_their_referral),
    Check("caps of referrals hold", "P10", caps_hold),
]
