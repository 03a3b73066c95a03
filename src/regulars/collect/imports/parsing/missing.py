"""What stands in a cell and yet means nothing: blanks, null, N/A, a lone dash."""

from __future__ import annotations

from regulars.warehouse.workbench import literal

#: Lower-case texts that mean "nothing here" in exports of shops, spreadsheets and programs.
MISSING = ("", "null", "none", "nil", "nan", "na", "n/a", "#n/a", "undefined", "(null)", "<null>", "\\n", "-", "--", "—", "——", "无", "空")


def text_sql(column_sql: str) -> str:
    """A cell as text without blanks at its ends (also tabs, no-break and full-width blanks); NULL where it means nothing."""
    trimmed = f"trim(CAST({column_sql} AS VARCHAR), {literal(BLANKS)})"
    return f"CASE WHEN lower({trimmed}) IN ({', '.join(literal(word) for word in MISSING)}) THEN NULL ELSE {trimmed} END"


def missing_sql(column_sql: str) -> str:
    """True where a cell is empty or says that nothing is there."""
    return f"({text_sql(column_sql)} IS NULL)"


#: Blanks that exports put around values.
BLANKS = " \t\r\n\u00a0\u3000\u200b\ufeff\u202f\u2009"
