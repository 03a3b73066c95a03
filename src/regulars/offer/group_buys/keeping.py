"""Groups in the records: read as one, written back as one conditional write with all that changed, and told as events."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from regulars.errors import NotFound, Unavailable
from regulars.events import (
    GroupBuyFailed,
    GroupBuyJoined,
    GroupBuyLapsed,
    GroupBuyLeaderChanged,
    GroupBuyOpened,
    GroupBuyPaid,
    GroupBuyRefundDue,
    GroupBuySucceeded,
)
from regulars.offer.group_buys.domain import Group, Seat
from regulars.offer.group_buys.tables import group_buy_group, group_buy_refund, group_buy_seat
from regulars.work import enqueue

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

    from regulars.events import Event
    from regulars.records import UnitOfWork

SETTLE = "group_buys.settle"
_G, _S = group_buy_group.c, group_buy_seat.c
_FIXED = ("group_id", "offer_id", "product_id", "currency", "price_minor", "size", "window_s", "pay_ttl_s", "opened_at")
_MOVING = ("status", "leader", "deadline_at", "closed_at")
_SEAT = ("seat_id", "customer_id", "named_as", "place", "status", "held_at", "expires_at", "paid_at", "told", "closed_at")
_REASONS = {"failed": "failed", "cancelled": "left"}


def load(uow: UnitOfWork, shop_id: str, group_id: str, *, lock: bool = False) -> tuple[Group, int]:
    """A group as it is written, and how often it was changed; with `lock` nobody else changes it before this transaction ends.

    Raises
    ------
    NotFound : the shop has none of that id.
    """
    asked = select(group_buy_group).where(_G.shop_id == shop_id, _G.group_id == group_id)
    row = uow.one(asked.with_for_update() if lock else asked)
    if row is None:
        raise NotFound(f"there is no group '{group_id[:80]}'", mend="open one first", code="no_such_group")
    return next(iter(with_seats(uow, shop_id, [row]))), row["changes"]


def with_seats(uow: UnitOfWork, shop_id: str, rows: Iterable[RowMapping]) -> list[Group]:
    """Groups with their seats."""
    found = {row["group_id"]: row for row in rows}
    seats: dict[str, list[Seat]] = {}
    for row in uow.rows(select(group_buy_seat).where(_S.shop_id == shop_id, _S.group_id.in_(list(found))).order_by(_S.place)):
        seats.setdefault(row["group_id"], []).append(Seat(**{name: row[name] for name in _SEAT}))
    names = (*_FIXED, *_MOVING)
    return [Group(**{name: row[name] for name in names}, seats=tuple(seats.get(key, ()))) for key, row in found.items()]


def begin(uow: UnitOfWork, shop_id: str, group: Group) -> bool:
    """Write a new group; False where somebody else has begun one under this id meanwhile."""
    row = {name: getattr(group, name) for name in (*_FIXED, *_MOVING)} | _counts(group)
    make = postgresql.insert if uow.dialect == "postgresql" else sqlite.insert
    added = make(group_buy_group).values(shop_id=shop_id, changes=0, **row).on_conflict_do_nothing()
    if uow.execute(added.returning(_G.group_id)).first() is None:
        return False
    for seat in group.seats:
        uow.execute(insert(group_buy_seat).values(shop_id=shop_id, group_id=group.group_id, **_plain(seat)))
        uow.tell(_joined(shop_id, group, seat))
    _ask(uow, shop_id, group)
    return True


def save(uow: UnitOfWork, shop_id: str, before: Group, after: Group, changes: int) -> None:
    """Write what changed, and tell it: one conditional write decides, which no second writer and no full group passes (B5)."""
    if after == before:
        return
    moved = {name: getattr(after, name) for name in _MOVING} | _counts(after)
    write = update(group_buy_group).where(_G.shop_id == shop_id, _G.group_id == after.group_id, _G.changes == changes)
    write = write.where(_G.size >= moved["paid"] + moved["held"]).values(changes=changes + 1, **moved)
    if uow.execute(write).rowcount != 1:
        raise Unavailable("the group was changed by somebody else meanwhile", mend="try again", code="group_changed")
    known = {seat.seat_id: seat for seat in before.seats}
    for seat in after.seats:
        if seat.seat_id not in known:
            uow.execute(insert(group_buy_seat).values(shop_id=shop_id, group_id=after.group_id, **_plain(seat)))
        elif seat != known[seat.seat_id]:
            uow.execute(update(group_buy_seat).where(_S.seat_id == seat.seat_id).values(**_plain(seat)))
        if seat != known.get(seat.seat_id):
            _seat_changed(uow, shop_id, after, known.get(seat.seat_id), seat)
    uow.tell_all(list(_group_changed(shop_id, before, after)))
    _ask(uow, shop_id, after)


def _seat_changed(uow: UnitOfWork, shop_id: str, group: Group, before: Seat | None, seat: Seat) -> None:
    common: dict[str, Any] = {"shop_id": shop_id, "customer_id": seat.customer_id, "offer_id": group.offer_id}
    common |= {"group_id": group.group_id, "product_id": group.product_id}
    prices: dict[str, Any] = {"price_minor": group.price_minor, "currency": group.currency}
    was = before.status if before else None
    if was is None:
        uow.tell(_joined(shop_id, group, seat))
    if seat.paid_at is not None and (before is None or before.paid_at is None) and seat.status == "paid":
        uow.tell(GroupBuyPaid(timestamp=seat.paid_at, **prices, **common))
    if seat.status in ("lapsed", "left") and was != seat.status:
        at = seat.closed_at or seat.expires_at
        uow.tell(GroupBuyLapsed(timestamp=at, **common))
    if seat.status in ("refunded", "refund_required") and was != seat.status:
        late = seat.status == "refund_required"
        over = _REASONS.get(group.status, "left") if seat.closed_at == group.closed_at else "left"
        _owe(uow, shop_id, group, seat, "late" if late else over)


def _owe(uow: UnitOfWork, shop_id: str, group: Group, seat: Seat, reason: str) -> None:
    due_at = seat.closed_at if reason != "late" and seat.closed_at else seat.paid_at
    row = {
        "refund_id": f"refund_{seat.seat_id}",
        "shop_id": shop_id,
        "offer_id": group.offer_id,
        "group_id": group.group_id,
        "customer_id": seat.customer_id,
        "named_as": seat.named_as,
        "amount_minor": group.price_minor,
        "currency": group.currency,
        "reason": reason,
        "due_at": due_at,
        "done_at": None,
    }
    uow.execute(insert(group_buy_refund).values(**row))
    told = {name: row[name] for name in ("shop_id", "customer_id", "offer_id", "group_id", "refund_id")}
    money = {name: row[name] for name in ("amount_minor", "currency", "reason")}
    uow.tell(GroupBuyRefundDue(timestamp=due_at, **told, **money))  # type: ignore[arg-type]


def _group_changed(shop_id: str, before: Group, after: Group) -> Iterable[Event]:
    common: dict[str, Any] = {"shop_id": shop_id, "offer_id": after.offer_id, "group_id": after.group_id}
    common["product_id"] = after.product_id
    prices: dict[str, Any] = {"size": after.size, "price_minor": after.price_minor, "currency": after.currency}
    leader = after.leading().customer_id
    if before.deadline_at is None and after.deadline_at is not None:
        opened_at = after.leading().paid_at
        assert opened_at is not None, "a group opens by its leader's payment"
        yield GroupBuyOpened(timestamp=opened_at, customer_id=leader, deadline_at=after.deadline_at, **prices, **common)
    if after.leader != before.leader:
        left_at = before.leading().seat_id
        at = next(seat.closed_at for seat in after.seats if seat.seat_id == left_at)
        assert at is not None, "a leader who left has closed the seat"
        yield GroupBuyLeaderChanged(timestamp=at, customer_id=leader, **common)
    if after.status != before.status and after.closed_at is not None:
        if after.status == "success":
            yield GroupBuySucceeded(timestamp=after.closed_at, customer_id=leader, **prices, **common)
        else:
            back = sum(seat.status == "refunded" and seat.closed_at == after.closed_at for seat in after.seats)
            yield GroupBuyFailed(timestamp=after.closed_at, customer_id=leader, reason=after.status, paid=back, **common)


def _joined(shop_id: str, group: Group, seat: Seat) -> GroupBuyJoined:
    return GroupBuyJoined(
        shop_id=shop_id,
        customer_id=seat.customer_id,
        timestamp=seat.held_at,
        offer_id=group.offer_id,
        group_id=group.group_id,
        product_id=group.product_id,
        leader=seat.seat_id == group.leader,
        expires_at=seat.expires_at,
    )


def _ask(uow: UnitOfWork, shop_id: str, group: Group) -> None:
    """Have the group looked at when time changes it next."""
    at: datetime | None = group.turns_at()
    if at is not None:
        key = f"{SETTLE}:{shop_id}:{group.group_id}"
        enqueue(uow, SETTLE, {"group_id": group.group_id}, shop_id=shop_id, key=key, run_at=at)


def _counts(group: Group) -> dict[str, int]:
    return {"paid": group.count("paid"), "held": group.count("held")}


def _plain(seat: Seat) -> dict[str, Any]:
    return {name: getattr(seat, name) for name in _SEAT}
