"""A load as it stands in the records: begun, noted, and called done together with its event."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from regulars.access.domain import Shop
from regulars.collect.imports import mappings, quarantine
from regulars.collect.imports.analysing import Prepared
from regulars.collect.imports.domain.fields import Kind
from regulars.collect.imports.domain.options import LoadOptions
from regulars.collect.imports.domain.report import LoadReport
from regulars.collect.imports.intake import Given
from regulars.collect.imports.tables import load as load_table
from regulars.events import CompetitionLoaded, CostsLoaded, CustomersLoaded, OrdersLoaded, ProductsLoaded, ReviewsLoaded
from regulars.values.answers import to_json
from regulars.values.clock import now
from regulars.values.ids import new_id

if TYPE_CHECKING:
    from regulars.records import UnitOfWork


def begin(
    uow: UnitOfWork,
    shop: Shop,
    kind: Kind,
    files: Sequence[Given],
    hashes: Sequence[str] | None,
    content_key: str,
    options: LoadOptions,
    *,
    load_id: str | None,
    operator: str,
    repairs: str | None,
    repaired_rows: Sequence[str],
) -> str:
    """Write a load down: `planned` before its files were looked at, `running` from then on."""
    values: dict[str, Any] = {
        "status": "running" if hashes else "planned",
        "content_key": content_key,
        "files": [{"name": file.name, "sha256": sha} for file, sha in zip(files, hashes or [""] * len(files), strict=True)],
        "error": None,
        "finished_at": None,
    }
    if load_id and hashes and uow.execute(update(load_table).where(load_table.c.load_id == load_id).values(**values)).rowcount:
        return load_id
    load_id = load_id or new_id("load")
    more = {
        "shop_id": shop.shop_id,
        "kind": kind,
        "options": options.content(),
        "repairs": repairs,
        "repaired_rows": list(repaired_rows),
    }
    uow.execute(insert(load_table).values(load_id=load_id, operator=operator, created_at=now(), **more, **values))
    return load_id


def note(uow: UnitOfWork, load_id: str, **values: Any) -> None:
    """Change what is written of a load."""
    uow.execute(update(load_table).where(load_table.c.load_id == load_id).values(**values))


def finish(
    uow: UnitOfWork,
    home: Path,
    report: LoadReport,
    *,
    repairs: str | None = None,
    repaired_rows: Sequence[str] = (),
    options: LoadOptions | None = None,
    prepared: Prepared | None = None,
) -> None:
    """Call a committed load done and tell it, in one transaction."""
    assert report.load_id
    uow.execute(
        update(load_table)
        .where(load_table.c.load_id == report.load_id)
        .values(status="done", report=to_json(report), rows=report.rows, finished_at=now())
    )
    if repairs and repaired_rows:
        quarantine.mark_repaired(uow, home, repairs, list(repaired_rows), report.load_id)
    if prepared and options and options.save_mapping:
        for one in prepared.opened:
            if options.maps and one.raw.description.header:
                mappings.save(uow, report.shop_id, one.mapping.kind, one.raw.columns, one.mapping.as_dict(), name=one.given.name)
    _tell_loaded(uow, report)


def _tell_loaded(uow: UnitOfWork, report: LoadReport) -> None:
    """The event of a load that is done, once per shop."""
    assert report.load_id
    inserted = sum(change.inserted for change in report.changes.values())
    updated = sum(change.updated + change.removed for change in report.changes.values())
    found = report.found
    for shop_id in [share.shop_id for share in report.shops] or [report.shop_id]:
        same: dict[str, Any] = {
            "shop_id": shop_id,
            "load_id": report.load_id,
            "rows": report.rows,
            "inserted": inserted,
            "updated": updated,
        }
        match report.kind:
            case "orders":
                uow.tell(OrdersLoaded(**same, first_at=found.first_at, last_at=found.last_at))
            case "customers":
                uow.tell(CustomersLoaded(**same))
            case "products":
                uow.tell(ProductsLoaded(**same))
            case "reviews":
                uow.tell(ReviewsLoaded(**same))
            case "costs":
                uow.tell(CostsLoaded(**same))
            case "competition":
                uow.tell(CompetitionLoaded(**same))


def content_key_of(kind: Kind, hashes: Sequence[str], options: LoadOptions) -> str:
    """The same for the same files, read in the same way."""
    text = json.dumps([kind, list(hashes), options.content()], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def done_before(uow: UnitOfWork, shop_id: str, content_key: str) -> str | None:
    """The load of this shop that brought the same content in."""
    found = uow.value(
        select(load_table.c.load_id).where(
            load_table.c.shop_id == shop_id, load_table.c.content_key == content_key, load_table.c.status == "done"
        )
    )
    return str(found) if found else None
