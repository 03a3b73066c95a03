"""Signs that exports put around numbers so that a spreadsheet keeps them as text: `="0012"`, `'0012`, a tab."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from regulars.collect.imports.readers.description import Notice
from regulars.warehouse.workbench import Workbench, quote


@dataclass(frozen=True, slots=True)
class Guard:
    """A kind of guard: how it looks and how it comes off."""

    name: str
    sign: str
    pattern: str  # RE2, the whole cell; group 1 is the value


_GUARDS = (
    Guard("formula", '="..."', r'="([^"]*)"'),
    Guard("apostrophe", "'", r"'([0-9][0-9A-Za-z._/-]*)"),
    Guard("tab", "tab", r"\t*([^\t]*[0-9][^\t]*)\t*"),
)


def suspects(sample: Sequence[Sequence[str | None]], width: int) -> dict[int, Guard]:
    """Columns (0-based) whose first rows carry a guard."""
    found: dict[int, Guard] = {}
    for column in range(width):
        cells = [row[column] for row in sample if row[column]]
        for guard in _GUARDS:
            if sum(_carries(guard, cell or "") for cell in cells) * 2 > len(cells):
                found[column] = guard
                break
    return found


def take_off(
    bench: Workbench, table: str, stored: Sequence[str], names: Sequence[str], candidates: dict[int, Guard]
) -> tuple[dict[int, str], list[Notice]]:
    """Expressions for guarded columns, where most values of the whole column carry the guard, and a notice for each."""
    expressions: dict[int, str] = {}
    notices: list[Notice] = []
    for position, guard in candidates.items():
        column = quote(stored[position])
        matches = f"regexp_full_match({column}, '{_sql(guard.pattern)}')"
        if guard.name == "tab":
            matches = f"(({matches}) AND (starts_with({column}, chr(9)) OR ends_with({column}, chr(9))))"
        filled, guarded = bench.rows(f"SELECT count({column}), count(*) FILTER (WHERE {matches}) FROM {quote(table)}")[0]
        if guarded * 2 <= filled:
            continue
        bare = f"nullif(regexp_extract({column}, '^{_sql(guard.pattern)}$', 1), '')"
        expressions[position] = f"CASE WHEN {matches} THEN {bare} ELSE {column} END"
        notices.append(
            Notice(
                "text_guard",
                f"{guarded} values of '{names[position]}' carry a text guard ({guard.sign}); it was taken off",
                {"column": names[position], "guard": guard.name, "rows": guarded},
            )
        )
    return expressions, notices


def _carries(guard: Guard, cell: str) -> bool:
    match guard.name:
        case "formula":
            return cell.startswith('="') and cell.endswith('"')
        case "apostrophe":
            return cell.startswith("'") and cell[1:2].isdigit()
        case _:
            return cell.startswith("\t") or cell.endswith("\t")


def _sql(pattern: str) -> str:
    return pattern.replace("'", "''")
