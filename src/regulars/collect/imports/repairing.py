"""Bad rows handed out as CSV that starts no formula, and taken back repaired."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from regulars.collect.imports.quarantine import BadRow
from regulars.errors import InvalidInput, NotFound

#: Columns put before the file's own in a download; ignored when it comes back.
REASON_COLUMNS = ("regulars_file", "regulars_row", "regulars_reason")


def to_csv(rows: Iterable[BadRow]) -> str:
    """Bad rows as CSV with a reason column: to be edited and loaded again. Cells that a spreadsheet would take for a formula are guarded.

    A guarded cell starts with an apostrophe, which the reader takes off again.
    """
    rows = list(rows)
    columns = list(dict.fromkeys(column for row in rows for column in row.cells))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*REASON_COLUMNS, *columns])
    for row in rows:
        reason = "; ".join([row.says, *row.reasons[1:]])
        writer.writerow(
            [_safe(cell) for cell in (row.file, str(row.row), reason, *(row.cells.get(column) or "" for column in columns))]
        )
    return "\ufeff" + out.getvalue()


def _safe(cell: str) -> str:
    return "'" + cell if cell[:1] in ("=", "+", "-", "@", "\t", "\r") and not _is_number(cell) else cell


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def edits_from(path: Path, waiting: Sequence[BadRow]) -> dict[str, dict[str, str | None]]:
    """The edits in a downloaded CSV of bad rows: every row that comes back, with its cells as they stand there now.

    Raises
    ------
    InvalidInput : the columns that name the rows are gone, or a row is not one that waits.
    """
    known = {(row.file, str(row.row)): row for row in waiting}
    edits: dict[str, dict[str, str | None]] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if not set(REASON_COLUMNS[:2]) <= set(reader.fieldnames or ()):
            raise InvalidInput(
                f"{path.name} lacks the columns {' and '.join(REASON_COLUMNS[:2])}",
                mend="download the bad rows again and keep these columns",
                code="not_bad_rows",
            )
        for cells in reader:
            row = known.get((_unguarded(cells[REASON_COLUMNS[0]]), cells[REASON_COLUMNS[1]]))
            if row is None:
                raise InvalidInput(
                    f"row {cells[REASON_COLUMNS[1]]} of {cells[REASON_COLUMNS[0]]} does not wait for repair",
                    mend="download the bad rows again",
                    code="no_such_bad_row",
                )
            edits[row.bad_row_id] = {
                column: _unguarded(value or "") or None
                for column, value in cells.items()
                if column and column not in REASON_COLUMNS
            }
    return edits


def _unguarded(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and cell[1:2] in ("=", "+", "-", "@", "\t", "\r") else cell


def repaired_csv(rows: Sequence[BadRow], edits: Mapping[str, Mapping[str, str | None]], folder: Path) -> tuple[Path, list[str]]:
    """A file of repaired rows, ready to be loaded: the bad rows with edits put over their cells.

    Raises
    ------
    NotFound : an edit names a row that is not open.
    InvalidInput : an edit names a column the row does not have.
    """
    known = {row.bad_row_id: row for row in rows}
    chosen = []
    for row_id, cells in edits.items():
        row = known.get(row_id)
        if row is None:
            raise NotFound(
                f"there is no open bad row '{row_id}' in this load",
                mend="list the bad rows of the load again",
                code="no_such_bad_row",
            )
        if row.reasons[0] != "broken_row":
            unknown = [column for column in cells if column not in row.cells and cells[column]]
            if unknown:
                raise InvalidInput(
                    f"the row has no column '{unknown[0]}'", mend=f"its columns are {', '.join(row.cells)}", code="unknown_column"
                )
            chosen.append((row_id, row.file, {**row.cells, **{column: cells[column] for column in cells if column in row.cells}}))
        else:
            chosen.append((row_id, row.file, dict(cells)))
    columns = list(dict.fromkeys(column for _, _, cells in chosen for column in cells))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "repaired.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows([cells.get(column) or "" for column in columns] for _, _, cells in chosen)
    return path, [row_id for row_id, _, _ in chosen]
