"""alarm receivers"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from regulars.records.columns import UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "alarm_receiver",
        sa.Column("receiver_id", sa.String(length=40), nullable=False),
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("operator_id", sa.String(length=64), nullable=True),
        sa.Column("url", sa.String(length=2000), nullable=True),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("least_level", sa.String(length=8), nullable=False),
        sa.Column("made_by", sa.String(length=128), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("receiver_id", name=op.f("pk_alarm_receiver")),
    )
    with op.batch_alter_table("alarm_receiver", schema=None) as batch_op:
        batch_op.create_index("ix_alarm_receiver_shop", ["shop_id"], unique=False)
    op.create_table(
        "alarm_notice",
        sa.Column("receiver_id", sa.String(length=40), nullable=False),
        sa.Column("anomaly_id", sa.String(length=40), nullable=False),
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=300), nullable=True),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("receiver_id", "anomaly_id", name=op.f("pk_alarm_notice")),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("alarm_notice")
    with op.batch_alter_table("alarm_receiver", schema=None) as batch_op:
        batch_op.drop_index("ix_alarm_receiver_shop")

    op.drop_table("alarm_receiver")
