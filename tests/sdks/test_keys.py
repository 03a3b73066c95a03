"""Who may send: every way in which SDKs tell a write key, wrong and ended keys, sites that may not, and what a browser asks before."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from regulars.access.domain import Caller
from regulars.collect.track import sources
from tests.sdks.shop import Shop, open_shop

pytestmark = pytest.mark.sdks

MESSAGE = {"type": "track", "event": "Product Viewed", "userId": "U-1", "properties": {"product_id": "p1"}}
EVENT = {"event": "Product Viewed", "distinct_id": "U-1", "properties": {"product_id": "p1"}}
SITE = "https://www.tea.example"


@dataclass
class Door:
    """The server, and its keys by what became of their source."""

    shop: Shop
    keys: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """One request."""
        return httpx.request(method, self.shop.url + path, timeout=20, **more)


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """Sources that take events, one disabled, one with a new key in both ways, one for a single site."""
    shop = open_shop(tmp_path_factory.mktemp("keys"), ["good", "disabled", "rotated", "ended", "one-site"])
    door = Door(shop, {"none": "", "wrong": "rg_write_wrong", "good": shop.keys["good"], "disabled": shop.keys["disabled"]})
    house = shop.house()
    with house.records.unit() as uow:
        caller = Caller.system("test", house.keyring)
        sources.change(uow, caller, shop.ids["disabled"], disabled=True)
        sources.change(uow, caller, shop.ids["one-site"], origins=[SITE])
        for name, hours in (("rotated", 72), ("ended", 0)):
            door.keys[f"{name}, old"] = shop.keys[name]
            door.keys[f"{name}, new"] = sources.rotate_key(uow, caller, shop.ids[name], overlap_hours=hours).write_key
    door.keys["one-site"] = shop.keys["one-site"]
    house.close()
    shop.start()
    yield door
    shop.stop()


def _basic(key: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}


#: A way to tell the key: path, headers, body.
WAYS: dict[str, Any] = {
    "Basic": lambda key: ("/v1/batch", _basic(key), {"batch": [MESSAGE]}),
    "Basic, one call": lambda key: ("/v1/track", _basic(key), MESSAGE),
    "Basic, the browser's short path": lambda key: ("/v1/t", _basic(key), MESSAGE),
    "Bearer": lambda key: ("/v1/batch", {"authorization": f"Bearer {key}".strip()}, {"batch": [MESSAGE]}),
    "writeKey in the body": lambda key: ("/v1/batch", {}, {"batch": [MESSAGE], "writeKey": key}),
    "writeKey in the message": lambda key: ("/v1/t", {}, {**MESSAGE, "writeKey": key}),
    "writeKey in the address": lambda key: (f"/v1/batch?writeKey={key}", {}, {"batch": [MESSAGE]}),
    "beacon": lambda key: (f"/beacon/v1/batch?writeKey={key}", {"content-type": "text/plain"}, {"batch": [MESSAGE]}),
    "import": lambda key: ("/v1/import", _basic(key), {"batch": [MESSAGE]}),
    "webhook": lambda key: (f"/v1/webhook?writeKey={key}", {}, {"any": "thing"}),
    "api_key in the body": lambda key: ("/batch/", {}, {"api_key": key, "batch": [EVENT]}),
    "api_key, one event": lambda key: ("/capture/", {}, {"api_key": key, **EVENT}),
    "token in the body": lambda key: ("/e/", {}, {"token": key, **EVENT}),
    "token in the properties": lambda key: ("/i/v0/e/", {}, {**EVENT, "properties": {"token": key}}),
    "flags": lambda key: ("/flags/?v=2", {}, {"token": key, "distinct_id": "U-1"}),
    "decide": lambda key: ("/decide/?v=3", {}, {"api_key": key, "distinct_id": "U-1"}),
    "token of a list": lambda key: ("/e/", {}, [{**EVENT, "properties": {"token": key}}]),
}
GETS = ("/v1/projects/{key}/settings", "/sourceConfig/?writeKey={key}&v=3", "/array/{key}/config", "/array/{key}/config.js")
GOOD = ("good", "rotated, old", "rotated, new", "ended, new", "one-site")
BAD = ("none", "wrong", "disabled", "ended, old")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", GOOD)
def test_a_good_key_is_taken_wherever_it_is_told(door: Door, way: str, name: str) -> None:
    path, headers, body = WAYS[way](door.keys[name])

    answer = door.ask("POST", path, headers=headers, content=json.dumps(body))
    assert answer.status_code == 200, answer.text
    assert answer.json()["code"] == "ok"
    assert answer.json().get("count") == (None if way in ("flags", "decide") else 1)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", BAD)
def test_any_other_key_is_refused_in_json(door: Door, way: str, name: str) -> None:
    path, headers, body = WAYS[way](door.keys[name])

    answer = door.ask("POST", path, headers=headers, content=json.dumps(body))
    assert answer.status_code == 401
    assert answer.json()["code"] == ("no_key" if name == "none" else "bad_key")
    assert answer.json()["message"]
    assert answer.json()["mend"]


@pytest.mark.parametrize("path", GETS)
def test_settings_are_given_to_a_good_key_alone(door: Door, path: str) -> None:
    origin = {"origin": SITE}

    given = door.ask("GET", path.format(key=door.keys["good"]), headers=origin)
    refused = [door.ask("GET", path.format(key=door.keys[name]), headers=origin) for name in ("wrong", "disabled")]
    assert given.status_code == 200
    assert given.headers["access-control-allow-origin"] == SITE
    assert door.keys["good"] in given.text
    for answer in refused:
        assert (answer.status_code, answer.json()["code"]) == (401, "bad_key")
        assert answer.headers["access-control-allow-origin"] == SITE


@pytest.mark.parametrize(
    ("told", "protocol"),
    [
        ({}, "http"),
        ({"x-forwarded-proto": "https"}, "https"),
        ({"host": "events.tea.example", "origin": SITE}, "https"),
        ({"origin": "http://www.tea.example"}, "http"),
    ],
)
def test_a_page_is_sent_back_to_the_address_it_came_by(door: Door, told: dict[str, str], protocol: str) -> None:
    """Behind a proxy that speaks HTTPS, a page that is told http:// could send nothing."""
    answer = door.ask("GET", GETS[0].format(key=door.keys["good"]), headers=told)

    segment = answer.json()["integrations"]["Segment.io"]
    assert (segment["protocol"], segment["apiHost"]) == (protocol, told.get("host", f"127.0.0.1:{door.shop.port}") + "/v1")


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/v1/t", "authorization"),
        ("/v1/t", "authorization,x-retry-count"),
        ("/v1/track", "anonymousid,authorization,content-type,sentat"),
        ("/sourceConfig/?writeKey=k", "authorization"),
        ("/e/", "content-type"),
        ("/flags/?v=2", "content-type"),
    ],
)
def test_a_browser_that_asks_first_is_allowed(door: Door, path: str, asked: str) -> None:
    headers = {"origin": SITE, "access-control-request-method": "POST", "access-control-request-headers": asked}

    answer = door.ask("OPTIONS", path, headers=headers)
    assert answer.status_code in (200, 204)
    assert answer.headers["access-control-allow-origin"] == SITE
    assert set(asked.split(",")) <= {name.strip() for name in answer.headers["access-control-allow-headers"].lower().split(",")}
    assert "POST" in answer.headers["access-control-allow-methods"]


def test_every_answer_lets_the_page_read_how_long_to_wait(door: Door) -> None:
    answer = door.ask("POST", "/v1/t", headers={"origin": SITE, **_basic(door.keys["good"])}, json=MESSAGE)

    assert answer.headers["access-control-expose-headers"] == "Retry-After"


@pytest.mark.parametrize(("origin", "status"), [(SITE, 200), ("https://elsewhere.example", 403), ("null", 403), (None, 200)])
def test_a_source_of_one_site_takes_events_of_no_other(door: Door, origin: str | None, status: int) -> None:
    headers = {**_basic(door.keys["one-site"]), **({"origin": origin} if origin else {})}

    answer = door.ask("POST", "/v1/t", headers=headers, json=MESSAGE)
    assert answer.status_code == status
    assert answer.json()["code"] == ("ok" if status == 200 else "foreign_origin")


WRONG = {
    "an empty batch": ("/v1/batch", b'{"batch": []}', 400, "empty_batch"),
    "no batch": ("/v1/batch", b"{}", 400, "no_batch"),
    "no JSON": ("/v1/batch", b"not json", 400, "bad_json"),
    "no body": ("/v1/batch", b"", 400, "empty_body"),
    "a batch that is a number": ("/v1/batch", b'{"batch": 5}', 400, "bad_batch"),
    "half a gzip": ("/v1/batch", gzip.compress(b'{"batch": [{}]}')[:-6], 400, "bad_gzip"),
    "nobody's call": ("/v1/track", b'{"event": "Product Viewed"}', 400, "no_identity"),
    "an illegal id": ("/v1/track", b'{"event": "Product Viewed", "userId": "null"}', 400, "no_identity"),
    "nobody's PostHog event": ("/capture/", b'{"event": "Product Viewed"}', 400, "no_identity"),
    "an empty PostHog batch": ("/batch/", b'{"batch": []}', 400, "empty_batch"),
    "more than 4 MB": ("/v1/batch", b"[" + b" " * (4 << 20) + b"]", 413, "too_large"),
    "more than 4 MB unpacked": ("/v1/batch", gzip.compress(b" " * (5 << 20)), 413, "too_large"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_request_that_is_wrong_as_a_whole_is_refused_in_json(door: Door, what: str) -> None:
    path, body, status, code = WRONG[what]

    answer = door.ask("POST", path, headers=_basic(door.keys["good"]), content=body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["message"]
