"""Questions written in short at the shell or on a page, made into the full form of their kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from regulars.errors import InvalidInput

#: Where each kind takes its events from: a list of them, one, or two.
EVENTS_FIELD: Mapping[str, tuple[str, str]] = {
    "trend": ("series", "list"),
    "funnel": ("steps", "list"),
    "funnel_trend": ("steps", "list"),
    "funnel_time": ("steps", "list"),
    "retention": ("cohort_event,return_event", "two"),
    "retention_rolling": ("cohort_event,return_event", "two"),
    "lifecycle": ("event", "one"),
    "stickiness": ("event", "one"),
    "active": ("event", "one"),
    "week_hours": ("event", "one"),
    "paths": ("include", "list"),
    "sessions": ("include", "list"),
}


def with_events(kind: str, question: Mapping[str, Any], events: Sequence[str]) -> dict[str, Any]:
    """The question with events by name put where the kind expects them.

    Raises
    ------
    InvalidInput : the kind takes no events, or another number of them.
    """
    made = dict(question)
    if not events:
        return made
    if kind not in EVENTS_FIELD:
        raise InvalidInput(f"the report '{kind}' is not told events", mend="leave --event out", code="bad_option")
    field, form = EVENTS_FIELD[kind]
    filters = [{"event": name} for name in events]
    most = {"one": 1, "two": 2, "list": 100}[form]
    if len(filters) > most:
        raise InvalidInput(f"{len(filters)} events are given", mend=f"give at most {most}", code="bad_option")
    if form == "list":
        made[field] = filters
    elif form == "one":
        made[field] = filters[0]
    else:
        first, second = field.split(",")
        made |= {first: filters[0], second: filters[-1]}
    return made


def with_range(question: Mapping[str, Any], first: str, last: str) -> dict[str, Any]:
    """The question with a range of local days; an empty end stays open."""
    made = dict(question)
    told = {name: value for name, value in (("from", first), ("to", last)) if value}
    if told:
        made["range"] = told
    return made


def condition(written: str) -> dict[str, Any]:
    """`price>=10`, `brand=Oolong`, `!coupon`, `coupon` (is set), with `customer.` before a customer's property."""
    text, on = written.strip(), "event"
    for sign, op in ((">=", "gte"), ("<=", "lte"), ("!=", "ne"), ("=", "eq"), (">", "gt"), ("<", "lt"), ("~", "contains")):
        key, found, value = text.partition(sign)
        if found and key.strip():
            made: dict[str, Any] = {"key": key.strip(), "op": op, "value": _value(value.strip())}
            break
    else:
        made = {"key": text.lstrip("!").strip(), "op": "not_set" if text.startswith("!") else "is_set"}
    if made["key"].startswith("customer."):
        made["key"], on = made["key"].removeprefix("customer."), "customer"
    if not made["key"]:
        raise InvalidInput(f"'{written}' is no condition", mend="write it as brand=Oolong or price>=10", code="bad_option")
    return made if on == "event" else {**made, "on": on}


def _value(text: str) -> str | int | float | bool:
    if text in ("true", "false"):
        return text == "true"
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if number.is_integer() and "." not in text and "e" not in text.lower() else number
