"""Loads that were handed in over HTTP: done by the worker, with their progress."""

from __future__ import annotations

import shutil
from pathlib import Path

from regulars.access import Keyring, shops
from regulars.access.domain import Caller
from regulars.collect.imports import service
from regulars.collect.imports.domain.options import LoadOptions
from regulars.collect.imports.streams import history_of
from regulars.errors import RegularsError
from regulars.work import JobContext, JobHandler, JobStopped


def load_submitted(ctx: JobContext) -> None:
    """Load the files of a submitted load, and remove them. Stopped or killed, the load is undone and can be done again."""
    payload = ctx.payload
    paths = [Path(path) for path in payload["paths"]]
    with ctx.records.reading() as uow:
        shop = shops.get(uow, ctx.shop_id)

    def tell(note: str, done: int | None, total: int | None) -> None:
        ctx.progress(done or 0, total, note)

    caller = Caller.system("worker", Keyring.open(ctx.home))
    try:
        service.load(
            ctx.records,
            ctx.warehouse,
            ctx.home,
            shop,
            payload["kind"],
            paths,
            LoadOptions.from_content(payload["options"]),
            caller=caller,
            names=payload["names"],
            tell=tell,
            repairs=payload["repairs"],
            repaired_rows=payload["repaired_rows"],
            load_id=payload["load_id"],
            operator=payload["operator"],
            accept=history_of(ctx.home, shop, caller) if payload["kind"] == "events" else None,
        )
    except Exception as error:
        if not isinstance(error, JobStopped) and not (isinstance(error, RegularsError) and error.retriable):
            why = str(error) if isinstance(error, RegularsError) else "an unexpected fault; the log has the details"
            with ctx.records.unit() as uow:
                service.fail_submitted(uow, payload["load_id"], why)
            _remove(paths)
        raise
    _remove(paths)


def _remove(paths: list[Path]) -> None:
    for folder in {path.parent for path in paths}:
        shutil.rmtree(folder, ignore_errors=True)


JOBS: dict[str, JobHandler] = {"imports.load": load_submitted}
