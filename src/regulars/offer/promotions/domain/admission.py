"""Which offers may have a say at all: time, buyer, owner, limits and currency (rules P1, P4, P16), and for which lines (rule P5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from regulars.offer.promotions.domain.carts import Buyer, Cart, CartLine, Store, Usage
from regulars.offer.promotions.domain.offers import Conditions, Hours, Included, Offer, Reason, Scope

_NONE = Usage()


def refusal(offer: Offer, cart: Cart, buyer: Buyer, store: Store, usage: Usage | None) -> Reason | None:
    """The first reason why an offer is not for this cart, in the written order; None where it is."""
    if offer.starts_at is not None and store.now < offer.starts_at:
        return "NOT_STARTED"
    if offer.ends_at is not None and store.now >= offer.ends_at:
        return "ENDED"
    if not meets(offer.conditions, buyer, store):
        return "CUSTOMER_NOT_ELIGIBLE"
    if not buyer.id and (offer.limits.per_customer is not None or offer.limits.per_customer_per_day is not None):
        return "CUSTOMER_NOT_ELIGIBLE"  # nobody can be counted who is nobody
    if offer.owner is not None and offer.owner != buyer.id:
        return "NOT_OWNER"
    limits, used = offer.limits, usage or _NONE
    if offer.used_up or (limits.total is not None and used.total >= limits.total):
        return "CODE_EXHAUSTED"
    if limits.per_customer is not None and used.customer >= limits.per_customer:
        return "CUSTOMER_LIMIT"
    if limits.per_customer_per_day is not None and used.customer_today >= limits.per_customer_per_day:
        return "DAILY_LIMIT"
    if offer.currency is not None and offer.currency != cart.currency:
        return "CURRENCY_MISMATCH"
    return None


def meets(conditions: Conditions, buyer: Buyer, store: Store) -> bool:
    """Whether everything that is asked of buyer, channel and hour holds."""
    if conditions.segments_any and not conditions.segments_any & buyer.segments:
        return False
    if conditions.tiers_any and buyer.tier not in conditions.tiers_any:
        return False
    if conditions.new_customer is not None and conditions.new_customer != buyer.new_customer:
        return False
    if conditions.channels_any and store.channel not in conditions.channels_any:
        return False
    if any(buyer.traits.get(trait) not in values for trait, values in conditions.traits):
        return False
    return not conditions.hours or within(conditions.hours, store.now, store.timezone)


def within(spans: Sequence[Hours], now: datetime, timezone: str) -> bool:
    """Whether an instant lies in one of these spans of the store's local week."""
    local = now.astimezone(ZoneInfo(timezone))
    minute, day = local.hour * 60 + local.minute, local.weekday()
    for span in spans:
        if span.since_minute < span.to_minute:
            if day in span.weekdays and span.since_minute <= minute < span.to_minute:
                return True
        elif (day in span.weekdays and minute >= span.since_minute) or ((day - 1) % 7 in span.weekdays and minute < span.to_minute):
            return True
    return False


class Shelf:
    """A cart's lines, ready to be asked which of them an offer is for."""

    def __init__(self, lines: Sequence[CartLine]) -> None:
        self._lines = [(i, line, _categories(line.category)) for i, line in enumerate(lines)]
        self._discountable = tuple(i for i, line in enumerate(lines) if line.discountable)
        self._every = tuple(range(len(lines)))
        self._found: dict[tuple[Scope, str | None, bool], tuple[int, ...]] = {}

    def for_offer(self, offer: Offer) -> tuple[int, ...]:
        """The lines an offer is for, in the cart's order. Sending is about all goods, discountable or not."""
        all_goods = offer.layer == "shipping"
        scope, seller = offer.scope, offer.seller
        if seller is None and not scope.include and not scope.exclude:
            return self._every if all_goods else self._discountable
        key = (scope, seller, all_goods)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = tuple(
                i
                for i, line, categories in self._lines
                if (all_goods or line.discountable)
                and (seller is None or line.seller == seller)
                and (not scope.include or _hits(scope.include, line, categories))
                and not (scope.exclude and _hits(scope.exclude, line, categories))
            )
        return found


def _hits(goods: Included, line: CartLine, categories: frozenset[str]) -> bool:
    return line.sku in goods.skus or line.seller in goods.sellers or not goods.categories.isdisjoint(categories)


def _categories(path: str) -> frozenset[str]:
    """A category and everything it lies below."""
    parts = path.split(" > ")
    return frozenset(" > ".join(parts[: end + 1]) for end in range(len(parts)))
