"""parts of the events archive that were merged"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from regulars.records.columns import Json, UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("event_part", sa.Column("last_part", sa.String(40), nullable=True))
    op.add_column("event_part", sa.Column("sizes", Json(), nullable=True))
    op.create_table(
        "event_merging",
        sa.Column("merging_id", sa.String(64), nullable=False),
        sa.Column("shop_id", sa.String(64), nullable=False),
        sa.Column("first_part", sa.String(40), nullable=False),
        sa.Column("last_part", sa.String(40), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("began_at", UtcDateTime(), nullable=False),
        sa.Column("placed_at", UtcDateTime(), nullable=True),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("merging_id", name=op.f("pk_event_merging")),
    )
    op.create_index("ix_event_merging_state", "event_merging", ["state"])


def downgrade() -> None:
    """Take back."""
    op.drop_table("event_merging")
    op.drop_column("event_part", "sizes")
    op.drop_column("event_part", "last_part")
