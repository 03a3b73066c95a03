"""What identity holds of a customer who leaves: forgotten with them at an erasure, listed in their export."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, or_

from regulars.collect.identity import rows
from regulars.collect.identity.learning import forget_recent
from regulars.collect.identity.tables import identity_alias, identity_claim, identity_known, identity_refusal

if TYPE_CHECKING:
    from regulars.records import UnitOfWork


def forget(uow: UnitOfWork, shop_id: str, old_id: str, successor: str) -> int:
    """Delete everything that names an erased id; returns how many rows went."""
    c = identity_claim.c
    gone = [
        delete(identity_claim).where(c.shop_id == shop_id, c.left_id == old_id),
        delete(identity_claim).where(c.shop_id == shop_id, c.right_id == old_id),
        delete(identity_known).where(identity_known.c.shop_id == shop_id, identity_known.c.id == old_id),
        delete(identity_alias).where(
            identity_alias.c.shop_id == shop_id,
            identity_alias.c.customer_id == successor,
            or_(identity_alias.c.id == old_id, identity_alias.c.via == old_id),
        ),
        delete(identity_alias).where(identity_alias.c.shop_id == shop_id, identity_alias.c.id == old_id),
        delete(identity_refusal).where(identity_refusal.c.shop_id == shop_id, identity_refusal.c.other_id == old_id),
    ]
    gone_rows = sum(uow.execute(statement).rowcount for statement in gone)
    uow.after_commit(lambda: forget_recent(uow, shop_id))
    return gone_rows


def claims_of(uow: UnitOfWork, shop_id: str, customer_id: str) -> list[dict[str, Any]]:
    """Every claim about an id, for the customer's export."""
    found = rows.claims_touching(uow, shop_id, [customer_id])
    pairs = rows.claims_of_pairs(uow, shop_id, found)
    told = ("left_id", "right_id", "kind", "first_at", "message_id", "outcome", "decision")
    return [{name: row[name] for name in told} for _, row in sorted(pairs.items())]
