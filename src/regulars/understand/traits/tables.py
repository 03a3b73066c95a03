"""The tables of this room: the shop's tags, and whom an operator gave which."""

from __future__ import annotations

from sqlalchemy import Column, Index, String, Table, Text, UniqueConstraint

from regulars.records import Json, UtcDateTime, metadata, shop_column

tag = Table(
    "tag",
    metadata,
    Column("tag_id", String(40), primary_key=True),
    shop_column(),
    Column("name", String(60), nullable=False),
    Column("description", Text, nullable=False),
    Column("rule", Json),  # {"where": [...], "segment": ...}; null: by hand only
    Column("made_by", String(128), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    UniqueConstraint("shop_id", "name"),
)

customer_tag = Table(
    "customer_tag",
    metadata,
    Column("tagging_id", String(40), primary_key=True),
    shop_column(),
    Column("tag_id", String(40), nullable=False),
    Column("customer_id", String(200), nullable=False),
    Column("named_as", String(200), nullable=False),  # the id it was given under; customer_id follows merges
    Column("tagged_by", String(128), nullable=False),
    Column("tagged_at", UtcDateTime, nullable=False),
    Index("ix_customer_tag_customer", "shop_id", "customer_id"),
    Index("ix_customer_tag_named", "shop_id", "named_as"),
    Index("ix_customer_tag_tag", "tag_id"),
)
