"""One plan of a price: the layers one after the other, each on what the one before left (rules P3, P8, P13, P18)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from regulars.offer.promotions.domain.carts import Cart
from regulars.offer.promotions.domain.effects import gain_of, take_off
from regulars.offer.promotions.domain.exact import percent
from regulars.offer.promotions.domain.item_layer import price_items
from regulars.offer.promotions.domain.offers import Offer, Reason
from regulars.offer.promotions.domain.standing import Deal, Missing, Refused, Standing


@dataclass(slots=True)
class Candidates:
    """Offers that may have a say, each with the lines it is for, and what is left of their budgets."""

    cart: Cart
    lines_of: Mapping[str, Sequence[int]]
    budgets: Mapping[str, int]
    items: list[Offer] = field(default_factory=list)
    orders: list[Offer] = field(default_factory=list)
    seller_coupons: list[Offer] = field(default_factory=list)
    platform_coupons: list[Offer] = field(default_factory=list)
    shipping: list[Offer] = field(default_factory=list)

    def add(self, offer: Offer) -> None:
        """One more, in its layer."""
        match offer.layer:
            case "item":
                self.items.append(offer)
            case "order":
                self.orders.append(offer)
            case "seller_coupon":
                self.seller_coupons.append(offer)
            case "platform_coupon":
                self.platform_coupons.append(offer)
            case _:
                self.shipping.append(offer)

    def of(self, offers: Iterable[Offer]) -> Candidates:
        """The same cart with these offers alone."""
        chosen = Candidates(self.cart, self.lines_of, self.budgets)
        for offer in offers:
            chosen.add(offer)
        return chosen

    def try_(self, offer: Offer, standing: Standing) -> Deal | Refused:
        """What an offer of the order and coupon layers takes off now."""
        return take_off(offer, standing, self.lines_of[offer.id], self.budgets.get(offer.id))


@dataclass(slots=True)
class Plan:
    """A price under some of the offers: deals in the order of application, and why the others did not apply."""

    alone: Offer | None  # the exclusive offer this plan is for; None: everything that stacks
    standing: Standing
    deals: list[Deal] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    shipping: int = 0  # what sending costs after offers

    @property
    def goods(self) -> int:
        """What the goods cost, before points."""
        return sum(self.standing.current)

    @property
    def payable(self) -> int:
        """What is to be paid, before points."""
        return self.goods + self.shipping

    def took_effect(self, offer: Offer) -> bool:
        """Whether an offer is among the deals."""
        return any(deal.offer is offer for deal in self.deals)


def price(given: Candidates, alone: Offer | None = None) -> Plan:
    """All layers before points."""
    plan = up_to_orders(given, alone)
    with_coupons(given, plan)
    send(given, plan)
    return plan


def price_alone(given: Candidates, stacking: Iterable[Offer], offer: Offer) -> Plan:
    """An exclusive offer with the item layer and shipping beside it."""
    beside = [one for one in stacking if one.layer in ("item", "shipping")]
    return price(given.of([*beside, offer]), offer)


def up_to_orders(given: Candidates, alone: Offer | None = None) -> Plan:
    """The layers that need no coupon."""
    standing = Standing(given.cart)
    plan = Plan(alone, standing)
    plan.deals, plan.refused = price_items(
        given.cart.lines, standing, [(offer, given.lines_of[offer.id]) for offer in given.items], given.budgets
    )
    groups: dict[str, list[Offer]] = {}
    for offer in given.orders:
        groups.setdefault(offer.exclusive_group, []).append(offer)
    for group in sorted(groups.values(), key=lambda members: min((-offer.priority, offer.id) for offer in members)):
        _best_of(group, given, plan, "BETTER_OFFER", by_priority=True)
    return plan


def with_coupons(given: Candidates, plan: Plan) -> None:
    """One coupon a seller, in the order of the sellers, then one of the platform."""
    sellers: dict[str, list[Offer]] = {}
    for offer in given.seller_coupons:
        sellers.setdefault(offer.seller or "", []).append(offer)
    for seller in sorted(sellers):
        _best_of(sellers[seller], given, plan, "COUPON_LIMIT_PER_SELLER")
    if given.platform_coupons:
        _best_of(given.platform_coupons, given, plan, "PLATFORM_COUPON_LIMIT")


def _best_of(offers: Sequence[Offer], given: Candidates, plan: Plan, lost: Reason, *, by_priority: bool = False) -> None:
    """Take the largest discount of several; ties by priority where it counts, then id."""
    best: Deal | None = None
    standing = plan.standing
    for offer in offers:
        found = given.try_(offer, standing)
        if isinstance(found, Refused):
            plan.refused.append(found)
            continue
        if best is None or _rank(found, by_priority) < _rank(best, by_priority):
            beaten, best = best, found
        else:
            beaten = found
        if beaten is not None:
            plan.refused.append(Refused(beaten.offer, lost))
    if best is not None:
        standing.take(best)
        plan.deals.append(best)


def _rank(deal: Deal, by_priority: bool) -> tuple[int, int, str]:
    return (-deal.total, -deal.offer.priority if by_priority else 0, deal.offer.id)


def send(given: Candidates, plan: Plan) -> None:
    """The best single offer on shipping, its threshold measured on the goods as they stand."""
    plan.shipping = given.cart.shipping
    best: Deal | None = None
    for offer in given.shipping:
        found = off_shipping(offer, given, plan.standing)
        if isinstance(found, Refused):
            plan.refused.append(found)
            continue
        if best is None or _rank(found, True) < _rank(best, True):
            beaten, best = best, found
        else:
            beaten = found
        if beaten is not None:
            plan.refused.append(Refused(beaten.offer, "BETTER_OFFER"))
    if best is not None:
        plan.shipping -= best.total
        plan.deals.append(best)


def off_shipping(offer: Offer, given: Candidates, standing: Standing) -> Deal | Refused:
    """What one offer takes off the price of sending."""
    lines, effect, price_ = given.lines_of[offer.id], offer.effect, given.cart.shipping
    if not lines or not price_:
        return Refused(offer, "NO_ELIGIBLE_LINES")
    goods = sum([standing.current[i] for i in lines])
    pieces = sum([standing.qty[i] for i in lines])
    if goods < effect.min_amount or pieces < effect.min_qty:
        missing = Missing(max(0, effect.min_amount - goods), max(0, effect.min_qty - pieces), gain_of(effect))
        return Refused(offer, "THRESHOLD_NOT_MET", missing)
    match effect.kind:
        case "free":
            off = price_
        case "percent":
            off = min(percent(price_, effect.bps), price_)
        case _:
            off = min(effect.minor, price_)
    left = given.budgets.get(offer.id)
    if left is not None and off > left:
        if left <= 0 or offer.budget is None or offer.budget.on_exceed == "reject":
            return Refused(offer, "BUDGET_EXHAUSTED")
        off = left
    return Deal(offer, off, ()) if off else Refused(offer, "THRESHOLD_NOT_MET")
