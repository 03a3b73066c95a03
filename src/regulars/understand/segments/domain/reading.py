"""Trees as people write them (JSON, YAML) become nodes; what cannot be understood is said with its place."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from regulars.understand.questions import Condition, Property, told
from regulars.understand.segments.domain.traits import LINE_KEYS, ORDER_KEYS, SCORES, SHARES_OF, TRAITS, Known
from regulars.understand.segments.domain.tree import (
    All,
    AnyOf,
    Attribute,
    Bounds,
    Definition,
    Did,
    InTurn,
    MeasureKind,
    Member,
    Node,
    Not,
    Ordered,
    OrderMeasure,
    Period,
    Regularly,
    Score,
    Stopped,
    Tag,
    Trait,
    depth,
    leaves,
)

MOST_LEAVES = 100
DEEPEST = 10
_PERIOD = ("within_days", "until_days_ago", "range")
_BOUNDS = ("at_least", "at_most", "exactly")
_HEADS = (
    "all", "any", "not", "attribute", "trait", "prediction", "tag", "did", "did_not", "sequence", "stopped", "regularly", "ordered",
    "segment",
)  # fmt: skip
_MEASURE = re.compile(r"(sum|avg|max|top_share)\((.+)\)")
_TEXT_OPS = ("eq", "ne", "is_set", "not_set", "in", "not_in", "contains", "not_contains", "starts_with")


def definition(given: Any, zone: str, place: str = "where_tree", *, known_only: bool = False) -> Definition:
    """A tree as JSON becomes a definition.

    Raises
    ------
    InvalidInput : with the place of what is wrong.
    """
    tree = node(given, place, zone)
    if (many := sum(1 for _ in leaves(tree))) > MOST_LEAVES:
        raise told.wrong(place, f"{many} conditions are too many", f"use at most {MOST_LEAVES}, or make a segment of some of them")
    if depth(tree) > DEEPEST:
        raise told.wrong(place, "the groups are nested too deeply", f"nest at most {DEEPEST}")
    return Definition(tree, known_only)


def node(given: Any, place: str, zone: str) -> Node:
    """One node and what is below it."""
    if not isinstance(given, Mapping):
        raise told.wrong(place, "a condition is needed", 'write it as {"did": {...}}, {"all": [...]} ...')
    heads = [name for name in _HEADS if name in given]
    if len(heads) != 1:
        found = "no condition is named" if not heads else f"{' and '.join(heads)} stand side by side"
        raise told.wrong(place, found, f"write exactly one of {', '.join(_HEADS)}")
    head = heads[0]
    here = f"{place}.{head}"
    match head:
        case "all" | "any":
            told.object_of(given, place, (head,))
            many = told.list_of(given[head], here, most=MOST_LEAVES)
            below = tuple(node(one, f"{here}[{i}]", zone) for i, one in enumerate(many))
            return All(below) if head == "all" else AnyOf(below)
        case "not":
            told.object_of(given, place, (head,))
            inner = given[head]
            if isinstance(inner, Sequence) and not isinstance(inner, str):
                return Not(AnyOf(tuple(node(one, f"{here}[{i}]", zone) for i, one in enumerate(inner))))
            return Not(node(inner, here, zone))
        case "attribute":
            return _attribute(given, place)
        case "trait":
            return Trait(_known(given, place, head, TRAITS))
        case "prediction":
            return Score(_known(given, place, head, SCORES))
        case "tag":
            told.object_of(given, place, (head,))
            return Tag(told.text(given[head], here))
        case "segment":
            told.object_of(given, place, (head,))
            return Member(told.text(given[head], here))
        case "did" | "did_not":
            return _did(given, place, head, zone)
        case "sequence":
            told.object_of(given, place, (head, "within", *_PERIOD))
            many = told.list_of(given[head], here, least=2, most=10)
            steps = tuple(told.event_filter(one, f"{here}[{i}]") for i, one in enumerate(many))
            within = None if given.get("within") is None else told.window(given["within"], f"{place}.within")
            return InTurn(steps, within, _period(given, place, zone))
        case "stopped":
            return _stopped(given, place)
        case "regularly":
            told.object_of(given, place, (head, "at_least", "of_weeks"))
            of_weeks = told.whole(given.get("of_weeks"), f"{place}.of_weeks", 1, 53)
            weeks = told.whole(given.get("at_least"), f"{place}.at_least", 1, of_weeks)
            return Regularly(told.event_filter(given[head], here), weeks, of_weeks)
        case _:
            return _ordered(given, place, zone)


def _attribute(given: Mapping[str, Any], place: str) -> Node:
    inner = given["attribute"]
    if isinstance(inner, Mapping):
        told.object_of(given, place, ("attribute",))
        if "key" not in inner and inner:
            pairs = [
                Attribute(told.condition({"key": key, "value": value, "on": "customer"}, f"{place}.attribute"))
                for key, value in inner.items()
            ]
            return pairs[0] if len(pairs) == 1 else All(tuple(pairs))
        found = told.condition({**inner, "on": "customer"}, f"{place}.attribute")
        return Attribute(found)
    told.object_of(given, place, ("attribute", "op", "value"))
    return Attribute(told.condition(_flat(given, "attribute"), place))


def _known(given: Mapping[str, Any], place: str, head: str, known: Mapping[str, Known]) -> Condition:
    told.object_of(given, place, (head, "op", "value"))
    trait = known[told.choice(given[head], f"{place}.{head}", tuple(known))]
    found = told.condition(_flat(given, head), place)
    if trait.kind == "text" and found.op not in _TEXT_OPS:
        raise told.wrong(f"{place}.op", f"{trait.name} is a word and has no order", f"one of {', '.join(_TEXT_OPS)}")
    return found


def _flat(given: Mapping[str, Any], head: str) -> dict[str, Any]:
    return {"key": given[head], "on": "customer", **{name: given[name] for name in ("op", "value") if name in given}}


def _did(given: Mapping[str, Any], place: str, head: str, zone: str) -> Node:
    told.object_of(given, place, (head, "measure", "first", *_BOUNDS, *_PERIOD))
    measure, of = _measure(given.get("measure", "count"), f"{place}.measure", ("count", "sum", "avg", "max"))
    first = _flag(given, "first", place)
    bounds = _bounds(given, place)
    if first and (measure != "count" or not bounds.open):
        raise told.wrong(place, "`first` asks whether it is the first one; it has no number", "leave measure and bounds out")
    kind: MeasureKind = measure  # type: ignore[assignment]
    found = Did(
        told.event_filter(given[head], f"{place}.{head}"),
        bounds,
        _period(given, place, zone),
        kind,
        None if of is None else Property(of),
        first,
    )
    return Not(found) if head == "did_not" else found


def _stopped(given: Mapping[str, Any], place: str) -> Stopped:
    told.object_of(given, place, ("stopped", "since_days", "before_days", "at_least"))
    before = None if given.get("before_days") is None else _days(given["before_days"], f"{place}.before_days")
    return Stopped(
        told.event_filter(given["stopped"], f"{place}.stopped"),
        _days(given.get("since_days"), f"{place}.since_days"),
        before,
        told.whole(given.get("at_least", 1), f"{place}.at_least", 1, 1_000_000),
    )


def _ordered(given: Mapping[str, Any], place: str, zone: str) -> Ordered:
    told.object_of(given, place, ("ordered", "measure", "first", *_BOUNDS, *_PERIOD))
    inner = given["ordered"] or {}
    told.object_of(inner, f"{place}.ordered", ("where",))
    where = told.conditions(inner.get("where"), f"{place}.ordered.where")
    keys = {one.key for one in where}
    for key in sorted(keys):
        told.choice(key, f"{place}.ordered.where", (*ORDER_KEYS, *LINE_KEYS))
    if keys & set(ORDER_KEYS) and keys & set(LINE_KEYS):
        raise told.wrong(
            f"{place}.ordered.where",
            "conditions on the order and on what is in it stand together",
            "write two conditions, one for each",
        )
    named, of = _measure(
        given.get("measure", "count"), f"{place}.measure", ("count", "amount", "units", "share", "top_share", "price_index")
    )
    measure: OrderMeasure = named  # type: ignore[assignment]
    if measure == "top_share":
        told.choice(of, f"{place}.measure", SHARES_OF)
    if measure in ("top_share", "price_index") and keys & set(ORDER_KEYS):
        raise told.wrong(f"{place}.ordered.where", f"{measure} looks into orders", f"use {', '.join(LINE_KEYS)}")
    bounds = _bounds(given, place)
    first = _flag(given, "first", place)
    if first and (measure != "count" or not bounds.open):
        raise told.wrong(place, "`first` asks whether it is the first one; it has no number", "leave measure and bounds out")
    if measure in ("share", "top_share", "price_index") and bounds.open:
        raise told.wrong(place, f"{measure} needs a number to be compared with", "give at_least or at_most")
    return Ordered(where, bounds, _period(given, place, zone), measure, of or "", first)


def _measure(given: Any, place: str, known: tuple[str, ...]) -> tuple[str, str | None]:
    """`count`, or `sum(total)`; also as {"sum": "total"}."""
    if isinstance(given, Mapping) and len(given) == 1:
        name, of = next(iter(given.items()))
        given = f"{name}({of})"
    words = str(given).strip()
    found = _MEASURE.fullmatch(words)
    name, of = (found[1], found[2].strip()) if found else (words, None)
    told.choice(name, place, known)
    if of is None and name in ("sum", "avg", "max", "top_share"):
        raise told.wrong(place, f"'{words}' does not say of what", f"write {name}(total)")
    return name, of


def _bounds(given: Mapping[str, Any], place: str) -> Bounds:
    said = {name: _number(given[name], f"{place}.{name}") for name in _BOUNDS if given.get(name) is not None}
    if "exactly" in said and len(said) > 1:
        raise told.wrong(place, "`exactly` stands alone", "leave at_least and at_most out")
    if "at_least" in said and "at_most" in said and said["at_least"] > said["at_most"]:
        raise told.wrong(place, "at_least is more than at_most", "swap them")
    return Bounds(**said)


def _period(given: Mapping[str, Any], place: str, zone: str) -> Period:
    within = None if given.get("within_days") is None else _days(given["within_days"], f"{place}.within_days")
    until = None if given.get("until_days_ago") is None else _days(given["until_days_ago"], f"{place}.until_days_ago")
    moments = None if given.get("range") is None else told.moments(given["range"], f"{place}.range", zone)
    if moments is not None and (within is not None or until is not None):
        raise told.wrong(place, "a range and days back stand together", "give one of them")
    if within is not None and until is not None and until >= within:
        raise told.wrong(place, "the period ends before it begins", "let until_days_ago be less than within_days")
    return Period(within, until, moments)


def _days(given: Any, place: str) -> float:
    number = _number(given, place)
    if not 0 < number <= 36_600:
        raise told.wrong(place, f"{given!r} is no number of days", "give more than 0 and at most 36,600")
    return number


def _number(given: Any, place: str) -> float:
    if isinstance(given, bool) or not isinstance(given, (int, float)) or given != given or abs(given) > 1e15:
        raise told.wrong(place, f"{given!r} is no number", "give a number")
    return given


def _flag(given: Mapping[str, Any], name: str, place: str) -> bool:
    value = given.get(name, False)
    if not isinstance(value, bool):
        raise told.wrong(f"{place}.{name}", f"{value!r} is neither true nor false", "write true or false")
    return value
