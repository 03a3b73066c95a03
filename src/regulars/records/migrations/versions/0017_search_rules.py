"""search rules"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from regulars.records.columns import Json, UtcDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "search_rule",
        sa.Column("rule_id", sa.String(length=40), nullable=False),
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("body", Json(), nullable=False),
        sa.Column("begins_at", UtcDateTime(), nullable=True),
        sa.Column("ends_at", UtcDateTime(), nullable=True),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("made_by", sa.String(length=128), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("changed_by", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("rule_id", name=op.f("pk_search_rule")),
    )
    with op.batch_alter_table("search_rule", schema=None) as batch_op:
        batch_op.create_index("ix_search_rule_shop", ["shop_id", "kind", "state"], unique=False)


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("search_rule", schema=None) as batch_op:
        batch_op.drop_index("ix_search_rule_shop")

    op.drop_table("search_rule")
