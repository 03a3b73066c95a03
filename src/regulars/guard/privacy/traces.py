"""Archived files rewritten without somebody, or without what is too old: one file at a time, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from regulars.guard.privacy.archive_files import MERGING, held, put, row_groups

#: Columns that hold the id of a customer or visitor.
ID_COLUMNS = ("customer_id", "named_as", "user_id", "anonymous_id")
#: Columns of the warehouse that say something about a person beside the pseudonym, and what is left of them.
ABOUT_A_PERSON: dict[str, dict[str, str | int | bool | None]] = {
    "customers": {"city": None, "gender": None, "birth_year": None, "tags": None},
    "events": {
        "properties": "{}",
        "session_id": None,
        "query": None,
        "url": None,
        "title": None,
        "referrer": None,
        "click_id": None,
        "locale": None,
        "region": None,
    },
}


class Change(Protocol):
    """A change of archived rows: which files it concerns, and how one is rewritten."""

    def concerns(self, table: str, path: Path) -> bool:
        """Whether the file holds anything that changes."""

    def rewrite(self, table: str, path: Path) -> int:
        """Put the changed file in the place of the old one; returns how many rows changed."""


#: What rooms archive beside the events: fn(home, shop_id, change) -> rows changed. Each goes through its files, and seals them anew.
ARCHIVES: list[Callable[[Path, str, Change], int]] = []


class Renaming:
    """Erased customers get the pseudonyms of nobody, and what was known about them is emptied."""

    def __init__(self, shop_id: str, successors: Mapping[str, str]) -> None:
        self._shop_id = shop_id
        self._successors = dict(successors)
        self._old = pa.array(list(self._successors), pa.string())

    def concerns(self, table: str, path: Path) -> bool:
        """Whether an erased id is in any of the id columns; only those are read."""
        file = pq.ParquetFile(path)
        columns = [name for name in ID_COLUMNS if name in file.schema_arrow.names]
        if not columns:
            return False
        read = file.read(columns=[*columns, *(["shop_id"] if "shop_id" in file.schema_arrow.names else [])])
        return any(pc.any(self._hit(read, name)).as_py() for name in columns)

    def _hit(self, rows: pa.Table, name: str) -> pa.ChunkedArray:
        """Where the id column holds an erased id of this shop."""
        hit = pc.fill_null(pc.is_in(rows.column(name), self._old), False)
        return pc.and_(hit, pc.equal(rows.column("shop_id"), self._shop_id)) if "shop_id" in rows.column_names else hit

    def rewrite(self, table: str, path: Path) -> int:
        """Rename and empty."""
        changed = 0

        def renamed() -> Iterator[pa.Table]:
            nonlocal changed
            for group in row_groups(path):
                rows, count = self._renamed(table, group)
                changed += count
                yield rows

        put(path, renamed())
        return changed

    def _renamed(self, table: str, rows: pa.Table) -> tuple[pa.Table, int]:
        about = ABOUT_A_PERSON.get(table, {})
        changed = 0
        for name in ID_COLUMNS:
            if name not in rows.column_names:
                continue
            column, hit = rows.column(name), self._hit(rows, name)
            count = pc.sum(hit).as_py() or 0
            if not count:
                continue
            if name == "customer_id":
                changed = count
                for other, value in about.items():
                    if other in rows.column_names:
                        kind = rows.schema.field(other).type
                        rows = _replaced(rows, other, pc.if_else(hit, pa.scalar(value, kind), rows.column(other)))
            pairs = zip(column.cast(pa.string()).to_pylist(), hit.to_pylist(), strict=True)
            renamed = pa.array([self._successors[one] if is_hit else one for one, is_hit in pairs], pa.string())
            rows = _replaced(rows, name, renamed.cast(rows.schema.field(name).type))
        return rows, changed


class Expiry:
    """Rows that are older than their table may be kept are left out."""

    def __init__(self, shop_id: str, cutoffs: Mapping[str, tuple[str, datetime]]) -> None:
        self._shop_id = shop_id
        self._cutoffs = dict(cutoffs)

    def concerns(self, table: str, path: Path) -> bool:
        """Whether any row is too old; only the time is read."""
        return bool(self._old(table, path)[1])

    def rewrite(self, table: str, path: Path) -> int:
        """Leave the old rows out; a file may stay empty."""
        keep, old = self._old(table, path)
        assert keep is not None

        def kept() -> Iterator[pa.Table]:
            begin = 0
            for rows in row_groups(path):
                yield rows.filter(keep.slice(begin, rows.num_rows))
                begin += rows.num_rows

        put(path, kept())
        return old

    def _old(self, table: str, path: Path) -> tuple[pa.ChunkedArray | None, int]:
        column, before = self._cutoffs.get(table, ("", datetime.now(UTC)))
        file = pq.ParquetFile(path)
        if column not in file.schema_arrow.names:
            return None, 0
        read = file.read(columns=[column, *(["shop_id"] if "shop_id" in file.schema_arrow.names else [])])
        times = read.column(column).cast(pa.timestamp("us"))
        limit = pa.scalar(before.astimezone(UTC).replace(tzinfo=None), pa.timestamp("us"))
        keep = pc.fill_null(pc.greater_equal(times, limit), True)
        if "shop_id" in read.column_names:
            keep = pc.or_(keep, pc.not_equal(read.column("shop_id"), self._shop_id))
        return keep, len(times) - (pc.sum(keep).as_py() or 0)


def rewrite_archives(home: Path, shop_id: str, change: Change) -> int:
    """Rewrite every archived file of a shop that a change concerns; doing it again changes nothing."""
    return _events(home, shop_id, change) + sum(archive(home, shop_id, change) for archive in ARCHIVES)


def _events(home: Path, shop_id: str, change: Change) -> int:
    """The archived parts of the journal. What a merging that was cut off left half written goes: it may hold rows as they were."""
    folder = home / "events" / shop_id
    changed = 0
    with held(home):
        for draft in folder.glob(f"*{MERGING}"):
            draft.unlink(missing_ok=True)
        for path in sorted(folder.glob("*.parquet")):
            if change.concerns("events", path):
                changed += change.rewrite("events", path)
    return changed


def _replaced(rows: pa.Table, name: str, column: pa.Array | pa.ChunkedArray) -> pa.Table:
    return rows.set_column(rows.column_names.index(name), rows.schema.field(name), column)
