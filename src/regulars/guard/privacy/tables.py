"""The personal side of customers: everything sealed with a key per customer, so that destroying the key destroys the data."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table

from regulars.records import Json, UtcDateTime, metadata, shop_column

customer_key = Table(
    "customer_key",
    metadata,
    shop_column(primary_key=True),
    Column("customer_id", String(200), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),  # the customer's data key under the master key's wrapping key
    Column("created_at", UtcDateTime, nullable=False),
    sqlite_with_rowid=False,
)

person = Table(
    "person",
    metadata,
    shop_column(primary_key=True),
    Column("customer_id", String(200), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),  # name, e-mail, phone, address, account and other fields as one sealed JSON
    Column("load_id", String(64), nullable=False, server_default=""),  # the load that told of them first
    Column("changed_at", UtcDateTime, nullable=False),
    Index("ix_person_shop_id_load_id", "shop_id", "load_id"),
    sqlite_with_rowid=False,
)

contact_lookup = Table(
    "contact_lookup",
    metadata,
    shop_column(primary_key=True),
    Column("digest", String(64), primary_key=True),  # blind index of one e-mail, phone, account or name
    Column("customer_id", String(200), primary_key=True),
    Index("ix_contact_lookup_shop_id_customer_id", "shop_id", "customer_id"),
    sqlite_with_rowid=False,
)

sealed_text = Table(
    "sealed_text",
    metadata,
    shop_column(primary_key=True),
    Column("subject", String(200), primary_key=True),  # review:<review_id>
    Column("customer_id", String(200)),  # null: the writer is unknown, and the shop's own key seals it
    Column("sealed", LargeBinary, nullable=False),
    Column("load_id", String(64), nullable=False, server_default=""),
    Column("created_at", UtcDateTime, nullable=False),
    Index("ix_sealed_text_shop_id_customer_id", "shop_id", "customer_id"),
    Index("ix_sealed_text_shop_id_load_id", "shop_id", "load_id"),
    sqlite_with_rowid=False,
)

erasure = Table(
    "erasure",
    metadata,
    shop_column(primary_key=True),
    Column("digest", String(64), primary_key=True),  # HMAC of the id that was: only the master key can ask "was this one erased?"
    Column("erasure_id", String(64), nullable=False, unique=True),
    Column("successor", String(64), nullable=False),  # the random pseudonym that keeps the totals right
    Column("old_id_sealed", LargeBinary),  # only until the warehouse is rewritten
    Column("rows", Json),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("erased_at", UtcDateTime),
    Column("overwritten_at", UtcDateTime),  # nothing that was deleted can be read in the warehouse's file any more
)

privacy_rule = Table(
    "privacy_rule",
    metadata,
    shop_column(primary_key=True),
    Column("rule", String(80), primary_key=True),  # consent.marketing, retention.events, allowed_names ...
    Column("version", Integer, primary_key=True),
    Column("value", Json),  # null is a decision too: kept until erased
    Column("decided_at", UtcDateTime, nullable=False),
    Column("decided_by", String(128), nullable=False),
)

retention_run = Table(
    "retention_run",
    metadata,
    Column("run_id", String(40), primary_key=True),
    shop_column(),
    Column("began_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("deleted", Json, nullable=False),  # class -> {"before": instant, "rows": {store: count}}
    Column("error", String(400)),
    Index("ix_retention_run_recent", "shop_id", "began_at"),
)

customer_request = Table(
    "customer_request",
    metadata,
    Column("request_id", String(40), primary_key=True),
    shop_column(),
    Column("kind", String(16), nullable=False),  # export | erasure
    Column("subject", String(80), nullable=False),  # HMAC of the customer: the list names nobody
    Column("asked_at", UtcDateTime, nullable=False),
    Column("asked_by", String(128), nullable=False),
    Column("done_at", UtcDateTime),
    Index("ix_customer_request_recent", "shop_id", "asked_at"),
)
