"""How long what was put aside, and the counts of what was not collected, are kept."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import delete

from regulars.collect.track import uncollected
from regulars.collect.track.tables import quarantined_event
from regulars.guard import privacy

if TYPE_CHECKING:
    from regulars.records import UnitOfWork


def forget_put_aside(uow: UnitOfWork, shop_id: str, before: datetime) -> int:
    """Delete messages that were put aside before an instant, whatever became of them."""
    mine = quarantined_event.c.shop_id == shop_id
    return uow.execute(delete(quarantined_event).where(mine, quarantined_event.c.received_at < before)).rowcount


privacy.CLASSES["quarantine"] = privacy.RetentionClass(
    "quarantine", "Messages put aside, encrypted", "隔离的消息（已加密）", default_days=365, records=forget_put_aside
)
privacy.CLASSES["uncollected"] = privacy.RetentionClass(
    "uncollected", "Counts of what was not collected", "未采集事件的计数", default_days=1095, records=uncollected.forget
)
