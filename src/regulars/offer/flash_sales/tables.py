"""The tables of this room: flash sales with the counts of their stock, and every reservation."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Index, Integer, String, Table

from regulars.records import UtcDateTime, metadata, shop_column

flash_sale = Table(
    "flash_sale",
    metadata,
    shop_column(primary_key=True),
    Column("sale_id", String(64), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("product_id", String(200), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("price_minor", BigInteger, nullable=False),
    Column("list_price_minor", BigInteger),
    Column("stock", Integer, nullable=False),
    Column("per_customer", Integer),  # null: no limit
    Column("ttl_s", Integer, nullable=False),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("reserved", Integer, nullable=False),  # units of reservations written as open, run out or not
    Column("sold", Integer, nullable=False),  # refunded ones stay in
    Column("made_by", String(128), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    CheckConstraint("reserved >= 0 AND sold >= 0 AND sold + reserved <= stock", name="stock_holds"),
    Index("ix_flash_sale_time", "shop_id", "starts_at"),
)

flash_reservation = Table(
    "flash_reservation",
    metadata,
    shop_column(primary_key=True),
    Column("sale_id", String(64), primary_key=True),
    Column("reservation_id", String(128), primary_key=True),
    Column("customer_id", String(200), nullable=False),
    Column("named_as", String(200), nullable=False),  # the id it was made under; customer_id follows merges
    Column("quantity", Integer, nullable=False),
    Column("price_minor", BigInteger, nullable=False),  # of one unit, as it was then
    Column("status", String(16), nullable=False),
    Column("reserved_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("paid_at", UtcDateTime),  # when a payment was told of, kept or not
    Column("counted", Boolean, nullable=False),  # the units are in `sold`
    Column("late", Boolean, nullable=False),
    Column("reason", String(16)),
    Column("closed_at", UtcDateTime),
    Index("ix_flash_reservation_open", "shop_id", "sale_id", "status", "expires_at"),
    Index("ix_flash_reservation_customer", "shop_id", "customer_id"),
    Index("ix_flash_reservation_named", "shop_id", "named_as"),
)
