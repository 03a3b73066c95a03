"""recommend rules"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from regulars.records.columns import Json, UtcDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "recommend_rule",
        sa.Column("rule_id", sa.String(length=40), nullable=False),
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("placement", sa.String(length=24), nullable=True),
        sa.Column("match", Json(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=True),
        sa.Column("strength", sa.Float(), nullable=False),
        sa.Column("from_at", UtcDateTime(), nullable=True),
        sa.Column("to_at", UtcDateTime(), nullable=True),
        sa.Column("segment_id", sa.String(length=64), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("made_by", sa.String(length=128), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("rule_id", name=op.f("pk_recommend_rule")),
    )
    with op.batch_alter_table("recommend_rule", schema=None) as batch_op:
        batch_op.create_index("ix_recommend_rule_shop", ["shop_id", "made_at"], unique=False)


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("recommend_rule", schema=None) as batch_op:
        batch_op.drop_index("ix_recommend_rule_shop")

    op.drop_table("recommend_rule")
