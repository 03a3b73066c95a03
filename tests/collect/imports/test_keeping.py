"""Bad rows of loaded files go after a year, in the records and in files; the report of their load stays."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sqlalchemy import insert, select

from regulars.collect.imports.keeping import forget_bad_row_files, forget_bad_rows
from regulars.collect.imports.tables import bad_row, load
from regulars.records import Records
from regulars.values import clock


def test_bad_rows_go_after_their_time(any_records: Records, home: Path) -> None:
    now = clock.now()
    with any_records.unit() as uow:
        for name, days, shop_id in (("old", 400, "tea"), ("new", 2, "tea"), ("foreign", 400, "coffee")):
            at = now - timedelta(days=days)
            told = {"kind": "orders", "content_key": name, "files": [], "options": {}, "repaired_rows": [], "operator": "shell"}
            uow.execute(insert(load).values(load_id=name, shop_id=shop_id, status="done", created_at=at, finished_at=at, **told))
            row = {"bad_row_id": name, "shop_id": shop_id, "load_id": name, "file": "a.csv", "row_no": 1, "rules": "bad_time"}
            uow.execute(insert(bad_row).values(**row, sealed=b"x", state="open", created_at=at))
            (home / "quarantine" / name).mkdir(parents=True)

        before = now - timedelta(days=365)
        gone = forget_bad_rows(uow, "tea", before), forget_bad_row_files(uow, home, "tea", before)
        again = forget_bad_rows(uow, "tea", before), forget_bad_row_files(uow, home, "tea", before)

        left = sorted(row["bad_row_id"] for row in uow.rows(select(bad_row.c.bad_row_id)))
        loads = len(uow.rows(select(load.c.load_id)))
    assert (gone, again) == ((1, 1), (0, 0))
    assert left == sorted(path.name for path in (home / "quarantine").iterdir()) == ["foreign", "new"]
    assert loads == 3
