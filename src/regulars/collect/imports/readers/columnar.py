"""Reading Parquet: types stay as they are, the file's own row numbers count."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from regulars.collect.imports.readers import tables
from regulars.collect.imports.readers.description import Compression, FileDescription, RawTable, ReadOptions
from regulars.collect.imports.readers.naming import column_names
from regulars.collect.imports.readers.opening import damaged
from regulars.collect.imports.readers.watching import Meter, run_watched
from regulars.errors import RegularsError
from regulars.warehouse.workbench import Workbench, literal, quote

#: Below this size rows are kept uncompressed in memory, above it in the bench's file.
_IN_MEMORY_BYTES = 32 << 20


def describe_parquet(
    path: Path, plain: Path, compression: Compression, member: str | None, overrides: ReadOptions
) -> FileDescription:
    """What a Parquet file is, by its footer and first rows."""
    try:
        with pq.ParquetFile(plain) as file:
            schema = file.schema_arrow
            rows = file.metadata.num_rows
            first = next(file.iter_batches(batch_size=20), None) if rows else None
            sample = (
                tuple(zip(*[[_text(v) for v in column.to_pylist()] for column in first.columns], strict=True))
                if first is not None
                else ()
            )
    except (pa.ArrowException, OSError, ValueError) as error:
        raise damaged(path.name, error) from None
    source = overrides.columns or tuple(schema.names)
    names, notices = column_names(source, len(schema.names), overrides.limits)
    return FileDescription(
        path=path,
        format="parquet",
        compression=compression,
        size_bytes=path.stat().st_size,
        member=member,
        columns=names,
        source_columns=tuple(schema.names),
        types={name: str(field.type) for name, field in zip(names, schema, strict=True)},
        sample=sample,
        rows=rows,
        notices=tuple(notices),
    )


def read_parquet(plain: Path, description: FileDescription, bench: Workbench, name: str, meter: Meter) -> RawTable:
    """Read a Parquet file into `name`; `name_bad` stays empty."""
    tables.forget(bench, name)
    file = literal(str(plain))
    stored = [str(row[0]) for row in bench.rows(f"DESCRIBE SELECT * FROM read_parquet({file})")] if description.columns else []
    kind = "TEMP TABLE" if plain.stat().st_size < _IN_MEMORY_BYTES else "TABLE"
    chosen = ", ".join(f"{quote(column)} AS c{i}" for i, column in enumerate(stored, start=1))
    try:
        run_watched(
            bench,
            f"CREATE {kind} {quote(name + '__rows')} AS"
            f" SELECT file_row_number + 1 AS row_no, {chosen} FROM read_parquet({file}, file_row_number = true)",
            meter,
        )
    except RegularsError:
        raise
    except Exception as error:
        raise damaged(description.path.name, error) from None
    tables.expose(bench, name, "row_no", [f"c{i}" for i in range(1, len(stored) + 1)], description.columns)
    tables.bad_table(bench, name)
    rows = tables.count(bench, name)
    if rows != description.rows:
        raise damaged(description.path.name, ValueError(f"{rows} rows instead of {description.rows}"))
    types = tables.types_of(bench, name)
    final = replace(description, types=types)
    return RawTable(
        name=name,
        bad_name=f"{name}_bad",
        columns=description.columns,
        types=types,
        rows=rows,
        bad_rows=0,
        description=final,
        notices=description.notices,
    )


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
