"""Stopping those who guess passwords: at most 10 guesses per account and 60 per network in any 5 minutes, counted in records."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from regulars.access.domain import EVERY_SHOP
from regulars.access.tables import sign_in_attempt
from regulars.errors import NotAllowed, Unavailable
from regulars.values import clock

if TYPE_CHECKING:
    from regulars.access.keys import Keyring
    from regulars.records import UnitOfWork

WINDOW = timedelta(minutes=5)
PER_ACCOUNT = 10
PER_NETWORK = 60
_TRIES = 50


def count(uow: UnitOfWork, keyring: Keyring, *, account: str, network: str) -> None:
    """Count one guess before it is tried; accounts that do not exist are counted alike.

    Commit this before the password is looked at, so that no guess goes uncounted.

    Raises
    ------
    NotAllowed : (429) the account or the network had its guesses; `retry_after_s` says when the next one is free.
    """
    _take(uow, account_subject(keyring, account), PER_ACCOUNT)
    _take(uow, "network:" + keyring.mac("guessing", "network", network), PER_NETWORK)


def forgive(uow: UnitOfWork, keyring: Keyring, account: str) -> None:
    """Forget an account's guesses after a right one. The network's stay: an attacker may own an account too."""
    uow.execute(delete(sign_in_attempt).where(sign_in_attempt.c.subject == account_subject(keyring, account)))


def account_subject(keyring: Keyring, account: str) -> str:
    """The name an account is counted under; it does not tell the address."""
    return "account:" + keyring.mac("guessing", "account", account)


def _take(uow: UnitOfWork, subject: str, limit: int) -> None:
    """Take one of the window's places by comparing and setting a version, so that concurrent guesses cannot share one."""
    make = postgresql.insert if uow.dialect == "postgresql" else sqlite.insert
    for _ in range(_TRIES):
        now = clock.now()
        uow.execute(
            delete(sign_in_attempt).where(sign_in_attempt.c.changed_at < now - 2 * WINDOW, sign_in_attempt.c.subject != subject)
        )
        first = {"subject": subject, "shop_id": EVERY_SHOP, "recent": [], "version": 0, "changed_at": now}
        uow.execute(make(sign_in_attempt).values(first).on_conflict_do_nothing())
        row = uow.one(select(sign_in_attempt).where(sign_in_attempt.c.subject == subject).with_for_update())
        if row is None:
            continue
        recent = [at for at in row["recent"] if at > (now - WINDOW).timestamp()]
        if len(recent) >= limit:
            raise NotAllowed(
                "too many attempts to sign in",
                mend="wait a few minutes, then try again",
                code="too_many_attempts",
                status=429,
                retry_after_s=max(1, round(recent[0] + WINDOW.total_seconds() - now.timestamp())),
            )
        taken = uow.execute(
            update(sign_in_attempt)
            .where(sign_in_attempt.c.subject == subject, sign_in_attempt.c.version == row["version"])
            .values(recent=[*recent, now.timestamp()], version=row["version"] + 1, changed_at=now)
        )
        if taken.rowcount == 1:
            return
    raise Unavailable(
        "too many people are signing in at this moment", mend="try again in a few seconds", code="sign_in_busy", retry_after_s=5
    )
