"""the first tables"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from regulars.records.columns import Json, UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""

    op.create_table(
        "api_key",
        sa.Column("key_id", sa.String(length=8), nullable=False),
        sa.Column("shop_id", sa.String(length=64), server_default="*", nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("scopes", Json(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("last_used_at", UtcDateTime(), nullable=True),
        sa.Column("replaces", sa.String(length=8), nullable=True),
        sa.Column("replaced_by", sa.String(length=8), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_api_key")),
    )
    op.create_table(
        "audit_entry",
        sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("shop_id", sa.String(length=64), server_default="*", nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("caller_kind", sa.String(length=16), nullable=False),
        sa.Column("caller_id", sa.String(length=80), nullable=False),
        sa.Column("action", sa.String(length=80), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("previous_seal", sa.String(length=64), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_audit_entry")),
    )
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.create_index("ix_audit_entry_shop_id_sequence", ["shop_id", "sequence"], unique=False)
        batch_op.create_index("ix_audit_entry_subject", ["subject"], unique=False)

    op.create_table(
        "audit_head",
        sa.Column("head", sa.Integer(), nullable=False),
        sa.Column("shop_id", sa.String(length=64), server_default="*", nullable=False),
        sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.Column("head_seal", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("head", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "bad_row",
        sa.Column("bad_row_id", sa.String(length=64), nullable=False),
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("load_id", sa.String(length=40), nullable=False),
        sa.Column("file", sa.String(length=400), nullable=False),
        sa.Column("row_no", sa.BigInteger(), nullable=False),
        sa.Column("rules", sa.String(length=400), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("repaired_by", sa.String(length=40), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("bad_row_id", name=op.f("pk_bad_row")),
    )
    with op.batch_alter_table("bad_row", schema=None) as batch_op:
        batch_op.create_index("ix_bad_row_load", ["load_id", "state", "row_no"], unique=False)
        batch_op.create_index("ix_bad_row_shop", ["shop_id", "state"], unique=False)

    op.create_table(
        "column_mapping",
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("headers", Json(), nullable=False),
        sa.Column("fields", Json(), nullable=False),
        sa.Column("options", Json(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "fingerprint", name=op.f("pk_column_mapping")),
    )
    op.create_table(
        "contact_lookup",
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "digest", "customer_id", name=op.f("pk_contact_lookup")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("contact_lookup", schema=None) as batch_op:
        batch_op.create_index("ix_contact_lookup_shop_id_customer_id", ["shop_id", "customer_id"], unique=False)

    op.create_table(
        "customer_key",
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=200), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "customer_id", name=op.f("pk_customer_key")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "erasure",
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("erasure_id", sa.String(length=64), nullable=False),
        sa.Column("successor", sa.String(length=64), nullable=False),
        sa.Column("old_id_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("rows", Json(), nullable=True),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("erased_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("shop_id", "digest", name=op.f("pk_erasure")),
        sa.UniqueConstraint("erasure_id", name=op.f("uq_erasure_erasure_id")),
    )
    op.create_table(
        "handled",
        sa.Column("subscription", sa.String(length=64), nullable=False),
        sa.Column("message_id", sa.String(length=64), nullable=False),
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("handled_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("subscription", "message_id", name=op.f("pk_handled")),
    )
    op.create_table(
        "idempotency_key",
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("shop_id", sa.String(length=64), server_default="*", nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key_hash", name=op.f("pk_idempotency_key")),
    )
    with op.batch_alter_table("idempotency_key", schema=None) as batch_op:
        batch_op.create_index("ix_idempotency_key_created_at", ["created_at"], unique=False)

    op.create_table(
        "job",
        sa.Column("job_id", sa.String(length=40), nullable=False),
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=True),
        sa.Column("payload", Json(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("run_at", UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(length=64), nullable=True),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("stop_asked", sa.Boolean(), nullable=False),
        sa.Column("progress_done", sa.BigInteger(), nullable=True),
        sa.Column("progress_total", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=True),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_job")),
        sa.UniqueConstraint("key", name=op.f("uq_job_key")),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index("ix_job_due", ["state", "run_at"], unique=False)
        batch_op.create_index("ix_job_recent", ["shop_id", "created_at"], unique=False)

    op.create_table(
        "load",
        sa.Column("load_id", sa.String(length=40), nullable=False),
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("content_key", sa.String(length=64), nullable=False),
        sa.Column("files", Json(), nullable=False),
        sa.Column("options", Json(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=True),
        sa.Column("report", Json(), nullable=True),
        sa.Column("repairs", sa.String(length=40), nullable=True),
        sa.Column("repaired_rows", Json(), nullable=False),
        sa.Column("job_id", sa.String(length=40), nullable=True),
        sa.Column("operator", sa.String(length=128), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("load_id", name=op.f("pk_load")),
    )
    with op.batch_alter_table("load", schema=None) as batch_op:
        batch_op.create_index("ix_load_content", ["shop_id", "content_key", "status"], unique=False)
        batch_op.create_index("ix_load_recent", ["shop_id", "created_at"], unique=False)

    op.create_table(
        "one_time_link",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("link_id", sa.String(length=64), nullable=False),
        sa.Column("shop_id", sa.String(length=64), server_default="*", nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("operator_id", sa.String(length=64), nullable=True),
        sa.Column("role", sa.String(length=16), nullable=True),
        sa.Column("shop_ids", Json(), nullable=True),
        sa.Column("email_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_one_time_link")),
        sa.UniqueConstraint("link_id", name=op.f("uq_one_time_link_link_id")),
    )
    op.create_table(
        "operator",
        sa.Column("operator_id", sa.String(length=64), nullable=False),
        sa.Column("shop_id", sa.String(length=64), server_default="*", nullable=False),
        sa.Column("shop_ids", Json(), nullable=True),
        sa.Column("email_index", sa.String(length=64), nullable=False),
        sa.Column("email_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("totp_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("totp_confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("totp_last_step", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("signed_in_at", UtcDateTime(), nullable=True),
        sa.Column("disabled_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("operator_id", name=op.f("pk_operator")),
        sa.UniqueConstraint("email_index", name=op.f("uq_operator_email_index")),
    )
    op.create_table(
        "outbox",
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("message_id", sa.String(length=64), nullable=False),
        sa.Column("event", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=128), nullable=True),
        sa.Column("timestamp", UtcDateTime(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("properties", sa.Text(), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=False),
        sa.Column("relayed_at", UtcDateTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("retry_at", UtcDateTime(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_outbox")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outbox_message_id")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_waiting", ["relayed_at", "position"], unique=False)

    op.create_table(
        "person",
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=200), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("load_id", sa.String(length=64), server_default="", nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "customer_id", name=op.f("pk_person")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index("ix_person_shop_id_load_id", ["shop_id", "load_id"], unique=False)

    op.create_table(
        "recovery_code",
        sa.Column("operator_id", sa.String(length=64), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("shop_id", sa.String(length=64), server_default="*", nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("operator_id", "code_hash", name=op.f("pk_recovery_code")),
    )
    op.create_table(
        "schedule",
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "shop_id", name=op.f("pk_schedule")),
    )
    op.create_table(
        "sealed_text",
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("customer_id", sa.String(length=200), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("load_id", sa.String(length=64), server_default="", nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", "subject", name=op.f("pk_sealed_text")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("sealed_text", schema=None) as batch_op:
        batch_op.create_index("ix_sealed_text_shop_id_customer_id", ["shop_id", "customer_id"], unique=False)
        batch_op.create_index("ix_sealed_text_shop_id_load_id", ["shop_id", "load_id"], unique=False)

    op.create_table(
        "session",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("session_id", sa.String(length=64), nullable=False),
        sa.Column("shop_id", sa.String(length=64), server_default="*", nullable=False),
        sa.Column("operator_id", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("second_factor", sa.Boolean(), nullable=False),
        sa.Column("browser", sa.String(length=200), server_default="", nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("ended_because", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_session")),
        sa.UniqueConstraint("session_id", name=op.f("uq_session_session_id")),
    )
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_session_operator_id"), ["operator_id"], unique=False)

    op.create_table(
        "shop",
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("week_start", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("new_within_days", sa.Integer(), nullable=False),
        sa.Column("dormant_after_days", sa.Integer(), nullable=True),
        sa.Column("churned_after_days", sa.Integer(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("shop_id", name=op.f("pk_shop")),
    )
    op.create_table(
        "sign_in_attempt",
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("shop_id", sa.String(length=64), server_default="*", nullable=False),
        sa.Column("recent", Json(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_sign_in_attempt")),
    )
    with op.batch_alter_table("sign_in_attempt", schema=None) as batch_op:
        batch_op.create_index("ix_sign_in_attempt_changed_at", ["changed_at"], unique=False)


def downgrade() -> None:
    """Take back."""

    with op.batch_alter_table("sign_in_attempt", schema=None) as batch_op:
        batch_op.drop_index("ix_sign_in_attempt_changed_at")

    op.drop_table("sign_in_attempt")
    op.drop_table("shop")
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_session_operator_id"))

    op.drop_table("session")
    with op.batch_alter_table("sealed_text", schema=None) as batch_op:
        batch_op.drop_index("ix_sealed_text_shop_id_load_id")
        batch_op.drop_index("ix_sealed_text_shop_id_customer_id")

    op.drop_table("sealed_text")
    op.drop_table("schedule")
    op.drop_table("recovery_code")
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_index("ix_person_shop_id_load_id")

    op.drop_table("person")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_waiting")

    op.drop_table("outbox")
    op.drop_table("operator")
    op.drop_table("one_time_link")
    with op.batch_alter_table("load", schema=None) as batch_op:
        batch_op.drop_index("ix_load_recent")
        batch_op.drop_index("ix_load_content")

    op.drop_table("load")
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_index("ix_job_recent")
        batch_op.drop_index("ix_job_due")

    op.drop_table("job")
    with op.batch_alter_table("idempotency_key", schema=None) as batch_op:
        batch_op.drop_index("ix_idempotency_key_created_at")

    op.drop_table("idempotency_key")
    op.drop_table("handled")
    op.drop_table("erasure")
    op.drop_table("customer_key")
    with op.batch_alter_table("contact_lookup", schema=None) as batch_op:
        batch_op.drop_index("ix_contact_lookup_shop_id_customer_id")

    op.drop_table("contact_lookup")
    op.drop_table("column_mapping")
    with op.batch_alter_table("bad_row", schema=None) as batch_op:
        batch_op.drop_index("ix_bad_row_shop")
        batch_op.drop_index("ix_bad_row_load")

    op.drop_table("bad_row")
    op.drop_table("audit_head")
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_entry_subject")
        batch_op.drop_index("ix_audit_entry_shop_id_sequence")

    op.drop_table("audit_entry")
    op.drop_table("api_key")
