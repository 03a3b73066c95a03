"""The two verbs: describe a file by its beginning, and read all of it into a workbench."""

from __future__ import annotations

from pathlib import Path

from regulars.collect.imports.readers.description import FileDescription, Progress, RawTable, ReadOptions, no_progress
from regulars.warehouse.workbench import Workbench


def describe(path: Path, overrides: ReadOptions | None = None) -> FileDescription:
    """What kind of table a file is, judged by its first megabyte.

    Parameters
    ----------
    path : a file of any supported form (CSV and its kin, XLSX, JSON, Parquet; plain, gzip, zstd or the only table in a .zip).
    overrides : what a person says about it.

    Raises
    ------
    InvalidInput : not a table, half a file, empty, a directory, unreadable, or it would unpack beyond the limits.
    NotFound : there is no such file.
    """
    raise NotImplementedError


def read(
    path: Path,
    bench: Workbench,
    description: FileDescription | None = None,
    *,
    name: str = "raw",
    overrides: ReadOptions | None = None,
    progress: Progress = no_progress,
) -> RawTable:
    """Read a whole file into `name` (and `name_bad`) of a workbench, in bounded memory.

    Parameters
    ----------
    path, overrides : as for `describe`.
    bench : where the tables go; temporary files go into its folder. Existing tables of these names are replaced.
    description : from `describe`, to spare a second look.
    progress : called with bytes done and bytes in all, from the calling thread; may raise to stop.

    Returns
    -------
    RawTable : names, columns, counts and notices. The description in it holds what the whole file showed (final encoding).

    Raises
    ------
    InvalidInput, NotFound : as `describe`, and what only shows later in the file (truncated archive, damaged JSON).
    StorageFull : no room for the scratch files.
    """
    raise NotImplementedError
