"""Views of reports over events through the server's own door: the first time, again, and after a new event."""

from __future__ import annotations

import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

import httpx
from tests.support.server import command, serving

from benchmarks.events import STEPS
from benchmarks.measuring import sign_in

ROWS = 1_000_000
_RUNS = 20
MOST = 150
RANGE = {"from": "2026-01-01", "to": f"{datetime.now(UTC):%Y-%m-%d}"}
VIEWED = {"event": "Product Viewed"}
ASKED: dict[str, dict[str, Any]] = {
    "funnel": {"steps": STEPS, "window": "7d", "range": RANGE},
    "retention": {"cohort_event": VIEWED, "return_event": VIEWED, "interval": "week", "intervals": 12},
    "paths": {"include": [{"event": None}], "max_steps": 5, "session_gap_minutes": 30, "range": RANGE},
    "sessions": {"range": RANGE, "interval": "month"},
    "trend": {"series": [{**VIEWED, "measure": "customers"}], "interval": "day", "range": RANGE},
}


def measure() -> str:
    """The section's text."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        made = command(home, "init", "--shop", "s", "--timezone", "UTC", "--currency", "CNY")
        assert made.returncode == 0, made.stderr
        key = _filled(home)
        with serving(home) as server, httpx.Client(base_url=server.url, timeout=120, headers={"origin": server.url}) as client:
            sign_in(client, server)
            taken = {kind: _times(client, kind, told) for kind, told in ASKED.items()}
            seen, right = _after_an_event(client, key)
    table = "\n".join(f"| {kind} | {one[0]:,.0f} | {one[1 + _RUNS // 2]:.0f} | {one[-1]:.0f} |" for kind, one in taken.items())
    slow = sum(each >= MOST for one in taken.values() for each in one[1:])
    return f"""## Views of reports over events

{ROWS:,} simulated events in the server's own store, asked by `POST /v1/reports/{{kind}}`, measured at the client on the same machine: milliseconds
of the first view, and the median and the longest of {_RUNS} views of the same question.

| report | first | again, median | again, longest |
| --- | ---: | ---: | ---: |
{table}

One event more of a customer who was not there before, sent to `/v1/track`: the funnel, asked all the time, showed one customer more {seen:.0f} ms later,
{"and nothing else in between" if right else "but other figures in between"}.

Figure to meet: a repeated view in under {MOST} ms, right after new events. {slow} of {_RUNS * len(taken)} took longer.
"""


def _filled(home: Path) -> str:
    from regulars.access.domain import Caller
    from regulars.app import House
    from regulars.collect.track import sources
    from regulars.settings import Settings

    house = House.open(Settings.load({**os.environ, "REGULARS_HOME": str(home)}))
    with house.records.unit() as uow:
        key = sources.create(uow, Caller.system("bench", house.keyring), shop_id="s", name="bench", kind="browser").write_key
    house.warehouse.engine._handle.write(  # type: ignore[attr-defined]
        f"""INSERT INTO events BY NAME SELECT 's' shop_id, 'x' source_id, 'm' || i message_id, i event_key, 'track' "type",
        CASE WHEN r < 0.55 THEN 'Product Viewed' WHEN r < 0.72 THEN 'Page Viewed' WHEN r < 0.85 THEN 'Product Added'
        WHEN r < 0.93 THEN 'Checkout Started' WHEN r < 0.97 THEN 'Order Completed' ELSE 'Products Searched' END "event",
        'c' || c customer_id, true is_known, 'c' || c user_id, false is_bot, true is_history, '{{}}' properties, 'p' part_id,
        make_timestamp(1767225600000000 + CAST(c * 7919 % 60 AS BIGINT) * 86400000000 + CAST(p * p * 30 * 86400000000 AS BIGINT)) "timestamp",
        make_timestamp(1775000000000000) received_at FROM (SELECT i, CAST(floor(pow(random(), 2) * {ROWS // 25}) AS BIGINT) c,
        random() p, random() r FROM range({ROWS}) t(i))"""
    )
    house.close()
    return key


def _asked(client: httpx.Client, kind: str) -> Any:
    return client.post(f"/v1/reports/{kind}", json=ASKED[kind]).raise_for_status().json()


def _times(client: httpx.Client, kind: str, told: dict[str, Any]) -> list[float]:
    """Milliseconds of the first view, then of the following ones, the shortest first."""
    found = []
    for _ in range(_RUNS + 1):
        started = perf_counter()
        client.post(f"/v1/reports/{kind}", json=told).raise_for_status()
        found.append((perf_counter() - started) * 1000)
    return [found[0], *sorted(found[1:])]


def _after_an_event(client: httpx.Client, key: str) -> tuple[float, bool]:
    """Milliseconds until the funnel shows a new customer, and whether it only ever showed the old or the new figure."""
    before = _steps(client)
    message = {"writeKey": key, "type": "track", "event": STEPS[0], "userId": "someone new", "messageId": "new-1"}
    client.post("/v1/track", json=message).raise_for_status()
    started = perf_counter()
    wanted = [before[0] + 1, *before[1:]]
    while perf_counter() - started < 60:
        found = _steps(client)
        if found != before:
            return (perf_counter() - started) * 1000, found == wanted
        sleep(0.02)
    raise RuntimeError("the event did not arrive within a minute")


def _steps(client: httpx.Client) -> list[int]:
    return [int(step["customers"]) for step in _asked(client, "funnel")["answer"]["steps"]]
