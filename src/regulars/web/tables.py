"""The table of this floor: Idempotency-Keys and the answers given under them."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text

from regulars.access.domain import EVERY_SHOP
from regulars.records import UtcDateTime, metadata, shop_column

idempotency_key = Table(
    "idempotency_key",
    metadata,
    Column("key_hash", String(64), primary_key=True),  # of caller, key, method and path
    shop_column(server_default=EVERY_SHOP),
    Column("request_hash", String(64), nullable=False),  # of query and body
    Column("status", Integer),
    Column("headers", Text),
    Column("body", Text),  # base64
    Column("created_at", UtcDateTime, nullable=False),
    Index("ix_idempotency_key_created_at", "created_at"),
)
