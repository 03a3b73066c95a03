"""Corrections by hand: with a reason, in the audit trail, and above a limit only with a second operator's approval."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal, get_args

from sqlalchemy import insert, select, update

from regulars.access import audit
from regulars.errors import Conflict, InvalidInput, NotAllowed, NotFound
from regulars.guard import privacy
from regulars.offer.loyalty.currencies import POINTS, currency
from regulars.offer.loyalty.domain.program import MOST_POINTS
from regulars.offer.loyalty.domain.wishes import Wish
from regulars.offer.loyalty.moving import move_one
from regulars.offer.loyalty.tables import points_request
from regulars.values import clock
from regulars.values.ids import new_id

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

    from regulars.access.domain import Caller, Shop
    from regulars.records import UnitOfWork

CorrectionReason = Literal["goodwill", "complaint", "mistake", "missing", "abuse", "other"]
REASONS: tuple[CorrectionReason, ...] = get_args(CorrectionReason)
CorrectionState = Literal["waiting", "approved", "refused"]
LONGEST_NOTE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """Points given or taken by hand. `points` is what was wished; `applied` what it came to (down stops at zero), null while it waits."""

    request_id: str
    customer_id: str
    currency_id: str
    points: int
    applied: int | None
    reason: str
    note: str
    state: str
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None


def correct(
    uow: UnitOfWork,
    caller: Caller,
    shop: Shop,
    customer_id: str,
    points: int,
    reason: CorrectionReason,
    *,
    note: str = "",
    currency_id: str = POINTS,
) -> Correction:
    """Give or take points by hand. More than the currency's `approve_above` waits until another operator approves it.

    Raises
    ------
    InvalidInput : no points, an unknown reason or a note that is too long.
    """
    caller.demand("move_points")
    caller.demand_shop(shop.shop_id)
    rules = currency(uow, shop, currency_id)
    if not isinstance(points, int) or points == 0 or abs(points) > MOST_POINTS:
        raise InvalidInput("points is not a usable number", mend="a whole number other than 0", code="invalid_amount")
    if reason not in REASONS:
        raise InvalidInput(f"'{reason}' is not a reason", mend=f"one of {', '.join(REASONS)}", code="bad_reason")
    note = note.strip()
    if len(note) > LONGEST_NOTE:
        raise InvalidInput("the note is too long", mend=f"at most {LONGEST_NOTE} characters", code="bad_note")
    if not 0 < len(customer_id) <= 200:
        raise InvalidInput("a customer_id has 1 to 200 characters", mend="give the id of a customer", code="bad_customer_id")
    request_id = new_id("correction")
    waits = abs(points) > rules.approve_above
    uow.execute(
        insert(points_request).values(
            request_id=request_id,
            shop_id=shop.shop_id,
            customer_id=customer_id,
            currency_id=currency_id,
            points=points,
            reason=reason,
            note=note,
            state="waiting" if waits else "approved",
            asked_by=_who(caller),
            asked_at=clock.now(),
            decided_by=None,
            decided_at=None if waits else clock.now(),
        )
    )
    assert caller.keyring is not None, "callers come from a Door, a Screen or Caller.system, and carry a keyring"
    subject = privacy.audit_name(caller.keyring, shop.shop_id, customer_id)
    told = {"points": points, "currency_id": currency_id, "reason": reason, "request_id": request_id}
    audit.record(uow, caller, "points.correction_asked" if waits else "points.corrected", subject, after=told, shop_id=shop.shop_id)
    if not waits:
        _apply(uow, shop.shop_id, request_id)
    return _correction(_the(uow, shop.shop_id, request_id))


def decide(uow: UnitOfWork, caller: Caller, shop: Shop, request_id: str, *, approve: bool) -> Correction:
    """Approve or refuse a correction that waits. Who asked for it cannot approve it.

    Raises
    ------
    NotFound : there is none of that id.
    Conflict : it was decided already.
    NotAllowed : the caller asked for it.
    """
    caller.demand("manage_offers")
    caller.demand_shop(shop.shop_id)
    row = _the(uow, shop.shop_id, request_id)
    if approve and row["asked_by"] == _who(caller):
        raise NotAllowed("who asks for a correction cannot approve it", mend="let a colleague decide", code="own_request")
    state = "approved" if approve else "refused"
    done = uow.execute(
        update(points_request)
        .where(points_request.c.request_id == request_id, points_request.c.shop_id == shop.shop_id)
        .where(points_request.c.state == "waiting")
        .values(state=state, decided_by=_who(caller), decided_at=clock.now())
    )
    if done.rowcount != 1:
        raise Conflict("this correction was decided already", mend="ask for a new one", code="already_decided")
    assert caller.keyring is not None, "callers come from a Door, a Screen or Caller.system, and carry a keyring"
    subject = privacy.audit_name(caller.keyring, shop.shop_id, row["customer_id"])
    told = {"points": row["points"], "currency_id": row["currency_id"], "request_id": request_id}
    audit.record(uow, caller, f"points.correction_{state}", subject, after=told, shop_id=shop.shop_id)
    if approve:
        _apply(uow, shop.shop_id, request_id)
    return _correction(_the(uow, shop.shop_id, request_id))


def corrections(uow: UnitOfWork, shop_id: str, *, state: CorrectionState | None = None, limit: int = 100) -> list[Correction]:
    """Corrections, the newest first."""
    asked = select(points_request).where(points_request.c.shop_id == shop_id)
    if state is not None:
        asked = asked.where(points_request.c.state == state)
    rows = uow.rows(asked.order_by(points_request.c.asked_at.desc(), points_request.c.request_id).limit(limit))
    return [_correction(row) for row in rows]


def _apply(uow: UnitOfWork, shop_id: str, request_id: str) -> None:
    row = _the(uow, shop_id, request_id)
    wish = Wish(
        verb="adjust",
        key=request_id,
        at=clock.now(),
        points=row["points"],
        source=f"correction:{row['reason']}",
        note=row["note"],
    )
    applied = move_one(uow, shop_id, row["customer_id"], wish, row["currency_id"])["points"]
    uow.execute(update(points_request).where(points_request.c.request_id == request_id).values(applied=applied))


def _the(uow: UnitOfWork, shop_id: str, request_id: str) -> RowMapping:
    here = (points_request.c.shop_id == shop_id, points_request.c.request_id == request_id)
    row = uow.one(select(points_request).where(*here))
    if row is None:
        raise NotFound(
            f"there is no correction '{request_id}'", mend="list them with `GET /v1/points/corrections`", code="no_such_correction"
        )
    return row


def _correction(row: RowMapping) -> Correction:
    return Correction(**{name: row[name] for name in Correction.__slots__})


def _who(caller: Caller) -> str:
    return f"{caller.kind}:{caller.id}"
