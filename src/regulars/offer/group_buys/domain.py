"""What a group is and how it goes on: rules B1 to B9 as functions from one state to the next, free of any store."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from regulars.errors import Conflict, InvalidInput

#: `pending`: the leader has not paid yet, and nobody may join.
Status = Literal["pending", "open", "success", "failed", "cancelled"]
STATUSES: tuple[Status, ...] = ("pending", "open", "success", "failed", "cancelled")
SeatStatus = Literal["held", "paid", "lapsed", "left", "refunded", "refund_required"]

WINDOW_S, PAY_TTL_S = 86_400, 600
LARGEST_GROUP = 1_000
LONGEST_WINDOW = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A place in a group that one customer took. `named_as` is the id it was taken under, `place` counts seats in the order taken."""

    seat_id: str
    customer_id: str
    named_as: str
    place: int
    status: SeatStatus
    held_at: datetime
    expires_at: datetime
    paid_at: datetime | None = None
    told: Status | None = None  # the group as the first answer to its payment told it
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """People who buy together: what is fixed when it opens (B1), who leads, and its seats in the order taken."""

    group_id: str
    offer_id: str
    product_id: str
    currency: str
    price_minor: int
    size: int
    window_s: int
    pay_ttl_s: int
    status: Status
    leader: str  # the seat's id
    opened_at: datetime
    deadline_at: datetime | None = None
    closed_at: datetime | None = None
    seats: tuple[Seat, ...] = ()

    def count(self, status: SeatStatus) -> int:
        """How many seats stand so."""
        return sum(seat.status == status for seat in self.seats)

    def seat_of(self, customer_id: str) -> Seat | None:
        """The seat a customer took last."""
        return next((seat for seat in reversed(self.seats) if seat.customer_id == customer_id), None)

    def members(self) -> list[Seat]:
        """Everybody who took a seat, each once, in the order of the seat they took last."""
        return [seat for seat in self.seats if self.seat_of(seat.customer_id) is seat]

    def leading(self) -> Seat:
        """The leader's seat."""
        return next(seat for seat in self.seats if seat.seat_id == self.leader)

    def turns_at(self) -> datetime | None:
        """When time alone changes it next; None when it is over."""
        if self.status not in ("pending", "open"):
            return None
        instants = [seat.expires_at for seat in self.seats if seat.status == "held"]
        return min([*instants, *([self.deadline_at] if self.deadline_at else [])], default=None)


def settled(group: Group, at: datetime) -> Group:
    """The group as time alone has made it by an instant: seats lapse, and what is incomplete at its deadline fails (B4).

    Everything happens at its own instant however late this is asked, so a job that comes late changes nothing.
    """
    if group.status not in ("pending", "open"):
        return group
    end = group.deadline_at
    over = end is not None and end <= at
    until = end if over and end is not None else at
    seats = tuple(
        replace(seat, status="lapsed", closed_at=seat.expires_at) if seat.status == "held" and seat.expires_at <= until else seat
        for seat in group.seats
    )
    group = replace(group, seats=seats)
    if group.status == "pending" and group.leading().status != "held":
        return replace(group, status="cancelled", closed_at=group.leading().closed_at)
    return _closed(group, "failed", until) if over else group


def opened(group: Group, seat: Seat) -> Group:
    """A new group with its leader's seat, which is to be paid before anybody may join."""
    return replace(group, status="pending", leader=seat.seat_id, seats=(seat,))


def joined(group: Group, seat_id: str, customer_id: str, named_as: str, at: datetime) -> Group:
    """The group with one more seat held for `pay_ttl_s` (B5).

    Raises
    ------
    Conflict : `group_not_open`, `already_joined` (B6), `group_full`.
    """
    if group.status != "open":
        raise not_open(group.status)
    seat = group.seat_of(customer_id)
    if seat is not None and seat.status in ("held", "paid"):
        raise Conflict(
            "the customer has a seat in this group", mend="one person has one seat; open another group", code="already_joined"
        )
    if group.count("paid") + group.count("held") + 1 > group.size:
        raise Conflict("all seats of the group are taken", mend="try again when one has lapsed, or open a group", code="group_full")
    return replace(group, seats=(*group.seats, held(seat_id, customer_id, named_as, len(group.seats) + 1, group.pay_ttl_s, at)))


def held(seat_id: str, customer_id: str, named_as: str, place: int, pay_ttl_s: int, at: datetime) -> Seat:
    """A seat that is to be paid."""
    expires_at = at + timedelta(seconds=pay_ttl_s)
    return Seat(
        seat_id=seat_id,
        customer_id=customer_id,
        named_as=named_as,
        place=place,
        status="held",
        held_at=at,
        expires_at=expires_at,
    )


def paid(group: Group, customer_id: str, at: datetime) -> Group:
    """The group after a payment; the seat tells what came of it: `paid`, or `refund_required` (B7). Told again: nothing (B9).

    Raises
    ------
    Conflict : the customer never took a seat.
    """
    seat = _seat(group, customer_id)
    if seat.paid_at is not None:
        return group
    if seat.status != "held" or group.status not in ("pending", "open"):
        return _with(group, replace(seat, status="refund_required", paid_at=at, told=group.status))
    group = _with(group, replace(seat, status="paid", paid_at=at))
    if group.status == "pending":
        group = replace(group, status="open", deadline_at=at + timedelta(seconds=group.window_s))
    if group.count("paid") >= group.size:
        group = replace(_lapse_held(group, at), status="success", closed_at=at)
    now = group.seat_of(customer_id)
    assert now is not None, "the seat was there a moment ago"
    return _with(group, replace(now, told=group.status))


def left(group: Group, customer_id: str, at: datetime) -> Group:
    """The group without a member: who paid gets it back, the first who has paid leads in a leader's place, none: cancelled (B8).

    Raises
    ------
    Conflict : the group is over; a success is final (B2).
    """
    seat = _seat(group, customer_id)
    if seat.status in ("left", "lapsed", "refunded", "refund_required"):
        return group
    if group.status not in ("pending", "open"):
        raise not_open(group.status)
    group = _with(group, replace(seat, status="refunded" if seat.status == "paid" else "left", closed_at=at))
    if seat.seat_id != group.leader:
        return group
    remaining = next((one for one in group.seats if one.status == "paid"), None)
    return replace(group, leader=remaining.seat_id) if remaining else _closed(group, "cancelled", at)


def not_open(status: Status) -> Conflict:
    """Nobody can join or leave now."""
    return Conflict(f"the group is {status}, not open", mend="join another group, or open one", code="group_not_open")


def checked(
    *, name: str, product_id: str, price_minor: int, list_price_minor: int | None, size: int, window_s: int, pay_ttl_s: int,
    starts_at: datetime, ends_at: datetime,
) -> None:  # fmt: skip
    """Refuse an offer that cannot mean anything.

    Raises
    ------
    InvalidInput : says which value and what would do.
    """
    if not name.strip() or not product_id.strip():
        raise _bad("no_offer_name", "a group buy needs a name and a product", "give `name` and `product_id`")
    if price_minor < 0 or (list_price_minor is not None and list_price_minor < price_minor):
        raise _bad(
            "bad_offer_price",
            "the price is not between nothing and the usual price",
            "give `price` of 0 or more, and `list_price` not below it",
        )
    if not 2 <= size <= LARGEST_GROUP:
        raise _bad("bad_group_size", f"a group has 2 to {LARGEST_GROUP:,} members", "give `size`")
    if not timedelta(seconds=60) <= timedelta(seconds=window_s) <= LONGEST_WINDOW:
        raise _bad("bad_window", "a group is open for 1 minute to 30 days", "give `window_s`; 86400 is usual")
    if not 1 <= pay_ttl_s <= window_s:
        raise _bad("bad_pay_ttl", "a seat is held for 1 second to the group's whole time", "give `pay_ttl_s`; 600 is usual")
    if ends_at <= starts_at:
        raise _bad("bad_offer_time", "an offer ends after it begins", "give `ends_at` later than `starts_at`")


def _bad(code: str, what: str, mend: str) -> InvalidInput:
    return InvalidInput(what, mend=mend, code=code)


def _seat(group: Group, customer_id: str) -> Seat:
    seat = group.seat_of(customer_id)
    if seat is None:
        raise Conflict("the customer has no seat in this group", mend="join it first", code="not_joined")
    return seat


def _with(group: Group, seat: Seat) -> Group:
    return replace(group, seats=tuple(seat if one.seat_id == seat.seat_id else one for one in group.seats))


def _lapse_held(group: Group, at: datetime) -> Group:
    seats = (replace(one, status="lapsed", closed_at=at) if one.status == "held" else one for one in group.seats)
    return replace(group, seats=tuple(seats))


def _closed(group: Group, status: Status, at: datetime) -> Group:
    """The group over without success: who paid gets it back, held seats lapse."""
    group = _lapse_held(group, at)
    seats = (replace(one, status="refunded", closed_at=at) if one.status == "paid" else one for one in group.seats)
    return replace(group, status=status, closed_at=at, seats=tuple(seats))
