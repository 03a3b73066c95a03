"""The metadata all rooms share, and the outbox: events that were told, waiting for the relay."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, String, Table, Text

from regulars.records.columns import UtcDateTime, shop_column

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

outbox = Table(
    "outbox",
    metadata,
    Column("position", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    shop_column(),
    Column("message_id", String(64), nullable=False, unique=True),
    Column("event", String(64), nullable=False),
    Column("customer_id", String(128)),
    Column("timestamp", UtcDateTime, nullable=False),
    Column("source", String(64), nullable=False),
    Column("schema_version", Integer, nullable=False),
    Column("properties", Text, nullable=False),
    Column("told_at", UtcDateTime, nullable=False),
    Column("relayed_at", UtcDateTime),
    Column("attempts", Integer, nullable=False, default=0),
    Column("retry_at", UtcDateTime),
    Column("last_error", Text),
    Index("ix_outbox_waiting", "relayed_at", "position"),
)
