"""A real server takes a shop's webhooks and reads its database; orders are in the warehouse once, also when the server is killed."""

from __future__ import annotations

import json
import sqlite3
import time
from pathlib import Path
from typing import Any

import httpx

from regulars.warehouse import Warehouse
from tests.collect.platforms import payloads as p
from tests.collect.platforms.payloads import SHOPIFY_ORDER, SHOPIFY_REFUND, SHOPIFY_SECRET, as_bytes, changed
from tests.support.server import RunningServer, command, initialised, serving


def told(home: Path, *arguments: str) -> Any:
    done = command(home, *arguments, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def send(server: RunningServer, path: str, topic: str, payload: Any, delivery: str) -> None:
    body = as_bytes(payload)
    answer = httpx.post(server.url + path, content=body, headers=p.shopify(topic, body, delivery=delivery), timeout=20)
    assert answer.status_code == 200, answer.text


def test_webhooks_and_a_database_become_orders_once_also_after_kill_minus_nine(home: Path, tmp_path: Path) -> None:
    initialised(home, "--name", "Tea House")
    (tmp_path / "secret.txt").write_text(SHOPIFY_SECRET)
    path = told(home, "connect", "webhook", "Shopify", "--platform", "shopify", "--secret-file", str(tmp_path / "secret.txt"))[
        "source"
    ]["path"]
    with sqlite3.connect(tmp_path / "shop.db") as theirs:
        theirs.execute("CREATE TABLE orders (id INTEGER, number TEXT, created_at TEXT, member TEXT, total TEXT)")
        theirs.executemany(
            "INSERT INTO orders VALUES (?, ?, '2026-10-01T00:00:00Z', 'm1', '12.50')", [(n, f"D{n}") for n in range(20)]
        )
    maps = [part for pair in ("order_id=number", "customer_id=member", "order_total=total") for part in ("--map", pair)]
    url = f"sqlite:///{tmp_path}/shop.db"
    made = told(home, "connect", "sql", "db", "--url", url, "--query", "SELECT * FROM orders", "--cursor", "id", *maps)

    with serving(home) as server:
        send(server, path, "refunds/create", SHOPIFY_REFUND, "d-0")
        send(server, path, "orders/create", SHOPIFY_ORDER, "d-1")
        server.kill()
    with serving(home) as server:
        for delivery in ("d-1", "d-2"):
            send(server, path, "orders/create", SHOPIFY_ORDER, delivery)
        send(server, path, "orders/updated", changed(SHOPIFY_ORDER, updated_at="2026-11-02T10:00:00+08:00"), "d-3")
        send(server, path, "orders/create", {"id": 1}, "d-4")
        assert told(home, "connect", "run", made["connector_id"])["state"] == "done"
        listed = told(home, "connect", "list")["webhook_sources"][0]
        time.sleep(4)

    warehouse = Warehouse.open(f"duckdb:///{home}/warehouse.duckdb")
    orders = {row["order_id"]: row for row in warehouse.rows(warehouse.table("orders"))}
    refunds = warehouse.rows(warehouse.table("refunds"))
    events = [row["event"] for row in warehouse.rows(warehouse.table("events"))]
    warehouse.close()
    assert (listed["repeated"], listed["quarantined"]) == (1, 1)
    assert set(orders) == {"#1001", *(f"D{n}" for n in range(20))}
    assert (orders["#1001"]["total_minor"], orders["#1001"]["status"], orders["D7"]["total_minor"]) == (19200, "placed", 1250)
    assert sum(row["amount_minor"] for row in refunds) == 4200
    assert events.count("Order Completed") == 21
    assert events.count("Order Refunded") == 1
    findings = [line for line in command(home, "doctor").stdout.splitlines() if line.startswith("WRONG")]
    assert [line for line in findings if "profiles" not in line] == []  # those are rebuilt by the worker a moment later
