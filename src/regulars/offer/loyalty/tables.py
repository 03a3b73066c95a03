"""Points: the journal of acts and their double entries, and what is drawn from it; the shop's rules, tiers, rewards and wishes."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text, text

from regulars.records import Json, UtcDateTime, metadata, shop_column

points_currency = Table(
    "points_currency",
    metadata,
    shop_column(primary_key=True),
    Column("currency_id", String(32), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("name_zh", String(80), nullable=False),
    Column("definition", Json, nullable=False),  # earn, pending_days, expiry, return_policy, ...
    Column("worth_minor", BigInteger, nullable=False),  # so much money is worth `worth_points`; 0: they pay for nothing
    Column("worth_points", BigInteger, nullable=False),
    Column("approve_above", BigInteger, nullable=False),  # adjustments of more points wait for a second operator
    Column("changed_at", UtcDateTime, nullable=False),
    Column("changed_by", String(128), nullable=False),
)

#: A cache of the journal, but for whose account it is.
points_account = Table(
    "points_account",
    metadata,
    Column("account_id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    shop_column(),
    Column("customer_id", String(200), nullable=False),
    Column("currency_id", String(32), nullable=False),
    Column("closed", Boolean, nullable=False),  # its points were moved to the account of the customer merged into
    Column("made_at", UtcDateTime, nullable=False),
    Column("acts", BigInteger, nullable=False),
    Column("lots", BigInteger, nullable=False),
    Column("clock_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime),
    Column("pending", BigInteger, nullable=False),
    Column("active", BigInteger, nullable=False),
    Column("held", BigInteger, nullable=False),
    Column("debt", BigInteger, nullable=False),
    Column("earned", BigInteger, nullable=False),
    Column("spent", BigInteger, nullable=False),
    Column("expired", BigInteger, nullable=False),
    Column("clawed", BigInteger, nullable=False),
    Column("repaid", BigInteger, nullable=False),
    Column("adjusted_out", BigInteger, nullable=False),
    Column("written_off", BigInteger, nullable=False),
    Column("holds", Text, nullable=False),  # those that are open, as JSON
    Index(
        "ux_points_account_owner",
        "shop_id",
        "customer_id",
        "currency_id",
        unique=True,
        sqlite_where=text("NOT closed"),
        postgresql_where=text("NOT closed"),
    ),
    Index("ix_points_account_due", "due_at"),
)

#: A cache of the journal.
points_lot = Table(
    "points_lot",
    metadata,
    Column("account_id", BigInteger, primary_key=True, autoincrement=False),
    Column("lot_id", String(200), primary_key=True),
    shop_column(),
    Column("sequence", BigInteger, nullable=False),
    Column("points", BigInteger, nullable=False),
    Column("earned_at", UtcDateTime, nullable=False),
    Column("activates_at", UtcDateTime),
    Column("expires_at", UtcDateTime),
    Column("order_id", String(200)),
    Column("pending", BigInteger, nullable=False),
    Column("active", BigInteger, nullable=False),
    Column("held", BigInteger, nullable=False),
    Column("expired", BigInteger, nullable=False),
    Index("ix_points_lot_expiry", "shop_id", "expires_at"),
    sqlite_with_rowid=False,
)

#: The journal: what was done, append-only.
points_act = Table(
    "points_act",
    metadata,
    Column("account_id", BigInteger, primary_key=True, autoincrement=False),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    shop_column(),
    Column("kind", String(16), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("once", String(250)),  # account:key, so that a key acts once for an account
    Column("about", String(250)),  # account:the order, spend, hold or lot
    Column("points", BigInteger, nullable=False),
    Column("fingerprint", Text),
    Column("answer", Text),  # JSON, as `detail`
    Column("detail", Text),
    Column("source", String(128), nullable=False),
    Column("note", Text, nullable=False),
    Index("ux_points_act_once", "once", unique=True),
    Index("ix_points_act_about", "about"),
    sqlite_with_rowid=False,
)

#: The journal: double entries; those of an act add up to 0.
points_entry = Table(
    "points_entry",
    metadata,
    Column("account_id", BigInteger, primary_key=True, autoincrement=False),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("line", Integer, primary_key=True, autoincrement=False),
    shop_column(),
    Column("book", String(16), nullable=False),
    Column("points", BigInteger, nullable=False),
    Column("lot_id", String(200)),
    sqlite_with_rowid=False,
)

points_rule = Table(
    "points_rule",
    metadata,
    Column("rule_id", String(40), primary_key=True),
    shop_column(),
    Column("currency_id", String(32), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("state", String(8), nullable=False),  # on | off
    Column("definition", Json, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("made_by", String(128), nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Index("ix_points_rule_shop", "shop_id", "state"),
)

points_request = Table(
    "points_request",
    metadata,
    Column("request_id", String(40), primary_key=True),
    shop_column(),
    Column("customer_id", String(200), nullable=False),
    Column("currency_id", String(32), nullable=False),
    Column("points", BigInteger, nullable=False),
    Column("applied", BigInteger),
    Column("reason", String(32), nullable=False),
    Column("note", Text, nullable=False),
    Column("state", String(16), nullable=False),  # waiting | approved | refused
    Column("asked_by", String(128), nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("decided_by", String(128)),
    Column("decided_at", UtcDateTime),
    Index("ix_points_request_shop", "shop_id", "state", "asked_at"),
)

#: Month and day only: a year is not asked for.
points_birthday = Table(
    "points_birthday",
    metadata,
    shop_column(primary_key=True),
    Column("customer_id", String(200), primary_key=True),
    Column("month", Integer, nullable=False),
    Column("day", Integer, nullable=False),
    Column("told_at", UtcDateTime, nullable=False),
    Index("ix_points_birthday_day", "shop_id", "month", "day"),
)

tier_program = Table(
    "tier_program",
    metadata,
    shop_column(primary_key=True),
    Column("definition", Json, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("changed_by", String(128), nullable=False),
)

tier_member = Table(
    "tier_member",
    metadata,
    shop_column(primary_key=True),
    Column("customer_id", String(200), primary_key=True),
    Column("tier_id", String(32), nullable=False),
    Column("since_at", UtcDateTime, nullable=False),
    Column("valid_until", UtcDateTime),
    Column("grace_until", UtcDateTime),
    Column("manual", Boolean, nullable=False),
    Column("upgrades", Json, nullable=False),
    Column("clock_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime),
    Index("ix_tier_member_tier", "shop_id", "tier_id"),
    Index("ix_tier_member_due", "due_at"),
)

tier_order = Table(
    "tier_order",
    metadata,
    shop_column(primary_key=True),
    Column("customer_id", String(200), primary_key=True),
    Column("order_id", String(200), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("refunded_minor", BigInteger, nullable=False),
    Column("refunds", Json, nullable=False),  # the ids of those that count
)

tier_change = Table(
    "tier_change",
    metadata,
    Column("change_id", String(40), primary_key=True),
    shop_column(),
    Column("customer_id", String(200), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("before", String(32), nullable=False),
    Column("after", String(32), nullable=False),
    Column("reason", String(16), nullable=False),
    Column("valid_until", UtcDateTime),
    Index("ix_tier_change_customer", "shop_id", "customer_id", "at"),
)

reward = Table(
    "reward",
    metadata,
    shop_column(primary_key=True),
    Column("reward_id", String(64), primary_key=True),
    Column("currency_id", String(32), nullable=False),
    Column("name", String(120), nullable=False),
    Column("name_zh", String(120), nullable=False),
    Column("kind", String(16), nullable=False),  # goods | coupon | service
    Column("detail", String(500), nullable=False),  # what is given: a product, a coupon's id, words
    Column("points", BigInteger, nullable=False),
    Column("stock", BigInteger),  # None: without end
    Column("taken", BigInteger, nullable=False),
    Column("per_customer", Integer),
    Column("begins_at", UtcDateTime),
    Column("ends_at", UtcDateTime),
    Column("state", String(8), nullable=False),  # on | off
    Column("changed_at", UtcDateTime, nullable=False),
    Column("changed_by", String(128), nullable=False),
)

reward_claim = Table(
    "reward_claim",
    metadata,
    Column("claim_id", String(40), primary_key=True),
    shop_column(),
    Column("customer_id", String(200), nullable=False),
    Column("reward_id", String(64), nullable=False),
    Column("currency_id", String(32), nullable=False),
    Column("key", String(200), nullable=False),
    Column("points", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),  # claimed | delivered | returned
    Column("claimed_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Index("ux_reward_claim_key", "shop_id", "customer_id", "key", unique=True),
    Index("ix_reward_claim_reward", "shop_id", "reward_id", "claimed_at"),
)
