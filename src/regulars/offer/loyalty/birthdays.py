"""Birthdays that customers told, by month and day only, so that points can be given on them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy.dialects import postgresql, sqlite

from regulars.errors import InvalidInput
from regulars.offer.loyalty.tables import points_birthday
from regulars.values import clock

if TYPE_CHECKING:
    from regulars.access.domain import Caller, Shop
    from regulars.records import UnitOfWork


def tell_birthday(uow: UnitOfWork, caller: Caller, shop: Shop, customer_id: str, month: int, day: int) -> None:
    """Keep a customer's birthday; the year is not asked for.

    Raises
    ------
    InvalidInput : there is no such day in any year.
    """
    caller.demand("move_points")
    caller.demand_shop(shop.shop_id)
    try:
        date(2000, month, day)
    except ValueError:
        raise InvalidInput("there is no such day", mend="give month 1 to 12 and a day it has", code="bad_birthday") from None
    make = postgresql.insert if uow.dialect == "postgresql" else sqlite.insert
    values = {"month": month, "day": day, "told_at": clock.now()}
    told = make(points_birthday).values(shop_id=shop.shop_id, customer_id=customer_id, **values)
    uow.execute(told.on_conflict_do_update(index_elements=["shop_id", "customer_id"], set_=values))
