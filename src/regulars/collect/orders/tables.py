"""The table of this room: what other currencies are worth."""

from __future__ import annotations

from sqlalchemy import Column, String, Table

from regulars.records import UtcDateTime, metadata, shop_column

currency_rate = Table(
    "currency_rate",
    metadata,
    shop_column(primary_key=True),
    Column("currency", String(3), primary_key=True),
    Column("from_on", String(10), primary_key=True),  # a local day of the shop
    Column("rate", String(40), nullable=False),  # an exact decimal
    Column("told_at", UtcDateTime, nullable=False),
    Column("told_by", String(128), nullable=False),
)
