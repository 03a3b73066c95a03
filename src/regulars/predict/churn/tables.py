"""The tables of this room: where the shop cuts its levels, every change of a customer's level, and what support said of warnings."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, Float, Index, Integer, String, Table

from regulars.records import Json, UtcDateTime, metadata, shop_column

churn_setting = Table(
    "churn_setting",
    metadata,
    shop_column(primary_key=True),
    Column("currency", String(3), nullable=False),  # the amounts hold for a shop that sells in it
    Column("yellow_minor", BigInteger),  # null: the usual one
    Column("orange_minor", BigInteger),
    Column("red_minor", BigInteger),
    Column("capacity", Integer),  # null: the usual one
    Column("margin_share", Float),  # null: from the catalogue's costs, else the usual one
    Column("horizon_days", Integer),  # null: the shop's own
    Column("changed_at", UtcDateTime, nullable=False),
    Column("changed_by", String(128), nullable=False),
)

churn_warning = Table(
    "churn_warning",
    metadata,
    shop_column(primary_key=True),
    Column("day", Date, primary_key=True),  # the shop's local day it holds from
    Column("customer_id", String(200), primary_key=True),
    Column("named_as", String(200), nullable=False),  # whom it was made for; customer_id follows merges
    Column("level", String(8), nullable=False),  # green | yellow | orange | red | gone
    Column("previous", String(8), nullable=False),
    Column("as_of", UtcDateTime, nullable=False),
    Column("probability", Float),  # null: gone
    Column("loss_minor", BigInteger),
    Column("currency", String(3), nullable=False),
    Column("cause", String(16)),
    Column("reasons", Json, nullable=False),
    Index("ix_churn_warning_customer", "shop_id", "customer_id", "day"),
)

churn_feedback = Table(
    "churn_feedback",
    metadata,
    Column("feedback_id", String(40), primary_key=True),
    shop_column(),
    Column("customer_id", String(200), nullable=False),
    Column("named_as", String(200), nullable=False),
    Column("wrong_because", String(24), nullable=False),
    Column("level", String(8), nullable=False),  # of the warning that was meant
    Column("day", Date, nullable=False),  # the local day of its run
    Column("cause", String(16)),
    Column("has_text", Boolean, nullable=False),  # the words are sealed under the customer's key
    Column("said_by", String(128), nullable=False),
    Column("said_at", UtcDateTime, nullable=False),
    Index("ix_churn_feedback_customer", "shop_id", "customer_id"),
    Index("ix_churn_feedback_said_at", "shop_id", "said_at"),
)
