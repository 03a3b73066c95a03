"""Loading files: written down, archived, committed to the warehouse with a mark, and then called done together with its event."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from regulars.access import shops
from regulars.access.domain import Caller, Shop
from regulars.access.keys import Keyring
from regulars.collect.imports import mappings, quarantine, recovery
from regulars.collect.imports.analysing import Prepared, Tell, given_files, identify, prepare
from regulars.collect.imports.archive import Archive
from regulars.collect.imports.commit import commit
from regulars.collect.imports.domain.fields import Kind
from regulars.collect.imports.domain.options import LoadOptions
from regulars.collect.imports.domain.report import Change, LoadReport
from regulars.collect.imports.kinds.events import messages as event_messages
from regulars.collect.imports.people import persons, words_of_reviews
from regulars.collect.imports.stored import report_from
from regulars.collect.imports.tables import load as load_table
from regulars.collect.imports.written_down import begin, content_key_of, done_before, finish, note
from regulars.errors import InvalidInput
from regulars.values.answers import to_json
from regulars.values.clock import now
from regulars.warehouse.workbench import Workbench

if TYPE_CHECKING:
    from regulars.records import Records, UnitOfWork
    from regulars.warehouse import Warehouse

log = logging.getLogger(__name__)

#: Takes messages in Segment form; they are durable when it returns.
Accept = Callable[[Sequence[dict[str, Any]]], object]

#: One load at a time in a process: they share cores, and the warehouse has one writer anyway.
_turn = threading.Lock()

_BENCH_MEMORY = "1GB"


def quiet(note: str, done: int | None, total: int | None) -> None:
    """Nobody watches."""


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
        earlier = done_before(uow, shop.shop_id, content_key_of(kind, hashes, options))
    with _bench(home) as bench:
        prepared = prepare(
            bench, shop, kind, files, hashes, options, keyring=keyring, load_id="", saved=saved, shop_names=shop_names, tell=tell
        )
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
    load_id: str | None = None,
    operator: str | None = None,
    accept: Accept | None = None,
) -> LoadReport:
    """Load files: what can be read goes into the warehouse, the rest into quarantine, all or nothing.

    The same content with the same options changes nothing and answers with the earlier load in `already_loaded`.

    Parameters
    ----------
    repairs, repaired_rows : the load and the ids of bad rows that these files bring in corrected.
    load_id, operator : of a load that was submitted before and is done now, and who asked for it.
    accept : takes the messages of events files; what it was given is durable when it returns.

    Raises
    ------
    InvalidInput, NotFound : as `plan`; events without `accept`.
    NotAllowed : the caller may not load data, or the files open shops the caller may not open.
    StorageFull : no room; nothing was half done.
    """
    caller.demand("load_data")
    caller.demand_shop(shop.shop_id)
    if kind == "events" and accept is None:
        raise InvalidInput(
            "events are not loaded through this door", mend="load them with `regulars load events FILE`", code="no_stream"
        )
    keyring = keyring_of(caller, home)
    begun = time.monotonic()
    options = options or LoadOptions()
    files = given_files(paths, names)
    hashes = identify(files, tell)
    content_key = content_key_of(kind, hashes, options)
    with _turn:
        with records.reading() as uow:
            saved, shop_names = mappings.by_fingerprint(uow, shop.shop_id), _shop_names(uow)
            earlier = done_before(uow, shop.shop_id, content_key)
            if earlier:
                report = report_from(uow.value(select(load_table.c.report).where(load_table.c.load_id == earlier)))
        if earlier:
            with records.unit() as uow:
                if load_id:
                    note(uow, load_id, status="undone", error=f"the same content was loaded before: {earlier}", finished_at=now())
            return _timed(replace(report, already_loaded=earlier, changes={}, dry_run=False), begun)
        with records.unit() as uow:
            load_id = begin(
                uow,
                shop,
                kind,
                files,
                hashes,
                content_key,
                options,
                load_id=load_id,
                operator=operator or caller.id,
                repairs=repairs,
                repaired_rows=repaired_rows,
            )
        try:
            with _bench(home) as bench:
                prepared = prepare(
                    bench,
                    shop,
                    kind,
                    files,
                    hashes,
                    options,
                    keyring=keyring,
                    load_id=load_id,
                    saved=saved,
                    shop_names=shop_names,
                    tell=tell,
                )
                report = _write(records, warehouse, home, prepared, caller=caller, keyring=keyring, begun=begun, accept=accept)
        except BaseException as error:
            recovery.take_back(records, home, load_id, error=error, warehouse=warehouse)
            raise
        with records.unit() as uow:
            finish(uow, home, report, repairs=repairs, repaired_rows=repaired_rows, options=options, prepared=prepared)
    log.info("load done", extra={"load_id": load_id, "kind": kind, "rows": report.rows, "seconds": report.seconds})
    return report


def _write(
    records: Records,
    warehouse: Warehouse,
    home: Path,
    prepared: Prepared,
    *,
    caller: Caller,
    keyring: Keyring,
    begun: float,
    accept: Accept | None,
) -> LoadReport:
    """Archive, keep personal data and bad rows, hand over messages, commit to the warehouse."""
    task, analysis, bench = prepared.task, prepared.analysis, prepared.task.bench
    load_id, shop = task.load_id, task.shop
    shop_ids = [share.shop_id for share in analysis.shops] or [shop.shop_id]
    archive = Archive(home, shop.shop_id, load_id)
    archive.begin()
    task.step("archive")
    for table, query in analysis.outputs.items():
        archive.write(bench, table, query)
    archive.finish(
        {
            "load_id": load_id,
            "shop_ids": shop_ids,
            "kind": prepared.report.kind,
            "files": [file.name for file in prepared.report.files],
        }
    )
    _rename_erased(records, warehouse, keyring, archive, shop_ids)
    task.step("keep personal data")
    _remember(records, keyring, prepared, shop_ids)
    with records.unit() as uow:
        _open_shops(uow, caller, prepared)
        if prepared.report.rows_by_outcome["quarantined"]:
            quarantine.store(
                uow, keyring, home, shop.shop_id, load_id, quarantine.read_out(bench, prepared.opened, analysis.verdicts)
            )
        report = replace(prepared.report, load_id=load_id, status="running", dry_run=False)
        uow.execute(update(load_table).where(load_table.c.load_id == load_id).values(report=to_json(report), rows=report.rows))
    handed = 0
    if analysis.messages and accept:
        task.step("hand over messages")
        for batch in event_messages(bench, prepared.opened):
            accept(batch)
            handed += len(batch)
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
    if handed:
        changes["events"] = Change(inserted=handed)
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


def _rename_erased(records: Records, warehouse: Warehouse, keyring: Keyring, archive: Archive, shop_ids: Sequence[str]) -> None:
    """An old file brings nobody back: rows of erased customers get the pseudonyms of nobody."""
    from regulars.guard import privacy

    for shop_id in shop_ids:
        with records.reading() as uow:
            if not privacy.anybody_erased(uow, shop_id):
                continue
            found = privacy.erased(uow, keyring, shop_id, archive.customer_ids(shop_id))
        if found:
            archive.rename(privacy.Renaming(shop_id, found))


def _open_shops(uow: UnitOfWork, caller: Caller, prepared: Prepared) -> None:
    """Open the shops a file names that are new, with the zone and currency of the load."""
    for share in prepared.analysis.shops:
        if share.new:
            base = prepared.task.shop
            name = next(
                (name for one in prepared.opened for name, shop_id in one.reading.shops.items() if shop_id == share.shop_id),
                share.shop_id,
            )
            shops.create(
                uow,
                caller,
                shop_id=share.shop_id,
                name=name,
                timezone=base.timezone,
                currency=base.currency,
                language=base.language,
            )


def _bench(home: Path) -> Workbench:
    folder = home / "scratch"
    folder.mkdir(parents=True, exist_ok=True)
    return Workbench(folder, memory_limit=_BENCH_MEMORY)


def keyring_of(caller: Caller, home: Path) -> Keyring:
    return caller.keyring or Keyring.open(home)


def _shop_names(uow: UnitOfWork) -> dict[str, str]:
    return {name: shop.shop_id for shop in shops.list_all(uow) for name in (shop.shop_id, shop.name)}


def _timed(report: LoadReport, begun: float) -> LoadReport:
    seconds = time.monotonic() - begun
    return replace(report, seconds=round(seconds, 3), rows_per_second=round(report.rows / seconds, 1) if seconds else 0.0)
