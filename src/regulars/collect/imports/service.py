"""The verbs of loading files: plan (a dry run that writes nothing), load, and what is known of earlier loads.

A load is written down before it begins, archived as Parquet, committed to the warehouse in one transaction with a mark, and then
called done together with its event. A kill at any instant leaves either the mark (the load is finished on restart) or none (it is
undone); see `recovery`.
"""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from regulars.access import shops
from regulars.access.domain import Caller, Shop
from regulars.access.keys import Keyring
from regulars.collect.imports import mappings, quarantine, recovery
from regulars.collect.imports.analysing import Prepared, Tell, given_files, identify, prepare
from regulars.collect.imports.archive import Archive
from regulars.collect.imports.checks import CHECKS
from regulars.collect.imports.commit import commit
from regulars.collect.imports.domain.fields import Kind
from regulars.collect.imports.domain.options import LoadOptions
from regulars.collect.imports.domain.report import LoadReport, LoadStatus
from regulars.collect.imports.mappings import saved as saved_mappings
from regulars.collect.imports.people import persons, words_of_reviews
from regulars.collect.imports.recovery import rebuild, recover
from regulars.collect.imports.stored import report_from
from regulars.collect.imports.tables import load as load_table
from regulars.errors import InvalidInput, NotFound
from regulars.values.answers import to_json
from regulars.values.clock import now
from regulars.values.ids import new_id
from regulars.warehouse.workbench import Workbench

if TYPE_CHECKING:
    from regulars.records import Records, UnitOfWork
    from regulars.warehouse import Warehouse

__all__ = ["CHECKS", "LoadSummary", "load", "load_report", "load_summary", "loads", "plan", "rebuild", "recover", "repair", "repair_file", "saved_mappings"]

log = logging.getLogger(__name__)

#: One load at a time in a process: they share cores, and the warehouse has one writer anyway.
_turn = threading.Lock()

_BENCH_MEMORY = "1GB"


def quiet(note: str, done: int | None, total: int | None) -> None:
    """Nobody watches."""


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


def plan(
    records: Records,
    home: Path,
    shop: Shop,
    kind: Kind,
    paths: Sequence[Path],
    options: LoadOptions | None = None,
    *,
    keyring: Keyring,
    names: Sequence[str] | None = None,
    tell: Tell = quiet,
) -> LoadReport:
    """What a load would do: the dry run. Nothing is written.

    Parameters
    ----------
    paths, names : the files, and what to call them (their own names by default). The last one is taken for the newest.
    tell : hears what is being done and how far; may raise to stop.

    Raises
    ------
    InvalidInput : a file is not a table, its columns are not clear, or it is of another kind.
    NotFound : there is no such file.
    """
    begun = time.monotonic()
    options = options or LoadOptions()
    files = given_files(paths, names)
    hashes = identify(files, tell)
    with records.reading() as uow:
        saved, shop_names = mappings.by_fingerprint(uow, shop.shop_id), _shop_names(uow)
        earlier = _done_before(uow, shop.shop_id, _content_key(kind, hashes, options))
    with _bench(home) as bench:
        prepared = prepare(bench, shop, kind, files, hashes, options, keyring=keyring, load_id="", saved=saved, shop_names=shop_names, tell=tell)
        return _timed(replace(prepared.report, already_loaded=earlier), begun)


def load(
    records: Records,
    warehouse: Warehouse,
    home: Path,
    shop: Shop,
    kind: Kind,
    paths: Sequence[Path],
    options: LoadOptions | None = None,
    *,
    caller: Caller,
    names: Sequence[str] | None = None,
    tell: Tell = quiet,
    repairs: str | None = None,
    repaired_rows: Sequence[str] = (),
    job_id: str | None = None,
) -> LoadReport:
    """Load files: what can be read goes into the warehouse, the rest into quarantine, all or nothing.

    The same content with the same options changes nothing and answers with the earlier load in `already_loaded`.

    Parameters
    ----------
    repairs, repaired_rows : the load and the ids of bad rows that these files bring in corrected.

    Raises
    ------
    InvalidInput, NotFound : as `plan`.
    NotAllowed : the caller may not load data, or the files open shops the caller may not open.
    StorageFull : no room; nothing was half done.
    """
    caller.demand("load_data")
    caller.demand_shop(shop.shop_id)
    keyring = _keyring(caller, home)
    begun = time.monotonic()
    options = options or LoadOptions()
    files = given_files(paths, names)
    hashes = identify(files, tell)
    content_key = _content_key(kind, hashes, options)
    with _turn:
        with records.reading() as uow:
            saved, shop_names = mappings.by_fingerprint(uow, shop.shop_id), _shop_names(uow)
            earlier = _done_before(uow, shop.shop_id, content_key)
            if earlier:
                report = report_from(uow.value(select(load_table.c.report).where(load_table.c.load_id == earlier)))
                return _timed(replace(report, already_loaded=earlier, changes={}, dry_run=False), begun)
        load_id = new_id("load")
        with records.unit() as uow:
            uow.execute(
                insert(load_table).values(
                    load_id=load_id,
                    shop_id=shop.shop_id,
                    kind=kind,
                    status="running",
                    content_key=content_key,
                    files=[{"name": file.name, "sha256": sha} for file, sha in zip(files, hashes, strict=True)],
                    repaired_rows=list(repaired_rows),
                    options=options.content(),
                    repairs=repairs,
                    job_id=job_id,
                    operator=caller.id,
                    created_at=now(),
                )
            )
        try:
            with _bench(home) as bench:
                prepared = prepare(
                    bench, shop, kind, files, hashes, options, keyring=keyring, load_id=load_id, saved=saved, shop_names=shop_names, tell=tell
                )
                report = _write(records, warehouse, home, prepared, caller=caller, keyring=keyring, begun=begun)
        except BaseException as error:
            recovery.take_back(records, home, load_id, error=error, warehouse=warehouse)
            raise
        with records.unit() as uow:
            finish(uow, home, report, repairs=repairs, repaired_rows=repaired_rows, options=options, prepared=prepared)
    log.info("load done", extra={"load_id": load_id, "kind": kind, "rows": report.rows, "seconds": report.seconds})
    return report


def _write(
    records: Records, warehouse: Warehouse, home: Path, prepared: Prepared, *, caller: Caller, keyring: Keyring, begun: float
) -> LoadReport:
    """Archive, keep personal data and bad rows, commit to the warehouse."""
    task, analysis, bench = prepared.task, prepared.analysis, prepared.task.bench
    load_id, shop = task.load_id, task.shop
    shop_ids = [share.shop_id for share in analysis.shops] or [shop.shop_id]
    archive = Archive(home, shop.shop_id, load_id)
    archive.begin()
    task.step("archive")
    for table, query in analysis.outputs.items():
        archive.write(bench, table, query)
    archive.finish({"load_id": load_id, "shop_ids": shop_ids, "kind": prepared.report.kind, "files": [file.name for file in prepared.report.files]})
    task.step("keep personal data")
    _remember(records, keyring, prepared, shop_ids)
    with records.unit() as uow:
        _open_shops(uow, caller, prepared)
        if prepared.report.rows_by_outcome["quarantined"]:
            quarantine.store(uow, keyring, home, shop.shop_id, load_id, quarantine.read_out(bench, prepared.opened, analysis.verdicts))
        report = replace(prepared.report, load_id=load_id, status="running", dry_run=False)
        uow.execute(update(load_table).where(load_table.c.load_id == load_id).values(report=to_json(report), rows=report.rows))
    task.step("commit")
    found = analysis.found
    span = (found.first_at, found.last_at) if found.first_at and found.last_at and "orders" in analysis.outputs else None
    fields = {name for one in prepared.opened for name in one.mapping.fields}
    changes = commit(
        warehouse,
        bench,
        archive,
        shop_ids,
        load_id,
        report.kind,
        report.rows,
        span=span,
        status_written=bool(fields & {"status", "payment_status", "cancelled_at", "paid_at", "paid_amount"}),
        replace_orders=task.options.replace_orders,
    )
    return _timed(replace(report, status="done", changes=changes), begun)


def _remember(records: Records, keyring: Keyring, prepared: Prepared, shop_ids: Sequence[str]) -> None:
    """Keep who the buyers are, in short transactions of their own: remembering twice changes nothing."""
    from regulars.guard import privacy

    bench, load_id = prepared.task.bench, prepared.task.load_id
    if prepared.analysis.people:
        for shop_id in shop_ids:
            for people in persons(bench, shop_id):
                with records.unit() as uow:
                    privacy.remember(uow, keyring, shop_id, people, load_id=load_id)
    if prepared.analysis.texts:
        for texts in words_of_reviews(bench, prepared.analysis.texts):
            with records.unit() as uow:
                privacy.remember_texts(uow, keyring, prepared.task.shop.shop_id, texts, load_id=load_id)


def _open_shops(uow: UnitOfWork, caller: Caller, prepared: Prepared) -> None:
    """Open the shops a file names that are new, with the zone and currency of the load."""
    for share in prepared.analysis.shops:
        if share.new:
            base = prepared.task.shop
            name = next((name for one in prepared.opened for name, shop_id in one.reading.shops.items() if shop_id == share.shop_id), share.shop_id)
            shops.create(uow, caller, shop_id=share.shop_id, name=name, timezone=base.timezone, currency=base.currency, language=base.language)


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
        update(load_table).where(load_table.c.load_id == report.load_id).values(status="done", report=to_json(report), rows=report.rows, finished_at=now())
    )
    if repairs and repaired_rows:
        quarantine.mark_repaired(uow, home, repairs, list(repaired_rows), report.load_id)
    if prepared and options and options.save_mapping:
        for one in prepared.opened:
            if options.maps and one.raw.description.header:
                mappings.save(uow, report.shop_id, one.mapping.kind, one.raw.columns, one.mapping.as_dict(), name=one.given.name)
    recovery.tell_loaded(uow, report)


def loads(uow: UnitOfWork, home: Path, shop_id: str, *, limit: int = 50, before: datetime | None = None) -> list[LoadSummary]:
    """The loads of a shop, newest first."""
    query = select(load_table).where(load_table.c.shop_id == shop_id).order_by(load_table.c.created_at.desc(), load_table.c.load_id.desc()).limit(limit)
    if before:
        query = query.where(load_table.c.created_at < before)
    return [_summary(uow, home, row) for row in uow.rows(query)]


def load_summary(uow: UnitOfWork, home: Path, shop_id: str, load_id: str) -> LoadSummary:
    """One load.

    Raises
    ------
    NotFound : there is none of that id in this shop.
    """
    return _summary(uow, home, _row(uow, shop_id, load_id))


def load_report(uow: UnitOfWork, shop_id: str, load_id: str) -> LoadReport | None:
    """The report of a load; None while it has not read its files yet."""
    kept = _row(uow, shop_id, load_id)["report"]
    return replace(report_from(kept), status=_row(uow, shop_id, load_id)["status"]) if kept else None


def repair(
    records: Records,
    warehouse: Warehouse,
    home: Path,
    shop: Shop,
    load_id: str,
    edits: Mapping[str, Mapping[str, str | None]],
    *,
    caller: Caller,
    tell: Tell = quiet,
) -> LoadReport:
    """Load bad rows again, with some cells corrected; exactly the rows that can be read now are added.

    Parameters
    ----------
    edits : bad_row_id -> column -> new text. A row without changed cells (`{}`) is tried again as it is.

    Raises
    ------
    NotFound : no such load, or no such open bad row in it.
    InvalidInput : no row is named, or a row has no such column.
    """
    caller.demand("load_data")
    keyring = _keyring(caller, home)
    with records.reading() as uow:
        row = _row(uow, shop.shop_id, load_id)
        kept = report_from(row["report"])
        waiting = quarantine.bad_rows_of(uow, keyring, home, load_id, limit=None)
    if not edits:
        raise InvalidInput("no row was named", mend="give the corrected cells of at least one bad row", code="nothing_to_repair")
    folder = home / "scratch" / new_id("repair")
    try:
        path, row_ids = quarantine.repaired_csv(waiting, edits, folder)
        options = _options_of(row["options"], kept)
        return load(
            records, warehouse, home, shop, row["kind"], [path], options, caller=caller, names=[f"repairs of {kept.files[0].name}"],
            tell=tell, repairs=load_id, repaired_rows=row_ids,
        )  # fmt: skip
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def repair_file(
    records: Records, warehouse: Warehouse, home: Path, shop: Shop, load_id: str, path: Path, *, caller: Caller, tell: Tell = quiet
) -> LoadReport:
    """The same from a file of bad rows that was downloaded, corrected and sent back.

    Raises
    ------
    InvalidInput : the file lacks the columns that name the rows (`regulars_file`, `regulars_row`).
    """
    with records.reading() as uow:
        _row(uow, shop.shop_id, load_id)
        waiting = quarantine.bad_rows_of(uow, _keyring(caller, home), home, load_id, limit=None)
    return repair(records, warehouse, home, shop, load_id, quarantine.edits_from(path, waiting), caller=caller, tell=tell)


def _options_of(kept: Mapping[str, Any], report: LoadReport) -> LoadOptions:
    """The options of an earlier load, with its columns spelled out, as repaired rows may lack what named them."""
    maps = {column.field: column.column for column in report.files[0].columns if column.meaning != "joins the files"}
    return LoadOptions(
        maps=maps if len(report.files) == 1 else dict(kept["maps"]),
        timezone=kept["timezone"],
        currency=kept["currency"],
        date_order=kept["date_order"],
        decimal=kept["decimal"],
        duplicates=kept["duplicates"],
        rates={code: Decimal(rate) for code, rate in kept["rates"].items()},
        statuses=dict(kept["statuses"]),
        save_mapping=False,
    )


def _row(uow: UnitOfWork, shop_id: str, load_id: str) -> Mapping[str, Any]:
    row = uow.one(select(load_table).where(load_table.c.load_id == load_id, load_table.c.shop_id == shop_id))
    if row is None:
        raise NotFound(f"there is no load '{load_id}' in this shop", mend="list the loads with `GET /v1/loads`", code="no_such_load")
    return row


def _summary(uow: UnitOfWork, home: Path, row: Mapping[str, Any]) -> LoadSummary:
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


def _bench(home: Path) -> Workbench:
    folder = home / "scratch"
    folder.mkdir(parents=True, exist_ok=True)
    return Workbench(folder, memory_limit=_BENCH_MEMORY)


def _keyring(caller: Caller, home: Path) -> Keyring:
    return caller.keyring or Keyring.open(home)


def _shop_names(uow: UnitOfWork) -> dict[str, str]:
    return {name: shop.shop_id for shop in shops.list_all(uow) for name in (shop.shop_id, shop.name)}


def _content_key(kind: Kind, hashes: Sequence[str], options: LoadOptions) -> str:
    text = json.dumps([kind, list(hashes), options.content()], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _done_before(uow: UnitOfWork, shop_id: str, content_key: str) -> str | None:
    found = uow.value(
        select(load_table.c.load_id).where(
            load_table.c.shop_id == shop_id, load_table.c.content_key == content_key, load_table.c.status == "done"
        )
    )
    return str(found) if found else None


def _timed(report: LoadReport, begun: float) -> LoadReport:
    seconds = time.monotonic() - begun
    return replace(report, seconds=round(seconds, 3), rows_per_second=round(report.rows / seconds, 1) if seconds else 0.0)

