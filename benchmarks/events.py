"""Reports over a file of simulated events: beside retentioneering, and beside programs written by hand for DuckDB and numpy."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROWS = 1_000_000
LARGE = 10_000_000
RANGE = {"from": "2026-01-01", "to": "2026-04-05"}
STEPS = ["Product Viewed", "Product Added", "Checkout Started", "Order Completed"]
#: Kinds and questions, all of the same file.
QUESTIONS: dict[str, dict[str, object]] = {
    "funnel": {"steps": STEPS, "window": "7d", "range": RANGE},
    "retention": {
        "cohort_event": {"event": "Product Viewed"}, "return_event": {"event": "Product Viewed"},
        "interval": "week", "intervals": 12, "to": "2026-04-04",
    },
    "paths": {"include": [{"event": None}], "max_steps": 5, "session_gap_minutes": 30, "range": RANGE},
    "sessions": {"range": RANGE},
}  # fmt: skip

MAKE = """
import duckdb, sys
rows, file = int(sys.argv[1]), sys.argv[2]
con = duckdb.connect(config={'threads': 1})
con.execute("select setseed(0.42)")
con.execute(f"copy (select 'c' || c as user_id, case when r < 0.55 then 'Product Viewed' when r < 0.72 then 'Page Viewed' when r < 0.85 then 'Product Added' when r < 0.93 then 'Checkout Started' when r < 0.97 then 'Order Completed' else 'Products Searched' end as event, make_timestamp(1767225600000000 + cast(c * 7919 % 60 as bigint) * 86400000000 + cast(p * p * 30 * 86400000000 as bigint)) as timestamp from (select cast(floor(pow(random(), 2) * {rows} / 25) as bigint) c, random() p, random() r from range({rows}))) to '{file}' (format parquet)")
"""

OURS = """
import dataclasses, json, resource, sys
def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF); return used.ru_utime + used.ru_stime
from regulars.access import Shop
from regulars.understand.questions import Desk
from regulars.understand.reports.kinds import report_of
from regulars.warehouse import Warehouse
file, memory, asked = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
for kind in asked: report_of(kind)
if len(sys.argv) > 5: Warehouse.open('duckdb://:memory:').make_ready()
begun = cpu()
store = Warehouse.open('file://' + file, memory_limit=memory, threads=int(sys.argv[4]))
desk = Desk(store, Shop(shop_id='file', name='File', timezone='UTC', currency='CNY', week_start=0))
took, answers = {'open': cpu() - begun}, {}
for kind, told in asked.items():
    report = report_of(kind); before = cpu(); answers[kind] = report.answer(desk, report.read(desk, told)); took[kind] = cpu() - before
print(json.dumps({'took': took, 'answers': {kind: dataclasses.asdict(one) for kind, one in answers.items()}, 'reports': cpu() - begun, 'whole': cpu(), 'peak_mb': int(open('/proc/self/status').read().split('VmHWM:')[1].split()[0]) / 1024}, default=str))
"""

PEER = """
import json, resource, sys
def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF); return used.ru_utime + used.ru_stime
import pandas, retentioneering
begun = cpu()
frame = pandas.read_parquet(sys.argv[1])
stream = retentioneering.Eventstream(frame, schema={'path_cols': ['user_id'], 'event_col': 'event', 'timestamp_col': 'timestamp'})
loading, whole, peak, took = cpu() - begun, cpu(), int(open('/proc/self/status').read().split('VmHWM:')[1].split()[0]) / 1024, {}
steps = ['Product Viewed', 'Product Added', 'Checkout Started', 'Order Completed']
for kind, asked in {'funnel': lambda: stream.funnel_data(steps), 'paths': lambda: (stream.transition_graph_data('count'), stream.step_sankey_data(5)), 'sessions': lambda: stream.split_sessions(timeout='30m').df}.items():
    before = cpu(); asked(); took[kind] = cpu() - before
print(json.dumps({'version': retentioneering.__version__, 'took': took, 'loading': loading, 'whole': whole, 'peak_mb': peak}))
"""

#: Written by hand for this file: what the best programmer would write who needs only these four numbers.
BY_HAND = """
import json, resource, sys
import duckdb, numpy as np
def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF); return used.ru_utime + used.ru_stime
file = sys.argv[1]
con = duckdb.connect(config={'threads': int(sys.argv[2])})
DAY = 86_400_000_000
def heads(u): return np.concatenate(([True], u[1:] != u[:-1]))
def funnel():
    got = con.execute(f"select hash(user_id) u, epoch_us(timestamp) t, (case event when 'Product Viewed' then 0 when 'Product Added' then 1 when 'Checkout Started' then 2 else 3 end)::tinyint s from '{file}' where event in ('Product Viewed', 'Product Added', 'Checkout Started', 'Order Completed') and timestamp < '2026-04-13' order by u, t, s").to_arrow_table()
    u, t, s = (got[name].to_numpy() for name in 'uts'); place = np.arange(len(u)); new = heads(u)
    first = np.maximum.accumulate(np.where(new, place, 0)); begun = np.where(s == 0, place, -1); sizes = [len(np.unique(first[s == 0]))]; steps = [begun]
    for k in (1, 2, 3):
        run = np.maximum.accumulate(begun); fits = (s == k) & (run >= first) & (t - t[np.maximum(run, 0)] <= 7 * DAY)
        begun = np.where(fits, run, -1); sizes.append(len(np.unique(first[fits])))
    return sizes
def retention():
    return con.execute(f"with w as (select distinct hash(user_id) u, date_trunc('week', timestamp) w from '{file}' where event = 'Product Viewed' and timestamp >= '2026-01-12' and timestamp < '2026-04-06') select a.w, datediff('week', a.w, b.w) k, count(*) from w a join w b on a.u = b.u and b.w >= a.w group by all").fetchall()
def paths():
    got = con.execute(f"select hash(user_id) u, epoch_us(timestamp) t, (case event when 'Product Viewed' then 0 when 'Product Added' then 1 when 'Checkout Started' then 2 when 'Order Completed' then 3 when 'Page Viewed' then 4 else 5 end)::tinyint s from '{file}' where timestamp < '2026-04-06' order by u, t").to_arrow_table()
    u, t, s = (got[name].to_numpy() for name in 'uts')
    new = heads(u) | np.concatenate(([True], np.diff(t) >= 30 * 60 * 1_000_000)); kept = new | np.concatenate(([True], s[1:] != s[:-1]))
    session = np.cumsum(new)[kept]; s, t, u = s[kept], t[kept], u[kept]; new = heads(session); place = np.arange(len(s))
    step = place - np.maximum.accumulate(np.where(new, place, 0)); pair = np.flatnonzero((~new[1:]) & (step[1:] < 5)) + 1
    edge = (step[pair].astype(np.int64) * 6 + s[pair - 1]) * 6 + s[pair]
    waits = np.bincount(edge, weights=t[pair] - t[pair - 1]); who = np.unique(np.stack((edge, u[pair].view(np.int64))), axis=1)
    return np.bincount(edge), waits, np.bincount(who[0])
def sessions():
    got = con.execute(f"select hash(user_id) u, epoch_us(timestamp) t from '{file}' where timestamp < '2026-04-06' order by u, t").to_arrow_table()
    u, t = got['u'].to_numpy(), got['t'].to_numpy()
    new = np.flatnonzero(heads(u) | np.concatenate(([True], np.diff(t) >= 30 * 60 * 1_000_000))); ends = np.append(new[1:], len(t)) - 1
    lengths = t[ends] - t[new]; return len(new), lengths.mean(), np.median(lengths), (ends == new).mean(), len(np.unique(u))
took = {}
for kind in ('funnel', 'retention', 'paths', 'sessions'):
    before = cpu(); globals()[kind](); took[kind] = cpu() - before
print(json.dumps({'took': took}))
"""


def run(python: str, program: str, *arguments: str) -> dict[str, Any]:
    """A program in a process of its own; the last line it prints is its answer."""
    done = subprocess.run([python, "-c", program, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def peer_python(place: Path) -> str:
    """A Python of its own with the newest retentioneering."""
    venv = place / "peer"
    subprocess.run(["uv", "venv", "--quiet", str(venv)], check=True)
    python = str(venv / "bin/python")
    subprocess.run(["uv", "pip", "install", "--quiet", "--python", python, "retentioneering"], check=True)
    return python


def measure() -> str:
    """The section's text."""
    with tempfile.TemporaryDirectory(prefix="regulars-events-") as place:
        return _measure(Path(place))


def _measure(place: Path) -> str:
    small, large = place / "small.parquet", place / "large.parquet"
    for rows, file in ((ROWS, small), (LARGE, large)):
        subprocess.run([sys.executable, "-c", MAKE, str(rows), str(file)], check=True)
    ours = run(sys.executable, OURS, str(small), "100MB", json.dumps(QUESTIONS), "1")
    python = peer_python(place)
    peers, alone = [], {kind: list[float]() for kind in QUESTIONS}
    for _ in range(3):
        peers.append(run(python, PEER, str(small)))
        for kind, told in QUESTIONS.items():
            one = run(sys.executable, OURS, str(small), "100MB", json.dumps({kind: told}), "1", "ready")
            alone[kind].append(one["reports"])
    peer = sorted(peers, key=lambda one: one["loading"])[1]
    figures = []
    for kind, told in QUESTIONS.items():
        runs = [run(sys.executable, OURS, str(large), "3GB", json.dumps({kind: told}), "2") for _ in range(3)]
        figures.append((kind, sorted(one["took"][kind] for one in runs)[1], max(one["peak_mb"] for one in runs)))
    hands = [run(sys.executable, BY_HAND, str(large), "2")["took"] for _ in range(3)]
    small_took: dict[str, float] = ours["took"]
    theirs: dict[str, float] = {kind: sorted(one["took"][kind] for one in peers)[1] for kind in peer["took"]}
    beside = "\n".join(
        f"| {kind} | {(mine := sorted(alone[kind])[1]):.2f} | {took + peer['loading']:.2f} | {mine / (took + peer['loading']):.2f} | {took:.2f} |"
        for kind, took in theirs.items()
    )
    rows_ = "\n".join(
        f"| {kind} | {small_took[kind]:.2f} | {took:.2f} | {(by_hand := sorted(one[kind] for one in hands)[1]):.2f} | {took / by_hand:.2f} | {peak:,.0f} |"
        for kind, took, peak in figures
    )
    return f"""## Reports over events

Simulated events in one Parquet file, read by every question anew: {ROWS:,} and {LARGE:,} events of {ROWS // 25:,} and {LARGE // 25:,} customers at most. Processor seconds.

| what | regulars | retentioneering {peer["version"]} | ratio |
| --- | ---: | ---: | ---: |
| {ROWS:,} events: funnel, 12-week retention, paths and sessions (theirs: only loading the file) | {ours["reports"]:.2f} | {peer["loading"]:.2f} | {ours["reports"] / peer["loading"]:.2f} |
| the same with the start of the program and its imports | {ours["whole"]:.2f} | {peer["whole"]:.2f} | {ours["whole"] / peer["whole"]:.2f} |
| peak memory, MB | {ours["peak_mb"]:,.0f} | {peer["peak_mb"]:,.0f} | {ours["peak_mb"] / peer["peak_mb"]:.2f} |

One report alone of {ROWS:,} events, from the file to the answer, each in a process that has its imports; the median of 3 runs in turn. Theirs has
no retention; its funnel has no window and no times, its paths are transitions and steps of whole histories, its sessions are a column.

| report | regulars | retentioneering | ratio | of that without loading |
| --- | ---: | ---: | ---: | ---: |
{beside}

| report | {ROWS:,} | {LARGE:,} | written by hand, {LARGE:,} | ratio | peak, MB |
| --- | ---: | ---: | ---: | ---: | ---: |
{rows_}

By hand: DuckDB filters and sorts, numpy does the rest, for these questions and this file alone; ours also gives mean and median times, edges with customers and the like.

Figures to meet: less than retentioneering needs to load the file, below 250 MB; at most 1.2 times the program written by hand.
"""
