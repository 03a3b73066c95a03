"""Who may send events, how far the journal is loaded, and what was put aside."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, Index, Integer, LargeBinary, String, Table

from regulars.records import Json, UtcDateTime, metadata, shop_column

source = Table(
    "source",
    metadata,
    Column("source_id", String(64), primary_key=True),
    shop_column(),
    Column("name", String(200), nullable=False),
    Column("kind", String(32), nullable=False),  # browser | server | webhook | import | sql
    Column("key_hash", String(64), nullable=False, unique=True),
    Column(
        "key_sealed", LargeBinary, nullable=False
    ),  # so that the page with the snippet can show it again; it can only write events
    Column("old_key_hash", String(64), unique=True),  # lives on for the overlap after a rotation
    Column("old_key_until", UtcDateTime),
    Column("enforce_schema", Boolean, nullable=False, default=False),
    Column("origins", Json),  # sites a browser may send from; null: any
    Column("silent_after_minutes", Integer, nullable=False, default=1440),  # without an event for so long it counts as silent
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", String(128), nullable=False),
    Column("disabled_at", UtcDateTime),
    Index("ix_source_shop_id", "shop_id"),
)

event_part = Table(
    "event_part",
    metadata,
    Column("part_id", String(40), primary_key=True),  # segment and offset where it begins
    shop_column(),  # of every shop: a part holds what came, whoever sent it
    Column("begin_segment", BigInteger, nullable=False),
    Column("begin_offset", BigInteger, nullable=False),
    Column("end_segment", BigInteger, nullable=False),
    Column("end_offset", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),  # prepared: what records keep of it is kept; done: the warehouse has it
    Column("events", Integer, nullable=False),
    Column("quarantined", Integer, nullable=False),
    Column("shops", Json, nullable=False),  # shop -> rows archived
    Column("created_at", UtcDateTime, nullable=False),
    Column("done_at", UtcDateTime),
    Column("last_part", String(40)),  # the last of the parts that were merged into this one; null: it is one part
    Column("sizes", Json),  # shop -> bytes of its rows in memory
    Index("ix_event_part_state", "state"),
    Index("ix_event_part_end", "end_segment", "end_offset"),
)

event_merging = Table(
    "event_merging",
    metadata,
    Column("merging_id", String(64), primary_key=True),
    shop_column(),  # of every shop, as parts are
    Column("first_part", String(40), nullable=False),
    Column("last_part", String(40), nullable=False),
    Column("parts", Integer, nullable=False),
    Column(
        "state", String(16), nullable=False
    ),  # planned | placed: the files are | settled: the stores are | done: small files are gone
    Column("began_at", UtcDateTime, nullable=False),
    Column("placed_at", UtcDateTime),
    Column("done_at", UtcDateTime),
    Index("ix_event_merging_state", "state"),
)

quarantined_event = Table(
    "quarantined_event",
    metadata,
    Column("quarantine_id", String(64), primary_key=True),
    shop_column(),
    Column("source_id", String(64), nullable=False),
    Column("reason", String(40), nullable=False),
    Column("detail", String(300), nullable=False, server_default=""),
    Column("event", String(200)),
    Column("message_id", String(200)),
    Column("sealed", LargeBinary, nullable=False),  # the message as it came: it may hold personal data
    Column("received_at", UtcDateTime, nullable=False),
    Column("state", String(16), nullable=False),  # open | replayed | discarded
    Column("settled_at", UtcDateTime),
    Column("settled_by", String(128)),
    Index("ix_quarantined_event_shop_id_state", "shop_id", "state", "received_at"),
)

source_count = Table(
    "source_count",
    metadata,
    Column("source_id", String(64), primary_key=True),
    shop_column(),
    Column("events", BigInteger, nullable=False, default=0),
    Column("duplicates", BigInteger, nullable=False, default=0),
    Column("quarantined", BigInteger, nullable=False, default=0),
    Column("last_event_at", UtcDateTime),  # when it was received
)

uncollected_count = Table(
    "uncollected_count",
    metadata,
    shop_column(primary_key=True),
    Column("source_id", String(64), primary_key=True),
    Column(
        "reason", String(40), primary_key=True
    ),  # why it may not be collected: refused | withdrawn | pending | signal | not_asked
    Column("day", Date, primary_key=True),  # UTC, of receiving
    Column("messages", BigInteger, nullable=False),  # nothing else is kept of them
    sqlite_with_rowid=False,
)
