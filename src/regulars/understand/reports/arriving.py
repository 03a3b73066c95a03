"""What a builder of questions offers: events that really arrive, the properties they carry, and values these have had."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from regulars.understand.questions import Desk
from regulars.understand.reports.queries import arriving, some_properties

_LOOKED_AT = 400
_MOST_VALUES = 30


@dataclass(frozen=True, slots=True)
class ArrivingEvent:
    """A kind of event and how often it arrived."""

    event: str
    events: int


@dataclass(frozen=True, slots=True)
class SeenProperty:
    """A property of the newest events, and values it has had, the most frequent first."""

    key: str
    values: Sequence[str]


def events(desk: Desk) -> list[ArrivingEvent]:
    """Events by how often they arrived, the most frequent first."""
    shop_id = desk.shop.shop_id
    rows = desk.warehouse.cached(("reports.arriving", shop_id), lambda: desk.warehouse.rows(arriving(shop_id)), of=("events",))
    return [ArrivingEvent(row["event"], int(row["events"])) for row in rows]


def properties(desk: Desk, event: str | None) -> list[SeenProperty]:
    """Properties of an event's newest messages (null: of any), the most frequent first."""
    key = ("reports.properties", desk.shop.shop_id, event)
    return desk.warehouse.cached(key, lambda: _properties(desk, event), of=("events",))


def _properties(desk: Desk, event: str | None) -> list[SeenProperty]:
    seen: dict[str, Counter[str]] = {}
    for row in desk.warehouse.rows(some_properties(desk.shop.shop_id, event, _LOOKED_AT)):
        told = json.loads(row["properties"])
        for name, value in told.items() if isinstance(told, dict) else ():
            counted = seen.setdefault(name, Counter())
            if isinstance(value, str | int | float | bool) and len(str(value)) <= 80:
                counted[str(value).lower() if isinstance(value, bool) else str(value)] += 1
    ordered = sorted(seen, key=lambda name: (-seen[name].total(), name))
    return [SeenProperty(name, [value for value, _ in seen[name].most_common(_MOST_VALUES)]) for name in ordered]
