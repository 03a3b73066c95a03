"""The tables of this floor: shops, operators and how they sign in, keys for programs, and the audit trail."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table, Text

from regulars.access.domain import EVERY_SHOP
from regulars.records import Json, UtcDateTime, metadata, shop_column

shop = Table(
    "shop",
    metadata,
    Column("shop_id", String(64), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("timezone", String(64), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("week_start", Integer, nullable=False),
    Column("language", String(8), nullable=False),
    Column("new_within_days", Integer, nullable=False),
    Column("dormant_after_days", Integer),
    Column("churned_after_days", Integer),
    Column("created_at", UtcDateTime, nullable=False),
)

operator = Table(
    "operator",
    metadata,
    Column("operator_id", String(64), primary_key=True),
    shop_column(server_default=EVERY_SHOP),  # the only shop seen, or * for all; several in `shop_ids`
    Column("shop_ids", Json),  # null: every shop
    Column("email_index", String(64), nullable=False, unique=True),  # blind index: HMAC of the normalised address
    Column("email_sealed", LargeBinary, nullable=False),
    Column("name_sealed", LargeBinary, nullable=False),
    Column("role", String(16), nullable=False),
    Column("language", String(8)),
    Column("password_hash", Text, nullable=False),
    Column("totp_sealed", LargeBinary),
    Column("totp_confirmed_at", UtcDateTime),
    Column("totp_last_step", BigInteger, nullable=False, server_default="0"),  # a code opens once
    Column("created_at", UtcDateTime, nullable=False),
    Column("signed_in_at", UtcDateTime),
    Column("disabled_at", UtcDateTime),
)

recovery_code = Table(
    "recovery_code",
    metadata,
    Column("operator_id", String(64), primary_key=True),
    Column("code_hash", String(64), primary_key=True),
    shop_column(server_default=EVERY_SHOP),
    Column("used_at", UtcDateTime),
)

session = Table(
    "session",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("session_id", String(64), nullable=False, unique=True),
    shop_column(server_default=EVERY_SHOP),
    Column("operator_id", String(64), nullable=False, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("second_factor", Boolean, nullable=False),
    Column("browser", String(200), nullable=False, server_default=""),
    Column("ended_at", UtcDateTime),
    Column("ended_because", String(32)),
)

one_time_link = Table(
    "one_time_link",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("link_id", String(64), nullable=False, unique=True),
    shop_column(server_default=EVERY_SHOP),
    Column("purpose", String(16), nullable=False),  # first_owner | invitation | new_password
    Column("operator_id", String(64)),  # whose password is to be set anew
    Column("role", String(16)),
    Column("shop_ids", Json),
    Column("email_sealed", LargeBinary),
    Column("created_by", String(80), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
)

api_key = Table(
    "api_key",
    metadata,
    Column("key_id", String(8), primary_key=True),
    shop_column(server_default=EVERY_SHOP),
    Column("kind", String(16), nullable=False),
    Column("name", String(200), nullable=False),
    Column("secret_hash", String(64), nullable=False),
    Column("scopes", Json, nullable=False),
    Column("created_by", String(80), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("last_used_at", UtcDateTime),
    Column("replaces", String(8)),  # rotation: the key this one follows
    Column("replaced_by", String(8)),
    Column("revoked_at", UtcDateTime),
)

sign_in_attempt = Table(
    "sign_in_attempt",
    metadata,
    Column("subject", String(80), primary_key=True),  # account:<HMAC> or network:<HMAC>
    shop_column(server_default=EVERY_SHOP),
    Column("recent", Json, nullable=False),  # instants of the latest guesses, seconds
    Column("version", Integer, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Index("ix_sign_in_attempt_changed_at", "changed_at"),
)

audit_entry = Table(
    "audit_entry",
    metadata,
    Column("sequence", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    shop_column(server_default=EVERY_SHOP),
    Column("at", UtcDateTime, nullable=False),
    Column("caller_kind", String(16), nullable=False),
    Column("caller_id", String(80), nullable=False),
    Column("action", String(80), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("before", Text),  # JSON as it was sealed, byte for byte
    Column("after", Text),
    Column("previous_seal", String(64), nullable=False),
    Column("seal", String(64), nullable=False),
    Index("ix_audit_entry_shop_id_sequence", "shop_id", "sequence"),
    Index("ix_audit_entry_subject", "subject"),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("head", Integer, primary_key=True),  # always 1
    shop_column(server_default=EVERY_SHOP),
    Column("sequence", BigInteger().with_variant(Integer, "sqlite"), nullable=False),
    Column("seal", String(64), nullable=False),
    Column("head_seal", String(64), nullable=False),  # HMAC of the two above: the tail cannot be cut unseen
)
