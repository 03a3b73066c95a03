"""Quantities and percentages: numbers without a currency."""

from __future__ import annotations

from dataclasses import dataclass, replace

from regulars.collect.imports.parsing.amounts import AmountConvention, detect_amounts
from regulars.collect.imports.parsing.evidence import cell_text, many
from regulars.warehouse.workbench import Workbench, literal, quote

#: Beyond this a quantity is taken for a slip.
LARGEST_QUANTITY = 10**9

_UNITS = r"(?i)^[x×]? *([-+]?[0-9].*?) *(?:pcs?\.?|pieces?|units?|stk\.?|st\.|items?|件|个|個|只|支|盒|套|瓶|双|台|本|张|包|份|箱|袋)$|^[x×] *([0-9].*)$"


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberConvention:
    """How to read the quantities of one column: at most three decimals, below 1e9 in size.

    `units`: some values carry a unit of count (`2 pcs`, `2件`, `x2`), which is ignored.
    """

    amounts: AmountConvention
    units: bool = False
    rows: int = 0
    unreadable: int = 0
    outside: int = 0
    explanation: str = ""

    def sql(self, column_sql: str) -> str:
        """DECIMAL(18,3), or NULL where missing, unreadable or out of range."""
        number = self._number(column_sql)
        return f"CASE WHEN abs({number}) < {LARGEST_QUANTITY} AND {number} = round({number}, 3) THEN TRY_CAST({number} AS DECIMAL(18,3)) END"

    def bad(self, column_sql: str) -> str:
        """True where something stands there that is no number, or has more than three decimals."""
        number = self._number(column_sql)
        return f"CASE WHEN {number} IS NOT NULL THEN {number} <> round({number}, 3) ELSE {cell_text(column_sql)} IS NOT NULL END"

    def out_of_range(self, column_sql: str) -> str:
        """True where a number is read but is 1e9 or more in size."""
        return f"coalesce(abs({self._number(column_sql)}) >= {LARGEST_QUANTITY}, false)"

    def _number(self, column_sql: str) -> str:
        if self.units:
            column_sql = f"regexp_replace(CAST({cell_text(column_sql)} AS VARCHAR), {literal(_UNITS)}, '\\1\\2')"
        return self.amounts.sql(column_sql, scale=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class PercentConvention:
    """How to read shares: `12.5%`, `12.5` or `0.125`; `divisor` makes a fraction of those without a percent sign."""

    amounts: AmountConvention
    divisor: int = 100
    rows: int = 0
    unreadable: int = 0
    explanation: str = ""

    def sql(self, column_sql: str) -> str:
        """DECIMAL(18,6) as a fraction (12.5 % is 0.125), or NULL."""
        signed = f"ends_with({_percent(column_sql)}, '%')"
        number = self.amounts.sql(f"rtrim({_percent(column_sql)}, '% ')", scale=10)
        return f"TRY_CAST({number} / CASE WHEN {signed} THEN 100 ELSE {self.divisor} END AS DECIMAL(18,6))"

    def bad(self, column_sql: str) -> str:
        """True where something stands there that is no share."""
        return f"({cell_text(column_sql)} IS NOT NULL AND {self.sql(column_sql)} IS NULL)"


def detect_numbers(bench: Workbench, table: str, column: str, *, decimal: str | None = None) -> NumberConvention:
    """How the quantities of a column are written, from all its values."""
    name = quote(column)
    amounts = detect_amounts(bench, table, column, decimal=decimal)
    units = False
    if amounts.unreadable:
        units = bool(bench.rows(f"SELECT count(*) FILTER (WHERE regexp_matches({cell_text(name)}, {literal(_UNITS)})) FROM {quote(table)}")[0][0])
        # What remains once the unit is gone was not seen by the detection of amounts, so it is read by the full pattern.
        amounts = replace(amounts, plain=False) if units else amounts
    convention = NumberConvention(amounts=amounts, units=units)
    rows, unreadable, outside = bench.rows(
        f"SELECT count({cell_text(name)}), count(*) FILTER (WHERE {convention.bad(name)}), count(*) FILTER (WHERE {convention.out_of_range(name)}) FROM {quote(table)}"
    )[0]
    parts = [amounts.explanation.split("; ")[0]]
    if units:
        parts.append("units of count (pcs, 件) are ignored")
    if unreadable:
        parts.append(f"{many(unreadable)} cannot be read")
    if outside:
        parts.append(f"{many(outside)} beyond {LARGEST_QUANTITY:,}")
    return replace(convention, rows=int(rows), unreadable=int(unreadable), outside=int(outside), explanation="; ".join(parts))


def detect_percents(bench: Workbench, table: str, column: str) -> PercentConvention:
    """How the shares of a column are written: with a percent sign, as 0..100 or as 0..1."""
    name, source = quote(column), quote(table)
    amounts = AmountConvention(decimal="," if _comma(bench, source, name) else ".")
    first = PercentConvention(amounts=amounts, divisor=1)
    bare = f"CASE WHEN NOT ends_with({_percent(name)}, '%') THEN {first.sql(name)} END"
    rows, signed, largest, unreadable = bench.rows(
        f"SELECT count({cell_text(name)}), count(*) FILTER (WHERE ends_with({_percent(name)}, '%')), max(abs({bare})), count(*) FILTER (WHERE {first.bad(name)}) FROM {source}"
    )[0]
    divisor = 100 if largest is not None and largest > 1 else 1
    how = "with a percent sign" if signed == rows and rows else ("as 0 to 100" if divisor == 100 else "as fractions of 1")
    return PercentConvention(
        amounts=amounts, divisor=divisor, rows=int(rows), unreadable=int(unreadable), explanation=f"shares written {how} in {many(rows)}"
    )


def _percent(column_sql: str) -> str:
    return f"replace({cell_text(column_sql)}, '％', '%')"


def _comma(bench: Workbench, source: str, name: str) -> bool:
    points, commas = bench.rows(
        f"SELECT count(*) FILTER (WHERE contains({cell_text(name)}, '.')), count(*) FILTER (WHERE contains({cell_text(name)}, ',')) FROM {source}"
    )[0]
    return int(commas) > int(points)
