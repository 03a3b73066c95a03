"""How long the proof of a consent is kept: as long as the consent holds, and three years more by default."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import delete, exists

from regulars.guard import privacy
from regulars.guard.consent.tables import consent

if TYPE_CHECKING:
    from regulars.records import UnitOfWork

THREE_YEARS_DAYS = 3 * 365


def forget_superseded(uow: UnitOfWork, shop_id: str, before: datetime) -> int:
    """Delete tellings that a later one of the same person, purpose and channel has ended before an instant; what holds stays."""
    later = consent.alias("later")
    same = [later.c[name] == consent.c[name] for name in ("shop_id", "customer_id", "told_as", "purpose", "channel")]
    ended = exists().where(*same, later.c.happened_at > consent.c.happened_at, later.c.happened_at < before)
    return uow.execute(delete(consent).where(consent.c.shop_id == shop_id, ended)).rowcount


privacy.CLASSES["consents"] = privacy.RetentionClass(
    "consents",
    "Proofs of consents that no longer hold",
    "已失效的同意证明",
    default_days=THREE_YEARS_DAYS,
    records=forget_superseded,
)
