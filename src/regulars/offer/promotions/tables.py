"""The tables of this room: promotions, batches and their coupons, what has been used up, and orders as they were priced."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, text

from regulars.records import Json, UtcDateTime, metadata, shop_column

_OWNED, _TOLD = "customer_id IS NOT NULL", "told_as IS NOT NULL"

promotion = Table(
    "promotion",
    metadata,
    shop_column(primary_key=True),
    Column("promotion_id", String(64), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("kind", String(12), nullable=False),  # promotion | coupon
    Column(
        "state", String(12), nullable=False
    ),  # draft | waiting | live | paused | ended; what shows of `live` depends on the clock
    Column("code", String(64)),  # one code for everybody; null: applies by itself, or its coupons are in batches
    Column("definition", Json, nullable=False),
    Column("starts_at", UtcDateTime),
    Column("ends_at", UtcDateTime),
    Column("version", Integer, nullable=False),  # of its rules
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", String(128), nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("launched_by", String(128)),
    Column("approved_by", String(128)),
    Index("ix_promotion_code", "shop_id", "code", unique=True),
)

promotion_shop = Table(
    "promotion_shop",
    metadata,
    shop_column(primary_key=True),
    Column("version", Integer, nullable=False),  # grows with every change, so that a process knows when to read again
    Column("approval_above_minor", BigInteger),  # what may cost more needs a second operator; null: nothing does
)

promotion_use = Table(
    "promotion_use",
    metadata,
    shop_column(primary_key=True),
    Column("promotion_id", String(64), primary_key=True),
    Column("customer_id", String(200), primary_key=True),  # empty: all customers
    Column("day", String(10), primary_key=True),  # a local day of the shop; empty: all days
    Column("used", Integer, nullable=False),
    Column("spent_minor", BigInteger, nullable=False),
    Index("ix_promotion_use_customer", "shop_id", "customer_id"),
    sqlite_with_rowid=False,
)

coupon_batch = Table(
    "coupon_batch",
    metadata,
    Column("batch_id", String(40), primary_key=True),
    shop_column(),
    Column("promotion_id", String(64), nullable=False),
    Column("name", String(200), nullable=False),
    Column("origin", String(12), nullable=False),  # generated | imported | issued | claimed
    Column("prefix", String(20), nullable=False),
    Column("wanted", Integer, nullable=False),
    Column("made", Integer, nullable=False),
    Column("stock", Integer),  # of a batch that customers claim from
    Column("per_customer", Integer),
    Column("claimed", Integer, nullable=False),
    Column("ends_at", UtcDateTime),
    Column("valid_days", Integer),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", String(128), nullable=False),
    Column("finished_at", UtcDateTime),
    Column("error", String(500)),
    Index("ix_coupon_batch_promotion", "shop_id", "promotion_id", "created_at"),
)

coupon = Table(
    "coupon",
    metadata,
    shop_column(primary_key=True),
    Column("code", String(64), primary_key=True),
    Column("promotion_id", String(64), nullable=False),
    Column("batch_id", String(40), nullable=False),
    Column("customer_id", String(200)),  # null: whoever has the code
    Column("told_as", String(200)),  # the id it was given to, before identities were merged
    Column("state", String(8), nullable=False),  # open | used | void
    Column("issued_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime),
    Column("order_id", String(128)),
    Column("used_at", UtcDateTime),
    # Codes that belong to nobody yet, by the million, are in neither of these.
    Index("ix_coupon_customer", "shop_id", "customer_id", sqlite_where=text(_OWNED), postgresql_where=text(_OWNED)),
    Index("ix_coupon_told_as", "shop_id", "told_as", sqlite_where=text(_TOLD), postgresql_where=text(_TOLD)),
    Index("ix_coupon_batch", "batch_id", "code"),
    sqlite_with_rowid=False,
)

coupon_claim = Table(
    "coupon_claim",
    metadata,
    shop_column(primary_key=True),
    Column("batch_id", String(40), primary_key=True),
    Column("customer_id", String(200), primary_key=True),
    Column("claimed", Integer, nullable=False),
)

priced_order = Table(
    "priced_order",
    metadata,
    shop_column(primary_key=True),
    Column("order_id", String(128), primary_key=True),
    Column("customer_id", String(200)),
    Column("told_as", String(200)),  # the id it was ordered under, before identities were merged
    Column("state", String(12), nullable=False),  # committed | cancelled | refunded
    Column("body_hash", String(64), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("payable_minor", BigInteger, nullable=False),
    Column("asked", Json, nullable=False),  # the cart and what was asked with it, without the customer
    Column("offers", Json, nullable=False),  # the offers that applied, as they were
    Column("answer", Json, nullable=False),  # the quote
    Column("full_return", Boolean, nullable=False),
    Column("committed_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Index("ix_priced_order_customer", "shop_id", "customer_id"),
    Index("ix_priced_order_told_as", "shop_id", "told_as"),
    Index("ix_priced_order_time", "shop_id", "committed_at"),
)

order_offer = Table(
    "order_offer",
    metadata,
    shop_column(primary_key=True),
    Column("order_id", String(128), primary_key=True),
    Column("offer_id", String(100), primary_key=True),  # a promotion, or a coupon's code
    Column("promotion_id", String(64), nullable=False),
    Column("code", String(64)),
    Column("amount_minor", BigInteger, nullable=False),
    Column("day", String(10), nullable=False),
    Column("freed", Boolean, nullable=False),  # given back with a cancelled or wholly returned order
    Index("ix_order_offer_promotion", "shop_id", "promotion_id", "day"),
)

order_refund = Table(
    "order_refund",
    metadata,
    shop_column(primary_key=True),
    Column("order_id", String(128), primary_key=True),
    Column("refund_id", String(128), primary_key=True),
    Column("sequence", Integer, nullable=False),
    Column("body_hash", String(64), nullable=False),
    Column("policy", String(8), nullable=False),
    Column("returned", Json, nullable=False),
    Column("answer", Json, nullable=False),
    Column("refunded_at", UtcDateTime, nullable=False),
)
