"""Recommendations by a real server at the size of a large shop: memory, restart, and lists a second over HTTP on one core.

    python -m benchmarks recommend_serving
    python -m benchmarks.recommend_serving 50000     # fewer products, visits and orders, for a quick look

The server is kept to one core, the client to another. The same client asks the same server a trivial route, in turn with the lists.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from benchmarks.ingest import free_port, resident, wait_for

_ITEMS, _SECONDS, _CONNECTIONS, _ROUNDS = 500_000, 10.0, 8, 3
_VISITS_A_PRODUCT, _ORDERS_A_PRODUCT, _DAYS = 4, 0.4, 90.0
_BEGUN = datetime(2026, 3, 1)
_CHUNK = 500_000
_PLACEMENTS = ("next", "home", "similar", "cart", "trending", "category")

#: One process of several connections; each asks one body after another.
CLIENT = """
import asyncio, json, sys, time
port, key, seconds, connections, file = int(sys.argv[1]), sys.argv[2], float(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
bodies = [line.rstrip(b'\\n') for line in open(file, 'rb')]
times, wrong = [], []
async def one(number, until):
    reader, writer = await asyncio.open_connection('127.0.0.1', port)
    place = number * 997
    while time.monotonic() < until:
        body = bodies[place % len(bodies)]; place += 1
        begun = time.monotonic()
        head = b'POST /v1/recommend/lists' if body else b'GET /healthz'
        writer.write(head + b' HTTP/1.1\\r\\nhost: localhost\\r\\nauthorization: Bearer ' + key.encode() + b'\\r\\ncontent-type: application/json\\r\\ncontent-length: ' + str(len(body)).encode() + b'\\r\\n\\r\\n' + body)
        answer = await reader.readuntil(b'\\r\\n\\r\\n')
        length = int(next(line.split(b':')[1] for line in answer.lower().split(b'\\r\\n') if line.startswith(b'content-length')))
        told = await reader.readexactly(length)
        times.append(time.monotonic() - begun)
        if b' 200 ' not in answer.split(b'\\r\\n')[0]:
            wrong.append((answer.split(b'\\r\\n')[0] + told[:200]).decode())
    writer.close()
async def main():
    until = time.monotonic() + seconds
    await asyncio.gather(*(one(number, until) for number in range(connections)))
asyncio.run(main())
times.sort()
print(json.dumps({'rate': len(times) / seconds, 'p50_ms': times[len(times) // 2] * 1000, 'p99_ms': times[int(len(times) * .99)] * 1000, 'wrong': wrong[:3]}))
"""


def measure(items: int = _ITEMS) -> str:
    """The section of the benchmark page."""
    place = Path(tempfile.mkdtemp(prefix="regulars-bench-"))
    try:
        return _measure(place, items)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _measure(place: Path, items: int) -> str:
    from regulars.settings import Settings

    environment = {**os.environ, "REGULARS_HOME": str(place / "home"), "REGULARS_MEMORY_LIMIT": "512MB", "REGULARS_THREADS": "1"}
    regulars = str(Path(sys.executable).parent / "regulars")
    words = ["init", "--shop", "s", "--timezone", "UTC", "--currency", "CNY"]
    subprocess.run([regulars, *words], env=environment, check=True, capture_output=True)
    key, views, orders = _filled(Settings.load(environment), items)
    print("filled", views, orders, file=sys.stderr, flush=True)
    bodies = place / "bodies"
    _write_bodies(bodies, items)
    nothing = place / "nothing"
    nothing.write_bytes(b"\n")
    runs: dict[str, list[dict[str, Any]]] = {}
    port = free_port()
    server = subprocess.Popen(
        ["taskset", "-c", "0", regulars, "serve", "--port", str(port)],
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_for(port)
        begun = time.perf_counter()
        first = _asked(server, port, key, 1.0, 1, bodies)
        ready = time.perf_counter() - begun - 1.0
        print("ready", ready, first, resident(server.pid), _peak(server.pid), file=sys.stderr, flush=True)
        for _ in range(_ROUNDS):
            for name, file in (("lists", bodies), ("trivial", nothing)):
                runs.setdefault(name, []).append(_asked(server, port, key, _SECONDS, _CONNECTIONS, file))
                print(name, runs[name][-1], file=sys.stderr, flush=True)
        for placement in _PLACEMENTS:
            one = place / f"bodies.{placement}"
            one.write_text("\n".join(line for line in bodies.read_text().splitlines() if f'"{placement}"' in line))
            runs[placement] = [_asked(server, port, key, 3.0, 1, one)]
            print(placement, runs[placement][-1], file=sys.stderr, flush=True)
        held, most = resident(server.pid), _peak(server.pid)
    finally:
        server.kill()
        server.wait()
    lists, trivial = (sorted(runs[name], key=lambda run: float(run["rate"]))[_ROUNDS // 2] for name in ("lists", "trivial"))
    ratio = statistics.median(a["of_core"] / b["of_core"] for a, b in zip(runs["lists"], runs["trivial"], strict=True))
    rows = "\n".join(
        f"| {name} | {run['rate']:,.0f} | {run['of_core']:,.0f} | {run['p50_ms']:.1f} / {run['p99_ms']:.1f} |"
        for name, run in (
            (f"lists of the six placements in turn, {_CONNECTIONS} connections (to meet: 500)", lists),
            (f"the trivial route `/healthz`, {_CONNECTIONS} connections", trivial),
            *((f"`{name}` alone, one connection", runs[name][0]) for name in _PLACEMENTS),
        )
    )
    return f"""## Recommendations: a server

Simulated: {items:,} products with names, categories, brands, prices and stock, {views:,} views in {int(items * _VISITS_A_PRODUCT):,} visits, {orders:,} orders; `regulars serve` on one core, a client
in Python on the other. V-STAN puts lists in order. Each request names a visitor of the last days, and its products and category; no two in a row are the same.

| asked over HTTP | requests/s | requests per second of the server's processor time | p50 / p99 ms |
| --- | ---: | ---: | ---: |
{rows}

A second of processor time answers {ratio:.2f} times as many lists as trivial requests (the middle of {_ROUNDS} pairs in turn). After a restart the first list came {ready:.1f} s after the
first request, with everything made anew from the warehouse. Resident memory of the whole server, with DuckDB kept to 512 MB: {held:,.0f} MB afterwards, {most:,.0f} MB at its
highest.
"""


def _asked(server: subprocess.Popen[bytes], port: int, key: str, seconds: float, connections: int, bodies: Path) -> dict[str, Any]:
    before = _cpu(server.pid)
    done = subprocess.run(
        ["taskset", "-c", "1", sys.executable, "-c", CLIENT, str(port), key, str(seconds), str(connections), str(bodies)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout)
    if found["wrong"]:
        raise RuntimeError(f"the server answered otherwise: {found['wrong']}")
    return {**found, "of_core": found["rate"] * seconds / max(_cpu(server.pid) - before, 1e-9)}


def _cpu(pid: int) -> float:
    """Seconds of processor time a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _peak(pid: int) -> float:
    text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(next(line.split()[1] for line in text.splitlines() if line.startswith("VmHWM"))) / 1024


def _write_bodies(file: Path, items: int) -> None:
    """Requests as a shop's pages make them: by visitors, with what the page is about."""
    chance = np.random.default_rng(3)
    lines = []
    for number in range(3_000):
        item = int(items / 40 * chance.random() ** 3) * 40 + int(40 * chance.random() ** 2)
        placement = _PLACEMENTS[number % len(_PLACEMENTS)]
        asked: dict[str, Any] = {
            "placement": placement,
            "size": 10,
            "visitor": f"v_{int(chance.integers(items * _VISITS_A_PRODUCT)):020d}",
        }
        if placement in ("similar", "cart", "next"):
            asked["context"] = [_id(item)]
        if placement == "category":
            asked["category"] = _category(item)
        lines.append(json.dumps(asked))
    file.write_text("\n".join(lines))


def _id(item: int) -> str:
    return f"p{item:06d}"


def _category(item: int) -> str:
    return f"Department {item // 40 % 25} > Shelf {item // 40 % 2_500}"


def _filled(settings: Any, items: int) -> tuple[str, int, int]:
    """A house with the shop's products, views and orders; returns a key, and how many there are of both."""
    from regulars.access import api_keys
    from regulars.access.domain import Caller
    from regulars.app import House

    house = House.open(settings)
    with house.records.unit() as uow:
        key = api_keys.create(uow, Caller.system("bench", house.keyring), name="shop", scopes=["read_customers"]).secret
    _products(house.warehouse, items)
    views = _views(house.warehouse, items)
    orders = _orders(house.warehouse, items)
    house.close()
    return key, views, orders


def _products(warehouse: Any, items: int) -> None:
    words = [
        "tea",
        "cup",
        "pot",
        "green",
        "black",
        "oolong",
        "set",
        "gift",
        "box",
        "tin",
        "spring",
        "cloud",
        "stone",
        "silver",
        "jade",
        "hill",
    ]
    chance = np.random.default_rng(2)
    for begin in range(0, items, _CHUNK):
        numbers = range(begin, min(begin + _CHUNK, items))
        picked = chance.integers(0, len(words), (len(numbers), 3))
        columns: dict[str, Any] = {
            "product_id": [_id(one) for one in numbers],
            "name": [
                f"{words[a]} {words[b]} {words[c]} {one % 9_973}" for one, (a, b, c) in zip(numbers, picked.tolist(), strict=True)
            ],
            "category": [_category(one) for one in numbers],
            "brand": [f"Brand {one % 5_000}" for one in numbers],
            "price_minor": chance.integers(100, 90_000, len(numbers)),
            "currency": ["CNY"] * len(numbers),
            "stock": chance.integers(0, 30, len(numbers)),
            "observed_at": pa.array([_BEGUN] * len(numbers), pa.timestamp("us")),
        }
        warehouse.append("products", _whole("products", columns, len(numbers)))


def _views(warehouse: Any, items: int) -> int:
    """Visits as in `recommend_speed`, each of a visitor of its own, spread over the days."""
    from benchmarks.recommend_speed import visits

    told, starts, ended = visits(items, int(items * _VISITS_A_PRODUCT), _DAYS)
    owner = np.repeat(np.arange(len(ended)), np.diff(starts))
    step = np.arange(len(told)) - np.repeat(starts[:-1], np.diff(starts))
    at = (
        np.datetime64(_BEGUN, "us")
        + (np.repeat(ended, np.diff(starts)) * 86_400e6).astype("timedelta64[us]")
        + step * np.timedelta64(40, "s")
    )
    for begin in range(0, len(told), _CHUNK):
        some = slice(begin, begin + _CHUNK)
        n = len(told[some])
        columns: dict[str, Any] = {
            "source_id": ["s"] * n,
            "message_id": [f"m{begin + place}" for place in range(n)],
            "event_key": np.arange(begin, begin + n),
            "type": ["track"] * n,
            "event": ["Product Viewed"] * n,
            "customer_id": [f"v_{one:020d}" for one in owner[some].tolist()],
            "product_id": [_id(one) for one in told[some].tolist()],
            "timestamp": pa.array(at[some], pa.timestamp("us")),
            "received_at": pa.array(at[some], pa.timestamp("us")),
            "properties": ["{}"] * n,
            "part_id": ["p"] * n,
        }
        warehouse.append("events", _whole("events", columns, n))
    return len(told)


def _orders(warehouse: Any, items: int) -> int:
    orders, chance = int(items * _ORDERS_A_PRODUCT), np.random.default_rng(4)
    lines = np.repeat(np.arange(orders), 2)
    for begin in range(0, len(lines), _CHUNK):
        n = len(lines[begin : begin + _CHUNK])
        item = (items * chance.random(n) ** 3).astype(np.int64)
        order = lines[begin : begin + _CHUNK].tolist()
        columns: dict[str, Any] = {
            "order_id": [f"o{one}" for one in order],
            "line_key": np.arange(n) % 2,
            "customer_id": [f"c{one % max(orders // 4, 1)}" for one in order],
            "ordered_at": pa.array([_BEGUN + timedelta(days=_DAYS * one / orders) for one in order], pa.timestamp("us")),
            "status": ["placed"] * n,
            "kind": ["product"] * n,
            "product_id": [_id(one) for one in item.tolist()],
            "product_name": [f"Product {one}" for one in item.tolist()],
            "quantity": pa.array([Decimal(1)] * n, pa.decimal128(18, 3)),
            "unit_price": pa.array([Decimal(9)] * n, pa.decimal128(18, 4)),
            "amount_minor": np.full(n, 900),
            "currency": ["CNY"] * n,
        }
        warehouse.append("order_lines", _whole("order_lines", columns, n))
    return orders


def _whole(table: str, columns: dict[str, Any], rows: int) -> pa.Table:
    """The rows with every column of the table; what is not told is null, or empty where it may not be."""
    from regulars.warehouse import TABLES
    from regulars.warehouse.arrow import arrow_schema

    schema = arrow_schema(TABLES[table])
    fixed = {"shop_id": "s", "load_id": "bench", "is_known": False, "is_bot": False, "is_history": False}
    return pa.table(
        {
            field.name: columns[field.name]
            if field.name in columns
            else pa.array([fixed[field.name]] * rows, field.type)
            if field.name in fixed
            else pa.nulls(rows, field.type)
            for field in schema
        },
        schema=schema,
    )


if __name__ == "__main__":
    print(measure(int(sys.argv[1]) if len(sys.argv) > 1 else _ITEMS))
