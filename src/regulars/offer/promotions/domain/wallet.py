"""The best use of a wallet: which coupons together leave least to pay (rule P15), by branch and bound instead of trying all.

Coupons of different sellers are for different lines, so each seller's coupons are weighed once; what makes them depend on each other is the
platform's coupon, shipping and points, whose thresholds stand on what is left. A branch is left as soon as even the largest discounts
still open to it could not beat the best price found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from regulars.offer.promotions.domain.bounds import most_off
from regulars.offer.promotions.domain.carts import PointsAsked
from regulars.offer.promotions.domain.effects import group_discount, ordered, total_off
from regulars.offer.promotions.domain.layers import Candidates, Plan, off_shipping, price, price_alone, up_to_orders
from regulars.offer.promotions.domain.offers import Offer
from regulars.offer.promotions.domain.points import least_after_points, points_for
from regulars.offer.promotions.domain.standing import Deal, Refused, Standing

#: How many combinations are priced at most, and how many beginnings of one are looked at; beyond it the best so far is taken, and said so.
MOST_COMBINATIONS, MOST_BRANCHES = 10_000, 60_000

#: What is to pay, with how many coupons, and which: less is better.
Worth = tuple[int, int, tuple[str, ...]]


def best_plan(given: Candidates, admitted: Sequence[Offer], points: PointsAsked | None) -> tuple[Plan, bool]:
    """The cheapest plan over all combinations of coupons, and whether all of them were weighed.

    Of equally cheap ones the one with fewer coupons, then with the smallest list of codes; every coupon in it takes something off.
    """
    stacking = [offer for offer in admitted if offer.stackable]
    promotions = [offer for offer in stacking if not _is_coupon(offer)]
    coupons = [offer for offer in stacking if _is_coupon(offer)]
    search = _Search(given, promotions, coupons, points)
    search.run()
    chosen = search.best_coupons
    best = price(given.of([*promotions, *chosen]))
    best_key = (*search.best, False, "")
    parcels = [offer for offer in coupons if offer.layer == "shipping"]
    fruitless: list[Refused] = []
    for offer in admitted:
        if offer.stackable:
            continue
        for parcel in [None, *parcels] if offer.layer != "shipping" else [None]:
            plan = price_alone(given, [*promotions, *([parcel] if parcel else [])], offer)
            if not plan.took_effect(offer):
                fruitless += [one for one in plan.refused if one.offer is offer]
                break
            if parcel is not None and not plan.took_effect(parcel):
                continue
            codes = tuple(sorted(one.id for one in (offer, parcel) if one is not None and _is_coupon(one)))
            key = (_payable(plan, points), len(codes), codes, True, offer.id)
            if key < best_key:
                best, best_key, chosen = plan, key, [one for one in (offer, parcel) if one is not None]
    best.refused += fruitless
    _tell_why_not(best, coupons, chosen, search)
    return best, search.complete


def _tell_why_not(best: Plan, coupons: Sequence[Offer], chosen: Sequence[Offer], search: _Search) -> None:
    """Why each coupon of the wallet stays there; nothing to say where an exclusive offer stands alone."""
    if best.alone is not None:
        return
    sellers = {offer.seller for offer in chosen if offer.layer == "seller_coupon"}
    platform = any(offer.layer == "platform_coupon" for offer in chosen)
    for offer in coupons:
        if offer in chosen:
            continue
        if offer.id in search.refused:
            best.refused.append(search.refused[offer.id])
        elif offer.layer == "seller_coupon" and offer.seller in sellers:
            best.refused.append(Refused(offer, "COUPON_LIMIT_PER_SELLER"))
        elif offer.layer == "platform_coupon" and platform:
            best.refused.append(Refused(offer, "PLATFORM_COUPON_LIMIT"))
        else:
            found = (
                off_shipping(offer, search.given, best.standing)
                if offer.layer == "shipping"
                else search.given.try_(offer, best.standing)
            )
            best.refused.append(found if isinstance(found, Refused) else Refused(offer, "BETTER_OFFER"))


def _is_coupon(offer: Offer) -> bool:
    return offer.code is not None or offer.layer in ("seller_coupon", "platform_coupon")


def _payable(plan: Plan, points: PointsAsked | None) -> int:
    return plan.payable - points_for(plan.goods, points)[1]


@dataclass(slots=True)
class _Platform:
    """One coupon of the platform, or none: the most it can take off, and how far its lines may fall before it takes nothing."""

    offer: Offer | None
    most: int
    slack: int | None = None
    lines: frozenset[int] = frozenset()
    taken: dict[str, int] = field(default_factory=dict)  # what each seller's coupon takes off those lines


class _Search:
    """Branch and bound over one coupon a seller, one of the platform and one for shipping."""

    def __init__(
        self, given: Candidates, promotions: Sequence[Offer], coupons: Sequence[Offer], points: PointsAsked | None
    ) -> None:
        self.given, self.points = given, points
        self.complete = True
        self.refused: dict[str, Refused] = {}
        self.base = up_to_orders(given.of(promotions))
        self._parcels = [offer for offer in promotions if offer.layer == "shipping"]
        self._parcel_coupons = sorted((offer for offer in coupons if offer.layer == "shipping"), key=lambda offer: offer.id)
        self._sellers = self._weigh([offer for offer in coupons if offer.layer == "seller_coupon"])
        self._rest = [0] * (len(self._sellers) + 1)  # the most that the sellers from here on can take off
        for at in range(len(self._sellers) - 1, -1, -1):
            self._rest[at] = self._rest[at + 1] + self._sellers[at][0].total
        self._deepest: list[dict[int, int]] = [
            {} for _ in range(len(self._sellers) + 1)
        ]  # line by line, the most the rest can take off it
        for at in range(len(self._sellers) - 1, -1, -1):
            self._deepest[at] = dict(self._deepest[at + 1])
            for deal in self._sellers[at]:
                for i, amount in deal.shares:
                    self._deepest[at][i] = max(amount, self._deepest[at].get(i, 0))
        self._platforms = self._measure([offer for offer in coupons if offer.layer == "platform_coupon"])
        self._goods = self.base.goods
        self._shipping = self._least_shipping()
        self._priced = self._branches = 0
        self.best: Worth = (2**63, 0, ())
        self.best_coupons: list[Offer] = []

    def run(self) -> None:
        """Look at every combination that could be the best."""
        for platform in self._platforms:
            self._branch(platform, 0, [], 0, 0 if platform.offer is None else 1, platform.slack)

    def _weigh(self, offers: Sequence[Offer]) -> list[list[Deal]]:
        """What each seller's coupons take off, the largest first; of two that do the same the smaller code."""
        sellers: dict[str, dict[tuple[tuple[int, int], ...], Deal]] = {}
        for offer in sorted(offers, key=lambda offer: offer.id):
            found = self.given.try_(offer, self.base.standing)
            if isinstance(found, Refused):
                self.refused[offer.id] = found
            else:
                sellers.setdefault(offer.seller or "", {}).setdefault(found.shares, found)
        return [sorted(sellers[seller].values(), key=lambda deal: (-deal.total, deal.offer.id)) for seller in sorted(sellers)]

    def _measure(self, offers: Sequence[Offer]) -> list[_Platform]:
        """Every coupon of the platform that can take something off, by the most it can; at the end none of them."""
        standing, found, same = self.base.standing, [], set()
        for offer in sorted(offers, key=lambda offer: offer.id):
            deal = self.given.try_(offer, standing)
            if isinstance(deal, Refused) and deal.reason != "BUDGET_EXHAUSTED":
                self.refused[offer.id] = deal  # less on its lines cannot make it take effect
                continue
            rules = (offer.effect, offer.scope, offer.threshold_basis, offer.seller)
            if offer.budget is None and rules in same:
                continue
            same.add(rules)
            lines = frozenset(self.given.lines_of[offer.id])
            open_ = [i for i in lines if standing.current[i] > 0 and i not in standing.locked]
            base = sum(standing.current[i] for i in open_)
            slack = None
            if offer.threshold_basis == "current":
                steps = ordered(offer.effect.tiers)
                slack = base - max(offer.effect.min_amount, min((step.min_amount for step in steps), default=0), 1)
            wiped = {i for deals in self._sellers for deal in deals for i, amount in deal.shares if amount == standing.current[i]}
            one = _Platform(offer, most_off(offer, standing, open_, wiped, self.given.budgets.get(offer.id)), slack, lines)
            for deals in self._sellers:
                for each in deals:
                    one.taken[each.offer.id] = sum(amount for i, amount in each.shares if i in lines)
            found.append(one)
        return [*sorted(found, key=lambda one: -one.most), _Platform(None, 0)]

    def _least_shipping(self) -> int:
        """Sending costs no less than this under any combination: thresholds only get harder to reach."""
        price_ = self.given.cart.shipping
        offs = [off_shipping(offer, self.given, self.base.standing) for offer in (*self._parcels, *self._parcel_coupons)]
        return price_ - max((deal.total for deal in offs if isinstance(deal, Deal)), default=0)

    def _branch(self, platform: _Platform, at: int, taken: list[Deal], off: int, count: int, slack: int | None) -> None:
        least = least_after_points(max(0, self._goods - off - self._rest[at] - platform.most), self.points) + self._shipping
        if (least, count) > self.best[:2] or (slack is not None and slack < 0):
            return
        if self._priced >= MOST_COMBINATIONS or self._branches >= MOST_BRANCHES:
            self.complete = False
            return
        self._branches += 1
        if at == len(self._sellers):
            self._leaf(platform, taken, count)
            return
        if platform.offer is not None and platform.offer.effect.kind == "n_for_price":
            least = least_after_points(self._least_in_groups(platform, at, taken), self.points) + self._shipping
            if (least, count) > self.best[:2]:
                return
        for deal in self._sellers[at]:
            less = None if slack is None else slack - platform.taken[deal.offer.id]
            self._branch(platform, at + 1, [*taken, deal], off + deal.total, count + 1, less)
        self._branch(platform, at + 1, taken, off, count, slack)

    def _least_in_groups(self, platform: _Platform, at: int, taken: Sequence[Deal]) -> int:
        """What goods in groups at a price cost at least: a group costs its price, however much less its units cost before."""
        assert platform.offer is not None
        standing = self.base.standing.copy()
        for deal in taken:
            standing.take(deal)
        for i, amount in self._deepest[at].items():
            standing.current[i] -= amount
        effect = platform.offer.effect
        lines = [i for i in self.given.lines_of[platform.offer.id] if i not in standing.locked]
        return sum(standing.current) - group_discount(standing, lines, effect.n, effect.minor)

    def _leaf(self, platform: _Platform, taken: Sequence[Deal], count: int) -> None:
        self._priced += 1
        standing = self.base.standing.copy()
        for deal in taken:
            standing.take(deal)
        coupons = [deal.offer for deal in taken]
        if platform.offer is not None:
            given = self.given
            off = total_off(platform.offer, standing, given.lines_of[platform.offer.id], given.budgets.get(platform.offer.id))
            goods = sum(standing.current) - off
            if not off or (goods - points_for(goods, self.points)[1] + self._shipping, count) > self.best[:2]:
                return
            found = given.try_(platform.offer, standing)
            if isinstance(found, Refused):
                return
            standing.take(found)
            coupons.append(platform.offer)
        goods = sum(standing.current)
        goods -= points_for(goods, self.points)[1]
        shipping = self._send(self._parcels, standing)
        self._keep((goods + shipping, count), coupons)
        for parcel in self._parcel_coupons:
            with_it = self._send([parcel], standing)
            if with_it < shipping:
                self._keep((goods + with_it, count + 1), [*coupons, parcel])

    def _send(self, offers: Sequence[Offer], standing: Standing) -> int:
        price_ = self.given.cart.shipping
        if not price_:
            return 0
        deals = [off_shipping(offer, self.given, standing) for offer in offers]
        return price_ - max((deal.total for deal in deals if isinstance(deal, Deal)), default=0)

    def _keep(self, worth: tuple[int, int], coupons: list[Offer]) -> None:
        if worth > self.best[:2]:
            return
        whole = (*worth, tuple(sorted(offer.id for offer in coupons)))
        if whole < self.best:
            self.best, self.best_coupons = whole, coupons
