"""Deliveries: refused, taken once however often they come, kept when they cannot be read, and joined when they overtake each other."""

from __future__ import annotations

import itertools
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from regulars.access import Caller, Keyring
from regulars.access.domain import Shop
from regulars.collect.platforms import receiving, service, sink, sources
from regulars.collect.platforms.domain.messages import digest
from regulars.collect.platforms.receiving import Receipt
from regulars.collect.platforms.tables import platform_delivery, platform_name, platform_source, platform_waiting
from regulars.errors import Conflict, InvalidInput, NotAllowed, NotFound, StorageFull, Unavailable
from regulars.records import Records
from regulars.work import CheckContext
from tests.collect.platforms import payloads as p
from tests.collect.platforms.conftest import Stream
from tests.collect.platforms.payloads import SHOPIFY_ORDER, SHOPIFY_REFUND, SHOPIFY_SECRET, WOO_SECRET, as_bytes, changed


class Door:
    """A source of one platform, and the way platforms come in."""

    def __init__(self, records: Records, home: Path, keyring: Keyring, shell: Caller, shop: Shop, stream: Stream) -> None:
        self.records, self.home, self.keyring, self.shell, self.shop, self.stream = records, home, keyring, shell, shop, stream
        self.numbers = itertools.count(1)

    def source(self, platform: str = "shopify", secret: str | None = SHOPIFY_SECRET, **more: Any) -> str:
        with self.records.unit() as uow:
            made = sources.add(uow, self.shell, shop_id=self.shop.shop_id, name=platform, platform=platform, secret=secret, **more)
        return made.source.source_id

    def deliver(self, source_id: str, topic: str, payload: Any, *, delivery: str = "", secret: str = SHOPIFY_SECRET) -> Receipt:
        body = payload if isinstance(payload, bytes) else as_bytes(payload)
        headers = p.shopify(topic, body, delivery=delivery or f"d-{next(self.numbers)}", secret=secret)
        return receiving.receive(self.records, self.home, self.keyring, source_id, headers, body)

    def seen(self, source_id: str) -> sources.WebhookSource:
        with self.records.reading() as uow:
            return sources.get(uow, self.shell, source_id)


@pytest.fixture
def door(any_records: Records, home: Path, keyring: Keyring, shell: Caller, shop: Shop, stream: Stream) -> Door:
    return Door(any_records, home, keyring, shell, shop, stream)


def test_a_delivery_is_in_the_stream_when_it_is_answered(door: Door) -> None:
    source = door.source()

    receipt = door.deliver(source, "orders/create", SHOPIFY_ORDER)

    assert (receipt.outcome, receipt.messages) == ("accepted", 2)
    assert [message.get("event", message["type"]) for message in door.stream.messages] == ["identify", "Order Completed"]
    assert (door.seen(source).accepted, door.seen(source).refused) == (1, 0)
    assert door.seen(source).last_accepted_at is not None


def test_a_delivery_that_comes_again_has_no_second_effect(door: Door) -> None:
    source = door.source()
    door.deliver(source, "orders/create", SHOPIFY_ORDER, delivery="same")

    again = door.deliver(source, "orders/create", SHOPIFY_ORDER, delivery="same")

    assert again.outcome == "repeated"
    assert len(door.stream.handed) == 2
    assert (door.seen(source).accepted, door.seen(source).repeated) == (1, 1)


def test_the_same_content_under_another_number_has_no_second_effect_either(door: Door) -> None:
    source = door.source()

    for _ in range(3):
        door.deliver(source, "orders/create", SHOPIFY_ORDER)

    assert len(door.stream.named("Order Completed")) == 1


def test_sixteen_clients_with_the_same_delivery_have_one_effect(door: Door) -> None:
    source = door.source()
    payload = changed(SHOPIFY_ORDER, refunds=[SHOPIFY_REFUND], updated_at="2026-11-05T09:00:01+08:00")

    with ThreadPoolExecutor(16) as pool:
        receipts = list(pool.map(lambda _: door.deliver(source, "orders/updated", payload, delivery="same"), range(48)))

    assert {receipt.outcome for receipt in receipts} <= {"accepted", "repeated"}
    events = sorted(message.get("event", "identify") for message in door.stream.messages)
    assert events == ["Order Completed", "Order Refunded", "Order Updated", "identify"]
    seen = door.seen(source)
    assert (seen.accepted, seen.repeated) == (1, 47)


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_deliveries_that_overtake_each_other_come_to_the_same(door: Door, order: tuple[int, ...]) -> None:
    """Placed, paid with another total, refunded, cancelled: in all 24 orders of arrival the stream holds the same events.

    The completion is that of the telling which came first; the newest update holds, and that is the same one always.
    """
    source = door.source()
    told = [
        ("orders/create", SHOPIFY_ORDER),
        ("orders/updated", changed(SHOPIFY_ORDER, total_price="182.00", updated_at="2026-11-02T10:00:00+08:00")),
        ("refunds/create", SHOPIFY_REFUND),
        (
            "orders/cancelled",
            changed(
                SHOPIFY_ORDER,
                total_price="182.00",
                cancelled_at="2026-11-06T10:00:00+08:00",
                updated_at="2026-11-06T10:00:00+08:00",
            ),
        ),
    ]

    for place in order:
        door.deliver(source, *told[place])

    found = {message["messageId"]: message for message in door.stream.messages if message["type"] == "track"}
    prefix = "shopify:order:5678901234567"
    updates = sorted((m for m in found.values() if m["event"] == "Order Updated"), key=lambda m: m["timestamp"])
    assert {name.split(":")[3] for name in found} == {"completed", "updated", "refund", "cancelled"}
    assert [update["timestamp"] for update in updates] == ["2026-11-02T02:00:00Z", "2026-11-06T02:00:00Z"]
    assert updates[-1]["properties"]["total"] == "182.00"
    refund = found[f"{prefix}:refund:333001"]
    assert (refund["properties"]["order_id"], refund["userId"][:2]) == ("#1001", "c_")
    with door.records.reading() as view:
        assert view.rows(select(platform_waiting)) == []


def test_a_refund_waits_for_its_order(door: Door) -> None:
    source = door.source()

    first = door.deliver(source, "refunds/create", SHOPIFY_REFUND)
    assert (first.outcome, door.stream.messages, door.seen(source).waiting) == ("accepted", [], 1)
    door.deliver(source, "orders/create", changed(SHOPIFY_ORDER, financial_status="pending"))

    assert door.stream.named("Order Refunded")[0]["properties"]["order_id"] == "#1001"
    assert door.seen(source).waiting == 0


def test_a_refund_that_waits_for_long_is_found_by_the_doctor(door: Door, warehouse: Any) -> None:
    source = door.source()
    door.deliver(source, "refunds/create", SHOPIFY_REFUND)
    context = CheckContext(door.records, warehouse, door.home)
    check = next(check for check in service.CHECKS if "refund" in check.name)

    assert list(check.run(context)) == []
    with time_machine.travel(datetime.now(UTC) + timedelta(days=4), tick=True):
        assert source in next(iter(check.run(context))).what


def test_orders_and_refunds_that_come_at_once_always_meet(door: Door) -> None:
    source = door.source()

    def one(number: int) -> None:
        order = changed(SHOPIFY_ORDER, id=1000 + number // 2, name=f"#{number // 2}")
        refund = changed(SHOPIFY_REFUND, id=number, order_id=1000 + number // 2)
        door.deliver(source, "refunds/create", refund) if number % 2 else door.deliver(source, "orders/create", order)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(one, range(40)))

    assert len(door.stream.named("Order Refunded")) == 20
    assert door.seen(source).waiting == 0


@pytest.mark.parametrize("broken", ["unsigned", "altered", "foreign secret"])
def test_what_is_not_signed_with_a_live_secret_is_refused_and_counted(door: Door, broken: str) -> None:
    source = door.source()
    body = as_bytes(SHOPIFY_ORDER)
    headers = p.shopify(
        "orders/create", body, secret="another-secret-of-somebody" if broken == "foreign secret" else SHOPIFY_SECRET
    )
    if broken == "unsigned":
        del headers["x-shopify-hmac-sha256"]
    if broken == "altered":
        body = body.replace(b"192.00", b"1.92")

    with pytest.raises(NotAllowed) as error:
        receiving.receive(door.records, door.home, door.keyring, source, headers, body)

    assert error.value.http_status == 401
    assert door.stream.lines == []
    seen = door.seen(source)
    assert (seen.refused, seen.last_refusal) == (1, error.value.code)


def test_strangers_cannot_make_the_records_busy(door: Door) -> None:
    source = door.source()
    for _ in range(50):
        with pytest.raises(NotAllowed):
            receiving.receive(door.records, door.home, door.keyring, source, {}, b"{}")

    assert door.seen(source).refused == 1


def test_a_topic_nobody_knows_is_counted_and_answered(door: Door) -> None:
    source = door.source()

    assert door.deliver(source, "themes/publish", {"id": 1}).outcome == "unknown"
    assert (door.seen(source).unknown, door.stream.lines) == (1, [])


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"\xff", b'{"id": 1, "id": 2}', b"[" * 100, b'{"id": "\\u0000"}', b'{"id": 1}', b"null"]
)
def test_a_signed_body_that_cannot_be_read_is_kept_with_its_reason(door: Door, body: bytes) -> None:
    source = door.source()

    receipt = door.deliver(source, "orders/create", body)
    again = door.deliver(source, "orders/create", body)

    assert (receipt.outcome, again.outcome) == ("quarantined", "quarantined")
    assert [line["reason"] for line in door.stream.refused] == [receipt.reason]
    assert door.stream.refused[0]["detail"]
    assert door.stream.messages == []


def test_two_secrets_are_taken_while_one_follows_the_other(door: Door) -> None:
    source = door.source()
    with door.records.unit() as uow:
        made = sources.rotate(uow, door.shell, source, overlap_hours=24)
        with pytest.raises(Conflict):
            sources.rotate(uow, door.shell, source)

    assert door.deliver(source, "orders/create", SHOPIFY_ORDER).outcome == "accepted"
    assert door.deliver(source, "orders/create", SHOPIFY_ORDER, secret=made.secret).outcome == "accepted"
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=25), tick=True):
        assert door.deliver(source, "orders/create", SHOPIFY_ORDER, secret=made.secret).outcome == "accepted"
        with pytest.raises(NotAllowed):
            door.deliver(source, "orders/create", SHOPIFY_ORDER)


def test_secrets_are_sealed_and_never_shown_again(door: Door) -> None:
    source = door.source()
    with door.records.reading() as view:
        row = view.one(select(platform_source))

    assert row is not None
    assert SHOPIFY_SECRET.encode() not in b"".join(value for value in row.values() if isinstance(value, bytes))
    assert SHOPIFY_SECRET not in repr(dict(row)) + repr(door.seen(source))


def test_a_disabled_and_a_removed_source_refuse(door: Door) -> None:
    source = door.source()
    with door.records.unit() as uow:
        sources.change(uow, door.shell, source, disabled=True)
    with pytest.raises(NotFound):
        door.deliver(source, "orders/create", SHOPIFY_ORDER)
    with door.records.unit() as uow:
        sources.change(uow, door.shell, source, disabled=False)
    door.deliver(source, "orders/create", SHOPIFY_ORDER)

    with door.records.unit() as uow:
        sources.remove(uow, door.shell, source)

    with pytest.raises(NotFound):
        door.deliver(source, "orders/create", SHOPIFY_ORDER)
    with door.records.reading() as view:
        assert view.rows(select(platform_delivery)) == view.rows(select(platform_name)) == []


def test_a_stream_that_cannot_keep_it_lets_the_platform_send_it_again(door: Door) -> None:
    source = door.source()

    class Full(Stream):
        def accept(self, messages: Any) -> None:
            raise StorageFull("the disk is full", mend="free some space")

    sink.connect(door.home, lambda *_: Full(door.stream.path))
    with pytest.raises(StorageFull):
        door.deliver(source, "orders/create", SHOPIFY_ORDER, delivery="same")
    sink.connect(door.home, None)
    with pytest.raises(Unavailable):
        door.deliver(source, "orders/create", SHOPIFY_ORDER, delivery="same")
    sink.connect(door.home, lambda records, shop_id, source_id: door.stream.of(source_id))

    assert door.deliver(source, "orders/create", SHOPIFY_ORDER, delivery="same").outcome == "accepted"
    assert len(door.stream.named("Order Completed")) == 1


@pytest.mark.parametrize("step", ["_put", "release", "_note"])
def test_a_delivery_cut_off_at_any_step_is_done_by_the_next_attempt(door: Door, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    source = door.source()
    door.deliver(source, "refunds/create", SHOPIFY_REFUND)

    def killed(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(receiving, step, killed)
        with pytest.raises(KeyboardInterrupt):
            door.deliver(source, "orders/create", SHOPIFY_ORDER, delivery="same")
    door.deliver(source, "orders/create", SHOPIFY_ORDER, delivery="same")

    assert len(door.stream.named("Order Completed")) == len(door.stream.named("Order Refunded")) == 1


def test_requests_about_personal_data_are_listed_once_with_a_pseudonym_and_a_day(door: Door) -> None:
    source = door.source()
    body = {
        "shop_id": 9,
        "shop_domain": "x.example.com",
        "customer": {"id": 7001, "email": "Mei.Lin@example.com"},
        "orders_to_redact": [1],
    }
    door.deliver(source, "customers/redact", body)
    door.deliver(source, "customers/redact", body)
    door.deliver(source, "orders/create", SHOPIFY_ORDER)

    with door.records.unit() as uow:
        open_ = service.requests(uow, door.shell, "tea")
        buyer = uow.value(select(platform_name.c.customer_id))
        done = service.settle_request(uow, door.shell, open_[0].request_id)

    assert [request.kind for request in open_] == ["customer_redact"]
    assert open_[0].customer_id == buyer
    assert open_[0].due_at - open_[0].received_at == timedelta(days=30)
    assert done.done_at is not None
    with door.records.reading() as view:
        assert service.requests(view, door.shell, "tea") == []
        assert len(service.requests(view, door.shell, "tea", done=True)) == 1


def test_woocommerce_greets_and_delivers(door: Door) -> None:
    source = door.source("woocommerce", WOO_SECRET)
    body = as_bytes(p.WOO_ORDER)

    ping = receiving.receive(
        door.records, door.home, door.keyring, source, {"content-type": "application/x-www-form-urlencoded"}, b"webhook_id=12"
    )
    order = receiving.receive(door.records, door.home, door.keyring, source, p.woocommerce("order.created", body), body)

    assert (ping.outcome, order.outcome) == ("ping", "accepted")
    gone = as_bytes({"id": 727})
    receiving.receive(door.records, door.home, door.keyring, source, p.woocommerce("order.deleted", gone, delivery="w-2"), gone)
    assert door.stream.named("Order Cancelled")[0]["properties"]["order_id"] == "R-1727"


def test_a_product_that_is_deleted_goes_with_all_its_variants(door: Door) -> None:
    source = door.source()
    door.deliver(source, "products/create", p.SHOPIFY_PRODUCT)

    door.deliver(source, "products/delete", {"id": 801})

    gone = [m["properties"]["product_id"] for m in door.stream.named("Product Updated") if m["properties"]["status"] == "deleted"]
    assert sorted(gone) == ["TEA-LJ-100", "TEA-LJ-250"]


def test_a_generic_webhook_is_read_by_its_mapping_and_replayed_without_effect(door: Door) -> None:
    mapping = {"rules": [{"take": "events", "fields": {"event": "name", "customer_id": "who"}}]}
    source = door.source("webhook", p.STANDARD_SECRET, mapping=mapping)
    body = as_bytes({"name": "Wheel Spun", "who": "u7"})
    headers = p.standard(body)

    first = receiving.receive(door.records, door.home, door.keyring, source, headers, body)
    again = receiving.receive(door.records, door.home, door.keyring, source, headers, body)
    signed_anew = receiving.receive(door.records, door.home, door.keyring, source, p.standard(body, delivery="msg_2"), body)

    assert [first.outcome, again.outcome, signed_anew.outcome] == ["accepted", "repeated", "accepted"]
    assert len(door.stream.named("Wheel Spun")) == 1


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"platform": "magento"}, "bad_platform"), ({"secret": "short"}, "bad_secret"), ({"name": "  "}, "bad_name"), ({"domain": "no domain"}, "bad_domain"),
        ({"mapping": {"rules": []}}, "bad_mapping"), ({"platform": "webhook", "mapping": {"rules": []}}, "bad_mapping"),
    ],
)  # fmt: skip
def test_a_source_that_cannot_be_is_refused(door: Door, more: dict[str, Any], code: str) -> None:
    with pytest.raises(InvalidInput) as error, door.records.unit() as uow:
        sources.add(uow, door.shell, **{"shop_id": "tea", "name": "x", "platform": "shopify", "secret": None, **more})

    assert error.value.code == code


def test_nothing_personal_is_kept_in_the_records(door: Door) -> None:
    source = door.source()
    door.deliver(source, "orders/create", SHOPIFY_ORDER)
    door.deliver(source, "customers/update", p.SHOPIFY_CUSTOMER)
    door.deliver(source, "refunds/create", changed(SHOPIFY_REFUND, order_id=4))

    with door.records.reading() as view:
        kept = json.dumps(
            [[dict(row) for row in view.rows(select(t))] for t in (platform_delivery, platform_name, platform_waiting)], default=str
        )

    assert digest(kept)
    assert not [word for word in ("mei", "Lin", "13800138000", "Tea Lane", "leaking") if word in kept]
