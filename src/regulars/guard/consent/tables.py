"""The ledger of consents, append-only; what holds now, drawn from it; and the wordings people were shown."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text

from regulars.records import UtcDateTime, metadata, shop_column

consent = Table(
    "consent",
    metadata,
    Column("consent_id", String(64), primary_key=True),  # drawn from the proof where a message tells it: told once
    shop_column(),
    Column("customer_id", String(200), nullable=False),  # customer or visitor (v_...)
    Column("told_as", String(200), nullable=False),  # the id it was told under, before identities were merged
    Column("purpose", String(32), nullable=False),
    Column("channel", String(16), nullable=False, server_default=""),  # empty: every channel
    Column("state", String(16), nullable=False),  # given | withdrawn | pending
    Column("source", String(16), nullable=False),  # form | tracker | import | support | api
    Column("wording_version", Integer),
    Column("happened_at", UtcDateTime, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("proof", String(200), nullable=False, server_default=""),  # message:..., operator:..., api_key:...
    Index("ix_consent_customer", "shop_id", "customer_id", "purpose"),
    Index("ix_consent_told_as", "shop_id", "told_as"),
    Index("ix_consent_recent", "shop_id", "happened_at"),
)

consent_now = Table(
    "consent_now",
    metadata,
    shop_column(primary_key=True),
    Column("customer_id", String(200), primary_key=True),
    Column("told_as", String(200), primary_key=True),  # kept apart, so that a merge can be taken back
    Column("purpose", String(32), primary_key=True),
    Column("channel", String(16), primary_key=True, server_default=""),
    Column("state", String(16), nullable=False),
    Column("told_at", UtcDateTime, nullable=False),  # when it was last told, also where that changed nothing
    Column("proof", String(200), nullable=False, server_default=""),
    Index("ix_consent_now_told_as", "shop_id", "told_as"),
    sqlite_with_rowid=False,
)

consent_wording = Table(
    "consent_wording",
    metadata,
    shop_column(primary_key=True),
    Column("purpose", String(32), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("text_en", Text, nullable=False),
    Column("text_zh", Text, nullable=False),
    Column("valid_from", UtcDateTime, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", String(128), nullable=False),
)
