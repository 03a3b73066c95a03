"""The tables of this room: webhook sources and what they delivered, connectors to databases and how far each has read."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from regulars.records import Json, UtcDateTime, metadata, shop_column

platform_source = Table(
    "platform_source",
    metadata,
    Column("source_id", String(64), primary_key=True),
    shop_column(),
    Column("name", String(200), nullable=False),
    Column("platform", String(16), nullable=False),  # shopify | woocommerce | webhook
    Column("secret_sealed", LargeBinary, nullable=False),
    Column("previous_secret_sealed", LargeBinary),  # lives on for the overlap after a rotation
    Column("previous_until", UtcDateTime),
    Column("domain", String(255)),  # of the storefront, for the pages of products
    Column("mapping", Json),  # generic webhooks: where the fields stand
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", String(128), nullable=False),
    Column("disabled_at", UtcDateTime),
    Column("last_accepted_at", UtcDateTime),
    Column("refused", BigInteger, nullable=False, default=0),  # unsigned, altered or old ones; noted now and then
    Column("last_refused_at", UtcDateTime),
    Column("last_refusal", String(40)),
    Index("ix_platform_source_shop_id", "shop_id"),
)

platform_delivery = Table(
    "platform_delivery",
    metadata,
    Column("source_id", String(64), ForeignKey("platform_source.source_id", ondelete="CASCADE"), primary_key=True),
    Column("delivery_key", String(32), primary_key=True),  # hash of topic, delivery number and body
    shop_column(),
    Column("topic", String(64), nullable=False),
    Column("outcome", String(16), nullable=False),  # accepted | ignored | unknown | quarantined
    Column("reason", String(40)),
    Column("messages", Integer, nullable=False),
    Column("repeats", Integer, nullable=False, default=0),
    Column("received_at", UtcDateTime, nullable=False),
    Index("ix_platform_delivery_received_at", "source_id", "received_at"),
)

platform_name = Table(
    "platform_name",
    metadata,
    Column("source_id", String(64), ForeignKey("platform_source.source_id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String(16), primary_key=True),  # order | product
    Column("platform_id", String(200), primary_key=True),  # the number a refund or a deletion names it by
    Column("our_id", String(200), primary_key=True),
    shop_column(),
    Column("customer_id", String(128)),  # an order's buyer
    Index("ix_platform_name_customer_id", "shop_id", "customer_id"),
)

platform_waiting = Table(
    "platform_waiting",
    metadata,
    Column("source_id", String(64), ForeignKey("platform_source.source_id", ondelete="CASCADE"), primary_key=True),
    Column("message_id", String(200), primary_key=True),
    shop_column(),
    Column("kind", String(16), nullable=False),
    Column("platform_id", String(200), nullable=False),
    Column("message", Json, nullable=False),  # a refund: amounts and goods, no person
    Column("received_at", UtcDateTime, nullable=False),
    Index("ix_platform_waiting_platform_id", "source_id", "kind", "platform_id"),
)

platform_request = Table(
    "platform_request",
    metadata,
    Column("request_id", String(64), primary_key=True),  # of source, kind and subject: asked twice, listed once
    shop_column(),
    Column("source_id", String(64), nullable=False),
    Column("kind", String(32), nullable=False),  # data_request | customer_redact | customer_deleted | shop_redact
    Column("customer_id", String(128)),
    Column("received_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("done_at", UtcDateTime),
    Column("done_by", String(128)),
    Index("ix_platform_request_shop_id", "shop_id", "done_at", "due_at"),
)

connector = Table(
    "connector",
    metadata,
    Column("connector_id", String(64), primary_key=True),  # also its source in the stream of events
    shop_column(),
    Column("name", String(200), nullable=False),
    Column("takes", String(16), nullable=False),  # orders | customers | products | events
    Column("url_sealed", LargeBinary, nullable=False),
    Column("place", String(300), nullable=False),  # the URL without user, password and options, to be shown
    Column("query", Text, nullable=False),
    Column("cursor_column", String(200), nullable=False),
    Column("mapping", Json, nullable=False),  # field -> column, as recognised or given
    Column("options", Json, nullable=False),  # timezone, currency, statuses
    Column("batch_rows", Integer, nullable=False),
    Column("every_minutes", Integer, nullable=False),
    Column("cursor", Json),  # how far it has read: committed only when the stream has what was read
    Column("paused", Boolean, nullable=False, default=False),
    Column("next_run_at", UtcDateTime),
    Column("running_id", String(64)),  # the run that holds it
    Column("running_until", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", String(128), nullable=False),
    Index("ix_connector_shop_id", "shop_id"),
    Index("ix_connector_next_run_at", "paused", "next_run_at"),
)

connector_run = Table(
    "connector_run",
    metadata,
    Column("run_id", String(64), primary_key=True),
    shop_column(),
    Column("connector_id", String(64), ForeignKey("connector.connector_id", ondelete="CASCADE"), nullable=False),
    Column("state", String(16), nullable=False),  # running | done | failed | stopped
    Column("rows", BigInteger, nullable=False, default=0),
    Column("messages", BigInteger, nullable=False, default=0),
    Column("quarantined", BigInteger, nullable=False, default=0),
    Column("cursor_before", Json),
    Column("cursor_after", Json),
    Column("error", String(600)),
    Column("error_code", String(40)),
    Column("started_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Index("ix_connector_run_connector_id", "connector_id", "started_at"),
)

connector_seen = Table(
    "connector_seen",
    metadata,
    Column("connector_id", String(64), ForeignKey("connector.connector_id", ondelete="CASCADE"), primary_key=True),
    Column("key_hash", String(32), primary_key=True),  # of the order's id
    shop_column(),
    Column("told", Json),  # digest and refunded sum of what the stream surely has; null: nothing yet
    Column("telling", Json),  # of what may have been told when a run was cut off; null: nothing is open
)
