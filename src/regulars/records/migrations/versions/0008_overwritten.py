"""when the remains of an erased customer were overwritten"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from regulars.records.columns import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("erasure", sa.Column("overwritten_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    """Take back."""
    op.drop_column("erasure", "overwritten_at")
