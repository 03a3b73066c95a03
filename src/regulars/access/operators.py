"""Operators: the people of this installation, how they join by a one-time link, and how their roles change and end."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import RowMapping, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from regulars.access import audit, guessing, links, passwords, sessions, shops
from regulars.access.domain import LANGUAGES, ROLE_PERMISSIONS, Caller, Role, role_of
from regulars.access.links import NewLink, OpenLink
from regulars.access.tables import operator
from regulars.errors import Conflict, InvalidInput, NotAllowed, NotFound
from regulars.values import clock
from regulars.values.ids import new_id

if TYPE_CHECKING:
    from regulars.access.keys import Keyring
    from regulars.records import Records, UnitOfWork

PURPOSE = "operator"
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,188}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """One person who may sign in. `shop_ids` is None where they see every shop."""

    operator_id: str
    name: str
    email: str
    role: Role
    shop_ids: tuple[str, ...] | None
    language: str | None
    second_factor: bool
    created_at: datetime
    signed_in_at: datetime | None
    disabled_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """An invitation that was not accepted yet."""

    link_id: str
    email: str
    role: Role
    shop_ids: tuple[str, ...] | None
    created_at: datetime
    expires_at: datetime


def first_owner_link(uow: UnitOfWork) -> str | None:
    """The token of a one-time link that makes its opener the owner; None once anybody has joined.

    Each start makes a new link and takes the earlier one back, so that only the latest printed address opens.
    """
    if uow.value(select(func.count()).select_from(operator)):
        return None
    links.end(uow, purpose="first_owner")
    return links.make(uow, "first_owner", created_by="system:serve", role=Role.OWNER).token


def invite(uow: UnitOfWork, caller: Caller, *, email: str, role: str, shop_ids: Sequence[str] | None = None) -> NewLink:
    """Invite somebody; the link is theirs to open within 7 days.

    Raises
    ------
    InvalidInput : no e-mail address, an unknown role, an owner limited to some shops.
    Conflict : an operator has that address already.
    """
    caller.demand("manage_operators")
    keyring = _keyring(caller)
    address, wanted = email_form(email), role_of(role)
    _check_shops(uow, caller, wanted, shop_ids)
    if uow.one(select(operator.c.operator_id).where(operator.c.email_index == _index(keyring, address))):
        raise _taken()
    link_id = new_id("link")
    made = links.make(
        uow,
        "invitation",
        created_by=f"{caller.kind}:{caller.id}",
        link_id=link_id,
        role=wanted,
        shop_ids=shop_ids,
        email_sealed=keyring.seal(PURPOSE, address, bound_to=link_id),
    )
    audit.record(
        uow, caller, "operator.invited", link_id, after={"role": wanted, "shop_ids": shop_ids, "expires_at": made.expires_at}
    )
    return made


def invitations(uow: UnitOfWork, caller: Caller) -> list[Invitation]:
    """Invitations that are still open."""
    caller.demand("manage_operators")
    keyring = _keyring(caller)
    return [
        Invitation(
            link_id=link.link_id,
            email=link_email(link, keyring),
            role=link.role or Role.VIEWER,
            shop_ids=link.shop_ids,
            created_at=link.created_at,
            expires_at=link.expires_at,
        )
        for link in links.waiting(uow, "invitation")
    ]


def withdraw_invitation(uow: UnitOfWork, caller: Caller, link_id: str) -> None:
    """Take an invitation back; taking it back twice changes nothing."""
    caller.demand("manage_operators")
    if links.end(uow, link_id=link_id):
        audit.record(uow, caller, "operator.invitation_withdrawn", link_id)


def new_password_link(uow: UnitOfWork, caller: Caller, operator_id: str) -> NewLink:
    """A link for somebody who forgot the password; earlier ones end."""
    caller.demand("manage_operators")
    found = get(uow, caller, operator_id)
    links.end(uow, operator_id=operator_id)
    made = links.make(uow, "new_password", created_by=f"{caller.kind}:{caller.id}", operator_id=operator_id)
    audit.record(uow, caller, "operator.password_link_made", found.operator_id, after={"expires_at": made.expires_at})
    return made


def link_email(link: OpenLink, keyring: Keyring) -> str:
    """The address an invitation was made for; empty for other links."""
    return keyring.unseal(PURPOSE, link.email_sealed, bound_to=link.link_id).decode() if link.email_sealed else ""


def accept_link(
    uow: UnitOfWork, keyring: Keyring, token: str, *, password: str, name: str = "", email: str = "", language: str | None = None
) -> Operator:
    """Join by an invitation or as the first owner, or set a new password; the link is used up.

    `name` is needed to join, `email` by the first owner only (an invitation is for one address).

    Raises
    ------
    NotFound : the link opens nothing any more.
    InvalidInput : a weak password, no name, no e-mail address.
    Conflict : an operator has that address already, or there is an owner already.
    """
    found = links.find(uow, token)
    if found.purpose == "new_password":
        return _set_password(uow, keyring, links.use(uow, token), password)
    address = link_email(found, keyring) or email_form(email)
    shown = _name_form(name)
    _check_language(language)
    passwords.check(password, about=(shown, address))
    kept = passwords.hashed(password)
    link = links.use(uow, token)
    if link.purpose == "first_owner" and uow.value(select(func.count()).select_from(operator)):
        raise Conflict("this installation has an owner already", mend="ask the owner for an invitation", code="owner_exists")
    operator_id = new_id("operator")
    role = link.role or Role.VIEWER
    row = {
        "operator_id": operator_id,
        "shop_ids": None if link.shop_ids is None else list(link.shop_ids),
        "email_index": _index(keyring, address),
        "email_sealed": keyring.seal(PURPOSE, address, bound_to=operator_id),
        "name_sealed": keyring.seal(PURPOSE, shown, bound_to=operator_id),
        "role": role,
        "language": language,
        "password_hash": kept,
        "created_at": clock.now(),
    }
    try:
        with uow.connection.begin_nested():
            uow.execute(insert(operator).values(**row))
    except IntegrityError:
        raise _taken() from None
    after = {"role": role, "shop_ids": link.shop_ids, "link_id": link.link_id}
    audit.record(uow, _self(operator_id, role, keyring), "operator.joined", operator_id, after=after)
    return _get(uow, keyring, operator_id)


def list_all(uow: UnitOfWork, caller: Caller) -> list[Operator]:
    """Every operator, the first one first."""
    caller.demand("manage_operators")
    return [
        _operator(row, _keyring(caller))
        for row in uow.rows(select(operator).order_by(operator.c.created_at, operator.c.operator_id))
    ]


def get(uow: UnitOfWork, caller: Caller, operator_id: str) -> Operator:
    """One operator: oneself, or with `manage_operators` anybody."""
    if operator_id != caller.id:
        caller.demand("manage_operators")
    return _get(uow, _keyring(caller), operator_id)


def change_role(uow: UnitOfWork, caller: Caller, operator_id: str, *, role: str, shop_ids: Sequence[str] | None = None) -> Operator:
    """Give an operator another role or other shops; their sessions end, so that the new rights hold at once.

    Raises
    ------
    Conflict : they are the last owner.
    """
    caller.demand("manage_operators")
    before, wanted = _locked(uow, _keyring(caller), operator_id), role_of(role)
    _check_shops(uow, caller, wanted, shop_ids)
    if before.role is Role.OWNER and wanted is not Role.OWNER:
        _keep_an_owner(uow, operator_id)
    changed = None if shop_ids is None else sorted(shop_ids)
    uow.execute(update(operator).where(operator.c.operator_id == operator_id).values(role=wanted, shop_ids=changed))
    sessions.end_all(uow, operator_id, because="role_changed")
    audit.record(
        uow,
        caller,
        "operator.role_changed",
        operator_id,
        before={"role": before.role, "shop_ids": before.shop_ids},
        after={"role": wanted, "shop_ids": changed},
    )
    return _get(uow, _keyring(caller), operator_id)


def disable(uow: UnitOfWork, caller: Caller, operator_id: str) -> Operator:
    """Shut an operator out: sessions and links end at once; what they did stays in the trail."""
    caller.demand("manage_operators")
    before = _locked(uow, _keyring(caller), operator_id)
    if before.disabled_at is None:
        if before.role is Role.OWNER:
            _keep_an_owner(uow, operator_id)
        uow.execute(update(operator).where(operator.c.operator_id == operator_id).values(disabled_at=clock.now()))
        sessions.end_all(uow, operator_id, because="disabled")
        links.end(uow, operator_id=operator_id)
        audit.record(uow, caller, "operator.disabled", operator_id)
    return _get(uow, _keyring(caller), operator_id)


def enable(uow: UnitOfWork, caller: Caller, operator_id: str) -> Operator:
    """Let a disabled operator sign in again."""
    caller.demand("manage_operators")
    before = _locked(uow, _keyring(caller), operator_id)
    if before.disabled_at is not None:
        uow.execute(update(operator).where(operator.c.operator_id == operator_id).values(disabled_at=None))
        audit.record(uow, caller, "operator.enabled", operator_id)
    return _get(uow, _keyring(caller), operator_id)


def set_language(uow: UnitOfWork, caller: Caller, language: str) -> None:
    """Keep the language the caller reads in."""
    _check_language(language)
    uow.execute(update(operator).where(operator.c.operator_id == caller.id).values(language=language))


def change_password(records: Records, caller: Caller, *, old: str, new: str, network: str = "") -> None:
    """Change one's own password; every other session of the account ends.

    Takes the store, as signing in does: trying `old` is a guess, counted before it is tried.

    Raises
    ------
    NotAllowed : the old password is not the present one; 429 after too many guesses.
    """
    keyring = _keyring(caller)
    with records.reading() as uow:
        me = get(uow, caller, caller.id)
        row = uow.one(select(operator.c.password_hash).where(operator.c.operator_id == caller.id))
    assert row is not None
    passwords.check(new, about=(me.name, me.email))
    with records.unit() as uow:
        guessing.count(uow, keyring, account=me.email, network=network)
    if not passwords.matches(old, row["password_hash"]):
        raise NotAllowed("the old password is not right", mend="type the password you signed in with", code="wrong_password")
    kept = passwords.hashed(new)
    with records.unit() as uow:
        mine = update(operator).where(operator.c.operator_id == caller.id, operator.c.password_hash == row["password_hash"])
        if uow.execute(mine.values(password_hash=kept)).rowcount != 1:
            raise Conflict("the password was changed meanwhile", mend="sign in again", code="password_changed")
        guessing.forgive(uow, keyring, me.email)
        sessions.end_all(uow, caller.id, because="password_changed", but=caller.session_id)
        links.end(uow, operator_id=caller.id)
        audit.record(uow, caller, "operator.password_changed", caller.id)


def find_row(uow: UnitOfWork, keyring: Keyring, email: str) -> RowMapping | None:
    """The stored row of an address, for signing in; None where nobody has it."""
    return uow.one(select(operator).where(operator.c.email_index == _index(keyring, account_form(email))))


def account_form(email: str) -> str:
    """The form in which two spellings of an address are one account."""
    return unicodedata.normalize("NFKC", email[:300]).strip().casefold()


def email_form(email: str) -> str:
    """The address as it is kept, or the reason why it is none."""
    address = account_form(email)
    if not _EMAIL.fullmatch(address) or not address.isprintable():
        raise InvalidInput("that is not an e-mail address", mend="give an address such as mei@example.com", code="bad_email")
    return address


def _set_password(uow: UnitOfWork, keyring: Keyring, link: OpenLink, password: str) -> Operator:
    found = _get(uow, keyring, link.operator_id or "")
    passwords.check(password, about=(found.name, found.email))
    uow.execute(
        update(operator).where(operator.c.operator_id == found.operator_id).values(password_hash=passwords.hashed(password))
    )
    sessions.end_all(uow, found.operator_id, because="password_changed")
    audit.record(
        uow,
        _self(found.operator_id, found.role, keyring),
        "operator.password_changed",
        found.operator_id,
        after={"link_id": link.link_id},
    )
    return found


def _self(operator_id: str, role: Role, keyring: Keyring) -> Caller:
    return Caller(kind="operator", id=operator_id, role=role, scopes=ROLE_PERMISSIONS[role], keyring=keyring)


def _check_shops(uow: UnitOfWork, caller: Caller, role: Role, shop_ids: Sequence[str] | None) -> None:
    if shop_ids is None:
        return
    if role is Role.OWNER:
        raise InvalidInput("an owner sees every shop", mend="leave shop_ids out, or choose another role", code="bad_shop")
    if not shop_ids:
        raise InvalidInput("no shop is named", mend="name at least one shop, or leave shop_ids out for all", code="bad_shop")
    for shop_id in shop_ids:
        caller.demand_shop(shop_id)
        shops.get(uow, shop_id)


def _check_language(language: str | None) -> None:
    if language is not None and language not in LANGUAGES:
        raise InvalidInput(f"there is no language '{language}'", mend=f"choose one of {', '.join(LANGUAGES)}", code="bad_language")


def _keep_an_owner(uow: UnitOfWork, leaving: str) -> None:
    """Refuse when nobody else could manage operators; the owners' rows are held, so that two cannot leave at once."""
    held = select(operator.c.operator_id).where(operator.c.role == Role.OWNER, operator.c.disabled_at.is_(None)).with_for_update()
    if {row["operator_id"] for row in uow.rows(held)} <= {leaving}:
        raise Conflict("this is the last owner", mend="make somebody else an owner first", code="last_owner")


def _locked(uow: UnitOfWork, keyring: Keyring, operator_id: str) -> Operator:
    uow.one(select(operator.c.operator_id).where(operator.c.operator_id == operator_id).with_for_update())
    return _get(uow, keyring, operator_id)


def _get(uow: UnitOfWork, keyring: Keyring, operator_id: str) -> Operator:
    row = uow.one(select(operator).where(operator.c.operator_id == operator_id))
    if row is None:
        raise NotFound(f"there is no operator '{operator_id}'", mend="list them with `GET /v1/operators`", code="no_such_operator")
    return _operator(row, keyring)


def _operator(row: RowMapping, keyring: Keyring) -> Operator:
    return Operator(
        operator_id=row["operator_id"],
        name=keyring.unseal(PURPOSE, row["name_sealed"], bound_to=row["operator_id"]).decode(),
        email=keyring.unseal(PURPOSE, row["email_sealed"], bound_to=row["operator_id"]).decode(),
        role=Role(row["role"]),
        shop_ids=None if row["shop_ids"] is None else tuple(row["shop_ids"]),
        language=row["language"],
        second_factor=row["totp_confirmed_at"] is not None,
        created_at=row["created_at"],
        signed_in_at=row["signed_in_at"],
        disabled_at=row["disabled_at"],
    )


def _index(keyring: Keyring, address: str) -> str:
    return keyring.mac("operator index", account_form(address))


def _name_form(name: str) -> str:
    shown = unicodedata.normalize("NFC", name).strip()
    if not 1 <= len(shown) <= 120 or not shown.isprintable():
        raise InvalidInput(
            "a name has 1 to 120 characters on one line", mend="type the name colleagues know you by", code="bad_name"
        )
    return shown


def _keyring(caller: Caller) -> Keyring:
    assert caller.keyring is not None, "callers come from a Door, a Screen or Caller.system, and carry a keyring"
    return caller.keyring


def _taken() -> Conflict:
    return Conflict("an operator has that e-mail address already", mend="sign in, or ask for a new password", code="email_taken")
