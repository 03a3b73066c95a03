"""Reports over ten million simulated events beside chDB's own functions, and beside programs written by hand for DuckDB and numpy."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import affinity
from benchmarks.events import LARGE, MAKE, OURS, QUESTIONS, RANGE, run
from benchmarks.events_by_hand import MODELS
from benchmarks.measuring import child

ANY = {"event": None}
VIEWED = {"event": "Product Viewed"}
#: Beside chDB; of the same file.
BESIDE = ("funnel", "retention")
#: Beside what is written by hand.
ASKED: dict[str, dict[str, object]] = {
    "trend": {"series": [{**VIEWED, "measure": "customers"}], "interval": "day", "range": RANGE},
    "lifecycle": {"event": ANY, "interval": "week", "range": RANGE},
    "stickiness": {"event": ANY, "interval": "day", "range": RANGE},
    "week_hours": {"event": VIEWED, "range": RANGE},
    "active": {"event": ANY, "range": RANGE},
    "funnel_trend": {
        "steps": ["Product Viewed", "Product Added", "Order Completed"], "window": "7d", "interval": "day", "range": RANGE,
    },
    "new_customer_journey": {"entry": "first_event", "window": "30d", "interval": "week", "range": RANGE},
    "cart_abandonment": {"abandon_after_hours": 24, "range": RANGE},
    "attribution": {
        "touch_event": {"event": "Page Viewed"}, "conversion_event": {"event": "Order Completed"}, "by": "source", "range": RANGE,
    },
}  # fmt: skip
_RUNS = 3

#: The same events, with number and money of each order and the source of each page view.
MORE = """
import duckdb, sys
duckdb.connect(config={'threads': 1}).execute(f"copy (select *, case when event = 'Order Completed' then 'o' || row_number() over () end as order_id, case when event = 'Order Completed' then (100 + hash(user_id, timestamp, 1) % 90000)::bigint end as value_minor, case when event = 'Page Viewed' then ['search', 'mail', 'ads', '(direct)'][1 + (hash(user_id, timestamp) % 4)::int] end as utm_source from '{sys.argv[1]}') to '{sys.argv[2]}' (format parquet)")
"""

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
print(json.dumps({'took': took, 'version': version('chdb'), 'peak_mb': int(open('/proc/self/status').read().split('VmHWM:')[1].split()[0]) / 1024}))
"""


def measure() -> str:
    """The section's text."""
    with tempfile.TemporaryDirectory(prefix="regulars-events-") as place:
        return _measure(Path(place))


def _measure(place: Path) -> str:
    file, more = place / "events.parquet", place / "more.parquet"
    subprocess.run([sys.executable, "-c", MAKE, str(LARGE), str(file)], check=True)
    subprocess.run([sys.executable, "-c", MORE, str(file), str(more)], check=True)
    python = _chdb_python(place)
    ours: dict[str, list[float]] = {}
    peers: dict[str, list[float]] = {}
    version = ""
    for _ in range(_RUNS):
        peer: dict[str, Any] = run(python, CHDB, str(file))
        version = peer["version"]
        for kind in BESIDE:
            peers.setdefault(kind, []).append(peer["took"][kind])
            ours.setdefault(kind, []).append(_asked(kind, QUESTIONS[kind], file)["took"][kind])
        for kind, told in ASKED.items():
            hand = child("benchmarks.events_by_hand", str(more), kind).answer
            done = _asked(kind, told, more)
            _same(kind, done["answers"][kind], hand["answer"])
            peers.setdefault(kind, []).append(hand["took"])
            ours.setdefault(kind, []).append(done["took"][kind])
        print({kind: (round(each[-1], 2), round(peers[kind][-1], 2)) for kind, each in ours.items()}, flush=True)
    ours["affinity"], peers["affinity"] = ([took] for took in affinity.measured(place))
    return _text(ours, peers, version)


def _text(ours: dict[str, list[float]], peers: dict[str, list[float]], version: str) -> str:
    return f"""## Reports beside chDB and beside programs written by hand

{LARGE:,} simulated events of {LARGE // 25:,} customers at most in one Parquet file, read by every question anew, one report a process, 2 threads. Processor
seconds, the median of {_RUNS} runs of each in turn.

chDB {version}: its `windowFunnel` and `retention`, which give customers by step and the triangle of cohorts; ours also gives the mean
and median times between steps.

| report | regulars | chDB | ratio |
| --- | ---: | ---: | ---: |
{_lines(BESIDE, ours, peers)}

Written by hand with DuckDB and numpy for these questions and this file alone (`benchmarks/events_by_hand.py`): no time zones, bots,
segments, products or groups. Both give the same numbers, which is checked in every run; attribution is by six models, with exact minor units.

| report | regulars | by hand | ratio |
| --- | ---: | ---: | ---: |
{_lines(tuple(ASKED), ours, peers)}

What is bought together is asked of orders: {affinity.LINES:,} simulated order lines of 20 an order, beside SQL by hand for the same pairs, the least
of 3 runs in turn.

| report | regulars | SQL by hand | ratio |
| --- | ---: | ---: | ---: |
{_lines(("affinity",), ours, peers)}

Figures to meet: ahead of chDB; at most 1.2 times what is written by hand.
"""


def _lines(kinds: tuple[str, ...], ours: dict[str, list[float]], peers: dict[str, list[float]]) -> str:
    found = {kind: (statistics.median(ours[kind]), statistics.median(peers[kind])) for kind in kinds}
    return "\n".join(f"| {kind} | {mine:.2f} | {theirs:.2f} | {mine / theirs:.2f} |" for kind, (mine, theirs) in found.items())


def _asked(kind: str, told: dict[str, object], file: Path) -> dict[str, Any]:
    """Processor seconds of one report, and its answer; the program is ready to answer, as a server is after its start."""
    return run(sys.executable, OURS, str(file), "3GB", json.dumps({kind: told}), "2", "ready")


def _same(kind: str, ours: dict[str, Any], hand: Any) -> None:
    """Both say the same numbers, or there is nothing to compare."""
    found: Any
    match kind:
        case "trend":
            (line,) = ours["lines"]
            found = {"days": line["values"], "total": line["total"]}
        case "lifecycle":
            found = {name: ours[name] for name in hand}
        case "stickiness":
            found = ours["values"]
        case "week_hours":
            found = ours["values"]
        case "active":
            found = {name: ours[name] for name in hand}
        case "funnel_trend":
            found = {name: [row[name] for row in ours["rows"]] for name in hand}
        case "new_customer_journey":
            stages = ours["stages"]
            found = {
                "customers": [one["customers"] for one in stages],
                "means": [one["mean_seconds_from_previous"] for one in stages[1:]],
                "medians": [one["median_seconds_from_previous"] for one in stages[1:]],
                "weeks": [
                    [row["entered"] for row in ours["buckets"]],
                    *([row["reached"][k] for row in ours["buckets"]] for k in range(3)),
                ],
            }
        case "cart_abandonment":
            found = {name: ours["total"][name] for name in hand}
        case _:
            found, hand = _credits(ours), {"untouched": hand["untouched"]} | _by_source(hand)
    assert _near(found, hand), f"{kind}: {str(found)[:300]} is not {str(hand)[:300]}"


def _credits(ours: dict[str, Any]) -> dict[str, Any]:
    rows = {row["value"]: row for row in ours["rows"]}
    nothing = rows.pop("(none)")["credit"]["first"]
    found: dict[str, Any] = {"untouched": [nothing["conversions"], nothing["revenue_minor"]]}
    for value, row in rows.items():
        credit = [[row["credit"][model]["conversions"], row["credit"][model]["revenue_minor"]] for model in MODELS]
        found[value] = [row["touches"], row["touched_conversions"], row["customers"], credit]
    return found


def _by_source(hand: dict[str, Any]) -> dict[str, Any]:
    found = {}
    for k, value in enumerate(("search", "mail", "ads", "(direct)")):
        credit = [[hand[model][0][k], hand[model][1][k]] for model in MODELS]
        found[value] = [hand["touches"][k], hand["conversions"][k], hand["customers"][k], credit]
    return found


def _near(one: Any, other: Any) -> bool:
    """Equal; shares of conversions to the last digit that reports show."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_near(one[name], other[name]) for name in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(_near, one, other))
    return bool(one == other) if isinstance(one, int) else abs(float(one) - float(other)) < 1e-3


def _chdb_python(place: Path) -> str:
    """A Python of its own with the newest chDB."""
    venv = place / "chdb"
    subprocess.run(["uv", "venv", "--quiet", str(venv)], check=True)
    python = str(venv / "bin/python")
    subprocess.run(["uv", "pip", "install", "--quiet", "--python", python, "chdb"], check=True)
    return python
