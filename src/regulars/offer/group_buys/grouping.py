"""Opening, joining, paying and leaving a group: each is one step of the domain between a locked read and one conditional write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from regulars.errors import Conflict, InvalidInput, NotFound
from regulars.events import GroupBuyRefunded
from regulars.offer.group_buys import domain
from regulars.offer.group_buys.domain import Group, Seat, SeatStatus, Status, settled
from regulars.offer.group_buys.keeping import begin, load, save
from regulars.offer.group_buys.reading import GroupRefund, offer_row, refund_of
from regulars.offer.group_buys.tables import group_buy_group, group_buy_refund
from regulars.values import clock
from regulars.values.ids import new_id

if TYPE_CHECKING:
    from regulars.records import UnitOfWork

_LONGEST_ID = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatAnswer:
    """What became of one customer's seat: how it stands, and the group."""

    group_id: str
    customer_id: str
    status: SeatStatus
    group: Status
    expires_at: datetime
    deadline_at: datetime | None


def open_group(
    uow: UnitOfWork, shop_id: str, offer_id: str, *, customer_id: str, named_as: str = "", group_id: str | None = None
) -> SeatAnswer:
    """Begin a group: the customer holds its leader's seat, and others may join once it is paid.

    Parameters
    ----------
    group_id : the shop's own id. The same id with the same customer and offer gives the first answer again.

    Raises
    ------
    Conflict : `not_started`, `ended`; `idempotency_conflict` where the id is another group's.
    """
    told_id, named = group_id or new_id("group"), named_as or customer_id
    if not 1 <= len(told_id) <= _LONGEST_ID:
        raise InvalidInput("a group's id has 1 to 128 characters", mend="send a UUID", code="bad_group")
    offer, now = offer_row(uow, shop_id, offer_id), clock.now()
    if (known := _known(uow, shop_id, told_id, offer_id, named)) is not None:
        return known
    if now < offer["starts_at"]:
        raise Conflict("the offer has not begun", mend="try again at `starts_at`", code="not_started")
    if now >= offer["ends_at"]:
        raise Conflict("the offer is over", mend="sell the product at its usual price", code="ended")
    seat = domain.held(new_id("seat"), customer_id, named, 1, offer["pay_ttl_s"], now)
    fixed = {name: offer[name] for name in ("offer_id", "product_id", "currency", "price_minor", "size", "window_s", "pay_ttl_s")}
    empty = Group(group_id=told_id, status="pending", leader=seat.seat_id, opened_at=now, **fixed)
    made = domain.opened(empty, seat)
    if not begin(uow, shop_id, made):
        known = _known(uow, shop_id, told_id, offer_id, named)
        assert known is not None, "somebody has begun it just now"
        return known
    return _answer(made, seat)


def join(uow: UnitOfWork, shop_id: str, group_id: str, *, customer_id: str, named_as: str = "") -> SeatAnswer:
    """Hold a seat of a group until it is paid or `pay_ttl_s` has gone.

    Raises
    ------
    Conflict : `group_not_open`, `already_joined`, `group_full`.
    """
    named = named_as or customer_id
    seat_id = new_id("seat")
    after = _step(uow, shop_id, group_id, lambda group, now: domain.joined(group, seat_id, customer_id, named, now))
    return _answer(after, after.seats[-1])


def pay(uow: UnitOfWork, shop_id: str, group_id: str, *, customer_id: str) -> SeatAnswer:
    """The payment of a seat has come; told again it changes nothing and answers the same (B9).

    The last one needed makes the group a success (B2). For a seat that has lapsed, or a group that is over, the payment is to be
    given back: `refund_required` (B7).
    """
    after = _step(uow, shop_id, group_id, lambda group, now: domain.paid(group, customer_id, now))
    seat = after.seat_of(customer_id)
    assert seat is not None, "only a seat can be paid"
    first: SeatStatus = "refund_required" if seat.status == "refund_required" else "paid"
    return _answer(after, seat, status=first, group_status=seat.told)


def leave(uow: UnitOfWork, shop_id: str, group_id: str, *, customer_id: str) -> SeatAnswer:
    """Leave a group that is not complete: what was paid goes back, and another leads where the leader left (B8)."""
    after = _step(uow, shop_id, group_id, lambda group, now: domain.left(group, customer_id, now))
    seat = after.seat_of(customer_id)
    assert seat is not None, "only who has a seat can leave"
    return _answer(after, seat)


def settle(uow: UnitOfWork, shop_id: str, group_id: str) -> Group:
    """Write down what time alone has made of a group. Late or never, no answer differs."""
    return _step(uow, shop_id, group_id, lambda group, _: group)


def refunded(uow: UnitOfWork, shop_id: str, refund_id: str) -> GroupRefund:
    """The shop has given a payment back; told again it changes nothing.

    Raises
    ------
    NotFound : there is no such refund.
    """
    c, now = group_buy_refund.c, clock.now()
    mine = (c.shop_id == shop_id, c.refund_id == refund_id)
    done = uow.execute(update(group_buy_refund).where(*mine, c.done_at.is_(None)).values(done_at=now))
    row = uow.one(select(group_buy_refund).where(*mine))
    if row is None:
        raise NotFound("there is no such refund", mend="list them with `GET /v1/group_buys/refunds`", code="no_such_refund")
    found = refund_of(row)
    if done.rowcount == 1:
        told = {name: row[name] for name in ("customer_id", "offer_id", "group_id", "refund_id", "amount_minor", "currency")}
        uow.tell(GroupBuyRefunded(shop_id=shop_id, timestamp=now, **told))
    return found


def _step(uow: UnitOfWork, shop_id: str, group_id: str, act: Callable[[Group, datetime], Group]) -> Group:
    written, changes = load(uow, shop_id, group_id, lock=True)
    now = clock.now()  # after the wait for the lock
    after = act(settled(written, now), now)
    save(uow, shop_id, written, after, changes)
    return after


def _known(uow: UnitOfWork, shop_id: str, group_id: str, offer_id: str, named_as: str) -> SeatAnswer | None:
    """The first answer of an id that was used before."""
    c = group_buy_group.c
    if uow.value(select(c.group_id).where(c.shop_id == shop_id, c.group_id == group_id)) is None:
        return None
    group, _ = load(uow, shop_id, group_id)
    first = group.seats[0]
    if (group.offer_id, first.named_as) != (offer_id, named_as):
        raise Conflict(
            "this group's id was used for another offer or leader",
            mend="use a new id for each group, and the same one only to repeat it unchanged",
            code="idempotency_conflict",
        )
    return SeatAnswer(
        group_id=group_id,
        customer_id=first.customer_id,
        status="held",
        group="pending",
        expires_at=first.expires_at,
        deadline_at=None,
    )


def _answer(group: Group, seat: Seat, *, status: SeatStatus | None = None, group_status: Status | None = None) -> SeatAnswer:
    return SeatAnswer(
        group_id=group.group_id,
        customer_id=seat.customer_id,
        status=status or seat.status,
        group=group_status or group.status,
        expires_at=seat.expires_at,
        deadline_at=group.deadline_at,
    )
