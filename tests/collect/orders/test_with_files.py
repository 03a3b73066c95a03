"""An order that comes from a file and from messages is one order, and it is the same whichever came first."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import pytest

from regulars.collect import imports, orders
from regulars.collect.orders.service import CHECKS
from regulars.warehouse import Warehouse
from regulars.work import CheckContext
from tests.collect.imports.conftest import Desk
from tests.collect.orders.messages import CUP, TEA, cancelled, completed, refunded, rows, tables, updated

HEAD = "order_id,ordered_at,customer_id,product_id,quantity,unit_price,status\n"
#: 2025-01-05 18:00 in Shanghai is 10:00Z, when the message says it was completed.
FILE = HEAD + "o1,2025-01-05 19:00,c1,p1,2,20,paid\no1,2025-01-05 19:00,c1,p9,1,30,paid\n"
BARE = "order_id,ordered_at,customer_id,order_total,status\no1,2025-01-05 19:00,c1,70,paid\n"

Step = Callable[[Desk], object]


def load(text: str, name: str = "orders.csv", **options: Any) -> Step:
    return lambda desk: desk.load_text(text, name, **options)


def say(*messages: dict[str, Any]) -> Step:
    return lambda desk: orders.project(desk.warehouse, desk.shop, messages)


def after(desk: Desk, *steps: Step) -> Mapping[str, list[Any]]:
    """The tables once all steps are done, and the doctor content; which load brought a row is not compared."""
    for step in steps:
        step(desk)
    context = CheckContext(desk.records, desk.warehouse, desk.home)
    assert desk.findings() == []
    assert [finding for check in CHECKS for finding in check.run(context)] == []
    return tables(desk.warehouse, without=("load_id",))


def wipe(warehouse: Warehouse, *more: str) -> None:
    for table in ("orders", "order_lines", "refunds", "order_facts", *more):
        warehouse.delete(table, lambda t: t.shop_id == "tea")


@pytest.fixture
def completed_first() -> dict[str, Any]:
    return completed("o1", "2025-01-05T10:00", total=75, shipping=5, products=[TEA, CUP])


def test_a_file_with_lines_keeps_its_lines_and_takes_the_earlier_time(desk: Desk, completed_first: dict[str, Any]) -> None:
    """The file: 2 x 20 + 30 = 70 at 11:00Z; the message: 75 at 10:00Z. The file spoke last, so 70; the time is 10:00Z."""
    after(desk, load(FILE), say(completed_first))

    (order,) = rows(desk.warehouse, "orders")
    assert (order["total_minor"], order["items_minor"], order["line_count"]) == (7000, 7000, 2)
    assert order["ordered_at"] == datetime(2025, 1, 5, 10)
    assert sorted(rows(desk.warehouse, "order_lines", "product_id", "ordered_at")) == [
        ("p1", datetime(2025, 1, 5, 10)),
        ("p9", datetime(2025, 1, 5, 10)),
    ]


def test_a_bare_header_takes_the_lines_of_the_message(desk: Desk, completed_first: dict[str, Any]) -> None:
    after(desk, load(BARE), say(completed_first))

    (order,) = rows(desk.warehouse, "orders")
    assert (order["total_minor"], order["items_minor"], order["line_count"]) == (7000, 7000, 2)
    assert sorted(rows(desk.warehouse, "order_lines", "product_id", "amount_minor")) == [("p1", 4000), ("p2", 3000)]


def test_an_update_after_the_load_has_the_last_word_on_the_total(desk: Desk) -> None:
    after(desk, load(FILE), say(updated("o1", "2099-01-05T10:00", total=60)))

    assert rows(desk.warehouse, "orders", "total_minor", "line_count") == [(6000, 2)]


def test_a_cancellation_cancels_what_a_file_calls_paid(desk: Desk) -> None:
    after(desk, load(FILE), say(cancelled("o1", "2025-01-06T10:00")))

    assert rows(desk.warehouse, "orders", "status", "cancelled_at") == [("cancelled", datetime(2025, 1, 6, 10))]
    assert set(rows(desk.warehouse, "order_lines", "status")) == {"cancelled"}


def test_a_refund_that_a_file_has_booked_is_not_booked_again(desk: Desk) -> None:
    """The file gave back 30; messages tell of 30 and of 10 more: 10 are new."""
    head = "order_id,ordered_at,customer_id,order_total,refund_amount,refunded_at\n"
    row = "o1,2025-01-05 19:00,c1,70,30,2025-01-08 10:00\n"
    steps = (
        load(head + row),
        say(refunded("o1", "2025-01-08T02:00", total=30), refunded("o1", "2025-01-09T02:00", total=10)),
    )

    after(desk, *steps)

    assert sorted(rows(desk.warehouse, "refunds", "amount_minor")) == [1000, 3000]


def test_orders_no_message_tells_of_are_left_alone(desk: Desk, completed_first: dict[str, Any]) -> None:
    text = FILE + "o2,2025-01-05 19:00,c2,p1,1,20,paid\n"
    after(desk, load(text), say(completed_first))

    assert rows(desk.warehouse, "orders", "order_id", "customer_id") == [("o1", "c1"), ("o2", "c2")]


@pytest.mark.parametrize("text", [FILE, BARE], ids=["lines", "header"])
def test_file_and_messages_in_any_order_make_the_same_order(desk: Desk, text: str, completed_first: dict[str, Any]) -> None:
    """Two files (the second one moves the order on) and three messages; the files keep their own order."""
    messages = [
        completed_first,
        updated("o1", "2099-01-05T10:00", total=60, coupon="NEW"),
        refunded("o1", "2025-01-07T10:00", total=10),
    ]
    second = (
        text.replace("paid", "unpaid").replace("c1", "c2")
        + "o3,2025-01-06 10:00,c3"
        + (",p1,1,5,paid\n" if text == FILE else ",5,paid\n")
    )
    steps = [load(text, "a.csv"), load(second, "b.csv"), *(say(message) for message in messages)]
    seen = []
    for places in itertools.islice(itertools.permutations(range(5)), 0, None, 17):
        if places.index(0) > places.index(1):
            continue
        wipe(desk.warehouse)
        with desk.records.unit() as uow:
            uow.execute(_forget())
        seen.append(after(desk, *(steps[place] for place in places)))

    assert len(seen) > 2
    assert all(each == seen[0] for each in seen)
    assert [(row["order_id"], row["total_minor"], row["status"], row["customer_id"]) for row in seen[0]["orders"]] == [
        ("o1", 6000, "placed", "c2"),
        ("o3", 500, "placed", "c3"),
    ]


def _forget() -> Any:
    """The loads are forgotten, so that the same content can be loaded again."""
    from sqlalchemy import update as change

    from regulars.collect.imports.tables import load as loads

    return change(loads).values(content_key="")


def test_a_file_that_replaces_orders_leaves_no_line_of_the_message(desk: Desk, completed_first: dict[str, Any]) -> None:
    after(desk, load(BARE), say(completed_first), load(FILE, "b.csv", replace_orders=True))

    assert sorted(rows(desk.warehouse, "order_lines", "product_id")) == ["p1", "p9"]


def test_an_order_known_by_messages_alone_is_taken_over_by_the_file(desk: Desk, completed_first: dict[str, Any]) -> None:
    after(desk, say(completed_first), load(FILE))

    assert sorted(rows(desk.warehouse, "order_lines", "product_id")) == ["p1", "p9"]
    assert rows(desk.warehouse, "orders", "ordered_at", "total_minor") == [(datetime(2025, 1, 5, 10), 7000)]


def test_a_warehouse_made_anew_from_archive_and_events_is_the_same(desk: Desk, completed_first: dict[str, Any]) -> None:
    told = [completed_first, refunded("o1", "2025-01-07T10:00", total=10), completed("o5", "2025-02-07T10:00", total=10)]
    before = after(desk, say(told[0]), load(FILE), say(*told[1:]))
    wipe(desk.warehouse, "loads")

    imports.rebuild(desk.records, desk.warehouse, desk.home)
    orders.project(desk.warehouse, desk.shop, reversed(told))

    assert tables(desk.warehouse, without=("load_id",)) == before


def test_messages_first_and_the_archive_after_is_the_same_too(desk: Desk, completed_first: dict[str, Any]) -> None:
    before = after(desk, load(BARE), say(completed_first), load(FILE, "b.csv"))
    wipe(desk.warehouse, "loads")

    orders.project(desk.warehouse, desk.shop, [completed_first])
    imports.rebuild(desk.records, desk.warehouse, desk.home)

    assert tables(desk.warehouse, without=("load_id",)) == before
