"""Told once, in the warehouse once, handled once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import func, insert, select

from regulars.events import Event, LoadUndone, OrdersLoaded, catalogue, read
from regulars.records import Records, UnitOfWork, outbox
from regulars.stream import Relay, Subscription
from regulars.stream.relay import PARKED_AFTER
from regulars.values.clock import now
from regulars.warehouse import Warehouse
from regulars.work.tables import schedule

T0 = datetime(2025, 6, 1, tzinfo=UTC)


def tell(records: Records, load_id: str = "l") -> Event:
    event = OrdersLoaded(shop_id="s", load_id=load_id, rows=3, inserted=2, updated=1, first_at=T0)
    with records.unit() as uow:
        uow.tell(event)
    return event


def mark(uow: UnitOfWork, event: OrdersLoaded) -> None:
    uow.execute(insert(schedule).values(kind=event.load_id, shop_id="s", next_at=now()))


def marks(records: Records) -> int:
    with records.reading() as view:
        return int(view.value(select(func.count()).select_from(schedule)))


def logged(warehouse: Warehouse) -> list[str]:
    table = warehouse.table("event_log")
    return [row["message_id"] for row in warehouse.rows(table.order_by("message_id"))]


def test_an_event_comes_back_as_it_was_told(any_records: Records) -> None:
    event = tell(any_records)

    with any_records.reading() as view:
        row = dict(view.rows(select(outbox))[0])

    assert read(row) == event


def test_an_event_reaches_the_warehouse_and_its_subscribers_once(any_records: Records, warehouse: Warehouse) -> None:
    event = tell(any_records)
    relay = Relay(any_records, warehouse, [Subscription("room", {OrdersLoaded: mark}), Subscription("other", {LoadUndone: mark})])

    finished = [relay.run(), relay.run()]

    assert finished == [1, 0]
    assert logged(warehouse) == [event.message_id]
    assert marks(any_records) == 1


def test_after_a_crash_between_handling_and_marking_nothing_happens_twice(any_records: Records, warehouse: Warehouse) -> None:
    tell(any_records)
    relay = Relay(any_records, warehouse, [Subscription("room", {OrdersLoaded: mark})])
    relay.run()
    with any_records.unit() as uow:  # the mark in the outbox was never written
        uow.execute(outbox.update().values(relayed_at=None))

    relay.run()

    assert marks(any_records) == 1
    assert len(logged(warehouse)) == 1


def test_a_failing_subscriber_is_tried_again_and_holds_up_nobody(any_records: Records, warehouse: Warehouse) -> None:
    failures = [0]

    def stumble(uow: UnitOfWork, event: OrdersLoaded) -> None:
        mark(uow, event)
        if event.load_id == "bad" and failures[0] < 2:
            failures[0] += 1
            raise ValueError

    relay = Relay(any_records, warehouse, [Subscription("room", {OrdersLoaded: stumble})])
    with time_machine.travel(T0, tick=False) as clock:
        tell(any_records, "bad")
        tell(any_records, "good")
        relay.run()
        assert marks(any_records) == 1
        for _ in range(3):
            clock.shift(timedelta(minutes=1))
            relay.run()

    assert marks(any_records) == 2


def test_an_event_that_never_succeeds_is_parked_and_can_be_tried_again(records: Records, warehouse: Warehouse) -> None:
    broken = [True]

    def stumble(uow: UnitOfWork, event: OrdersLoaded) -> None:
        if broken[0]:
            raise ValueError
        mark(uow, event)

    relay = Relay(records, warehouse, [Subscription("room", {OrdersLoaded: stumble})])
    with time_machine.travel(T0, tick=False) as clock:
        tell(records)
        for _ in range(PARKED_AFTER + 5):
            relay.run()
            clock.shift(timedelta(minutes=20))
        with records.reading() as view:
            assert view.value(select(outbox.c.attempts)) == PARKED_AFTER
        broken[0] = False
        relay.unpark()
        relay.run()

    assert marks(records) == 1


@pytest.mark.parametrize("kind", catalogue().values(), ids=lambda kind: kind.name)
def test_every_kind_of_event_is_named_as_object_action(kind: type[Event]) -> None:
    words = kind.name.split()

    assert len(words) >= 2
    assert all(word[0].isupper() for word in words if word not in ("to", "from"))
    assert kind.meaning.endswith(".")
