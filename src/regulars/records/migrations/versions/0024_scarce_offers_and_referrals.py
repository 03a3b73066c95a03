"""scarce offers and referrals"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from regulars.records.columns import Json, UtcDateTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "flash_reservation",
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("sale_id", sa.String(length=64), nullable=False),
        sa.Column("reservation_id", sa.String(length=128), nullable=False),
        sa.Column("customer_id", sa.String(length=200), nullable=False),
        sa.Column("named_as", sa.String(length=200), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("reserved_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("paid_at", UtcDateTime(), nullable=True),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("shop_id", "sale_id", "reservation_id", name=op.f("pk_flash_reservation")),
    )
    with op.batch_alter_table("flash_reservation", schema=None) as batch_op:
        batch_op.create_index("ix_flash_reservation_customer", ["shop_id", "customer_id"], unique=False)
        batch_op.create_index("ix_flash_reservation_named", ["shop_id", "named_as"], unique=False)
        batch_op.create_index("ix_flash_reservation_open", ["shop_id", "sale_id", "status", "expires_at"], unique=False)

    op.create_table(
        "flash_sale",
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("sale_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("product_id", sa.String(length=200), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("list_price_minor", sa.BigInteger(), nullable=True),
        sa.Column("stock", sa.Integer(), nullable=False),
        sa.Column("per_customer", sa.Integer(), nullable=True),
        sa.Column("ttl_s", sa.Integer(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("reserved", sa.Integer(), nullable=False),
        sa.Column("sold", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.String(length=128), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("reserved >= 0 AND sold >= 0 AND sold + reserved <= stock", name=op.f("ck_flash_sale_stock_holds")),
        sa.PrimaryKeyConstraint("shop_id", "sale_id", name=op.f("pk_flash_sale")),
    )
    with op.batch_alter_table("flash_sale", schema=None) as batch_op:
        batch_op.create_index("ix_flash_sale_time", ["shop_id", "starts_at"], unique=False)

    op.create_table(
        "group_buy",
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("offer_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("product_id", sa.String(length=200), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("list_price_minor", sa.BigInteger(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("window_s", sa.Integer(), nullable=False),
        sa.Column("pay_ttl_s", sa.Integer(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("made_by", sa.String(length=128), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "offer_id", name=op.f("pk_group_buy")),
    )
    with op.batch_alter_table("group_buy", schema=None) as batch_op:
        batch_op.create_index("ix_group_buy_time", ["shop_id", "starts_at"], unique=False)

    op.create_table(
        "group_buy_group",
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("group_id", sa.String(length=128), nullable=False),
        sa.Column("offer_id", sa.String(length=64), nullable=False),
        sa.Column("product_id", sa.String(length=200), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("window_s", sa.Integer(), nullable=False),
        sa.Column("pay_ttl_s", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("leader", sa.String(length=64), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("deadline_at", UtcDateTime(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("paid", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.CheckConstraint("paid >= 0 AND held >= 0 AND paid + held <= size", name=op.f("ck_group_buy_group_seats_hold")),
        sa.PrimaryKeyConstraint("shop_id", "group_id", name=op.f("pk_group_buy_group")),
    )
    with op.batch_alter_table("group_buy_group", schema=None) as batch_op:
        batch_op.create_index("ix_group_buy_group_offer", ["shop_id", "offer_id", "opened_at"], unique=False)
        batch_op.create_index("ix_group_buy_group_status", ["shop_id", "status"], unique=False)

    op.create_table(
        "group_buy_refund",
        sa.Column("refund_id", sa.String(length=80), nullable=False),
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("offer_id", sa.String(length=64), nullable=False),
        sa.Column("group_id", sa.String(length=128), nullable=False),
        sa.Column("customer_id", sa.String(length=200), nullable=False),
        sa.Column("named_as", sa.String(length=200), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("reason", sa.String(length=12), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("refund_id", name=op.f("pk_group_buy_refund")),
    )
    with op.batch_alter_table("group_buy_refund", schema=None) as batch_op:
        batch_op.create_index("ix_group_buy_refund_due", ["shop_id", "done_at", "due_at"], unique=False)
        batch_op.create_index("ix_group_buy_refund_group", ["shop_id", "group_id"], unique=False)
        batch_op.create_index("ix_group_buy_refund_named", ["shop_id", "named_as"], unique=False)

    op.create_table(
        "group_buy_seat",
        sa.Column("seat_id", sa.String(length=64), nullable=False),
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("group_id", sa.String(length=128), nullable=False),
        sa.Column("customer_id", sa.String(length=200), nullable=False),
        sa.Column("named_as", sa.String(length=200), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("held_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("paid_at", UtcDateTime(), nullable=True),
        sa.Column("told", sa.String(length=12), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("seat_id", name=op.f("pk_group_buy_seat")),
    )
    with op.batch_alter_table("group_buy_seat", schema=None) as batch_op:
        batch_op.create_index("ix_group_buy_seat_customer", ["shop_id", "customer_id"], unique=False)
        batch_op.create_index("ix_group_buy_seat_group", ["shop_id", "group_id", "place"], unique=True)
        batch_op.create_index("ix_group_buy_seat_named", ["shop_id", "named_as"], unique=False)

    op.create_table(
        "referral",
        sa.Column("referral_id", sa.String(length=64), nullable=False),
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("programme_id", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("customer_id", sa.String(length=200), nullable=False),
        sa.Column("named_as", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reasons", Json(), nullable=False),
        sa.Column("cleared", sa.Boolean(), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("address_digest", sa.String(length=64), nullable=False),
        sa.Column("claimed_at", UtcDateTime(), nullable=False),
        sa.Column("order_id", sa.String(length=200), nullable=True),
        sa.Column("order_minor", sa.BigInteger(), nullable=True),
        sa.Column("ordered_at", UtcDateTime(), nullable=True),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("decided_by", sa.String(length=128), nullable=True),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.PrimaryKeyConstraint("referral_id", name=op.f("pk_referral")),
    )
    with op.batch_alter_table("referral", schema=None) as batch_op:
        batch_op.create_index("ix_referral_code", ["shop_id", "code"], unique=False)
        batch_op.create_index("ix_referral_friend", ["shop_id", "programme_id", "named_as"], unique=True)
        batch_op.create_index("ix_referral_named", ["shop_id", "named_as"], unique=False)
        batch_op.create_index("ix_referral_state", ["shop_id", "state", "claimed_at"], unique=False)

    op.create_table(
        "referral_code",
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("programme_id", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=200), nullable=False),
        sa.Column("named_as", sa.String(length=200), nullable=False),
        sa.Column("rewarded", sa.Integer(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "code", name=op.f("pk_referral_code")),
    )
    with op.batch_alter_table("referral_code", schema=None) as batch_op:
        batch_op.create_index("ix_referral_code_customer", ["shop_id", "customer_id"], unique=False)
        batch_op.create_index("ix_referral_code_owner", ["shop_id", "programme_id", "named_as"], unique=True)

    op.create_table(
        "referral_programme",
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("programme_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("referrer", Json(), nullable=True),
        sa.Column("friend", Json(), nullable=True),
        sa.Column("claim_days", sa.Integer(), nullable=False),
        sa.Column("return_days", sa.Integer(), nullable=False),
        sa.Column("min_order_minor", sa.BigInteger(), nullable=False),
        sa.Column("max_per_referrer", sa.Integer(), nullable=True),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=True),
        sa.Column("made_by", sa.String(length=128), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "programme_id", name=op.f("pk_referral_programme")),
    )
    op.create_table(
        "referral_reward",
        sa.Column("reward_id", sa.String(length=80), nullable=False),
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("referral_id", sa.String(length=64), nullable=False),
        sa.Column("programme_id", sa.String(length=64), nullable=False),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("customer_id", sa.String(length=200), nullable=False),
        sa.Column("named_as", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=True),
        sa.Column("coupon", sa.String(length=200), nullable=True),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("granted_at", UtcDateTime(), nullable=True),
        sa.Column("granted_by", sa.String(length=128), nullable=True),
        sa.PrimaryKeyConstraint("reward_id", name=op.f("pk_referral_reward")),
    )
    with op.batch_alter_table("referral_reward", schema=None) as batch_op:
        batch_op.create_index("ix_referral_reward_due", ["shop_id", "granted_at", "due_at"], unique=False)
        batch_op.create_index("ix_referral_reward_named", ["shop_id", "named_as"], unique=False)
        batch_op.create_index("ix_referral_reward_referral", ["shop_id", "referral_id"], unique=False)


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("referral_reward", schema=None) as batch_op:
        batch_op.drop_index("ix_referral_reward_referral")
        batch_op.drop_index("ix_referral_reward_named")
        batch_op.drop_index("ix_referral_reward_due")

    op.drop_table("referral_reward")
    op.drop_table("referral_programme")
    with op.batch_alter_table("referral_code", schema=None) as batch_op:
        batch_op.drop_index("ix_referral_code_owner")
        batch_op.drop_index("ix_referral_code_customer")

    op.drop_table("referral_code")
    with op.batch_alter_table("referral", schema=None) as batch_op:
        batch_op.drop_index("ix_referral_state")
        batch_op.drop_index("ix_referral_named")
        batch_op.drop_index("ix_referral_friend")
        batch_op.drop_index("ix_referral_code")

    op.drop_table("referral")
    with op.batch_alter_table("group_buy_seat", schema=None) as batch_op:
        batch_op.drop_index("ix_group_buy_seat_named")
        batch_op.drop_index("ix_group_buy_seat_group")
        batch_op.drop_index("ix_group_buy_seat_customer")

    op.drop_table("group_buy_seat")
    with op.batch_alter_table("group_buy_refund", schema=None) as batch_op:
        batch_op.drop_index("ix_group_buy_refund_named")
        batch_op.drop_index("ix_group_buy_refund_group")
        batch_op.drop_index("ix_group_buy_refund_due")

    op.drop_table("group_buy_refund")
    with op.batch_alter_table("group_buy_group", schema=None) as batch_op:
        batch_op.drop_index("ix_group_buy_group_status")
        batch_op.drop_index("ix_group_buy_group_offer")

    op.drop_table("group_buy_group")
    with op.batch_alter_table("group_buy", schema=None) as batch_op:
        batch_op.drop_index("ix_group_buy_time")

    op.drop_table("group_buy")
    with op.batch_alter_table("flash_sale", schema=None) as batch_op:
        batch_op.drop_index("ix_flash_sale_time")

    op.drop_table("flash_sale")
    with op.batch_alter_table("flash_reservation", schema=None) as batch_op:
        batch_op.drop_index("ix_flash_reservation_open")
        batch_op.drop_index("ix_flash_reservation_named")
        batch_op.drop_index("ix_flash_reservation_customer")

    op.drop_table("flash_reservation")
