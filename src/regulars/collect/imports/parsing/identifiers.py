"""Identifiers: order numbers, customer numbers, article codes, as text that joins."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.warehouse.workbench import Workbench


@dataclass(frozen=True, slots=True, kw_only=True)
class IdConvention:
    """How to read the identifiers of one column.

    Attributes
    ----------
    whole_numbers : written as decimals by a program (`17850.0`); the `.0` goes.
    scientific : values such as `2.05E+17`, whose digits a spreadsheet has destroyed; they are `bad`.
    """

    whole_numbers: bool = False
    scientific: int = 0
    rows: int = 0
    unreadable: int = 0
    explanation: str = ""

    def sql(self, column_sql: str) -> str:
        """VARCHAR without blanks around it, or NULL where missing ("", null, undefined, 0 ...)."""
        raise NotImplementedError

    def bad(self, column_sql: str) -> str:
        """True where the identifier's digits are lost (`2.05E+17`)."""
        raise NotImplementedError


def detect_ids(bench: Workbench, table: str, column: str) -> IdConvention:
    """How the identifiers of a column are written, from all its values."""
    raise NotImplementedError
