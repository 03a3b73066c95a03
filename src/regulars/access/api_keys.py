"""API keys for programs: `rg_<kind>_<id8>_<secret32>`, hashed, scoped, expiring, rotated with two live keys."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import RowMapping, insert, or_, select, update

from regulars.access import audit, shops
from regulars.access.domain import EVERY_SHOP, KEY_PERMISSIONS, Caller, Permission, scopes_of
from regulars.access.secrets import token_hash
from regulars.access.tables import api_key
from regulars.errors import Conflict, InvalidInput, NotFound
from regulars.values import clock

if TYPE_CHECKING:
    from regulars.access.keys import Keyring
    from regulars.records import UnitOfWork

_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_FORM = re.compile(r"rg_([a-z]{2,12})_([0-9a-z]{8})_([0-9a-zA-Z]{32})")
USED_EVERY = timedelta(minutes=5)  # `last_used_at` is written no more often
LONGEST = timedelta(days=366)
DEFAULT = timedelta(days=180)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """What is known of a key; its secret is not."""

    key_id: str
    kind: str
    name: str
    shop_id: str
    scopes: tuple[Permission, ...]
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    replaces: str | None
    replaced_by: str | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewApiKey:
    """A key just made. `secret` is the whole key and is told this once."""

    key: ApiKey
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """Who a key belongs to, and whether `touch` is due."""

    caller: Caller
    stale: bool


_COLUMNS = tuple(field.name for field in fields(ApiKey) if field.name != "scopes")


def create(
    uow: UnitOfWork,
    caller: Caller,
    *,
    name: str,
    scopes: Sequence[str],
    shop_id: str = EVERY_SHOP,
    kind: str = "server",
    expires_in_days: int | None = None,
) -> NewApiKey:
    """Make a key for one shop, or for every shop the caller may see with `*`.

    A key holds no more than its maker does; it expires after 180 days unless told otherwise, after 366 at the latest.

    Raises
    ------
    InvalidInput : an unknown kind, a scope the kind or the caller cannot have, an expiry out of range.
    """
    caller.demand("manage_keys")
    if kind not in KEY_PERMISSIONS:
        raise InvalidInput(f"there is no kind of key '{kind}'", mend=f"choose one of {', '.join(KEY_PERMISSIONS)}", code="bad_kind")
    granted = scopes_of(list(scopes), at_most=KEY_PERMISSIONS[kind] & caller.scopes)
    _check_shop(uow, caller, shop_id)
    if not 1 <= len(name.strip()) <= 200:
        raise InvalidInput("a key's name has 1 to 200 characters", mend="name the program that will use it", code="bad_name")
    days = DEFAULT.days if expires_in_days is None else expires_in_days
    if not 1 <= days <= LONGEST.days:
        raise InvalidInput(f"a key cannot live {days} days", mend=f"give 1 to {LONGEST.days}", code="bad_expiry")
    made = _insert(
        uow, caller, name=name.strip(), kind=kind, scopes=granted, shop_id=shop_id, expires_at=clock.now() + timedelta(days=days)
    )
    audit.record(uow, caller, "api_key.created", made.key.key_id, after=_public(made.key), shop_id=shop_id)
    return made


def rotate(uow: UnitOfWork, caller: Caller, key_id: str, *, overlap_hours: int = 24) -> NewApiKey:
    """Make the key's successor with the same scopes; the old one lives on for the overlap, so that programs can follow.

    Raises
    ------
    NotFound : no such key.
    Conflict : it was rotated or revoked already.
    """
    caller.demand("manage_keys")
    old = get(uow, caller, key_id)
    if not 0 <= overlap_hours <= 24 * 30:
        raise InvalidInput(f"an overlap of {overlap_hours} hours is out of range", mend="give 0 to 720 hours", code="bad_overlap")
    now = clock.now()
    if old.revoked_at is not None or (old.expires_at is not None and old.expires_at <= now):
        raise Conflict(f"key {key_id} is not live any more", mend="make a new key", code="key_ended")
    lifetime = (old.expires_at - old.created_at) if old.expires_at else DEFAULT
    made = _insert(
        uow,
        caller,
        name=old.name,
        kind=old.kind,
        scopes=scopes_of(list(old.scopes), at_most=KEY_PERMISSIONS[old.kind]),
        shop_id=old.shop_id,
        expires_at=now + lifetime,
        replaces=key_id,
    )
    last = now + timedelta(hours=overlap_hours)
    turned = uow.execute(
        update(api_key)
        .where(api_key.c.key_id == key_id, api_key.c.replaced_by.is_(None), api_key.c.revoked_at.is_(None))
        .values(replaced_by=made.key.key_id, expires_at=min(last, old.expires_at) if old.expires_at else last)
    )
    if turned.rowcount != 1:
        raise Conflict(f"key {key_id} was rotated already", mend=f"rotate its successor {old.replaced_by}", code="key_rotated")
    audit.record(
        uow,
        caller,
        "api_key.rotated",
        key_id,
        before={"key_id": key_id},
        after={"key_id": made.key.key_id, "old_until": last},
        shop_id=old.shop_id,
    )
    return made


def revoke(uow: UnitOfWork, caller: Caller, key_id: str) -> ApiKey:
    """End a key at once; ending it twice changes nothing."""
    caller.demand("manage_keys")
    before = get(uow, caller, key_id)
    ended = uow.execute(
        update(api_key).where(api_key.c.key_id == key_id, api_key.c.revoked_at.is_(None)).values(revoked_at=clock.now())
    )
    if ended.rowcount == 1:
        audit.record(uow, caller, "api_key.revoked", key_id, before=_public(before), shop_id=before.shop_id)
    return get(uow, caller, key_id)


def get(uow: UnitOfWork, caller: Caller, key_id: str) -> ApiKey:
    """One key the caller may see."""
    row = uow.one(select(api_key).where(api_key.c.key_id == key_id))
    if row is None or not _visible(caller, row["shop_id"]):
        raise NotFound(f"there is no key '{key_id}'", mend="list the keys with `GET /v1/api_keys`", code="no_such_key")
    return _key(row)


def list_all(uow: UnitOfWork, caller: Caller) -> list[ApiKey]:
    """The keys the caller may see, the newest first."""
    caller.demand("manage_keys")
    rows = uow.rows(select(api_key).order_by(api_key.c.created_at.desc(), api_key.c.key_id))
    return [_key(row) for row in rows if _visible(caller, row["shop_id"])]


def recognise(uow: UnitOfWork, secret: str, keyring: Keyring) -> Recognised | None:
    """The caller this key stands for; None when it is revoked, expired or none of ours."""
    named = key_named(secret)
    return None if named is None else recognised(row_of(uow, named), secret, keyring)


def key_named(secret: str) -> str | None:
    """The id inside a key; None where it has not the form of one."""
    parts = _FORM.fullmatch(secret)
    return None if parts is None else parts.group(2)


def row_of(uow: UnitOfWork, key_id: str) -> RowMapping | None:
    """What is kept of a key."""
    return uow.one(select(api_key).where(api_key.c.key_id == key_id))


def recognised(row: RowMapping | None, secret: str, keyring: Keyring) -> Recognised | None:
    """The same as `recognise`, from what is kept of the key."""
    now = clock.now()
    if row is None or not hmac.compare_digest(row["secret_hash"], token_hash(secret)):
        return None
    if row["revoked_at"] is not None or (row["expires_at"] is not None and row["expires_at"] <= now):
        return None
    caller = Caller(
        kind="api_key",
        id=row["key_id"],
        name=row["name"],
        scopes=frozenset(row["scopes"]) & KEY_PERMISSIONS.get(row["kind"], frozenset()) | {"own_account"},
        shop_ids=None if row["shop_id"] == EVERY_SHOP else frozenset({row["shop_id"]}),
        keyring=keyring,
    )
    used = row["last_used_at"]
    return Recognised(caller=caller, stale=used is None or now - used >= USED_EVERY)


def touch(uow: UnitOfWork, key_id: str) -> None:
    """Note that the key was used now."""
    now = clock.now()
    long_ago = or_(api_key.c.last_used_at.is_(None), api_key.c.last_used_at <= now - USED_EVERY)
    uow.execute(update(api_key).where(api_key.c.key_id == key_id, long_ago).values(last_used_at=now))


def _insert(
    uow: UnitOfWork,
    caller: Caller,
    *,
    name: str,
    kind: str,
    scopes: frozenset[Permission],
    shop_id: str,
    expires_at: datetime,
    replaces: str | None = None,
) -> NewApiKey:
    key_id = "".join(secrets.choice(_ALPHABET[:36]) for _ in range(8))
    secret = f"rg_{kind}_{key_id}_" + "".join(secrets.choice(_ALPHABET) for _ in range(32))
    uow.execute(
        insert(api_key).values(
            key_id=key_id,
            shop_id=shop_id,
            kind=kind,
            name=name,
            secret_hash=token_hash(secret),
            scopes=sorted(scopes),
            created_by=f"{caller.kind}:{caller.id}",
            created_at=clock.now(),
            expires_at=expires_at,
            replaces=replaces,
        )
    )
    row = uow.one(select(api_key).where(api_key.c.key_id == key_id))
    assert row is not None
    return NewApiKey(key=_key(row), secret=secret)


def _check_shop(uow: UnitOfWork, caller: Caller, shop_id: str) -> None:
    if shop_id != EVERY_SHOP:
        caller.demand_shop(shop_id)
        shops.get(uow, shop_id)
    elif caller.shop_ids is not None:
        raise InvalidInput("you do not see every shop, so your key cannot either", mend="name one shop", code="bad_shop")


def _visible(caller: Caller, shop_id: str) -> bool:
    return caller.shop_ids is None or shop_id in caller.shop_ids


def _public(key: ApiKey) -> dict[str, object]:
    return {"name": key.name, "kind": key.kind, "shop_id": key.shop_id, "scopes": key.scopes, "expires_at": key.expires_at}


def _key(row: RowMapping) -> ApiKey:
    known = {name: row[name] for name in _COLUMNS}
    return ApiKey(**known, scopes=tuple(row["scopes"]))
