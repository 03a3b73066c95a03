"""The second factor: codes from an authenticator app (TOTP), each opening once, and recovery codes for a lost phone."""

from __future__ import annotations

import hmac
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyotp
from sqlalchemy import RowMapping, delete, insert, select, update

from regulars.access import audit, guessing
from regulars.access.domain import Caller
from regulars.access.tables import operator, recovery_code
from regulars.errors import Conflict, InvalidInput, NotAllowed
from regulars.values import clock

if TYPE_CHECKING:
    from regulars.access.keys import Keyring
    from regulars.records import Records, UnitOfWork

STEP_S = 30
DRIFT_STEPS = 1
RECOVERY_CODES = 10
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
PURPOSE = "second factor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """What the authenticator app needs: the secret, and the same as an address for a QR code. Told once."""

    secret: str
    uri: str


def begin(uow: UnitOfWork, caller: Caller) -> Enrolment:
    """Make a secret for the caller's account. It counts only once `confirm` has seen a code of it.

    Raises
    ------
    Conflict : a second factor is set up already; remove it first.
    """
    row = _own(uow, caller)
    if row["totp_confirmed_at"] is not None:
        raise Conflict("a second factor is set up already", mend="remove it first", code="second_factor_exists")
    assert caller.keyring is not None
    secret = pyotp.random_base32()
    sealed = caller.keyring.seal(PURPOSE, secret, bound_to=caller.id)
    uow.execute(update(operator).where(operator.c.operator_id == caller.id).values(totp_sealed=sealed, totp_last_step=0))
    email = caller.keyring.unseal("operator", row["email_sealed"], bound_to=caller.id).decode()
    return Enrolment(secret=secret, uri=pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name="regulars"))


def confirm(uow: UnitOfWork, caller: Caller, code: str) -> list[str]:
    """Put the second factor into force; returns the recovery codes, told this once.

    Raises
    ------
    InvalidInput : the code is not the app's present one.
    """
    row = _own(uow, caller)
    assert caller.keyring is not None
    if row["totp_sealed"] is None or row["totp_confirmed_at"] is not None:
        raise Conflict("no second factor is waiting to be confirmed", mend="begin anew", code="second_factor_not_begun")
    if not _is_present_code(uow, caller.keyring, row, code):
        raise InvalidInput(
            "that is not the present code", mend="check the clock of the phone, then type the code it shows", code="wrong_code"
        )
    codes = ["-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4)) for _ in range(RECOVERY_CODES)]
    uow.execute(update(operator).where(operator.c.operator_id == caller.id).values(totp_confirmed_at=clock.now()))
    uow.execute(delete(recovery_code).where(recovery_code.c.operator_id == caller.id))
    uow.execute(
        insert(recovery_code),
        [{"operator_id": caller.id, "code_hash": _code_hash(caller.keyring, caller.id, one)} for one in codes],
    )
    audit.record(uow, caller, "second_factor.confirmed", caller.id)
    return codes


def remove(uow: UnitOfWork, caller: Caller, operator_id: str) -> None:
    """Take a second factor away: one's own, or with `manage_operators` that of somebody who lost both phone and recovery codes."""
    if operator_id != caller.id:
        caller.demand("manage_operators")
    gone = uow.execute(
        update(operator)
        .where(operator.c.operator_id == operator_id, operator.c.totp_sealed.is_not(None))
        .values(totp_sealed=None, totp_confirmed_at=None, totp_last_step=0)
    )
    uow.execute(delete(recovery_code).where(recovery_code.c.operator_id == operator_id))
    if gone.rowcount:
        audit.record(uow, caller, "second_factor.removed", operator_id)


def remove_own(records: Records, caller: Caller, code: str, *, network: str = "") -> None:
    """Take one's own second factor away, with a present code or a recovery code; trying one is a counted guess.

    Raises
    ------
    NotAllowed : the code is not right; 429 after too many guesses.
    """
    assert caller.keyring is not None
    with records.unit() as uow:
        row = _own(uow, caller)
        guessing.count(uow, caller.keyring, account=caller.id, network=network)
    with records.unit() as uow:
        if row["totp_confirmed_at"] is not None and not opens(uow, caller.keyring, row, code):
            raise NotAllowed(
                "that code is not right", mend="type the code the app shows now, or a recovery code", code="wrong_code"
            )
        guessing.forgive(uow, caller.keyring, caller.id)
        remove(uow, caller, caller.id)


def opens(uow: UnitOfWork, keyring: Keyring, row: RowMapping, code: str) -> bool:
    """Whether a code, or an unused recovery code, of this operator is right; it is used up thereby."""
    plain = code.strip().replace(" ", "").lower()
    if re.fullmatch(r"\d{6}", plain):
        return _is_present_code(uow, keyring, row, plain)
    used = uow.execute(
        update(recovery_code)
        .where(
            recovery_code.c.operator_id == row["operator_id"],
            recovery_code.c.code_hash == _code_hash(keyring, row["operator_id"], plain),
            recovery_code.c.used_at.is_(None),
        )
        .values(used_at=clock.now())
    )
    return used.rowcount == 1


def recovery_codes_left(uow: UnitOfWork, operator_id: str) -> int:
    """How many recovery codes were not used yet."""
    unused = select(recovery_code.c.code_hash).where(recovery_code.c.operator_id == operator_id, recovery_code.c.used_at.is_(None))
    return len(uow.rows(unused))


def _is_present_code(uow: UnitOfWork, keyring: Keyring, row: RowMapping, code: str) -> bool:
    """Right now, one step of drift either way, and newer than the last code that opened."""
    totp = pyotp.TOTP(keyring.unseal(PURPOSE, row["totp_sealed"], bound_to=row["operator_id"]).decode())
    step = int(clock.now().timestamp()) // STEP_S
    fitting = [
        at for at in range(step - DRIFT_STEPS, step + DRIFT_STEPS + 1) if hmac.compare_digest(totp.generate_otp(at), code.strip())
    ]
    if not fitting:
        return False
    used = uow.execute(
        update(operator)
        .where(operator.c.operator_id == row["operator_id"], operator.c.totp_last_step < fitting[-1])
        .values(totp_last_step=fitting[-1])
    )
    return used.rowcount == 1


def _own(uow: UnitOfWork, caller: Caller) -> RowMapping:
    row = uow.one(select(operator).where(operator.c.operator_id == caller.id)) if caller.kind == "operator" else None
    if row is None:
        raise InvalidInput(
            "only an operator has a second factor", mend="sign in as a person, not with an API key", code="not_an_operator"
        )
    return row


def _code_hash(keyring: Keyring, operator_id: str, code: str) -> str:
    return keyring.mac("recovery code", operator_id, code.replace("-", ""))
