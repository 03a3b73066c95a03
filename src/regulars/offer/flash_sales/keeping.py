"""Making flash sales and changing what may still change: the stock, never below what is taken, and the end."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, update

from regulars.access import audit
from regulars.errors import Conflict, InvalidInput
from regulars.events import FlashSaleArranged
from regulars.offer.flash_sales.domain import MOST_UNITS, TTL, FlashSale, checked
from regulars.offer.flash_sales.reading import get, sale_row
from regulars.offer.flash_sales.tables import flash_sale
from regulars.values import clock
from regulars.values.ids import new_id

if TYPE_CHECKING:
    from regulars.access.domain import Caller, Shop
    from regulars.records import UnitOfWork

_S = flash_sale.c


def arrange(
    uow: UnitOfWork,
    caller: Caller,
    shop: Shop,
    *,
    name: str,
    product_id: str,
    price_minor: int,
    stock: int,
    starts_at: datetime,
    ends_at: datetime,
    list_price_minor: int | None = None,
    per_customer: int | None = None,
    ttl_s: int = int(TTL.total_seconds()),
) -> FlashSale:
    """Make a flash sale of one product in the shop's currency; its stock is a pool of its own (F1).

    Raises
    ------
    InvalidInput : it cannot mean anything.
    """
    caller.demand("manage_offers")
    caller.demand_shop(shop.shop_id)
    wish: dict[str, Any] = {
        "name": name.strip()[:120],
        "product_id": product_id.strip(),
        "price_minor": price_minor,
        "list_price_minor": list_price_minor,
        "stock": stock,
        "per_customer": per_customer,
        "ttl_s": ttl_s,
        "starts_at": starts_at,
        "ends_at": ends_at,
    }
    checked(**wish)
    row = {
        **wish,
        "shop_id": shop.shop_id,
        "sale_id": new_id("flash"),
        "currency": shop.currency,
        "reserved": 0,
        "sold": 0,
        "made_by": f"{caller.kind}:{caller.id}",
        "made_at": clock.now(),
    }
    uow.execute(insert(flash_sale).values(**row))
    audit.record(uow, caller, "flash_sale.made", row["sale_id"], after=wish, shop_id=shop.shop_id)
    return _told(uow, shop.shop_id, row["sale_id"])


def change(
    uow: UnitOfWork,
    caller: Caller,
    shop_id: str,
    sale_id: str,
    *,
    stock: int | None = None,
    ends_at: datetime | None = None,
) -> FlashSale:
    """Another stock or end of a sale that is not over; an end that has passed ends it now. Open reservations stay open.

    Raises
    ------
    Conflict : the sale is over, or more units are sold and reserved than the stock is to be.
    """
    caller.demand("manage_offers")
    caller.demand_shop(shop_id)
    before = sale_row(uow, shop_id, sale_id, lock=True)
    now = clock.now()
    if before["ends_at"] <= now:
        raise Conflict("the flash sale is over", mend="make another one", code="ended")
    values: dict[str, Any] = {}
    if stock is not None:
        if not 1 <= stock <= MOST_UNITS:
            raise InvalidInput(f"a stock is 1 to {MOST_UNITS:,} units", mend="give `stock`", code="bad_stock")
        values["stock"] = stock
    if ends_at is not None:
        values["ends_at"] = max(ends_at, now)
        values["starts_at"] = min(before["starts_at"], values["ends_at"])
    if values:
        changed = update(flash_sale).where(_S.shop_id == shop_id, _S.sale_id == sale_id)
        if stock is not None:
            changed = changed.where(_S.sold + _S.reserved <= stock)
        if uow.execute(changed.values(**values)).rowcount != 1:
            taken = before["sold"] + before["reserved"]
            raise Conflict(f"{taken} units are sold or reserved", mend=f"give a stock of {taken} or more", code="stock_taken")
        was = {key: before[key] for key in values}
        audit.record(uow, caller, "flash_sale.changed", sale_id, before=was, after=values, shop_id=shop_id)
    return _told(uow, shop_id, sale_id)


def _told(uow: UnitOfWork, shop_id: str, sale_id: str) -> FlashSale:
    made = get(uow, shop_id, sale_id)
    uow.tell(
        FlashSaleArranged(
            shop_id=shop_id,
            sale_id=sale_id,
            product_id=made.product_id,
            starts_at=made.starts_at,
            ends_at=made.ends_at,
            stock=made.stock,
            price_minor=made.price_minor,
            currency=made.currency,
        )
    )
    return made
