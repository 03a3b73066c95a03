"""The verbs of recommendation: a list for a placement, why it is as it is, and the rules over it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from regulars.collect import identity
from regulars.errors import InvalidInput, NotFound
from regulars.guard import consent, privacy
from regulars.serve.recommend import sourcing
from regulars.serve.recommend.domain import diversity
from regulars.serve.recommend.domain.lists import (
    MOST,
    NEED_CONTEXT,
    PLACEMENTS,
    Code,
    Dropped,
    ExplainedList,
    Placement,
    RecommendationList,
    Recommended,
    RecommendReason,
    Wanted,
    Why,
    text_of,
)
from regulars.serve.recommend.domain.rules import RecommendRule, refused, ruled, with_pins
from regulars.serve.recommend.knowledge import days
from regulars.serve.recommend.live import LiveShop, live, opened
from regulars.serve.recommend.ruling import rules
from regulars.serve.recommend.sourcing import Candidate, Person
from regulars.values import clock
from regulars.values.ids import new_id
from regulars.values.money import Money

if TYPE_CHECKING:
    from regulars.access.domain import Shop
    from regulars.access.keys import Keyring
    from regulars.records import Records, UnitOfWork
    from regulars.warehouse import Warehouse

#: Of one brand, category and seller a list may hold so much of its size; lists about one product or category are not capped.
_CAPPED: dict[Placement, dict[str, float]] = {
    placement: {"brand": 0.5, "category": 0.5, "seller_id": 0.5} for placement in ("home", "email", "trending", "new_arrivals")
}
_RELEVANCE = 0.8
_DIVERSE: frozenset[Placement] = frozenset({"home", "email", "next", "similar", "because_viewed"})
_NOBODY = Person(None, (), -1, {}, frozenset(), "")


def recommend(
    uow: UnitOfWork,
    records: Records,
    warehouse: Warehouse,
    home: Path,
    keyring: Keyring,
    shop: Shop,
    wanted: Wanted,
    *,
    language: str = "en",
) -> RecommendationList:
    """The list of a placement. What collect has just taken counts already; hard filters hold after every source.

    Raises
    ------
    InvalidInput : the placement is unknown, needs a product to start from, or the size is out of range.
    """
    return explain(uow, records, warehouse, home, keyring, shop, wanted, language=language).recommendation


def explain(
    uow: UnitOfWork,
    records: Records,
    warehouse: Warehouse,
    home: Path,
    keyring: Keyring,
    shop: Shop,
    wanted: Wanted,
    *,
    language: str = "en",
) -> ExplainedList:
    """The same list with what it was made from, and what was left out by which filter."""
    _checked(wanted)
    shop_live = live(records, warehouse, home, keyring, shop)
    with shop_live.lock:
        shop_live.catch_up()
        now = clock.now()
        standing = rules(uow, shop.shop_id)
        person, personal = _person(uow, keyring, shop_live, wanted, segmented=any(rule.segment_id for rule in standing))
        found = sourcing.candidates(shop_live, person, wanted, days(now))
        holding = [rule for rule in standing if rule.holds(wanted.placement, now, person.segments)]
        kept, dropped = _filtered(shop_live, person, wanted, found, holding)
        items = _list(shop_live, person, wanted, kept, holding, language)
        products = shop_live.known.products
        made = RecommendationList(
            impression_id=new_id("rec"),
            placement=wanted.placement,
            model=shop_live.model,
            personalised=personal,
            made_at=now,
            items=items,
        )
        told = ExplainedList(
            recommendation=made,
            viewed=[products[one] for one in person.viewed],
            bought=len(person.bought),
            candidates=len(found),
            dropped=dropped,
        )
        shop_live.remember(told)
        return told


def shown(warehouse: Warehouse, shop: Shop, impression_id: str) -> ExplainedList:
    """A list that this process gave lately, with its reasons as they were.

    Raises
    ------
    NotFound : it is not among the last lists.
    """
    shop_live = opened(warehouse, shop.shop_id)
    found = None if shop_live is None else shop_live.lists.get(impression_id)
    if found is None:
        raise NotFound(
            "that list is not kept (any more)", mend="ask with the `impression_id` of a recent list", code="no_such_list"
        )
    return found


def _checked(wanted: Wanted) -> None:
    if wanted.placement not in PLACEMENTS:
        raise InvalidInput("there is no such placement", mend=f"choose from {', '.join(PLACEMENTS)}", code="bad_placement")
    if wanted.placement in NEED_CONTEXT and not wanted.context:
        raise InvalidInput(
            f"`{wanted.placement}` starts from a product", mend="name at least one product in `context`", code="no_context"
        )
    if not 1 <= wanted.size <= MOST:
        raise InvalidInput("the size is out of range", mend=f"ask for 1 to {MOST} products", code="bad_size")


def _person(uow: UnitOfWork, keyring: Keyring, shop_live: LiveShop, wanted: Wanted, *, segmented: bool) -> tuple[Person, bool]:
    """Whom the list is for; nobody where they have refused personal lists or are not named."""
    shop_id = shop_live.shop.shop_id
    ids = []
    if wanted.customer:
        ids.append(privacy.known_id(keyring, shop_id, wanted.customer))
    if wanted.visitor:
        told = wanted.visitor
        ids.append(told if privacy.is_visitor(told) else privacy.visitor_id(keyring, shop_id, told))
    if not ids:
        return _NOBODY, False
    found = identity.resolve(uow, shop_id, ids)
    owners = list(dict.fromkeys(found.values()))
    if not all(consent.may(uow, shop_id, one, "personalisation").allowed for one in (*ids, *owners)):
        return _NOBODY, False
    known = shop_live.known
    if wanted.apart and wanted.visitor:
        device = ids[-1]
        owners = [found[ids[0]]] if wanted.customer else [device]
        own = [device] if found[device] == device else []  # else a customer's: what was done elsewhere is not this device's
        visits = [shop_live.session_of(one) for one in own]
        visits.append((shop_live.session_of_device(device), shop_live.session_of(found[device])[1]))
        visits += [shop_live.session_of(one) for one in owners if one != device]
    else:
        visits = [shop_live.session_of(one) for one in dict.fromkeys((*reversed(ids), *owners))]
    viewed, session = next((one for one in visits if one[0]), ([], -1))
    bought: dict[int, float] = {}
    for one in owners:
        bought |= known.bought.get(one, {})
    buyer = next((one for one in owners if not privacy.is_visitor(one)), None)
    hour = clock.now().strftime("%Y%m%d%H")
    segments = shop_live.segments(owners[0]) if segmented else frozenset()
    seed = f"{shop_id}:{owners[0]}:{hour}"
    return Person(buyer, tuple(viewed), session, bought, segments, seed), True


def _filtered(
    shop_live: LiveShop, person: Person, wanted: Wanted, found: list[Candidate], holding: list[RecommendRule]
) -> tuple[list[Candidate], list[Dropped]]:
    """What may be shown, with what rules add to its score; the one filter for every source."""
    kept, dropped = [], []
    products, names = shop_live.products(), shop_live.known.products
    for one in found:
        product_id = names[one.item]
        product = products.get(product_id, {})
        why = _why_not(shop_live, person, wanted, one.item)
        added, let_in = ruled(holding, product_id, product)
        if why is None and not let_in:
            why = "rule"
        if why is None:
            kept.append(Candidate(one.item, one.score + added, one.code, one.source))
        else:
            dropped.append(Dropped(product_id=product_id, name=product.get("name"), why=why))
    return sorted(kept, key=lambda one: -one.score), dropped


def _why_not(shop_live: LiveShop, person: Person, wanted: Wanted, item: int) -> Why | None:
    product_id = shop_live.known.products[item]
    product = shop_live.products().get(product_id)
    if product is None and shop_live.products():
        return "unknown"
    why = refused(product_id, product or {}, wanted)
    if why is None and item in person.bought and not shop_live.known.bought_again(item):
        return "bought"
    return why


def _list(
    shop_live: LiveShop, person: Person, wanted: Wanted, kept: list[Candidate], holding: list[RecommendRule], language: str
) -> list[Recommended]:
    """The best of them, not all alike, with pins at their places."""
    names, products = shop_live.known.products, shop_live.products()
    told = {names[one.item]: one for one in kept}
    near = [(names[one.item], one.score) for one in kept[: max(4 * wanted.size, 60)]]
    caps = {trait: max(1, round(share * wanted.size)) for trait, share in _CAPPED.get(wanted.placement, {}).items()}
    if wanted.placement in _DIVERSE or caps:
        traits = {trait: {one: products.get(one, {}).get(trait) for one, _ in near} for trait in caps}
        weight = _RELEVANCE if wanted.placement in _DIVERSE else 1.0
        order = diversity.mmr(near, _alike(products), wanted.size, weight=weight, fits=diversity.within_caps(traits, caps))
    else:
        order = [one for one, _ in near[: wanted.size]]
    pins = [
        (rule.slot or 1, rule.match["product_id"])
        for rule in holding
        if rule.kind == "pin"
        and (product := products.get(rule.match["product_id"])) is not None
        and rule.names(rule.match["product_id"], product)
        and _why_not(shop_live, person, wanted, shop_live.known.number_of(rule.match["product_id"])) is None
    ]
    pinned = {product_id for _, product_id in pins}
    found = []
    for position, product_id in enumerate(with_pins(order, pins, wanted.size), start=1):
        one = told.get(product_id)
        code: Code = "pinned" if product_id in pinned or one is None else one.code
        source = None if one is None or code == "pinned" or one.source is None else names[one.source]
        found.append(
            _recommended(position, product_id, products, one.score if one else 0.0, code, source, shop_live.shop, language)
        )
    return found


def _alike(products: Mapping[str, Mapping[str, Any]]) -> Any:
    def alike(one: str, other: str) -> float:
        first, second = products.get(one, {}), products.get(other, {})
        same = [first.get(name) is not None and first.get(name) == second.get(name) for name in ("category", "brand")]
        return float(sum(same)) / 2

    return alike


def _recommended(
    position: int,
    product_id: str,
    products: Mapping[str, Mapping[str, Any]],
    score: float,
    code: Code,
    source: str | None,
    shop: Shop,
    language: str,
) -> Recommended:
    product = products.get(product_id, {})
    price = product.get("price_minor")
    named = None if source is None else (products.get(source, {}).get("name") or source)
    return Recommended(
        position=position,
        product_id=product_id,
        name=product.get("name"),
        category=product.get("category"),
        brand=product.get("brand"),
        price=None if price is None else Money(price, product.get("currency") or shop.currency),
        score=round(score, 6),
        reason=RecommendReason(code=code, product_id=source, text=text_of(code, named, language)),
    )
