"""What is sent without an SDK, or by older ones: RudderStack's import, beacon, pixel and webhook, and PostHog's many capture forms."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.sdks.shop import Landed, Shop, open_shop

pytestmark = pytest.mark.sdks

AT = "2025-01-02T03:04:05.678Z"
STORED_AT = datetime(2025, 1, 2, 3, 4, 5, 678000)
NAMES = (
    "import", "import, a list", "beacon", "pixel page", "pixel track", "webhook", "webhook, a message", "merge", "capture", "capture, a list", "batch", "batch, history",
    "batch, a phone", "base64 form", "base64 form, gzip", "base64 body", "gzip without a header", "address", "illegal ids", "one bad in a batch", "twice", "set with an event", "truth as numbers",
)  # fmt: skip
GIF = b"GIF89a"


def _track(**more: Any) -> dict[str, Any]:
    properties = {"product_id": "p1", "price": 19.9}
    return {
        "type": "track",
        "event": "Product Viewed",
        "userId": "U-1",
        "messageId": "m-1",
        "timestamp": AT,
        "properties": properties,
    } | more


def _event(**more: Any) -> dict[str, Any]:
    properties = {"product_id": "p1", "price": 19.9}
    return {"event": "Product Viewed", "distinct_id": "U-1", "uuid": "m-1", "timestamp": AT, "properties": properties} | more


class Sender:
    """Sends as one source."""

    def __init__(self, shop: Shop, name: str) -> None:
        self.url, self.key = shop.url, shop.keys[name]

    def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        """POST, with the key as Basic user."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = httpx.post(self.url + path, content=content, headers=headers, auth=(self.key, ""), timeout=20)
        assert answer.status_code == 200, answer.text
        return answer

    def get(self, path: str) -> httpx.Response:
        """GET; the key is in the address."""
        answer = httpx.get(self.url + path.replace("KEY", self.key), timeout=20)
        assert answer.status_code == 200, answer.text
        return answer


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Landed]:
    """Each form was sent once, each to a source of its own."""
    shop = open_shop(tmp_path_factory.mktemp("doors"), NAMES)
    shop.start()
    sender = {name: Sender(shop, name) for name in NAMES}
    sender["import"].post("/v1/import", {"batch": [_track()]})
    sender["import, a list"].post("/v1/import", [_track()])
    beacon = gzip.compress(json.dumps({"batch": [_track()]}).encode())
    answer = httpx.post(shop.url + f"/beacon/v1/batch?writeKey={shop.keys['beacon']}", content=beacon, timeout=20)
    assert answer.status_code == 200
    page = sender["pixel page"].get("/pixel/v1/page?writeKey=KEY&anonymousId=d-1&name=Home&url=https%3A%2F%2Fshop.test%2Ftea")
    assert (page.headers["content-type"], page.content[:6]) == ("image/gif", GIF)
    told = quote(json.dumps({"product_id": "p1", "price": 19.9}))
    sender["pixel track"].get(
        f"/pixel/v1/track?writeKey=KEY&userId=U-1&event=Product%20Viewed&messageId=m-1&timestamp={AT}&properties={told}"
    )
    sender["webhook"].post("/v1/webhook", {"order": {"id": "o1"}, "anonymousId": "d-1"})
    sender["webhook, a message"].post("/v1/webhook", _track())
    pair = [{"type": "user_id", "value": "U-1"}, {"type": "anonymous_id", "value": "d-1"}]
    sender["merge"].post("/v1/merge", {"mergeProperties": pair, "messageId": "m-1"})
    sender["capture"].post("/capture/", _event())
    sender["capture, a list"].post("/e/", [_event(), _event(uuid="m-2")])
    later = {"sent_at": "2025-01-02T04:00:00Z"}
    sender["batch"].post("/batch/", {"batch": [_event()], **later})
    history = _event(properties={"product_id": "p1", "price": 19.9, "$lib": "web"})
    sender["batch, history"].post("/batch/", {"batch": [history], "historical_migration": True, **later})
    phone = _event(
        timestamp="2025-01-02T03:59:50Z",
        properties={"product_id": "p1", "price": 19.9, "$lib": "posthog-ios", "$device_id": "d-1"},
        distinct_id="d-1",
    )
    sender["batch, a phone"].post("/batch/", {"batch": [phone], **later})
    plain = json.dumps(_event()).encode()
    form = {"content-type": "application/x-www-form-urlencoded"}
    sender["base64 form"].post("/e/?ip=1", b"data=" + quote(base64.b64encode(plain)).encode(), **form)
    sender["base64 form, gzip"].post("/e/", b"data=" + quote(base64.b64encode(gzip.compress(plain))).encode(), **form)
    sender["base64 body"].post("/e/?compression=base64", base64.b64encode(plain))
    sender["gzip without a header"].post("/i/v0/e/?compression=gzip-js", gzip.compress(plain), **{"content-type": "text/plain"})
    sender["address"].get(f"/e/?token=KEY&data={quote(base64.b64encode(plain))}")
    sender["illegal ids"].post("/v1/batch", {"batch": [_track(userId="undefined", messageId=f"m-{number}") for number in (1, 2)]})
    bad = [
        _track(event=""),
        _track(messageId="m-2"),
        5,
        _track(messageId="m-3", properties=[1]),
        _track(messageId="m-4", type="tick"),
    ]
    sender["one bad in a batch"].post("/v1/batch", {"batch": bad})
    for _ in range(3):
        sender["twice"].post("/v1/track", _track())
    sender["truth as numbers"].post(
        "/v1/track", _track(properties={"position": True, "duration_ms": False, "quantity": True, "total": True})
    )
    who = {"$set": {"email": "buyer@mail-of-buyers.test"}, "$set_once": {"name": "王玲"}}
    sender["set with an event"].post("/capture/", _event(distinct_id="U-2", properties={"product_id": "p1", **who}))
    yield shop.landed(known=["U-1", "U-2"], visitors=["d-1"])
    shop.stop()


@pytest.mark.parametrize(
    "name",
    [
        "import", "import, a list", "beacon", "pixel track", "webhook, a message", "capture", "batch", "batch, history",
        "base64 form", "base64 form, gzip", "base64 body", "gzip without a header", "address", "twice",
    ],
)  # fmt: skip
def test_each_form_is_the_same_event(landed: Landed, name: str) -> None:
    row = landed.one(name, "track", "Product Viewed")

    user = None if name == "batch, history" else "U-1"  # a browser that does not say it knows who this is
    assert (row["message_id"], row["user_id"], row["product_id"], row["timestamp"]) == ("m-1", user, "p1", STORED_AT)
    assert float(row["price"]) == 19.9


def test_a_picture_tells_of_a_page(landed: Landed) -> None:
    page = landed.one("pixel page", "page")

    assert (page["anonymous_id"], page["title"], page["url"]) == (landed.visitors["d-1"], "Home", "https://shop.test/tea")


def test_any_json_becomes_one_event(landed: Landed) -> None:
    row = landed.one("webhook", "track", "Webhook Received")

    assert row["properties"]["order"] == {"id": "o1"}
    assert row["anonymous_id"] == landed.visitors["d-1"]


def test_a_merge_is_an_alias(landed: Landed) -> None:
    assert landed.one("merge", "alias")["user_id"] == "U-1"


def test_a_list_is_as_many_events(landed: Landed) -> None:
    assert [row["message_id"] for row in landed.of("capture, a list")] == ["m-1", "m-2"]


def test_the_clock_of_a_phone_is_corrected(landed: Landed) -> None:
    """Its event was ten seconds old when it was sent, whatever year the phone is in."""
    row = landed.one("batch, a phone", "track", "Product Viewed")

    assert abs(row["received_at"] - row["timestamp"] - timedelta(seconds=10)) < timedelta(milliseconds=1)
    assert row["original_at"] == datetime(2025, 1, 2, 3, 59, 50)


def test_what_is_wrong_in_a_batch_is_put_aside_and_the_rest_is_taken(landed: Landed) -> None:
    assert [row["message_id"] for row in landed.of("one bad in a batch")] == ["m-2"]
    assert landed.of("illegal ids") == []
    reasons = sorted(row["reason"] for row in landed.refused)
    assert reasons == ["bad_properties", "illegal_id", "illegal_id", "no_event_name", "not_an_object", "unknown_type"]


def test_any_posthog_event_may_tell_who_its_customer_is(landed: Landed) -> None:
    row = landed.one("set with an event", "track", "Product Viewed")

    assert (landed.people["U-2"].email, landed.people["U-2"].name) == ("buyer@mail-of-buyers.test", "王玲")
    assert row["properties"] == {"product_id": "p1"}
    assert "mail-of-buyers" not in landed.archived


def test_true_and_false_are_no_numbers_and_stop_nothing(landed: Landed) -> None:
    row = landed.one("truth as numbers", "track", "Product Viewed")

    assert [row[column] for column in ("position", "duration_ms", "quantity", "value_minor")] == [None, None, None, None]
    assert row["properties"] == {"position": True, "duration_ms": False, "quantity": True, "total": True}
