"""Another master key: everything that seals people is sealed anew, in one transaction; a crash leaves the old key or the new one."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import select, update

from regulars.access import audit
from regulars.access.domain import Caller
from regulars.access.keys import FILE_NAME, KEY_BYTES, VARIABLE, Keyring, decode
from regulars.access.tables import one_time_link as link
from regulars.access.tables import operator
from regulars.errors import RegularsError, Unavailable
from regulars.guard.privacy import sealing
from regulars.guard.privacy.tables import customer_key, sealed_text

if TYPE_CHECKING:
    from regulars.records import Records, UnitOfWork

NEW_VARIABLE = "REGULARS_NEW_MASTER_KEY"
NEW_NAME = FILE_NAME + ".new"


@dataclass(frozen=True, slots=True)
class Rotated:
    """What was sealed anew. `in_environment`: the key comes from the environment, where the new one has to be put now."""

    customer_keys: int
    texts: int
    operators: int
    in_environment: bool


def rotate_key(records: Records, home: Path, caller: Caller) -> Rotated:
    """Change the master key: to the one in REGULARS_NEW_MASTER_KEY, else to a new one in `home/master.key`. The server must not run.

    The new key is on disk before anything is sealed under it; cut off in the middle, `finish_rotation` at the next start finds out
    which key holds.

    Raises
    ------
    InvalidInput : the new key is not 32 bytes in base64 or hexadecimal.
    Unavailable : the key comes from the environment and no new one is there.
    """
    caller.demand("manage_keys")
    old = caller.keyring
    assert old is not None
    from_environment = bool(os.environ.get(VARIABLE, "").strip())
    given = os.environ.get(NEW_VARIABLE, "").strip()
    if from_environment and not given:
        raise Unavailable(
            f"the master key comes from {VARIABLE}, so a new one has to come from {NEW_VARIABLE}",
            mend="make one with `openssl rand -base64 32`, keep it safe, and give it in that variable",
            code="no_new_key",
        )
    new = old.under(decode(given) if given else os.urandom(KEY_BYTES))
    old.keep_root(home, new)
    if not from_environment:
        new.write_master(home / NEW_NAME)
    with records.unit() as uow:
        keys = _customer_keys(uow, old, new)
        texts = _texts(uow, old, new)
        people = _operators(uow, old, new)
        audit.record(uow, caller, "master_key.rotated", "master_key", after={"customer_keys": keys})
    if not from_environment:
        (home / NEW_NAME).replace(home / FILE_NAME)
        new.keep_root(home)
    return Rotated(keys, texts, people, from_environment)


def finish_rotation(records: Records, home: Path) -> bool:
    """Called at start: when a rotation was cut off, let the key hold that opens what is stored. False where there is none."""
    fresh = home / NEW_NAME
    if not fresh.exists():
        return False
    old = Keyring.open(home)
    new = old.under(decode(fresh.read_text("ascii").strip()))
    with records.reading() as uow:
        if _opens(uow, new) and not _opens(uow, old):
            fresh.replace(home / FILE_NAME)
            new.keep_root(home)
        else:
            fresh.unlink()
            old.keep_root(home)
    return True


def _opens(uow: UnitOfWork, keyring: Keyring) -> bool:
    """Whether a keyring opens what is stored; with nothing stored both do."""
    row = uow.one(select(customer_key.c.shop_id, customer_key.c.customer_id).limit(1))
    person = uow.one(select(operator.c.operator_id, operator.c.email_sealed).limit(1))
    try:
        if row is not None:
            sealing.ciphers(uow, keyring, row["shop_id"], [row["customer_id"]])
        if person is not None:
            keyring.unseal("operator", person["email_sealed"], bound_to=person["operator_id"])
    except RegularsError:
        return False
    return True


def _customer_keys(uow: UnitOfWork, old: Keyring, new: Keyring) -> int:
    opening, closing = AESGCM(old.key(sealing.WRAPPING)), AESGCM(new.key(sealing.WRAPPING))
    done, shop_id, last = 0, "", ""
    while True:
        after = (customer_key.c.shop_id > shop_id) | ((customer_key.c.shop_id == shop_id) & (customer_key.c.customer_id > last))
        rows = uow.rows(
            select(customer_key).where(after).order_by(customer_key.c.shop_id, customer_key.c.customer_id).limit(sealing.AT_ONCE)
        )
        if not rows:
            return done
        for row in rows:
            owner = sealing.owner_of(row["shop_id"], row["customer_id"]).encode()
            key = opening.decrypt(row["wrapped"][: sealing.NONCE], row["wrapped"][sealing.NONCE :], owner)
            nonce = os.urandom(sealing.NONCE)
            mine = (customer_key.c.shop_id == row["shop_id"]) & (customer_key.c.customer_id == row["customer_id"])
            uow.execute(update(customer_key).where(mine).values(wrapped=nonce + closing.encrypt(nonce, key, owner)))
        done += len(rows)
        shop_id, last = rows[-1]["shop_id"], rows[-1]["customer_id"]


def _texts(uow: UnitOfWork, old: Keyring, new: Keyring) -> int:
    """Texts whose writers are unknown; all others are sealed with their writer's key."""
    rows = uow.rows(
        select(sealed_text.c.shop_id, sealed_text.c.subject, sealed_text.c.sealed).where(sealed_text.c.customer_id.is_(None))
    )
    for row in rows:
        text = sealing.shop_cipher(old, row["shop_id"]).open(row["subject"], row["sealed"])
        sealed = sealing.shop_cipher(new, row["shop_id"]).seal(row["subject"], text)
        mine = (sealed_text.c.shop_id == row["shop_id"]) & (sealed_text.c.subject == row["subject"])
        uow.execute(update(sealed_text).where(mine).values(sealed=sealed))
    return len(rows)


def _operators(uow: UnitOfWork, old: Keyring, new: Keyring) -> int:
    def again(purpose: str, sealed: bytes | None, bound_to: str) -> bytes | None:
        return None if sealed is None else new.seal(purpose, old.unseal(purpose, sealed, bound_to=bound_to), bound_to=bound_to)

    people = uow.rows(select(operator))
    for row in people:
        values = {
            "email_sealed": again("operator", row["email_sealed"], row["operator_id"]),
            "name_sealed": again("operator", row["name_sealed"], row["operator_id"]),
            "totp_sealed": again("second factor", row["totp_sealed"], row["operator_id"]),
        }
        uow.execute(update(operator).where(operator.c.operator_id == row["operator_id"]).values(**values))
    for row in uow.rows(select(link).where(link.c.email_sealed.is_not(None))):
        sealed = again("operator", row["email_sealed"], row["link_id"])
        uow.execute(update(link).where(link.c.link_id == row["link_id"]).values(email_sealed=sealed))
    return len(people)
