"""The tables of this room: offers to groups, the groups, their seats, and payments that are to be given back."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, String, Table

from regulars.records import UtcDateTime, metadata, shop_column

group_buy = Table(
    "group_buy",
    metadata,
    shop_column(primary_key=True),
    Column("offer_id", String(64), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("product_id", String(200), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("price_minor", BigInteger, nullable=False),
    Column("list_price_minor", BigInteger),
    Column("size", Integer, nullable=False),
    Column("window_s", Integer, nullable=False),
    Column("pay_ttl_s", Integer, nullable=False),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("made_by", String(128), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Index("ix_group_buy_time", "shop_id", "starts_at"),
)

group_buy_group = Table(
    "group_buy_group",
    metadata,
    shop_column(primary_key=True),
    Column("group_id", String(128), primary_key=True),
    Column("offer_id", String(64), nullable=False),
    Column("product_id", String(200), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("price_minor", BigInteger, nullable=False),  # fixed when it opened, as are size and times
    Column("size", Integer, nullable=False),
    Column("window_s", Integer, nullable=False),
    Column("pay_ttl_s", Integer, nullable=False),
    Column("status", String(12), nullable=False),
    Column("leader", String(64), nullable=False),  # a seat
    Column("opened_at", UtcDateTime, nullable=False),
    Column("deadline_at", UtcDateTime),
    Column("closed_at", UtcDateTime),
    Column("paid", Integer, nullable=False),
    Column("held", Integer, nullable=False),
    Column("changes", Integer, nullable=False),  # counts writes: who read an older state cannot write
    CheckConstraint("paid >= 0 AND held >= 0 AND paid + held <= size", name="seats_hold"),
    Index("ix_group_buy_group_offer", "shop_id", "offer_id", "opened_at"),
    Index("ix_group_buy_group_status", "shop_id", "status"),
)

group_buy_seat = Table(
    "group_buy_seat",
    metadata,
    Column("seat_id", String(64), primary_key=True),
    shop_column(),
    Column("group_id", String(128), nullable=False),
    Column("customer_id", String(200), nullable=False),
    Column("named_as", String(200), nullable=False),  # the id it was taken under; customer_id follows merges
    Column("place", Integer, nullable=False),
    Column("status", String(16), nullable=False),
    Column("held_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("paid_at", UtcDateTime),
    Column("told", String(12)),
    Column("closed_at", UtcDateTime),
    Index("ix_group_buy_seat_group", "shop_id", "group_id", "place", unique=True),
    Index("ix_group_buy_seat_customer", "shop_id", "customer_id"),
    Index("ix_group_buy_seat_named", "shop_id", "named_as"),
)

group_buy_refund = Table(
    "group_buy_refund",
    metadata,
    Column("refund_id", String(80), primary_key=True),  # one for each seat that was paid
    shop_column(),
    Column("offer_id", String(64), nullable=False),
    Column("group_id", String(128), nullable=False),
    Column("customer_id", String(200), nullable=False),
    Column("named_as", String(200), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("reason", String(12), nullable=False),  # failed | left | late
    Column("due_at", UtcDateTime, nullable=False),
    Column("done_at", UtcDateTime),
    Index("ix_group_buy_refund_due", "shop_id", "done_at", "due_at"),
    Index("ix_group_buy_refund_group", "shop_id", "group_id"),
    Index("ix_group_buy_refund_named", "shop_id", "named_as"),
)
