"""The verbs of the reports room, by what they are about."""

from __future__ import annotations

from regulars.understand.reports.asking import ask, compare, customers, kept_table, previous_range
from regulars.understand.reports.kinds import every_report, report_of
from regulars.understand.reports.runs import RunBook, book_of

__all__ = ["RunBook", "ask", "book_of", "compare", "customers", "every_report", "kept_table", "previous_range", "report_of"]
