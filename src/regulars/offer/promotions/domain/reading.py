"""Offers and carts out of plain JSON values, every mistake named with the way to mend it; and offers written down again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from regulars.errors import InvalidInput
from regulars.offer.promotions.domain.carts import LARGEST_MINOR, MOST_UNITS
from regulars.offer.promotions.domain.exact import WHOLE_BPS
from regulars.offer.promotions.domain.offers import (
    BASES,
    EFFECTS,
    LAYERS,
    Basis,
    Budget,
    Conditions,
    Effect,
    Hours,
    Included,
    Layer,
    Limits,
    Offer,
    Scope,
    Step,
    code_of,
)

_LONGEST_ID = 100
_MOST_NAMED = 5000
_LARGEST_GROUP = 1000
#: What an effect of each kind must say, and what it may say besides.
_FIELDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "percent": (("bps",), ("cap", "min_amount", "min_qty", "max_units")),
    "amount_per_unit": (("minor",), ("max_units",)),
    "fixed_price": (("minor",), ("max_units",)),
    "nth_unit": (("n", "bps"), ()),
    "amount": (("minor",), ("min_amount", "min_qty")),
    "tiers": (("tiers",), ()),
    "every": (("min_amount", "minor"), ("max_times",)),
    "cheapest_free": (("n",), ("min_amount", "min_qty")),
    "n_for_price": (("n", "minor"), ("min_amount", "min_qty")),
    "free": ((), ("min_amount", "min_qty")),
}
_ITEM_ONLY, _NOT_ITEM = frozenset({"max_units"}), frozenset({"cap", "min_amount", "min_qty"})


def offer_of(given: Mapping[str, Any]) -> Offer:
    """The offer that a definition describes.

    Raises
    ------
    InvalidInput : what is missing, unknown or out of bounds, named by its place in the definition.
    """
    layer = given.get("layer")
    if layer not in LAYERS:
        raise _bad("layer", f"choose one of {', '.join(LAYERS)}")
    code = given.get("code")
    seller = _text(given, "seller")
    starts, ends = _instant(given, "starts"), _instant(given, "ends")
    if starts is not None and ends is not None and ends <= starts:
        raise _bad("ends", "end the offer after its start")
    offer = Offer(
        id=str(given.get("id") or code or ""),
        name=str(given.get("name") or "")[:200],
        code=code_of(str(code)) if code else None,
        layer=layer,
        effect=_effect(given.get("effect"), layer),
        scope=_scope(given.get("scope") or {}),
        conditions=_conditions(given.get("conditions") or {}),
        starts_at=starts,
        ends_at=ends,
        priority=_whole(given, "priority", -(2**31), 2**31 - 1, 0),
        exclusive_group=_text(given, "exclusive_group") or "order",
        stackable=_flag(given, "stackable", True),
        locks_line=_flag(given, "locks_line", False),
        threshold_basis=_basis(given.get("threshold_basis") or "current"),
        seller=seller,
        owner=_text(given, "owner", 200),
        currency=_text(given, "currency", 3),
        limits=_limits(given.get("limits") or {}),
        budget=_budget(given.get("budget")),
    )
    if not 0 < len(offer.id) <= _LONGEST_ID:
        raise _bad("id", f"give an id of 1 to {_LONGEST_ID} characters")
    return offer


def _basis(given: Any) -> Basis:
    for basis in BASES:
        if given == basis:
            return basis
    raise _bad("threshold_basis", f"choose one of {', '.join(BASES)}")


def _bad(place: str, mend: str) -> InvalidInput:
    return InvalidInput(f"`{place}` of the offer is missing or wrong", mend=mend, code="bad_offer", place=place)


def _whole(given: Mapping[str, Any], name: str, least: int, most: int, default: int | None = None, *, at: str = "") -> int:
    value = given.get(name)
    if value is None and default is not None:
        return default
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise _bad(f"{at}{name}", f"give a whole number from {least} to {most}")
    return value


def _maybe(given: Mapping[str, Any], name: str, least: int, most: int, *, at: str = "") -> int | None:
    return None if given.get(name) is None else _whole(given, name, least, most, at=at)


def _flag(given: Mapping[str, Any], name: str, default: bool) -> bool:
    value = given.get(name)
    if value is not None and not isinstance(value, bool):
        raise _bad(name, "give true or false")
    return default if value is None else value


def _text(given: Mapping[str, Any], name: str, longest: int = _LONGEST_ID) -> str | None:
    value = given.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > longest:
        raise _bad(name, f"give a text of at most {longest} characters")
    return value


def _instant(given: Mapping[str, Any], name: str) -> datetime | None:
    value = given.get(name)
    if value is None or isinstance(value, datetime):
        found = value
    else:
        try:
            found = datetime.fromisoformat(str(value))
        except ValueError:
            raise _bad(name, "give an instant such as 2026-06-18T04:00:00Z") from None
    return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)


def _names(given: Mapping[str, Any], name: str, at: str) -> frozenset[str]:
    value = given.get(name) or ()
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) > _MOST_NAMED:
        raise _bad(f"{at}.{name}", f"give a list of at most {_MOST_NAMED} names")
    if not all(isinstance(one, str) and 0 < len(one) <= 500 for one in value):
        raise _bad(f"{at}.{name}", "give names of 1 to 500 characters")
    return frozenset(value)


def _included(given: Any, at: str) -> Included:
    if not isinstance(given, Mapping):
        raise _bad(at, "give lists of skus, categories and sellers")
    return Included(
        skus=_names(given, "skus", at), categories=_names(given, "categories", at), sellers=_names(given, "sellers", at)
    )


def _scope(given: Any) -> Scope:
    return Scope(include=_included(given, "scope"), exclude=_included(given.get("exclude") or {}, "scope.exclude"))


def _conditions(given: Any) -> Conditions:
    if not isinstance(given, Mapping):
        raise _bad("conditions", "give segments_any, tiers_any, new_customer, channels_any, traits or hours")
    newness = given.get("new_customer")
    if newness is not None and not isinstance(newness, bool):
        raise _bad("conditions.new_customer", "give true or false")
    traits = given.get("traits") or {}
    if not isinstance(traits, Mapping) or len(traits) > 20:
        raise _bad("conditions.traits", "give at most 20 traits with lists of values")
    hours = given.get("hours") or ()
    if not isinstance(hours, Sequence) or isinstance(hours, str) or len(hours) > 50:
        raise _bad("conditions.hours", "give at most 50 spans")
    return Conditions(
        segments_any=_names(given, "segments_any", "conditions"),
        tiers_any=_names(given, "tiers_any", "conditions"),
        new_customer=newness,
        channels_any=_names(given, "channels_any", "conditions"),
        traits=tuple((str(trait), _names(traits, trait, "conditions.traits")) for trait in sorted(traits)),
        hours=tuple(_hours(one) for one in hours),
    )


def _hours(given: Any) -> Hours:
    if not isinstance(given, Mapping):
        raise _bad("conditions.hours", "give spans of weekdays, from and to")
    days = given.get("weekdays")
    days = list(range(7)) if days is None else days
    if not isinstance(days, Sequence) or not days or not all(isinstance(day, int) and 0 <= day <= 6 for day in days):
        raise _bad("conditions.hours.weekdays", "give numbers from 0 (Monday) to 6")
    return Hours(
        weekdays=tuple(sorted(set(days))),
        since_minute=_minute(given.get("from") or "00:00"),
        to_minute=_minute(given.get("to") or "24:00"),
    )


def _minute(text: Any) -> int:
    hour, colon, minute = str(text).partition(":")
    if not (colon and hour.isascii() and hour.isdigit() and minute.isascii() and minute.isdigit()):
        raise _bad("conditions.hours", "give times such as 18:30")
    found = int(hour) * 60 + int(minute)
    if int(minute) > 59 or found > 24 * 60:
        raise _bad("conditions.hours", "give times from 00:00 to 24:00")
    return found


def _limits(given: Any) -> Limits:
    if not isinstance(given, Mapping):
        raise _bad("limits", "give total, per_customer or per_customer_per_day")
    names = ("total", "per_customer", "per_customer_per_day")
    return Limits(**{name: _maybe(given, name, 0, 2**31 - 1, at="limits.") for name in names})


def _budget(given: Any) -> Budget | None:
    if given is None:
        return None
    if not isinstance(given, Mapping) or (given.get("on_exceed") or "reject") not in ("reject", "cap"):
        raise _bad("budget", "give `total`, and `on_exceed` as reject or cap")
    return Budget(total=_whole(given, "total", 0, 2**53, at="budget."), on_exceed=given.get("on_exceed") or "reject")


def _effect(given: Any, layer: Layer) -> Effect:
    kinds = EFFECTS[layer]
    if not isinstance(given, Mapping) or given.get("kind") not in kinds:
        raise _bad("effect.kind", f"an offer of the layer {layer} does one of {', '.join(kinds)}")
    kind = given["kind"]
    must, may = _FIELDS[kind]
    beside = _NOT_ITEM if layer == "item" else _ITEM_ONLY
    for name, value in given.items():
        if value is None or name == "kind" or (value == 0 and name in beside):
            continue
        if name not in must and (name not in may or name in beside):
            raise _bad(f"effect.{name}", f"the effect {kind} of the layer {layer} does not know it; leave it out")
    for name in must:
        if given.get(name) is None:
            raise _bad(f"effect.{name}", f"the effect {kind} needs it")
    return Effect(
        kind=kind,
        bps=_whole(given, "bps", 0, WHOLE_BPS, 0, at="effect."),
        minor=_whole(given, "minor", 0, LARGEST_MINOR, 0, at="effect."),
        cap=_maybe(given, "cap", 0, LARGEST_MINOR, at="effect."),
        min_amount=_whole(given, "min_amount", 1 if kind == "every" else 0, LARGEST_MINOR, 0, at="effect."),
        min_qty=_whole(given, "min_qty", 0, MOST_UNITS, 0, at="effect."),
        max_units=_maybe(given, "max_units", 0, MOST_UNITS, at="effect."),
        max_times=_maybe(given, "max_times", 0, MOST_UNITS, at="effect."),
        n=_whole(given, "n", 1, _LARGEST_GROUP, at="effect.") if "n" in must else 0,
        tiers=_steps(given.get("tiers")) if kind == "tiers" else (),
    )


def _steps(given: Any) -> tuple[Step, ...]:
    if not isinstance(given, Sequence) or isinstance(given, str) or not 0 < len(given) <= 50:
        raise _bad("effect.tiers", "give 1 to 50 steps")
    return tuple(_step(one) for one in given)


def _step(given: Any) -> Step:
    if not isinstance(given, Mapping) or (given.get("minor") is None) == (given.get("bps") is None):
        raise _bad("effect.tiers", "each step has a threshold and either `minor` or `bps`")
    return Step(
        min_amount=_whole(given, "min_amount", 0, LARGEST_MINOR, 0, at="effect.tiers."),
        min_qty=_whole(given, "min_qty", 0, MOST_UNITS, 0, at="effect.tiers."),
        minor=_maybe(given, "minor", 0, LARGEST_MINOR, at="effect.tiers."),
        bps=_maybe(given, "bps", 0, WHOLE_BPS, at="effect.tiers."),
        cap=_maybe(given, "cap", 0, LARGEST_MINOR, at="effect.tiers."),
    )


def frozen(offer: Offer, budget_left: int | None) -> dict[str, Any]:
    """An admitted offer as a definition that prices the same cart the same way later: without conditions, limits and dates.

    Of its budget stays what was left of it.
    """
    effect = {
        name: value
        for name in ("kind", "bps", "minor", "cap", "min_amount", "min_qty", "max_units", "max_times", "n")
        if (value := getattr(offer.effect, name))
    }
    must = _FIELDS[offer.effect.kind][0]
    effect |= {name: getattr(offer.effect, name) for name in must if name not in effect and name != "tiers"}
    if offer.effect.max_units is not None or offer.effect.max_times is not None or offer.effect.cap is not None:
        effect |= {name: value for name in ("max_units", "max_times", "cap") if (value := getattr(offer.effect, name)) is not None}
    if offer.effect.tiers:
        names = ("min_amount", "min_qty", "minor", "bps", "cap")
        effect["tiers"] = [
            {name: value for name in names if (value := getattr(step, name)) is not None} for step in offer.effect.tiers
        ]
    definition: dict[str, Any] = {"id": offer.id, "name": offer.name, "layer": offer.layer, "effect": effect}
    scope: dict[str, Any] = {
        **_listed(offer.scope.include),
        **({"exclude": _listed(offer.scope.exclude)} if offer.scope.exclude else {}),
    }
    if scope:
        definition["scope"] = scope
    for name, default in (
        ("code", None),
        ("seller", None),
        ("priority", 0),
        ("exclusive_group", "order"),
        ("stackable", True),
        ("locks_line", False),
        ("threshold_basis", "current"),
    ):
        if (value := getattr(offer, name)) != default:
            definition[name] = value
    if offer.budget is not None and budget_left is not None:
        definition["budget"] = {"total": max(0, budget_left), "on_exceed": offer.budget.on_exceed}
    return definition


def _listed(goods: Included) -> dict[str, list[str]]:
    return {name: sorted(value) for name in ("skus", "categories", "sellers") if (value := getattr(goods, name))}
