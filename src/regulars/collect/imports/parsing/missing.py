"""What stands in a cell and yet means nothing: blanks, null, N/A, a lone dash."""

from __future__ import annotations

import re

from regulars.warehouse.workbench import literal

#: Lower-case texts that mean "nothing here" in exports of shops, spreadsheets and programs.
MISSING = (
    "",
    "null",
    "none",
    "nil",
    "nan",
    "nat",
    "na",
    "n/a",
    "#n/a",
    "undefined",
    "(null)",
    "<null>",
    "\\n",
    "-",
    "--",
    "—",
    "——",
    "无",
    "空",
)

#: Blanks that exports put around values.
BLANKS = " \t\r\n\u00a0\u3000\u200b\ufeff\u202f\u2009"

_AROUND = f"[{BLANKS}]*"
_NOTHING = f"(?i){_AROUND}(?:{'|'.join(re.escape(word) for word in MISSING)}){_AROUND}"


def text_sql(column_sql: str) -> str:
    """A cell as text without blanks at its ends (also tabs, no-break and full-width blanks); NULL where it means nothing.

    Most cells begin and end with a printable ASCII character and are longer than any such word; only the others pay for more. The
    words are a pattern and not a list, because the engine would look every row up in a list of this length, needed or not.
    """
    cell = f"CAST({column_sql} AS VARCHAR)"
    tidy = f"{cell} BETWEEN '!' AND '~' AND {cell}[-1] BETWEEN '!' AND '~'"
    nothing = f"regexp_full_match({cell}, {literal(_NOTHING)})"
    return (
        f"CASE WHEN {tidy} THEN CASE WHEN strlen({cell}) < 12 AND {nothing} THEN NULL ELSE {cell} END"
        f" WHEN {nothing} THEN NULL ELSE trim({cell}, {literal(BLANKS)}) END"
    )


def missing_sql(column_sql: str) -> str:
    """True where a cell is empty or says that nothing is there."""
    return f"({text_sql(column_sql)} IS NULL)"


def text(cell: str) -> str | None:
    """The same in Python."""
    trimmed = cell.strip(BLANKS)
    return None if trimmed.lower() in MISSING else trimmed
