"""Thirty segments over a million customers and fifty million simulated events, evaluated again in one pass, beside one full scan."""

from __future__ import annotations

import json
import os
import resource
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.support.server import command

from benchmarks.measuring import child

CUSTOMERS = 1_000_000
EVENTS = 50_000_000
NEW = 20_000
_PIECE = 5_000_000
_MOST = 3
_RUNS = 3
_NAMES = ("Product Viewed", "Product Added", "Products Searched", "Page Viewed", "Order Completed", "Checkout Started")
_SQL = """INSERT INTO events BY NAME SELECT 's' shop_id, 'x' source_id, 'm' || i message_id, i event_key, 'track' "type",
    (['Product Viewed','Product Viewed','Product Viewed','Product Viewed','Page Viewed','Product Added','Products Searched','Checkout Started','Order Completed'])[1 + (hash(i) % 9)::INT] "event",
    'c' || (hash(i * 7) % {customers}) customer_id, true is_known, 'c' || (hash(i * 7) % {customers}) user_id,
    TIMESTAMP '2026-01-01' + to_seconds((hash(i * 3) % 7776000)::BIGINT) "timestamp", TIMESTAMP '2026-04-01' received_at,
    (['Tea', 'Cups', 'Food'])[1 + (hash(i * 11) % 3)::INT] category, (hash(i * 13) % 100)::DECIMAL(18, 4) price,
    false is_bot, true is_history, '{{"total": ' || (hash(i * 13) % 100) || '}}' properties, 'p' part_id FROM range({start}, {end}) t(i)"""
#: Every event once, by customer, with the columns that the segments ask about.
_SCAN = """SELECT count(*), max(n), max(last), max(name), max(category), max(price), max(known) FROM (SELECT customer_id, count(*) n,
    max("timestamp") "last", max("event") "name", max(category) category, sum(price) price, max(is_known) known
    FROM events WHERE shop_id = 's' AND NOT is_bot GROUP BY customer_id)"""
#: Every column of every event once.
_ALL = "SELECT max(hash(COLUMNS(*))) FROM events"


def trees() -> list[dict[str, Any]]:
    """Thirty conditions of four kinds, over six events and five periods."""
    found: list[dict[str, Any]] = []
    for k in range(30):
        name, days = _NAMES[k % len(_NAMES)], (7, 14, 30, 60, 90)[k % 5]
        tea = {"did": {"event": name, "where": [{"key": "category", "value": "Tea"}]}, "at_least": 2, "within_days": days}
        kinds: list[dict[str, Any]] = [
            {"did": {"event": name}, "at_least": 1 + k % 4, "within_days": days},
            {"all": [tea, {"not": {"did": "Order Completed", "within_days": 7}}]},
            {"did": {"event": name}, "measure": "sum(price)", "at_least": 100, "within_days": days},
            {"stopped": name, "since_days": 7, "before_days": days},
        ]
        found.append(kinds[k % 4])
    return found


def measure() -> str:
    """The section's text."""
    with tempfile.TemporaryDirectory(prefix="regulars-segments-") as folder:
        made = command(Path(folder), "init", "--shop", "s", "--timezone", "UTC", "--currency", "CNY")
        assert made.returncode == 0, made.stderr
        run = child("benchmarks.segments", folder, str(EVENTS), str(CUSTOMERS))
    found = run.answer
    lines = "\n".join(
        f"| {what} | {found[name]:.1f} | {found[name] / found['scan']:.2f} | {found[name] / found['all']:.2f} |"
        for what, name in (
            ("one scan: count, sum and maxima by customer of the columns that the segments ask about", "scan"),
            ("every column of every event read once", "all"),
            (f"30 segments evaluated again after {NEW:,} more events, members and changes written and told", "again"),
            ("the question alone: who comes and who goes", "judged"),
        )
    )
    return f"""## Thirty segments over {EVENTS:,} events

{CUSTOMERS:,} customers, simulated, in the server's own store; counts, sums, "but not" and "stopped" over six events and five periods.
Processor seconds, the median of {_RUNS} runs of each in turn.

| what | seconds | times one scan | times every column read |
| --- | ---: | ---: | ---: |
{lines}

{found["changes"]:,} customers entered or left a segment; the segments hold {found["members"]:,} members together. Peak memory {run.peak_mb:,.0f} MB, the store is
{found["file_mb"]:,.0f} MB.

Figure to meet: less than {_MOST} times one single full scan.
"""


def _main(home: str, events: int, customers: int) -> None:
    from regulars.access import shops
    from regulars.access.domain import Caller
    from regulars.app import House
    from regulars.settings import Settings
    from regulars.understand.questions import Desk
    from regulars.understand.segments import SegmentFile, definition, evaluate, judging, save
    from regulars.understand.segments.queries import members

    house = House.open(Settings.load({**os.environ, "REGULARS_HOME": home}))
    write = house.warehouse.engine._handle.write  # type: ignore[attr-defined]
    for start in range(0, events, _PIECE):
        write(_SQL.format(customers=customers, start=start, end=min(start + _PIECE, events)))
    write("CHECKPOINT")
    caller = Caller.system("bench", house.keyring)
    with house.records.unit() as uow:
        shop = shops.get(uow, "s")
        for k, tree in enumerate(trees()):
            save(uow, caller, shop, SegmentFile(segment_id=f"s{k}", name=f"Segment {k}", kind="dynamic", where_tree=tree))
    evaluate(house.records, house.warehouse, shop)
    wanted = {f"s{k}": definition(tree, "UTC") for k, tree in enumerate(trees())}
    engine, desk = house.warehouse.engine, Desk(house.warehouse, shop)
    runs: dict[str, list[float]] = {"scan": [], "all": [], "judged": [], "again": []}
    done: list[Any] = []
    for k in range(_RUNS):
        with house.warehouse._writing("events"):  # so that nothing is answered from memory
            write(_SQL.format(customers=customers, start=events + k * NEW, end=events + (k + 1) * NEW))
        judged = judging.judge(desk, wanted, at=judging.as_of(desk), held=list(wanted))
        question = members.came_and_went(judged, list(wanted))
        runs["scan"].append(_cpu(lambda: engine.query(_SCAN)))
        runs["all"].append(_cpu(lambda: engine.query(_ALL)))
        runs["judged"].append(_cpu(lambda asked=question: house.warehouse.query(asked)))  # type: ignore[misc]
        runs["again"].append(_cpu(lambda: done.append(evaluate(house.records, house.warehouse, shop))))
        print(k, {name: round(each[-1], 1) for name, each in runs.items()}, flush=True)
    took = {name: statistics.median(each) for name, each in runs.items()}
    changes = statistics.median(one.entered + one.left for one in done)
    stored = sum(row["customers"] for row in house.warehouse.rows(members.sizes("s")))
    house.close()
    size = sum(file.stat().st_size for file in Path(home).rglob("*") if file.is_file()) / 2**20
    print(json.dumps({**took, "changes": changes, "members": stored, "file_mb": size}))


def _cpu(work: Callable[[], object]) -> float:
    """Processor seconds."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    work()
    after = resource.getrusage(resource.RUSAGE_SELF)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    _main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
