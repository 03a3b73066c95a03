"""Paying with points, for rooms that sell: what can be spent, put aside, spent, let go and given back, in their own transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regulars.offer.loyalty.currencies import POINTS
from regulars.offer.loyalty.domain.wishes import Wish
from regulars.offer.loyalty.journal import bring
from regulars.offer.loyalty.moving import move_one
from regulars.values import clock

if TYPE_CHECKING:
    from regulars.records import UnitOfWork


def spendable(uow: UnitOfWork, shop_id: str, customer_id: str, currency_id: str = POINTS) -> int:
    """How many points a customer can spend now; 0 while anything is owed."""
    kept = bring(uow, shop_id, [(customer_id, currency_id)]).get((customer_id, currency_id))
    if kept is None:
        return 0
    kept.account.settle(clock.now())
    return 0 if kept.account.debt else kept.account.active


def spend(uow: UnitOfWork, shop_id: str, customer_id: str, key: str, points: int, *, order_id: str, by: str = "") -> None:
    """Spend points for an order, once for a key.

    Raises
    ------
    Conflict : too few points, or the key was used for something else.
    """
    wish = Wish(verb="spend", key=key, at=clock.now(), points=points, order_id=order_id, source=by)
    move_one(uow, shop_id, customer_id, wish)


def hold(
    uow: UnitOfWork, shop_id: str, customer_id: str, key: str, points: int, *, order_id: str, ttl_s: int | None = None, by: str = ""
) -> None:
    """Put points aside for an order; they are free again after `ttl_s`, by default what the currency says.

    Raises
    ------
    Conflict : too few points, or the key was used for something else.
    """
    wish = Wish(verb="hold", key=key, at=clock.now(), points=points, order_id=order_id, ttl_s=ttl_s, source=by)
    move_one(uow, shop_id, customer_id, wish)


def capture(uow: UnitOfWork, shop_id: str, customer_id: str, hold_key: str, *, by: str = "") -> int:
    """Spend what was put aside; returns how many points.

    Raises
    ------
    Conflict : the hold has ended.
    """
    wish = Wish(verb="capture", key=f"{hold_key}:captured", at=clock.now(), refers_to=hold_key, source=by)
    return int(move_one(uow, shop_id, customer_id, wish)["captured"])


def release(uow: UnitOfWork, shop_id: str, customer_id: str, hold_key: str, *, by: str = "") -> int:
    """Let go what was put aside; returns how many points.

    Raises
    ------
    Conflict : the hold has ended.
    """
    wish = Wish(verb="release", key=f"{hold_key}:released", at=clock.now(), refers_to=hold_key, source=by)
    return int(move_one(uow, shop_id, customer_id, wish)["released"])


def give_back(uow: UnitOfWork, shop_id: str, customer_id: str, key: str, points: int, *, spend_key: str, by: str = "") -> None:
    """Give back points of a spend or of a captured hold (`spend_key`), never more than it took.

    Raises
    ------
    Conflict : more than can still come back.
    """
    wish = Wish(verb="return", key=key, at=clock.now(), points=points, refers_to=spend_key, source=by)
    move_one(uow, shop_id, customer_id, wish)
