"""What a referral leads to: an order that counts, the wait for its return window, then both rewards, a refusal or an operator's look."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from regulars.access import audit
from regulars.errors import Conflict, NotFound
from regulars.events import ReferralDecided, ReferralOrdered, ReferralRewardDue, ReferralRewardGranted
from regulars.offer.referrals.domain import CAPPED, ReferralOrder, Reward, Side, State, bought_before
from regulars.offer.referrals.inviting import signals
from regulars.offer.referrals.queries import orders_of
from regulars.offer.referrals.reading import Referral, ReferralProgramme, ReferralReward, get, one, reward_of
from regulars.offer.referrals.tables import referral, referral_code, referral_reward
from regulars.values import clock

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

    from regulars.access.domain import Caller, Shop
    from regulars.access.keys import Keyring
    from regulars.records import Records, UnitOfWork
    from regulars.warehouse import Warehouse

_C, _F, _W = referral_code.c, referral.c, referral_reward.c
_AT_ONCE = 500
_BY_ITSELF = "system:referrals"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """How many referrals found their order, and what became of those whose time had come."""

    ordered: int = 0
    rewarded: int = 0
    review: int = 0
    refused: int = 0
    lapsed: int = 0


def settle(records: Records, warehouse: Warehouse, keyring: Keyring, shop: Shop) -> Settled:
    """Look at the orders of everybody who came by a code, and decide what is due; doing it again changes nothing.

    A claim becomes an order when the new customer has made one that counts. When that order's return window is over and it still
    counts, both sides are rewarded; where something looks like one person on both sides, it waits for an operator instead.
    """
    counts = dict.fromkeys(("ordered", "rewarded", "review", "refused", "lapsed"), 0)
    for some in _waiting(records, shop.shop_id):
        bought = _orders(warehouse, shop, [row["customer_id"] for row in some])
        with records.unit() as uow:
            programmes: dict[str, ReferralProgramme] = {}
            for row in some:
                if row["programme_id"] not in programmes:
                    programmes[row["programme_id"]] = get(uow, shop.shop_id, row["programme_id"])
                mine = bought.get(row["customer_id"], [])
                programme = programmes[row["programme_id"]]
                for became in _looked_at(uow, keyring, shop.shop_id, programme, row["referral_id"], mine):
                    counts[became] += 1
    return Settled(**counts)


def decide(uow: UnitOfWork, caller: Caller, shop_id: str, referral_id: str, *, allow: bool, note: str = "") -> Referral:
    """An operator overrules: reward what was held or refused, or refuse what would be rewarded. The reasons stay, the trail keeps who.

    Allowed before its time has come, a referral is only cleared of its signals and goes on.

    Raises
    ------
    Conflict : it is rewarded, or is what is wished already.
    """
    caller.demand("manage_offers")
    caller.demand_shop(shop_id)
    before = one(uow, shop_id, referral_id)
    if before.state == "rewarded" or (not allow and before.state in ("refused", "lapsed")):
        raise Conflict(f"the referral is {before.state}", mend="nothing is left to decide", code="referral_decided")
    values = {"decided_by": f"{caller.kind}:{caller.id}", "note": note.strip()[:400]}
    waits = before.state in ("claimed", "ordered")
    if allow and waits:
        _change(uow, before, before.state, cleared=True, **values)
    elif allow:
        programme = get(uow, shop_id, before.programme_id)
        list(_rewarded(uow, shop_id, before, programme, before.reasons, cleared=True, **values))
    else:
        list(_decided(uow, shop_id, before, "refused", [*before.reasons, "operator"], **values))
    after = one(uow, shop_id, referral_id)
    audit.record(
        uow,
        caller,
        "referral.allowed" if allow else "referral.refused",
        referral_id,
        before={"state": before.state, "reasons": before.reasons},
        after={"state": after.state, "note": values["note"]},
        shop_id=shop_id,
    )
    return after


def grant(uow: UnitOfWork, shop_id: str, reward_id: str, *, by: str) -> ReferralReward:
    """A reward was given; told again it changes nothing. Who gives it may do so in this transaction: it is given once.

    Raises
    ------
    NotFound : there is no such reward.
    """
    mark(uow, shop_id, reward_id, by=by)
    row = uow.one(select(referral_reward).where(_W.shop_id == shop_id, _W.reward_id == reward_id))
    if row is None:
        raise NotFound("there is no such reward", mend="list them with `GET /v1/referrals/rewards`", code="no_such_referral_reward")
    return reward_of(row)


def mark(uow: UnitOfWork, shop_id: str, reward_id: str, *, by: str) -> bool:
    """Note that a reward is given, and tell it; False where it was given already, or is none. Of two who mark at once one is first."""
    now = clock.now()
    mine = (_W.shop_id == shop_id, _W.reward_id == reward_id)
    done = uow.execute(update(referral_reward).where(*mine, _W.granted_at.is_(None)).values(granted_at=now, granted_by=by[:128]))
    row = uow.one(select(referral_reward).where(*mine))
    if done.rowcount != 1 or row is None:
        return False
    told = {name: row[name] for name in ("customer_id", "programme_id", "referral_id", "reward_id")}
    uow.tell(ReferralRewardGranted(shop_id=shop_id, timestamp=now, **told))
    return True


def _looked_at(
    uow: UnitOfWork, keyring: Keyring, shop_id: str, programme: ReferralProgramme, referral_id: str, orders: Sequence[ReferralOrder]
) -> Iterator[State]:
    """Take one referral as far as it goes now; yields each state it comes to."""
    found, now = one(uow, shop_id, referral_id), clock.now()
    itself = found.referrer_id == found.customer_id  # they have turned out to be one customer
    if found.state == "claimed":
        if itself or (bought_before(orders, found.claimed_at) and not found.cleared):
            why = "same_customer" if itself else "not_new_customer"
            yield from _decided(uow, shop_id, found, "refused", [*found.reasons, why])
            return
        order = programme.terms.order_that_counts(orders, found.claimed_at)
        if order is None:
            if programme.terms.lapses_at(found.claimed_at) <= now:
                yield from _decided(uow, shop_id, found, "lapsed", found.reasons)
            return
        yield from _ordered(uow, shop_id, found, programme, order)
        found = one(uow, shop_id, referral_id)
    if found.state != "ordered" or found.due_at is None or found.due_at > now:
        return
    order = next((each for each in orders if each.order_id == found.order_id), None)
    if itself or not programme.terms.still_counts(order):
        yield from _decided(uow, shop_id, found, "refused", [*found.reasons, "same_customer" if itself else "returned"])
        return
    row = uow.one(select(_F.device, _F.address_digest).where(_F.referral_id == referral_id))
    assert row is not None, "the referral was there a moment ago"
    told = {"device": row["device"], "digest": row["address_digest"], "referral_id": referral_id}
    seen = signals(uow, keyring, shop_id, found.code, found.referrer_id, found.customer_id, **told)
    reasons = list(dict.fromkeys([*found.reasons, *seen]))
    if reasons and not found.cleared:
        yield from _decided(uow, shop_id, found, "review", reasons)
    else:
        yield from _rewarded(uow, shop_id, found, programme, reasons)


def _ordered(uow: UnitOfWork, shop_id: str, found: Referral, programme: ReferralProgramme, order: ReferralOrder) -> Iterator[State]:
    due_at = programme.terms.due_at(order.ordered_at)
    told = {"order_id": order.order_id, "order_minor": order.net_minor, "ordered_at": order.ordered_at, "due_at": due_at}
    if _change(uow, found, "ordered", **told):
        ids: dict[str, Any] = {"programme_id": found.programme_id, "referral_id": found.referral_id, "code": found.code}
        uow.tell(ReferralOrdered(shop_id=shop_id, customer_id=found.customer_id, order_id=order.order_id, due_at=due_at, **ids))
        yield "ordered"


def _rewarded(
    uow: UnitOfWork, shop_id: str, found: Referral, programme: ReferralProgramme, reasons: Sequence[str], **more: Any
) -> Iterator[State]:
    """Both rewards, once: whoever moves the referral to `rewarded` writes them."""
    if not _change(uow, found, "rewarded"):
        return
    capped = programme.referrer is not None and not _counted(uow, shop_id, found.code, programme.max_per_referrer)
    moved = replace(found, state="rewarded")
    yield from _decided(uow, shop_id, moved, "rewarded", [*reasons, CAPPED] if capped else reasons, **more)
    if programme.referrer is not None and not capped:
        row = uow.one(select(_C.customer_id, _C.named_as).where(_C.shop_id == shop_id, _C.code == found.code))
        _due(uow, shop_id, found, "referrer", programme.referrer, row)
    if programme.friend is not None:
        row = uow.one(select(_F.customer_id, _F.named_as).where(_F.referral_id == found.referral_id))
        _due(uow, shop_id, found, "friend", programme.friend, row)


def _counted(uow: UnitOfWork, shop_id: str, code: str, most: int | None) -> bool:
    """One more reward for the owner of a code, where one may have another."""
    write = update(referral_code).where(_C.shop_id == shop_id, _C.code == code)
    if most is not None:
        write = write.where(_C.rewarded < most)
    return uow.execute(write.values(rewarded=_C.rewarded + 1)).rowcount == 1


def _due(uow: UnitOfWork, shop_id: str, found: Referral, side: Side, reward: Reward, whose: RowMapping | None) -> None:
    assert whose is not None, "a referral has a friend and the code of a referrer"
    now = clock.now()
    ids = {"reward_id": f"{found.referral_id}_{side}", "referral_id": found.referral_id, "programme_id": found.programme_id}
    told: dict[str, Any] = {"kind": reward.kind, "points": reward.points, "coupon": reward.coupon, "side": side, **ids}
    told |= {"shop_id": shop_id, "customer_id": whose["customer_id"]}
    uow.execute(insert(referral_reward).values(named_as=whose["named_as"], due_at=now, **told))
    uow.tell(ReferralRewardDue(timestamp=now, **told))


def _decided(uow: UnitOfWork, shop_id: str, found: Referral, state: State, reasons: Sequence[str], **more: Any) -> Iterator[State]:
    now = clock.now()
    if _change(uow, found, state, **({"decided_by": _BY_ITSELF, "decided_at": now, "reasons": list(reasons)} | more)):
        ids: dict[str, Any] = {"programme_id": found.programme_id, "referral_id": found.referral_id, "code": found.code}
        about: dict[str, Any] = {"shop_id": shop_id, "customer_id": found.customer_id, "timestamp": now}
        uow.tell(ReferralDecided(decision=state, reasons=tuple(reasons), **ids, **about))
        yield state


def _change(uow: UnitOfWork, found: Referral, state: State, **values: Any) -> bool:
    """Move a referral on from where it was seen; False where somebody else has moved it meanwhile."""
    write = update(referral).where(_F.referral_id == found.referral_id, _F.state == found.state)
    return uow.execute(write.values(state=state, **values)).rowcount == 1


def _waiting(records: Records, shop_id: str) -> Iterator[list[Any]]:
    """Referrals that time or an order may move, some at a time."""
    last = ""
    now = clock.now()
    moves = (_F.state == "claimed") | ((_F.state == "ordered") & (_F.due_at <= now))
    while True:
        asked = select(_F.referral_id, _F.programme_id, _F.customer_id).where(_F.shop_id == shop_id, moves, _F.referral_id > last)
        with records.reading() as uow:
            some = uow.rows(asked.order_by(_F.referral_id).limit(_AT_ONCE))
        if not some:
            return
        yield some
        last = some[-1]["referral_id"]


def _orders(warehouse: Warehouse, shop: Shop, customer_ids: Sequence[str]) -> dict[str, list[ReferralOrder]]:
    asked = orders_of(warehouse.table("orders"), warehouse.table("refunds"), shop.shop_id, shop.currency, sorted({*customer_ids}))
    found: dict[str, list[ReferralOrder]] = {}
    for row in warehouse.rows(asked):
        order = ReferralOrder(
            order_id=row["order_id"], ordered_at=row["ordered_at"].replace(tzinfo=UTC), net_minor=int(row["net_minor"])
        )
        found.setdefault(row["customer_id"], []).append(order)
    return found
