"""Tables of jobs and schedules."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text

from regulars.records import Json, UtcDateTime, metadata, shop_column

job = Table(
    "job",
    metadata,
    Column("job_id", String(40), primary_key=True),
    shop_column(),
    Column("kind", String(64), nullable=False),
    Column("key", String(160), unique=True),  # set while the job waits: a second request for the same work joins the first
    Column("payload", Json, nullable=False),
    Column("state", String(16), nullable=False),  # waiting | running | done | failed | stopped
    Column("run_at", UtcDateTime, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("worker", String(64)),
    Column("lease_until", UtcDateTime),
    Column("stop_asked", Boolean, nullable=False, default=False),
    Column("progress_done", BigInteger),
    Column("progress_total", BigInteger),
    Column("note", Text),
    Column("error", Text),
    Column("created_at", UtcDateTime, nullable=False),
    Column("started_at", UtcDateTime),
    Column("finished_at", UtcDateTime),
    Index("ix_job_due", "state", "run_at"),
    Index("ix_job_recent", "shop_id", "created_at"),
)

schedule = Table(
    "schedule",
    metadata,
    Column("kind", String(64), primary_key=True),
    Column("shop_id", String(64), primary_key=True),
    Column("next_at", UtcDateTime, nullable=False),
)
