"""What of a shop applies now, read again only when something of it has changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, or_, select

from regulars.offer.promotions.domain.offers import Offer
from regulars.offer.promotions.shelf import Promotion, promotion_of
from regulars.offer.promotions.tables import promotion, promotion_shop

if TYPE_CHECKING:
    from regulars.records import UnitOfWork


@dataclass(frozen=True, slots=True)
class InForce:
    """What of a shop can apply: promotions, and the rules of coupons by their promotion and by the code everybody has."""

    version: int
    promotions: tuple[Offer, ...]
    coupons: dict[str, Offer]  # by promotion
    codes: dict[str, Offer]
    paused: frozenset[str]  # codes and promotions that exist, and take nothing off now
    asks_segments: bool
    asks_newness: bool
    asks_tiers: bool


_CACHES: WeakKeyDictionary[Engine, dict[str, InForce]] = WeakKeyDictionary()


def in_force(uow: UnitOfWork, shop_id: str) -> InForce:
    """What of a shop can apply, read again only when something of it has changed."""
    version = uow.value(select(promotion_shop.c.version).where(promotion_shop.c.shop_id == shop_id)) or 0
    cache = _CACHES.setdefault(uow.connection.engine, {})
    held = cache.get(shop_id)
    if held is None or held.version != version:
        held = cache[shop_id] = _read(uow, shop_id, version)
    return held


def _read(uow: UnitOfWork, shop_id: str, version: int) -> InForce:
    rows = uow.rows(
        select(promotion).where(
            promotion.c.shop_id == shop_id,
            or_(promotion.c.state == "live", promotion.c.kind == "coupon"),
        )
    )
    live = [promotion_of(row) for row in rows if row["state"] == "live"]
    idle = [row for row in rows if row["state"] != "live"]
    offers = [(one, one.offer) for one in live]
    conditions = [offer.conditions for _, offer in offers]
    return InForce(
        version=version,
        promotions=tuple(sorted((offer for one, offer in offers if one.kind == "promotion"), key=lambda offer: offer.id)),
        coupons={one.promotion_id: offer for one, offer in offers if one.kind == "coupon"},
        codes={one.code: _coded(one, offer) for one, offer in offers if one.kind == "coupon" and one.code},
        paused=frozenset(
            name for row in idle if row["state"] in ("paused", "ended") for name in (row["code"], row["promotion_id"]) if name
        ),
        asks_segments=any(one.segments_any for one in conditions),
        asks_newness=any(one.new_customer is not None for one in conditions),
        asks_tiers=any(one.tiers_any for one in conditions),
    )


def _coded(one: Promotion, offer: Offer) -> Offer:
    return replace(offer, promotion_id=one.promotion_id)
