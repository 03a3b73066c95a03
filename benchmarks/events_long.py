"""Reports over a hundred million simulated events: memory, how cost grows with events and steps, and chDB beside the funnel and retention."""

from __future__ import annotations

import itertools
import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.events import MAKE, OURS, QUESTIONS, RANGE, run

SIZES = (1_000_000, 10_000_000, 100_000_000)
FUNNEL_STEPS = (2, 5, 10, 20, 30)
NAMES = ("Product Viewed", "Page Viewed", "Product Added", "Checkout Started", "Order Completed", "Products Searched")
ANY = {"event": None}
ASKED: dict[str, dict[str, object]] = {
    **QUESTIONS,
    "trend": {"series": [{"event": "Product Viewed", "measure": "customers"}], "interval": "day", "range": RANGE},
    "lifecycle": {"event": ANY, "interval": "week", "range": RANGE},
    "stickiness": {"event": ANY, "interval": "day", "range": RANGE},
}

CHDB = """
import json, resource, sys
from importlib.metadata import version
import chdb
def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF); return used.ru_utime + used.ru_stime
source = f"file('{sys.argv[1]}', Parquet)"
took = {}
def timed(kind, sql):
    before = cpu(); found = chdb.query(sql + ' settings max_threads = 2, schema_inference_make_columns_nullable = 0', 'CSV'); took[kind] = cpu() - before; return str(found)
chdb.query('select 1')
steps = ', '.join(f"event = '{name}'" for name in ('Product Viewed', 'Product Added', 'Checkout Started', 'Order Completed'))
timed('funnel', f"select level, count() from (select user_id, windowFunnel(604800000000)(toUInt64(toUnixTimestamp64Micro(timestamp)), {steps}) level from {source} where event in ('Product Viewed', 'Product Added', 'Checkout Started', 'Order Completed') and timestamp < '2026-04-13' group by user_id) group by level order by level")
rows = ', '.join(f"retention({', '.join(f'week = {k}' for k in (*range(first, 12), 11))}) as r{first}" for first in range(12))
timed('retention', f"select {', '.join(f'sumForEach(r{k})' for k in range(12))} from (select user_id, {rows} from (select user_id, intDiv(dateDiff('day', toDate('2026-01-12'), toDate(timestamp)), 7) week from {source} where event = 'Product Viewed' and timestamp >= '2026-01-12' and timestamp < '2026-04-06') group by user_id)")
print(json.dumps({'took': took, 'version': version('chdb'), 'peak_mb': resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""


def measure() -> str:
    """The section's text."""
    with tempfile.TemporaryDirectory(prefix="regulars-events-") as place:
        return _measure(Path(place))


def _measure(place: Path) -> str:
    files = []
    for rows in SIZES:
        file = place / f"{rows}.parquet"
        subprocess.run([sys.executable, "-c", MAKE, str(rows), str(file)], check=True)
        files.append(file)
    lines = [_growth(kind, told, files) for kind, told in ASKED.items()]
    steps = {count: _took("funnel", _funnel(count), files[1])[0] for count in FUNNEL_STEPS}
    peer = run(_chdb_python(place), CHDB, str(files[1]))
    ours = {kind: _took(kind, QUESTIONS[kind], files[1])[0] for kind in ("funnel", "retention")}
    took: dict[str, float] = peer["took"]  # type: ignore[assignment]
    beside = "\n".join(f"| {kind} | {ours[kind]:.2f} | {took[kind]:.2f} | {ours[kind] / took[kind]:.2f} |" for kind in ours)
    grown = "\n".join(lines)
    counts = " | ".join(str(count) for count in steps)
    figures = " | ".join(f"{one:.2f}" for one in steps.values())
    each = (steps[FUNNEL_STEPS[-1]] - steps[FUNNEL_STEPS[0]]) / (FUNNEL_STEPS[-1] - FUNNEL_STEPS[0])
    share = each / steps[FUNNEL_STEPS[0]]
    return f"""## Reports over a hundred million events

Simulated events in Parquet files, one report a process, one run each, DuckDB with 2 threads and 3 GB before it spills. Processor
seconds; the exponent tells by which power of the number of events the cost grew over the last tenfold (1: linear).

| report | {SIZES[0]:,} | {SIZES[1]:,} | {SIZES[2]:,} | exponent, 1M to 10M | exponent, 10M to 100M | peak at {SIZES[2]:,}, MB |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
{grown}

Figure to meet: below 6 GB at a hundred million events.

A funnel of so many steps over {SIZES[1]:,} events; a step more costs {share:.1%} of the funnel with {FUNNEL_STEPS[0]}:

| steps | {counts} |
| --- |{" ---: |" * len(steps)}
| seconds | {figures} |

Beside chDB {peer["version"]} over {SIZES[1]:,} events, its `windowFunnel` and `retention`, which give customers by step and the triangle of
cohorts; ours also gives the mean and median times between steps.

| report | regulars | chDB | ratio |
| --- | ---: | ---: | ---: |
{beside}
"""


def _growth(kind: str, told: dict[str, object], files: list[Path]) -> str:
    found = [_took(kind, told, file) for file in files]
    took = [seconds for seconds, _ in found]
    powers = [math.log10(after / before) for before, after in itertools.pairwise(took)]
    print(kind, took, found[-1][1], flush=True)
    return f"| {kind} | " + " | ".join(f"{one:.2f}" for one in (*took, *powers)) + f" | {found[-1][1]:,.0f} |"


def _took(kind: str, told: dict[str, object], file: Path) -> tuple[float, float]:
    """Processor seconds of one report, and the peak memory of its process in MB."""
    done: dict[str, Any] = run(sys.executable, OURS, str(file), "3GB", json.dumps({kind: told}), "2")
    return done["took"][kind], done["peak_mb"]


def _funnel(count: int) -> dict[str, object]:
    return {**QUESTIONS["funnel"], "steps": [NAMES[k % len(NAMES)] for k in range(count)], "window": "30d"}


def _chdb_python(place: Path) -> str:
    """A Python of its own with the newest chDB."""
    venv = place / "chdb"
    subprocess.run(["uv", "venv", "--quiet", str(venv)], check=True)
    python = str(venv / "bin/python")
    subprocess.run(["uv", "pip", "install", "--quiet", "--python", python, "chdb"], check=True)
    return python
