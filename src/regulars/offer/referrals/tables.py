"""The tables of this room: programmes, a code for each customer who invites, who came by it, and rewards that are due."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text

from regulars.records import Json, UtcDateTime, metadata, shop_column

referral_programme = Table(
    "referral_programme",
    metadata,
    shop_column(primary_key=True),
    Column("programme_id", String(64), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("referrer", Json),  # {"kind": "points", "points": 100} | {"kind": "coupon", "coupon": ...}; null: nothing
    Column("friend", Json),
    Column("claim_days", Integer, nullable=False),
    Column("return_days", Integer, nullable=False),
    Column("min_order_minor", BigInteger, nullable=False),
    Column("max_per_referrer", Integer),  # null: no cap
    Column("link", Text, nullable=False),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime),
    Column("made_by", String(128), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
)

referral_code = Table(
    "referral_code",
    metadata,
    shop_column(primary_key=True),
    Column("code", String(16), primary_key=True),
    Column("programme_id", String(64), nullable=False),
    Column("customer_id", String(200), nullable=False),
    Column("named_as", String(200), nullable=False),  # the id it was made for; customer_id follows merges
    Column("rewarded", Integer, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Index("ix_referral_code_owner", "shop_id", "programme_id", "named_as", unique=True),
    Index("ix_referral_code_customer", "shop_id", "customer_id"),
)

referral = Table(
    "referral",
    metadata,
    Column("referral_id", String(64), primary_key=True),
    shop_column(),
    Column("programme_id", String(64), nullable=False),
    Column("code", String(16), nullable=False),
    Column("customer_id", String(200), nullable=False),  # who was brought
    Column("named_as", String(200), nullable=False),
    Column("state", String(12), nullable=False),
    Column("reasons", Json, nullable=False),
    Column("cleared", Boolean, nullable=False),  # an operator has looked at the signals and lets it through
    Column("device", String(64), nullable=False),  # the visitor's id it came with; empty: none was told
    Column("address_digest", String(64), nullable=False),
    Column("claimed_at", UtcDateTime, nullable=False),
    Column("order_id", String(200)),
    Column("order_minor", BigInteger),
    Column("ordered_at", UtcDateTime),
    Column("due_at", UtcDateTime),
    Column("decided_at", UtcDateTime),
    Column("decided_by", String(128)),
    Column("note", String(400), nullable=False),
    Index("ix_referral_friend", "shop_id", "programme_id", "named_as", unique=True),
    Index("ix_referral_state", "shop_id", "state", "claimed_at"),
    Index("ix_referral_code", "shop_id", "code"),
    Index("ix_referral_named", "shop_id", "named_as"),
)

referral_reward = Table(
    "referral_reward",
    metadata,
    Column("reward_id", String(80), primary_key=True),  # one for each referral and side
    shop_column(),
    Column("referral_id", String(64), nullable=False),
    Column("programme_id", String(64), nullable=False),
    Column("side", String(8), nullable=False),  # referrer | friend
    Column("customer_id", String(200), nullable=False),
    Column("named_as", String(200), nullable=False),
    Column("kind", String(8), nullable=False),  # points | coupon
    Column("points", BigInteger),
    Column("coupon", String(200)),
    Column("due_at", UtcDateTime, nullable=False),
    Column("granted_at", UtcDateTime),
    Column("granted_by", String(128)),
    Index("ix_referral_reward_due", "shop_id", "granted_at", "due_at"),
    Index("ix_referral_reward_referral", "shop_id", "referral_id"),
    Index("ix_referral_reward_named", "shop_id", "named_as"),
)
