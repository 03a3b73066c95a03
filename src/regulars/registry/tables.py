"""The tables of this floor: versions of models, changes of champion, and what was seen of them day by day."""

from __future__ import annotations

from sqlalchemy import Column, Date, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint, text

from regulars.records import Json, UtcDateTime, metadata, shop_column

model_version = Table(
    "model_version",
    metadata,
    Column("version_id", String(40), primary_key=True),
    shop_column(),
    Column("model", String(60), nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", String(12), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("as_of", UtcDateTime, nullable=False),
    Column("method", String(60), nullable=False),
    Column("settings", Json, nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("trained_on", Integer, nullable=False),
    Column("scores", Json, nullable=False),
    Column("folds", Json, nullable=False),
    Column("card", Json, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("body", LargeBinary),  # null: too old to be brought back
    Column("body_digest", String(64), nullable=False),
    Column("body_bytes", Integer, nullable=False),
    UniqueConstraint("shop_id", "model", "number"),
    UniqueConstraint("shop_id", "model", "digest"),
    Index(  # one champion, whoever promotes at the same time
        "uq_model_version_champion",
        "shop_id",
        "model",
        unique=True,
        sqlite_where=text("state = 'champion'"),
        postgresql_where=text("state = 'champion'"),
    ),
)

model_change = Table(
    "model_change",
    metadata,
    Column("change_id", String(40), primary_key=True),
    shop_column(),
    Column("model", String(60), nullable=False),
    Column("number", Integer, nullable=False),
    Column("before", Integer),  # null: the first champion
    Column("act", String(12), nullable=False),
    Column("by", String(128), nullable=False),
    Column("why", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

model_check = Table(
    "model_check",
    metadata,
    Column("shop_id", String(64), primary_key=True),
    Column("model", String(60), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("figures", Json, nullable=False),
)
