"""The tables of this room: segments by name, lists of customers people gave or froze, sizes by day, and where changes are sent."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, String, Table, Text

from regulars.records import Json, UtcDateTime, metadata, shop_column

segment = Table(
    "segment",
    metadata,
    shop_column(primary_key=True),
    Column("segment_id", String(64), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("name_zh", String(120), nullable=False, server_default=""),
    Column("description", Text, nullable=False, server_default=""),
    Column("kind", String(16), nullable=False),  # dynamic | frozen | uploaded
    Column("where_tree", Json),  # null: uploaded
    Column("known_only", Boolean, nullable=False),
    Column("library_id", String(64)),  # which ready-made one it began as
    Column("owner_id", String(128), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("evaluated_at", UtcDateTime),  # the moment it was last judged at
    Column("customers", Integer),  # as last evaluated
    Column("told_run", Integer, nullable=False, server_default="0"),  # up to which run entered and left are told
    Column("error", Text),  # why it could not be evaluated
)

segment_listed = Table(
    "segment_listed",
    metadata,
    shop_column(primary_key=True),
    Column("segment_id", String(64), primary_key=True),
    Column("told_as", String(200), primary_key=True),  # the id it was listed under, so that a merge can be taken back
    Column("customer_id", String(200), nullable=False),
    Index("ix_segment_listed_told_as", "shop_id", "told_as"),
    Index("ix_segment_listed_customer", "shop_id", "customer_id"),
    sqlite_with_rowid=False,
)

segment_size = Table(
    "segment_size",
    metadata,
    shop_column(primary_key=True),
    Column("segment_id", String(64), primary_key=True),
    Column("day", String(10), primary_key=True),  # a local day of the shop
    Column("customers", Integer, nullable=False),  # at the last evaluation of the day
    Column("entered", Integer, nullable=False),
    Column("left", Integer, nullable=False),
    Column("redefined", Boolean, nullable=False),  # began that day, or its definition changed
)

segment_hook = Table(
    "segment_hook",
    metadata,
    Column("hook_id", String(40), primary_key=True),
    shop_column(),
    Column("segment_id", String(64), nullable=False),
    Column("url", String(2000), nullable=False),
    Column("secret_sealed", LargeBinary, nullable=False),
    Column("created_by", String(128), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("sent_run", Integer, nullable=False),  # up to which run changes were delivered
    Column("sent_at", UtcDateTime),
    Column("failures", Integer, nullable=False),  # in a row
    Column("error", Text),
    Index("ix_segment_hook_segment", "shop_id", "segment_id"),
)
