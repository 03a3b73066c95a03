"""Yes and no, in the words of exports."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.warehouse.workbench import Workbench


@dataclass(frozen=True, slots=True, kw_only=True)
class BooleanConvention:
    """How to read a column of yes and no."""

    rows: int = 0
    unreadable: int = 0
    explanation: str = ""

    def sql(self, column_sql: str) -> str:
        """BOOLEAN, or NULL where missing or unreadable."""
        raise NotImplementedError

    def bad(self, column_sql: str) -> str:
        """True where something stands there that is neither yes nor no."""
        raise NotImplementedError


def detect_booleans(bench: Workbench, table: str, column: str) -> BooleanConvention:
    """How a column says yes and no, from all its values."""
    raise NotImplementedError
