"""What `regulars doctor` asks of this floor."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select

from regulars.access import audit
from regulars.access.domain import Role
from regulars.access.keys import Keyring
from regulars.access.tables import operator, session
from regulars.errors import RegularsError
from regulars.work.checks import Check, CheckContext, Finding


def trail_is_whole(context: CheckContext) -> Iterator[Finding]:
    """Every audit entry is as it was written, and none is missing."""
    with context.records.reading() as uow:
        verdict = audit.verify(uow, Keyring.open(context.home))
    if not verdict.ok:
        yield Finding(
            verdict.reason, "find out who could write to the records; restore a backup whose head verifies", "audit_entry"
        )


def master_key_fits(context: CheckContext) -> Iterator[Finding]:
    """The master key opens what was sealed with it."""
    keyring = Keyring.open(context.home)
    with context.records.reading() as uow:
        for row in uow.rows(select(operator.c.operator_id, operator.c.name_sealed)):
            try:
                keyring.unseal("operator", row["name_sealed"], bound_to=row["operator_id"])
            except RegularsError as error:
                yield Finding(error.message, error.mend, f"operator {row['operator_id']}")


def somebody_can_manage(context: CheckContext) -> Iterator[Finding]:
    """Where there are operators, at least one enabled owner is among them."""
    with context.records.reading() as uow:
        total = uow.value(select(func.count()).select_from(operator))
        owners = uow.value(
            select(func.count()).select_from(operator).where(operator.c.role == Role.OWNER, operator.c.disabled_at.is_(None))
        )
    if total and not owners:
        yield Finding("no enabled owner is left", "restore the records of a time when there was one", "operator")


def shut_out_means_out(context: CheckContext) -> Iterator[Finding]:
    """A disabled operator has no live session."""
    with context.records.reading() as uow:
        left = uow.rows(
            select(session.c.session_id)
            .join(operator, operator.c.operator_id == session.c.operator_id)
            .where(operator.c.disabled_at.is_not(None), session.c.ended_at.is_(None), session.c.created_at < operator.c.disabled_at)
        )
    for row in left:
        yield Finding("a disabled operator's session was not ended", "disable the operator again", f"session {row['session_id']}")


CHECKS = [
    Check("the audit trail is whole", "P28", trail_is_whole),
    Check("the master key fits the records", "P27", master_key_fits),
    Check("somebody can manage operators", "P22", somebody_can_manage),
    Check("disabled operators are shut out", "P22", shut_out_means_out),
]
