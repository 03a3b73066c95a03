"""Which rows lately changed, of tables that somebody keeps a picture of: so that one changed row is no reason to read all again."""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from pathlib import Path

import pyarrow as pa

from regulars.warehouse.specs import TableSpec

Key = tuple[str, ...]
#: A write of more rows than this is told as one of unknown extent.
MOST_ROWS = 10_000
_KEPT_ROWS = 100_000


class Changes:
    """The keys that each of the last writes of a table touched; None stands for a write that does not say."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._log: defaultdict[str, deque[tuple[int, frozenset[Key] | None]]] = defaultdict(deque)
        self._rows: defaultdict[str, int] = defaultdict(int)

    def note(self, table: str, version: int, keys: Iterable[Key] | None) -> None:
        """A write that made this version of the table is committed."""
        with self._lock:
            log = self._log[table]
            if keys is None:
                log.clear()
                self._rows[table] = 0
                return
            log.append((version, frozenset(keys)))
            self._rows[table] += 1 + len(log[-1][1] or ())
            while self._rows[table] > _KEPT_ROWS:
                _, gone = log.popleft()
                self._rows[table] -= 1 + len(gone or ())

    def since(self, table: str, version: int, now: int) -> set[Key] | None:
        """The rows touched after one version until another; None where that is not known any more."""
        with self._lock:
            found = [keys for at, keys in self._log[table] if version < at <= now]
        return set().union(*(keys or () for keys in found)) if len(found) == now - version else None


def keys_of(spec: TableSpec, source: Sequence[Path] | pa.Table) -> set[Key] | None:
    """The keys of rows that are about to be written; None where they are not to be followed, too many, or in files."""
    if not spec.followed or not isinstance(source, pa.Table) or source.num_rows > MOST_ROWS:
        return None
    return set(zip(*(source.column(name).to_pylist() for name in spec.key), strict=True))
