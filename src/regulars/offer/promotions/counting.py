"""What has been used up: read for a quote, taken with a commit so that no limit is passed by anybody at the same time, given back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from regulars.offer.promotions.domain.carts import Usage
from regulars.offer.promotions.domain.offers import Offer, Reason
from regulars.offer.promotions.tables import order_offer, priced_order, promotion_use

if TYPE_CHECKING:
    from regulars.records import UnitOfWork


def usage_of(uow: UnitOfWork, shop_id: str, offers: Iterable[Offer], customer_id: str, day: str) -> dict[str, Usage]:
    """How often each counted offer was used and what it cost, as a quote needs it; offers without limit or budget are not asked for."""
    ids = sorted({offer.counted_as for offer in offers if offer.limits or offer.budget is not None})
    if not ids:
        return {}
    rows = uow.rows(
        select(promotion_use).where(
            promotion_use.c.shop_id == shop_id,
            promotion_use.c.promotion_id.in_(ids),
            promotion_use.c.customer_id.in_(("", customer_id)),
            promotion_use.c.day.in_(("", day)),
        )
    )
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        used = found.setdefault(row["promotion_id"], {})
        if not row["customer_id"]:
            used |= {"total": row["used"], "budget_used": row["spent_minor"]}
        else:
            used["customer_today" if row["day"] else "customer"] = row["used"]
    return {id_: Usage(**used) for id_, used in found.items()}


def take(uow: UnitOfWork, shop_id: str, offer: Offer, customer_id: str, day: str, amount: int) -> Reason | None:
    """Count one use of an offer, or say which limit another order has reached meanwhile.

    Each counter is moved by one conditional update: it moves only while the limit holds, whoever else moves it.
    """
    limits, budget, id_ = offer.limits, offer.budget, offer.counted_as
    beside = []  # counters that limit nothing now, and are kept right for the day they do
    if limits.total is not None or budget is not None:
        holds = [promotion_use.c.used + 1 <= limits.total] if limits.total is not None else []
        holds += [promotion_use.c.spent_minor + amount <= budget.total] if budget is not None else []
        if not _moved(uow, shop_id, id_, "", "", amount, holds):
            used = usage_of(uow, shop_id, [offer], customer_id, day).get(id_, Usage())
            return "CODE_EXHAUSTED" if limits.total is not None and used.total >= limits.total else "BUDGET_EXHAUSTED"
    else:
        beside.append(("", ""))
    own: tuple[tuple[int | None, str, Reason], ...] = (
        (limits.per_customer, "", "CUSTOMER_LIMIT"),
        (limits.per_customer_per_day, day, "DAILY_LIMIT"),
    )
    for most, of_day, reason in own:
        if most is None and customer_id:
            beside.append((customer_id, of_day))
        elif most is None:
            continue
        elif not _moved(uow, shop_id, id_, customer_id, of_day, amount, [promotion_use.c.used + 1 <= most]):
            return reason
    if beside:
        rows = [and_(promotion_use.c.customer_id == who, promotion_use.c.day == when) for who, when in beside]
        uow.execute(
            update(promotion_use)
            .where(promotion_use.c.shop_id == shop_id, promotion_use.c.promotion_id == id_, or_(*rows))
            .values(used=promotion_use.c.used + 1, spent_minor=promotion_use.c.spent_minor + amount)
        )
    return None


def give_back(uow: UnitOfWork, shop_id: str, promotion_id: str, customer_id: str, day: str, amount: int) -> None:
    """Take one use out of whatever counters it is in."""
    mine = [and_(promotion_use.c.customer_id == "", promotion_use.c.day == "")]
    if customer_id:
        mine.append(and_(promotion_use.c.customer_id == customer_id, promotion_use.c.day.in_(("", day))))
    uow.execute(
        update(promotion_use)
        .where(
            promotion_use.c.shop_id == shop_id, promotion_use.c.promotion_id == promotion_id, or_(*mine), promotion_use.c.used > 0
        )
        .values(used=promotion_use.c.used - 1, spent_minor=promotion_use.c.spent_minor - amount)
    )


def _moved(
    uow: UnitOfWork, shop_id: str, promotion_id: str, customer_id: str, day: str, amount: int, conditions: list[ColumnElement[bool]]
) -> bool:
    key = {"shop_id": shop_id, "promotion_id": promotion_id, "customer_id": customer_id, "day": day}
    mine = [promotion_use.c[name] == value for name, value in key.items()]
    move = (
        update(promotion_use)
        .where(*mine, *conditions)
        .values(used=promotion_use.c.used + 1, spent_minor=promotion_use.c.spent_minor + amount)
    )
    if uow.execute(move).rowcount == 1:
        return True
    # The limit holds no more, or there was no counter yet: another order may have made it in this very moment, so it is tried again.
    if uow.one(select(promotion_use.c.used).where(*mine)) is None:
        make = postgresql.insert if uow.dialect == "postgresql" else sqlite.insert
        before = _counted(uow, **key)
        uow.execute(make(promotion_use).values(**key, **before).on_conflict_do_nothing())
    return uow.execute(move).rowcount == 1


def _counted(uow: UnitOfWork, shop_id: str, promotion_id: str, customer_id: str, day: str) -> dict[str, int]:
    """What a counter begins with: the orders that used the offer before anything limited it."""
    used = select(func.count().label("many"), func.coalesce(func.sum(order_offer.c.amount_minor), 0).label("spent")).where(
        order_offer.c.shop_id == shop_id, order_offer.c.promotion_id == promotion_id, order_offer.c.freed == false()
    )
    if day:
        used = used.where(order_offer.c.day == day)
    if customer_id:
        same = (priced_order.c.shop_id == order_offer.c.shop_id) & (priced_order.c.order_id == order_offer.c.order_id)
        used = used.where(exists().where(same, priced_order.c.customer_id == customer_id))
    (found,) = uow.rows(used)
    return {"used": int(found["many"]), "spent_minor": int(found["spent"])}
