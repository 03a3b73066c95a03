"""After a kill: every load that was running is finished when the warehouse holds its mark, and undone when it does not."""

from __future__ import annotations

import logging
import shutil
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from regulars.collect.imports import quarantine
from regulars.collect.imports.archive import Archive, left_over
from regulars.collect.imports.commit import replay
from regulars.collect.imports.domain.report import Change
from regulars.collect.imports.keeping import forget_uploads
from regulars.collect.imports.stored import report_from
from regulars.collect.imports.tables import load as load_table
from regulars.collect.imports.written_down import finish
from regulars.errors import NotFound, RegularsError
from regulars.events import LoadUndone
from regulars.guard import privacy
from regulars.values.clock import now

if TYPE_CHECKING:
    from regulars.records import Records
    from regulars.warehouse import Warehouse

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a restart found half done: loads that were finished, loads that were undone."""

    finished: tuple[str, ...]
    undone: tuple[str, ...]


def recover(records: Records, warehouse: Warehouse, home: Path) -> Recovered:
    """Finish or undo every load that was cut off, and remove what it left lying about.

    To be called before anything else loads: a load that really runs would be taken for one that was cut off.
    """
    with records.reading() as uow:
        running = uow.rows(select(load_table).where(load_table.c.status == "running").order_by(load_table.c.created_at))
    finished, undone = [], []
    for row in running:
        load_id = row["load_id"]
        if _marked(warehouse, load_id):
            _finish(records, home, row)
            finished.append(load_id)
        else:
            take_back(records, home, load_id, error=None, warehouse=warehouse)
            undone.append(load_id)
    for folder in left_over(home):
        shutil.rmtree(folder, ignore_errors=True)
    for folder in (home / "scratch").glob("*"):
        shutil.rmtree(folder, ignore_errors=True)
    _remove_old_uploads(records, home)
    if finished or undone:
        log.info("loads recovered", extra={"finished": finished, "undone": undone})
    return Recovered(tuple(finished), tuple(undone))


def _remove_old_uploads(records: Records, home: Path) -> None:
    """Uploads that no load took with it."""
    with records.reading() as uow:
        if (days := privacy.longest_days(uow, "uploads")) is not None:
            forget_uploads(uow, home, now() - timedelta(days=days))


def _marked(warehouse: Warehouse, load_id: str) -> bool:
    loads = warehouse.table("loads")
    return bool(warehouse.value(loads.filter(loads.load_id == load_id).count()))


def _finish(records: Records, home: Path, row: Any) -> None:
    changes = {table: Change(**change) for table, change in Archive(home, row["shop_id"], row["load_id"]).changes().items()}
    report = replace(report_from(row["report"]), status="done", changes=changes)
    with records.unit() as uow:
        finish(uow, home, report, repairs=row["repairs"], repaired_rows=row["repaired_rows"])


def take_back(records: Records, home: Path, load_id: str, *, error: BaseException | None, warehouse: Warehouse) -> None:
    """Leave nothing of a load that was not committed; one that was is left to `recover`."""
    if error is not None and _marked(warehouse, load_id):
        return
    with records.unit() as uow:
        row = uow.one(select(load_table).where(load_table.c.load_id == load_id))
        if row is None or row["status"] != "running":
            return
        quarantine.forget(uow, home, load_id)
        why = "the process ended during the load"
        if error is not None:
            why = str(error) if isinstance(error, RegularsError) else type(error).__name__
        status = "failed" if error is not None else "undone"
        uow.execute(
            update(load_table).where(load_table.c.load_id == load_id).values(status=status, error=why[:2000], finished_at=now())
        )
        if error is None:
            uow.tell(LoadUndone(shop_id=row["shop_id"], load_id=load_id))
    Archive(home, row["shop_id"], load_id).remove()


def rebuild(records: Records, warehouse: Warehouse, home: Path) -> tuple[int, int]:
    """Fill an empty warehouse from the archives of all loads that are done, oldest first; returns loads and rows.

    Raises
    ------
    NotFound : the archive of a load is missing, so the warehouse would be silently less.
    """
    with records.reading() as uow:
        done = uow.rows(
            select(load_table).where(load_table.c.status == "done").order_by(load_table.c.finished_at, load_table.c.load_id)
        )
    missing = [row["load_id"] for row in done if not Archive(home, row["shop_id"], row["load_id"]).exists()]
    if missing:
        raise NotFound(
            f"the archive of load {missing[0]} is missing",
            mend=f"restore {home / 'imports'} from a backup, then rebuild again",
            code="no_archive",
        )
    rows = 0
    for row in done:
        replay(warehouse, Archive(home, row["shop_id"], row["load_id"]), row["load_id"], row["kind"], row["rows"])
        rows += row["rows"] or 0
    return len(done), rows
