"""Making referral programmes, and ending them; who came by a code before is still rewarded."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, or_, update

from regulars.access import audit
from regulars.errors import Conflict
from regulars.events import ReferralProgrammeArranged
from regulars.offer.referrals.domain import Reward, checked
from regulars.offer.referrals.reading import ReferralProgramme, get
from regulars.offer.referrals.tables import referral_programme
from regulars.values import clock
from regulars.values.ids import new_id

if TYPE_CHECKING:
    from regulars.access.domain import Caller, Shop
    from regulars.records import UnitOfWork

_P = referral_programme.c


def arrange(
    uow: UnitOfWork,
    caller: Caller,
    shop: Shop,
    *,
    name: str,
    referrer: Reward | None,
    friend: Reward | None,
    starts_at: datetime,
    ends_at: datetime | None = None,
    claim_days: int = 30,
    return_days: int = 14,
    min_order_minor: int = 0,
    max_per_referrer: int | None = None,
    link: str = "",
) -> ReferralProgramme:
    """Make a programme; amounts are in the shop's currency.

    Raises
    ------
    InvalidInput : it cannot mean anything.
    """
    caller.demand("manage_offers")
    caller.demand_shop(shop.shop_id)
    wish: dict[str, Any] = {
        "name": name.strip()[:120],
        "claim_days": claim_days,
        "return_days": return_days,
        "min_order_minor": min_order_minor,
        "max_per_referrer": max_per_referrer,
        "link": link.strip(),
        "starts_at": starts_at,
        "ends_at": ends_at,
    }
    checked(referrer=referrer, friend=friend, **wish)
    sides = {"referrer": asdict(referrer) if referrer else None, "friend": asdict(friend) if friend else None}
    fixed = {"shop_id": shop.shop_id, "programme_id": new_id("referral"), "currency": shop.currency}
    made = {"made_by": f"{caller.kind}:{caller.id}", "made_at": clock.now()}
    uow.execute(insert(referral_programme).values(**fixed, **wish, **sides, **made))
    audit.record(uow, caller, "referral_programme.made", fixed["programme_id"], after=wish | sides, shop_id=shop.shop_id)
    return _told(uow, shop.shop_id, fixed["programme_id"])


def end(uow: UnitOfWork, caller: Caller, shop_id: str, programme_id: str) -> ReferralProgramme:
    """Let nobody come by its codes any more.

    Raises
    ------
    Conflict : it is over.
    """
    caller.demand("manage_offers")
    caller.demand_shop(shop_id)
    before, now = get(uow, shop_id, programme_id), clock.now()
    mine = (_P.shop_id == shop_id, _P.programme_id == programme_id, or_(_P.ends_at.is_(None), _P.ends_at > now))
    values = {"ends_at": now, "starts_at": min(before.starts_at, now)}
    if uow.execute(update(referral_programme).where(*mine).values(**values)).rowcount != 1:
        raise Conflict("the programme is over", mend="make another one", code="ended")
    was = {"ends_at": before.ends_at}
    audit.record(uow, caller, "referral_programme.ended", programme_id, before=was, after=values, shop_id=shop_id)
    return _told(uow, shop_id, programme_id)


def _told(uow: UnitOfWork, shop_id: str, programme_id: str) -> ReferralProgramme:
    made = get(uow, shop_id, programme_id)
    told = {"starts_at": made.starts_at, "ends_at": made.ends_at, "return_days": made.return_days}
    uow.tell(ReferralProgrammeArranged(shop_id=shop_id, programme_id=programme_id, **told))  # type: ignore[arg-type]
    return made
