"""What each subscription has handled."""

from __future__ import annotations

from sqlalchemy import Column, String, Table

from regulars.records import UtcDateTime, metadata, shop_column

handled = Table(
    "handled",
    metadata,
    Column("subscription", String(64), primary_key=True),
    Column("message_id", String(64), primary_key=True),
    shop_column(),
    Column("handled_at", UtcDateTime, nullable=False),
)
