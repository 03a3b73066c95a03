"""Coupons that customers hold: found by code, shown as a wallet, issued to people, claimed while the stock lasts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from sqlalchemy import insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from regulars.access.domain import Caller, Shop
from regulars.errors import InvalidInput
from regulars.events import CouponIssued
from regulars.offer.promotions.codes import new_codes
from regulars.offer.promotions.domain.offers import Effect, Offer, code_of
from regulars.offer.promotions.in_force import InForce, in_force
from regulars.offer.promotions.shelf import get
from regulars.offer.promotions.tables import coupon, coupon_batch, coupon_claim
from regulars.values import clock
from regulars.values.ids import new_id

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

    from regulars.records import UnitOfWork

CouponState = Literal["open", "used", "void", "expired"]
ClaimRefusal = Literal["SOLD_OUT", "CUSTOMER_LIMIT", "ENDED", "NOT_RUNNING"]
MOST_AT_ONCE = 1000
MOST_IN_WALLET = 200
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coupon:
    """One coupon: what it is worth is said by its promotion. `customer_id` is null where whoever has the code may use it."""

    code: str
    promotion_id: str
    promotion: str
    batch_id: str
    customer_id: str | None
    state: CouponState
    issued_at: datetime
    ends_at: datetime | None
    order_id: str | None
    used_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """The coupon a customer claimed, or why there was none."""

    coupon: Coupon | None
    reason: ClaimRefusal | None = None


def offers_of_codes(uow: UnitOfWork, shop_id: str, force: InForce, codes: Sequence[str]) -> list[Offer]:
    """What these codes are worth; codes nobody knows are missing."""
    wanted = sorted({code_of(code) for code in codes})
    found = [force.codes[code] for code in wanted if code in force.codes]
    found += [_ended(code) for code in wanted if code in force.paused and code not in force.codes]
    rest = [code for code in wanted if code not in force.codes and code not in force.paused]
    if rest:
        rows = uow.rows(select(coupon).where(coupon.c.shop_id == shop_id, coupon.c.code.in_(rest)))
        found += [offer for row in rows if (offer := _offer(row, force)) is not None]
    return found


def offers_of_wallet(uow: UnitOfWork, shop_id: str, force: InForce, customer_id: str) -> list[Offer]:
    """What the coupons of a customer are worth that are not used, the newest where there are very many."""
    rows = uow.rows(
        select(coupon)
        .where(coupon.c.shop_id == shop_id, coupon.c.customer_id == customer_id, coupon.c.state == "open")
        .order_by(coupon.c.issued_at.desc(), coupon.c.code)
        .limit(MOST_IN_WALLET)
    )
    return [offer for row in rows if (offer := _offer(row, force)) is not None]


def _offer(row: RowMapping, force: InForce) -> Offer | None:
    rules = force.coupons.get(row["promotion_id"])
    if rules is None:
        return _ended(row["code"]) if row["promotion_id"] in force.paused else None
    ends = [one for one in (rules.ends_at, row["ends_at"]) if one is not None]
    return replace(
        rules,
        id=row["code"],
        code=row["code"],
        promotion_id=row["promotion_id"],
        owner=row["customer_id"],
        used_up=row["state"] != "open",
        ends_at=min(ends, default=None),
    )


def _ended(code: str) -> Offer:
    """A code that exists and is worth nothing any more."""
    return Offer(id=code, code=code, layer="platform_coupon", effect=Effect(kind="amount"), ends_at=_LONG_AGO)


def wallet(uow: UnitOfWork, shop_id: str, customer_id: str, *, limit: int = MOST_IN_WALLET) -> list[Coupon]:
    """A customer's coupons, used and expired ones among them, the newest first."""
    rows = uow.rows(
        select(coupon)
        .where(coupon.c.shop_id == shop_id, coupon.c.customer_id == customer_id)
        .order_by(coupon.c.issued_at.desc(), coupon.c.code)
        .limit(limit)
    )
    return coupons_of(uow, shop_id, rows)


def coupons_of(uow: UnitOfWork, shop_id: str, rows: Sequence[RowMapping]) -> list[Coupon]:
    """Rows with the names of their promotions, and `expired` where the time is over."""
    named = {id_: get(uow, shop_id, id_) for id_ in {row["promotion_id"] for row in rows}}
    now = clock.now()
    found = []
    for row in rows:
        rules = named[row["promotion_id"]]
        ends = min((one for one in (rules.ends_at, row["ends_at"]) if one is not None), default=None)
        state: CouponState = "expired" if row["state"] == "open" and ends is not None and now >= ends else row["state"]
        names = ("code", "promotion_id", "batch_id", "customer_id", "issued_at", "order_id", "used_at")
        found.append(Coupon(**{name: row[name] for name in names}, promotion=rules.name, state=state, ends_at=ends))
    return found


def issue(
    uow: UnitOfWork,
    caller: Caller,
    shop: Shop,
    promotion_id: str,
    customer_ids: Sequence[str],
    *,
    name: str = "",
    valid_days: int | None = None,
) -> list[Coupon]:
    """Give each of these customers a coupon of their own; a name that comes twice gets one.

    Parameters
    ----------
    valid_days : the coupon ends so many days from now, or with its promotion if that is earlier.

    Raises
    ------
    NotAllowed : the caller may not manage offers.
    NotFound : there is no such promotion.
    InvalidInput : it is no kind of coupon, or there are too many customers at once.
    """
    caller.demand("manage_offers")
    caller.demand_shop(shop.shop_id)
    people = list(dict.fromkeys(customer_ids))
    if not 0 < len(people) <= MOST_AT_ONCE or not all(0 < len(one) <= 200 for one in people):
        raise InvalidInput(
            f"coupons are issued to 1 to {MOST_AT_ONCE} customers at once, each with an id",
            mend="send fewer at once",
            code="too_many",
        )
    ends = ends_in(valid_days)
    batch_id = open_batch(
        uow, caller, shop.shop_id, promotion_id, origin="issued", name=name, wanted=len(people), ends_at=ends, made=len(people)
    )
    return give(uow, shop, promotion_id, batch_id, people, ends, "issued")


def open_batch(
    uow: UnitOfWork,
    caller: Caller,
    shop_id: str,
    promotion_id: str,
    *,
    origin: str,
    name: str,
    wanted: int,
    made: int = 0,
    prefix: str = "",
    stock: int | None = None,
    per_customer: int | None = None,
    ends_at: datetime | None = None,
    valid_days: int | None = None,
) -> str:
    """Write down a batch of coupons of a promotion; returns its id."""
    rules = get(uow, shop_id, promotion_id)
    if rules.kind != "coupon":
        raise InvalidInput(
            f"'{promotion_id}' applies by itself", mend="give coupons of a promotion of the kind coupon", code="no_coupon"
        )
    if rules.code is not None:
        raise InvalidInput(
            f"'{promotion_id}' has one code for everybody",
            mend="make one without a code for coupons of their own",
            code="no_coupon",
        )
    batch_id, now = new_id("batch"), clock.now()
    uow.execute(
        insert(coupon_batch).values(
            batch_id=batch_id,
            shop_id=shop_id,
            promotion_id=promotion_id,
            name=(name.strip() or rules.name)[:200],
            origin=origin,
            prefix=prefix,
            wanted=wanted,
            made=made,
            stock=stock,
            per_customer=per_customer,
            claimed=0,
            ends_at=ends_at,
            valid_days=valid_days,
            created_at=now,
            created_by=f"{caller.kind}:{caller.id}",
            finished_at=now if made == wanted else None,
        )
    )
    return batch_id


def ends_in(valid_days: int | None) -> datetime | None:
    """The instant so many days from now."""
    if valid_days is None:
        return None
    if not 1 <= valid_days <= 3660:
        raise InvalidInput("a coupon is valid for 1 to 3660 days", mend="give another number of days", code="bad_days")
    return clock.now() + timedelta(days=valid_days)


def claim(uow: UnitOfWork, shop: Shop, batch_id: str, customer_id: str) -> Claimed:
    """A customer takes a coupon of a batch that is open to be claimed, while the stock lasts and no more than each may have.

    Stock and the customer's share are moved by conditional updates, so that any number of customers at once get exactly the stock.
    """
    batch = uow.one(select(coupon_batch).where(coupon_batch.c.shop_id == shop.shop_id, coupon_batch.c.batch_id == batch_id))
    if batch is None or batch["stock"] is None:
        return Claimed(coupon=None, reason="NOT_RUNNING")
    now = clock.now()
    rules = in_force(uow, shop.shop_id).coupons.get(batch["promotion_id"])
    if rules is None or (rules.starts_at is not None and now < rules.starts_at):
        return Claimed(coupon=None, reason="NOT_RUNNING")
    if any(one is not None and now >= one for one in (rules.ends_at, batch["ends_at"])):
        return Claimed(coupon=None, reason="ENDED")
    if batch["per_customer"] is not None:
        make = postgresql.insert if uow.dialect == "postgresql" else sqlite.insert
        key = {"shop_id": shop.shop_id, "batch_id": batch_id, "customer_id": customer_id}
        uow.execute(make(coupon_claim).values(**key, claimed=0).on_conflict_do_nothing())
        mine = [coupon_claim.c[column] == value for column, value in key.items()]
        moved = uow.execute(
            update(coupon_claim)
            .where(*mine, coupon_claim.c.claimed + 1 <= batch["per_customer"])
            .values(claimed=coupon_claim.c.claimed + 1)
        )
        if not moved.rowcount:
            return Claimed(coupon=None, reason="CUSTOMER_LIMIT")
    taken = uow.execute(
        update(coupon_batch)
        .where(coupon_batch.c.batch_id == batch_id, coupon_batch.c.claimed + 1 <= coupon_batch.c.stock)
        .values(claimed=coupon_batch.c.claimed + 1, made=coupon_batch.c.made + 1)
    )
    if not taken.rowcount:
        if batch["per_customer"] is not None:
            uow.execute(update(coupon_claim).where(*mine).values(claimed=coupon_claim.c.claimed - 1))
        return Claimed(coupon=None, reason="SOLD_OUT")
    ends = min((one for one in (batch["ends_at"], ends_in(batch["valid_days"])) if one is not None), default=None)
    (given,) = give(uow, shop, batch["promotion_id"], batch_id, [customer_id], ends, "claimed", prefix=batch["prefix"])
    return Claimed(coupon=given)


def give(
    uow: UnitOfWork,
    shop: Shop,
    promotion_id: str,
    batch_id: str,
    people: Sequence[str],
    ends_at: datetime | None,
    origin: str,
    *,
    prefix: str = "",
) -> list[Coupon]:
    """Make a coupon for each of these customers and tell it."""
    now = clock.now()
    rows = [
        {
            "shop_id": shop.shop_id,
            "code": code,
            "promotion_id": promotion_id,
            "batch_id": batch_id,
            "customer_id": customer_id,
            "told_as": customer_id,
            "state": "open",
            "issued_at": now,
            "ends_at": ends_at,
        }
        for customer_id, code in zip(people, new_codes(len(people), prefix), strict=True)
    ]
    uow.execute(insert(coupon), rows)
    uow.tell_all(
        [
            CouponIssued(shop_id=shop.shop_id, customer_id=one, promotion_id=promotion_id, batch_id=batch_id, origin=origin)
            for one in people
        ]
    )
    made = uow.rows(select(coupon).where(coupon.c.shop_id == shop.shop_id, coupon.c.code.in_([row["code"] for row in rows])))
    by_code = {one.code: one for one in coupons_of(uow, shop.shop_id, made)}
    return [by_code[str(row["code"])] for row in rows]
