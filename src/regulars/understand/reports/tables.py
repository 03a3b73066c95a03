"""The tables of this room: questions by name, boards, notes, schedules with what was sent, and goals."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, Index, Integer, String, Table, Text, UniqueConstraint

from regulars.records import Json, UtcDateTime, metadata, shop_column

report = Table(
    "report",
    metadata,
    Column("report_id", String(40), primary_key=True),
    shop_column(),
    Column("name", String(120), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("question", Json, nullable=False),
    Column("folder", String(120), nullable=False),
    Column("owner_id", String(128), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    UniqueConstraint("shop_id", "name"),
)

report_dashboard = Table(
    "report_dashboard",
    metadata,
    Column("dashboard_id", String(40), primary_key=True),
    shop_column(),
    Column("name", String(120), nullable=False),
    Column("tiles", Json, nullable=False),
    Column("owner_id", String(128), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    UniqueConstraint("shop_id", "name"),
)

report_annotation = Table(
    "report_annotation",
    metadata,
    Column("annotation_id", String(40), primary_key=True),
    shop_column(),
    Column("day", String(10), nullable=False),  # a local day of the shop
    Column("text", Text, nullable=False),
    Column("dashboard_id", String(40)),  # null: the whole shop
    Column("made_by", String(128), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Index("ix_report_annotation_day", "shop_id", "day"),
)

report_schedule = Table(
    "report_schedule",
    metadata,
    Column("schedule_id", String(40), primary_key=True),
    shop_column(),
    Column("report_id", String(40), nullable=False),
    Column("cadence", String(16), nullable=False),
    Column("hour", Integer, nullable=False),
    Column("weekday", Integer, nullable=False),
    Column("day", Integer, nullable=False),
    Column("operator_ids", Json, nullable=False),
    Column("paused", Boolean, nullable=False),
    Column("next_at", UtcDateTime),
    Column("made_by", String(128), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
)

report_delivery = Table(
    "report_delivery",
    metadata,
    Column("schedule_id", String(40), primary_key=True),
    Column("due_at", UtcDateTime, primary_key=True),
    Column("operator_id", String(64), primary_key=True),
    shop_column(),
    Column("state", String(16), nullable=False),  # planned | sending | sent | failed | unknown
    Column("attempts", Integer, nullable=False),
    Column("error", Text),
    Column("changed_at", UtcDateTime, nullable=False),
)

goal = Table(
    "goal",
    metadata,
    Column("goal_id", String(40), primary_key=True),
    shop_column(),
    Column("name", String(120), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("question", Json, nullable=False),
    Column("mode", String(16), nullable=False),  # total | level
    Column("starts_on", String(10), nullable=False),
    Column("phases", Json, nullable=False),
    Column("start_value", Float),  # of a level: where it began
    Column("owner_id", String(128), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    UniqueConstraint("shop_id", "name"),
)
