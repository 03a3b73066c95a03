"""Sessions: how do customers and visitors come, and what does each visit hold?

Question: which events are one visit, what brought it, where did it begin and end, and was it a person?
Hears: nothing; the loader of events calls `note` and `follow`; identity and privacy tell when events change customer.
Tells: nothing.
Owns: sessions, session_work, session_ranges (warehouse).
"""

from __future__ import annotations

from regulars.collect.sessions.domain import cut, key_text
from regulars.collect.sessions.making import fill, follow, note, rebuild, refresh
from regulars.collect.sessions.queries.asking import By, SessionFilters
from regulars.collect.sessions.reading import (
    SessionRow,
    Touches,
    VisitReport,
    asked_period,
    left_out,
    listing,
    page_speed,
    place,
    report,
    touches,
)

__all__ = [
    "By",
    "SessionFilters",
    "SessionRow",
    "Touches",
    "VisitReport",
    "asked_period",
    "cut",
    "fill",
    "follow",
    "key_text",
    "left_out",
    "listing",
    "note",
    "page_speed",
    "place",
    "rebuild",
    "refresh",
    "report",
    "touches",
]
