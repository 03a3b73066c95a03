"""Column names as they stand in a file, made unique and fit to be quoted, with a word about each change."""

from __future__ import annotations

import re
from collections.abc import Sequence

from regulars.collect.imports.readers.description import Limits, Notice
from regulars.errors import InvalidInput

#: Our own row number and DuckDB's; a source column of that name gets a number.
_TAKEN = ("row_no", "rowid")
_AROUND = " \t\r\n\u00a0\u3000\u200b\ufeff'`"


def column_names(source: Sequence[str], width: int, limits: Limits) -> tuple[tuple[str, ...], list[Notice]]:
    """Names for `width` columns from the cells of the header (none, fewer or more than that).

    Blanks around names go; an empty name becomes `column_5`; of two equal names (case does not count) the second becomes `name_2`.
    """
    if width > limits.columns:
        raise InvalidInput(
            f"the file has {width} columns, at most {limits.columns} are read",
            mend="check the separator, or export fewer columns",
            code="too_many_columns",
        )
    notices: list[Notice] = []
    taken = set(_TAKEN)
    cleaned = [clean_name(cell) for cell in source[:width]] + [""] * (width - len(source))
    reserved = {name.casefold() for name in cleaned}
    positions: dict[str, list[int]] = {}
    names: list[str] = []
    for position, name in enumerate(cleaned, start=1):
        wanted = name or f"column_{position}"
        if not name and source:
            notices.append(
                Notice(
                    "unnamed_column",
                    f"column {position} has no name in the header; it is called '{wanted}'",
                    {"column": wanted, "position": position},
                )
            )
        unique, number = wanted, 1
        while unique.casefold() in taken or (unique != wanted and unique.casefold() in reserved):
            number += 1
            unique = f"{wanted}_{number}"
        if name:
            positions.setdefault(name.casefold(), []).append(position)
        taken.add(unique.casefold())
        names.append(unique)
    for places in positions.values():
        if len(places) > 1:
            called = [names[p - 1] for p in places]
            notices.append(
                Notice(
                    "duplicate_column",
                    f"{len(places)} columns are named '{cleaned[places[0] - 1]}' (positions {', '.join(map(str, places))});"
                    f" they are called {', '.join(called)}",
                    {"column": cleaned[places[0] - 1], "positions": places, "names": called},
                )
            )
    trimmed = [clean_name(cell) for cell in source if cell != clean_name(cell) and cell.strip(" \t\u3000\u00a0") != cell]
    if trimmed:
        notices.append(Notice("trailing_blanks", f"blanks around {len(trimmed)} column names were ignored", {"columns": trimmed}))
    return tuple(names), notices


def clean_name(cell: str) -> str:
    """A header cell without guards, marks, line breaks and blanks around it."""
    name = re.sub(r'^="(.*)"$', r"\1", cell.strip(_AROUND))
    return re.sub(r"\s+", " ", name.replace("\0", "")).strip(_AROUND)[:200]
