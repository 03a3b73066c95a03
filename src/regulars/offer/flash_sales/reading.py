"""What flash sales are and hold at an instant: a reservation that has run out counts as given back, written down or not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import RowMapping, and_, func, or_, select

from regulars.errors import NotFound
from regulars.offer.flash_sales.domain import FlashSale, Phase, Reservation, State, Window
from regulars.offer.flash_sales.tables import flash_reservation, flash_sale
from regulars.values import clock

if TYPE_CHECKING:
    from regulars.records import UnitOfWork

_R, _S = flash_reservation.c, flash_sale.c
MOST_SHOWN = 500


def listing(uow: UnitOfWork, shop_id: str, *, phase: Phase | None = None) -> list[FlashSale]:
    """The shop's flash sales, the last to begin first."""
    now = clock.now()
    asked = select(flash_sale).where(_S.shop_id == shop_id).order_by(_S.starts_at.desc(), _S.sale_id).limit(MOST_SHOWN)
    rows = uow.rows(asked)
    due, refunds = _run_out(uow, shop_id, now), _refunds(uow, shop_id)
    found = [told(row, now, due.get(row["sale_id"], 0), refunds.get(row["sale_id"], 0)) for row in rows]
    return [one for one in found if phase is None or one.phase == phase]


def get(uow: UnitOfWork, shop_id: str, sale_id: str) -> FlashSale:
    """One flash sale with its live state.

    Raises
    ------
    NotFound : the shop has none of that id.
    """
    now = clock.now()
    row = sale_row(uow, shop_id, sale_id)
    return told(row, now, run_out(uow, shop_id, sale_id, now), _refunds(uow, shop_id, sale_id).get(sale_id, 0))


def reservations(
    uow: UnitOfWork, shop_id: str, sale_id: str, *, status: State | None = None, after: str = "", limit: int = 100
) -> list[Reservation]:
    """Reservations of a sale in order of their id, as they stand now; those after an id."""
    sale = sale_row(uow, shop_id, sale_id)
    now = clock.now()
    asked = select(flash_reservation).where(_R.shop_id == shop_id, _R.sale_id == sale_id, _R.reservation_id > after)
    gone = and_(_R.status == "reserved", _R.expires_at <= now)
    if status == "expired":
        asked = asked.where(or_(_R.status == "expired", gone))
    elif status is not None:
        asked = asked.where(_R.status == status, ~gone)
    return [standing(row, sale["currency"], now) for row in uow.rows(asked.order_by(_R.reservation_id).limit(limit))]


def reservation(uow: UnitOfWork, shop_id: str, sale_id: str, reservation_id: str) -> Reservation:
    """One reservation as it stands now.

    Raises
    ------
    NotFound : the sale has none of that id.
    """
    row = reservation_row(uow, shop_id, sale_id, reservation_id)
    if row is None:
        raise no_such_reservation(reservation_id)
    return standing(row, sale_row(uow, shop_id, sale_id)["currency"], clock.now())


def sale_row(uow: UnitOfWork, shop_id: str, sale_id: str, *, lock: bool = False) -> RowMapping:
    """The sale's row; with `lock` nobody else changes its stock before this transaction ends."""
    asked = select(flash_sale).where(_S.shop_id == shop_id, _S.sale_id == sale_id)
    row = uow.one(asked.with_for_update() if lock else asked)
    if row is None:
        raise NotFound(
            f"there is no flash sale '{sale_id[:80]}'", mend="list them with `GET /v1/flash_sales`", code="no_such_flash_sale"
        )
    return row


def reservation_row(uow: UnitOfWork, shop_id: str, sale_id: str, reservation_id: str) -> RowMapping | None:
    """The row of a reservation as it is written."""
    return uow.one(
        select(flash_reservation).where(_R.shop_id == shop_id, _R.sale_id == sale_id, _R.reservation_id == reservation_id)
    )


def no_such_reservation(reservation_id: str) -> NotFound:
    """Nobody has reserved under this id."""
    return NotFound(
        f"there is no reservation '{reservation_id[:80]}' in this sale", mend="reserve first", code="no_such_reservation"
    )


def run_out(uow: UnitOfWork, shop_id: str, sale_id: str, at: datetime) -> int:
    """Units written as reserved whose time has gone."""
    return _run_out(uow, shop_id, at, sale_id).get(sale_id, 0)


def had(uow: UnitOfWork, shop_id: str, sale_id: str, customer_id: str, at: datetime) -> int:
    """Units a customer holds open at an instant or has bought, those refunded since among them (F3)."""
    counts = or_(_R.counted, and_(_R.status == "reserved", _R.expires_at > at))
    mine = (_R.shop_id == shop_id, _R.sale_id == sale_id, _R.customer_id == customer_id)
    return int(uow.value(select(func.coalesce(func.sum(_R.quantity), 0)).where(*mine, counts)))


def window_of(row: RowMapping | Mapping[str, Any]) -> Window:
    """When a sale runs and what one customer may have."""
    return Window(row["starts_at"], row["ends_at"], row["per_customer"])


def told(row: RowMapping | Mapping[str, Any], now: datetime, due: int, refunds: int) -> FlashSale:
    """A row as it is told."""
    return FlashSale(
        **{name: row[name] for name in ("sale_id", "name", "product_id", "currency", "price_minor", "list_price_minor", "stock")},
        **{name: row[name] for name in ("per_customer", "ttl_s", "starts_at", "ends_at", "sold", "made_at", "made_by")},
        phase=window_of(row).phase(now),
        available=row["stock"] - row["sold"] - row["reserved"] + due,
        reserved=row["reserved"] - due,
        refunds_due=refunds,
    )


def standing(row: RowMapping | Mapping[str, Any], currency: str, now: datetime) -> Reservation:
    """A reservation as it stands at an instant."""
    gone = row["status"] == "reserved" and row["expires_at"] <= now
    status: State = "expired" if gone else row["status"]
    return Reservation(
        **{name: row[name] for name in ("reservation_id", "sale_id", "customer_id", "quantity", "price_minor", "reserved_at")},
        **{name: row[name] for name in ("expires_at", "paid_at", "late", "reason")},
        currency=currency,
        status=status,
        closed_at=row["expires_at"] if gone else row["closed_at"],
        returned_to_activity=row["quantity"] if status in ("expired", "cancelled") else 0,
    )


def _run_out(uow: UnitOfWork, shop_id: str, at: datetime, sale_id: str | None = None) -> dict[str, int]:
    units = func.sum(_R.quantity).label("units")
    asked = select(_R.sale_id, units).where(_R.shop_id == shop_id, _R.status == "reserved", _R.expires_at <= at)
    if sale_id is not None:
        asked = asked.where(_R.sale_id == sale_id)
    return {row["sale_id"]: int(row["units"]) for row in uow.rows(asked.group_by(_R.sale_id))}


def _refunds(uow: UnitOfWork, shop_id: str, sale_id: str | None = None) -> dict[str, int]:
    asked = select(_R.sale_id, func.count().label("n")).where(_R.shop_id == shop_id, _R.status == "refund_required")
    if sale_id is not None:
        asked = asked.where(_R.sale_id == sale_id)
    return {row["sale_id"]: row["n"] for row in uow.rows(asked.group_by(_R.sale_id))}


def sums(uow: UnitOfWork, shop_id: str | None = None) -> Sequence[RowMapping]:
    """Of each sale its counts beside what its reservations add up to; for `regulars doctor`."""
    open_ = func.coalesce(func.sum(_R.quantity).filter(_R.status == "reserved"), 0).label("open_units")
    bought = func.coalesce(func.sum(_R.quantity).filter(_R.counted), 0).label("bought_units")
    same = and_(_R.shop_id == _S.shop_id, _R.sale_id == _S.sale_id)
    counts = (_S.shop_id, _S.sale_id, _S.stock, _S.reserved, _S.sold)
    asked = select(*counts, open_, bought).select_from(flash_sale.outerjoin(flash_reservation, same)).group_by(*counts)
    return uow.rows(asked if shop_id is None else asked.where(_S.shop_id == shop_id))
