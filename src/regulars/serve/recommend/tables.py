"""The table of this room: what operators decided over the models."""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, Integer, String, Table

from regulars.records import Json, UtcDateTime, metadata, shop_column

recommend_rule = Table(
    "recommend_rule",
    metadata,
    Column("rule_id", String(40), primary_key=True),
    shop_column(),
    Column("kind", String(8), nullable=False),  # pin | boost | bury | exclude | include
    Column("placement", String(24)),  # null: every one
    Column("match", Json, nullable=False),
    Column("slot", Integer),
    Column("strength", Float, nullable=False),
    Column("from_at", UtcDateTime),
    Column("to_at", UtcDateTime),
    Column("segment_id", String(64)),  # null: everybody
    Column("note", String(200), nullable=False),
    Column("made_by", String(128), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Index("ix_recommend_rule_shop", "shop_id", "made_at"),
)
