"""The verbs of this room, and what it looks after by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from regulars.access import audit
from regulars.collect.platforms import replaying as replaying  # it says how deliveries in quarantine are taken again
from regulars.collect.platforms.tables import connector, connector_run, platform_request, platform_waiting
from regulars.errors import Conflict, NotFound
from regulars.guard import privacy
from regulars.values import clock
from regulars.work import Check, CheckContext, Finding

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

    from regulars.access.domain import Caller
    from regulars.guard.privacy import Certificate, CustomerExport
    from regulars.records import Records, UnitOfWork
    from regulars.warehouse import Warehouse

_WAITS_AT_MOST = timedelta(days=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformRequest:
    """What a platform asks to be done for a customer or the shop; a person has it done here, or says that it was done."""

    request_id: str
    source_id: str
    kind: str
    customer_id: str | None
    received_at: datetime
    due_at: datetime
    done_at: datetime | None


def requests(uow: UnitOfWork, caller: Caller, shop_id: str, *, done: bool = False) -> Sequence[PlatformRequest]:
    """What platforms have asked and is open (or `done`), the most urgent first."""
    caller.demand_shop(shop_id)
    r = platform_request
    state = r.c.done_at.is_not(None) if done else r.c.done_at.is_(None)
    wanted = (
        select(r)
        .where(r.c.shop_id == shop_id, state)
        .order_by(*([r.c.done_at.desc()] if done else [r.c.due_at]), r.c.request_id)
        .limit(500)
    )
    return [_request(row) for row in uow.rows(wanted)]


def settle_request(uow: UnitOfWork, caller: Caller, request_id: str) -> PlatformRequest:
    """Say that a request was done otherwise (erased or exported elsewhere, or looked at and kept)."""
    caller.demand("erase_customers")
    return _settled(uow, caller, _row(uow, caller, request_id), how="said")


def erase_as_asked(
    records: Records, warehouse: Warehouse, home: Path, caller: Caller, request_id: str
) -> tuple[PlatformRequest, Certificate | None]:
    """Erase the customer that a request names, and settle it; without a certificate where nothing is kept about them any more.

    Raises
    ------
    Conflict : the request names no customer, or asks for something else.
    """
    caller.demand("erase_customers")
    with records.reading() as view:
        row = _row(view, caller, request_id)
    customer_id = _named(row, "customer_redact", "customer_deleted")
    certificate = None
    if row["done_at"] is None:
        with suppress(NotFound):
            certificate = privacy.erase(records, warehouse, home, caller, row["shop_id"], customer_id)
    with records.unit() as uow:
        row = _row(uow, caller, request_id)
        return _settled(uow, caller, row, how="erased" if certificate else "nothing_kept"), certificate


def export_as_asked(
    uow: UnitOfWork, warehouse: Warehouse, caller: Caller, request_id: str
) -> tuple[PlatformRequest, CustomerExport | None]:
    """Everything that is kept about the customer whom a request names, and settle it; no copy where nothing is kept about them.

    A request that is done gives the copy again.

    Raises
    ------
    Conflict : the request names no customer, or asks for something else.
    """
    caller.demand("see_personal_data")
    row = _row(uow, caller, request_id)
    customer_id = _named(row, "data_request")
    copy = None
    with suppress(NotFound):
        copy = privacy.export_customer(uow, warehouse, caller, row["shop_id"], customer_id)
    return _settled(uow, caller, row, how="exported" if copy else "nothing_kept"), copy


def _row(uow: UnitOfWork, caller: Caller, request_id: str) -> RowMapping:
    row = uow.one(select(platform_request).where(platform_request.c.request_id == request_id))
    if row is None or not caller.may_see(row["shop_id"]):
        raise NotFound(
            f"there is no request '{request_id[:64]}'", mend="list them with `GET /v1/platform_requests`", code="no_such_request"
        )
    return row


def _named(row: RowMapping, *kinds: str) -> str:
    """The customer a request of these kinds names."""
    if row["kind"] not in kinds:
        raise Conflict(
            f"the request asks for something else ({row['kind'].replace('_', ' ')})",
            mend="erase where it asks to forget, export where it asks for data, else do it and say that it is done",
            code="other_request",
        )
    if row["customer_id"] is None:
        raise Conflict(
            "the platform named no customer that could be found",
            mend="look the customer up, then say that it is done",
            code="no_customer",
        )
    return str(row["customer_id"])


def _settled(uow: UnitOfWork, caller: Caller, row: RowMapping, *, how: str) -> PlatformRequest:
    r = platform_request
    by = f"{caller.kind}:{caller.id}"
    mine = (r.c.request_id == row["request_id"], r.c.done_at.is_(None))
    if uow.execute(update(r).where(*mine).values(done_at=clock.now(), done_by=by)).rowcount:
        after = {"kind": row["kind"], "how": how}
        audit.record(uow, caller, "platform_request.done", row["request_id"], after=after, shop_id=row["shop_id"])
    return _request(_row(uow, caller, row["request_id"]))


def recover(records: Records, warehouse: Warehouse, home: Path) -> None:
    """Let go of connectors whose run ended with the process: this one has just started, so nothing runs."""
    with records.reading() as view:
        held = view.rows(select(connector.c.connector_id).where(connector.c.running_id.is_not(None)))
    if not held:
        return
    with records.unit() as uow:
        uow.execute(update(connector).where(connector.c.running_id.is_not(None)).values(running_id=None, running_until=None))
        cut_off = {"state": "stopped", "error": "the run was cut off; the next one does it again", "finished_at": clock.now()}
        uow.execute(update(connector_run).where(connector_run.c.state == "running").values(**cut_off))


def _request(row: RowMapping) -> PlatformRequest:
    names = ("request_id", "source_id", "kind", "customer_id", "received_at", "due_at", "done_at")
    return PlatformRequest(**{name: row[name] for name in names})


def _overdue(context: CheckContext) -> Iterator[Finding]:
    r = platform_request
    with context.records.reading() as view:
        rows = view.rows(select(r).where(r.c.done_at.is_(None), r.c.due_at < clock.now()).limit(20))
    for row in rows:
        yield Finding(
            f"a platform's request ({row['kind'].replace('_', ' ')}, {row['request_id']}) was due {row['due_at']:%Y-%m-%d}",
            mend="do what it asks on the page Connections, then mark it as done",
        )


def _waiting(context: CheckContext) -> Iterator[Finding]:
    w = platform_waiting
    with context.records.reading() as view:
        rows = view.rows(select(w.c.source_id).where(w.c.received_at < clock.now() - _WAITS_AT_MOST).distinct().limit(20))
    for row in rows:
        yield Finding(
            f"refunds told to source {row['source_id']} have waited for their orders for more than 3 days",
            mend="subscribe the source to orders/updated too, or load the shop's export of orders",
        )


CHECKS = [
    Check("what platforms ask about personal data is done in time", "P20", _overdue),
    Check("no refund waits for an order that never came", "P6", _waiting),
]
