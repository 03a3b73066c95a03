"""The archive of loads: what went into the warehouse, as Parquet in pseudonyms, so that the warehouse can be rebuilt from it.

    home/imports/<shop>/<load_id>/orders.parquet ... changes.json

A load is written into `<load_id>.part`, forced to disk, and renamed: a folder without the ending is whole.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from regulars.errors import InvalidInput, StorageFull
from regulars.guard.privacy import ARCHIVES, Change
from regulars.values.answers import to_json
from regulars.warehouse.workbench import Workbench, literal

_UNFINISHED = ".part"
_CHANGES = "changes.json"
_FACTS = "load.json"
_REWRITING = "rewriting"
#: By how their files begin; the longer names first.
_TABLES = ("product_snapshots", "market_prices", "order_lines", "customers", "products", "ad_costs", "reviews", "refunds", "orders")


class Archive:
    """The archived files of one load."""

    def __init__(self, home: Path, shop_id: str, load_id: str) -> None:
        self.folder = home / "imports" / shop_id / load_id
        self._unfinished = self.folder.with_name(self.folder.name + _UNFINISHED)

    def begin(self) -> None:
        """An empty folder to write into."""
        try:
            shutil.rmtree(self._unfinished, ignore_errors=True)
            self._unfinished.mkdir(parents=True)
        except PermissionError:
            raise InvalidInput(
                f"{self._unfinished.parent} may not be written",
                mend="give this user write access to the data folder",
                code="no_permission",
            ) from None
        except OSError as error:
            raise StorageFull(f"the archive cannot be written ({error.strerror})", mend="free some space and try again") from None

    def write(self, bench: Workbench, table: str, select: str, suffix: str = "") -> int:
        """Write a query's rows as Parquet; returns how many."""
        path = self._unfinished / f"{table}{suffix}.parquet"
        bench.execute(f"COPY ({select}) TO {literal(str(path))} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)")
        return int(bench.rows(f"SELECT coalesce(sum(num_rows), 0) FROM parquet_file_metadata({literal(str(path))})")[0][0])

    def finish(self, facts: Mapping[str, Any]) -> None:
        """Force everything to disk and give the folder its final name."""
        try:
            _seal(self._unfinished, facts)
            shutil.rmtree(self.folder, ignore_errors=True)
            self._unfinished.rename(self.folder)
            _sync(self.folder.parent)
        except OSError as error:
            raise StorageFull(f"the archive cannot be written ({error.strerror})", mend="free some space and try again") from None

    def files(self, table: str) -> list[Path]:
        """The Parquet file of a table, if the load has rows for it."""
        first = self.folder / f"{table}.parquet"
        return [first] if first.is_file() else []

    def customer_ids(self, shop_id: str) -> list[str]:
        """Every customer of a shop that the load names."""
        found: set[str] = set()
        for path in self.folder.glob("*.parquet"):
            if {"customer_id", "shop_id"} <= set(pq.read_schema(path).names):
                rows = pq.read_table(path, columns=["customer_id", "shop_id"])
                mine = rows.filter(pc.equal(rows.column("shop_id"), shop_id)).column("customer_id")
                found.update(one for one in pc.unique(mine).to_pylist() if one is not None)
        return sorted(found)

    def rename(self, change: Change) -> int:
        """Let a change go through this load."""
        return rewrite_load(self.folder, json.loads((self.folder / _FACTS).read_text(encoding="utf-8")), change)

    @property
    def shop_ids(self) -> list[str]:
        """The shops whose rows are in it."""
        facts = json.loads((self.folder / _FACTS).read_text(encoding="utf-8"))
        return [str(shop_id) for shop_id in facts["shop_ids"]]

    def note_changes(self, changes: Mapping[str, Any]) -> None:
        """Keep what the warehouse commit is about to change, for a restart that finds only the commit.

        Files that uniting with stored orders has rewritten are sealed anew.
        """
        _seal(self.folder, json.loads((self.folder / _FACTS).read_text(encoding="utf-8")))
        path = self.folder / _CHANGES
        draft = path.with_suffix(".new")
        draft.write_text(json.dumps(to_json(dict(changes))), encoding="utf-8")
        _sync(draft)
        draft.rename(path)
        _sync(self.folder)

    def changes(self) -> dict[str, Any]:
        """What the warehouse commit changed; empty when nothing was noted."""
        try:
            found: dict[str, Any] = json.loads((self.folder / _CHANGES).read_text(encoding="utf-8"))
            return found
        except (OSError, ValueError):
            return {}

    def exists(self) -> bool:
        """Whether the archive is whole: every file it was finished with is there, in its length."""
        try:
            sizes: dict[str, int] = json.loads((self.folder / _FACTS).read_text(encoding="utf-8")).get("sizes", {})
            return all((self.folder / name).stat().st_size == size for name, size in sizes.items())
        except (OSError, ValueError):
            return False

    def remove(self) -> None:
        """Take the archive away."""
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.rmtree(self._unfinished, ignore_errors=True)


def rewrite(home: Path, shop_id: str, change: Change) -> int:
    """Let a change of archived rows go through every load that holds rows of a shop; returns how many rows changed.

    A load that is being rewritten bears a mark, so that one cut off in the middle is sealed at the next time.
    """
    changed = 0
    for folder in sorted(path.parent for path in (home / "imports").glob(f"*/*/{_FACTS}")):
        if folder.name.endswith(_UNFINISHED):
            continue
        facts = json.loads((folder / _FACTS).read_text(encoding="utf-8"))
        if shop_id not in facts.get("shop_ids", []):
            continue
        changed += rewrite_load(folder, facts, change)
    return changed


def rewrite_load(folder: Path, facts: Mapping[str, Any], change: Change) -> int:
    """The same for one load."""
    mark = folder / _REWRITING
    files = [
        (next((name for name in _TABLES if path.stem.startswith(name)), ""), path) for path in sorted(folder.glob("*.parquet"))
    ]
    concerned = [(table, path) for table, path in files if table and change.concerns(table, path)]
    if not concerned and not mark.exists():
        return 0
    mark.touch()
    _sync(folder)
    changed = sum(change.rewrite(table, path) for table, path in concerned)
    _seal(folder, facts)
    mark.unlink()
    return changed


def left_over(home: Path) -> Iterator[Path]:
    """Folders of loads that were cut off while writing."""
    root = home / "imports"
    if root.is_dir():
        yield from root.glob(f"*/*{_UNFINISHED}")


def _seal(folder: Path, facts: Mapping[str, Any]) -> None:
    """Note the length of every file and force all to disk."""
    sizes = {file.name: file.stat().st_size for file in sorted(folder.glob("*.parquet"))}
    draft = folder / (_FACTS + ".new")
    draft.write_text(json.dumps(to_json({**facts, "sizes": sizes}), ensure_ascii=False, indent=1), encoding="utf-8")
    draft.replace(folder / _FACTS)
    for file in sorted(folder.iterdir()):
        _sync(file)
    _sync(folder)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


ARCHIVES.append(rewrite)
