"""Who claims to be whom, as told and as decided, and what that comes to."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, String, Table

from regulars.records import Json, UtcDateTime, metadata, shop_column

identity_known = Table(
    "identity_known",
    metadata,
    shop_column(primary_key=True),
    Column("id", String(200), primary_key=True),
    Column("first_at", UtcDateTime, nullable=False),  # the earliest message that told it as a userId
    Column("as_user", Boolean, nullable=False),  # false: only an alias has told it
    Column("merged", Boolean, nullable=False),  # an explicit claim joins it to another known id
    sqlite_with_rowid=False,
)

identity_claim = Table(
    "identity_claim",
    metadata,
    shop_column(primary_key=True),
    Column("left_id", String(200), primary_key=True),  # a visitor where there is one
    Column("right_id", String(200), primary_key=True),
    Column("kind", String(16), nullable=False),  # identify | alias | same_name (the two forms of one name in an alias) | operator
    Column("first_at", UtcDateTime),  # when it was first told; null: only an operator did
    Column("message_id", String(200), nullable=False),
    Column("outcome", String(8), nullable=False),  # held | refused | cut
    Column("decision", String(8)),  # an operator's word stands above all messages: merge | cut
    Column("decided_by", String(80), nullable=False),
    Column("decided_at", UtcDateTime),
    Column("learned_at", UtcDateTime, nullable=False),
    Index("ix_identity_claim_right_id_shop_id", "right_id", "shop_id"),
    Index("ix_identity_claim_shop_id_learned_at", "shop_id", "learned_at"),
    sqlite_with_rowid=False,
)
Index(
    "ix_identity_claim_refused",
    identity_claim.c.shop_id,
    identity_claim.c.learned_at,
    sqlite_where=identity_claim.c.outcome == "refused",
    postgresql_where=identity_claim.c.outcome == "refused",
)

identity_alias = Table(
    "identity_alias",
    metadata,
    shop_column(primary_key=True),
    Column("id", String(200), primary_key=True),
    Column("customer_id", String(200), nullable=False),
    Column("via", String(200), nullable=False),  # the known id by which a device belongs there
    Column("since", UtcDateTime),  # the claim that gave it there
    Column("alone", Boolean, nullable=False),  # only claims of known ids touch it, so that a later one changes nothing
    Index("ix_identity_alias_customer_id_shop_id", "customer_id", "shop_id"),
    sqlite_with_rowid=False,
)

identity_refusal = Table(
    "identity_refusal",
    metadata,
    shop_column(primary_key=True),
    Column("value", String(40), primary_key=True),  # the placeholder, or what kind of text it was
    Column("other_id", String(200), primary_key=True),  # to whom it would have been joined; empty: to nobody
    Column("first_at", UtcDateTime, nullable=False),
    Column("message_id", String(200), nullable=False),
    Column("learned_at", UtcDateTime, nullable=False),
    Index("ix_identity_refusal_shop_id_learned_at", "shop_id", "learned_at"),
    Index("ix_identity_refusal_other_id_shop_id", "other_id", "shop_id"),
    sqlite_with_rowid=False,
)

identity_change = Table(
    "identity_change",
    metadata,
    Column("change_id", String(64), primary_key=True),
    shop_column(),
    Column("ids", Json, nullable=False),  # whose customer changed; gone once the warehouse follows
    Column("created_at", UtcDateTime, nullable=False),
    Index("ix_identity_change_shop_id", "shop_id"),
)
