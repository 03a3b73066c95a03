"""What group buys are and how their groups stand at an instant, and whose money is still to be given back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import RowMapping, func, select

from regulars.errors import NotFound
from regulars.offer.group_buys.domain import Group, SeatStatus, Status, settled
from regulars.offer.group_buys.keeping import load, with_seats
from regulars.offer.group_buys.tables import group_buy, group_buy_group, group_buy_refund, group_buy_seat
from regulars.values import clock

if TYPE_CHECKING:
    from regulars.records import UnitOfWork

Phase = Literal["planned", "running", "ended"]
Reason = Literal["failed", "left", "late"]
_O, _G, _R = group_buy.c, group_buy_group.c, group_buy_refund.c
MOST_SHOWN = 500
_FIXED = (
    "offer_id", "name", "product_id", "currency", "price_minor", "list_price_minor", "size", "window_s", "pay_ttl_s", "starts_at",
    "ends_at", "made_at", "made_by",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupBuy:
    """A product at the price of a group, and how its groups stand."""

    offer_id: str
    name: str
    product_id: str
    currency: str
    price_minor: int
    list_price_minor: int | None
    size: int
    window_s: int
    pay_ttl_s: int
    starts_at: datetime
    ends_at: datetime
    made_at: datetime
    made_by: str
    phase: Phase
    open_groups: int
    successes: int
    failures: int
    refunds_due: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One who took a seat of a group, and how that seat stands."""

    customer_id: str
    status: SeatStatus
    leader: bool
    held_at: datetime
    expires_at: datetime
    paid_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupState:
    """A group as it stands now: its leader, members in the order of their seats, and seats still free."""

    group_id: str
    offer_id: str
    product_id: str
    currency: str
    price_minor: int
    size: int
    status: Status
    leader: str
    paid: int
    held: int
    opened_at: datetime
    deadline_at: datetime | None
    closed_at: datetime | None
    members: list[Member]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRefund:
    """A payment that is to be given back, or was."""

    refund_id: str
    offer_id: str
    group_id: str
    customer_id: str
    amount_minor: int
    currency: str
    reason: Reason
    due_at: datetime
    done_at: datetime | None


def listing(uow: UnitOfWork, shop_id: str, *, phase: Phase | None = None) -> list[GroupBuy]:
    """The shop's group buys, the last to begin first."""
    now = clock.now()
    asked = select(group_buy).where(_O.shop_id == shop_id).order_by(_O.starts_at.desc(), _O.offer_id).limit(MOST_SHOWN)
    rows = uow.rows(asked)
    counts, refunds = _counts(uow, shop_id, now), _due(uow, shop_id)
    found = [_told(row, now, counts.get(row["offer_id"], {}), refunds.get(row["offer_id"], 0)) for row in rows]
    return [one for one in found if phase is None or one.phase == phase]


def get(uow: UnitOfWork, shop_id: str, offer_id: str) -> GroupBuy:
    """One group buy.

    Raises
    ------
    NotFound : the shop has none of that id.
    """
    now = clock.now()
    row = offer_row(uow, shop_id, offer_id)
    return _told(row, now, _counts(uow, shop_id, now).get(offer_id, {}), _due(uow, shop_id).get(offer_id, 0))


def offer_row(uow: UnitOfWork, shop_id: str, offer_id: str) -> RowMapping:
    """The offer's row."""
    row = uow.one(select(group_buy).where(_O.shop_id == shop_id, _O.offer_id == offer_id))
    if row is None:
        raise NotFound(
            f"there is no group buy '{offer_id[:80]}'", mend="list them with `GET /v1/group_buys`", code="no_such_group_buy"
        )
    return row


def groups(
    uow: UnitOfWork, shop_id: str, offer_id: str, *, after: tuple[datetime, str] | None = None, limit: int = 100
) -> list[GroupState]:
    """The groups of an offer as they stand now, the newest first; those before a place."""
    offer_row(uow, shop_id, offer_id)
    asked = select(group_buy_group).where(_G.shop_id == shop_id, _G.offer_id == offer_id)
    if after is not None:
        at, group_id = after
        asked = asked.where((_G.opened_at < at) | ((_G.opened_at == at) & (_G.group_id > group_id)))
    rows = uow.rows(asked.order_by(_G.opened_at.desc(), _G.group_id).limit(limit))
    now = clock.now()
    return [state_of(settled(group, now)) for group in with_seats(uow, shop_id, rows)]


def group(uow: UnitOfWork, shop_id: str, group_id: str) -> GroupState:
    """One group as it stands now."""
    found, _ = load(uow, shop_id, group_id)
    return state_of(settled(found, clock.now()))


def refunds(uow: UnitOfWork, shop_id: str, *, due: bool = True, group_id: str | None = None, limit: int = 500) -> list[GroupRefund]:
    """Payments to be given back, the oldest first; without `due` also those that were."""
    asked = select(group_buy_refund).where(_R.shop_id == shop_id)
    if due:
        asked = asked.where(_R.done_at.is_(None))
    if group_id is not None:
        asked = asked.where(_R.group_id == group_id)
    return [refund_of(row) for row in uow.rows(asked.order_by(_R.due_at, _R.refund_id).limit(limit))]


def state_of(group: Group) -> GroupState:
    """A group as it is told."""
    return GroupState(
        **{name: getattr(group, name) for name in ("group_id", "offer_id", "product_id", "currency", "price_minor", "size")},
        **{name: getattr(group, name) for name in ("status", "opened_at", "deadline_at", "closed_at")},
        leader=group.leading().customer_id,
        paid=group.count("paid"),
        held=group.count("held"),
        members=[
            Member(
                **{name: getattr(seat, name) for name in ("customer_id", "status", "held_at", "expires_at", "paid_at")},
                leader=seat.seat_id == group.leader,
            )
            for seat in group.members()
        ],
    )


def refund_of(row: RowMapping | Mapping[str, Any]) -> GroupRefund:
    """A row as it is told."""
    return GroupRefund(**{name: row[name] for name in GroupRefund.__dataclass_fields__})


def _told(row: RowMapping | Mapping[str, Any], now: datetime, counts: Mapping[str, int], refunds_due: int) -> GroupBuy:
    phase: Phase = "planned" if now < row["starts_at"] else "running" if now < row["ends_at"] else "ended"
    return GroupBuy(
        **{name: row[name] for name in _FIXED},
        phase=phase,
        open_groups=counts.get("open", 0) + counts.get("pending", 0),
        successes=counts.get("success", 0),
        failures=counts.get("failed", 0) + counts.get("cancelled", 0),
        refunds_due=refunds_due,
    )


def _counts(uow: UnitOfWork, shop_id: str, now: datetime) -> dict[str, dict[str, int]]:
    """Groups of each offer by how they stand; those over by time count as over."""
    over = (_G.status == "open") & (_G.deadline_at <= now)
    asked = select(_G.offer_id, _G.status, over.label("over"), func.count().label("n")).where(_G.shop_id == shop_id)
    found: dict[str, dict[str, int]] = {}
    for row in uow.rows(asked.group_by(_G.offer_id, _G.status, over)):
        status = "failed" if row["over"] else row["status"]
        mine = found.setdefault(row["offer_id"], {})
        mine[status] = mine.get(status, 0) + row["n"]
    return found


def _due(uow: UnitOfWork, shop_id: str) -> dict[str, int]:
    asked = select(_R.offer_id, func.count().label("n")).where(_R.shop_id == shop_id, _R.done_at.is_(None))
    return {row["offer_id"]: row["n"] for row in uow.rows(asked.group_by(_R.offer_id))}


def unfit(uow: UnitOfWork) -> Sequence[RowMapping]:
    """Groups whose counts are not their seats, for `regulars doctor`."""
    s = group_buy_seat.c
    paid = func.coalesce(func.sum(1).filter(s.status == "paid"), 0)
    held = func.coalesce(func.sum(1).filter(s.status == "held"), 0)
    same = (s.shop_id == _G.shop_id) & (s.group_id == _G.group_id)
    columns = (_G.shop_id, _G.group_id, _G.status, _G.size, _G.paid, _G.held)
    asked = select(*columns, paid.label("paid_seats"), held.label("held_seats"))
    asked = asked.select_from(group_buy_group.outerjoin(group_buy_seat, same)).group_by(*columns)
    wrong = (paid != _G.paid) | (held != _G.held) | (_G.paid + _G.held > _G.size)
    wrong = wrong | ((_G.status == "success") & (_G.paid != _G.size)) | ((_G.status == "open") & (_G.paid >= _G.size))
    return uow.rows(asked.having(wrong).limit(20))
