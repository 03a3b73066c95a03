"""Quantities and percentages: numbers without a currency."""

from __future__ import annotations

from dataclasses import dataclass, replace

from regulars.collect.imports.parsing.amounts import AmountConvention, detect_amounts
from regulars.collect.imports.parsing.evidence import column_type, count_where, many
from regulars.collect.imports.parsing.missing import text_sql
from regulars.warehouse.workbench import Workbench, literal, quote

#: From this size on a quantity is taken for a slip.
LARGEST_QUANTITY = 10**9

_COUNTED = r"pcs?\.?|pieces?|units?|items?|stk\.?|st\.|件|个|個|只|支|盒|套|瓶|双|台|本|张|包|份|箱|袋"
_UNITS = rf"(?i)^[x×]? *([-+]?[0-9].*?) *(?:{_COUNTED})$|^[x×] *([0-9].*)$"


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberConvention:
    """How to read the quantities of one column: at most three decimals, below 1e9 in size.

    `units`: some values carry a unit of count (`2 pcs`, `2件`, `x2`), which is ignored.
    `short`: every value fits, so nothing need be checked.
    """

    amounts: AmountConvention
    units: bool = False
    short: bool = False
    rows: int = 0
    unreadable: int = 0
    outside: int = 0
    explanation: str = ""

    def sql(self, column_sql: str) -> str:
        """DECIMAL(18,3), or NULL where missing, unreadable or out of range."""
        if self.short:
            return f"TRY_CAST({self._number(column_sql)} AS DECIMAL(18,3))"
        exact = self._exact(column_sql)
        short = f"CAST({exact} AS DECIMAL(18,3))"
        return f"CASE WHEN abs({exact}) < {LARGEST_QUANTITY} AND {exact} = {short} THEN {short} END"

    def bad(self, column_sql: str) -> str:
        """True where something stands there that is no number, or has more than three decimals."""
        if not self.unreadable:
            return "false"
        exact = self._exact(column_sql)
        return (
            f"CASE WHEN {exact} IS NOT NULL THEN {exact} <> TRY_CAST({exact} AS DECIMAL(18,3))"
            f" ELSE {self._size(column_sql)} IS NULL AND {text_sql(column_sql)} IS NOT NULL END"
        )

    def out_of_range(self, column_sql: str) -> str:
        """True where a number is read but is 1e9 or more in size."""
        return f"coalesce(abs({self._size(column_sql)}) >= {LARGEST_QUANTITY}, false)" if self.outside else "false"

    def _number(self, column_sql: str) -> str:
        if self.units:
            column_sql = f"regexp_replace(CAST({text_sql(column_sql)} AS VARCHAR), {literal(_UNITS)}, '\\1\\2')"
        return self.amounts.number(column_sql)

    def _exact(self, column_sql: str) -> str:
        return f"TRY_CAST({self._number(column_sql)} AS DECIMAL(18,8))"

    def _size(self, column_sql: str) -> str:
        return f"TRY_CAST({self._number(column_sql)} AS DOUBLE)"


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
        bare = f"rtrim({_percent(column_sql)}, '% ')"
        number = f"TRY_CAST({self.amounts.number(bare)} AS DECIMAL(18,8))"
        return f"TRY_CAST({number} / CASE WHEN {signed} THEN 100 ELSE {self.divisor} END AS DECIMAL(18,6))"

    def bad(self, column_sql: str) -> str:
        """True where something stands there that is no share."""
        return f"({text_sql(column_sql)} IS NOT NULL AND {self.sql(column_sql)} IS NULL)"


def detect_numbers(bench: Workbench, table: str, column: str, *, decimal: str | None = None) -> NumberConvention:
    """How the quantities of a column are written, from all its values."""
    name = quote(column)
    amounts = detect_amounts(bench, table, column, decimal=decimal)
    units = bool(amounts.unreadable) and bool(count_where(bench, table, f"regexp_matches({text_sql(name)}, {literal(_UNITS)})"))
    if units:  # what remains once the unit is gone was not seen by the detection of amounts, so it is read by the full pattern
        amounts = replace(amounts, plain=False, steps=AmountConvention().steps)
    kind = column_type(bench, table, column)
    whole = kind.endswith(("INT", "INTEGER")) and kind not in ("HUGEINT", "UHUGEINT")
    short = (
        not units
        and not amounts.unreadable
        and ((amounts.decimals <= 3 and amounts.whole_digits <= 9) or (whole and not amounts.outside))
    )
    draft = NumberConvention(amounts=amounts, units=units, short=short, unreadable=1, outside=1)
    known = short and not whole
    unreadable = 0 if known or whole else count_where(bench, table, draft.bad(name))
    outside = 0 if known else count_where(bench, table, draft.out_of_range(name))
    parts = [amounts.explanation.split("; ")[0]]
    if units:
        parts.append("units of count (pcs, 件) are ignored")
    if unreadable:
        parts.append(f"{many(unreadable)} cannot be read")
    if outside:
        parts.append(f"{many(outside)} of {LARGEST_QUANTITY:,} or more")
    return replace(
        draft, short=short and not outside, rows=amounts.rows, unreadable=unreadable, outside=outside, explanation="; ".join(parts)
    )


def detect_percents(bench: Workbench, table: str, column: str) -> PercentConvention:
    """How the shares of a column are written: with a percent sign, as 0..100 or as 0..1."""
    name, source = quote(column), quote(table)
    points, commas = bench.rows(
        f"SELECT count(*) FILTER (WHERE contains({text_sql(name)}, '.')), count(*) FILTER (WHERE contains({text_sql(name)}, ','))"
        f" FROM {source}"
    )[0]
    amounts = AmountConvention(decimal="," if commas > points else ".")
    first = PercentConvention(amounts=amounts, divisor=1)
    bare = f"CASE WHEN NOT ends_with({_percent(name)}, '%') THEN {first.sql(name)} END"
    rows, signed, largest, unreadable = bench.rows(
        f"SELECT count({text_sql(name)}), count(*) FILTER (WHERE ends_with({_percent(name)}, '%')), max(abs({bare})),"
        f" count(*) FILTER (WHERE {first.bad(name)}) FROM {source}"
    )[0]
    divisor = 100 if largest is not None and largest > 1 else 1
    how = "with a percent sign" if signed == rows and rows else ("as 0 to 100" if divisor == 100 else "as fractions of 1")
    return PercentConvention(
        amounts=amounts,
        divisor=divisor,
        rows=int(rows),
        unreadable=int(unreadable),
        explanation=f"shares written {how} in {many(rows)}",
    )


def _percent(column_sql: str) -> str:
    return f"replace({text_sql(column_sql)}, '％', '%')"
