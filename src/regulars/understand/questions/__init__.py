"""Questions over events: how they are written, whose events they read, and how time is cut.

Question      what do funnels, retention, paths and all other reports over events have in common?
Events heard  none
Events told   none
Tables owned  none; reads `events`, `customers` and `segment_members`
"""

from regulars.understand.questions.calendar import Calendar
from regulars.understand.questions.domain import (
    NONE,
    OTHER,
    Asked,
    Condition,
    EventFilter,
    Interval,
    Moments,
    Property,
    Window,
)
from regulars.understand.questions.properties import ATTRIBUTE_WORDS
from regulars.understand.questions.report import Report
from regulars.understand.questions.service import READ, Desk

__all__ = [
    "ATTRIBUTE_WORDS",
    "NONE",
    "OTHER",
    "READ",
    "Asked",
    "Calendar",
    "Condition",
    "Desk",
    "EventFilter",
    "Interval",
    "Moments",
    "Property",
    "Report",
    "Window",
]
