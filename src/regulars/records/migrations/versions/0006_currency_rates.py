"""currency rates"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from regulars.records.columns import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "currency_rate",
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("from_on", sa.String(length=10), nullable=False),
        sa.Column("rate", sa.String(length=40), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=False),
        sa.Column("told_by", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "currency", "from_on", name=op.f("pk_currency_rate")),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("currency_rate")
