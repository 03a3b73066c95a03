"""Rows that equal an earlier one: found by hash, then compared cell by cell."""

from __future__ import annotations

from regulars.collect.imports.queries.columns import ROW_BITS
from regulars.warehouse.workbench import quote


def repeats(tables: dict[tuple[str, ...], list[tuple[int, str]]], cells: str = "cells", prefix: str = "") -> list[str]:
    """`<prefix>repeats`: rows that equal an earlier one in every column, found by hash, then compared cell by cell.

    Parameters
    ----------
    tables : columns -> the files (number, table) that have exactly these columns.
    cells : relation with `row_id` and `digest`.
    """
    statements = [
        f"CREATE TABLE {prefix}suspects AS SELECT digest FROM {cells} WHERE digest IS NOT NULL GROUP BY digest HAVING count(*) > 1"
    ]
    parts = []
    for columns, files in tables.items():
        listed = ", ".join(quote(column) for column in columns)
        rows = " UNION ALL ".join(
            f"SELECT ({number}::BIGINT << {ROW_BITS}) + row_no AS row_id, {listed} FROM {quote(table)}"
            f" WHERE row_no IN (SELECT row_id & {(1 << ROW_BITS) - 1} FROM {prefix}suspect_rows WHERE row_id >> {ROW_BITS} = {number})"
            for number, table in files
        )
        parts.append(f"SELECT row_id FROM ({rows}) QUALIFY row_number() OVER (PARTITION BY {listed} ORDER BY row_id) > 1")
    statements.append(f"CREATE TABLE {prefix}suspect_rows AS SELECT row_id FROM {cells} SEMI JOIN {prefix}suspects USING (digest)")
    statements.append(f"CREATE TABLE {prefix}repeats AS {' UNION ALL '.join(parts)}")
    return statements


NO_REPEATS = "CREATE TABLE repeats (row_id BIGINT)"
