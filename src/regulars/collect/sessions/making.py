"""Sessions follow events: stretches of time in which events came, moved or went are noted, and their sessions made anew.

What is noted is written in the transaction that changes the events, so nothing is forgotten when a crash comes between. A customer's
session depends only on events that are less than a rest (or, by its name, a day) away; so only such stretches are read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from regulars.collect import identity
from regulars.collect.sessions.domain import NAME_HELD
from regulars.collect.sessions.queries import cutting
from regulars.guard import privacy
from regulars.values import clock
from regulars.warehouse.arrow import arrow_rows, arrow_schema
from regulars.warehouse.derived import SESSION_RANGES, SESSION_WORK

if TYPE_CHECKING:
    from regulars.warehouse import TableSpec, Warehouse

#: Where there are no more events than this, everything is made anew at once; else what is older than `_AT_ONCE` waits for the job.
FEW_EVENTS = 3_000_000
_AT_ONCE = timedelta(hours=48)
_EVERYTHING = datetime(1, 1, 1)  # noqa: DTZ001 (the warehouse's times carry no zone)
#: What is worked on at once, so that it fits into memory.
EVENTS_AT_ONCE = 5_000_000
STRETCHES_AT_ONCE = 200_000


def note(warehouse: Warehouse, shop_id: str, events: pa.Table) -> None:
    """Note that these events came; `events` has customer_id, session_id and timestamp."""
    events = events.select(["customer_id", "session_id", "timestamp"])
    events = events.filter(pc.is_valid(events.column("customer_id")))
    if not events.num_rows:
        return
    found = events.group_by(["customer_id", "session_id"]).aggregate([("timestamp", "min"), ("timestamp", "max")])
    columns = {
        "shop_id": pa.array([shop_id] * found.num_rows, pa.string()),
        "customer_id": found.column("customer_id"),
        "session_id": found.column("session_id"),
        "first_at": found.column("timestamp_min"),
        "last_at": found.column("timestamp_max"),
    }
    warehouse.append("session_work", pa.table(columns, schema=arrow_schema(SESSION_WORK)))


def follow(warehouse: Warehouse, shop_id: str, *, at_once: int = FEW_EVENTS) -> int:
    """Make anew what waits; where there are more events than `at_once`, what is old is left to the job. Returns how many sessions were written."""
    few = warehouse.value(warehouse.table("events").count()) <= at_once
    return refresh(warehouse, shop_id, since=_EVERYTHING if few else clock.now().replace(tzinfo=None) - _AT_ONCE)


def refresh(warehouse: Warehouse, shop_id: str, *, since: datetime = _EVERYTHING, at_once: int = STRETCHES_AT_ONCE) -> int:
    """Make anew the sessions in what was noted from an instant on (naive UTC); a transaction for each share of `at_once` stretches or so."""
    told = {"shop_id": shop_id, "since": since.isoformat(" ")}
    [waiting] = warehouse.rows(cutting.work(), share="0", shares="1", **told)
    if not waiting["rows"]:
        return 0
    shares = 1 + waiting["rows"] // at_once
    return sum(_refresh_share(warehouse, told | {"share": str(share), "shares": str(shares)}) for share in range(shares))


def _refresh_share(warehouse: Warehouse, told: dict[str, str]) -> int:
    shop_id = told["shop_id"]
    with warehouse.transaction():
        [waiting] = warehouse.rows(cutting.work(), **told)
        if not waiting["rows"]:
            return 0
        low: datetime = waiting["first_at"] - NAME_HELD
        while True:
            stretches = warehouse.query(cutting.ranges(), low=low.isoformat(" "), **told)
            first_at = pc.min(stretches.column("first_at")).as_py()
            if first_at - timedelta(hours=1) >= low:
                break
            low = first_at - NAME_HELD
        last_at = pc.max(stretches.column("last_at")).as_py()
        warehouse.replace("session_ranges", stretches.cast(arrow_schema(SESSION_RANGES)), shop_id=shop_id)
        bounds = {"shop_id": shop_id, "low": first_at.isoformat(" "), "high": last_at.isoformat(" ")}
        written = warehouse.exchange("sessions", cutting.gone(), cutting.made(), **bounds)
        warehouse.replace("session_ranges", _nothing(SESSION_RANGES), shop_id=shop_id)
        warehouse.exchange("session_work", cutting.done(), cutting.nothing(), **told)
        return written


def rebuild(warehouse: Warehouse, shop_id: str, *, at_once: int = EVENTS_AT_ONCE) -> int:
    """Make all sessions of a shop anew, a share of `at_once` events or so at a time; returns how many there are."""
    with warehouse.transaction():
        events = warehouse.table("events")
        shares = 1 + warehouse.value(events.filter(events.shop_id == shop_id).count()) // at_once
        warehouse.delete("sessions", lambda t: t.shop_id == shop_id)
        warehouse.delete("session_work", lambda t: t.shop_id == shop_id)
        nobody = warehouse.table("sessions").filter(False).select("shop_id", "session_key")
        return sum(
            warehouse.exchange("sessions", nobody, cutting.made_of_share(), shop_id=shop_id, share=str(share), shares=str(shares))
            for share in range(shares)
        )


def fill(warehouse: Warehouse, shop_id: str) -> int:
    """Sessions of a warehouse from before there were any."""
    events, sessions = warehouse.table("events"), warehouse.table("sessions")
    any_event = warehouse.rows(events.filter(events.shop_id == shop_id, events.customer_id.notnull()).select("shop_id").limit(1))
    any_session = warehouse.rows(sessions.filter(sessions.shop_id == shop_id).select("shop_id").limit(1))
    return rebuild(warehouse, shop_id) if any_event and not any_session else 0


def _moving(warehouse: Warehouse, shop_id: str, customers: Mapping[str, str] | None) -> Callable[[], object]:
    """Before events change customer: note where they leave and where they go. None: any may."""
    if customers is None:
        return lambda: rebuild(warehouse, shop_id)
    rows = warehouse.rows(cutting.told_under(), shop_id=shop_id, ids=cutting.SEPARATOR.join(customers))
    noted: list[dict[str, Any]] = [
        {**row, "shop_id": shop_id, "customer_id": customer_id}
        for row in rows
        if row["customer_id"] != customers[row["told"]]
        for customer_id in (row["customer_id"], customers[row["told"]])
    ]
    if not noted:
        return lambda: None
    warehouse.append("session_work", arrow_rows(SESSION_WORK, noted))
    return lambda: follow(warehouse, shop_id)


def _erased(warehouse: Warehouse, shop_id: str, successors: Sequence[str]) -> None:
    """Events of erased customers have lost the sessions they named, and more."""
    rows = warehouse.rows(cutting.of_customers(), shop_id=shop_id, ids=cutting.SEPARATOR.join(successors))
    if rows:
        warehouse.append("session_work", arrow_rows(SESSION_WORK, rows))
        refresh(warehouse, shop_id)


def _nothing(table: TableSpec) -> pa.Table:
    return arrow_schema(table).empty_table()


identity.MOVERS.append(_moving)
privacy.REDERIVERS.append(_erased)
