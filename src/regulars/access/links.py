"""One-time links: how the first owner, invited operators and those who forgot their password come to choose a password."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, cast

from sqlalchemy import insert, select, update

from regulars.access.domain import Role
from regulars.access.secrets import new_token, token_hash
from regulars.access.tables import one_time_link
from regulars.errors import NotFound
from regulars.values import clock
from regulars.values.ids import new_id

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

    from regulars.records import UnitOfWork

Purpose = Literal["first_owner", "invitation", "new_password"]
LIFETIME: dict[Purpose, timedelta] = {
    "first_owner": timedelta(hours=24),
    "invitation": timedelta(days=7),
    "new_password": timedelta(hours=2),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLink:
    """A link just made; `token` is told once. Its address is `/welcome/<token>`."""

    link_id: str
    purpose: Purpose
    token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLink:
    """A link that still opens: what for, and for whom (`role` of an invitation, `operator_id` of a new password)."""

    link_id: str
    purpose: Purpose
    role: Role | None
    shop_ids: tuple[str, ...] | None
    operator_id: str | None
    email_sealed: bytes | None
    created_by: str
    created_at: datetime
    expires_at: datetime


def make(
    uow: UnitOfWork,
    purpose: Purpose,
    *,
    created_by: str,
    link_id: str | None = None,
    role: Role | None = None,
    shop_ids: Sequence[str] | None = None,
    email_sealed: bytes | None = None,
    operator_id: str | None = None,
) -> NewLink:
    """Make a link and store the hash of its token."""
    token, now = new_token(), clock.now()
    made = NewLink(link_id=link_id or new_id("link"), purpose=purpose, token=token, expires_at=now + LIFETIME[purpose])
    uow.execute(
        insert(one_time_link).values(
            token_hash=token_hash(token),
            link_id=made.link_id,
            purpose=purpose,
            operator_id=operator_id,
            role=role,
            shop_ids=None if shop_ids is None else sorted(shop_ids),
            email_sealed=email_sealed,
            created_by=created_by,
            created_at=now,
            expires_at=made.expires_at,
        )
    )
    return made


def find(uow: UnitOfWork, token: str) -> OpenLink:
    """The link of a token; looking does not use it up (mail scanners look).

    Raises
    ------
    NotFound : it never was, was used, was taken back or is too old.
    """
    row = uow.one(select(one_time_link).where(one_time_link.c.token_hash == token_hash(token)))
    if row is None or row["used_at"] is not None or row["ended_at"] is not None or row["expires_at"] <= clock.now():
        raise _gone()
    return _open(row)


def use(uow: UnitOfWork, token: str) -> OpenLink:
    """Use a link up; of two at the same time one gets it."""
    found = find(uow, token)
    used = uow.execute(
        update(one_time_link)
        .where(
            one_time_link.c.token_hash == token_hash(token), one_time_link.c.used_at.is_(None), one_time_link.c.ended_at.is_(None)
        )
        .values(used_at=clock.now())
    )
    if used.rowcount != 1:
        raise _gone()
    return found


def waiting(uow: UnitOfWork, purpose: Purpose) -> list[OpenLink]:
    """Links of a purpose that still open, the newest first."""
    rows = uow.rows(
        select(one_time_link)
        .where(
            one_time_link.c.purpose == purpose,
            one_time_link.c.used_at.is_(None),
            one_time_link.c.ended_at.is_(None),
            one_time_link.c.expires_at > clock.now(),
        )
        .order_by(one_time_link.c.created_at.desc())
    )
    return [_open(row) for row in rows]


def end(uow: UnitOfWork, *, link_id: str | None = None, purpose: Purpose | None = None, operator_id: str | None = None) -> int:
    """Take links back: one by its id, all of a purpose, or all of an operator. Returns how many still opened."""
    taken_back = update(one_time_link).where(one_time_link.c.used_at.is_(None), one_time_link.c.ended_at.is_(None))
    if link_id is not None:
        taken_back = taken_back.where(one_time_link.c.link_id == link_id)
    if purpose is not None:
        taken_back = taken_back.where(one_time_link.c.purpose == purpose)
    if operator_id is not None:
        taken_back = taken_back.where(one_time_link.c.operator_id == operator_id)
    return uow.execute(taken_back.values(ended_at=clock.now())).rowcount


def _open(row: RowMapping) -> OpenLink:
    return OpenLink(
        link_id=row["link_id"],
        purpose=cast(Purpose, row["purpose"]),
        role=Role(row["role"]) if row["role"] else None,
        shop_ids=None if row["shop_ids"] is None else tuple(row["shop_ids"]),
        operator_id=row["operator_id"],
        email_sealed=row["email_sealed"],
        created_by=row["created_by"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
    )


def _gone() -> NotFound:
    return NotFound("this link opens nothing", mend="it was used, taken back or is too old: ask for a new one", code="link_gone")
