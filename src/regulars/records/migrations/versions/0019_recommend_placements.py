"""recommend placements"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from regulars.records.columns import UtcDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "recommend_placement",
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("placement", sa.String(length=24), nullable=False),
        sa.Column("random_bps", sa.Integer(), nullable=False),
        sa.Column("popular_bps", sa.Integer(), nullable=False),
        sa.Column("variant", sa.String(length=16), nullable=True),
        sa.Column("variant_bps", sa.Integer(), nullable=False),
        sa.Column("most_per_visitor", sa.Integer(), nullable=True),
        sa.Column("most_share_bps", sa.Integer(), nullable=True),
        sa.Column("changed_by", sa.String(length=128), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "placement", name=op.f("pk_recommend_placement")),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("recommend_placement")
