"""The tables of this room: every alarm with what was said of it, who is told of alarms, and what each was told."""

from __future__ import annotations

from sqlalchemy import Column, Date, Float, Index, Integer, LargeBinary, String, Table, UniqueConstraint

from regulars.records import Json, UtcDateTime, metadata, shop_column

anomaly = Table(
    "anomaly",
    metadata,
    Column("anomaly_id", String(40), primary_key=True),
    shop_column(),
    Column("metric", String(64), nullable=False),
    Column("day", Date, nullable=False),  # the local day that raised it
    Column("direction", String(4), nullable=False),  # down | up
    Column("level", String(8), nullable=False),  # yellow | orange | red
    Column("value", Float, nullable=False),  # money in minor units
    Column("expected", Float, nullable=False),
    Column("low", Float, nullable=False),
    Column("high", Float, nullable=False),
    Column("effect_minor", Float, nullable=False),  # of the days outside, against what was expected; below 0: lost
    Column("currency", String(3), nullable=False),
    Column("causes", Json, nullable=False),  # sentences by language
    Column("state", String(12), nullable=False),  # open | acknowledged | expected | muted
    Column("because", String(400)),
    Column("muted_until", Date),
    Column("said_by", String(128)),
    Column("said_at", UtcDateTime),
    Column("found_at", UtcDateTime, nullable=False),
    UniqueConstraint("shop_id", "metric", "day", name="uq_anomaly_day"),
    Index("ix_anomaly_shop_day", "shop_id", "day"),
)

alarm_receiver = Table(
    "alarm_receiver",
    metadata,
    Column("receiver_id", String(40), primary_key=True),
    shop_column(),
    Column("kind", String(8), nullable=False),  # mail | webhook
    Column("operator_id", String(64)),  # of mail
    Column("url", String(2000)),  # of a webhook
    Column("secret_sealed", LargeBinary),
    Column("least_level", String(8), nullable=False),  # yellow | orange | red
    Column("made_by", String(128), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Index("ix_alarm_receiver_shop", "shop_id"),
)

alarm_notice = Table(
    "alarm_notice",
    metadata,
    Column("receiver_id", String(40), primary_key=True),
    Column("anomaly_id", String(40), primary_key=True),
    shop_column(),
    Column("state", String(8), nullable=False),  # planned | sending | sent | failed | unknown
    Column("attempts", Integer, nullable=False),
    Column("error", String(300)),
    Column("changed_at", UtcDateTime, nullable=False),
)
