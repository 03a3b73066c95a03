"""How long files as they were handed in, and bad rows of loaded ones, are kept: both may hold personal data."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select

from regulars.collect.imports.tables import bad_row, load
from regulars.guard import privacy

if TYPE_CHECKING:
    from regulars.records import UnitOfWork


def forget_bad_rows(uow: UnitOfWork, shop_id: str, before: datetime) -> int:
    """Delete the bad rows in the records that were put aside before an instant, repaired or not; the report of their load stays."""
    return uow.execute(delete(bad_row).where(bad_row.c.shop_id == shop_id, bad_row.c.created_at < before)).rowcount


def forget_bad_row_files(uow: UnitOfWork, home: Path, shop_id: str, before: datetime) -> int:
    """Delete the quarantine files of loads that ended before an instant; returns how many."""
    at = func.coalesce(load.c.finished_at, load.c.created_at)
    gone = 0
    for row in uow.rows(select(load.c.load_id).where(load.c.shop_id == shop_id, load.c.status != "running", at < before)):
        folder = home / "quarantine" / row["load_id"]
        if folder.exists():
            shutil.rmtree(folder)
            gone += 1
    return gone


def forget_uploads(_uow: UnitOfWork, home: Path, before: datetime) -> int:
    """Delete files handed in before an instant that no load took with it; returns how many folders."""
    old = [one for one in (home / "uploads").glob("*") if one.stat().st_mtime < before.timestamp()]
    for folder in old:
        shutil.rmtree(folder, ignore_errors=True)
    return len(old)


privacy.CLASSES["uploads"] = privacy.RetentionClass(
    "uploads",
    "Files not loaded, of all shops",
    "未载入的上传文件（所有店铺）",
    default_days=7,
    shared=forget_uploads,
)
privacy.CLASSES["bad_rows"] = privacy.RetentionClass(
    "bad_rows",
    "Bad rows of loaded files, encrypted",
    "导入文件中的问题行（已加密）",
    default_days=365,
    records=forget_bad_rows,
    files=forget_bad_row_files,
)
