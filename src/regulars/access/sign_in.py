"""Signing in: one guess, counted before it is tried, that takes as long for strangers as for operators."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sqlalchemy import RowMapping, update

from regulars.access import audit, guessing, operators, passwords, second_factor, sessions
from regulars.access.domain import ROLE_PERMISSIONS, Caller, Role
from regulars.access.sessions import NewSession
from regulars.access.tables import operator
from regulars.errors import NotAllowed
from regulars.values import clock

if TYPE_CHECKING:
    from regulars.access.keys import Keyring
    from regulars.records import Records

log = logging.getLogger(__name__)


def sign_in(
    records: Records, keyring: Keyring, *, email: str, password: str, code: str = "", network: str = "", browser: str = ""
) -> NewSession:
    """Begin a session for an e-mail address, its password and, where set up, a code of the second factor.

    Takes the store, not a unit of work: the guess is committed before it is tried, and no transaction is open while the password
    is hashed. An unknown address, a wrong password and a disabled operator get the same answer after the same work.

    Raises
    ------
    NotAllowed : 401 `wrong_sign_in`; 401 `second_factor_needed` once the password was right; 401 `wrong_code`; 429 too many.
    Unavailable : too many are signing in at once.
    """
    account = operators.account_form(email)
    with records.unit() as uow:
        guessing.count(uow, keyring, account=account, network=network)
    with records.reading() as uow:
        row = operators.find_row(uow, keyring, account)
    right = passwords.matches(password, row["password_hash"] if row else None)
    if row is None or not right or row["disabled_at"] is not None:
        log.warning("sign-in refused")
        raise NotAllowed(
            "the e-mail address or the password is not right", mend="check both and try again", code="wrong_sign_in", status=401
        )
    needs_code = row["totp_confirmed_at"] is not None
    if needs_code and not code.strip():
        raise NotAllowed(
            "a code of the second factor is needed", mend="send it as `code` with the rest", code="second_factor_needed", status=401
        )
    return _begin(records, keyring, row, account, password=password, code=code if needs_code else None, browser=browser)


def _begin(
    records: Records, keyring: Keyring, row: RowMapping, account: str, *, password: str, code: str | None, browser: str
) -> NewSession:
    operator_id, role = row["operator_id"], Role(row["role"])
    outdated = passwords.is_outdated(row["password_hash"])
    renewed = passwords.hashed(password) if outdated else None
    with records.unit() as uow:
        if code is not None and not second_factor.opens(uow, keyring, row, code):
            raise NotAllowed(
                "that code is not right", mend="type the code the app shows now, or a recovery code", code="wrong_code", status=401
            )
        still = update(operator).where(
            operator.c.operator_id == operator_id,
            operator.c.disabled_at.is_(None),
            operator.c.password_hash == row["password_hash"],
        )
        values = {"signed_in_at": clock.now()} | ({"password_hash": renewed} if renewed else {})
        if uow.execute(still.values(**values)).rowcount != 1:
            raise NotAllowed("the account changed meanwhile", mend="sign in again", code="wrong_sign_in", status=401)
        guessing.forgive(uow, keyring, account)
        begun = sessions.begin(uow, operator_id, second_factor=code is not None, browser=browser)
        caller = Caller(kind="operator", id=operator_id, role=role, scopes=ROLE_PERMISSIONS[role], keyring=keyring)
        audit.record(uow, caller, "session.began", begun.session_id, after={"second_factor": code is not None})
    return begun
