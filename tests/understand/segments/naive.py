"""Segments read naively: every condition looked up in plain lists, one customer at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any


@dataclass
class Person:
    """What is known of one customer: traits, and events as (name, time, total)."""

    traits: Mapping[str, Any] = field(default_factory=dict)
    events: Sequence[tuple[str, datetime, float | None]] = ()


def inside(tree: Mapping[str, Any], person: Person, as_of: datetime) -> bool:
    """Whether one customer meets a tree."""
    head = next(name for name in ("all", "any", "not", "attribute", "did", "sequence", "stopped", "regularly") if name in tree)
    match head:
        case "all":
            return all(inside(one, person, as_of) for one in tree["all"])
        case "any":
            return any(inside(one, person, as_of) for one in tree["any"])
        case "not":
            return not inside(tree["not"], person, as_of)
        case "attribute":
            value = person.traits.get(tree["attribute"])
            if tree.get("op") == "is_set":
                return value is not None
            return value != tree["value"] if tree.get("op") == "ne" else value == tree["value"]
        case "did":
            return _did(tree, person, as_of)
        case "sequence":
            return _turns(tree, person, as_of)
        case "stopped":
            turn = as_of - timedelta(days=tree["since_days"])
            first = (
                turn - timedelta(days=tree["before_days"]) if "before_days" in tree else datetime.min.replace(tzinfo=as_of.tzinfo)
            )
            mine = [at for name, at, _ in person.events if name == tree["stopped"]]
            before = [at for at in mine if first < at <= turn]
            return len(before) >= tree.get("at_least", 1) and not any(turn < at <= as_of for at in mine)
        case _:
            weeks = {
                (as_of - at) // timedelta(days=7)
                for name, at, _ in person.events
                if name == tree["regularly"] and as_of - timedelta(days=7 * tree["of_weeks"]) < at <= as_of
            }
            return len(weeks) >= tree["at_least"]


def _did(tree: Mapping[str, Any], person: Person, as_of: datetime) -> bool:
    start = as_of - timedelta(days=tree["within_days"]) if "within_days" in tree else None
    mine = [(at, total) for name, at, total in person.events if name == tree["did"] and at <= as_of]
    if tree.get("first"):
        return bool(mine) and (start is None or min(at for at, _ in mine) > start)
    here = [(at, total) for at, total in mine if start is None or at > start]
    totals = [total for _, total in here if total is not None]
    measure = tree.get("measure", "count")
    found: float | None
    if measure == "count":
        found = len(here)
    elif measure == "sum(total)":
        found = sum(totals)
    elif not totals:
        found = None
    else:
        found = max(totals) if measure == "max(total)" else sum(totals) / len(totals)
    if found is None:
        return False
    found = round(found, 6)
    if "exactly" in tree:
        return found == tree["exactly"]
    low = tree.get("at_least", 1 if "at_most" not in tree else None)
    return (low is None or found >= low) and ("at_most" not in tree or found <= tree["at_most"])


def _turns(tree: Mapping[str, Any], person: Person, as_of: datetime) -> bool:
    start = as_of - timedelta(days=tree["within_days"]) if "within_days" in tree else None
    events = sorted((at, name) for name, at, _ in person.events if at <= as_of and (start is None or at > start))
    within = timedelta(days=int(tree["within"][:-1])) if "within" in tree else None

    def goes_on(step: int, after: datetime, begun: datetime) -> bool:
        if step == len(tree["sequence"]):
            return True
        return any(
            name == tree["sequence"][step]
            and at > after
            and (within is None or at <= begun + within)
            and goes_on(step + 1, at, begun)
            for at, name in events
        )

    return any(name == tree["sequence"][0] and goes_on(1, at, at) for at, name in events)
