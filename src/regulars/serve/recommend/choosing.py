"""Which candidates may be shown, best first: the one filter that every source, cache and pin passes."""

from __future__ import annotations

from operator import attrgetter

from regulars.serve.recommend import sourcing
from regulars.serve.recommend.domain.facts import NOTHING, Facts
from regulars.serve.recommend.domain.lists import Dropped, Wanted, Why
from regulars.serve.recommend.domain.rules import Asked, RecommendRule, refused, ruled
from regulars.serve.recommend.domain.trials import Order
from regulars.serve.recommend.live import LiveShop
from regulars.serve.recommend.sourcing import Candidate, Person

_SCORE = attrgetter("score")


def choose(
    shop_live: LiveShop,
    person: Person,
    wanted: Wanted,
    holding: list[RecommendRule],
    now: float,
    *,
    order: Order,
    least: int,
    whole: bool,
) -> tuple[int, list[Candidate], list[Dropped]]:
    """How many candidates there were, those that may be shown, best first, and those that were left out.

    What is popular comes behind where the placement's own candidates are too few, or a rule may raise it. Unless the `whole` choice is
    asked for, looking ends when there are at least so many.
    """
    choice = Choice(shop_live, person, wanted, [rule for rule in holding if rule.kind in ("include", "exclude")])
    found = sourcing.candidates(shop_live, person, wanted, now, order=order)
    moving = [rule for rule in holding if rule.kind in ("boost", "bury")]
    if moving:
        found = _moved(shop_live, [*found, *sourcing.fill(shop_live, person, wanted, found)], moving)
    choice.take(sorted(found, key=_SCORE, reverse=True), None if whole else least)
    if not moving and len(choice.kept) < least:
        more = sourcing.fill(shop_live, person, wanted, found)
        choice.take(more, None if whole else least)
        found = [*found, *more]
    return len(found), choice.kept, choice.dropped


def _moved(shop_live: LiveShop, found: list[Candidate], moving: list[RecommendRule]) -> list[Candidate]:
    """Candidates with what rules add to their scores."""
    names = shop_live.known.products
    added = [ruled(moving, names[one.item], shop_live.facts(one.item))[0] for one in found]
    return [Candidate(one.item, one.score + more, one.code, one.source) for one, more in zip(found, added, strict=True)]


class Choice:
    """The one filter that every source, cache and pin passes, and one form of each product."""

    def __init__(self, shop_live: LiveShop, person: Person, wanted: Wanted, letting: list[RecommendRule]) -> None:
        self.kept: list[Candidate] = []
        self.dropped: list[Dropped] = []
        self._live = shop_live
        self._bought = person.bought
        self._letting = letting
        self._seen: set[str] = set()
        facts = shop_live.goods.facts
        parents = frozenset(parent for one in wanted.context if (parent := facts.get(one, NOTHING).parent_id) is not None)
        self._asked = Asked.of(wanted, parents)

    def take(self, found: list[Candidate], enough: int | None) -> None:
        """Candidates, best first, until there are enough."""
        kept, dropped, seen = self.kept, self.dropped, self._seen
        names, facts = self._live.known.products, self._live.goods.facts
        for one in found:
            if enough is not None and len(kept) >= enough:
                return
            product_id = names[one.item]
            product = facts.get(product_id, NOTHING)
            why = self.why_not(one.item, product_id, product)
            good = product.parent_id or product_id
            if why is None and good not in seen:
                seen.add(good)
                kept.append(one)
            else:
                dropped.append(Dropped(product_id=product_id, name=product.name, why=why or "variant"))

    def why_not(self, item: int, product_id: str, product: Facts) -> Why | None:
        """Why a product may not be shown; None: it may."""
        if product is NOTHING and self._live.goods.facts:
            return "unknown"
        why = refused(product_id, product, self._asked)
        if why is None and item in self._bought and not self._live.known.bought_again(item):
            return "bought"
        if why is None and self._letting and not ruled(self._letting, product_id, product)[1]:
            return "rule"
        return why


def pins(shop_live: LiveShop, choice: Choice, holding: list[RecommendRule]) -> list[tuple[int, str]]:
    """Places and the products pinned there, of those that may be shown."""
    found = []
    for rule in holding:
        product_id = rule.match.get("product_id", "")
        product = shop_live.goods.facts.get(product_id) if rule.kind == "pin" else None
        if product is None or not rule.names(product_id, product):
            continue
        if choice.why_not(shop_live.known.number_of(product_id), product_id, product) is None:
            found.append((rule.slot or 1, product_id))
    return found
