"""Reasons ranked and first answers measured, counted by hand; and how to provide them where nothing tells."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from regulars.app import House
from regulars.errors import NotEnoughData
from regulars.understand import reports
from regulars.understand.questions import Desk
from regulars.warehouse import TABLES
from regulars.warehouse.arrow import arrow_rows
from tests.support.happenings import happened

MARCH = {"from": "2026-03-01", "to": "2026-03-31"}


def rows(house: House, table: str, *told: dict[str, Any]) -> None:
    house.warehouse.append(table, arrow_rows(TABLES[table], [{"shop_id": "tea", "load_id": "l"} | row for row in told]))


@pytest.mark.parametrize(
    ("kind", "question", "code"),
    [
        ("reasons", {"of": "refunds"}, "no_reasons_of_refunds"),
        ("reasons", {"of": "reviews"}, "no_reasons_of_reviews"),
        ("reasons", {"of": "tickets"}, "no_reasons_of_tickets"),
        ("response_time", {}, "no_tickets"),
    ],
)
def test_what_is_missing_says_how_to_provide_it(desk: Desk, kind: str, question: dict[str, Any], code: str) -> None:
    with pytest.raises(NotEnoughData) as refused:
        reports.ask(desk, kind, question)
    assert refused.value.code == code


def test_reasons_of_refunds_are_ranked_with_what_was_given_back(house: House, desk: Desk) -> None:
    """March: two for their size (30.00 and 5.00), one damaged, one without a reason; February had one for its size."""
    shared = {"line_key": 0, "kind": "refund", "currency": "CNY", "customer_id": "ann"}
    given = (("1", 10, 3_000, "size"), ("2", 11, 500, "size"), ("3", 12, 900, "damaged"), ("4", 13, 100, None))
    told = [
        shared | {"refund_id": key, "refunded_at": datetime(2026, 3, day), "amount_minor": amount, "reason": reason}
        for key, day, amount, reason in given
    ]
    before = shared | {"refund_id": "5", "refunded_at": datetime(2026, 2, 20), "amount_minor": 1, "reason": "size"}
    rows(house, "refunds", *told, before | {"customer_id": "ben"})

    found = reports.ask(desk, "reasons", {"range": MARCH}).answer

    assert [(one.code, one.count, one.amount.minor, one.previous, one.change) for one in found.reasons] == [
        ("size", 2, 3_500, 1, 1.0), ("damaged", 1, 900, 0, None),
    ]  # fmt: skip
    assert (found.told, found.untold, found.reasons[0].share) == (3, 1, 0.6667)
    behind = reports.customers(desk, "reasons", {"range": MARCH}, {"reason": "size"})
    assert [one.customer_id for one in behind.customers] == ["ann"]


def test_complaints_of_reviews_name_several_reasons_and_the_mood_is_a_mean(house: House, desk: Desk) -> None:
    shared = {"reviewed_at": datetime(2026, 3, 10), "customer_id": "ann"}
    rows(
        house,
        "reviews",
        shared | {"review_id": "1", "rating": Decimal(1), "sentiment": 0.1, "topics": "late,size"},
        shared | {"review_id": "2", "rating": Decimal(2), "sentiment": 0.3, "topics": "late"},
        shared | {"review_id": "3", "rating": Decimal(1)},
        shared | {"review_id": "4", "rating": Decimal(5), "sentiment": 0.9},
    )

    found = reports.ask(desk, "reasons", {"of": "reviews", "range": MARCH}).answer
    mood = reports.ask(desk, "reviews", {"range": MARCH, "interval": "month"}).answer.total

    assert [(one.code, one.count, one.share, one.amount) for one in found.reasons] == [
        ("late", 2, 1.0, None),
        ("size", 1, 0.5, None),
    ]
    assert (found.told, found.untold) == (2, 1)
    assert (mood.reviews, mood.scored, mood.sentiment, mood.negative, mood.negative_share) == (4, 3, 0.4333, 2, 0.6667)


def test_a_review_whose_file_names_no_category_is_of_its_products(house: House, desk: Desk) -> None:
    rows(house, "products", {"product_id": "p", "category": "Pots", "currency": "CNY", "load_id": "l"})
    shared = {"reviewed_at": datetime(2026, 3, 10), "customer_id": "ann", "rating": Decimal(4)}
    rows(
        house,
        "reviews",
        shared | {"review_id": "1", "product_id": "p"},
        shared | {"review_id": "2", "product_id": "p", "category": "Gifts"},
        shared | {"review_id": "3", "product_id": "unheard of"},
    )

    found = reports.ask(desk, "reviews", {"by": "category", "range": MARCH}).answer

    assert {one.key: one.reviews for one in found.groups} == {"Pots": 1, "Gifts": 1, "(none)": 1}


def test_first_answers_to_tickets(house: House, desk: Desk) -> None:
    """1: after 2 h, though answered again; 2: after 30 h; 3: opened twice, never answered; 4: just opened."""

    def told(event: str, ts: str, ticket: str, **props: Any) -> dict[str, Any]:
        return {"customer": "ann", "event": event, "ts": f"2026-03-{ts}:00Z", "props": {"ticket_id": ticket} | props}

    happened(
        house.warehouse,
        desk.shop,
        [
            told("Ticket Opened", "10T01:00", "1", channel="chat", reason="物流太慢"),
            told("Ticket Answered", "10T03:00", "1"),
            told("Ticket Answered", "11T03:00", "1"),
            told("Ticket Opened", "10T02:00", "2", channel="mail", reason="Where is my parcel? It is late"),
            told("Ticket Answered", "11T08:00", "2"),
            told("Ticket Opened", "12T02:00", "3", channel="mail", reason="size"),
            told("Ticket Opened", "14T02:00", "3", channel="chat"),
            told("Ticket Opened", "20T02:00", "4", channel="mail"),
        ],
    )
    question = {"range": {"from": "2026-03-01", "to": "2026-03-20"}}

    found = reports.ask(desk, "response_time", question).answer

    total = found.total
    assert (total.opened, total.answered, total.in_time, total.waiting) == (4, 2, 1, 1)
    assert (total.hours_median, total.hours_mean, total.hours_p90, total.in_time_share) == (16.0, 16.0, 27.2, 0.3333)
    by = reports.ask(desk, "response_time", question | {"by": "channel"}).answer
    assert [(one.key, one.opened, one.hours_median) for one in by.groups] == [("mail", 3, 30.0), ("chat", 1, 2.0)]
    reasons = reports.ask(desk, "reasons", {"of": "tickets"} | question).answer
    assert [(one.code, one.count) for one in reasons.reasons] == [("late", 2), ("size", 1)]
    assert reasons.untold == 2
