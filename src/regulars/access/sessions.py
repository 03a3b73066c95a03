"""Sessions of signed-in operators: opaque tokens that end when idle, when old, and when the operator's rights change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, delete, insert, or_, select, update

from regulars.access.domain import ROLE_PERMISSIONS, Caller, Role
from regulars.access.secrets import new_token, token_hash
from regulars.access.tables import operator, session
from regulars.values import clock
from regulars.values.ids import new_id

if TYPE_CHECKING:
    from regulars.access.keys import Keyring
    from regulars.records import UnitOfWork

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)  # `seen_at` is written no more often, so that reading does not become writing
_KEPT_ENDED = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSession:
    """A session just begun; `token` is told once, to the browser's cookie."""

    session_id: str
    token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionView:
    """One live session of an operator, as shown to them."""

    session_id: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    second_factor: bool
    browser: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """Who a token belongs to, and whether `touch` is due."""

    caller: Caller
    token_hash: str
    stale: bool


def begin(uow: UnitOfWork, operator_id: str, *, second_factor: bool, browser: str = "") -> NewSession:
    """Begin a session for an operator whose sign-in was just checked."""
    begun, now = new_token(), clock.now()
    made = NewSession(session_id=new_id("session"), token=begun, expires_at=now + ABSOLUTE)
    uow.execute(
        insert(session).values(
            token_hash=token_hash(begun),
            session_id=made.session_id,
            operator_id=operator_id,
            created_at=now,
            seen_at=now,
            expires_at=made.expires_at,
            second_factor=second_factor,
            browser="".join(sign for sign in browser if sign.isprintable())[:200],
        )
    )
    uow.execute(delete(session).where(or_(session.c.expires_at < now - _KEPT_ENDED, session.c.ended_at < now - _KEPT_ENDED)))
    return made


def recognise(uow: UnitOfWork, token: str, keyring: Keyring) -> Recognised | None:
    """The caller whose live session this token is; None when it ended, idled out, or never was."""
    now, hashed = clock.now(), token_hash(token)
    row = uow.one(
        select(session.c.session_id, session.c.seen_at, session.c.second_factor, operator)
        .join(operator, operator.c.operator_id == session.c.operator_id)
        .where(session.c.token_hash == hashed, operator.c.disabled_at.is_(None), *_live(now))
    )
    if row is None:
        return None
    role = Role(row["role"])
    caller = Caller(
        kind="operator",
        id=row["operator_id"],
        role=role,
        scopes=ROLE_PERMISSIONS[role],
        name=keyring.unseal("operator", row["name_sealed"], bound_to=row["operator_id"]).decode(),
        shop_ids=None if row["shop_ids"] is None else frozenset(row["shop_ids"]),
        language=row["language"],
        session_id=row["session_id"],
        second_factor=row["second_factor"],
        keyring=keyring,
    )
    return Recognised(caller=caller, token_hash=hashed, stale=now - row["seen_at"] >= SEEN_EVERY)


def touch(uow: UnitOfWork, hashed: str) -> None:
    """Note that a live session was used now; an ended or idle one stays as it is."""
    now = clock.now()
    uow.execute(update(session).where(session.c.token_hash == hashed, *_live(now)).values(seen_at=now))


def end(uow: UnitOfWork, session_id: str, *, because: str = "signed_out") -> bool:
    """End one session; whether it was live."""
    return _end(uow, session.c.session_id == session_id, because) == 1


def end_all(uow: UnitOfWork, operator_id: str, *, because: str, but: str | None = None) -> int:
    """End every session of an operator, but perhaps the one they act in; returns how many."""
    which = session.c.operator_id == operator_id
    return _end(uow, which if but is None else which & (session.c.session_id != but), because)


def live(uow: UnitOfWork, operator_id: str) -> list[SessionView]:
    """An operator's live sessions, the latest used first."""
    names = ("session_id", "created_at", "seen_at", "expires_at", "second_factor", "browser")
    rows = uow.rows(
        select(session).where(session.c.operator_id == operator_id, *_live(clock.now())).order_by(session.c.seen_at.desc())
    )
    return [SessionView(**{name: row[name] for name in names}) for row in rows]


def _live(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return session.c.ended_at.is_(None), session.c.expires_at > now, session.c.seen_at > now - IDLE


def _end(uow: UnitOfWork, which: ColumnElement[bool], because: str) -> int:
    ended: Any = uow.execute(
        update(session).where(which, session.c.ended_at.is_(None)).values(ended_at=clock.now(), ended_because=because)
    )
    return int(ended.rowcount)
