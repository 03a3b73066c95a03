"""How long orders take and how many come late, counted by hand; and how to provide it where nothing tells."""

from __future__ import annotations

import pytest

from regulars.app import House
from regulars.collect import orders
from regulars.errors import NotEnoughData
from regulars.understand import reports
from regulars.understand.questions import Desk
from tests.collect.orders.messages import told

MARCH = {"from": "2026-03-01", "to": "2026-03-31"}


def test_without_arrivals_it_is_said_how_to_provide_them(desk: Desk) -> None:
    for kind, question in (("delivery", {}), ("metric", {"metrics": ["late_delivery_share"]})):
        with pytest.raises(NotEnoughData) as refused:
            reports.ask(desk, kind, question)
        assert refused.value.code == "no_delivery"


def test_delivery_against_the_promise(house: House, desk: Desk) -> None:
    """Ordered on 1 and 5 March at 03:00Z: the first arrives after 2 days, one late; the second after 4 days, in time."""
    orders.project(
        house.warehouse,
        desk.shop,
        [
            told("Order Shipped", "a1", "2026-03-01T15:00", customer=None, promised_at="2026-03-02"),
            told("Order Delivered", "a1", "2026-03-03T03:00", customer=None),
            told("Order Delivered", "a2", "2026-03-09T03:00", customer=None, promised_at="2026-03-09"),
        ],
    )

    found = reports.ask(desk, "delivery", {"range": MARCH, "interval": "week"}).answer

    total = found.total
    assert (total.orders, total.delivered, total.promised, total.late, total.late_share) == (2, 2, 2, 1, 0.5)
    assert (total.days_mean, total.days_p90, total.to_ship_days_mean) == (3.0, 3.8, 0.5)
    assert [(one.key, one.delivered, one.late) for one in found.groups[:2]] == [("2026-02-23", 1, 1), ("2026-03-02", 1, 0)]
    by = reports.ask(desk, "delivery", {"by": "channel", "range": MARCH}).answer
    assert [(one.key, one.late) for one in by.groups] == [("web", 1)]
    behind = reports.customers(desk, "delivery", {"range": MARCH}, {"late": True})
    assert [one.customer_id for one in behind.customers] == ["ann"]
    question = {"metrics": ["delivered_orders", "delivery_days_mean", "late_delivery_share"], "range": MARCH, "interval": "month"}
    assert [line.total for line in reports.ask(desk, "metric", question).answer.lines] == [2, 3.0, 0.5]
