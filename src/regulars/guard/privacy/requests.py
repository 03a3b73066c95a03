"""The list of what customers asked for: copies of their data and erasures, without saying who they were."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from sqlalchemy import insert, select

from regulars.access.domain import Caller
from regulars.guard.privacy.people import audit_name
from regulars.guard.privacy.tables import customer_request
from regulars.values.ids import new_id

if TYPE_CHECKING:
    from regulars.records import UnitOfWork

RequestKind = Literal["export", "erasure"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRequest:
    """One request: `subject` is the same code for the same customer, and can be made only from their id and the master key."""

    request_id: str
    kind: RequestKind
    subject: str
    asked_at: datetime
    asked_by: str
    done_at: datetime | None


def note_request(
    uow: UnitOfWork,
    caller: Caller,
    shop_id: str,
    kind: RequestKind,
    customer_id: str,
    asked_at: datetime,
    *,
    done_at: datetime | None = None,
) -> None:
    """Write a request down."""
    assert caller.keyring is not None
    uow.execute(
        insert(customer_request).values(
            request_id=new_id("request"),
            shop_id=shop_id,
            kind=kind,
            subject=audit_name(caller.keyring, shop_id, customer_id),
            asked_at=asked_at,
            asked_by=f"{caller.kind}:{caller.id}",
            done_at=done_at,
        )
    )


def customer_requests(uow: UnitOfWork, shop_id: str, *, limit: int = 200) -> list[CustomerRequest]:
    """A shop's requests, the newest first."""
    rows = uow.rows(
        select(customer_request)
        .where(customer_request.c.shop_id == shop_id)
        .order_by(customer_request.c.asked_at.desc(), customer_request.c.request_id)
        .limit(limit)
    )
    return [CustomerRequest(**{name: row[name] for name in CustomerRequest.__slots__}) for row in rows]
