"""The file of several parts: their rows one after the other, in the order of the parts, a bounded number of them in memory."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from regulars.collect.track import archive
from regulars.errors import StorageFull, Unavailable
from regulars.guard import privacy


def files_between(home: Path, shop_id: str, first: str, last: str) -> list[archive.Part]:
    """The files of a shop that hold the parts from `first` to `last`, in order; one that begins before or ends behind is none of them."""
    found = [part for part in archive.listed(home, shop_id) if first <= part.part_id <= last]
    return [part for part in archive.in_force(found) if part.last_part <= last]


def is_merged(home: Path, shop_id: str, first: str, last: str) -> bool:
    """Whether a shop's parts from `first` to `last` are in one file already, under the name of the first."""
    path = archive.path_of(home, shop_id, first)
    return path.is_file() and archive.last_part_of(path) == last


def draft(home: Path, shop_id: str, first: str, last: str) -> Path | None:
    """Write what the parts from `first` to `last` of a shop become, beside them; None where there are none, or it is there already.

    Only who holds the archive may do so.

    Raises
    ------
    StorageFull : there is no room. Unavailable : a part cannot be read. Nothing is left behind.
    """
    if is_merged(home, shop_id, first, last):
        return None
    sources = files_between(home, shop_id, first, last)
    if not sources:
        return None
    path = archive.path_of(home, shop_id, first).with_suffix(privacy.MERGING)
    try:
        _write(path, [source.path for source in sources], last)
    except (OSError, pa.ArrowException) as fault:
        path.unlink(missing_ok=True)
        if isinstance(fault, OSError) and fault.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull(
                "the disk of the events archive is full", mend="free some space; small files wait until then"
            ) from None
        raise Unavailable(
            f"parts of the events archive of shop {shop_id} from {first} on cannot be merged",
            mend="run `regulars doctor`: it names the file that is damaged",
            code="archive_damaged",
        ) from fault
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def place(drafts: Sequence[Path]) -> None:
    """Put drafts in the place of the first parts. The other parts' files stay for now: who copies the folder misses nothing."""
    for path in drafts:
        path.replace(path.with_suffix(archive.SUFFIX))
        archive.force(path.parent)


def _write(path: Path, sources: Sequence[Path], last: str) -> None:
    schema = pq.read_schema(sources[0])
    marked = schema.with_metadata({**(schema.metadata or {}), archive.LAST_PART: last.encode()})
    rows = 0
    with path.open("wb") as file:
        with pq.ParquetWriter(file, marked, **archive.form_of(marked)) as writer:
            for table in archive.blocks(sources):
                writer.write_table(table.replace_schema_metadata(marked.metadata), row_group_size=table.num_rows)
                rows += table.num_rows
        file.flush()
        os.fsync(file.fileno())
    if rows != sum(pq.read_metadata(source).num_rows for source in sources) or rows != pq.read_metadata(path).num_rows:
        raise pa.ArrowInvalid("rows are missing")
