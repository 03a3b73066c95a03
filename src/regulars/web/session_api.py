"""Signing in and out over HTTP, one-time links, and what operators do with their own account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Path
from pydantic import Field

from regulars.access import links, operators, second_factor, sessions, sign_in
from regulars.access.domain import Permission, Role
from regulars.access.second_factor import Enrolment
from regulars.access.sessions import ABSOLUTE, NewSession, SessionView
from regulars.errors import InvalidInput, NotFound
from regulars.web import examples
from regulars.web.cookies import session_cookie
from regulars.web.door import Door, RequestDoor
from regulars.web.origins import headers_of
from regulars.web.routes import Api

api = Api(tags=["Account"])

Line = Annotated[str, Field(max_length=300)]
Secret = Annotated[str, Field(max_length=1000)]
Token = Annotated[str, Path(max_length=100, description="The last part of the link, after `/welcome/`")]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """What an operator signs in with; `code` where a second factor is set up."""

    email: Line
    password: Secret
    code: Line = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Me:
    """Who the caller is and what they may do."""

    kind: str
    id: str
    name: str
    role: Role | None
    permissions: list[Permission]
    shop_ids: list[str] | None
    language: str | None
    second_factor: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A session has begun; its token went into the cookie."""

    session_id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcome:
    """What a one-time link is for; `email` is asked for where it is empty and the purpose is `first_owner`."""

    purpose: links.Purpose
    role: Role | None
    email: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Joining:
    """What somebody with a one-time link fills in."""

    password: Secret
    name: Line = ""
    email: Line = ""
    language: Line | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPassword:
    """The present password and the one to come."""

    old: Secret
    new: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A code the authenticator app shows."""

    code: Line


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryCodes:
    """Ten codes, each opening once, for when the phone is lost. Told this once."""

    recovery_codes: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """It is done."""

    done: bool = True


_ME = Me(
    kind="operator",
    id="operator_01m7zsbyk3",
    name="Mei",
    role=Role.VIEWER,
    permissions=["own_account", "read_reports"],
    shop_ids=["tea"],
    language="zh",
    second_factor=True,
)
_CODE = Code(code="492 039")


@api.post(
    "/v1/session",
    public="signing in is for those who are not signed in",
    answer=SignedIn,
    summary="Sign in",
    example=SignedIn(session_id="session_01m7zsc4t1", expires_at=examples.LATER),
    sends=SignIn(email="mei@example.com", password=examples.PASSWORD, code="492 039"),
    replayable=False,
)
def post_session(door: Door, body: SignIn) -> SignedIn:
    """Begins a session in a cookie. At most 10 attempts per account in 5 minutes."""
    begun = sign_in.sign_in(
        door.records,
        door.keyring,
        email=body.email,
        password=body.password,
        code=body.code,
        network=door.network,
        browser=door.request.headers.get("user-agent", ""),
    )
    return _signed_in(door, begun)


@api.get("/v1/session", permission="own_account", answer=Me, summary="Who am I?", example=_ME)
def get_session(door: Door) -> Me:
    """The caller, its role and its permissions."""
    caller = door.caller
    return Me(
        kind=caller.kind,
        id=caller.id,
        name=caller.name,
        role=caller.role,
        permissions=sorted(caller.scopes),
        shop_ids=None if caller.shop_ids is None else sorted(caller.shop_ids),
        language=caller.language,
        second_factor=caller.second_factor,
    )


@api.delete("/v1/session", permission="own_account", answer=Done, summary="Sign out", example=Done(), replayable=False)
def delete_session(door: Door) -> Done:
    """Ends the session the request was made in."""
    if door.caller.session_id is None:
        raise InvalidInput("an API key has no session", mend="revoke the key instead", code="not_an_operator")
    with door.unit() as uow:
        sessions.end(uow, door.caller.session_id)
    _set_cookie(door, "", seconds=0)
    return Done()


@api.get(
    "/v1/sessions",
    permission="own_account",
    answer=list[SessionView],
    summary="Where am I signed in?",
    example=[examples.SESSION],
)
def get_sessions(door: Door) -> list[SessionView]:
    """The caller's live sessions, the latest used first."""
    with door.reading() as uow:
        return sessions.live(uow, door.caller.id)


@api.delete("/v1/sessions/{session_id}", permission="own_account", answer=Done, summary="Sign out elsewhere", example=Done())
def delete_one_session(
    door: Door, session_id: Annotated[str, Path(max_length=64, description="One of `GET /v1/sessions`")]
) -> Done:
    """Ends one of the caller's own sessions."""
    with door.unit() as uow:
        if session_id not in {view.session_id for view in sessions.live(uow, door.caller.id)}:
            raise NotFound("you have no live session of that id", mend="list them with `GET /v1/sessions`", code="no_such_session")
        sessions.end(uow, session_id)
    return Done()


@api.put(
    "/v1/session/password",
    permission="own_account",
    answer=Done,
    summary="Change my password",
    example=Done(),
    sends=NewPassword(old=examples.PASSWORD, new=examples.NEW_PASSWORD),
    replayable=False,
)
def put_password(door: Door, body: NewPassword) -> Done:
    """Every other session of the account ends."""
    operators.change_password(door.records, door.caller, old=body.old, new=body.new, network=door.network)
    return Done()


@api.post(
    "/v1/session/second_factor",
    permission="own_account",
    answer=Enrolment,
    summary="Begin a second factor",
    example=examples.ENROLMENT,
    replayable=False,
)
def post_second_factor(door: Door) -> Enrolment:
    """Makes the secret for an authenticator app; it counts once confirmed."""
    with door.unit() as uow:
        return second_factor.begin(uow, door.caller)


@api.put(
    "/v1/session/second_factor",
    permission="own_account",
    answer=RecoveryCodes,
    summary="Confirm the second factor",
    example=RecoveryCodes(recovery_codes=["k3v9-2mxt-7qpd", "w8ha-5rne-0cyz"]),
    sends=_CODE,
    replayable=False,
)
def put_second_factor(door: Door, body: Code) -> RecoveryCodes:
    """Puts the second factor into force and tells the recovery codes, this once."""
    with door.unit() as uow:
        return RecoveryCodes(recovery_codes=second_factor.confirm(uow, door.caller, body.code))


@api.post(
    "/v1/session/second_factor/removal",
    permission="own_account",
    answer=Done,
    summary="Remove my second factor",
    example=Done(),
    sends=_CODE,
    replayable=False,
)
def post_second_factor_removal(door: Door, body: Code) -> Done:
    """Asks for a present code or a recovery code, so that an unattended browser cannot weaken the account."""
    second_factor.remove_own(door.records, door.caller, body.code, network=door.network)
    return Done()


@api.get(
    "/v1/links/{token}",
    public="the link itself is the permission",
    answer=Welcome,
    summary="What is this link for?",
    example=Welcome(purpose="invitation", role=Role.VIEWER, email="lin@example.com", expires_at=examples.LATER),
)
def get_link(door: Door, token: Token) -> Welcome:
    """Looking does not use the link up."""
    with door.reading() as uow:
        found = links.find(uow, token)
    email = operators.link_email(found, door.keyring)
    return Welcome(purpose=found.purpose, role=found.role, email=email, expires_at=found.expires_at)


@api.post(
    "/v1/links/{token}",
    public="the link itself is the permission",
    answer=Done,
    summary="Join by a link",
    example=Done(),
    sends=Joining(password=examples.PASSWORD, name="Lin", language="en"),
    replayable=False,
    status=201,
)
def post_link(door: Door, token: Token, body: Joining) -> Done:
    """Sets name and password (or a new password) and uses the link up; sign in afterwards."""
    with door.unit() as uow:
        operators.accept_link(
            uow, door.keyring, token, password=body.password, name=body.name, email=body.email, language=body.language
        )
    return Done()


def _signed_in(door: RequestDoor, begun: NewSession) -> SignedIn:
    _set_cookie(door, begun.token, seconds=int(ABSOLUTE.total_seconds()))
    return SignedIn(session_id=begun.session_id, expires_at=begun.expires_at)


def _set_cookie(door: RequestDoor, token: str, *, seconds: int) -> None:
    scope = door.request.scope
    door.answer_headers.append(("set-cookie", session_cookie(scope, headers_of(scope), door.options, token, seconds=seconds)))
