"""Quantities and percentages: numbers without a currency."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.collect.imports.parsing.amounts import AmountConvention
from regulars.warehouse.workbench import Workbench


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberConvention:
    """How to read the quantities of one column: at most three decimals, at most 1e9 in size."""

    amounts: AmountConvention
    rows: int = 0
    unreadable: int = 0
    explanation: str = ""

    def sql(self, column_sql: str) -> str:
        """DECIMAL(18,3), or NULL where missing, unreadable or out of range."""
        raise NotImplementedError

    def bad(self, column_sql: str) -> str:
        """True where something stands there that is no number, or has more than three decimals."""
        raise NotImplementedError

    def out_of_range(self, column_sql: str) -> str:
        """True where the number is read but beyond 1e9 in size."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class PercentConvention:
    """How to read shares: `12.5%`, `12.5` or `0.125`."""

    amounts: AmountConvention
    divisor: int = 100
    rows: int = 0
    unreadable: int = 0
    explanation: str = ""

    def sql(self, column_sql: str) -> str:
        """DECIMAL(18,6) as a fraction (12.5 % is 0.125), or NULL."""
        raise NotImplementedError

    def bad(self, column_sql: str) -> str:
        """True where something stands there that is no share."""
        raise NotImplementedError


def detect_numbers(bench: Workbench, table: str, column: str, *, decimal: str | None = None) -> NumberConvention:
    """How the quantities of a column are written, from all its values."""
    raise NotImplementedError


def detect_percents(bench: Workbench, table: str, column: str) -> PercentConvention:
    """How the shares of a column are written: with a percent sign, as 0..100 or as 0..1."""
    raise NotImplementedError
