"""History of events from files: recognised, judged row by row, handed to the stream as messages; the same row is the same message."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from regulars.collect.imports import service
from regulars.collect.imports.domain import LoadOptions, LoadReport
from regulars.errors import InvalidInput
from tests.collect.imports.conftest import Desk, rules, shared

TAOBAO = "1,2268318,2520377,pv,1511544070\n1,2333346,2520771,cart,1511561733\n7,149192,100,fav,1511572885\n7,5,100,buy,1511572890\n"
LIST = "time,user_id,action,item_id,price,colour,search_term\n"


def load(desk: Desk, *paths: Path, **options: Any) -> tuple[LoadReport, list[dict[str, Any]]]:
    """Load events files; what was handed to the stream."""
    taken: list[dict[str, Any]] = []

    def accept(messages: Sequence[dict[str, Any]]) -> None:
        taken.extend(messages)

    report = service.load(
        desk.records,
        desk.warehouse,
        desk.home,
        desk.shop,
        "events",
        paths,
        LoadOptions(**options),
        caller=desk.caller,
        accept=accept,
    )
    return report, taken


def test_taobao_behaviours_are_recognised_by_what_stands_in_the_columns(desk: Desk) -> None:
    report, taken = load(desk, desk.file("UserBehavior.csv", TAOBAO))

    assert (report.rows, report.found.events, report.found.customers) == (4, 4, 2)
    assert [message["event"] for message in taken] == [
        "Product Viewed",
        "Product Added",
        "Product Added to Wishlist",
        "Order Completed",
    ]
    assert taken[0] == {
        "type": "track",
        "event": "Product Viewed",
        "messageId": taken[0]["messageId"],
        "timestamp": "2017-11-24T17:21:10Z",
        "userId": "1",
        "properties": {"product_id": "2268318", "category": "2520377"},
        "context": {"history": True},
    }
    assert taken[3]["properties"]["order_id"] == "7-1511572890"


def test_the_published_head_of_taobao_is_loaded_whole(desk: Desk) -> None:
    report, taken = load(desk, shared("taobao_userbehavior_head/UserBehavior.csv.gz"))

    counts = Counter(message["event"] for message in taken)
    assert counts == {"Product Viewed": 3926, "Product Added": 190, "Product Added to Wishlist": 128, "Order Completed": 77}
    assert (report.found.customers, len({message["messageId"] for message in taken})) == (43, 4321)


def test_a_row_is_the_same_message_in_every_file(desk: Desk) -> None:
    _, first = load(desk, desk.file("a.csv", TAOBAO))

    again, nothing = load(desk, desk.file("a.csv", TAOBAO))
    _, more = load(desk, desk.file("b.csv", "9,1,1,pv,1511544070\n" + TAOBAO))

    assert (again.already_loaded is not None, nothing) == (True, [])
    assert {message["messageId"] for message in first} < {message["messageId"] for message in more}
    assert len(more) == len(first) + 1


def test_equal_rows_are_one_message(desk: Desk) -> None:
    report, taken = load(desk, desk.file("a.csv", TAOBAO + TAOBAO))

    assert (report.rows_by_outcome["loaded"], report.rows_by_outcome["duplicate"], len(taken)) == (4, 4, 4)


def test_equal_rows_are_each_a_message_where_that_is_meant(desk: Desk) -> None:
    _, taken = load(desk, desk.file("a.csv", TAOBAO + TAOBAO), duplicates="keep")
    _, again = load(desk, desk.file("b.csv", TAOBAO + TAOBAO + "9,1,1,pv,1511544070\n"), duplicates="keep")

    assert len({message["messageId"] for message in taken}) == 8
    assert {message["messageId"] for message in again} > {message["messageId"] for message in taken}


def test_any_table_with_when_who_and_what_is_taken(desk: Desk) -> None:
    """Times without an offset are the shop's: 10:00 in Shanghai is 02:00Z."""
    text = LIST + '2025-01-05 10:00,u1,product_viewed,p1,"1,234.50",red,\n2025-01-05 11:00,u1,Products Searched,,,,green tea\n'

    report, taken = load(desk, desk.file("log.csv", text))

    assert report.rows_by_outcome["loaded"] == 2
    assert [(message["timestamp"], message["userId"], message["event"]) for message in taken] == [
        ("2025-01-05T02:00:00Z", "u1", "product_viewed"),
        ("2025-01-05T03:00:00Z", "u1", "Products Searched"),
    ]
    assert taken[0]["properties"] == {"product_id": "p1", "price": "1234.5000", "colour": "red"}
    assert taken[1]["properties"] == {"query": "green tea"}


def test_columns_can_be_mapped(desk: Desk) -> None:
    text = "a,b,c\n2025-01-05 10:00,u1,Page Viewed\n"

    _, taken = load(desk, desk.file("log.csv", text), maps={"occurred_at": "a", "visitor_id": "b", "event": "c"})

    assert (taken[0]["anonymousId"], taken[0]["event"]) == ("u1", "Page Viewed")


def test_rows_that_cannot_be_read_are_quarantined_with_their_reason(desk: Desk) -> None:
    text = (
        LIST
        + "someday,u1,view,p1,1,,\n2025-01-05,,view,p1,1,,\n2025-01-05,u1,,p1,1,,\n2025-01-05,u1,view,p1,cheap,,\n,u1,view,p1,1,,\n"
    )

    report, taken = load(desk, desk.file("log.csv", text))

    assert rules(report) == {"date_unreadable": 1, "nobody": 1, "event_missing": 1, "price_unreadable": 1, "date_missing": 1}
    assert len(taken) == 1
    assert desk.findings() == []


def test_segment_form_comes_back_as_it_was(desk: Desk) -> None:
    messages = [
        {
            "type": "track",
            "event": "Product Viewed",
            "messageId": "m1",
            "userId": "u1",
            "timestamp": "2025-01-05T10:00:00Z",
            "properties": {"product_id": "007", "price": 19.5, "new": True, "products": [{"product_id": "a"}]},
            "context": {"page": {"url": "https://example.com/p"}},
        },
        {
            "type": "identify",
            "messageId": "m2",
            "userId": "u1",
            "anonymousId": "a1",
            "timestamp": "2025-01-05T10:01:00Z",
            "traits": {"plan": "gold"},
        },
    ]

    report, taken = load(desk, desk.file("log.jsonl", "\n".join(json.dumps(message) for message in messages)))

    assert report.files[0].layout == "segment"
    assert taken == [message | {"context": {**message.get("context", {}), "history": True}} for message in messages]  # type: ignore[dict-item]


def test_a_dry_run_hands_nothing_over(desk: Desk) -> None:
    report = desk.plan(desk.file("a.csv", TAOBAO), kind="events")

    assert (report.dry_run, report.found.events) == (True, 4)


def test_events_need_a_stream_to_go_to(desk: Desk) -> None:
    with pytest.raises(InvalidInput, match="this door"):
        desk.load(desk.file("a.csv", TAOBAO), kind="events")
