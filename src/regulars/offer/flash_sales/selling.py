"""Reserving, paying, cancelling and refunding: the sale's row is taken first, so that whoever comes second sees what the first did."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select, update

from regulars.errors import Conflict, InvalidInput
from regulars.events import Event, FlashSalePurchased, FlashSaleRefundDue, FlashSaleRefunded, FlashSaleReleased, FlashSaleReserved
from regulars.offer.flash_sales import reading
from regulars.offer.flash_sales.domain import MOST_AT_ONCE, Refusal, Reservation, refused
from regulars.offer.flash_sales.reading import had, no_such_reservation, reservation_row, sale_row, standing, window_of
from regulars.offer.flash_sales.tables import flash_reservation, flash_sale
from regulars.values import clock
from regulars.values.ids import new_id
from regulars.work import enqueue

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

    from regulars.records import UnitOfWork

_R, _S = flash_reservation.c, flash_sale.c
EXPIRE = "flash_sales.expire"
_LONGEST_ID = 128


def reserve(
    uow: UnitOfWork,
    shop_id: str,
    sale_id: str,
    *,
    customer_id: str,
    named_as: str = "",
    quantity: int = 1,
    reservation_id: str | None = None,
) -> Reservation:
    """Hold units of a sale for a customer until they are paid or `ttl_s` has gone; all of them or none.

    Parameters
    ----------
    customer_id, named_as : whom it is for, and the id they were named by where that is another one.
    reservation_id : the shop's own id. The same id with the same customer and quantity gives the first answer again (F6).

    Raises
    ------
    Conflict : `not_started`, `ended`, `customer_limit`, `sold_out`; `idempotency_conflict` where the id was used for something else.
    InvalidInput : no quantity or id.
    """
    if not 1 <= quantity <= MOST_AT_ONCE:
        raise InvalidInput(f"a quantity is 1 to {MOST_AT_ONCE:,}", mend="give `quantity`", code="bad_quantity")
    named, told_id = named_as or customer_id, reservation_id or new_id("hold")
    if not 1 <= len(told_id) <= _LONGEST_ID:
        raise InvalidInput("a reservation's id has 1 to 128 characters", mend="send a UUID", code="bad_reservation")
    # Looked at without the lock: who comes too late in a rush is told so without holding up the others.
    seen = dict(sale_row(uow, shop_id, sale_id))
    if (known := _known(uow, seen, told_id, named, quantity)) is not None:
        return known
    _check(uow, seen, customer_id, quantity, free=reading.run_out(uow, shop_id, sale_id, clock.now()))
    sale, now = _locked(uow, shop_id, sale_id)
    if (known := _known(uow, sale, told_id, named, quantity)) is not None:
        return known
    _check(uow, sale, customer_id, quantity)
    if not _take(uow, sale, now, reserved=quantity):
        raise refused("sold_out")
    expires_at = now + timedelta(seconds=sale["ttl_s"])
    row = {
        "shop_id": shop_id,
        "sale_id": sale_id,
        "reservation_id": told_id,
        "customer_id": customer_id,
        "named_as": named,
        "quantity": quantity,
        "price_minor": sale["price_minor"],
        "status": "reserved",
        "reserved_at": now,
        "expires_at": expires_at,
        "paid_at": None,
        "counted": False,
        "late": False,
        "reason": None,
        "closed_at": None,
    }
    uow.execute(insert(flash_reservation).values(**row))
    _tell(uow, FlashSaleReserved, sale, row, now, price_minor=row["price_minor"], currency=sale["currency"], expires_at=expires_at)
    enqueue(uow, EXPIRE, {"sale_id": sale_id}, shop_id=shop_id, key=f"{EXPIRE}:{shop_id}:{sale_id}", run_at=expires_at)
    return standing(row, sale["currency"], now)


def pay(uow: UnitOfWork, shop_id: str, sale_id: str, reservation_id: str) -> Reservation:
    """The payment of a reservation has come; told again it changes nothing and answers the same.

    In time the units are sold. After the reservation has lapsed they are sold if stock, limit and the sale's time still allow it, else
    the payment is to be given back: `refund_required`, with the reason (F5).
    """
    sale, now = _locked(uow, shop_id, sale_id)
    row = _row(uow, shop_id, sale_id, reservation_id)
    if row["paid_at"] is not None:
        first = "sold" if row["counted"] else "refund_required"
        return standing({**row, "status": first, "closed_at": None}, sale["currency"], now)
    prices = {"price_minor": row["price_minor"], "currency": sale["currency"]}
    quantity, late = row["quantity"], row["status"] == "expired"
    if row["status"] == "reserved":
        _count(uow, sale, reserved=-quantity, sold=quantity)
        changed = _change(uow, row, status="sold", paid_at=now, counted=True)
        _tell(uow, FlashSalePurchased, sale, row, now, late=False, **prices)
        return standing(changed, sale["currency"], now)
    why: Refusal | str | None = "cancelled"
    if late:
        held = had(uow, shop_id, sale_id, row["customer_id"], now)
        free = sale["stock"] - sale["sold"] - sale["reserved"]
        why = window_of(sale).refusal(now, quantity, had=held, available=free)
        if why is None and not _take(uow, sale, now, sold=quantity):
            why = "sold_out"
    if why is None:
        changed = _change(uow, row, status="sold", paid_at=now, counted=True, late=True, closed_at=None)
        _tell(uow, FlashSalePurchased, sale, row, now, late=True, **prices)
    else:
        changed = _change(uow, row, status="refund_required", paid_at=now, late=late, reason=why, closed_at=None)
        _tell(uow, FlashSaleRefundDue, sale, row, now, reason=why, **prices)
    return standing(changed, sale["currency"], now)


def cancel(uow: UnitOfWork, shop_id: str, sale_id: str, reservation_id: str) -> Reservation:
    """Let a reservation go: its units are free at once (F7). One that has lapsed or was let go stays as it is.

    Raises
    ------
    Conflict : it was paid; that is a refund.
    """
    sale, now = _locked(uow, shop_id, sale_id)
    row = _row(uow, shop_id, sale_id, reservation_id)
    if row["paid_at"] is not None:
        raise Conflict("the reservation was paid", mend="give the money back and tell it as a refund", code="already_paid")
    if row["status"] != "reserved":
        return standing(row, sale["currency"], now)
    _count(uow, sale, reserved=-row["quantity"])
    changed = _change(uow, row, status="cancelled", closed_at=now)
    _tell(uow, FlashSaleReleased, sale, row, now, reason="cancelled")
    return standing(changed, sale["currency"], now)


def refund(uow: UnitOfWork, shop_id: str, sale_id: str, reservation_id: str) -> Reservation:
    """The payment was given back. Units that were sold do not return to the sale, only to the shop's normal stock (F7).

    Raises
    ------
    Conflict : nothing was paid.
    """
    sale, now = _locked(uow, shop_id, sale_id)
    row = _row(uow, shop_id, sale_id, reservation_id)
    if row["status"] == "refunded":
        return standing(row, sale["currency"], now)
    if row["status"] not in ("sold", "refund_required"):
        raise Conflict("the reservation was not paid", mend="cancel it", code="not_paid")
    changed = _change(uow, row, status="refunded", closed_at=now)
    _tell(uow, FlashSaleRefunded, sale, row, now, price_minor=row["price_minor"], currency=sale["currency"])
    return standing(changed, sale["currency"], now)


def expire(uow: UnitOfWork, shop_id: str, sale_id: str) -> int:
    """Write down what has lapsed, and ask to be called at the next lapse; returns units given back. Late or never, no answer differs."""
    sale, _ = _locked(uow, shop_id, sale_id)
    next_at = uow.value(
        select(func.min(_R.expires_at)).where(_R.shop_id == shop_id, _R.sale_id == sale_id, _R.status == "reserved")
    )
    if next_at is not None:
        enqueue(uow, EXPIRE, {"sale_id": sale_id}, shop_id=shop_id, key=f"{EXPIRE}:{shop_id}:{sale_id}", run_at=next_at)
    return int(sale["given_back"])


def _locked(uow: UnitOfWork, shop_id: str, sale_id: str) -> tuple[dict[str, Any], datetime]:
    """The sale, for this transaction alone, after what has lapsed went back into its stock (F4); and the instant that counts."""
    sale = dict(sale_row(uow, shop_id, sale_id, lock=True))
    now = clock.now()  # after the wait for the lock
    mine = (_R.shop_id == shop_id, _R.sale_id == sale_id, _R.status == "reserved", _R.expires_at <= now)
    gone = uow.rows(select(flash_reservation).where(*mine).order_by(_R.expires_at, _R.reservation_id))
    given_back = sum(row["quantity"] for row in gone)
    if gone:
        uow.execute(update(flash_reservation).where(*mine).values(status="expired", closed_at=_R.expires_at))
        _count(uow, sale, reserved=-given_back)
        for row in gone:
            _tell(uow, FlashSaleReleased, sale, row, row["expires_at"], reason="expired")
    return sale | {"given_back": given_back}, now


def _check(uow: UnitOfWork, sale: dict[str, Any], customer_id: str, quantity: int, *, free: int = 0) -> None:
    now = clock.now()
    held = had(uow, sale["shop_id"], sale["sale_id"], customer_id, now)
    available = sale["stock"] - sale["sold"] - sale["reserved"] + free
    if why := window_of(sale).refusal(now, quantity, had=held, available=available):
        raise refused(why)


def _known(uow: UnitOfWork, sale: dict[str, Any], reservation_id: str, named_as: str, quantity: int) -> Reservation | None:
    """The first answer of an id that was used before."""
    row = reservation_row(uow, sale["shop_id"], sale["sale_id"], reservation_id)
    if row is None:
        return None
    if (row["named_as"], row["quantity"]) != (named_as, quantity):
        raise Conflict(
            "this reservation's id was used for another customer or quantity",
            mend="use a new id for each reservation, and the same one only to repeat it unchanged",
            code="idempotency_conflict",
        )
    first = {"status": "reserved", "paid_at": None, "late": False, "reason": None, "closed_at": None}
    return standing({**row, **first}, sale["currency"], row["reserved_at"])


def _take(uow: UnitOfWork, sale: dict[str, Any], now: datetime, *, reserved: int = 0, sold: int = 0) -> bool:
    """The one conditional write: units are taken inside the sale's time while so many are free, or not at all (F2)."""
    taken = uow.execute(
        update(flash_sale)
        .where(_S.shop_id == sale["shop_id"], _S.sale_id == sale["sale_id"], _S.starts_at <= now, _S.ends_at > now)
        .where(_S.stock - _S.sold - _S.reserved >= reserved + sold)
        .values(reserved=_S.reserved + reserved, sold=_S.sold + sold)
    )
    return taken.rowcount == 1


def _count(uow: UnitOfWork, sale: dict[str, Any], *, reserved: int = 0, sold: int = 0) -> None:
    """Move units between the counts of a locked sale."""
    mine = (_S.shop_id == sale["shop_id"], _S.sale_id == sale["sale_id"])
    uow.execute(update(flash_sale).where(*mine).values(reserved=_S.reserved + reserved, sold=_S.sold + sold))
    sale["reserved"] += reserved
    sale["sold"] += sold


def _row(uow: UnitOfWork, shop_id: str, sale_id: str, reservation_id: str) -> dict[str, Any]:
    row = reservation_row(uow, shop_id, sale_id, reservation_id)
    if row is None:
        raise no_such_reservation(reservation_id)
    return dict(row)


def _change(uow: UnitOfWork, row: dict[str, Any], **values: Any) -> dict[str, Any]:
    mine = (_R.shop_id == row["shop_id"], _R.sale_id == row["sale_id"], _R.reservation_id == row["reservation_id"])
    uow.execute(update(flash_reservation).where(*mine).values(**values))
    return row | values


def _tell(
    uow: UnitOfWork, kind: Callable[..., Event], sale: dict[str, Any], row: RowMapping | dict[str, Any], at: datetime, **more: Any
) -> None:
    uow.tell(
        kind(
            shop_id=sale["shop_id"],
            customer_id=row["customer_id"],
            timestamp=at,
            sale_id=sale["sale_id"],
            reservation_id=row["reservation_id"],
            product_id=sale["product_id"],
            quantity=row["quantity"],
            **more,
        )
    )
