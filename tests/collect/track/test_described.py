"""The ingest door as the API describes it: every described address is answered by the door as described, and no other is answered."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import jsonschema_rs
import pytest
from docs.writers.doors import openapi
from fastapi.routing import iter_route_contexts
from starlette.testclient import TestClient

from regulars.collect.track import sources
from regulars.collect.track.described import TAG
from regulars.collect.track.domain.addresses import PLACES, address_of
from tests.collect.track.conftest import Desk

Operation = dict[str, Any]


@pytest.fixture
def door(desk: Desk) -> tuple[TestClient, str]:
    """The whole application, and a write key."""
    with desk.house.records.unit() as uow:
        made = sources.create(uow, desk.caller, shop_id="tea", name="Docs", origins=["https://shop.example"])
    return TestClient(desk.house.http(), base_url="http://localhost", raise_server_exceptions=False), made.write_key


def described() -> list[tuple[str, str, Operation]]:
    return [
        (method.upper(), path, operation)
        for path, operations in openapi()["paths"].items()
        for method, operation in operations.items()
        if operation["tags"] == [TAG] and method != "options"
    ]


def fits(schema: dict[str, Any], value: Any) -> bool:
    whole = {"components": openapi()["components"], "allOf": [schema]}
    return bool(jsonschema_rs.Draft202012Validator(whole).is_valid(value))


def test_every_address_of_the_door_is_described_and_no_other() -> None:
    paths = {path for _, path, _ in described()}

    assert paths == {place.path for place in PLACES}
    assert all(address_of(path.replace("{write_key}", "k") + "/") is not None for path in paths)
    assert [path for path in openapi()["paths"] if path not in paths and address_of(path)] == []


def test_no_address_of_the_door_hides_a_route(desk: Desk) -> None:
    routes = {getattr(context, "path", "") or "" for context in iter_route_contexts(desk.house.http().routes)}

    assert {path for path in routes if address_of(path)} == set()


def test_each_address_answers_its_own_example_as_described(door: tuple[TestClient, str]) -> None:
    client, key = door
    basic = {"authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}

    for method, path, operation in described():
        asked = {
            one["name"]: one["example"] for one in operation.get("parameters", []) if "example" in one and one["in"] == "query"
        }
        body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
        place = path.replace("{write_key}", key)
        answer = client.request(method, place, params={**asked, "writeKey": key}, json=body, headers=basic)
        [(media, form)] = operation["responses"]["200"]["content"].items()

        assert (place, answer.status_code) == (place, 200)
        assert answer.headers["content-type"].partition(";")[0] == media
        if media == "application/json":
            assert fits(form["schema"], answer.json()), path


def test_each_address_answers_a_preflight_as_described(door: tuple[TestClient, str]) -> None:
    client, _ = door
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "authorization, content-type"}

    for path in {path for _, path, _ in described()}:
        told = openapi()["paths"][path]["options"]["responses"]["200"]["headers"]
        answer = client.options(path.replace("{write_key}", "k"), headers={**asked, "origin": "https://shop.example"})
        from_nowhere = client.options(path.replace("{write_key}", "k"))

        assert (answer.status_code, from_nowhere.status_code) == (200, 200)
        assert {name: answer.headers[name] for name in told} == {name: form["example"] for name, form in told.items()}
        assert {name for name in answer.headers if name.startswith("access-control-")} == {name.lower() for name in told}
        assert from_nowhere.headers["access-control-allow-origin"] == "*"


def test_refusals_are_those_that_are_described(door: tuple[TestClient, str]) -> None:
    client, key = door
    message = json.dumps({"userId": "17850", "event": "A", "messageId": "m"}).encode()

    for method, path, operation in described():
        place = path.replace("{write_key}", "nobody")
        told = operation["responses"]
        tries = [
            client.request(method, place, content=message if method == "POST" else None),
            client.request(method, place, params={"writeKey": "nobody", "data": "e30="}, content=b"{" if method == "POST" else None),
            client.request("POST", place, params={"writeKey": key}, content=b"[]"),
            client.request("POST", place, params={"writeKey": key}, content=gzip.compress(b"x" * 5_000_000)),
            client.request("POST", place, params={"writeKey": key}, content=message, headers={"content-encoding": "br"}),
            client.request("POST", place, params={"writeKey": key}, json={"batch": [{"event": "A", "userId": "1"}]}, headers={"origin": "https://evil.example"}),
        ]  # fmt: skip
        for answer in tries if method == "POST" else tries[:2]:
            assert str(answer.status_code) in told, (path, answer.status_code, answer.text)
            if answer.status_code != 200:
                assert fits(told[str(answer.status_code)]["content"]["application/json"]["schema"], answer.json())
                assert answer.json()["code"] in told[str(answer.status_code)]["description"], (path, answer.json())
