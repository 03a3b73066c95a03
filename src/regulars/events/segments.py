"""Told when customers come into a segment or leave it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from regulars.events.base import Event


@dataclass(frozen=True, kw_only=True)
class SegmentEntered(Event):
    """A customer came into a segment."""

    name: ClassVar[str] = "Segment Entered"
    meaning: ClassVar[str] = (
        "A customer came into a segment. Told once for each coming; not for those whom a new or changed segment holds from its start."
    )

    segment_id: str
    segment: str
    run: int


@dataclass(frozen=True, kw_only=True)
class SegmentLeft(Event):
    """A customer left a segment."""

    name: ClassVar[str] = "Segment Left"
    meaning: ClassVar[str] = "A customer who was in a segment is not any more. Told once for each leaving."

    segment_id: str
    segment: str
    run: int
