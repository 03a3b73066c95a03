"""The verbs of saved reports: kept under a name, changed, opened by name or id, thrown away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import RowMapping, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from regulars.access import audit
from regulars.errors import Conflict, NotFound
from regulars.understand.questions import Desk
from regulars.understand.reports.domain.kept import SavedReport, named
from regulars.understand.reports.kinds import report_of
from regulars.understand.reports.tables import report, report_dashboard, report_delivery, report_schedule
from regulars.values import clock
from regulars.values.ids import new_id

if TYPE_CHECKING:
    from regulars.access.domain import Caller
    from regulars.records import UnitOfWork


def who(caller: Caller) -> str:
    """How a caller is kept as an owner."""
    return caller.id if caller.kind == "operator" else f"{caller.kind}:{caller.id}"


def save(
    uow: UnitOfWork, caller: Caller, desk: Desk, *, name: str, kind: str, question: Mapping[str, Any], folder: str = ""
) -> SavedReport:
    """Keep a question under a name.

    Raises
    ------
    InvalidInput, NotFound : it cannot be understood.
    Conflict : the shop has a report of that name.
    """
    caller.demand("manage_reports")
    report_of(kind).read(desk, question)
    at = clock.now()
    row: dict[str, Any] = {
        "report_id": new_id("report"),
        "shop_id": desk.shop.shop_id,
        "name": named(name, "report"),
        "kind": kind,
        "question": dict(question),
        "folder": named(folder, "folder") if folder.strip() else "",
        "owner_id": who(caller),
        "created_at": at,
        "changed_at": at,
    }
    _free(uow, desk.shop.shop_id, row["name"])
    _written(lambda: uow.execute(insert(report).values(**row)), row["name"])
    audit.record(
        uow, caller, "report.saved", row["report_id"], after={"kind": kind, "question": question}, shop_id=desk.shop.shop_id
    )
    return SavedReport(**row)


def change(
    uow: UnitOfWork,
    caller: Caller,
    desk: Desk,
    report_id: str,
    *,
    name: str | None = None,
    question: Mapping[str, Any] | None = None,
    folder: str | None = None,
) -> SavedReport:
    """Change what is named; the rest stays. Dashboards and schedules follow."""
    caller.demand("manage_reports")
    before = get(uow, desk.shop.shop_id, report_id)
    values: dict[str, Any] = {"changed_at": clock.now()}
    if name is not None and named(name, "report") != before.name:
        values["name"] = named(name, "report")
        _free(uow, desk.shop.shop_id, values["name"])
    if folder is not None:
        values["folder"] = named(folder, "folder") if folder.strip() else ""
    if question is not None:
        report_of(before.kind).read(desk, question)
        values["question"] = dict(question)
    _written(
        lambda: uow.execute(update(report).where(report.c.report_id == before.report_id).values(**values)), values.get("name", "")
    )
    audit.record(
        uow,
        caller,
        "report.changed",
        before.report_id,
        before={"question": before.question},
        after={key: value for key, value in values.items() if key in ("question", "folder")},
        shop_id=desk.shop.shop_id,
    )
    return get(uow, desk.shop.shop_id, before.report_id)


def throw_away(uow: UnitOfWork, caller: Caller, shop_id: str, report_id: str) -> None:
    """Forget a saved report, its schedules, and its tiles on dashboards."""
    caller.demand("manage_reports")
    gone = get(uow, shop_id, report_id)
    uow.execute(delete(report).where(report.c.report_id == gone.report_id))
    schedules = select(report_schedule.c.schedule_id).where(report_schedule.c.report_id == gone.report_id)
    uow.execute(delete(report_delivery).where(report_delivery.c.schedule_id.in_(schedules)))
    uow.execute(delete(report_schedule).where(report_schedule.c.report_id == gone.report_id))
    for row in uow.rows(select(report_dashboard).where(report_dashboard.c.shop_id == shop_id)):
        left = [tile for tile in row["tiles"] if tile["report_id"] != gone.report_id]
        if len(left) < len(row["tiles"]):
            uow.execute(update(report_dashboard).where(report_dashboard.c.dashboard_id == row["dashboard_id"]).values(tiles=left))
    audit.record(
        uow, caller, "report.thrown_away", gone.report_id, before={"kind": gone.kind, "question": gone.question}, shop_id=shop_id
    )


def get(uow: UnitOfWork, shop_id: str, name_or_id: str) -> SavedReport:
    """A saved report by its id or its name.

    Raises
    ------
    NotFound : the shop has none.
    """
    wanted = or_(report.c.report_id == name_or_id, report.c.name == name_or_id)
    row = uow.one(select(report).where(report.c.shop_id == shop_id, wanted))
    if row is None:
        raise NotFound(
            f"there is no saved report '{name_or_id[:60]}'",
            mend="list them with `GET /v1/saved_reports`",
            code="no_such_saved_report",
        )
    return _of(row)


def listing(uow: UnitOfWork, shop_id: str) -> list[SavedReport]:
    """The shop's saved reports, by folder and name."""
    rows = uow.rows(select(report).where(report.c.shop_id == shop_id).order_by(report.c.folder, report.c.name))
    return [_of(row) for row in rows]


def _of(row: RowMapping) -> SavedReport:
    return SavedReport(**{field: row[field] for field in SavedReport.__dataclass_fields__})


def _free(uow: UnitOfWork, shop_id: str, name: str) -> None:
    if uow.value(select(report.c.report_id).where(report.c.shop_id == shop_id, report.c.name == name)):
        raise taken("report", name)


def _written(act: Any, name: str) -> None:
    try:
        act()
    except IntegrityError:
        raise taken("report", name) from None


def taken(what: str, name: str) -> Conflict:
    """Somebody has used the name."""
    return Conflict(f"there is a {what} named '{name}' already", mend="choose another name, or change that one", code="name_taken")
