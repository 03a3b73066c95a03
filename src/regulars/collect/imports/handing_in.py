"""Work handed in to be done later or again: submitted loads, and bad rows that come back corrected."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import update

from regulars.access.domain import Caller, Shop
from regulars.access.keys import Keyring
from regulars.collect.imports import quarantine, repairing
from regulars.collect.imports.analysing import Tell, given_files
from regulars.collect.imports.domain.fields import FIELDS, Kind
from regulars.collect.imports.domain.options import LoadOptions
from regulars.collect.imports.domain.report import LoadReport
from regulars.collect.imports.history import load_row
from regulars.collect.imports.loading import keyring_of, load, quiet
from regulars.collect.imports.stored import report_from
from regulars.collect.imports.tables import load as load_table
from regulars.collect.imports.written_down import begin, note
from regulars.errors import InvalidInput
from regulars.values.clock import now
from regulars.values.ids import new_id
from regulars.work import enqueue

if TYPE_CHECKING:
    from regulars.records import Records, UnitOfWork
    from regulars.warehouse import Warehouse


def submit(
    uow: UnitOfWork,
    shop: Shop,
    kind: Kind,
    paths: Sequence[Path],
    names: Sequence[str],
    options: LoadOptions,
    *,
    caller: Caller,
    repairs: str | None = None,
    repaired_rows: Sequence[str] = (),
) -> str:
    """Ask for a load that the worker does; returns its load_id. The files are removed once they are done with.

    Raises
    ------
    NotAllowed : the caller may not load data.
    """
    caller.demand("load_data")
    caller.demand_shop(shop.shop_id)
    load_id = new_id("load")
    begin(
        uow,
        shop,
        kind,
        given_files(paths, names),
        None,
        "",
        options,
        load_id=load_id,
        operator=caller.id,
        repairs=repairs,
        repaired_rows=repaired_rows,
    )
    payload = {"load_id": load_id, "kind": kind, "paths": [str(path) for path in paths], "names": list(names), "options": options.content(), "operator": caller.id,
               "repairs": repairs, "repaired_rows": list(repaired_rows)}  # fmt: skip
    job_id = enqueue(uow, "imports.load", payload, shop_id=shop.shop_id)
    note(uow, load_id, job_id=job_id)
    return load_id


def fail_submitted(uow: UnitOfWork, load_id: str, why: str) -> None:
    """A submitted load that could not even begin."""
    uow.execute(
        update(load_table)
        .where(load_table.c.load_id == load_id, load_table.c.status.in_(("planned", "running")))
        .values(status="failed", error=why[:2000], finished_at=now())
    )


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
    folder = home / "scratch" / new_id("repair")
    try:
        ready = prepare_repair(records, home, shop, load_id, edits, keyring=keyring_of(caller, home), folder=folder)
        return load(
            records, warehouse, home, shop, ready.kind, [ready.path], ready.options, caller=caller, names=[ready.name],
            tell=tell, repairs=load_id, repaired_rows=ready.rows,
        )  # fmt: skip
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class ReadyRepair:
    """Corrected rows as a file, and how to load it."""

    kind: Kind
    path: Path
    name: str
    options: LoadOptions
    rows: tuple[str, ...]


def prepare_repair(
    records: Records,
    home: Path,
    shop: Shop,
    load_id: str,
    edits: Mapping[str, Mapping[str, str | None]],
    *,
    keyring: Keyring,
    folder: Path,
) -> ReadyRepair:
    """Write the corrected rows into a file of `folder`; errors as `repair`."""
    with records.reading() as uow:
        row = load_row(uow, shop.shop_id, load_id)
        waiting = quarantine.bad_rows_of(uow, keyring, home, load_id, limit=None)
    if not edits:
        raise InvalidInput("no row was named", mend="give the corrected cells of at least one bad row", code="nothing_to_repair")
    path, row_ids = repairing.repaired_csv(waiting, edits, folder)
    report = report_from(row["report"])
    return ReadyRepair(
        row["kind"], path, f"repairs of {report.files[0].name}", _repair_options(row["options"], report), tuple(row_ids)
    )


def repair_file(
    records: Records, warehouse: Warehouse, home: Path, shop: Shop, load_id: str, path: Path, *, caller: Caller, tell: Tell = quiet
) -> LoadReport:
    """The same from a file of bad rows that was downloaded, corrected and sent back.

    Raises
    ------
    InvalidInput : the file lacks the columns that name the rows (`regulars_file`, `regulars_row`).
    """
    with records.reading() as uow:
        load_row(uow, shop.shop_id, load_id)
        waiting = quarantine.bad_rows_of(uow, keyring_of(caller, home), home, load_id, limit=None)
    return repair(records, warehouse, home, shop, load_id, repairing.edits_from(path, waiting), caller=caller, tell=tell)


def _repair_options(kept: Mapping[str, Any], report: LoadReport) -> LoadOptions:
    """The options of an earlier load, with its columns spelled out, as repaired rows may lack what named them."""
    options = LoadOptions.from_content(kept)
    maps = {column.field: column.column for column in report.files[0].columns if column.field in FIELDS[report.kind]}
    return replace(
        options, maps=maps if len(report.files) == 1 else options.maps, sheet=None, encoding=None, separator=None, header=None, skip_rows=None,
        save_mapping=False,
    )  # fmt: skip
