"""The verbs of the reports room, by what they are about."""

from __future__ import annotations

from regulars.understand.reports import boards, goals, schedules, shelf
from regulars.understand.reports.asking import ask, compare, customers, kept_table, previous_range
from regulars.understand.reports.kinds import every_report, report_of
from regulars.understand.reports.runs import RunBook, book_of
from regulars.understand.reports.schedules import DELIVER
from regulars.understand.reports.sending import deliver

__all__ = [
    "DELIVER",
    "RunBook",
    "ask",
    "boards",
    "book_of",
    "compare",
    "customers",
    "deliver",
    "every_report",
    "goals",
    "kept_table",
    "previous_range",
    "report_of",
    "schedules",
    "shelf",
]
