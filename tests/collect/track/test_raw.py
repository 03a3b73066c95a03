"""Deliveries of platforms that could not be read: looked at, corrected and sent again from the quarantine, like messages."""

from __future__ import annotations

import json
from typing import Any

import pytest

from regulars.collect.platforms import receiving, service, sources
from regulars.collect.track import repair
from regulars.collect.track.quarantine import QuarantinedEvent
from regulars.errors import Conflict
from tests.collect.platforms import payloads as p
from tests.collect.track.conftest import Desk, desk

__all__ = ["desk", "service"]


@pytest.fixture
def shopify(desk: Desk) -> str:
    """A Shopify source of the shop."""
    with desk.house.records.unit() as uow:
        made = sources.add(uow, desk.caller, shop_id="tea", name="Shopify", platform="shopify", secret=p.SHOPIFY_SECRET)
    return made.source.source_id


def deliver(desk: Desk, source_id: str, body: Any) -> None:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {name.lower(): value for name, value in p.shopify("orders/create", raw).items()}
    receipt = receiving.receive(desk.house.records, desk.house.home, desk.house.keyring, source_id, headers, raw)
    assert receipt.outcome == "quarantined"


def replay(desk: Desk, one: QuarantinedEvent, message: dict[str, Any] | None) -> QuarantinedEvent:
    with desk.house.records.unit() as uow:
        done = repair.replay_one(
            desk.house.records,
            uow,
            desk.caller,
            desk.shop,
            one.quarantine_id,
            message,
            repair.sender(desk.house.journal, desk.shop),
        )
    desk.house.loader.run_once()
    return done


def test_a_corrected_delivery_becomes_its_order_once(desk: Desk, shopify: str) -> None:
    deliver(desk, shopify, {**p.SHOPIFY_ORDER, "total_price": "12,00 or so"})
    (one,) = desk.aside()

    wrong = repair.check_one(desk.house.records, desk.caller, desk.shop, one.quarantine_id, None)
    right = repair.check_one(desk.house.records, desk.caller, desk.shop, one.quarantine_id, p.SHOPIFY_ORDER)
    done = replay(desk, one, p.SHOPIFY_ORDER)

    assert not wrong.ok
    assert "total_price" in wrong.says
    assert (right.ok, right.event) == (True, "Order Completed")
    assert done.state == "replayed"
    assert desk.aside() == []
    assert "Order Completed" in [row["event"] for row in desk.events()]
    with pytest.raises(Conflict):
        replay(desk, one, p.SHOPIFY_ORDER)


def test_one_that_still_cannot_be_read_stays_where_it_is(desk: Desk, shopify: str) -> None:
    deliver(desk, shopify, {**p.SHOPIFY_ORDER, "created_at": "yesterday"})
    (one,) = desk.aside()

    with pytest.raises(Conflict):
        replay(desk, one, None)

    assert [each.quarantine_id for each in desk.aside()] == [one.quarantine_id]
    assert desk.events() == []


def test_a_body_that_is_no_json_is_replaced_by_a_whole_one(desk: Desk, shopify: str) -> None:
    deliver(desk, shopify, b'{"id": 1, ')
    (one,) = desk.aside()

    assert not repair.check_one(desk.house.records, desk.caller, desk.shop, one.quarantine_id, None).ok
    replay(desk, one, p.SHOPIFY_ORDER)

    assert "Order Completed" in [row["event"] for row in desk.events()]


def test_many_at_once_leave_what_does_not_pass(desk: Desk, shopify: str) -> None:
    deliver(desk, shopify, {**p.SHOPIFY_ORDER, "created_at": "yesterday"})

    done = repair.replay_many(desk.house.records, desk.caller, desk.shop, repair.sender(desk.house.journal, desk.shop))

    assert (done.replayed, done.still_refused) == (0, 1)
