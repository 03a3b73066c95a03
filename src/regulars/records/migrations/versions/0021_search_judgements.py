"""search judgements"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from regulars.records.columns import UtcDateTime

revision = "0021"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "search_judgement",
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("query", sa.String(length=200), nullable=False),
        sa.Column("product_id", sa.String(length=200), nullable=False),
        sa.Column("grade", sa.Float(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("made_by", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "query", "product_id", name=op.f("pk_search_judgement")),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("search_judgement")
