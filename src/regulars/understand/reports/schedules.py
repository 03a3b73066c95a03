"""The verbs of schedules: saved reports that are sent by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import RowMapping, delete, insert, select, update

from regulars.access import audit
from regulars.access.tables import operator
from regulars.errors import InvalidInput, NotFound
from regulars.understand.reports.domain.scheduling import Delivery, ReportSchedule, SendingTime
from regulars.understand.reports.post import post_of
from regulars.understand.reports.shelf import get as saved
from regulars.understand.reports.shelf import who
from regulars.understand.reports.tables import report_delivery, report_schedule
from regulars.values import clock
from regulars.values.ids import new_id
from regulars.work import enqueue

if TYPE_CHECKING:
    from regulars.access.domain import Caller, Shop
    from regulars.records import UnitOfWork

#: The job that sends what is due.
DELIVER = "reports.deliver"
MOST_RECEIVERS = 50


def plan(
    uow: UnitOfWork, caller: Caller, shop: Shop, home: Path, *, report_id: str, rhythm: SendingTime, operator_ids: Sequence[str]
) -> ReportSchedule:
    """Send a saved report from now on.

    Raises
    ------
    InvalidInput : no mail server is set, no such time, or a receiver who is no operator of this shop.
    """
    _allowed(caller)
    post_of(home)
    kept = saved(uow, shop.shop_id, report_id)
    receivers = _receivers(uow, shop.shop_id, operator_ids)
    rhythm = rhythm.checked()
    row: dict[str, Any] = {
        "schedule_id": new_id("schedule"),
        "shop_id": shop.shop_id,
        "report_id": kept.report_id,
        "cadence": rhythm.cadence,
        "hour": rhythm.hour,
        "weekday": rhythm.weekday,
        "day": rhythm.day,
        "operator_ids": receivers,
        "paused": False,
        "next_at": rhythm.after(clock.now(), shop.timezone),
        "made_by": who(caller),
        "made_at": clock.now(),
    }
    uow.execute(insert(report_schedule).values(**row))
    ask_for(uow, shop.shop_id, row["schedule_id"], row["next_at"])
    audit.record(
        uow,
        caller,
        "report_schedule.made",
        row["schedule_id"],
        after={"rhythm": rhythm, "operators": receivers},
        shop_id=shop.shop_id,
    )
    return _of(row)


def change(
    uow: UnitOfWork,
    caller: Caller,
    shop: Shop,
    schedule_id: str,
    *,
    rhythm: SendingTime | None = None,
    operator_ids: Sequence[str] | None = None,
    paused: bool | None = None,
) -> ReportSchedule:
    """Another time, other receivers, a pause."""
    _allowed(caller)
    before = get(uow, shop.shop_id, schedule_id)
    kept = (rhythm or before.rhythm).checked()
    rests = before.paused if paused is None else paused
    receivers = before.operator_ids if operator_ids is None else _receivers(uow, shop.shop_id, operator_ids)
    next_at = None if rests else kept.after(clock.now(), shop.timezone)
    uow.execute(
        update(report_schedule)
        .where(report_schedule.c.schedule_id == schedule_id)
        .values(
            cadence=kept.cadence,
            hour=kept.hour,
            weekday=kept.weekday,
            day=kept.day,
            operator_ids=list(receivers),
            paused=rests,
            next_at=next_at,
        )
    )
    if next_at is not None:
        ask_for(uow, shop.shop_id, schedule_id, next_at)
    audit.record(
        uow,
        caller,
        "report_schedule.changed",
        schedule_id,
        before={"rhythm": before.rhythm, "operators": before.operator_ids, "paused": before.paused},
        after={"rhythm": kept, "operators": receivers, "paused": rests},
        shop_id=shop.shop_id,
    )
    return get(uow, shop.shop_id, schedule_id)


def end(uow: UnitOfWork, caller: Caller, shop_id: str, schedule_id: str) -> None:
    """Send it no more."""
    _allowed(caller)
    gone = get(uow, shop_id, schedule_id)
    uow.execute(delete(report_delivery).where(report_delivery.c.schedule_id == gone.schedule_id))
    uow.execute(delete(report_schedule).where(report_schedule.c.schedule_id == gone.schedule_id))
    audit.record(uow, caller, "report_schedule.ended", gone.schedule_id, shop_id=shop_id)


def get(uow: UnitOfWork, shop_id: str, schedule_id: str) -> ReportSchedule:
    """One schedule."""
    t = report_schedule
    row = uow.one(select(t).where(t.c.shop_id == shop_id, t.c.schedule_id == schedule_id))
    if row is None:
        raise NotFound(
            f"there is no schedule '{schedule_id[:60]}'", mend="list them with `GET /v1/report_schedules`", code="no_such_schedule"
        )
    return _of(row)


def listing(uow: UnitOfWork, shop_id: str, report_id: str | None = None) -> list[ReportSchedule]:
    """The shop's schedules, the next one first."""
    t = report_schedule
    wanted = select(t).where(t.c.shop_id == shop_id)
    if report_id is not None:
        wanted = wanted.where(t.c.report_id == report_id)
    return [_of(row) for row in uow.rows(wanted.order_by(t.c.next_at, t.c.schedule_id))]


def deliveries(uow: UnitOfWork, shop_id: str, schedule_id: str, limit: int = 100) -> list[Delivery]:
    """What was sent, the latest first."""
    get(uow, shop_id, schedule_id)
    t = report_delivery
    rows = uow.rows(select(t).where(t.c.schedule_id == schedule_id).order_by(t.c.due_at.desc(), t.c.operator_id).limit(limit))
    return [Delivery(**{field: row[field] for field in Delivery.__dataclass_fields__}) for row in rows]


def ask_for(uow: UnitOfWork, shop_id: str, schedule_id: str, due_at: datetime, *, run_at: datetime | None = None) -> None:
    """Let the worker send what is due then. Asking twice for one moment is asking once."""
    enqueue(
        uow,
        DELIVER,
        {"schedule_id": schedule_id, "due_at": due_at},
        shop_id=shop_id,
        key=f"{DELIVER}:{schedule_id}:{due_at.isoformat()}",
        run_at=run_at or due_at,
    )


def _allowed(caller: Caller) -> None:
    caller.demand("manage_reports")
    caller.demand("export")


def _receivers(uow: UnitOfWork, shop_id: str, operator_ids: Sequence[str]) -> list[str]:
    wanted = list(dict.fromkeys(operator_ids))
    if not 1 <= len(wanted) <= MOST_RECEIVERS:
        raise InvalidInput(f"{len(wanted)} receivers are given", mend=f"name 1 to {MOST_RECEIVERS} operators", code="bad_receivers")
    rows = uow.rows(select(operator).where(operator.c.operator_id.in_(wanted), operator.c.disabled_at.is_(None)))
    known = {row["operator_id"] for row in rows if row["shop_ids"] is None or shop_id in row["shop_ids"]}
    for one in wanted:
        if one not in known:
            raise InvalidInput(
                f"'{one[:60]}' is no operator of this shop", mend="choose from the operators of the shop", code="bad_receivers"
            )
    return wanted


def _of(row: RowMapping | dict[str, Any]) -> ReportSchedule:
    values = {field: row[field] for field in ReportSchedule.__dataclass_fields__ if field != "rhythm"}
    return ReportSchedule(**values, rhythm=SendingTime(row["cadence"], row["hour"], row["weekday"], row["day"]))
