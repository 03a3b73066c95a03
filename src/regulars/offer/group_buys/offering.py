"""Making offers to groups, and ending them; groups that are open go on to their own end."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, update

from regulars.access import audit
from regulars.errors import Conflict
from regulars.events import GroupBuyArranged
from regulars.offer.group_buys.domain import PAY_TTL_S, WINDOW_S, checked
from regulars.offer.group_buys.reading import GroupBuy, get
from regulars.offer.group_buys.tables import group_buy
from regulars.values import clock
from regulars.values.ids import new_id

if TYPE_CHECKING:
    from regulars.access.domain import Caller, Shop
    from regulars.records import UnitOfWork

_O = group_buy.c


def arrange(
    uow: UnitOfWork,
    caller: Caller,
    shop: Shop,
    *,
    name: str,
    product_id: str,
    price_minor: int,
    size: int,
    starts_at: datetime,
    ends_at: datetime,
    list_price_minor: int | None = None,
    window_s: int = WINDOW_S,
    pay_ttl_s: int = PAY_TTL_S,
) -> GroupBuy:
    """Offer a product at a group's price in the shop's currency. Groups open while the offer runs.

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
        "size": size,
        "window_s": window_s,
        "pay_ttl_s": pay_ttl_s,
        "starts_at": starts_at,
        "ends_at": ends_at,
    }
    checked(**wish)
    fixed = {"shop_id": shop.shop_id, "offer_id": new_id("groupbuy"), "currency": shop.currency}
    made = {"made_by": f"{caller.kind}:{caller.id}", "made_at": clock.now()}
    uow.execute(insert(group_buy).values(**fixed, **wish, **made))
    audit.record(uow, caller, "group_buy.made", fixed["offer_id"], after=wish, shop_id=shop.shop_id)
    return _told(uow, shop.shop_id, fixed["offer_id"])


def end(uow: UnitOfWork, caller: Caller, shop_id: str, offer_id: str) -> GroupBuy:
    """Let no more groups open; those that are open go on (B1).

    Raises
    ------
    Conflict : the offer is over.
    """
    caller.demand("manage_offers")
    caller.demand_shop(shop_id)
    before, now = get(uow, shop_id, offer_id), clock.now()
    values = {"ends_at": now, "starts_at": min(before.starts_at, now)}
    ended = update(group_buy).where(_O.shop_id == shop_id, _O.offer_id == offer_id, _O.ends_at > now)
    if uow.execute(ended.values(**values)).rowcount != 1:
        raise Conflict("the offer is over", mend="make another one", code="ended")
    audit.record(uow, caller, "group_buy.ended", offer_id, before={"ends_at": before.ends_at}, after=values, shop_id=shop_id)
    return _told(uow, shop_id, offer_id)


def _told(uow: UnitOfWork, shop_id: str, offer_id: str) -> GroupBuy:
    made = get(uow, shop_id, offer_id)
    told = {name: getattr(made, name) for name in ("offer_id", "product_id", "size", "price_minor", "currency")}
    uow.tell(GroupBuyArranged(shop_id=shop_id, starts_at=made.starts_at, ends_at=made.ends_at, **told))
    return made
