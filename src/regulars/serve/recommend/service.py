"""The verbs of recommendation: a list for a placement, why it is as it is, and the rules over it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from regulars.collect import identity
from regulars.errors import InvalidInput, NotFound
from regulars.guard import consent, privacy
from regulars.serve.recommend.choosing import Choice, choose, pins
from regulars.serve.recommend.domain import diversity, trials
from regulars.serve.recommend.domain.facts import NOTHING
from regulars.serve.recommend.domain.lists import (
    MOST,
    NEED_CONTEXT,
    PLACEMENTS,
    Code,
    Dropped,
    ExplainedList,
    Placement,
    RecommendationList,
    Wanted,
)
from regulars.serve.recommend.domain.rules import RecommendRule, with_pins
from regulars.serve.recommend.domain.trials import CONTROL, VARIANT, Assign, Draw, Order, PlacementSetting, ShownBy, random_place
from regulars.serve.recommend.knowledge import days
from regulars.serve.recommend.live import LiveShop, live, opened
from regulars.serve.recommend.placing import placement_of
from regulars.serve.recommend.putting import Placed, RulePreview, compared, noted, recommended
from regulars.serve.recommend.ruling import rules
from regulars.serve.recommend.sourcing import Candidate, Person
from regulars.values import clock
from regulars.values.ids import new_id

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
#: Candidates that a list is chosen from, at least.
_NEAR = 60
_DIVERSE: frozenset[Placement] = frozenset({"home", "email", "next", "similar", "because_viewed"})
#: So many products are drawn at most until one may be shown.
_DRAWS = 100
_NOTHING_DRAWN = Draw()
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
    assign: Assign | None = None,
) -> RecommendationList:
    """The list of a placement, for a shopper. What collect has just taken counts already; hard filters hold after every source.

    It is noted as served. Where the placement tries something, some lists hold a random product or are in popular order, and some
    visitors get another order; `assign` tells their arm in the place of the placement's own A/B test.

    Raises
    ------
    InvalidInput : the placement is unknown, needs a product to start from, or the size is out of range.
    """
    _checked(wanted)
    shop_live = live(records, warehouse, home, keyring, shop)
    shop_live.catch_up()
    with shop_live.lock:
        now, setting = clock.now(), placement_of(uow, shop.shop_id, wanted.placement)
        asked = _asked(uow, keyring, shop_live, wanted, _standing(records, shop.shop_id), setting, now)
        impression_id = new_id("rec")
        unit, arm = asked.person.ids[-1:], None
        if unit and (assign is not None or setting.variant is not None):
            arm = (assign or setting.assign)(shop.shop_id, f"recommend/{wanted.placement}", unit[0])
        if arm not in (None, CONTROL):
            setting = replace(setting, popular_bps=0)  # an arm is compared with the control alone
        drawn = trials.draw(setting, impression_id, wanted.size)
        order: Order = (
            "popular" if drawn.baseline == "popular" else setting.variant if arm == VARIANT and setting.variant else "model"
        )
        told, placed = _made(shop_live, asked, order=order, language=language, impression_id=impression_id, arm=arm, drawn=drawn)
        shop_live.remember(told)
        shop_live.exposure.served(wanted.placement, [one.product_id for one in placed])
        shop_live.impressions.add(noted(told.recommendation, placed, setting))
        return told.recommendation


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
    """The same list with what it was made from, and what was left out by which filter; nothing is tried, and nothing noted."""
    _checked(wanted)
    shop_live = live(records, warehouse, home, keyring, shop)
    shop_live.catch_up()
    with shop_live.lock:
        now, setting = clock.now(), placement_of(uow, shop.shop_id, wanted.placement)
        asked = _asked(uow, keyring, shop_live, wanted, _standing(records, shop.shop_id), setting, now)
        told, _ = _made(shop_live, asked, language=language, whole=True)
        shop_live.remember(told)
        return told


def preview(
    uow: UnitOfWork,
    records: Records,
    warehouse: Warehouse,
    home: Path,
    keyring: Keyring,
    shop: Shop,
    wanted: Wanted,
    draft: RecommendRule,
    *,
    language: str = "en",
) -> RulePreview:
    """The list without and with a rule that is not kept yet, and what the rule changes.

    Raises
    ------
    InvalidInput : the list cannot be asked for.
    """
    _checked(wanted)
    shop_live = live(records, warehouse, home, keyring, shop)
    shop_live.catch_up()
    with shop_live.lock:
        now, setting = clock.now(), placement_of(uow, shop.shop_id, wanted.placement)
        standing = _standing(records, shop.shop_id)
        asked = _asked(uow, keyring, shop_live, wanted, [draft, *standing], setting, now)
        without, _ = _made(
            shop_live, replace(asked, holding=[one for one in asked.holding if one is not draft]), language=language, whole=True
        )
        with_it, _ = _made(shop_live, asked, language=language, whole=True)
        return compared(without, with_it, counts=any(one is draft for one in asked.holding))


def _standing(records: Records, shop_id: str) -> list[RecommendRule]:
    """The shop's rules as they are now."""
    return records.cached(("recommend.rules", shop_id), lambda uow: rules(uow, shop_id))


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request with what is known of the person, the rules that hold for them, and what they have seen enough."""

    wanted: Wanted
    person: Person
    personal: bool
    holding: list[RecommendRule]
    enough: set[str]
    now: datetime


def _asked(
    uow: UnitOfWork,
    keyring: Keyring,
    shop_live: LiveShop,
    wanted: Wanted,
    standing: list[RecommendRule],
    setting: PlacementSetting,
    now: datetime,
) -> _Asked:
    person, personal = _person(uow, keyring, shop_live, wanted, segmented=any(rule.segment_id for rule in standing))
    holding = [rule for rule in standing if rule.holds(wanted.placement, now, person.segments)]
    enough: set[str] = set()
    if setting.most_per_visitor is not None and person.ids:
        enough |= shop_live.exposure.often(person.ids, setting.most_per_visitor)
    if setting.most_share_bps is not None:
        enough |= shop_live.exposure.much(wanted.placement, setting.most_share_bps)
    return _Asked(wanted, person, personal, holding, enough, now)


def _made(
    shop_live: LiveShop,
    asked: _Asked,
    *,
    language: str,
    order: Order = "model",
    impression_id: str = "",
    arm: str | None = None,
    drawn: Draw = _NOTHING_DRAWN,
    whole: bool = False,
) -> tuple[ExplainedList, list[Placed]]:
    """The list, and what put each product into its place. Unless the `whole` choice is asked for, looking ends when there are enough."""
    wanted, person = asked.wanted, asked.person
    least = max(4 * wanted.size, _NEAR) + len(asked.enough)
    found, kept, dropped = choose(shop_live, person, wanted, asked.holding, days(asked.now), order=order, least=least, whole=whole)
    placed = _placed(shop_live, asked, kept, by="popular" if order == "popular" else "model")
    if drawn.baseline == "random":
        placed = _with_random(shop_live, asked, placed, drawn.place, impression_id)
    there = {one.product_id for one in placed}
    names = shop_live.known.products
    products = shop_live.goods.facts
    behind = [names[one.item] for one in kept if names[one.item] in asked.enough]
    dropped += [
        Dropped(product_id=one, name=products.get(one, NOTHING).name, why="shown_enough") for one in behind if one not in there
    ]
    model = {"model": shop_live.model, "v_stan": "v_stan", "popular": "popularity"}[order]
    made = RecommendationList(
        impression_id=impression_id or new_id("rec"),
        placement=wanted.placement,
        model=model,
        personalised=asked.personal and order != "popular",
        made_at=asked.now,
        items=[recommended(place, one, products, shop_live.shop, language) for place, one in enumerate(placed, start=1)],
        arm=arm,
    )
    told = ExplainedList(
        recommendation=made,
        viewed=[names[one] for one in person.viewed],
        bought=len(person.bought),
        candidates=found,
        dropped=dropped,
    )
    return told, placed


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
    everyone = {*ids, *owners}
    if consent.allowed_among(uow, shop_id, sorted(everyone), "personalisation") != everyone:
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
        bought |= known.bought.of(one)
    buyer = next((one for one in owners if not privacy.is_visitor(one)), None)
    hour = clock.now().strftime("%Y%m%d%H")
    segments = shop_live.segments(owners[0]) if segmented else frozenset()
    seed = f"{shop_id}:{owners[0]}:{hour}"
    every = tuple(dict.fromkeys((*ids, *reversed(owners))))
    return Person(
        buyer, tuple(viewed), session, bought, segments, seed, (*(one for one in every if one != owners[0]), owners[0])
    ), True


def _placed(shop_live: LiveShop, asked: _Asked, kept: list[Candidate], *, by: ShownBy) -> list[Placed]:
    """The best of them, not all alike, with pins at their places; what was shown enough stands behind the others."""
    wanted = asked.wanted
    names, products = shop_live.known.products, shop_live.goods.facts
    pinned_at = pins(shop_live, Choice(shop_live, asked.person, wanted, []), asked.holding)
    pinned = {product_id for _, product_id in pinned_at}
    if pinned:
        taken = {products[one].parent_id or one for one in pinned}
        goods = [shop_live.facts(one.item).parent_id or names[one.item] for one in kept]
        kept = [one for one, good in zip(kept, goods, strict=True) if names[one.item] in pinned or good not in taken]
    if asked.enough:
        kept = sorted(kept, key=lambda one: names[one.item] in asked.enough)
    told = {names[one.item]: one for one in kept}
    near = [(names[one.item], one.score) for one in kept[: max(4 * wanted.size, _NEAR)]]
    caps = {trait: max(1, round(share * wanted.size)) for trait, share in _CAPPED.get(wanted.placement, {}).items()}
    if by == "model" and (wanted.placement in _DIVERSE or caps):
        traits = {trait: {one: products.get(one, NOTHING).get(trait) for one, _ in near} for trait in caps}
        weight = _RELEVANCE if wanted.placement in _DIVERSE else 1.0
        near = [(one, score - (2.0 if one in asked.enough else 0.0)) for one, score in near]
        own = {one: (products.get(one, NOTHING).category, products.get(one, NOTHING).brand) for one, _ in near}
        order = diversity.mmr(near, _alike(own), wanted.size, weight=weight, fits=diversity.within_caps(traits, caps))
    else:
        order = [one for one, _ in near[: wanted.size]]
    found = []
    for rank, product_id in enumerate(with_pins(order, pinned_at, wanted.size), start=1):
        one = told.get(product_id)
        code: Code = "pinned" if product_id in pinned or one is None else one.code
        source = None if one is None or code == "pinned" or one.source is None else names[one.source]
        shown_by: ShownBy = "rule" if code == "pinned" else by
        found.append(Placed(product_id, code, source, one.score if one else 0.0, shown_by, rank if shown_by == "model" else None))
    return found


def _with_random(shop_live: LiveShop, asked: _Asked, placed: list[Placed], place: int, impression_id: str) -> list[Placed]:
    """The list with a product at the drawn place that was drawn from all that may be shown there; without, where none is found."""
    there = {one.product_id for one in placed}
    names, products = shop_live.known.products, shop_live.goods.facts
    choice = Choice(shop_live, asked.person, asked.wanted, [rule for rule in asked.holding if rule.kind in ("include", "exclude")])
    for attempt in range(_DRAWS if names else 0):
        chosen = names[random_place(f"{impression_id}:{attempt}", len(names))]
        facts = products.get(chosen, NOTHING)
        if chosen not in there and choice.why_not(shop_live.known.number[chosen], chosen, facts) is None:
            at = min(place, len(placed) + 1) - 1
            return [*placed[:at], Placed(chosen, "discovery", None, 0.0, "random"), *placed[at:]][: asked.wanted.size]
    return placed


def _alike(traits: Mapping[str, tuple[str | None, str | None]]) -> Callable[[str, str], float]:
    """A half for the same category, and for the same brand."""

    def alike(one: str, other: str) -> float:
        (category, brand), (other_category, other_brand) = traits[one], traits[other]
        return 0.5 * (category is not None and category == other_category) + 0.5 * (brand is not None and brand == other_brand)

    return alike
