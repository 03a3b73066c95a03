"""The tables of this room: loads, mappings of columns, and rows that could not be read."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, LargeBinary, String, Table, Text

from regulars.records import Json, UtcDateTime, metadata, shop_column

load = Table(
    "load",
    metadata,
    Column("load_id", String(40), primary_key=True),
    shop_column(),
    Column("kind", String(16), nullable=False),  # orders | customers | products | reviews | events | costs | competition
    Column("status", String(16), nullable=False),  # planned | running | done | undone | failed
    Column("content_key", String(64), nullable=False),  # hash of files, columns and options: the same content is loaded once
    Column("files", Json, nullable=False),  # [{name, sha256, rows}]
    Column("options", Json, nullable=False),
    Column("rows", BigInteger),
    Column("report", Json),  # the LoadReport
    Column("repairs", String(40)),  # the load whose bad rows this one repairs
    Column("repaired_rows", Json, nullable=False),  # their ids
    Column("job_id", String(40)),
    Column("operator", String(128), nullable=False),
    Column("error", Text),
    Column("created_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Index("ix_load_recent", "shop_id", "created_at"),
    Index("ix_load_content", "shop_id", "content_key", "status"),
)

column_mapping = Table(
    "column_mapping",
    metadata,
    shop_column(primary_key=True),
    Column("fingerprint", String(32), primary_key=True),  # of kind and headers
    Column("kind", String(16), nullable=False),
    Column("name", String(200), nullable=False),
    Column("headers", Json, nullable=False),
    Column("fields", Json, nullable=False),  # field -> column
    Column("options", Json, nullable=False),  # timezone, date order, status words ... that belong to the form
    Column("created_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime, nullable=False),
)

bad_row = Table(
    "bad_row",
    metadata,
    Column("bad_row_id", String(64), primary_key=True),  # load, file and row: the same row is listed once
    shop_column(),
    Column("load_id", String(40), nullable=False),
    Column("file", String(400), nullable=False),
    Column("row_no", BigInteger, nullable=False),
    Column("rules", String(400), nullable=False),  # ids of the rules it met, the deciding one first
    Column("sealed", LargeBinary),  # the cells, encrypted: they may hold personal data; null when they are in the quarantine file
    Column("state", String(16), nullable=False),  # open | repaired
    Column("repaired_by", String(40)),  # the load that brought it in
    Column("created_at", UtcDateTime, nullable=False),
    Index("ix_bad_row_load", "load_id", "state", "row_no"),
    Index("ix_bad_row_shop", "shop_id", "state"),
)
