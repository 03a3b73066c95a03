"""How a column writes dates and times: formats, day/month order, zone marks; decided on all its values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from regulars.warehouse.workbench import Workbench

DateOrder = Literal["ymd", "dmy", "mdy"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DateConvention:
    """How to read the dates of one column.

    Attributes
    ----------
    formats : strptime formats found, with their rows; also `excel_serial`, `unix_seconds`, `unix_milliseconds`, `iso`.
    order : day/month order of dates that need one; None where none does.
    ambiguous : both day/month and month/day read every value; `order` was assumed and can be overruled.
    has_offset : every value names its offset from UTC (or is a Unix time), so `sql` gives UTC; `some_offset` if only some do.
    first, last : the earliest and latest plausible date read (naive, as written; UTC with an offset); None if none was read.
    """

    formats: dict[str, int] = field(default_factory=dict)
    order: DateOrder | None = None
    ambiguous: bool = False
    has_offset: bool = False
    some_offset: bool = False
    has_time: bool = False
    first: datetime | None = None
    last: datetime | None = None
    rows: int = 0
    unreadable: int = 0
    outside: int = 0
    explanation: str = ""

    def sql(self, column_sql: str) -> str:
        """Naive TIMESTAMP: the wall time as written, UTC where an offset is written; NULL where missing or unreadable."""
        raise NotImplementedError

    def bad(self, column_sql: str) -> str:
        """True where something stands there that is no date."""
        raise NotImplementedError

    def out_of_range(self, column_sql: str) -> str:
        """True where a date is read but lies before 1995 or after tomorrow (the placeholders 1900 and 2099, a wrong clock)."""
        raise NotImplementedError

    def offset_written(self, column_sql: str) -> str:
        """True where the value names its own offset."""
        raise NotImplementedError

    def utc_sql(self, column_sql: str, zone: str) -> str:
        """UTC TIMESTAMP: wall times read in `zone`, written offsets respected."""
        raise NotImplementedError


def detect_dates(
    bench: Workbench, table: str, column: str, *, order: DateOrder | None = None, now: datetime | None = None
) -> DateConvention:
    """How the dates of a column are written, from all its values.

    Parameters
    ----------
    table, column : plain names (they are quoted here).
    order : day/month order where a person has decided it (`--date-order`).
    now : for the upper bound of plausible dates; the clock's now by default.
    """
    raise NotImplementedError
