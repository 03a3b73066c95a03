"""The tables of this room: what operators want of searches, and what they think of products for a query."""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, String, Table

from regulars.records import Json, UtcDateTime, metadata, shop_column

search_rule = Table(
    "search_rule",
    metadata,
    Column("rule_id", String(40), primary_key=True),
    shop_column(),
    Column("kind", String(12), nullable=False),  # synonyms | query
    Column("state", String(12), nullable=False),  # active | off | proposed
    Column("body", Json, nullable=False),
    Column("begins_at", UtcDateTime),  # null: at once
    Column("ends_at", UtcDateTime),  # null: never
    Column("made_at", UtcDateTime, nullable=False),
    Column("made_by", String(128), nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("changed_by", String(128), nullable=False),
    Index("ix_search_rule_shop", "shop_id", "kind", "state"),
)

search_judgement = Table(
    "search_judgement",
    metadata,
    shop_column(primary_key=True),
    Column("query", String(200), primary_key=True),  # folded
    Column("product_id", String(200), primary_key=True),
    Column("grade", Float, nullable=False),  # 0 is not relevant
    Column("made_at", UtcDateTime, nullable=False),
    Column("made_by", String(128), nullable=False),
)
