"""Yes and no, in the words of exports."""

from __future__ import annotations

import re
from dataclasses import dataclass

from regulars.collect.imports.parsing.evidence import many, matches
from regulars.collect.imports.parsing.missing import text_sql
from regulars.warehouse.workbench import Workbench, quote

_YES = (
    "true",
    "t",
    "yes",
    "y",
    "1",
    "1.0",
    "on",
    "x",
    "✓",
    "√",
    "是",
    "真",
    "有",
    "已",
    "有货",
    "现货",
    "在售",
    "in stock",
    "instock",
    "available",
    "ja",
    "si",
    "sí",
    "oui",
    "sim",
)
_NO = (
    "false",
    "f",
    "no",
    "n",
    "0",
    "0.0",
    "off",
    "✗",
    "×",
    "否",
    "假",
    "没有",
    "未",
    "缺货",
    "无货",
    "售罄",
    "下架",
    "out of stock",
    "outofstock",
    "sold out",
    "unavailable",
    "nein",
    "non",
    "não",
    "nao",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BooleanConvention:
    """How to read a column of yes and no."""

    rows: int = 0
    unreadable: int = 0
    explanation: str = ""

    def sql(self, column_sql: str) -> str:
        """BOOLEAN, or NULL where missing or unreadable."""
        text = text_sql(column_sql)
        return f"CASE WHEN {matches(text, _one_of(_YES))} THEN true WHEN {matches(text, _one_of(_NO))} THEN false END"

    def bad(self, column_sql: str) -> str:
        """True where something stands there that is neither yes nor no."""
        return f"({text_sql(column_sql)} IS NOT NULL AND {self.sql(column_sql)} IS NULL)"


def detect_booleans(bench: Workbench, table: str, column: str) -> BooleanConvention:
    """How a column says yes and no, from all its values."""
    name = quote(column)
    convention = BooleanConvention()
    rows, yes, unreadable = bench.rows(
        f"SELECT count({text_sql(name)}), count(*) FILTER (WHERE {convention.sql(name)}),"
        f" count(*) FILTER (WHERE {convention.bad(name)}) FROM {quote(table)}"
    )[0]
    tail = f"; {many(unreadable)} cannot be read" if unreadable else ""
    return BooleanConvention(rows=int(rows), unreadable=int(unreadable), explanation=f"yes in {many(yes)} of {rows:,}{tail}")


def _one_of(words: tuple[str, ...]) -> str:
    return f"(?i)(?:{'|'.join(re.escape(word) for word in words)})"
