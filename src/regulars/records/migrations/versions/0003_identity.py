"""identity"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from regulars.records.columns import Json, UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "identity_alias",
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("customer_id", sa.String(length=200), nullable=False),
        sa.Column("via", sa.String(length=200), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=True),
        sa.Column("alone", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_identity_alias")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("identity_alias", schema=None) as batch_op:
        batch_op.create_index("ix_identity_alias_customer_id_shop_id", ["customer_id", "shop_id"], unique=False)

    op.create_table(
        "identity_change",
        sa.Column("change_id", sa.String(length=64), nullable=False),
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("ids", Json(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("change_id", name=op.f("pk_identity_change")),
    )
    with op.batch_alter_table("identity_change", schema=None) as batch_op:
        batch_op.create_index("ix_identity_change_shop_id", ["shop_id"], unique=False)

    op.create_table(
        "identity_claim",
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("left_id", sa.String(length=200), nullable=False),
        sa.Column("right_id", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("first_at", UtcDateTime(), nullable=True),
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("outcome", sa.String(length=8), nullable=False),
        sa.Column("decision", sa.String(length=8), nullable=True),
        sa.Column("decided_by", sa.String(length=80), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("learned_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "left_id", "right_id", name=op.f("pk_identity_claim")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("identity_claim", schema=None) as batch_op:
        batch_op.create_index(
            "ix_identity_claim_refused",
            ["shop_id", "learned_at"],
            unique=False,
            sqlite_where=sa.text("outcome = 'refused'"),
            postgresql_where=sa.text("outcome = 'refused'"),
        )
        batch_op.create_index("ix_identity_claim_shop_id_learned_at", ["shop_id", "learned_at"], unique=False)
        batch_op.create_index("ix_identity_claim_right_id_shop_id", ["right_id", "shop_id"], unique=False)

    op.create_table(
        "identity_known",
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("first_at", UtcDateTime(), nullable=False),
        sa.Column("as_user", sa.Boolean(), nullable=False),
        sa.Column("merged", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "id", name=op.f("pk_identity_known")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "identity_refusal",
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("value", sa.String(length=40), nullable=False),
        sa.Column("other_id", sa.String(length=200), nullable=False),
        sa.Column("first_at", UtcDateTime(), nullable=False),
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("learned_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "value", "other_id", name=op.f("pk_identity_refusal")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("identity_refusal", schema=None) as batch_op:
        batch_op.create_index("ix_identity_refusal_shop_id_learned_at", ["shop_id", "learned_at"], unique=False)
        batch_op.create_index("ix_identity_refusal_other_id_shop_id", ["other_id", "shop_id"], unique=False)


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("identity_refusal", schema=None) as batch_op:
        batch_op.drop_index("ix_identity_refusal_other_id_shop_id")
        batch_op.drop_index("ix_identity_refusal_shop_id_learned_at")

    op.drop_table("identity_refusal")
    op.drop_table("identity_known")
    with op.batch_alter_table("identity_claim", schema=None) as batch_op:
        batch_op.drop_index("ix_identity_claim_right_id_shop_id")
        batch_op.drop_index("ix_identity_claim_shop_id_learned_at")
        batch_op.drop_index(
            "ix_identity_claim_refused",
            sqlite_where=sa.text("outcome = 'refused'"),
            postgresql_where=sa.text("outcome = 'refused'"),
        )

    op.drop_table("identity_claim")
    with op.batch_alter_table("identity_change", schema=None) as batch_op:
        batch_op.drop_index("ix_identity_change_shop_id")

    op.drop_table("identity_change")
    with op.batch_alter_table("identity_alias", schema=None) as batch_op:
        batch_op.drop_index("ix_identity_alias_customer_id_shop_id")

    op.drop_table("identity_alias")
