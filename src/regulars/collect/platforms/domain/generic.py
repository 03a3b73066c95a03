"""The generic webhook's mapping: where in a body the canonical fields stand, said once and saved with the source.

A mapping is a list of rules, of which the first that fits a body is taken::

    {"rules": [{"take": "orders", "when": {"type": "order.paid"}, "fields": {"order_id": "data.id", "ordered_at": "data.created"},
                "lines": "data.items", "line_fields": {"product_id": "sku", "quantity": "qty", "unit_price": "price"}}]}

A path is names and places (`data.items[0].sku`); `=CNY` is the text CNY itself. Paths of lines begin at the line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from regulars.collect.imports.domain.statuses import plain_status
from regulars.collect.platforms.domain.facts import (
    FIELDS,
    LINE_FIELDS,
    NEEDED,
    TAKES,
    Take,
    customer_of,
    event_of,
    order_of,
    product_of,
)
from regulars.collect.platforms.domain.messages import Setting, Translation
from regulars.collect.platforms.domain.orders import order_messages
from regulars.collect.platforms.domain.payload import Reader
from regulars.errors import InvalidInput

_STEP = re.compile(r"([^.\[\]]+)|\[(\d{1,4})\]")
_PATH = re.compile(r"\$?\.?[^.\[\]]+(?:\.[^.\[\]]+|\[\d{1,4}\])*")
_MEANINGS = ("placed", "cancelled", "unpaid", "refunded", "draft")
_MOST_RULES = 50


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of body: what it is, by which values it is known, and where its fields stand."""

    take: Take
    fields: Mapping[str, str]
    when: Mapping[str, str]
    lines: str = ""
    line_fields: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class GenericMapping:
    """All rules of a source, and what its status words mean."""

    rules: tuple[Rule, ...]
    statuses: Mapping[str, str]


def parse_mapping(given: Any) -> GenericMapping:
    """A mapping as it was sent.

    Raises
    ------
    InvalidInput : a field there is none of, a path that cannot be one, a field that is needed and has none; says which.
    """
    if not isinstance(given, Mapping) or not isinstance(given.get("rules"), Sequence) or isinstance(given.get("rules"), str):
        raise _bad("a mapping is an object with a list of rules", "send {'rules': [{'take': 'orders', 'fields': {...}}]}")
    rules = given["rules"]
    if not 1 <= len(rules) <= _MOST_RULES:
        raise _bad(f"a mapping has 1 to {_MOST_RULES} rules", "send at least one rule")
    statuses = _texts(given.get("statuses") or {}, "statuses")
    for word, meaning in statuses.items():
        if meaning not in _MEANINGS:
            raise _bad(f"statuses: '{word}' cannot mean '{meaning}'", f"choose one of {', '.join(_MEANINGS)}")
    return GenericMapping(
        tuple(_rule(rule, f"rules[{at}]") for at, rule in enumerate(rules)),
        {plain_status(word): meaning for word, meaning in statuses.items()},
    )


def translate(mapping: GenericMapping, body: Any, setting: Setting, seen_at: datetime) -> Translation:
    """What a body says under a mapping; ignored where no rule fits."""
    whole = Reader(body)
    rule = next((rule for rule in mapping.rules if _fits(rule, whole.of)), None)
    if rule is None:
        return Translation(ignored="no_rule")
    setting = replace(setting, extra={"statuses": mapping.statuses})
    head = Reader(_picked(rule.fields, whole.of), zone=setting.zone)
    match rule.take:
        case "orders":
            order = order_of(head, _lines(rule, whole.of, setting), setting)
            messages = order_messages(order, setting.library)
            return Translation(messages=tuple(messages), ignored="" if messages else f"{order.state}_order")
        case "customers":
            return Translation(messages=(customer_of(head, setting, seen_at),))
        case "products":
            return Translation(messages=(product_of(head, setting, seen_at),))
        case "events":
            return Translation(messages=(event_of(head, setting, seen_at),))


def at_path(value: Any, path: str) -> Any:
    """What stands at a path; None where nothing does."""
    if path.startswith("="):
        return path[1:]
    for name, place in _STEP.findall(path.removeprefix("$").removeprefix(".")):
        if name:
            value = value.get(name) if isinstance(value, Mapping) else None
        elif isinstance(value, Sequence) and not isinstance(value, str) and int(place) < len(value):
            value = value[int(place)]
        else:
            return None
    return value


def _picked(fields: Mapping[str, str], of: Any) -> dict[str, Any]:
    return {name: at_path(of, path) for name, path in fields.items()}


def _lines(rule: Rule, of: Any, setting: Setting) -> list[Reader]:
    if not rule.lines:
        own = {name: path for name, path in rule.fields.items() if name in LINE_FIELDS}
        return [Reader(_picked(own, of), zone=setting.zone)] if own else []
    found = at_path(of, rule.lines)
    if found is None:
        return []
    if not isinstance(found, Sequence) or isinstance(found, str):
        raise InvalidInput(
            f"'{rule.lines}' is not a list of lines",
            mend="correct the mapping or the message",
            code="bad_payload",
            place=rule.lines,
        )
    return [
        Reader(_picked(rule.line_fields or {}, line), f"{rule.lines}[{at}]", zone=setting.zone) for at, line in enumerate(found)
    ]


def _fits(rule: Rule, of: Any) -> bool:
    return all(str(at_path(of, path)) == wanted for path, wanted in rule.when.items())


def _rule(given: Any, place: str) -> Rule:
    if not isinstance(given, Mapping):
        raise _bad(f"{place} is not an object", "send {'take': 'orders', 'fields': {...}}")
    take = given.get("take")
    if take not in TAKES:
        raise _bad(f"{place}.take is none of {', '.join(TAKES)}", "say what the bodies are")
    fields = _paths(given.get("fields"), f"{place}.fields")
    line_fields = _paths(given.get("line_fields") or {}, f"{place}.line_fields")
    lines = given.get("lines") or ""
    if lines and (not isinstance(lines, str) or not _PATH.fullmatch(lines)):
        raise _bad(f"{place}.lines is not a path", "write it as data.items")
    if bool(lines) != bool(line_fields):
        raise _bad(f"{place}: lines and line_fields go together", "give the path of the list, and the fields of one line")
    for name in fields:
        if name not in FIELDS[take]:
            raise _bad(f"{place}.fields: '{name}' is not a field of {take}", f"choose from {', '.join(FIELDS[take])}")
    for name in line_fields:
        if name not in LINE_FIELDS:
            raise _bad(f"{place}.line_fields: '{name}' is not a field of a line", f"choose from {', '.join(sorted(LINE_FIELDS))}")
    known = {*fields, *line_fields}
    for group in NEEDED[take]:
        if not known & {*group}:
            raise _bad(f"{place} has no field {' or '.join(group)}", f"add it: {group[0]} is {FIELDS[take][group[0]]}")
    when = _paths_of_values(given.get("when") or {}, f"{place}.when")
    return Rule(take, fields, when, lines, line_fields or None)


def _paths(given: Any, place: str) -> dict[str, str]:
    found = _texts(given, place)
    for name, path in found.items():
        if not path.startswith("=") and not _PATH.fullmatch(path):
            raise _bad(f"{place}.{name} is not a path", "write it as data.items[0].sku, or =CNY for a fixed text")
    return found


def _paths_of_values(given: Any, place: str) -> dict[str, str]:
    found = _texts(given, place)
    for path in found:
        if not _PATH.fullmatch(path):
            raise _bad(f"{place}: '{path[:60]}' is not a path", "write it as data.type")
    return found


def _texts(given: Any, place: str) -> dict[str, str]:
    if not isinstance(given, Mapping) or not all(isinstance(key, str) and isinstance(value, str) for key, value in given.items()):
        raise _bad(f"{place} is not an object of texts", "send {'order_id': 'data.id'}")
    if len(given) > 100 or any(len(key) > 300 or len(value) > 300 for key, value in given.items()):
        raise _bad(f"{place} is too long", "send at most 100 texts of at most 300 characters")
    return dict(given)


def _bad(message: str, mend: str) -> InvalidInput:
    return InvalidInput(message, mend=mend, code="bad_mapping")
