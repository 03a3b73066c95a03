"""The typed cells of an events file: when, who, what, and the properties a column stands for."""

from __future__ import annotations

from regulars.collect.imports.domain.rules import BIT, QUARANTINED
from regulars.collect.imports.parsing import text_sql
from regulars.collect.imports.queries.cells import instant
from regulars.collect.imports.queries.columns import CellQuery, Reading, flag
from regulars.warehouse.workbench import quote

TEXTS = ("event", "type", "customer_id", "visitor_id", "product_name", "category", "brand", "variant", "currency", "coupon", "list_id", "query", "url", "referrer")  # fmt: skip
IDS = ("message_id", "session_id", "product_id", "order_id")
NUMBERS = ("price", "quantity", "order_total")


def event_cells(reading: Reading) -> CellQuery:
    """The query for the typed cells of one events file; numbers are plain texts of exact decimals."""
    r, query = reading, CellQuery(reading)
    # A row is named by all its cells: the same row again, in this file or another one, is the same message.
    cells = ", ".join(f"coalesce(CAST(f.{quote(column)} AS VARCHAR), '')" for column in r.all_columns)
    query.row("row_hash", f"substr(md5(concat_ws(chr(31), {cells})), 1, 24)")
    query.out["row_hash"] = "row_hash"
    query.row("digest", f"hash({', '.join('f.' + quote(column) for column in r.all_columns)})")
    query.out["digest"] = "digest"
    instant(query, "occurred_at", "instant")
    query.faults.append(flag("date_missing", f"instant IS NULL AND {_empty(query, 'occurred_at')}"))
    for name in TEXTS:
        if r.has(name):
            query.out[name] = query.cell(name, f"{name}_text", text_sql)
    for name in IDS:
        if r.has(name):
            query.out[name] = query.cell(name, f"{name}_word", r.conventions[name].sql)
    for name in NUMBERS:
        if r.has(name):
            convention = r.conventions[name]
            query.out[name] = query.cell(name, f"{name}_number", lambda column, of=convention: f"CAST({of.sql(column)} AS VARCHAR)")  # type: ignore[misc]
            query.bad(name, "price_unreadable" if name == "price" else "count_unreadable")
    what = [query.out[name] for name in ("event", "type") if name in query.out]
    query.faults.append(flag("event_missing", f"coalesce({', '.join(what)}) IS NULL"))
    who = [query.out[name] for name in ("customer_id", "visitor_id") if name in query.out]
    query.faults.append(flag("nobody", f"coalesce({', '.join(who)}) IS NULL"))
    return query


def _empty(query: CellQuery, name: str) -> str:
    return query.cell(name, f"{name}_empty", lambda column: f"{text_sql(column)} IS NULL")


def named(cells: str, into: str, *, numbered: bool, keep: bool) -> str:
    """`into`: cells with the number of their message: its own, else a hash of the row; equal rows that each count are numbered."""
    by_row = "'h_' || row_hash"
    if keep:
        by_row += " || CASE WHEN n > 1 THEN '-' || n ELSE '' END"
        cells = f"(SELECT *, row_number() OVER (PARTITION BY row_hash ORDER BY row_id) AS n FROM {cells})"
    told = f"coalesce(message_id, {by_row})" if numbered else by_row
    return f"CREATE TABLE {into} AS SELECT *{' EXCLUDE (n)' if keep else ''}, {told} AS told_id FROM {cells}"


def event_repeats(prefix: str, cells: str) -> str:
    """Rows whose message was told by an earlier row: by its own number, else by all its cells."""
    return (
        f"CREATE TABLE {prefix}repeats AS SELECT row_id FROM {cells}"
        " QUALIFY row_number() OVER (PARTITION BY told_id ORDER BY row_id) > 1"
    )


def verdicts(cells: str, repeats: str, into: str) -> str:
    """`into`: every row with its verdict."""
    return (
        f"CREATE TABLE {into} AS SELECT c.* EXCLUDE (faults), c.faults AS flags, CASE WHEN c.faults & {QUARANTINED} <> 0"
        f" THEN c.faults & {QUARANTINED} & -(c.faults & {QUARANTINED}) WHEN r.row_id IS NOT NULL THEN {BIT['duplicate_row']} ELSE 0 END AS rule"
        f" FROM {cells} c LEFT JOIN {repeats} r USING (row_id)"
    )
