"""What a visit is: the session that events name, else what lies between two rests; and when nobody can have been so quick."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, Literal, Protocol, TypeVar

from regulars.events.ecommerce import folded

#: A rest of exactly this ends a visit whose events name no session.
REST = timedelta(minutes=30)
#: A name that is silent for exactly this has ended: a constant sent as `sessionId` does not make one visit of a year.
NAME_HELD = timedelta(hours=24)
#: Within one minute of the clock nobody looks at more pages, or makes more events, than this.
PAGES_A_MINUTE = 60
EVENTS_A_MINUTE = 300

BotReason = Literal["agent", "pages", "events"]

PRODUCT_VIEWED = folded("Product Viewed")
PRODUCT_ADDED = folded("Product Added")
ORDER_COMPLETED = folded("Order Completed")
#: Events that pages tell by themselves, without anything done by whoever looks.
BY_ITSELF = tuple(
    folded(name)
    for name in ("Product Viewed", "Product List Viewed", "Page Left", "Page Performance", "$pageleave", "$web_vitals", "$set")
)
#: Of these, those that tell nothing but that a page ends.
LEAVING = tuple(folded(name) for name in ("Page Left", "Page Performance", "$pageleave", "$web_vitals", "$set"))


class Seen(Protocol):
    """What a visit asks of an event."""

    @property
    def timestamp(self) -> datetime:
        """When it happened."""

    @property
    def session_id(self) -> str | None:
        """The session it names."""

    @property
    def event_key(self) -> int:
        """What tells it from every other."""


Event = TypeVar("Event", bound=Seen)


@dataclass(frozen=True, slots=True)
class Visit(Generic[Event]):
    """The events of one visit in the order in which they happened; `key` is that of the first."""

    key: int
    events: Sequence[Event]


def cut(events: Iterable[Event]) -> list[Visit[Event]]:
    """The visits of one customer's events, by their beginnings; it makes no difference in which order the events are given.

    An event that names a session belongs to it, wherever it lies. One that names none goes with the event before it, if that is less than
    `REST` ago; else it begins a visit.
    """
    found: dict[int, list[Event]] = {}
    named: dict[str, tuple[int, datetime]] = {}
    last: tuple[int, datetime] | None = None
    for event in sorted(events, key=lambda one: (one.timestamp, one.session_id is None, one.session_id or "", one.event_key)):
        if event.session_id is not None:
            open_one = named.get(event.session_id)
            key = open_one[0] if open_one and event.timestamp - open_one[1] < NAME_HELD else event.event_key
            named[event.session_id] = key, event.timestamp
        else:
            key = last[0] if last and event.timestamp - last[1] < REST else event.event_key
        last = key, event.timestamp
        found.setdefault(key, []).append(event)
    return [Visit(key, made) for key, made in found.items()]


def key_text(key: int) -> str:
    """A session's number as it travels."""
    return f"s_{key & 0xFFFF_FFFF_FFFF_FFFF:016x}"
