"""promotions and coupons"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from regulars.records.columns import Json, UtcDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "promotion",
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("promotion_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=True),
        sa.Column("definition", Json(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=True),
        sa.Column("ends_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(length=128), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("launched_by", sa.String(length=128), nullable=True),
        sa.Column("approved_by", sa.String(length=128), nullable=True),
        sa.PrimaryKeyConstraint("shop_id", "promotion_id", name=op.f("pk_promotion")),
    )
    with op.batch_alter_table("promotion", schema=None) as batch_op:
        batch_op.create_index("ix_promotion_code", ["shop_id", "code"], unique=True)

    op.create_table(
        "promotion_shop",
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("approval_above_minor", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("shop_id", name=op.f("pk_promotion_shop")),
    )

    op.create_table(
        "promotion_use",
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("promotion_id", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=200), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("spent_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "promotion_id", "customer_id", "day", name=op.f("pk_promotion_use")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("promotion_use", schema=None) as batch_op:
        batch_op.create_index("ix_promotion_use_customer", ["shop_id", "customer_id"], unique=False)

    op.create_table(
        "coupon_batch",
        sa.Column("batch_id", sa.String(length=40), nullable=False),
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("promotion_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("origin", sa.String(length=12), nullable=False),
        sa.Column("prefix", sa.String(length=20), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("made", sa.Integer(), nullable=False),
        sa.Column("stock", sa.Integer(), nullable=True),
        sa.Column("per_customer", sa.Integer(), nullable=True),
        sa.Column("claimed", sa.Integer(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=True),
        sa.Column("valid_days", sa.Integer(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(length=128), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("error", sa.String(length=500), nullable=True),
        sa.PrimaryKeyConstraint("batch_id", name=op.f("pk_coupon_batch")),
    )
    with op.batch_alter_table("coupon_batch", schema=None) as batch_op:
        batch_op.create_index("ix_coupon_batch_promotion", ["shop_id", "promotion_id", "created_at"], unique=False)

    op.create_table(
        "coupon",
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("promotion_id", sa.String(length=64), nullable=False),
        sa.Column("batch_id", sa.String(length=40), nullable=False),
        sa.Column("customer_id", sa.String(length=200), nullable=True),
        sa.Column("told_as", sa.String(length=200), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=True),
        sa.Column("order_id", sa.String(length=128), nullable=True),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("shop_id", "code", name=op.f("pk_coupon")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("coupon", schema=None) as batch_op:
        batch_op.create_index("ix_coupon_batch", ["batch_id", "code"], unique=False)
        batch_op.create_index(
            "ix_coupon_customer",
            ["shop_id", "customer_id"],
            unique=False,
            sqlite_where=sa.text("customer_id IS NOT NULL"),
            postgresql_where=sa.text("customer_id IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_coupon_told_as",
            ["shop_id", "told_as"],
            unique=False,
            sqlite_where=sa.text("told_as IS NOT NULL"),
            postgresql_where=sa.text("told_as IS NOT NULL"),
        )

    op.create_table(
        "coupon_claim",
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("batch_id", sa.String(length=40), nullable=False),
        sa.Column("customer_id", sa.String(length=200), nullable=False),
        sa.Column("claimed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "batch_id", "customer_id", name=op.f("pk_coupon_claim")),
    )

    op.create_table(
        "priced_order",
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("order_id", sa.String(length=128), nullable=False),
        sa.Column("customer_id", sa.String(length=200), nullable=True),
        sa.Column("told_as", sa.String(length=200), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("payable_minor", sa.BigInteger(), nullable=False),
        sa.Column("asked", Json(), nullable=False),
        sa.Column("offers", Json(), nullable=False),
        sa.Column("answer", Json(), nullable=False),
        sa.Column("full_return", sa.Boolean(), nullable=False),
        sa.Column("committed_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "order_id", name=op.f("pk_priced_order")),
    )
    with op.batch_alter_table("priced_order", schema=None) as batch_op:
        batch_op.create_index("ix_priced_order_customer", ["shop_id", "customer_id"], unique=False)
        batch_op.create_index("ix_priced_order_time", ["shop_id", "committed_at"], unique=False)
        batch_op.create_index("ix_priced_order_told_as", ["shop_id", "told_as"], unique=False)

    op.create_table(
        "order_offer",
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("order_id", sa.String(length=128), nullable=False),
        sa.Column("offer_id", sa.String(length=100), nullable=False),
        sa.Column("promotion_id", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("freed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "order_id", "offer_id", name=op.f("pk_order_offer")),
    )
    with op.batch_alter_table("order_offer", schema=None) as batch_op:
        batch_op.create_index("ix_order_offer_promotion", ["shop_id", "promotion_id", "day"], unique=False)

    op.create_table(
        "order_refund",
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("order_id", sa.String(length=128), nullable=False),
        sa.Column("refund_id", sa.String(length=128), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("policy", sa.String(length=8), nullable=False),
        sa.Column("returned", Json(), nullable=False),
        sa.Column("answer", Json(), nullable=False),
        sa.Column("refunded_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "order_id", "refund_id", name=op.f("pk_order_refund")),
    )


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("promotion", schema=None) as batch_op:
        batch_op.drop_index("ix_promotion_code")
    op.drop_table("promotion")

    op.drop_table("promotion_shop")

    with op.batch_alter_table("promotion_use", schema=None) as batch_op:
        batch_op.drop_index("ix_promotion_use_customer")
    op.drop_table("promotion_use")

    with op.batch_alter_table("coupon_batch", schema=None) as batch_op:
        batch_op.drop_index("ix_coupon_batch_promotion")
    op.drop_table("coupon_batch")

    with op.batch_alter_table("coupon", schema=None) as batch_op:
        batch_op.drop_index("ix_coupon_batch")
        batch_op.drop_index("ix_coupon_customer")
        batch_op.drop_index("ix_coupon_told_as")
    op.drop_table("coupon")

    op.drop_table("coupon_claim")

    with op.batch_alter_table("priced_order", schema=None) as batch_op:
        batch_op.drop_index("ix_priced_order_customer")
        batch_op.drop_index("ix_priced_order_time")
        batch_op.drop_index("ix_priced_order_told_as")
    op.drop_table("priced_order")

    with op.batch_alter_table("order_offer", schema=None) as batch_op:
        batch_op.drop_index("ix_order_offer_promotion")
    op.drop_table("order_offer")

    op.drop_table("order_refund")
