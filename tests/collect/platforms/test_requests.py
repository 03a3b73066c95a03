"""What platforms ask about personal data is done with one step: erased or exported, settled, audited, and kept as done."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select

from regulars.access.tables import audit_entry
from regulars.collect.platforms import receiving, service, sources
from regulars.collect.platforms.service import PlatformRequest
from regulars.errors import Conflict
from regulars.guard import privacy
from tests.collect.platforms import payloads as p
from tests.collect.track.conftest import Desk, desk

__all__ = ["desk"]

PERSON = {"id": 7001, "email": "Mei.Lin@example.com"}


@pytest.fixture
def shopify(desk: Desk) -> str:
    """A Shopify source with one order."""
    with desk.house.records.unit() as uow:
        made = sources.add(uow, desk.caller, shop_id="tea", name="Shopify", platform="shopify", secret=p.SHOPIFY_SECRET)
    deliver(desk, made.source.source_id, "orders/create", p.SHOPIFY_ORDER)
    desk.house.loader.run_once()
    return made.source.source_id


def deliver(desk: Desk, source_id: str, topic: str, body: Any) -> None:
    raw = json.dumps(body).encode()
    headers = {name.lower(): value for name, value in p.shopify(topic, raw).items()}
    receiving.receive(desk.house.records, desk.house.home, desk.house.keyring, source_id, headers, raw)


def asked(desk: Desk, *, done: bool = False) -> list[PlatformRequest]:
    with desk.house.records.reading() as uow:
        return list(service.requests(uow, desk.caller, "tea", done=done))


def audited(desk: Desk) -> list[Any]:
    with desk.house.records.reading() as uow:
        rows = uow.rows(select(audit_entry).where(audit_entry.c.action == "platform_request.done"))
        return [json.loads(row["after"])["how"] for row in rows]


def test_a_redaction_erases_the_customer_and_is_kept_as_done(desk: Desk, shopify: str) -> None:
    deliver(desk, shopify, "customers/redact", {"shop_id": 9, "customer": PERSON, "orders_to_redact": [1]})
    (request,) = asked(desk)
    house = desk.house

    done, certificate = service.erase_as_asked(house.records, house.warehouse, house.home, desk.caller, request.request_id)
    again, _ = service.erase_as_asked(house.records, house.warehouse, house.home, desk.caller, request.request_id)

    assert certificate is not None
    assert done.done_at is not None
    assert again.done_at == done.done_at
    assert asked(desk) == []
    assert [one.request_id for one in asked(desk, done=True)] == [request.request_id]
    assert audited(desk) == ["erased"]
    with house.records.reading() as uow:
        assert not privacy.reveal(uow, desk.caller, "tea", [request.customer_id or ""])
    customers = {row["customer_id"] for row in house.warehouse.rows(house.warehouse.table("orders"))}
    assert request.customer_id not in customers


def test_a_request_for_data_gives_the_copy_and_is_done(desk: Desk, shopify: str) -> None:
    deliver(desk, shopify, "customers/data_request", {"shop_id": 9, "customer": PERSON, "orders_requested": [1]})
    (request,) = asked(desk)

    with desk.house.records.unit() as uow:
        done, copy = service.export_as_asked(uow, desk.house.warehouse, desk.caller, request.request_id)

    assert copy is not None
    assert done.done_at is not None
    assert audited(desk) == ["exported"]


def test_a_customer_of_whom_nothing_else_is_kept_is_erased_from_the_list_too(desk: Desk, shopify: str) -> None:
    other = {"id": 9, "email": "nobody@example.com"}
    deliver(desk, shopify, "customers/redact", {"shop_id": 9, "customer": other, "orders_to_redact": []})
    (request,) = asked(desk)
    house = desk.house

    done, _ = service.erase_as_asked(house.records, house.warehouse, house.home, desk.caller, request.request_id)

    assert done.done_at is not None
    assert done.customer_id != request.customer_id


def test_the_shop_itself_is_not_forgotten_by_one_click(desk: Desk, shopify: str) -> None:
    deliver(desk, shopify, "shop/redact", {"shop_id": 9, "shop_domain": "x.example.com"})
    (request,) = asked(desk)
    house = desk.house

    with pytest.raises(Conflict):
        service.erase_as_asked(house.records, house.warehouse, house.home, desk.caller, request.request_id)

    assert len(asked(desk)) == 1
