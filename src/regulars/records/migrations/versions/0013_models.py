"""versions of models, changes of champion, and what was seen of them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from regulars.records.columns import Json, UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "model_change",
        sa.Column("change_id", sa.String(length=40), nullable=False),
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("model", sa.String(length=60), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("before", sa.Integer(), nullable=True),
        sa.Column("act", sa.String(length=12), nullable=False),
        sa.Column("by", sa.String(length=128), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("change_id", name=op.f("pk_model_change")),
    )
    op.create_table(
        "model_check",
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("model", sa.String(length=60), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("figures", Json(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "model", "number", "day", name=op.f("pk_model_check")),
    )
    op.create_table(
        "model_version",
        sa.Column("version_id", sa.String(length=40), nullable=False),
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("model", sa.String(length=60), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("as_of", UtcDateTime(), nullable=False),
        sa.Column("method", sa.String(length=60), nullable=False),
        sa.Column("settings", Json(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("trained_on", sa.Integer(), nullable=False),
        sa.Column("scores", Json(), nullable=False),
        sa.Column("folds", Json(), nullable=False),
        sa.Column("card", Json(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("body_digest", sa.String(length=64), nullable=False),
        sa.Column("body_bytes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_model_version")),
        sa.UniqueConstraint("shop_id", "model", "digest", name=op.f("uq_model_version_shop_id_model_digest")),
        sa.UniqueConstraint("shop_id", "model", "number", name=op.f("uq_model_version_shop_id_model_number")),
    )
    op.create_index(
        "uq_model_version_champion",
        "model_version",
        ["shop_id", "model"],
        unique=True,
        sqlite_where=sa.text("state = 'champion'"),
        postgresql_where=sa.text("state = 'champion'"),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_index("uq_model_version_champion", table_name="model_version")
    op.drop_table("model_version")
    op.drop_table("model_check")
    op.drop_table("model_change")
