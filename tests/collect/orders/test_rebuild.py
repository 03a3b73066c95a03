"""Orders can be made anew from the stored events, and it is told when they changed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import time_machine
from sqlalchemy import select

from regulars.collect import orders
from regulars.collect.orders.jobs import JOBS
from regulars.records import Records, outbox
from regulars.understand.metrics import jobs as metrics_jobs
from regulars.understand.profiles import jobs as profiles_jobs
from regulars.values.clock import now
from regulars.warehouse import TABLES, Warehouse
from regulars.warehouse.arrow import arrow_rows
from regulars.work import Worker
from tests.collect.orders.messages import CUP, SHOP, TEA, completed, refunded, rows, tables, told, updated


def events_of(messages: Sequence[dict[str, Any]]) -> pa.Table:
    """Messages as rows of `events`, some properties only in columns."""
    stored = []
    for message in messages:
        properties = dict(message["properties"])
        columns = {name: properties.pop(name, None) for name in ("order_id", "currency", "coupon")}
        at = datetime.fromisoformat(message["timestamp"]).replace(tzinfo=None)
        stored.append(
            {
                "shop_id": "tea",
                "source_id": message["source_id"],
                "message_id": message["messageId"],
                "event_key": 1,
                "type": "track",
                "event": message["event"],
                "customer_id": message["customer_id"],
                "user_id": message["customer_id"],
                "is_known": True,
                "timestamp": at,
                "received_at": at,
                "is_bot": False,
                "is_history": False,
                "properties": json.dumps(properties),
                "part_id": "part_1",
                **columns,
            }
        )
    return arrow_rows(TABLES["events"], stored)


def store(warehouse: Warehouse, messages: Sequence[dict[str, Any]]) -> None:
    warehouse.append("events", events_of(messages))


def test_a_part_of_events_is_projected_like_its_messages(warehouse: Warehouse) -> None:
    messages = [
        completed("o1", "2025-01-05T10:00", total=70, coupon="NEW", products=[TEA, CUP]) | {"event": "order_completed"},
        told("Product Viewed", None, "2025-01-05T10:00", product_id="p1"),
        refunded("o1", "2025-03-05T10:00", total=10),
    ]

    done = orders.project_events(warehouse, SHOP, events_of(messages))

    assert (done.orders, done.lines, done.refunds) == (1, 2, 1)
    assert rows(warehouse, "orders", "order_id", "total_minor", "coupon_code") == [("o1", 7000, "NEW")]
    assert not orders.project(warehouse, SHOP, messages).changed
    assert orders.project_events(warehouse, SHOP, events_of(messages[1:2])) == orders.Projected()


def test_orders_are_made_anew_from_the_events(warehouse: Warehouse) -> None:
    messages = [
        completed("o1", "2025-01-05T10:00", total=70, coupon="NEW", currency="CNY", products=[TEA, CUP]),
        refunded("o1", "2025-03-05T10:00", total=10),
        updated("o1", "2025-02-05T10:00", total=65) | {"event": "order_updated"},
        told("Product Viewed", None, "2025-01-05T10:00", product_id="p1"),
    ]
    store(warehouse, messages)
    orders.project(warehouse, SHOP, messages)
    before = tables(warehouse)
    for table in ("orders", "order_lines", "refunds", "order_facts"):
        warehouse.delete(table, lambda t: t.shop_id == "tea")

    done = orders.rebuild(warehouse, SHOP)

    assert (done.orders > 0, done.problems) == (True, ())
    assert tables(warehouse) == before


def test_a_rate_that_became_known_brings_its_orders_in(warehouse: Warehouse) -> None:
    messages = [completed("o1", "2025-01-05T10:00", total=10, currency="USD")]
    store(warehouse, messages)
    orders.project(warehouse, SHOP, messages)
    assert rows(warehouse, "orders") == []

    orders.rebuild(warehouse, SHOP, rates={"USD": Decimal(7)})

    assert rows(warehouse, "orders", "total_minor") == [7000]


def test_orders_outlive_their_events(warehouse: Warehouse) -> None:
    orders.project(warehouse, SHOP, [completed("o1", "2025-01-05T10:00", total=70)])

    orders.rebuild(warehouse, SHOP)

    assert rows(warehouse, "orders", "total_minor") == [7000]


def test_it_is_told_once_a_minute_that_orders_arrived(records: Records, warehouse: Warehouse, home: Any) -> None:
    worker = Worker(records, warehouse, home, JOBS)
    for _ in range(3):
        with records.unit() as uow:
            orders.note_changes(uow, "tea")
    worker.run_until_idle()
    with records.reading() as uow:
        assert uow.rows(select(outbox.c.event)) == []

    with records.reading() as uow:
        assert orders.changes_wait(uow, "tea")
    with time_machine.travel(now() + timedelta(seconds=61)):
        worker.run_until_idle()

    with records.reading() as uow:
        assert [row["event"] for row in uow.rows(select(outbox.c.event))] == ["Orders Received"]


def test_numbers_derived_from_orders_hear_of_them() -> None:
    from regulars.events import OrdersReceived

    assert OrdersReceived in profiles_jobs.HANDLERS
    assert OrdersReceived in metrics_jobs.HANDLERS
