"""Sending what is due: one e-mail for each due moment and operator, exactly once, the doubtful ones marked and never sent again."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from regulars.access import operators, shops
from regulars.access.domain import ROLE_PERMISSIONS, Caller, Shop
from regulars.errors import NotFound, RegularsError
from regulars.understand.questions import Desk
from regulars.understand.reports.asking import ask
from regulars.understand.reports.domain.answers import Answered
from regulars.understand.reports.domain.kept import SavedReport
from regulars.understand.reports.letters import letter
from regulars.understand.reports.post import Post, post_of
from regulars.understand.reports.schedules import ask_for, get
from regulars.understand.reports.shelf import get as saved
from regulars.understand.reports.tables import report_delivery, report_schedule
from regulars.values import clock
from regulars.work.mail import Doubtful, NotSent

if TYPE_CHECKING:
    from regulars.access.operators import Operator
    from regulars.records import Records, UnitOfWork
    from regulars.work import JobContext

log = logging.getLogger(__name__)

_ATTEMPTS = 6
_AGAIN_AFTER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class _Round:
    """One due moment of one schedule."""

    schedule_id: str
    due_at: datetime
    shop: Shop
    kept: SavedReport


def deliver(context: JobContext) -> None:
    """Send one due moment's e-mails. What was planned and not begun goes out; what was begun when the server went away does not."""
    due_at = datetime.fromisoformat(context.payload["due_at"])
    with context.records.unit() as uow:
        found = _planned(uow, context.shop_id, context.payload["schedule_id"], due_at)
    if found is None:
        return
    waiting = _waiting(context.records, found)
    if not waiting:
        return
    try:
        post = post_of(context.home)
        answered = ask(Desk(context.warehouse, found.shop), found.kept.kind, found.kept.question)
    except RegularsError as error:
        for operator_id in waiting:
            _settle(context.records, found, operator_id, "failed", str(error), of="planned")
        return
    with context.records.reading() as view:
        caller = Caller.system("worker", post.keyring)
        people = {one.operator_id: one for one in operators.list_all(view, caller) if one.disabled_at is None}
    again = False
    for operator_id in waiting:
        context.check_stop()
        again |= _send(context.records, found, people.get(operator_id), operator_id, post, answered)
    if again:
        with context.records.unit() as uow:
            ask_for(uow, found.shop.shop_id, found.schedule_id, due_at, run_at=clock.now() + _AGAIN_AFTER)


def _planned(uow: UnitOfWork, shop_id: str, schedule_id: str, due_at: datetime) -> _Round | None:
    """Write down whom this moment's report goes to, once, and ask for the next moment."""
    try:
        plan = get(uow, shop_id, schedule_id)
        kept = saved(uow, shop_id, plan.report_id)
    except NotFound:
        return None
    shop = shops.get(uow, shop_id)
    if plan.next_at == due_at and not plan.paused:
        make = postgresql.insert if uow.dialect == "postgresql" else sqlite.insert
        for operator_id in plan.operator_ids:
            values = {
                "schedule_id": schedule_id,
                "due_at": due_at,
                "operator_id": operator_id,
                "shop_id": shop_id,
                "state": "planned",
                "attempts": 0,
                "error": None,
                "changed_at": clock.now(),
            }
            uow.execute(make(report_delivery).values(**values).on_conflict_do_nothing())
        next_at = plan.rhythm.after(max(clock.now(), due_at), shop.timezone)
        uow.execute(update(report_schedule).where(report_schedule.c.schedule_id == schedule_id).values(next_at=next_at))
        ask_for(uow, shop_id, schedule_id, next_at)
    return _Round(schedule_id, due_at, shop, kept)


def _waiting(records: Records, found: _Round) -> list[str]:
    """Who is still to be written to; what an earlier worker left half done is marked as doubtful."""
    t = report_delivery
    mine = (t.c.schedule_id == found.schedule_id, t.c.due_at == found.due_at)
    with records.unit() as uow:
        uow.execute(
            update(t)
            .where(*mine, t.c.state == "sending")
            .values(state="unknown", error="the server went away while it was being handed over", changed_at=clock.now())
        )
        return [row["operator_id"] for row in uow.rows(select(t).where(*mine, t.c.state == "planned").order_by(t.c.operator_id))]


def _send(records: Records, found: _Round, person: Operator | None, operator_id: str, post: Post, answered: Answered) -> bool:
    """One e-mail; returns whether it should be tried again later."""
    if person is None or not (person.shop_ids is None or found.shop.shop_id in person.shop_ids):
        _settle(records, found, operator_id, "failed", "no longer an operator of this shop", of="planned")
        return False
    message = letter(
        found.shop,
        found.kept,
        answered,
        sender=post.server.sender,
        to=person.email,
        language=person.language or found.shop.language,
        link=f"{post.console_url}/reports/saved/{found.kept.report_id}?shop={found.shop.shop_id}",
        key=f"{found.schedule_id}.{found.due_at:%Y%m%dT%H%M%S}.{operator_id}",
        with_file="export" in ROLE_PERMISSIONS[person.role],
    )
    if not _settle(records, found, operator_id, "sending", None, of="planned"):
        return False  # another worker has it
    try:
        post.server.hand_over(message, person.email)
    except NotSent as error:
        tries = _attempts(records, found, operator_id) + 1
        later = error.again and tries < _ATTEMPTS
        _settle(records, found, operator_id, "planned" if later else "failed", str(error), of="sending", attempts=tries)
        log.warning("a report could not be sent", extra={"schedule_id": found.schedule_id, "again": later})
        return later
    except Doubtful as error:
        _settle(records, found, operator_id, "unknown", str(error), of="sending")
        return False
    _settle(records, found, operator_id, "sent", None, of="sending")
    log.info("report sent", extra={"schedule_id": found.schedule_id, "operator_id": operator_id})
    return False


def _settle(
    records: Records, found: _Round, operator_id: str, state: str, error: str | None, *, of: str, attempts: int | None = None
) -> bool:
    """Change a delivery's state if it still has the one it should have; committed at once."""
    t = report_delivery
    values: dict[str, Any] = {"state": state, "error": error, "changed_at": clock.now()}
    if attempts is not None:
        values["attempts"] = attempts
    with records.unit() as uow:
        done = uow.execute(
            update(t)
            .where(
                t.c.schedule_id == found.schedule_id, t.c.due_at == found.due_at, t.c.operator_id == operator_id, t.c.state == of
            )
            .values(**values)
        )
    return done.rowcount == 1


def _attempts(records: Records, found: _Round, operator_id: str) -> int:
    t = report_delivery
    mine = (t.c.schedule_id == found.schedule_id, t.c.due_at == found.due_at, t.c.operator_id == operator_id)
    with records.reading() as view:
        row = view.one(select(t.c.attempts).where(*mine))
    return 0 if row is None else int(row["attempts"])
