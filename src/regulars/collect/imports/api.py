"""Loads, bad rows and mappings over HTTP.

A dry run answers at once. A load is handed in, answered with 202 and done by the worker: ask `GET /v1/loads/{load_id}` how far it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import File, Path, Query, Response, UploadFile

from regulars.collect.imports import mappings, quarantine, repairing, service
from regulars.collect.imports.domain.fields import Kind
from regulars.collect.imports.domain.mapping import parse_maps
from regulars.collect.imports.domain.options import DateOrder, Duplicates, LoadOptions, parse_rates, parse_statuses
from regulars.collect.imports.domain.report import Change, Example, FileReport, Found, LoadReport, MappedColumn, Problem
from regulars.collect.imports.mappings import SavedMapping
from regulars.collect.imports.quarantine import BadRow
from regulars.collect.imports.service import LoadSummary
from regulars.collect.imports.uploads import RawBody, discard, keep, new_folder
from regulars.values.money import Money
from regulars.web import Api, Door
from regulars.web.paging import Cursor, Limit, Page, cursor_of, place_of
from regulars.work import JobProgress

api = Api(tags=["Data"])

LoadId = Annotated[str, Path(max_length=64, description="The load")]


@dataclass(frozen=True, slots=True)
class LoadAnswer:
    """One load: what it is, how far, and (once its files were read) its report."""

    load: LoadSummary
    progress: JobProgress | None
    report: LoadReport | None


@dataclass(frozen=True, slots=True)
class PlanOrLoad:
    """A dry run's report, or the load that was handed in."""

    report: LoadReport | None
    load: LoadSummary | None


@dataclass(frozen=True, slots=True)
class Repairs:
    """Bad rows with corrected cells: bad_row_id -> column -> new text."""

    rows: dict[str, dict[str, str | None]]


@dataclass(frozen=True, slots=True)
class MappingBody:
    """Which column of files with these headers is which field."""

    kind: Kind
    headers: list[str]
    fields: dict[str, str]
    name: str = ""


_OUTCOMES = {"loaded": 534_019, "duplicate": 5_268, "set_aside": 2_622, "quarantined": 0}
_SUMMARY = LoadSummary(
    "load_01m807pbrqk3jn2gvt3c9vc42q", "gifts", "orders", "done", ("orders.csv",), 541_909, dict(_OUTCOMES), 0, "shell", None, None,
    datetime(2026, 11, 21, 8, 0, tzinfo=UTC), datetime(2026, 11, 21, 8, 0, 5, tzinfo=UTC),
)  # fmt: skip
_REPORT = LoadReport(
    load_id="load_01m807pbrqk3jn2gvt3c9vc42q", status="done", dry_run=False, shop_id="gifts", kind="orders",
    files=(
        FileReport(
            "orders.csv", "CSV, comma, UTF-8", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "orders", "online_retail",
            "UCI Online Retail", 541_909, (MappedColumn("order_id", "the order's or invoice's number", "InvoiceNo", "layout", "text"),), (), (), (),
            dict(_OUTCOMES),  # type: ignore[arg-type]
        ),
    ),
    rows=541_909, rows_by_outcome=dict(_OUTCOMES),  # type: ignore[arg-type]
    found=Found(orders=19_948, order_lines=524_901, refunds=9_118, customers=4_372, gmv=Money(1_061_705_960, "GBP")),
    problems=(
        Problem("duplicate_row", "duplicate", 5_268, "the row equals an earlier one in every column, and counts once",
                "give --duplicates keep if equal lines are meant", (Example("orders.csv", 518, "InvoiceNo", "536409"),)),
    ),
    assumptions=(), currency="GBP", currency_why="the shop's currency, as the files name none", timezone="Europe/London",
    timezone_why="the shop's zone, as the files name none; overrule with --timezone", changes={"orders": Change(inserted=19_948)}, seconds=4.8,
    rows_per_second=112_900.0,
)  # fmt: skip
_BAD_ROW = BadRow(
    "load_01m807pbrqk3jn2gvt3c9vc42q:1", "load_01m807pbrqk3jn2gvt3c9vc42q", "orders.csv", 17, ("date_unreadable",), "the date cannot be read",
    "correct the cell, or say how dates are written (--date-order dmy, mdy or ymd)", {"order": "1017", "date": "31.02.2026", "amount": "12.00"}, "open",
)  # fmt: skip
_MAPPING = SavedMapping(
    "c0ffee", "orders", "orders.csv", ("No", "When", "Who", "Sum"), {"order_id": "No", "ordered_at": "When", "customer_id": "Who", "line_amount": "Sum"}, {},
    datetime(2026, 11, 21, 8, 0, tzinfo=UTC), datetime(2026, 11, 21, 8, 0, tzinfo=UTC),
)  # fmt: skip


@api.post(
    "/v1/loads", permission="load_data", answer=PlanOrLoad, summary="Load files, or see what a load would do", takes_uploads=True, status=202,
    example=PlanOrLoad(None, _SUMMARY),
)  # fmt: skip
def post_load(
    door: Door,
    raw: RawBody,
    kind: Kind = Query(description="What the files hold"),
    files: list[UploadFile] = File(
        default=[], description="The files, as a form; a single file may be sent bare as the body instead"
    ),
    name: str | None = Query(None, max_length=200, description="What a file sent as the body is called"),
    dry_run: bool = Query(False, description="Only tell what would happen"),
    map: list[str] | None = Query(None, description="Which column a field is: `order_id=Invoice`; once for each field"),
    timezone: str | None = Query(None, max_length=64, description="Zone of the dates; by default the files' own, else the shop's"),
    currency: str | None = Query(None, max_length=3, description="Of the amounts; by default the files' own, else the shop's"),
    date_order: DateOrder | None = Query(None, description="How 02/03/2026 is meant, where the files do not show it"),
    decimal: str | None = Query(None, pattern=r"^[.,]$", description="Decimal sign of the amounts, where the files do not show it"),
    duplicates: Duplicates = Query("once", description="Whether equal lines count once or each"),
    rate: list[str] | None = Query(None, description="A currency in the shop's own: `USD=7.10`; once for each currency"),
    status: list[str] | None = Query(None, description="What a word of the status column means: `delivered=placed`; once for each"),
    replace_orders: bool = Query(False, description="Whether orders that are known are replaced whole by those of the files"),
    sheet: str | None = Query(None, max_length=200, description="Which sheet of a spreadsheet; by default the first with a table"),
    encoding: str | None = Query(None, max_length=40, description="Of the text, such as `gb18030`; by default as detected"),
    separator: str | None = Query(None, max_length=2, description="Between the cells; by default as detected"),
) -> PlanOrLoad:
    """Hand in files. `map` is `field=Column`, `rate` is `USD=7.10`, `status` is `word=placed`; each may be given several times."""
    options = LoadOptions(
        maps=parse_maps(map or [], kind),
        timezone=timezone,
        currency=currency,
        date_order=date_order,
        decimal=decimal,
        duplicates=duplicates,
        rates=parse_rates(rate or []),
        statuses=parse_statuses(status or []),
        replace_orders=replace_orders,
        sheet=sheet,
        encoding=encoding,
        separator=separator,
    )
    paths, names = keep(door.home, raw, files, name)
    if dry_run:
        try:
            report = service.plan(door.records, door.home, door.shop, kind, paths, options, keyring=door.keyring, names=names)
        finally:
            discard(paths)
        return PlanOrLoad(report, None)
    try:
        with door.unit() as uow:
            load_id = service.submit(uow, door.shop, kind, paths, names, options, caller=door.caller)
            raw.kept = True
            return PlanOrLoad(None, service.load_summary(uow, door.home, door.shop.shop_id, load_id))
    except BaseException:
        discard(paths)
        raise


@api.get(
    "/v1/loads", permission="load_data", answer=Page[LoadSummary], summary="Loads, the newest first", example=Page(items=[_SUMMARY])
)
def get_loads(door: Door, limit: Limit = 50, cursor: Cursor = None) -> Page[LoadSummary]:
    """Every load of the shop with its state and where its rows ended."""
    before = place_of(cursor, str)
    with door.reading() as uow:
        found = service.loads(uow, door.home, door.shop.shop_id, limit=limit + 1, before=before)
    more = len(found) > limit
    return Page(items=found[:limit], next=cursor_of(found[limit - 1].load_id) if more else None)


@api.get(
    "/v1/loads/{load_id}",
    permission="load_data",
    answer=LoadAnswer,
    summary="One load with its report",
    example=LoadAnswer(_SUMMARY, None, _REPORT),
)
def get_load(door: Door, load_id: LoadId) -> LoadAnswer:
    """How far the load is, and what became of every row."""
    with door.reading() as uow:
        summary = service.load_summary(uow, door.home, door.shop.shop_id, load_id)
        return LoadAnswer(summary, service.progress_of(uow, summary), service.load_report(uow, door.shop.shop_id, load_id))


@api.get(
    "/v1/loads/{load_id}/bad_rows",
    permission="load_data",
    answer=Page[BadRow],
    summary="Rows that could not be taken",
    example=Page(items=[_BAD_ROW]),
)
def get_bad_rows(door: Door, load_id: LoadId, limit: Limit = 100, cursor: Cursor = None) -> Page[BadRow]:
    """Bad rows that wait for repair, with the cells as they were and the reason of each."""
    start = place_of(cursor, int) or 0
    with door.reading() as uow:
        service.load_summary(uow, door.home, door.shop.shop_id, load_id)
        found = quarantine.bad_rows_of(uow, door.keyring, door.home, load_id, offset=start, limit=limit + 1, language=door.language)
    return Page(items=found[:limit], next=cursor_of(start + limit) if len(found) > limit else None)


@api.get(
    "/v1/loads/{load_id}/bad_rows.csv",
    permission="load_data",
    media_type="text/csv",
    summary="Bad rows as a file to correct",
    example=repairing.to_csv([_BAD_ROW]),
)
def get_bad_rows_csv(door: Door, load_id: LoadId) -> Response:
    """All bad rows of a load as CSV with a reason column; corrected, it goes to `POST /v1/loads/{load_id}/repairs`."""
    door.caller.demand("export")
    with door.reading() as uow:
        service.load_summary(uow, door.home, door.shop.shop_id, load_id)
        found = quarantine.bad_rows_of(uow, door.keyring, door.home, load_id, limit=None, language=door.language)
    headers = {"content-disposition": f'attachment; filename="bad_rows_{load_id}.csv"', "x-content-type-options": "nosniff"}
    return Response(repairing.to_csv(found).encode(), media_type="text/csv; charset=utf-8", headers=headers)


@api.post(
    "/v1/loads/{load_id}/repairs",
    permission="load_data",
    answer=LoadSummary,
    summary="Load corrected bad rows",
    status=202,
    example=_SUMMARY,
    sends=Repairs({_BAD_ROW.bad_row_id: {"date": "28.02.2026"}}),
)
def post_repairs(door: Door, load_id: LoadId, body: Repairs) -> LoadSummary:
    """Correct cells of bad rows and load these rows again; what was loaded before stays as it is."""
    return _submit_repair(door, load_id, body.rows)


@api.post(
    "/v1/loads/{load_id}/repairs.csv", permission="load_data", answer=LoadSummary, summary="Load a corrected file of bad rows", takes_uploads=True,
    status=202, example=_SUMMARY,
)  # fmt: skip
def post_repairs_csv(door: Door, load_id: LoadId, raw: RawBody, files: list[UploadFile] = File(default=[])) -> LoadSummary:
    """The file of `bad_rows.csv`, corrected, as the body or as a form."""
    paths, _ = keep(door.home, raw, files[:1], None)
    try:
        with door.reading() as uow:
            service.load_summary(uow, door.home, door.shop.shop_id, load_id)
            waiting = quarantine.bad_rows_of(uow, door.keyring, door.home, load_id, limit=None)
        edits = repairing.edits_from(paths[0], waiting)
    finally:
        discard(paths)
    return _submit_repair(door, load_id, edits)


def _submit_repair(door: Any, load_id: str, edits: dict[str, dict[str, str | None]]) -> LoadSummary:
    folder = new_folder(door.home)
    try:
        ready = service.prepare_repair(door.records, door.home, door.shop, load_id, edits, keyring=door.keyring, folder=folder)
        with door.unit() as uow:
            new = service.submit(
                uow,
                door.shop,
                ready.kind,
                [ready.path],
                [ready.name],
                ready.options,
                caller=door.caller,
                repairs=load_id,
                repaired_rows=ready.rows,
            )
            return service.load_summary(uow, door.home, door.shop.shop_id, new)
    except BaseException:
        discard([folder / "x"])
        raise


@api.get(
    "/v1/mappings",
    permission="load_data",
    answer=Page[SavedMapping],
    summary="Saved mappings of columns",
    example=Page(items=[_MAPPING]),
)
def get_mappings(door: Door) -> Page[SavedMapping]:
    """Forms of files this shop has loaded with columns named by hand; files of that form are recognised again."""
    with door.reading() as uow:
        return Page(items=mappings.saved(uow, door.shop.shop_id))


@api.put(
    "/v1/mappings", permission="load_data", answer=SavedMapping, summary="Save a mapping of columns", example=_MAPPING,
    sends=MappingBody(_MAPPING.kind, list(_MAPPING.headers), _MAPPING.fields),
)  # fmt: skip
def put_mapping(door: Door, body: MappingBody) -> SavedMapping:
    """Say which column is which field for all files with these headers."""
    with door.unit() as uow:
        return mappings.save(uow, door.shop.shop_id, body.kind, tuple(body.headers), body.fields, name=body.name)


@api.delete("/v1/mappings/{fingerprint}", permission="load_data", answer=None, status=204, summary="Forget a mapping of columns")
def delete_mapping(door: Door, fingerprint: Annotated[str, Path(max_length=64, description="The mapping's")]) -> Response:
    """Files of that form are judged by their headers again."""
    with door.unit() as uow:
        mappings.remove(uow, door.shop.shop_id, fingerprint)
    return Response(status_code=204)
