"""Events cut into visits: by the session they name, else by a rest of 30 minutes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

REST = timedelta(minutes=30)


class Seen(Protocol):
    """What a visit asks of an event."""

    @property
    def timestamp(self) -> datetime:
        """When it happened."""

    @property
    def session_id(self) -> str | None:
        """The session it names."""

    @property
    def channel(self) -> str | None:
        """What its page was come to by."""


Event = TypeVar("Event", bound=Seen)


@dataclass(frozen=True, slots=True)
class Visit(Generic[Event]):
    """Events of one visit, the latest first."""

    events: Sequence[Event]

    @property
    def channel(self) -> str | None:
        """What the visit came by: of its first page that tells."""
        return next((event.channel for event in reversed(self.events) if event.channel), None)


def visits(newest_first: Sequence[Event]) -> list[Visit[Event]]:
    """The visits of one customer's events, the latest first. A rest of exactly 30 minutes ends a visit."""
    found: list[list[Event]] = []
    for event in newest_first:
        if found and _together(event, found[-1][-1]):
            found[-1].append(event)
        else:
            found.append([event])
    return [Visit(events) for events in found]


def _together(earlier: Seen, later: Seen) -> bool:
    if earlier.session_id and later.session_id:
        return earlier.session_id == later.session_id
    return later.timestamp - earlier.timestamp < REST
