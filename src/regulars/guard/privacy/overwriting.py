"""After an erasure: the warehouse's file is copied, however large it is, so that nothing in it can be read that was deleted."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from regulars.guard.privacy.tables import erasure
from regulars.values import clock

if TYPE_CHECKING:
    from datetime import datetime

    from regulars.records import Records
    from regulars.warehouse import Warehouse

log = logging.getLogger(__name__)

#: The job that does it.
KIND = "privacy.overwrite"
_WAITS = erasure.c.erased_at.is_not(None) & erasure.c.overwritten_at.is_(None)


def finish_overwriting(records: Records, warehouse: Warehouse) -> int:
    """Copy the file when an erasure waits for it, and note on the certificates when it was done; returns how many erasures waited."""
    with records.reading() as uow:
        waiting = uow.value(select(func.count()).select_from(erasure).where(_WAITS))
    if not waiting:
        return 0
    began = clock.now()
    warehouse.overwrite_free(thorough=True)
    noted = note_overwritten(records, began)
    log.info("the remains of erased customers are overwritten", extra={"erasures": noted})
    return noted


def note_overwritten(records: Records, began: datetime) -> int:
    """The file was copied, begun at an instant: whoever was erased until then is nowhere in it."""
    with records.unit() as uow:
        done = update(erasure).where(_WAITS, erasure.c.erased_at <= began)
        return uow.execute(done.values(overwritten_at=clock.now())).rowcount
