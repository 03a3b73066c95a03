"""Reports over ten million simulated events beside chDB's own functions, and beside plain SQL written by hand for DuckDB."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.events import LARGE, MAKE, OURS, QUESTIONS, RANGE, run

ANY = {"event": None}
VIEWED = {"event": "Product Viewed"}
#: Beside chDB; of the same file.
BESIDE = ("funnel", "retention")
#: Beside plain SQL.
ASKED: dict[str, dict[str, object]] = {
    "trend": {"series": [{**VIEWED, "measure": "customers"}], "interval": "day", "range": RANGE},
    "lifecycle": {"event": ANY, "interval": "week", "range": RANGE},
    "stickiness": {"event": ANY, "interval": "day", "range": RANGE},
    "week_hours": {"event": VIEWED, "range": RANGE},
    "cart_abandonment": {"abandon_after_hours": 24, "range": RANGE},
    "attribution": {
        "touch_event": {"event": "Page Viewed"}, "conversion_event": {"event": "Order Completed"}, "by": "source", "range": RANGE,
    },
}  # fmt: skip
_RUNS = 3

#: The same events, with the number of each order and the source of each page view.
_MORE = """
import duckdb, sys
duckdb.connect(config={'threads': 1}).execute(f"copy (select *, case when event = 'Order Completed' then 'o' || row_number() over () end as order_id, case when event = 'Page Viewed' then ['search', 'mail', 'ads', '(direct)'][1 + (hash(user_id, timestamp) % 4)::int] end as utm_source from '{sys.argv[1]}') to '{sys.argv[2]}' (format parquet)")
"""

PLAIN = """
import json, resource, sys
import duckdb
def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF); return used.ru_utime + used.ru_stime
con = duckdb.connect(config={'threads': 2})
file = f"'{sys.argv[1]}'"
here = "timestamp >= '2026-01-01' and timestamp < '2026-04-06'"
questions = {
'trend': f"select date_trunc('day', timestamp) d, count(distinct user_id) from {file} where event = 'Product Viewed' and {here} group by d",
'lifecycle': f"with w as (select distinct user_id, datediff('day', date '2025-12-22', timestamp::date) // 7 w from {file} where timestamp < '2026-04-06'), x as (select w, lag(w) over o as earlier, lead(w) over o as later from w window o as (partition by user_id order by w)) select w, count(*) filter (earlier is null), count(*) filter (earlier = w - 1), count(*) filter (earlier < w - 1), count(*) filter (later is null or later > w + 1) from x group by w",
'stickiness': f"select n, count(*) from (select count(distinct timestamp::date) n from {file} where {here} group by user_id) group by n",
'week_hours': f"select isodow(timestamp) d, hour(timestamp) h, count(*) from {file} where event = 'Product Viewed' and {here} group by d, h",
'cart_abandonment': f"with e as (select user_id, timestamp t, case event when 'Product Added' then 0 when 'Product Removed' then 1 when 'Checkout Started' then 2 else 3 end k from {file} where event in ('Product Added', 'Product Removed', 'Checkout Started', 'Order Completed')), b as (select *, (lag(t) over o is null or lag(k) over o = 3 or t - lag(t) over o >= interval 24 hour)::int starts from e window o as (partition by user_id order by t, k)), n as (select *, sum(starts) over (partition by user_id order by t, k rows unbounded preceding) cart from b), c as (select user_id, cart, min(t) filter (k = 0) opened, max(t) ended, max(k) filter (k = 3) paid, max(k) filter (k = 2) checkout from n group by user_id, cart) select count(*), count(*) filter (paid is null and ended + interval 24 hour <= timestamp '2026-04-01'), count(paid), count(distinct user_id), count(checkout) filter (paid is null), avg(epoch(ended - opened)) filter (paid is not null) from c where opened >= '2026-01-01' and opened < '2026-04-06' and opened <= ended",
'attribution': f"with o as (select order_id, user_id, timestamp bought from {file} where event = 'Order Completed' and {here}), t as (select user_id, timestamp met, utm_source v, utm_source = '(direct)' d from {file} where event = 'Page Viewed'), j as (select order_id, user_id, v, d, met, row_number() over w i, count(*) over p n, max(case when not d then met end) over p spoken, max(met) over p latest from o join t using (user_id) where met <= bought and met >= bought - interval 30 day window w as (partition by order_id order by met), p as (partition by order_id)), k as (select *, pow(2, -epoch(latest - met) / 604800) decay, case when n <= 2 then 1.0 / n when i in (1, n) then 0.4 else 0.2 / (n - 2) end as placed from j), l as (select *, decay / sum(decay) over (partition by order_id) as share from k) select v, count(*), count(distinct order_id), count(distinct user_id), count(*) filter (i = 1), count(*) filter (i = n), count(*) filter (met = spoken or (spoken is null and i = n)), sum(1.0 / n), sum(placed), sum(share) from l group by v",
}
con.execute('select 1').fetchall()
before = cpu(); con.execute(questions[sys.argv[2]]).fetchall()
print(json.dumps({'took': cpu() - before}))
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
print(json.dumps({'took': took, 'version': version('chdb'), 'peak_mb': resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""


def measure() -> str:
    """The section's text."""
    with tempfile.TemporaryDirectory(prefix="regulars-events-") as place:
        return _measure(Path(place))


def _measure(place: Path) -> str:
    file, more = place / "events.parquet", place / "more.parquet"
    subprocess.run([sys.executable, "-c", MAKE, str(LARGE), str(file)], check=True)
    subprocess.run([sys.executable, "-c", _MORE, str(file), str(more)], check=True)
    python = _chdb_python(place)
    ours: dict[str, list[float]] = {}
    peers: dict[str, list[float]] = {}
    version = ""
    for _ in range(_RUNS):
        peer: dict[str, Any] = run(python, CHDB, str(file))
        version = peer["version"]
        for kind in BESIDE:
            peers.setdefault(kind, []).append(peer["took"][kind])
            ours.setdefault(kind, []).append(_took(kind, QUESTIONS[kind], file))
        for kind, told in ASKED.items():
            plain: dict[str, Any] = run(sys.executable, PLAIN, str(more), kind)
            peers.setdefault(kind, []).append(plain["took"])
            ours.setdefault(kind, []).append(_took(kind, told, more))
        print({kind: (round(each[-1], 2), round(peers[kind][-1], 2)) for kind, each in ours.items()}, flush=True)
    return _text(ours, peers, version)


def _text(ours: dict[str, list[float]], peers: dict[str, list[float]], version: str) -> str:
    return f"""## Reports beside chDB and beside plain SQL

{LARGE:,} simulated events of {LARGE // 25:,} customers at most in one Parquet file, read by every question anew, one report a process, 2 threads. Processor
seconds, the median of {_RUNS} runs of each in turn.

chDB {version}: its `windowFunnel` and `retention`, which give customers by step and the triangle of cohorts; ours also gives the mean
and median times between steps.

| report | regulars | chDB | ratio |
| --- | ---: | ---: | ---: |
{_lines(BESIDE, ours, peers)}

Plain SQL for DuckDB, for these questions and this file alone: no time zones, bots, segments, money or products; attribution shares
by six models, ours as exact minor units too.

| report | regulars | plain SQL | ratio |
| --- | ---: | ---: | ---: |
{_lines(tuple(ASKED), ours, peers)}

Figures to meet: ahead of chDB; at most 1.2 times what is written by hand.
"""


def _lines(kinds: tuple[str, ...], ours: dict[str, list[float]], peers: dict[str, list[float]]) -> str:
    found = {kind: (statistics.median(ours[kind]), statistics.median(peers[kind])) for kind in kinds}
    return "\n".join(f"| {kind} | {mine:.2f} | {theirs:.2f} | {mine / theirs:.2f} |" for kind, (mine, theirs) in found.items())


def _took(kind: str, told: dict[str, object], file: Path) -> float:
    """Processor seconds of one report."""
    done: dict[str, Any] = run(sys.executable, OURS, str(file), "3GB", json.dumps({kind: told}), "2")
    took: float = done["took"][kind]
    return took


def _chdb_python(place: Path) -> str:
    """A Python of its own with the newest chDB."""
    venv = place / "chdb"
    subprocess.run(["uv", "venv", "--quiet", str(venv)], check=True)
    python = str(venv / "bin/python")
    subprocess.run(["uv", "pip", "install", "--quiet", "--python", python, "chdb"], check=True)
    return python
