"""Identifiers: order numbers, customer numbers, article codes, as text that joins."""

from __future__ import annotations

from dataclasses import dataclass

from regulars.collect.imports.parsing.evidence import column_type, is_number, many, matches
from regulars.collect.imports.parsing.missing import text_sql
from regulars.warehouse.workbench import Workbench, quote

_SCIENTIFIC = r"[0-9][.,][0-9]+[eE]\+[0-9]{1,3}"
_WHOLE = r"[0-9]+\.0+"


@dataclass(frozen=True, slots=True, kw_only=True)
class IdConvention:
    """How to read the identifiers of one column.

    Attributes
    ----------
    whole_numbers : written as decimals by a program (`17850.0`); the `.0` goes.
    zero_is_missing : `0` stands for nobody.
    scientific : values such as `2.05E+17`, whose digits a spreadsheet has destroyed; they are `bad`.
    """

    whole_numbers: bool = False
    zero_is_missing: bool = False
    scientific: int = 0
    rows: int = 0
    unreadable: int = 0
    explanation: str = ""

    def sql(self, column_sql: str) -> str:
        """VARCHAR without blanks around it, or NULL where missing ("", null, undefined, 0 ...) or destroyed."""
        text = self._text(column_sql)
        if not self.scientific:
            return text
        return f"CASE WHEN {matches(text, _SCIENTIFIC)} THEN NULL ELSE {text} END"

    def bad(self, column_sql: str) -> str:
        """True where the identifier's digits are lost (`2.05E+17`)."""
        if not self.scientific:
            return "false"
        return f"coalesce({matches(self._text(column_sql), _SCIENTIFIC)}, false)"

    def _text(self, column_sql: str) -> str:
        text = text_sql(column_sql)
        if self.whole_numbers:
            text = f"regexp_replace({text}, '^([0-9]+)\\.0+$', '\\1')"
        return f"nullif({text}, '0')" if self.zero_is_missing else text


def detect_ids(bench: Workbench, table: str, column: str) -> IdConvention:
    """How the identifiers of a column are written, from all its values.

    `.0` is taken off where the column holds numbers, or where every value with a point ends so (article codes like `12.50` stay).
    Only what a spreadsheet writes (`2.05E+17`) counts as destroyed; `12E3` can be a code.
    """
    name, source = quote(column), quote(table)
    kind = column_type(bench, table, column)
    text = text_sql(name)
    rows, whole, pointed, scientific, zeros = bench.rows(
        f"SELECT count(id), count(*) FILTER (contains(id, '.') AND {matches('id', _WHOLE)}), count(*) FILTER (contains(id, '.')),"
        f" count(*) FILTER (contains(id, '+') AND {matches('id', _SCIENTIFIC)}), count(*) FILTER (id IN ('0', '0.0'))"
        f" FROM (SELECT {text} AS id FROM {source})"
    )[0]
    numbers = kind in ("DOUBLE", "FLOAT") or kind.startswith("DECIMAL")
    takes_off = bool(whole) and (numbers or whole == pointed - scientific)
    parts = ["numbers" if is_number(kind) else "text"]
    if takes_off:
        parts.append("the .0 of whole numbers is taken off")
    if zeros:
        parts.append(f"{many(zeros)} with 0 count as missing")
    if scientific:
        parts.append(f"{many(scientific)} in scientific notation have lost their digits in a spreadsheet")
    return IdConvention(
        whole_numbers=takes_off,
        zero_is_missing=zeros > 0,
        scientific=int(scientific),
        rows=int(rows - zeros),
        unreadable=int(scientific),
        explanation="; ".join(parts),
    )
