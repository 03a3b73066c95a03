"""points tiers and rewards"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from regulars.records.columns import Json, UtcDateTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "points_account",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=200), nullable=False),
        sa.Column("currency_id", sa.String(length=32), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("acts", sa.BigInteger(), nullable=False),
        sa.Column("lots", sa.BigInteger(), nullable=False),
        sa.Column("clock_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("pending", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("debt", sa.BigInteger(), nullable=False),
        sa.Column("earned", sa.BigInteger(), nullable=False),
        sa.Column("spent", sa.BigInteger(), nullable=False),
        sa.Column("expired", sa.BigInteger(), nullable=False),
        sa.Column("clawed", sa.BigInteger(), nullable=False),
        sa.Column("repaid", sa.BigInteger(), nullable=False),
        sa.Column("adjusted_out", sa.BigInteger(), nullable=False),
        sa.Column("written_off", sa.BigInteger(), nullable=False),
        sa.Column("holds", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_points_account")),
    )
    with op.batch_alter_table("points_account", schema=None) as batch_op:
        batch_op.create_index("ix_points_account_due", ["due_at"], unique=False)
        batch_op.create_index(
            "ux_points_account_owner",
            ["shop_id", "customer_id", "currency_id"],
            unique=True,
            sqlite_where=sa.text("NOT closed"),
            postgresql_where=sa.text("NOT closed"),
        )

    op.create_table(
        "points_act",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("once", sa.String(length=250), nullable=True),
        sa.Column("about", sa.String(length=250), nullable=True),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("source", sa.String(length=128), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "position", name=op.f("pk_points_act")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("points_act", schema=None) as batch_op:
        batch_op.create_index("ix_points_act_about", ["about"], unique=False)
        batch_op.create_index("ux_points_act_once", ["once"], unique=True)

    op.create_table(
        "points_birthday",
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=200), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "customer_id", name=op.f("pk_points_birthday")),
    )
    with op.batch_alter_table("points_birthday", schema=None) as batch_op:
        batch_op.create_index("ix_points_birthday_day", ["shop_id", "month", "day"], unique=False)

    op.create_table(
        "points_currency",
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("currency_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("name_zh", sa.String(length=80), nullable=False),
        sa.Column("definition", Json(), nullable=False),
        sa.Column("worth_minor", sa.BigInteger(), nullable=False),
        sa.Column("worth_points", sa.BigInteger(), nullable=False),
        sa.Column("approve_above", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("changed_by", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "currency_id", name=op.f("pk_points_currency")),
    )
    op.create_table(
        "points_entry",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("book", sa.String(length=16), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("lot_id", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("account_id", "position", "line", name=op.f("pk_points_entry")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "points_lot",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lot_id", sa.String(length=200), nullable=False),
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("earned_at", UtcDateTime(), nullable=False),
        sa.Column("activates_at", UtcDateTime(), nullable=True),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("order_id", sa.String(length=200), nullable=True),
        sa.Column("pending", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("expired", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "lot_id", name=op.f("pk_points_lot")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("points_lot", schema=None) as batch_op:
        batch_op.create_index("ix_points_lot_expiry", ["shop_id", "expires_at"], unique=False)

    op.create_table(
        "points_request",
        sa.Column("request_id", sa.String(length=40), nullable=False),
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=200), nullable=False),
        sa.Column("currency_id", sa.String(length=32), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("applied", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("asked_by", sa.String(length=128), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by", sa.String(length=128), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_points_request")),
    )
    with op.batch_alter_table("points_request", schema=None) as batch_op:
        batch_op.create_index("ix_points_request_shop", ["shop_id", "state", "asked_at"], unique=False)

    op.create_table(
        "points_rule",
        sa.Column("rule_id", sa.String(length=40), nullable=False),
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("currency_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("definition", Json(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("made_by", sa.String(length=128), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("rule_id", name=op.f("pk_points_rule")),
    )
    with op.batch_alter_table("points_rule", schema=None) as batch_op:
        batch_op.create_index("ix_points_rule_shop", ["shop_id", "state"], unique=False)

    op.create_table(
        "reward",
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("reward_id", sa.String(length=64), nullable=False),
        sa.Column("currency_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("name_zh", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("detail", sa.String(length=500), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("stock", sa.BigInteger(), nullable=True),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.Column("per_customer", sa.Integer(), nullable=True),
        sa.Column("begins_at", UtcDateTime(), nullable=True),
        sa.Column("ends_at", UtcDateTime(), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("changed_by", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "reward_id", name=op.f("pk_reward")),
    )
    op.create_table(
        "reward_claim",
        sa.Column("claim_id", sa.String(length=40), nullable=False),
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=200), nullable=False),
        sa.Column("reward_id", sa.String(length=64), nullable=False),
        sa.Column("currency_id", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("claimed_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("claim_id", name=op.f("pk_reward_claim")),
    )
    with op.batch_alter_table("reward_claim", schema=None) as batch_op:
        batch_op.create_index("ix_reward_claim_reward", ["shop_id", "reward_id", "claimed_at"], unique=False)
        batch_op.create_index("ux_reward_claim_key", ["shop_id", "customer_id", "key"], unique=True)

    op.create_table(
        "tier_change",
        sa.Column("change_id", sa.String(length=40), nullable=False),
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=200), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("before", sa.String(length=32), nullable=False),
        sa.Column("after", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("valid_until", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("change_id", name=op.f("pk_tier_change")),
    )
    with op.batch_alter_table("tier_change", schema=None) as batch_op:
        batch_op.create_index("ix_tier_change_customer", ["shop_id", "customer_id", "at"], unique=False)

    op.create_table(
        "tier_member",
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=200), nullable=False),
        sa.Column("tier_id", sa.String(length=32), nullable=False),
        sa.Column("since_at", UtcDateTime(), nullable=False),
        sa.Column("valid_until", UtcDateTime(), nullable=True),
        sa.Column("grace_until", UtcDateTime(), nullable=True),
        sa.Column("manual", sa.Boolean(), nullable=False),
        sa.Column("upgrades", Json(), nullable=False),
        sa.Column("clock_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("shop_id", "customer_id", name=op.f("pk_tier_member")),
    )
    with op.batch_alter_table("tier_member", schema=None) as batch_op:
        batch_op.create_index("ix_tier_member_due", ["due_at"], unique=False)
        batch_op.create_index("ix_tier_member_tier", ["shop_id", "tier_id"], unique=False)

    op.create_table(
        "tier_order",
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=200), nullable=False),
        sa.Column("order_id", sa.String(length=200), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunds", Json(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "customer_id", "order_id", name=op.f("pk_tier_order")),
    )
    op.create_table(
        "tier_program",
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("definition", Json(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("changed_by", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", name=op.f("pk_tier_program")),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("tier_program")
    op.drop_table("tier_order")
    with op.batch_alter_table("tier_member", schema=None) as batch_op:
        batch_op.drop_index("ix_tier_member_tier")
        batch_op.drop_index("ix_tier_member_due")

    op.drop_table("tier_member")
    with op.batch_alter_table("tier_change", schema=None) as batch_op:
        batch_op.drop_index("ix_tier_change_customer")

    op.drop_table("tier_change")
    with op.batch_alter_table("reward_claim", schema=None) as batch_op:
        batch_op.drop_index("ux_reward_claim_key")
        batch_op.drop_index("ix_reward_claim_reward")

    op.drop_table("reward_claim")
    op.drop_table("reward")
    with op.batch_alter_table("points_rule", schema=None) as batch_op:
        batch_op.drop_index("ix_points_rule_shop")

    op.drop_table("points_rule")
    with op.batch_alter_table("points_request", schema=None) as batch_op:
        batch_op.drop_index("ix_points_request_shop")

    op.drop_table("points_request")
    with op.batch_alter_table("points_lot", schema=None) as batch_op:
        batch_op.drop_index("ix_points_lot_expiry")

    op.drop_table("points_lot")
    op.drop_table("points_entry")
    op.drop_table("points_currency")
    with op.batch_alter_table("points_birthday", schema=None) as batch_op:
        batch_op.drop_index("ix_points_birthday_day")

    op.drop_table("points_birthday")
    with op.batch_alter_table("points_act", schema=None) as batch_op:
        batch_op.drop_index("ux_points_act_once")
        batch_op.drop_index("ix_points_act_about")

    op.drop_table("points_act")
    with op.batch_alter_table("points_account", schema=None) as batch_op:
        batch_op.drop_index("ux_points_account_owner", sqlite_where=sa.text("NOT closed"), postgresql_where=sa.text("NOT closed"))
        batch_op.drop_index("ix_points_account_due")

    op.drop_table("points_account")
