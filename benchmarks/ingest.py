"""Durable ingest against the same server that only parses and validates; memory, the loader, and how soon events can be queried."""

from __future__ import annotations

import json
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

CLIENTS = 16
EVENTS = 100
SECONDS = 15.0
LONG_EVENTS = 10_000_000
STEADY = 20


def body(seed: int) -> bytes:
    """A batch of simulated events as a shop's server sends them, about 24 KB; the client fills in visitors and ids."""
    chance = random.Random(seed)
    now = datetime.now(UTC)
    batch = [
        {
            "type": "track",
            "event": chance.choice(("Product Viewed", "Product Added", "Page Left", "Products Searched")),
            "anonymousId": "%032x",
            "messageId": "%032x",
            "timestamp": f"{now:%Y-%m-%dT%H:%M:%S}.828Z",
            "properties": {"product_id": f"p{chance.randrange(5000)}", "price": 19.9, "currency": "CNY", "category": "Tea"},
        }
        for _ in range(EVENTS)
    ]
    return json.dumps({"batch": batch, "sentAt": f"{now:%Y-%m-%dT%H:%M:%S}.900Z"}, separators=(",", ":")).encode()


CLIENT = """
import asyncio, json, sys, time, uuid
host, port, path, key, seconds, clients, file = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4], float(sys.argv[5]), int(sys.argv[6]), sys.argv[7]
parts = open(file, 'rb').read().split(b'%032x')
import base64, itertools
basic = base64.b64encode((key + ':').encode()).decode()
counter = itertools.count(uuid.uuid4().int >> 72)
async def one(until, times, statuses):
    reader, writer = await asyncio.open_connection(host, port)
    while time.monotonic() < until:
        number = next(counter)
        base, visitor = number * (len(parts) - 1), number // 4 * 10  # visitors and ids in turn: some 40 events a visitor
        body = b''.join(piece for i, part in enumerate(parts) for piece in (part, b'%032x' % ((base + i) if i % 2 else visitor + i // 2 % 10) if i < len(parts) - 1 else b''))
        begun = time.monotonic()
        writer.write(b'POST ' + path.encode() + b' HTTP/1.1\\r\\nhost: x\\r\\nauthorization: Basic ' + basic.encode() + b'\\r\\ncontent-length: ' + str(len(body)).encode() + b'\\r\\n\\r\\n' + body)
        await writer.drain()
        head = await reader.readuntil(b'\\r\\n\\r\\n')
        length = int(next(line.split(b':')[1] for line in head.lower().split(b'\\r\\n') if line.startswith(b'content-length')))
        await reader.readexactly(length)
        times.append(time.monotonic() - begun)
        status = int(head.split(b' ', 2)[1]); statuses[status] = statuses.get(status, 0) + 1
    writer.close()
async def main():
    times, statuses = [], {}
    begun = time.monotonic()
    await asyncio.gather(*(one(begun + seconds, times, statuses) for _ in range(clients)))
    wall = time.monotonic() - begun
    times.sort()
    print(json.dumps({'requests': len(times), 'wall': wall, 'p50_ms': times[len(times)//2]*1000, 'p99_ms': times[int(len(times)*.99)]*1000, 'statuses': statuses}))
asyncio.run(main())
"""

PEER = """
import sys, uvicorn, msgspec
from typing import Any
class Message(msgspec.Struct):
    type: str
    messageId: str
    event: str = ''
    userId: str | None = None
    anonymousId: str | None = None
    timestamp: str | None = None
    properties: dict[str, Any] = {}
class Batch(msgspec.Struct):
    batch: list[Message]
    sentAt: str = ''
decode = msgspec.json.Decoder(Batch).decode
async def app(scope, receive, send):
    if scope['type'] != 'http':
        return
    parts = []
    while True:
        message = await receive()
        parts.append(message.get('body', b''))
        if not message.get('more_body'):
            break
    found = decode(b''.join(parts))
    assert all(one.userId or one.anonymousId for one in found.batch)
    body = b'{"success":true,"count":%d}' % len(found.batch)
    await send({'type': 'http.response.start', 'status': 200, 'headers': [(b'content-type', b'application/json'), (b'content-length', str(len(body)).encode())]})
    await send({'type': 'http.response.body', 'body': body})
uvicorn.run(app, host='127.0.0.1', port=int(sys.argv[1]), log_level='warning')
"""


#: The door in a server of its own; `JOURNAL` is what stands behind it.
DOOR = """
import sys, uvicorn
from regulars.app import House
from regulars.collect.track.gate import Gate
from regulars.settings import Settings
import os
house = House.open(Settings.load(os.environ))
class Nothing:
    async def append(self, entry):
        pass
uvicorn.run(Gate(None, records=house.records, journal=JOURNAL), host='127.0.0.1', port=int(sys.argv[1]), log_level='warning', lifespan='off')
"""
ROUNDS = 3


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int) -> None:
    """Until somebody listens."""
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not start")


def drive(port: int, path: str, key: str, file: Path, seconds: float = SECONDS) -> dict[str, object]:
    """Sixteen clients in one process of their own."""
    done = subprocess.run(
        [sys.executable, "-c", CLIENT, "127.0.0.1", str(port), path, key, str(seconds), str(CLIENTS), str(file)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found: dict[str, object] = json.loads(done.stdout)
    return found


def beside(command: list[str], environment: dict[str, str], key: str, file: Path) -> dict[str, object]:
    """What another server does with the same bodies."""
    port = free_port()
    server = subprocess.Popen([*command, str(port)], env=environment)
    try:
        wait_for(port)
        drive(port, "/v1/batch", key, file, 3.0)
        return drive(port, "/v1/batch", key, file)
    finally:
        server.kill()
        server.wait()


def resident(pid: int) -> float:
    """Megabytes of memory a process holds."""
    text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(next(line.split()[1] for line in text.splitlines() if line.startswith("VmRSS"))) / 1024


def lags(environment: dict[str, str], regulars: str, key: str) -> tuple[float, float]:
    """Median and 95 % of the milliseconds from received to queryable, at a steady trickle of single events."""
    import http.client

    from regulars.app import House
    from regulars.settings import Settings

    port = free_port()
    server = subprocess.Popen(
        [regulars, "serve", "--port", str(port)], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(port)
        time.sleep(10)  # what waited is loaded
        line = http.client.HTTPConnection("127.0.0.1", port)
        for number in range(STEADY * 30):
            message = {
                "writeKey": key,
                "type": "track",
                "event": "Trickle",
                "anonymousId": f"d{number % 50}",
                "messageId": f"t{number}",
            }
            line.request("POST", "/v1/track", json.dumps(message))
            line.getresponse().read()
            time.sleep(1 / STEADY)
        time.sleep(4)
    finally:
        server.kill()
        server.wait()
    house = House.open(Settings.load(environment))
    events, parts = house.warehouse.table("events"), house.warehouse.table("event_parts")
    rows = house.warehouse.rows(
        events.filter(events.event == "Trickle").join(parts, ["shop_id", "part_id"]).select("received_at", "committed_at")
    )
    house.close()
    found = sorted((row["committed_at"] - row["received_at"]).total_seconds() * 1000 for row in rows)
    return found[len(found) // 2], found[int(len(found) * 0.95)]


def measure() -> str:
    """The section's text."""
    place = Path(tempfile.mkdtemp(prefix="regulars-bench-"))
    try:
        return _measure(place)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _in_turn(environment: dict[str, str], key: str, file: Path) -> list[dict[str, object]]:
    """The peer, the door with nothing behind it and the door with the journal, in turn; of each the run in the middle."""
    commands = [PEER, DOOR.replace("JOURNAL", "Nothing()"), DOOR.replace("JOURNAL", "house.loader.journal")]
    found: list[list[dict[str, object]]] = [[] for _ in commands]
    for _ in range(ROUNDS):
        for runs, command in zip(found, commands, strict=True):
            runs.append(beside([sys.executable, "-c", command], environment, key, file))
            shutil.rmtree(Path(environment["REGULARS_HOME"]) / "journal", ignore_errors=True)
    return [sorted(runs, key=lambda run: int(str(run["requests"])))[ROUNDS // 2] for runs in found]


def _long(
    server: subprocess.Popen[bytes], port: int, key: str, file: Path
) -> tuple[list[dict[str, object]], list[tuple[int, float]]]:
    """Driven until so many events are taken: what each stretch did, and (events so far, resident megabytes) after it."""
    drive(port, "/v1/batch", key, file, 3.0)
    runs: list[dict[str, object]] = []
    held: list[tuple[int, float]] = []
    taken = 0
    while taken < LONG_EVENTS:
        runs.append(drive(port, "/v1/batch", key, file, SECONDS))
        taken += int(str(runs[-1]["requests"])) * EVENTS
        held.append((taken, resident(server.pid)))
    return runs, held


def _measure(place: Path) -> str:
    from regulars.access.domain import Caller
    from regulars.app import House
    from regulars.collect.track import sources
    from regulars.settings import Settings

    home = place / "home"
    environment = {**os.environ, "REGULARS_HOME": str(home)}
    regulars = str(Path(sys.executable).parent / "regulars")
    subprocess.run(
        [regulars, "init", "--shop", "s", "--timezone", "UTC", "--currency", "CNY"],
        env=environment,
        check=True,
        capture_output=True,
    )
    house = House.open(Settings.load(environment))
    with house.records.unit() as uow:
        key = sources.create(uow, Caller.system("bench", house.keyring), shop_id="s", name="bench", kind="browser").write_key
    house.close()
    file = place / "body.json"
    file.write_bytes(body(1))
    raw, door, alone = _in_turn(environment, key, file)
    port = free_port()
    server = subprocess.Popen(
        [regulars, "serve", "--port", str(port)], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(port)
        runs, held = _long(server, port, key, file)
        written = sum(path.stat().st_size for path in (home / "journal").glob("*.seg"))
    finally:
        server.kill()
        server.wait()
    taken = held[-1][0]
    ours = sorted(runs, key=lambda run: int(str(run["requests"])))[len(runs) // 2]
    house = House.open(Settings.load(environment))
    begun, cpu = time.perf_counter(), time.process_time()
    loaded = house.loader.run_once()
    wall, cpu = time.perf_counter() - begun, time.process_time() - cpu
    house.close()
    lag = lags(environment, regulars, key)
    ours_rate, alone_rate, door_rate, raw_rate = (
        int(str(one["requests"])) * EVENTS / float(str(one["wall"])) for one in (ours, alone, door, raw)
    )
    loader_rate = loaded / wall if wall else 0.0
    stretches = ", ".join(f"{megabytes:,.0f} ({events / 1e6:.1f})" for events, megabytes in held[:: max(1, len(held) // 8)])
    lines = [
        ("uvicorn and msgspec, only parsing into typed messages", raw_rate, raw, 1.0),
        ("the door alone: parses, validates, checks the key, stores nothing", door_rate, door, door_rate / raw_rate),
        ("durable ingest: the same door with the journal behind it", alone_rate, alone, alone_rate / raw_rate),
        ("durable ingest, while the loader works", ours_rate, ours, ours_rate / raw_rate),
    ]
    rows = "\n".join(
        f"| {what} | {rate:,.0f} | {run['p50_ms']:.0f} | {run['p99_ms']:.0f} | {ratio:.2f} |" for what, rate, run, ratio in lines
    )
    return f"""## Taking events

| what | events/s | p50, ms | p99, ms | ratio |
| --- | ---: | ---: | ---: | ---: |
{rows}
| loader, what had piled up | {loader_rate:,.0f} | | | {loader_rate / ours_rate:.2f} |

Simulated events of visitors with some 40 events each, {CLIENTS} clients, {EVENTS} events of about 240 bytes a request; clients, server and loader share the machine. Durable
ingest is {alone_rate / door_rate:.2f} of the same server that only parses, validates and answers (the middle of {ROUNDS} runs of each in turn), and {ours_rate / door_rate:.2f} of it
while the loader takes the other half of the two cores. {taken:,} events were taken; the server's resident
memory, in MB, after so many million events: {stretches}. The journal holds {written / max(1, taken):.0f} bytes an event where nothing was
deleted yet. The loader took {loaded:,} events in {wall:.0f} s ({cpu:.0f} s of processor time). At a steady {STEADY} requests a second an event could be queried
{lag[0]:.0f} ms (median) and {lag[1]:.0f} ms (95 %) after its request was whole.

Figures to meet: durable ingest at least half of parsing and validating; the loader at least 3 times the ingest rate; 2,000 ms for 95 %.
"""
