"""Idempotency-Key (P10): one effect and one answer, among many senders, on both stores, and across a crash."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import time_machine
from sqlalchemy import func, select

from regulars.access import Caller, Keyring, api_keys, shops
from regulars.access.tables import audit_entry
from regulars.records import Records
from regulars.values import clock
from regulars.web import Stores
from tests.web.conftest import Client

Key = Callable[..., dict[str, str]]


def steps(records: Records) -> int:
    with records.reading() as uow:
        return int(uow.value(select(func.count()).select_from(audit_entry).where(audit_entry.c.action.startswith("count."))))


def test_the_same_key_gives_the_same_answer_and_no_second_effect(client: Client, key: Key, stores: Stores) -> None:
    visitor, headers = client(), key("manage_shop") | {"idempotency-key": "a"}

    first = visitor.post("/v1/counts", headers=headers, json={"by": 1})
    again = visitor.post("/v1/counts", headers=headers, json={"by": 1})

    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert first.status_code == 201
    assert (again.headers["idempotent-replayed"], "idempotent-replayed" in first.headers) == ("true", False)
    assert steps(stores.records) == 2  # one request steps twice, in one transaction


def test_the_same_key_with_another_request_is_refused(client: Client, key: Key, stores: Stores) -> None:
    visitor, headers = client(), key("manage_shop") | {"idempotency-key": "a"}
    visitor.post("/v1/counts", headers=headers, json={"by": 1})

    for path, body in (("/v1/counts", {"by": 2}), ("/v1/counts?shop=tea", {"by": 1})):
        answer = visitor.post(path, headers=headers, json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert steps(stores.records) == 2


def test_keys_of_different_callers_do_not_meet(client: Client, key: Key, stores: Stores) -> None:
    visitor = client()

    for headers in (key("manage_shop"), key("manage_shop")):
        assert visitor.post("/v1/counts", headers=headers | {"idempotency-key": "a"}, json={"by": 1}).status_code == 201
    assert steps(stores.records) == 4


def test_a_refused_request_leaves_the_key_free(client: Client, key: Key, stores: Stores) -> None:
    visitor, headers = client(), key("manage_shop") | {"idempotency-key": "a"}

    assert visitor.post("/v1/counts?shop=none", headers=headers, json={"by": 0}).status_code == 201
    assert visitor.post("/v1/counts", headers=headers | {"idempotency-key": "b"}, json={"by": "x"}).status_code == 422
    assert visitor.post("/v1/counts", headers=headers | {"idempotency-key": "b"}, json={"by": 1}).status_code == 201


@pytest.mark.parametrize("value", ["", "x" * 129, "with blank", "ключ".encode()])
def test_a_malformed_key_is_refused(client: Client, key: Key, value: str | bytes) -> None:
    answer = client().post("/v1/counts", headers=key("manage_shop") | {"idempotency-key": value}, json={"by": 1})  # type: ignore[dict-item]

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_idempotency_key")


def test_an_upload_sent_again_is_the_same_though_its_boundary_differs(client: Client, key: Key) -> None:
    visitor, headers = client(), key("load_data") | {"idempotency-key": "a"}
    content = os.urandom(300_000)

    answers = [visitor.post("/v1/files", headers=headers, files={"file": ("a.csv", content)}) for _ in range(3)]
    other = visitor.post("/v1/files", headers=headers, files={"file": ("a.csv", content[:-1] + b"!")})

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert len({answer.content for answer in answers}) == 1
    assert other.status_code == 422


def test_a_key_is_kept_for_seven_days(client: Client, key: Key, stores: Stores) -> None:
    headers = key("manage_shop")
    visitor = client()
    visitor.post("/v1/counts", headers=headers | {"idempotency-key": "a"}, json={"by": 1})

    with time_machine.travel(clock.now() + timedelta(days=7, seconds=5)):
        visitor.post("/v1/counts", headers=headers | {"idempotency-key": "b"}, json={"by": 1})
        visitor.post("/v1/counts", headers=headers | {"idempotency-key": "a"}, json={"by": 1})
    assert steps(stores.records) == 6


# -- with real servers ------------------------------------------------------------------------------------------------


@contextmanager
def serving(url: str, home: Path) -> Iterator[str]:
    """A server process of its own; yields its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "tests.web.server", url, str(home), str(port)]
    process = subprocess.Popen(command, cwd=Path(__file__).parents[2], stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                httpx.get(address + "/healthz")
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield address
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def headers(any_records: Records, home: Path) -> dict[str, str]:
    shell = Caller.system("shell", Keyring.open(home))
    with any_records.unit() as uow:
        shops.create(uow, shell, shop_id="tea", name="Tea", timezone="UTC", currency="CNY")
        secret = api_keys.create(uow, shell, name="k", scopes=["manage_shop"], shop_id="tea").secret
    return {"authorization": f"Bearer {secret}"}


def test_sixty_four_senders_at_two_servers_get_one_effect(any_records: Records, home: Path, headers: dict[str, str]) -> None:
    url = any_records.engine.url.render_as_string(hide_password=False).replace("+psycopg", "")
    with serving(url, home) as one, serving(url, home) as two:

        def send(number: int) -> httpx.Response:
            address = (one, two)[number % 2]
            body = {"by": 1, "after_s": 0.2}
            return httpx.post(address + "/v1/counts", headers=headers | {"idempotency-key": "k"}, json=body, timeout=60)

        with ThreadPoolExecutor(64) as pool:
            answers = list(pool.map(send, range(64)))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert steps(any_records) == 2


@pytest.mark.parametrize("moment", ["before_commit", "after_commit"])
def test_a_server_killed_around_the_commit_leaves_one_effect(
    any_records: Records, home: Path, headers: dict[str, str], moment: str
) -> None:
    url = any_records.engine.url.render_as_string(hide_password=False).replace("+psycopg", "")
    request = {"by": 1, "kill": moment}
    with serving(url, home) as address, pytest.raises(httpx.TransportError):
        httpx.post(address + "/v1/counts", headers=headers | {"idempotency-key": "k"}, json=request, timeout=60)
    kept = steps(any_records)

    with serving(url, home) as address:
        if moment == "before_commit":  # nothing was kept, so the sender's repetition acts; it must not kill again
            request["kill"] = ""
        answers = [
            httpx.post(address + "/v1/counts", headers=headers | {"idempotency-key": "k"}, json=request, timeout=60)
            for _ in range(2)
        ]

    assert kept == (0 if moment == "before_commit" else 2)
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].content == answers[1].content
    assert steps(any_records) == 2
