"""Questions as people write them (JSON, YAML) and as we understand them; what cannot be understood is said with its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args

from regulars.errors import InvalidInput
from regulars.understand.questions.domain import (
    Asked,
    Condition,
    EventFilter,
    Interval,
    Moments,
    Op,
    Property,
    Scalar,
    Window,
    WindowUnit,
)
from regulars.values.zones import day_start, zone

_MOST_CONDITIONS = 50
_LONGEST = 500
_LISTS = ("in", "not_in", "between")
_BARE = ("is_set", "not_set")
_ORDERED = ("gt", "gte", "lt", "lte", "between")


def wrong(place: str, sentence: str, mend: str) -> InvalidInput:
    """An error that names the place in the question."""
    return InvalidInput(f"{place}: {sentence}", mend=mend, code="bad_question", place=place)


def object_of(told: Any, place: str, known: Sequence[str]) -> Mapping[str, Any]:
    """A JSON object with no other fields than the known ones."""
    if not isinstance(told, Mapping):
        raise wrong(place, "an object is needed", "write it as {...}")
    for name in told:
        if name not in known:
            raise wrong(f"{place}.{name}", "there is no such field", f"one of {', '.join(known)}")
    return told


def list_of(told: Any, place: str, *, least: int = 0, most: int = 100) -> Sequence[Any]:
    """A JSON list of so many."""
    if isinstance(told, str) or not isinstance(told, Sequence):
        raise wrong(place, "a list is needed", "write it as [...]")
    if not least <= len(told) <= most:
        raise wrong(place, f"{len(told)} entries are given", f"give {least} to {most}")
    return told


def choice(told: Any, place: str, known: Sequence[str]) -> str:
    """One of some words."""
    if told not in known:
        raise wrong(place, f"'{told}' is not known", f"one of {', '.join(known)}")
    return str(told)


def whole(told: Any, place: str, least: int, most: int) -> int:
    """A whole number in a range."""
    if isinstance(told, bool) or not isinstance(told, (int, float)) or told != int(told) or not least <= told <= most:
        raise wrong(place, f"{told!r} is no whole number from {least:,} to {most:,}", "correct it")
    return int(told)


def text(told: Any, place: str) -> str:
    """A text that is not empty."""
    if not isinstance(told, str) or not told.strip() or len(told) > _LONGEST:
        raise wrong(place, "a text is needed", f"1 to {_LONGEST} characters")
    return told


def condition(told: Any, place: str) -> Condition:
    """`{key, op?, value?, on?}`."""
    given = object_of(told, place, ("key", "op", "value", "on"))
    key = text(given.get("key"), f"{place}.key")
    op: Op = choice(given.get("op", "eq"), f"{place}.op", get_args(Op))  # type: ignore[assignment]
    on = choice(given.get("on", "event"), f"{place}.on", ("event", "customer"))
    value = given.get("value")
    if op in _BARE:
        return Condition(key, op, None, on)  # type: ignore[arg-type]
    if op in ("eq", "ne") and value is None:
        return Condition(key, "not_set" if op == "eq" else "is_set", None, on)  # type: ignore[arg-type]
    if op in _LISTS:
        values = list_of(value, f"{place}.value", least=2 if op == "between" else 1, most=2 if op == "between" else 1000)
        return Condition(key, op, tuple(_scalar(one, f"{place}.value", op) for one in values), on)  # type: ignore[arg-type]
    return Condition(key, op, _scalar(value, f"{place}.value", op), on)  # type: ignore[arg-type]


def conditions(told: Any, place: str) -> tuple[Condition, ...]:
    """A list of conditions, all of which must hold; null: none."""
    if told is None:
        return ()
    return tuple(condition(one, f"{place}[{i}]") for i, one in enumerate(list_of(told, place, most=_MOST_CONDITIONS)))


def event_filter(told: Any, place: str, *, more: Sequence[str] = ()) -> EventFilter:
    """`{event, where?, label?}`, or just the event's name; `more` fields are read by the asker."""
    if isinstance(told, str):
        return EventFilter(text(told, place))
    given = object_of(told, place, ("event", "where", "label", *more))
    event = None if given.get("event") is None else text(given["event"], f"{place}.event")
    label = None if given.get("label") is None else text(given["label"], f"{place}.label")
    return EventFilter(event, conditions(given.get("where"), f"{place}.where"), label)


def prop(told: Any, place: str) -> Property:
    """`{key, on?}`, or just the key of a property of the event."""
    if isinstance(told, str):
        return Property(text(told, place))
    given = object_of(told, place, ("key", "on"))
    on = choice(given.get("on", "event"), f"{place}.on", ("event", "customer"))
    return Property(text(given.get("key"), f"{place}.key"), on)  # type: ignore[arg-type]


def window(told: Any, place: str) -> Window:
    """`{value, unit}`, or a text such as `7d`, `30m`, `2w`."""
    units = get_args(WindowUnit)
    if isinstance(told, str):
        short = {unit[0]: unit for unit in units}
        number, unit = told.strip()[:-1].strip(), short.get(told.strip()[-1:])
        if unit is None or not number.isdecimal():
            raise wrong(place, f"'{told}' is no length of time", "write 30m, 2h, 7d or 2w")
        given: Mapping[str, Any] = {"value": int(number), "unit": unit}
    else:
        given = object_of(told, place, ("value", "unit"))
    unit_of: WindowUnit = choice(given.get("unit"), f"{place}.unit", units)  # type: ignore[assignment]
    found = Window(whole(given.get("value"), f"{place}.value", 1, 10_000_000), unit_of)
    if found.microseconds > 3660 * 86_400 * 1_000_000:
        raise wrong(place, "it is longer than ten years", "give a shorter one")
    return found


def interval(told: Any, place: str) -> Interval:
    """hour, day, week or month."""
    return choice(told, place, get_args(Interval))  # type: ignore[return-value]


def moments(told: Any, place: str, zone_name: str) -> Moments:
    """`{from?, to?}`: a date means the whole local day, both ends included; an instant is included."""
    if told is None:
        return Moments()
    given = object_of(told, place, ("from", "to"))
    start = None if given.get("from") is None else moment(given["from"], f"{place}.from", zone_name)
    end = None if given.get("to") is None else moment(given["to"], f"{place}.to", zone_name, after=True)
    if start is not None and end is not None and end <= start:
        raise wrong(place, f"`from` ({given['from']}) is after `to` ({given['to']})", "swap them")
    return Moments(start, end)


def moment(told: Any, place: str, zone_name: str, *, after: bool = False) -> datetime:
    """A date (its local midnight; `after`: the next one) or an instant (`after`: the microsecond behind it), in UTC."""
    if isinstance(told, datetime):
        found: date | datetime = told
    elif isinstance(told, date):
        found = told
    else:
        try:
            found = date.fromisoformat(told) if len(str(told)) == 10 else datetime.fromisoformat(str(told))
        except (ValueError, TypeError):
            raise wrong(place, f"'{told}' is neither a date nor an instant", "write 2026-03-01 or 2026-03-01T08:00:00Z") from None
    if not 1990 <= found.year <= 2200:
        raise wrong(place, f"{found.year} is a year no shop has events in", "give a year from 1990 to 2200")
    if isinstance(found, datetime):
        aware = found if found.tzinfo else found.replace(tzinfo=zone(zone_name))
        return aware.astimezone(UTC) + (timedelta(microseconds=1) if after else timedelta())
    return day_start(found + timedelta(days=1) if after else found, zone_name)


def asked(told: Mapping[str, Any], base: Asked) -> Asked:
    """`where`, `segment`, `known_only`, `with_bots` of a question, on what the shop says."""
    segment = None if told.get("segment") is None else text(told["segment"], "segment")
    return Asked(
        base.shop_id,
        base.zone,
        base.week_start,
        where=conditions(told.get("where"), "where"),
        segment=segment,
        known_only=_flag(told, "known_only"),
        with_bots=_flag(told, "with_bots"),
    )


#: The fields that `asked` reads, for `object_of`.
COMMON = ("where", "segment", "known_only", "with_bots")


def _flag(told: Mapping[str, Any], name: str) -> bool:
    value = told.get(name, False)
    if not isinstance(value, bool):
        raise wrong(name, f"{value!r} is neither true nor false", "write true or false")
    return value


def _scalar(told: Any, place: str, op: str) -> Scalar:
    if isinstance(told, bool) or told is None or not isinstance(told, (str, int, float)):
        if isinstance(told, bool) and op in ("eq", "ne", "in", "not_in"):
            return told
        raise wrong(place, f"{told!r} cannot be compared", "give a text or a number")
    if op in _ORDERED and isinstance(told, str):
        try:
            return float(told.replace(",", "")) if "," not in told else _grouped(told)
        except ValueError:
            raise wrong(place, f"'{told}' is no number", "give a number, such as 19.9") from None
    if isinstance(told, str) and len(told) > _LONGEST:
        raise wrong(place, "the text is too long", f"at most {_LONGEST} characters")
    return told


def _grouped(told: str) -> float:
    """A number with thousands separated, 1,299.50; anything else with a comma is ambiguous."""
    head, _, tail = told.partition(".")
    groups = head.split(",")
    if not (1 <= len(groups[0].lstrip("-")) <= 3) or any(len(group) != 3 for group in groups[1:]):
        raise ValueError(told)
    return float("".join(groups) + (f".{tail}" if tail else ""))
