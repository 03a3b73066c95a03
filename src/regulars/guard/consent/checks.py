"""What `regulars doctor` asks of the ledger of consents."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import exists, select

from regulars.guard.consent.tables import consent, consent_now
from regulars.work.checks import Check, CheckContext, Finding

_SHOWN = 20


def what_holds_is_in_the_ledger(context: CheckContext) -> Iterator[Finding]:
    """Whatever holds now was told: the ledger has a row with the same state."""
    same = [consent.c[name] == consent_now.c[name] for name in ("shop_id", "customer_id", "told_as", "purpose", "channel", "state")]
    lost = select(consent_now).where(~exists().where(*same)).limit(_SHOWN)
    with context.records.reading() as uow:
        for row in uow.rows(lost):
            yield Finding(
                "a consent holds that nobody told",
                "record the customer's wish again with `PUT /v1/customers/{customer_id}/consents`",
                f"consent_now {row['shop_id']}/{row['purpose']}/{row['channel'] or 'every channel'}",
            )


CHECKS = [Check("consents that hold were told", "P13", what_holds_is_in_the_ledger)]
