"""The relay: from the outbox to the warehouse and to every subscription."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
from sqlalchemy import insert, or_, select, update

from regulars.errors import RegularsError
from regulars.events import read
from regulars.records import Records, UnitOfWork, outbox
from regulars.stream.subscriptions import Subscription
from regulars.stream.tables import handled
from regulars.values.clock import now
from regulars.warehouse import Warehouse

log = logging.getLogger(__name__)

_BATCH = 500
#: After so many failures an event waits for a person; `regulars doctor` names it.
PARKED_AFTER = 10


class Relay:
    """Moves told events on, in the order they were told. One relay runs at a time in a process."""

    def __init__(self, records: Records, warehouse: Warehouse, subscriptions: Iterable[Subscription]) -> None:
        self._records = records
        self._warehouse = warehouse
        self._subscriptions = list(subscriptions)
        self._one = threading.Lock()

    def run(self) -> int:
        """Move all waiting events; returns how many were finished."""
        finished = 0
        with self._one:
            while batch := self._waiting():
                self._append(batch)
                done = [row for row in batch if self._deliver(row)]
                with self._records.unit() as uow:
                    positions = [row["position"] for row in done]
                    uow.execute(update(outbox).where(outbox.c.position.in_(positions)).values(relayed_at=now(), last_error=None))
                finished += len(done)
        return finished

    def unpark(self) -> None:
        """Try events again that were given up."""
        with self._records.unit() as uow:
            uow.execute(update(outbox).where(outbox.c.relayed_at.is_(None)).values(attempts=0, retry_at=None))

    def replay(self) -> int:
        """Append every told event to a warehouse that was made anew; subscribers hear nothing."""
        appended, last = 0, 0
        while True:
            with self._records.reading() as view:
                rows = view.rows(select(outbox).where(outbox.c.position > last).order_by(outbox.c.position).limit(_BATCH))
            if not rows:
                return appended
            batch: list[Mapping[str, Any]] = [dict(row) for row in rows]
            self._append(batch)
            appended, last = appended + len(batch), batch[-1]["position"]

    def _waiting(self) -> list[Mapping[str, Any]]:
        with self._records.reading() as view:
            due = or_(outbox.c.retry_at.is_(None), outbox.c.retry_at <= now())
            rows = view.rows(
                select(outbox)
                .where(outbox.c.relayed_at.is_(None), outbox.c.attempts < PARKED_AFTER, due)
                .order_by(outbox.c.position)
                .limit(_BATCH)
            )
        return [dict(row) for row in rows]

    def _append(self, batch: list[Mapping[str, Any]]) -> None:
        """Into the event log, leaving out what an interrupted run appended already."""
        log_table = self._warehouse.table("event_log")
        with self._warehouse.transaction():
            ids = [row["message_id"] for row in batch]
            known = {
                row["message_id"]
                for row in self._warehouse.rows(log_table.filter(log_table.message_id.isin(ids)).select("message_id"))
            }
            fresh = [row for row in batch if row["message_id"] not in known]
            if fresh:
                self._warehouse.append("event_log", _event_table(fresh))

    def _deliver(self, row: Mapping[str, Any]) -> bool:
        for subscription in self._subscriptions:
            try:
                event = read(dict(row))
                handler = subscription.handlers.get(type(event))
                if handler is None:
                    continue
                with self._records.unit() as uow:
                    done = select(handled.c.message_id).where(
                        handled.c.subscription == subscription.name, handled.c.message_id == row["message_id"]
                    )
                    if uow.value(done) is None:
                        handler(uow, event)
                        uow.execute(
                            insert(handled).values(
                                subscription=subscription.name,
                                message_id=row["message_id"],
                                shop_id=row["shop_id"],
                                handled_at=now(),
                            )
                        )
            except Exception as error:
                self._failed(row, subscription.name, error)
                return False
        return True

    def _failed(self, row: Mapping[str, Any], subscription: str, error: Exception) -> None:
        attempts = row["attempts"] + 1
        words = str(error) if isinstance(error, RegularsError) else type(error).__name__
        log.warning(
            "an event could not be handled",
            extra={"message_id": row["message_id"], "event": row["event"], "subscription": subscription, "attempts": attempts},
            exc_info=not isinstance(error, RegularsError),
        )
        with self._records.unit() as uow:
            uow.execute(
                update(outbox)
                .where(outbox.c.position == row["position"])
                .values(
                    attempts=attempts,
                    retry_at=now() + timedelta(seconds=min(2**attempts, 600)),
                    last_error=f"{subscription}: {words}",
                )
            )


def all_heard(uow: UnitOfWork, shop_id: str) -> bool:
    """Whether every event of the shop has reached its subscribers."""
    waits = select(outbox.c.position).where(
        outbox.c.shop_id == shop_id, outbox.c.relayed_at.is_(None), outbox.c.attempts < PARKED_AFTER
    )
    return uow.value(waits.limit(1)) is None


def _event_table(rows: list[Mapping[str, Any]]) -> pa.Table:
    def utc(instant: datetime) -> datetime:
        return instant.astimezone(UTC).replace(tzinfo=None)

    return pa.table(
        {
            "shop_id": [row["shop_id"] for row in rows],
            "message_id": [row["message_id"] for row in rows],
            "event": [row["event"] for row in rows],
            "customer_id": pa.array([row["customer_id"] for row in rows], pa.string()),
            "timestamp": pa.array([utc(row["timestamp"]) for row in rows], pa.timestamp("us")),
            "received_at": pa.array([utc(row["told_at"]) for row in rows], pa.timestamp("us")),
            "source": [row["source"] for row in rows],
            "schema_version": pa.array([row["schema_version"] for row in rows], pa.int32()),
            "properties": [row["properties"] for row in rows],
        }
    )
