"""Readers: any file a shop has becomes a table of untouched text in a workbench.

`describe(path)` looks at the first megabyte; `read(path, bench)` makes the table `raw` (and `raw_bad`). Nothing is lost on the way:
every data row is either in the one or in the other. What cannot be read at all is an `InvalidInput` that says how to mend it.
"""

from __future__ import annotations

from regulars.collect.imports.readers.description import FileDescription, Limits, Notice, Progress, RawTable, ReadOptions
from regulars.collect.imports.readers.opening import check_path, explain_os_error
from regulars.collect.imports.readers.reading import describe, read

__all__ = [
    "FileDescription",
    "Limits",
    "Notice",
    "Progress",
    "RawTable",
    "ReadOptions",
    "check_path",
    "describe",
    "explain_os_error",
    "read",
]
