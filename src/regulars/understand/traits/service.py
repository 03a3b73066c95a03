"""The verbs of traits: compute them, tell how they are spread, and tell what one customer is like."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from regulars.collect import identity
from regulars.errors import NotFound
from regulars.guard import privacy
from regulars.guard.privacy.traces import ABOUT_A_PERSON
from regulars.understand import lifecycle
from regulars.understand.metrics import DataSpan, data_span
from regulars.understand.questions import Desk
from regulars.understand.traits import tagging
from regulars.understand.traits.catalogue import TRAITS, WINDOWS
from regulars.understand.traits.domain import (
    Bin,
    CustomerTraits,
    Distribution,
    Preference,
    Tagged,
    Trait,
    TraitOverview,
    Traits,
    TraitValue,
)
from regulars.understand.traits.queries import reading, whole
from regulars.values import clock
from regulars.values.money import minor_digits
from regulars.warehouse import Warehouse

if TYPE_CHECKING:
    from regulars.access import Shop
    from regulars.records import UnitOfWork

__all__ = ["customer_traits", "distribution", "overview", "refresh", "retag"]

retag = tagging.retag
_WORDS_LISTED = 20
_BINS = 12
_WHOLE = ("count", "score", "hour", "years", "days")
_PREFERENCES = 3


def refresh(warehouse: Warehouse, shop: Shop) -> int:
    """Compute the traits of all the shop's customers; returns how many customers there are.

    One expression inside the engine, over the whole history up to the end of the data; the old rows are replaced in one transaction.
    """
    with warehouse.transaction():
        span = data_span(warehouse, shop)
        desk = Desk(warehouse, shop)
        reach = whole.Reach(history_of(shop, span), desk.span().end or span.as_of, clock.now(), 10 ** minor_digits(span.currency))
        return warehouse.replace("customer_traits", whole.traits(reach), shop_id=shop.shop_id)


def history_of(shop: Shop, span: DataSpan) -> lifecycle.History:
    """The counted orders up to the end of the data; of a shop without orders, none."""
    if span.first_at is None:
        span = DataSpan(span.as_of, span.as_of, span.as_of, 0, span.currency, 0)
    return lifecycle.history_of(shop, span)


def overview(warehouse: Warehouse, shop: Shop, *, language: str = "en") -> Traits:
    """Every trait with how many customers have it and its quartiles, and why where nobody has it."""
    span, row = data_span(warehouse, shop), _summary(warehouse, shop)
    found = [_overview(trait, row, language) for trait in TRAITS.values()]
    return Traits(
        computed_at=_aware(row["computed_at"]),
        as_of=None if span.empty else span.as_of,
        currency=span.currency,
        customers=row["customers"],
        traits=found,
    )


def distribution(warehouse: Warehouse, shop: Shop, name: str, *, language: str = "en") -> Distribution:
    """How a trait is spread: about a dozen bins of equal width between the 1 % and 99 % points, or the commonest words.

    Raises
    ------
    NotFound : there is no such trait.
    """
    trait = trait_of(name)
    told = _overview(trait, _summary(warehouse, shop), language)
    found, others = warehouse.cached(
        ("traits.bins", shop.shop_id, name),
        lambda: _words(warehouse, shop, name) if trait.is_text else (_numbers(warehouse, shop, trait), 0),
        of=("customer_traits",),
    )
    return Distribution(trait=told, bins=found, others=others)


def trait_of(name: str) -> Trait:
    """A trait by its name."""
    if name not in TRAITS:
        raise NotFound(f"there is no trait '{name[:60]}'", mend="list them with `GET /v1/traits`", code="no_such_trait")
    return TRAITS[name]


def customer_traits(uow: UnitOfWork, warehouse: Warehouse, shop: Shop, customer_id: str, *, language: str = "en") -> CustomerTraits:
    """One customer's traits beside the shop's medians, the reasons of those that are missing, preferences, tags and segments.

    Raises
    ------
    NotFound : no traits were computed for that customer.
    """
    customer_id = identity.customer_of(uow, shop.shop_id, customer_id)
    asked = {"shop_id": shop.shop_id, "customer_id": customer_id}
    found = warehouse.rows(reading.one(), **asked)
    if not found:
        raise NotFound(
            f"there is no customer '{customer_id}' in this shop, or the traits were not computed yet",
            mend="search for it in the customer list; new customers have traits after the next computation",
            code="no_such_customer",
        )
    row, span = found[0], data_span(warehouse, shop)
    (standing,) = warehouse.rows(reading.standing(), **asked)
    summary = _summary(warehouse, shop)
    computed_at = _aware(row["computed_at"])
    assert computed_at is not None
    return CustomerTraits(
        customer_id=customer_id,
        computed_at=computed_at,
        currency=span.currency,
        traits=[_value(trait, row, standing, summary, language) for trait in TRAITS.values()],
        preferences=_preferences(warehouse, shop, span, customer_id, row),
        tags=_tags(uow, warehouse, shop, customer_id),
        segments=_segments(warehouse, asked),
    )


def _summary(warehouse: Warehouse, shop: Shop) -> dict[str, Any]:
    return warehouse.cached(
        ("traits.summary", shop.shop_id),
        lambda: warehouse.rows(reading.summary(), shop_id=shop.shop_id)[0],
        of=("customer_traits",),
    )


def _overview(trait: Trait, row: dict[str, Any], language: str) -> TraitOverview:
    zh = "zh" if language == "zh" else "en"
    have, customers = row[f"n:{trait.name}"], row["customers"]
    low, middle, high = (None if trait.is_text else row[f"q{at}:{trait.name}"] for at in (25, 50, 75))
    nothing = "尚无客户" if zh == "zh" else "there are no customers yet"
    return TraitOverview(
        name=trait.name,
        family=trait.family,
        unit=trait.unit,
        label=trait.label[zh],
        formula=trait.formula[zh],
        window=WINDOWS[trait.window][zh],
        sources=trait.sources,
        customers=have,
        share=round(have / customers, 4) if customers else None,
        low=low,
        median=middle,
        high=high,
        reason=None if have else trait.none[zh] if customers else nothing,
    )


def _value(trait: Trait, row: dict[str, Any], standing: dict[str, Any], summary: dict[str, Any], language: str) -> TraitValue:
    zh = "zh" if language == "zh" else "en"
    value, have = row[trait.name], summary[f"n:{trait.name}"]
    percentile = None
    if value is not None and not trait.is_text:
        percentile = round((standing[f"below:{trait.name}"] + standing[f"equal:{trait.name}"] / 2) / have, 4)
    return TraitValue(
        name=trait.name,
        family=trait.family,
        unit=trait.unit,
        label=trait.label[zh],
        formula=trait.formula[zh],
        number=None if trait.is_text else value,
        text=value if trait.is_text else None,
        shop_median=None if trait.is_text else summary[f"q50:{trait.name}"],
        percentile=percentile,
        reason=trait.none[zh] if value is None else None,
    )


def _preferences(warehouse: Warehouse, shop: Shop, span: DataSpan, customer_id: str, row: dict[str, Any]) -> list[Preference]:
    kinds = [("category", "category"), ("brand", "brand"), ("seller", "seller_id")]
    found = []
    for kind, key in kinds:
        if row[f"preferred_{kind}"] is None:
            continue
        for one in warehouse.rows(reading.preferences(history_of(shop, span), customer_id, key, _PREFERENCES)):
            if one["share"] is None or not one["shop_share"]:
                continue
            found.append(
                Preference(
                    kind=kind,  # type: ignore[arg-type]
                    value=one["value"],
                    share=round(one["share"], 4),
                    shop_share=round(one["shop_share"], 6),
                    lift=round(one["share"] / one["shop_share"], 2),
                )
            )
    return found


def _tags(uow: UnitOfWork, warehouse: Warehouse, shop: Shop, customer_id: str) -> list[Tagged]:
    """Those given by hand as they are now, and those of rules as last worked out."""
    by_hand = tagging.by_hand(uow, shop.shop_id, customer_id)
    table = warehouse.table("customer_tags")
    rows = warehouse.rows(
        table.filter(table.shop_id == shop.shop_id, table.customer_id == customer_id, table.by_rule).select("tag")
    )
    ids = tagging.ids(uow, shop.shop_id)
    found = [Tagged(tag_id=tag_id, name=name, by_rule=False) for tag_id, name in by_hand]
    held = {one.name for one in found}
    found += [
        Tagged(tag_id=ids[row["tag"]], name=row["tag"], by_rule=True)
        for row in rows
        if row["tag"] in ids and row["tag"] not in held
    ]
    return sorted(found, key=lambda one: one.name)


def _segments(warehouse: Warehouse, asked: dict[str, str]) -> list[str]:
    table = warehouse.table("segment_members")
    mine = table.filter(table.shop_id == asked["shop_id"], table.customer_id == asked["customer_id"])
    return [row["segment_id"] for row in warehouse.rows(mine.select("segment_id").distinct().order_by("segment_id"))]


def _words(warehouse: Warehouse, shop: Shop, name: str) -> tuple[list[Bin], int]:
    rows = warehouse.rows(reading.words(name, _WORDS_LISTED), shop_id=shop.shop_id)
    whole_ = int(rows[0]["whole"]) if rows else 0
    found = [
        Bin(key=row["key"], start=None, end=None, customers=row["customers"], share=round(row["customers"] / whole_, 4))
        for row in rows
    ]
    return found, whole_ - sum(one.customers for one in found)


def _numbers(warehouse: Warehouse, shop: Shop, trait: Trait) -> list[Bin]:
    (ends,) = warehouse.rows(reading.extremes(trait.name), shop_id=shop.shop_id)
    if not ends["n"]:
        return []
    edges = edges_of(ends["low"], ends["high"], ends["p01"], ends["p99"], whole_numbers=trait.unit in _WHOLE)
    counts = {row["place"]: row["customers"] for row in warehouse.rows(reading.bins(shop.shop_id, trait.name, edges))}
    return [
        Bin(key=None, start=start, end=end, customers=counts.get(i, 0), share=round(counts.get(i, 0) / ends["n"], 4))
        for i, (start, end) in enumerate(pairwise(edges))
    ]


def edges_of(low: float, high: float, first: float, last: float, *, whole_numbers: bool = False) -> Sequence[float]:
    """Round edges of about a dozen bins between two quantiles; the outer bins reach to the extremes."""
    width = max(last - first, 0.0)
    if width <= 0:
        return [low, high] if high > low else [low, low]
    step = 10 ** math.floor(math.log10(width / _BINS))
    step = next(step * by for by in (1, 2, 5, 10) if width / (step * by) <= _BINS)
    step = max(step, 1) if whole_numbers else step
    begin = math.floor(first / step + 1e-9)
    inner = [
        round((begin + i) * step, 10) for i in range(1, _BINS + 2) if (begin + i) * step < last + (0.5 if whole_numbers else -1e-12)
    ]
    bottom, top = round(begin * step, 10), round(((inner[-1] if inner else first) / step + 1) * step, 10)
    return [min(low, bottom), *inner, max(high, top)]


def _aware(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)


# -- erasure and merges ---------------------------------------------------------------------------------------------

#: What is said of an erased person in a derived row goes at once, not only with the next computation.
ABOUT_A_PERSON.setdefault(
    "customer_traits",
    dict.fromkeys(("given_age", "given_gender", "given_city", "given_occupation", "given_tier", "home_region")),
)
if tagging.forget not in privacy.ERASERS:
    privacy.ERASERS.append(tagging.forget)
if tagging.follow not in identity.MERGERS:
    identity.MERGERS.append(tagging.follow)


def _erased(warehouse: Warehouse, shop_id: str, successors: Sequence[str]) -> None:
    """Tags of an erased customer, which operators may have named after what they know, go."""
    warehouse.delete("customer_tags", lambda t: (t.shop_id == shop_id) & t.customer_id.isin(list(successors)))


privacy.REDERIVERS.append(_erased)
