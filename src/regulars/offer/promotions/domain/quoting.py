"""The quote: which plan is cheapest, what every line costs under it, and why each offer did or did not apply (rules P13 to P20)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from regulars.offer.promotions.domain.admission import Shelf, refusal
from regulars.offer.promotions.domain.carts import Buyer, Cart, PointsAsked, Store, Usage, checked
from regulars.offer.promotions.domain.exact import allocate
from regulars.offer.promotions.domain.layers import Candidates, Plan, price, price_alone
from regulars.offer.promotions.domain.offers import Offer, Reason, code_of
from regulars.offer.promotions.domain.points import points_for
from regulars.offer.promotions.domain.standing import Missing, Refused
from regulars.offer.promotions.domain.wallet import best_plan

Mode = Literal["requested", "best"]
#: The source of what points pay.
POINTS = "points"


@dataclass(frozen=True, slots=True)
class LineDiscount:
    """What one source took off a line."""

    source: str
    amount: int


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line from its list price to what it costs."""

    id: str
    list: int
    discounts: tuple[LineDiscount, ...]
    discount: int
    net: int


@dataclass(frozen=True, slots=True)
class PricedShipping:
    """Sending, from its price to what it costs."""

    list: int
    discount: int
    net: int


@dataclass(frozen=True, slots=True)
class Totals:
    """The cart as a whole. `goods_discount` holds what points paid; `payable` is `goods_net` and `shipping_net`."""

    list: int
    goods_discount: int
    goods_net: int
    shipping_net: int
    points_used: int
    points_value: int
    payable: int


@dataclass(frozen=True, slots=True)
class Rejection:
    """A requested code that did not apply."""

    id: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one offer: what it took off, or why nothing; and what is missing to its next threshold."""

    id: str
    offer: Offer
    amount: int
    reason: Reason | None
    missing: Missing | None


@dataclass(frozen=True, slots=True)
class Priced:
    """A priced cart. `applied` is in the order of application, `rejected` in the order of the codes; nothing was written."""

    currency: str
    lines: tuple[PricedLine, ...]
    shipping: PricedShipping
    totals: Totals
    applied: tuple[str, ...]
    rejected: tuple[Rejection, ...]
    outcomes: tuple[Outcome, ...]
    complete: bool = True  # False: too many combinations of coupons to try them all


def price_cart(
    cart: Cart,
    buyer: Buyer,
    store: Store,
    *,
    promotions: Iterable[Offer],
    coupons: Iterable[Offer] = (),
    mode: Mode = "requested",
    codes: Sequence[str] = (),
    usage: Mapping[str, Usage] | None = None,
    points: PointsAsked | None = None,
) -> Priced:
    """What a cart costs.

    Parameters
    ----------
    promotions, coupons : definitions; of the coupons `requested` looks at those whose code is among `codes`, `best` at all of them.
    usage : by the id under which an offer is counted; nothing used where it has no entry.

    Raises
    ------
    InvalidInput : the cart cannot be counted.

    Notes
    -----
    The order in which promotions, coupons and codes come makes no difference; that of the lines only where shares tie to the cent.
    """
    checked(cart)
    used = usage or {}
    shelf = Shelf(cart.lines)
    held = {code_of(offer.code or offer.id): offer for offer in coupons}
    wanted = sorted({code_of(code) for code in codes})
    rejected: dict[str, Reason] = {}
    asked: list[Offer] = []
    if mode == "requested":
        for code in wanted:
            if code in held:
                asked.append(held[code])
            else:
                rejected[code] = "CODE_NOT_FOUND"
    else:
        asked = sorted(held.values(), key=lambda offer: offer.id)
    refused: list[Refused] = []
    admitted: list[Offer] = []
    lines_of: dict[str, Sequence[int]] = {}
    budgets: dict[str, int] = {}
    for offer in [*sorted(promotions, key=lambda offer: offer.id), *asked]:
        usage_of = used.get(offer.counted_as)
        reason = refusal(offer, cart, buyer, store, usage_of)
        if reason is None:
            lines_of[offer.id] = lines = shelf.for_offer(offer)
            if not lines:
                reason = "NO_ELIGIBLE_LINES"
        if reason is not None:
            refused.append(Refused(offer, reason))
            continue
        admitted.append(offer)
        if offer.budget is not None:
            budgets[offer.id] = offer.budget.total - (usage_of.budget_used if usage_of else 0)
    given = Candidates(cart, lines_of, budgets)
    if mode == "best":
        plan, complete = best_plan(given, admitted, points)
    else:
        plan, complete = _cheapest(given, admitted), True
    return _priced(cart, plan, refused, admitted, asked if mode == "requested" else [], rejected, points, complete)


def _cheapest(given: Candidates, admitted: Sequence[Offer]) -> Plan:
    """The plan of everything that stacks, or of one exclusive offer that is cheaper alone (rule P14)."""
    stacking = [offer for offer in admitted if offer.stackable]
    best = price(given.of(stacking))
    fruitless: list[Refused] = []
    for offer in admitted:
        if offer.stackable:
            continue
        plan = price_alone(given, stacking, offer)
        if not plan.took_effect(offer):
            fruitless += [one for one in plan.refused if one.offer is offer]
        elif _order(plan) < _order(best):
            best = plan
    best.refused += fruitless
    return best


def _order(plan: Plan) -> tuple[int, bool, str]:
    return (plan.payable, plan.alone is not None, plan.alone.id if plan.alone else "")


def _priced(
    cart: Cart,
    plan: Plan,
    refused: Sequence[Refused],
    admitted: Sequence[Offer],
    asked: Sequence[Offer],
    rejected: dict[str, Reason],
    points: PointsAsked | None,
    complete: bool,
) -> Priced:
    standing = plan.standing
    points_used, points_value = points_for(plan.goods, points)
    given_away: list[list[LineDiscount]] = [[] for _ in cart.lines]
    for deal in plan.deals:
        for i, amount in deal.shares:
            given_away[i].append(LineDiscount(deal.offer.id, amount))
    for i, amount in enumerate(allocate(points_value, standing.current) if points_value else ()):
        if amount:
            given_away[i].append(LineDiscount(POINTS, amount))
    lines = []
    for line, listed, found in zip(cart.lines, standing.listed, given_away, strict=True):
        off = sum(one.amount for one in found)
        lines.append(PricedLine(line.id, listed, tuple(found), off, listed - off))
    goods_net = sum(line.net for line in lines)
    outcomes = _outcomes(plan, refused, admitted)
    reasons = {one.id: one.reason for one in outcomes}
    for offer in asked:
        reason = reasons.get(offer.id)
        if reason is not None:
            rejected[offer.id] = reason
    total = sum(standing.listed)
    return Priced(
        currency=cart.currency,
        lines=tuple(lines),
        shipping=PricedShipping(cart.shipping, cart.shipping - plan.shipping, plan.shipping),
        totals=Totals(
            list=total,
            goods_discount=total - goods_net,
            goods_net=goods_net,
            shipping_net=plan.shipping,
            points_used=points_used,
            points_value=points_value,
            payable=goods_net + plan.shipping,
        ),
        applied=(*(deal.offer.id for deal in plan.deals), *((POINTS,) if points_used else ())),
        rejected=tuple(Rejection(code, rejected[code]) for code in sorted(rejected)),
        outcomes=outcomes,
        complete=complete,
    )


def _outcomes(plan: Plan, refused: Sequence[Refused], admitted: Sequence[Offer]) -> tuple[Outcome, ...]:
    """What became of every offer, in the order of ids."""
    found = {one.offer.id: Outcome(one.offer.id, one.offer, 0, one.reason, one.missing) for one in (*refused, *plan.refused)}
    for deal in plan.deals:
        found[deal.offer.id] = Outcome(deal.offer.id, deal.offer, deal.total, None, deal.missing)
    for offer in admitted:
        if offer.id not in found:
            lost: Reason = "NOT_STACKABLE" if offer.stackable else "BETTER_OFFER"
            found[offer.id] = Outcome(offer.id, offer, 0, lost, None)
    return tuple(found[id_] for id_ in sorted(found))
