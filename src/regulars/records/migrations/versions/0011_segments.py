"""segments"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from regulars.records.columns import Json, UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "segment",
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("segment_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("name_zh", sa.String(length=120), server_default="", nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("where_tree", Json(), nullable=True),
        sa.Column("known_only", sa.Boolean(), nullable=False),
        sa.Column("library_id", sa.String(length=64), nullable=True),
        sa.Column("owner_id", sa.String(length=128), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("evaluated_at", UtcDateTime(), nullable=True),
        sa.Column("customers", sa.Integer(), nullable=True),
        sa.Column("told_run", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("shop_id", "segment_id", name=op.f("pk_segment")),
    )
    op.create_table(
        "segment_listed",
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("segment_id", sa.String(length=64), nullable=False),
        sa.Column("told_as", sa.String(length=200), nullable=False),
        sa.Column("customer_id", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "segment_id", "told_as", name=op.f("pk_segment_listed")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_segment_listed_told_as", "segment_listed", ["shop_id", "told_as"])
    op.create_index("ix_segment_listed_customer", "segment_listed", ["shop_id", "customer_id"])
    op.create_table(
        "segment_size",
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("segment_id", sa.String(length=64), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("customers", sa.Integer(), nullable=False),
        sa.Column("entered", sa.Integer(), nullable=False),
        sa.Column("left", sa.Integer(), nullable=False),
        sa.Column("redefined", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "segment_id", "day", name=op.f("pk_segment_size")),
    )
    op.create_table(
        "segment_hook",
        sa.Column("hook_id", sa.String(length=40), nullable=False),
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("segment_id", sa.String(length=64), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_by", sa.String(length=128), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("sent_run", sa.Integer(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("hook_id", name=op.f("pk_segment_hook")),
    )
    op.create_index("ix_segment_hook_segment", "segment_hook", ["shop_id", "segment_id"])


def downgrade() -> None:
    """Take back."""
    op.drop_table("segment_hook")
    op.drop_table("segment_size")
    op.drop_table("segment_listed")
    op.drop_table("segment")
