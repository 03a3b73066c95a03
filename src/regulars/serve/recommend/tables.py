"""The tables of this room: what operators decided over the models, and what each placement tries."""

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

recommend_placement = Table(
    "recommend_placement",
    metadata,
    shop_column(primary_key=True),
    Column("placement", String(24), primary_key=True),
    Column("random_bps", Integer, nullable=False),
    Column("popular_bps", Integer, nullable=False),
    Column("variant", String(16)),  # null: no A/B test
    Column("variant_bps", Integer, nullable=False),
    Column("most_per_visitor", Integer),  # null: no cap
    Column("most_share_bps", Integer),  # null: no cap
    Column("changed_by", String(128), nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
)
