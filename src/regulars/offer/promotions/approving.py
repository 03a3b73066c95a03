"""What an offer can cost, and from which cost on a second operator has to approve it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from regulars.access import audit
from regulars.access.domain import Caller
from regulars.errors import InvalidInput
from regulars.offer.promotions.domain.offers import Offer
from regulars.offer.promotions.tables import promotion_shop

if TYPE_CHECKING:
    from regulars.records import UnitOfWork


def approval_above(uow: UnitOfWork, shop_id: str) -> int | None:
    """What an offer may cost, in minor units, before a second operator has to approve it; None: however much."""
    found: int | None = uow.value(select(promotion_shop.c.approval_above_minor).where(promotion_shop.c.shop_id == shop_id))
    return found


def set_approval(uow: UnitOfWork, caller: Caller, shop_id: str, above_minor: int | None) -> int | None:
    """Let offers that may cost more than this wait for a second operator.

    Raises
    ------
    NotAllowed : the caller may not manage the shop.
    """
    caller.demand("manage_shop")
    caller.demand_shop(shop_id)
    if above_minor is not None and not 0 <= above_minor <= 2**53:
        raise InvalidInput("the limit of costs cannot be counted", mend="give minor units from 0, or null", code="bad_limit")
    before = approval_above(uow, shop_id)
    grow(uow, shop_id)
    uow.execute(update(promotion_shop).where(promotion_shop.c.shop_id == shop_id).values(approval_above_minor=above_minor))
    audit.record(uow, caller, "promotions.approval_set", shop_id, before=before, after=above_minor, shop_id=shop_id)
    return above_minor


def needs_approval(uow: UnitOfWork, shop_id: str, offer: Offer) -> bool:
    """Whether an offer may cost more than one operator may decide alone; what has no bound may."""
    above = approval_above(uow, shop_id)
    if above is None:
        return False
    most = most_cost(offer)
    return most is None or most > above


def most_cost(offer: Offer) -> int | None:
    """What an offer can cost at most, in minor units; None where nothing bounds it."""
    bounds = [offer.budget.total] if offer.budget is not None else []
    effect, total = offer.effect, offer.limits.total
    each: int | None = None
    match effect.kind:
        case "amount":
            each = effect.minor
        case "percent":
            each = effect.cap
        case "every":
            each = None if effect.max_times is None else effect.max_times * effect.minor
        case "tiers":
            steps = [step.minor if step.minor is not None else step.cap for step in effect.tiers]
            each = None if None in steps else max(step or 0 for step in steps)
    if total is not None and each is not None and offer.layer != "item":
        bounds.append(total * each)
    return min(bounds, default=None)


def grow(uow: UnitOfWork, shop_id: str) -> None:
    """Let every process read the offers again."""
    grown = uow.execute(
        update(promotion_shop).where(promotion_shop.c.shop_id == shop_id).values(version=promotion_shop.c.version + 1)
    )
    if not grown.rowcount:
        uow.execute(insert(promotion_shop).values(shop_id=shop_id, version=1))
