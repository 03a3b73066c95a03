"""What is known of earlier loads: the list, one load, its report, how far it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from regulars.collect.imports import quarantine
from regulars.collect.imports.domain.fields import Kind
from regulars.collect.imports.domain.report import LoadReport, LoadStatus
from regulars.collect.imports.stored import report_from
from regulars.collect.imports.tables import load as load_table
from regulars.errors import NotFound
from regulars.work import JobProgress, job_progress

if TYPE_CHECKING:
    from regulars.records import UnitOfWork


@dataclass(frozen=True, slots=True)
class LoadSummary:
    """One load in the list of loads."""

    load_id: str
    shop_id: str
    kind: Kind
    status: LoadStatus
    files: tuple[str, ...]
    rows: int | None
    rows_by_outcome: dict[str, int]
    bad_rows_open: int
    operator: str
    error: str | None
    job_id: str | None
    created_at: datetime
    finished_at: datetime | None


def loads(uow: UnitOfWork, home: Path, shop_id: str, *, limit: int = 50, before: str | None = None) -> list[LoadSummary]:
    """The loads of a shop, newest first; `before` a load_id (they sort by creation)."""
    query = select(load_table).where(load_table.c.shop_id == shop_id).order_by(load_table.c.load_id.desc()).limit(limit)
    if before:
        query = query.where(load_table.c.load_id < before)
    return [_summary(uow, home, row) for row in uow.rows(query)]


def load_summary(uow: UnitOfWork, home: Path, shop_id: str, load_id: str) -> LoadSummary:
    """One load.

    Raises
    ------
    NotFound : there is none of that id in this shop.
    """
    return _summary(uow, home, load_row(uow, shop_id, load_id))


def load_report(uow: UnitOfWork, shop_id: str, load_id: str) -> LoadReport | None:
    """The report of a load; None while it has not read its files yet."""
    kept = load_row(uow, shop_id, load_id)["report"]
    return replace(report_from(kept), status=load_row(uow, shop_id, load_id)["status"]) if kept else None


def progress_of(uow: UnitOfWork, summary: LoadSummary) -> JobProgress | None:
    """How far a submitted load is; None where it was not submitted or is over."""
    if not summary.job_id or summary.status not in ("planned", "running"):
        return None
    return job_progress(uow, summary.job_id)


def load_row(uow: UnitOfWork, shop_id: str, load_id: str) -> Mapping[Any, Any]:
    row = uow.one(select(load_table).where(load_table.c.load_id == load_id, load_table.c.shop_id == shop_id))
    if row is None:
        raise NotFound(
            f"there is no load '{load_id}' in this shop", mend="list the loads with `GET /v1/loads`", code="no_such_load"
        )
    return row


def _summary(uow: UnitOfWork, home: Path, row: Mapping[Any, Any]) -> LoadSummary:
    outcomes = (row["report"] or {}).get("rows_by_outcome", {})
    bad = int(outcomes.get("quarantined", 0))
    in_files = bad if bad > quarantine.IN_RECORDS else 0
    return LoadSummary(
        load_id=row["load_id"],
        shop_id=row["shop_id"],
        kind=row["kind"],
        status=row["status"],
        files=tuple(file["name"] for file in row["files"]),
        rows=row["rows"],
        rows_by_outcome=outcomes,
        bad_rows_open=quarantine.count_open(uow, home, row["load_id"], in_files) if bad and row["status"] == "done" else 0,
        operator=row["operator"],
        error=row["error"],
        job_id=row["job_id"],
        created_at=row["created_at"],
        finished_at=row["finished_at"],
    )
