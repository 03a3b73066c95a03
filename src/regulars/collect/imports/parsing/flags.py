"""Yes and no, in the words of exports."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.collect.imports.parsing.evidence import cell_text, many
from regulars.warehouse.workbench import Workbench, literal, quote

_YES = ("true", "t", "yes", "y", "1", "1.0", "on", "x", "✓", "√", "是", "真", "有", "已", "ja", "si", "sí", "oui", "sim")
_NO = ("false", "f", "no", "n", "0", "0.0", "off", "✗", "×", "否", "假", "没有", "未", "nein", "non", "não", "nao")


@dataclass(frozen=True, slots=True, kw_only=True)
class BooleanConvention:
    """How to read a column of yes and no."""

    rows: int = 0
    unreadable: int = 0
    explanation: str = ""

    def sql(self, column_sql: str) -> str:
        """BOOLEAN, or NULL where missing or unreadable."""
        text = f"lower({cell_text(column_sql)})"
        return f"CASE WHEN {text} IN ({_list(_YES)}) THEN true WHEN {text} IN ({_list(_NO)}) THEN false END"

    def bad(self, column_sql: str) -> str:
        """True where something stands there that is neither yes nor no."""
        return f"({cell_text(column_sql)} IS NOT NULL AND {self.sql(column_sql)} IS NULL)"


def detect_booleans(bench: Workbench, table: str, column: str) -> BooleanConvention:
    """How a column says yes and no, from all its values."""
    name = quote(column)
    convention = BooleanConvention()
    rows, yes, unreadable = bench.rows(
        f"SELECT count({cell_text(name)}), count(*) FILTER (WHERE {convention.sql(name)}), count(*) FILTER (WHERE {convention.bad(name)}) FROM {quote(table)}"
    )[0]
    tail = f"; {many(unreadable)} cannot be read" if unreadable else ""
    return BooleanConvention(rows=int(rows), unreadable=int(unreadable), explanation=f"yes in {many(yes)} of {rows:,}{tail}")


def _list(words: tuple[str, ...]) -> str:
    return ", ".join(literal(word) for word in words)
