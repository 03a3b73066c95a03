"""A customer's own code, and a new customer who comes by it; what looks like one person on both sides is noted at once."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from regulars.collect import identity
from regulars.errors import Conflict
from regulars.events import ReferralClaimed
from regulars.guard import privacy
from regulars.offer.referrals.domain import SIGNALS
from regulars.offer.referrals.reading import Referral, ReferralCode, code_of, code_row, get, one
from regulars.offer.referrals.tables import referral, referral_code
from regulars.values import clock
from regulars.values.ids import new_id

if TYPE_CHECKING:
    from regulars.access.keys import Keyring
    from regulars.records import UnitOfWork

_C, _F = referral_code.c, referral.c
_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that are taken for each other
_LENGTH = 8


def invite(uow: UnitOfWork, shop_id: str, programme_id: str, *, customer_id: str, named_as: str = "") -> ReferralCode:
    """The customer's code of a programme, made where there is none yet; asked again it is the same.

    Raises
    ------
    Conflict : the programme is over.
    """
    programme, named = get(uow, shop_id, programme_id), named_as or customer_id
    mine = select(referral_code).where(_C.shop_id == shop_id, _C.programme_id == programme_id)
    mine = mine.where((_C.named_as == named) | (_C.customer_id == customer_id)).order_by(_C.made_at, _C.code)
    row = uow.one(mine)
    if row is None:
        if programme.phase == "ended":
            raise Conflict("the programme is over", mend="make another one", code="ended")
        make = postgresql.insert if uow.dialect == "postgresql" else sqlite.insert
        while row is None:  # a code may be somebody else's already, and somebody may have asked for this one just now
            values = {"code": "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH)), "rewarded": 0, "made_at": clock.now()}
            owner = {"shop_id": shop_id, "programme_id": programme_id, "customer_id": customer_id, "named_as": named}
            uow.execute(make(referral_code).values(**values, **owner).on_conflict_do_nothing())
            row = uow.one(mine)
    return code_of(row, programme.link)


def claim(
    uow: UnitOfWork,
    keyring: Keyring,
    shop_id: str,
    *,
    code: str,
    customer_id: str,
    named_as: str = "",
    visitor_id: str = "",
    address: str = "",
) -> Referral:
    """A new customer came by a code; told again it is the same.

    Parameters
    ----------
    visitor_id : the device as its SDK names it; address : where the customer lets things be sent. Both only to see whether the
        customer has invited themselves; the address is kept as a blind index.

    Raises
    ------
    NotFound : nobody has this code.
    Conflict : `not_started`, `ended`, `self_referral`; `already_referred` where the customer came by another code before.
    """
    row, now, named = code_row(uow, shop_id, code), clock.now(), named_as or customer_id
    programme = get(uow, shop_id, row["programme_id"])
    before = select(_F.referral_id, _F.code).where(_F.shop_id == shop_id, _F.programme_id == programme.programme_id)
    before = before.where((_F.named_as == named) | (_F.customer_id == customer_id))
    if (known := uow.one(before)) is not None:
        if known["code"] != row["code"]:
            raise Conflict("the customer came by another code before", mend="the first one counts", code="already_referred")
        return one(uow, shop_id, known["referral_id"])
    if programme.phase != "running":
        planned = programme.phase == "planned"
        what = "has not begun" if planned else "is over"
        raise Conflict(f"the programme {what}", mend="take the order without it", code="not_started" if planned else "ended")
    if row["customer_id"] == customer_id:
        raise Conflict("nobody can invite themselves", mend="take the order without the code", code="self_referral")
    device = privacy.visitor_id(keyring, shop_id, visitor_id) if visitor_id.strip() else ""
    digest = privacy.address_index(keyring, shop_id, address)
    found = signals(uow, keyring, shop_id, row["code"], row["customer_id"], customer_id, device, digest, "")
    referral_id = new_id("referred")
    make = postgresql.insert if uow.dialect == "postgresql" else sqlite.insert
    added = make(referral).values(
        referral_id=referral_id, shop_id=shop_id, programme_id=programme.programme_id, code=row["code"], customer_id=customer_id,
        named_as=named, state="claimed", reasons=found, cleared=False, device=device, address_digest=digest, claimed_at=now, note="",
    )  # fmt: skip
    if uow.execute(added.on_conflict_do_nothing().returning(_F.referral_id)).first() is None:
        return claim(uow, keyring, shop_id, code=code, customer_id=customer_id, named_as=named)  # told twice at once
    uow.tell(
        ReferralClaimed(
            shop_id=shop_id,
            customer_id=customer_id,
            timestamp=now,
            programme_id=programme.programme_id,
            referral_id=referral_id,
            code=row["code"],
            signals=tuple(found),
        )
    )
    return one(uow, shop_id, referral_id)


def signals(
    uow: UnitOfWork,
    keyring: Keyring,
    shop_id: str,
    code: str,
    referrer_id: str,
    friend_id: str,
    device: str,
    digest: str,
    referral_id: str,
) -> list[str]:
    """What looks like one person on both sides of a referral, in the order of `SIGNALS`."""
    addresses = frozenset([digest]) if digest else frozenset()
    found = {f"same_{what}" for what in privacy.alike(uow, keyring, shop_id, referrer_id, friend_id, addresses=addresses)}
    if device and identity.customer_of(uow, shop_id, device) == referrer_id:
        found.add("same_device")
    others = (_F.shop_id == shop_id, _F.code == code, _F.referral_id != referral_id, _F.customer_id != friend_id)
    for name, column, value in (("device_shared", _F.device, device), ("address_shared", _F.address_digest, digest)):
        if value and uow.value(select(_F.referral_id).where(*others, column == value).limit(1)) is not None:
            found.add(name)
    return [name for name in SIGNALS if name in found]
