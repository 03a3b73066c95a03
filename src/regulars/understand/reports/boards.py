"""The verbs of dashboards and of notes on time axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import RowMapping, delete, insert, or_, select, update

from regulars.access import audit
from regulars.errors import InvalidInput, NotFound
from regulars.understand.reports.domain.kept import Annotation, BoardTile, Dashboard, named, tiles_of
from regulars.understand.reports.shelf import get as saved
from regulars.understand.reports.shelf import taken, who
from regulars.understand.reports.tables import report_annotation, report_dashboard
from regulars.values import clock
from regulars.values.ids import new_id

if TYPE_CHECKING:
    from regulars.access.domain import Caller
    from regulars.records import UnitOfWork


def make(uow: UnitOfWork, caller: Caller, shop_id: str, *, name: str, tiles: Sequence[Mapping[str, Any]] = ()) -> Dashboard:
    """A new board.

    Raises
    ------
    Conflict : the shop has one of that name.
    NotFound : a tile shows a report that is not kept.
    """
    caller.demand("manage_reports")
    checked = _tiles(uow, shop_id, tiles)
    at = clock.now()
    row: dict[str, Any] = {
        "dashboard_id": new_id("dashboard"),
        "shop_id": shop_id,
        "name": named(name, "dashboard"),
        "tiles": checked,
        "owner_id": who(caller),
        "created_at": at,
        "changed_at": at,
    }
    _free(uow, shop_id, row["name"])
    uow.execute(insert(report_dashboard).values(**row))
    audit.record(uow, caller, "dashboard.made", row["dashboard_id"], after={"tiles": checked}, shop_id=shop_id)
    return get(uow, shop_id, row["dashboard_id"])


def change(
    uow: UnitOfWork,
    caller: Caller,
    shop_id: str,
    dashboard_id: str,
    *,
    name: str | None = None,
    tiles: Sequence[Mapping[str, Any]] | None = None,
) -> Dashboard:
    """Another name, or other tiles in another order."""
    caller.demand("manage_reports")
    before = get(uow, shop_id, dashboard_id)
    values: dict[str, Any] = {"changed_at": clock.now()}
    if name is not None and named(name, "dashboard") != before.name:
        values["name"] = named(name, "dashboard")
        _free(uow, shop_id, values["name"])
    if tiles is not None:
        values["tiles"] = _tiles(uow, shop_id, tiles)
    uow.execute(update(report_dashboard).where(report_dashboard.c.dashboard_id == before.dashboard_id).values(**values))
    audit.record(
        uow,
        caller,
        "dashboard.changed",
        before.dashboard_id,
        before={"tiles": before.tiles},
        after={"tiles": values.get("tiles")},
        shop_id=shop_id,
    )
    return get(uow, shop_id, before.dashboard_id)


def throw_away(uow: UnitOfWork, caller: Caller, shop_id: str, dashboard_id: str) -> None:
    """Forget a board and its own notes; the reports on it stay."""
    caller.demand("manage_reports")
    gone = get(uow, shop_id, dashboard_id)
    uow.execute(delete(report_annotation).where(report_annotation.c.dashboard_id == gone.dashboard_id))
    uow.execute(delete(report_dashboard).where(report_dashboard.c.dashboard_id == gone.dashboard_id))
    audit.record(uow, caller, "dashboard.thrown_away", gone.dashboard_id, before={"tiles": gone.tiles}, shop_id=shop_id)


def get(uow: UnitOfWork, shop_id: str, name_or_id: str) -> Dashboard:
    """A board by its id or its name."""
    wanted = or_(report_dashboard.c.dashboard_id == name_or_id, report_dashboard.c.name == name_or_id)
    row = uow.one(select(report_dashboard).where(report_dashboard.c.shop_id == shop_id, wanted))
    if row is None:
        raise NotFound(
            f"there is no dashboard '{name_or_id[:60]}'", mend="list them with `GET /v1/dashboards`", code="no_such_dashboard"
        )
    return _of(row)


def listing(uow: UnitOfWork, shop_id: str) -> list[Dashboard]:
    """The shop's own boards by name."""
    rows = uow.rows(select(report_dashboard).where(report_dashboard.c.shop_id == shop_id).order_by(report_dashboard.c.name))
    return [_of(row) for row in rows]


def note(uow: UnitOfWork, caller: Caller, shop_id: str, *, day: date, text: str, dashboard_id: str | None = None) -> Annotation:
    """Mark a day on the time axes of the shop, or of one board."""
    caller.demand("manage_reports")
    words = " ".join(text.split())
    if not words or len(words) > 300:
        raise InvalidInput("a note has 1 to 300 characters", mend="write a short one", code="bad_note")
    if not 1990 <= day.year <= 2200:
        raise InvalidInput(f"{day} is a day no shop has figures on", mend="give a year from 1990 to 2200", code="bad_day")
    if dashboard_id is not None:
        dashboard_id = get(uow, shop_id, dashboard_id).dashboard_id
    row: dict[str, Any] = {
        "annotation_id": new_id("note"),
        "shop_id": shop_id,
        "day": day.isoformat(),
        "text": words,
        "dashboard_id": dashboard_id,
        "made_by": who(caller),
        "made_at": clock.now(),
    }
    uow.execute(insert(report_annotation).values(**row))
    audit.record(uow, caller, "annotation.made", row["annotation_id"], after={"day": day}, shop_id=shop_id)
    return Annotation(**{**row, "day": day})


def notes(uow: UnitOfWork, shop_id: str, *, dashboard_id: str | None = None) -> list[Annotation]:
    """The shop's notes, and those of one board, by day."""
    table = report_annotation
    mine = or_(table.c.dashboard_id.is_(None), table.c.dashboard_id == dashboard_id)
    rows = uow.rows(select(table).where(table.c.shop_id == shop_id, mine).order_by(table.c.day, table.c.annotation_id))
    return [Annotation(**{**row, "day": date.fromisoformat(row["day"])}) for row in rows]


def take_back_note(uow: UnitOfWork, caller: Caller, shop_id: str, annotation_id: str) -> None:
    """Remove a note."""
    caller.demand("manage_reports")
    gone = uow.execute(
        delete(report_annotation).where(report_annotation.c.shop_id == shop_id, report_annotation.c.annotation_id == annotation_id)
    )
    if gone.rowcount == 0:
        raise NotFound(f"there is no note '{annotation_id[:60]}'", mend="list them with `GET /v1/annotations`", code="no_such_note")
    audit.record(uow, caller, "annotation.taken_back", annotation_id, shop_id=shop_id)


def _tiles(uow: UnitOfWork, shop_id: str, told: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"report_id": saved(uow, shop_id, tile.report_id).report_id, "width": tile.width, "height": tile.height}
        for tile in tiles_of(told)
    ]


def _of(row: RowMapping) -> Dashboard:
    values = {field: row[field] for field in Dashboard.__dataclass_fields__}
    return Dashboard(**{**values, "tiles": tuple(BoardTile(**tile) for tile in row["tiles"])})


def _free(uow: UnitOfWork, shop_id: str, name: str) -> None:
    mine = (report_dashboard.c.shop_id == shop_id, report_dashboard.c.name == name)
    if uow.value(select(report_dashboard.c.dashboard_id).where(*mine)):
        raise taken("dashboard", name)
