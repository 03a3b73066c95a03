"""Sixty-four clients on thirty units, and servers that are killed meanwhile: exactly the stock is sold, each id acts once (P9, P10).

On SQLite one server, on PostgreSQL two. Some buyers never pay: what they held comes back and is sold to others. A client whose server
died sends the same again until it is answered.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from regulars.access import Caller, Keyring, api_keys, shops
from regulars.offer import flash_sales, group_buys
from regulars.offer.flash_sales.service import CHECKS as SALES
from regulars.offer.flash_sales.tables import flash_reservation
from regulars.offer.group_buys.service import CHECKS as GROUPS
from regulars.records import Records, outbox
from regulars.values import clock
from regulars.warehouse import Warehouse
from regulars.work import CheckContext
from tests.support.server import free_port

CLIENTS, STOCK, SEATS = 64, 30, 10
#: Every fourth client reserves once and goes away.
_LOST = 4
_PATIENCE_SECONDS = 120.0


@dataclass
class Process:
    """One server that can be killed and started again at its address."""

    url: str
    home: Path
    port: int = field(default_factory=free_port)
    running: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Begin, and wait until it answers."""
        command = [sys.executable, "-m", "tests.offer.server", self.url, str(self.home), str(self.port)]
        self.running = subprocess.Popen(command, cwd=Path(__file__).parents[2], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                httpx.get(self.address + "/healthz")
                return
            except httpx.TransportError:
                time.sleep(0.1)
        raise AssertionError("the server did not start")

    def kill(self) -> None:
        """kill -9."""
        assert self.running is not None
        self.running.kill()
        self.running.wait()


@contextmanager
def processes(records: Records, home: Path) -> Iterator[list[Process]]:
    """As many servers as the store stands."""
    url = records.engine.url.render_as_string(hide_password=False).replace("+psycopg", "")
    made = [Process(url, home) for _ in range(1 if records.is_sqlite else 2)]
    try:
        for one in made:
            one.start()
        yield made
    finally:
        for one in made:
            if one.running is not None:
                one.running.kill()
                one.running.wait()


@dataclass
class Crowd:
    """The clients, what they were answered, and the servers they know."""

    servers: list[Process]
    headers: dict[str, str]
    over: threading.Event = field(default_factory=threading.Event)
    sold: dict[str, Any] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=60, limits=httpx.Limits(max_connections=None)))

    def send(self, number: int, path: str, body: dict[str, Any] | None, key: str) -> httpx.Response:
        """Send until there is an answer; the next server is asked where one has died."""
        headers = self.headers | {"idempotency-key": key}
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline:
            server = self.servers[number % len(self.servers)]
            try:
                answer = self.client.post(server.address + path, headers=headers, json=body or {})
            except httpx.TransportError:
                number += 1
                time.sleep(0.05)
                continue
            self.statuses[answer.status_code] += 1
            return answer
        raise AssertionError("nobody answers")

    def buy(self, number: int, sale_id: str) -> None:
        """Reserve one unit, again and again while there is none, and pay it."""
        path, attempt = f"/v1/flash_sales/{sale_id}/reservations", 0
        while not self.over.is_set():
            attempt += 1
            told_id = f"c{number}-{attempt}"
            body = {"customer_id": f"c{number}", "reservation_id": told_id}
            answer = self.send(number, path, body, f"reserve-{told_id}")
            if answer.status_code == 409:
                time.sleep(0.1)
                continue
            assert answer.status_code == 200, answer.text
            if number % _LOST == 0:
                return
            paid = [self.send(number + place, f"{path}/{told_id}/payment", None, f"pay-{told_id}-{place}") for place in range(2)]
            assert [one.status_code for one in paid] == [200, 200], paid[0].text
            first, again = (one.json() for one in paid)
            assert first == again  # the provider's callback came twice
            if first["status"] == "sold":
                self.sold[told_id] = first
                return


def ready(records: Records, home: Path) -> tuple[dict[str, str], str, str]:
    """A shop with a sale and a group, and a key that a storefront uses."""
    shell = Caller.system("shell", Keyring.open(home))
    with records.unit() as uow:
        shop = shops.create(uow, shell, shop_id="tea", name="Tea", timezone="UTC", currency="CNY")
        secret = api_keys.create(uow, shell, name="k", scopes=["load_data", "read_reports"], shop_id="tea").secret
        times = {"starts_at": clock.now() - timedelta(minutes=1), "ends_at": clock.now() + timedelta(hours=1)}
        what: dict[str, Any] = {"product_id": "p1", "price_minor": 100, **times}
        sale = flash_sales.arrange(uow, shell, shop, name="Rush", stock=STOCK, per_customer=1, ttl_s=3, **what)
        offer = group_buys.arrange(uow, shell, shop, name="Group", size=SEATS, **what)
    return {"authorization": f"Bearer {secret}"}, sale.sale_id, offer.offer_id


@pytest.mark.parametrize("rounds", [2])
def test_exactly_the_stock_is_sold_whatever_dies(any_records: Records, home: Path, warehouse: Warehouse, rounds: int) -> None:
    headers, sale_id, offer_id = ready(any_records, home)
    with processes(any_records, home) as servers:
        crowd = Crowd(servers, headers)
        with ThreadPoolExecutor(CLIENTS) as pool:
            buying = [pool.submit(crowd.buy, number, sale_id) for number in range(CLIENTS)]
            for place in range(rounds):
                _wait(lambda place=place: len(crowd.sold) >= 5 * (place + 1))  # type: ignore[misc]
                victim = servers[place % len(servers)]
                victim.kill()
                victim.start()
            _wait(lambda: _state(any_records, sale_id).sold == STOCK)
            crowd.over.set()
            for one in buying:
                one.result()

            same = {"customer_id": "leader", "group_id": "g1"}
            path = f"/v1/group_buys/{offer_id}/groups"
            opened = list(pool.map(lambda number: crowd.send(number, path, same, "open-g1"), range(CLIENTS)))
            crowd.send(0, "/v1/group_buys/groups/g1/payments", {"customer_id": "leader"}, "pay-leader")
            seats = list(pool.map(lambda number: _sit(crowd, number), range(CLIENTS)))

    state = _state(any_records, sale_id)
    with any_records.reading() as view:
        rows = view.rows(select(flash_reservation).where(flash_reservation.c.counted))
        group = group_buys.group(view, "tea", "g1")
        told = [row["event"] for row in view.rows(select(outbox.c.event))]
    print(f"{state.sold} of {STOCK} sold to {len(rows)} buyers, {state.refunds_due} refunds due, answers {dict(crowd.statuses)}")
    assert (state.sold, state.available) == (STOCK, 0)
    assert len(rows) == len({row["customer_id"] for row in rows}) == STOCK
    assert set(crowd.sold) == {row["reservation_id"] for row in rows}  # every buyer was told, nobody was told who did not buy
    assert told.count("Flash Sale Purchased") == STOCK
    assert {one.status_code for one in opened} == {200}
    assert len({one.text for one in opened}) == 1
    assert (group.status, group.paid, seats.count("paid")) == ("success", SEATS, SEATS - 1)
    assert told.count("Group Buy Succeeded") == 1
    assert not [status for status in crowd.statuses if status >= 500]
    context = CheckContext(records=any_records, warehouse=warehouse, home=home)
    assert [found for check in [*SALES, *GROUPS] for found in check.run(context)] == []


def _sit(crowd: Crowd, number: int) -> str:
    who = {"customer_id": f"c{number}"}
    joined = crowd.send(number, "/v1/group_buys/groups/g1/seats", who, f"join-{number}")
    if joined.status_code == 409:
        return str(joined.json()["code"])
    return str(crowd.send(number + 1, "/v1/group_buys/groups/g1/payments", who, f"seat-{number}").json()["status"])


def _state(records: Records, sale_id: str) -> flash_sales.FlashSale:
    with records.reading() as view:
        return flash_sales.get(view, "tea", sale_id)


def _wait(until: Any) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not until():
        assert time.monotonic() < deadline, "it did not come to that in time"
        time.sleep(0.05)
