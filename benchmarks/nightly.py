"""A night of a large shop: a million customers judged, with reasons for the warned, values and next dates; where the time goes.

    python -m benchmarks nightly
    python -m benchmarks.nightly 100000      # fewer customers, for a quick look

The shop is simulated: a year of orders by rhythms of their own, six lines an order, and visits with their events. Everything is the product's own
nightly jobs, twice: on a night on which models are learned and judged by past cut-offs, once a week, and on one on which champions answer.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import duckdb

from benchmarks.customers import _LINES, _ORDERS, SHOP
from benchmarks.measuring import child, peak_mb
from regulars.access import Caller, Keyring, shops
from regulars.predict import churn, lifetime_value
from regulars.records import Records
from regulars.rooms import import_tables
from regulars.understand import profiles
from regulars.warehouse import Warehouse

CUSTOMERS = 1_000_000
#: Orders dear enough that some customers are worth a warning.
_DEAR = _ORDERS.replace("1000 + hash(i, k, 1) % 9000", "10000 + hash(i, k, 1) % 90000")
_SESSIONS = """
    INSERT INTO sessions BY NAME
    WITH s AS (SELECT i, k, TIMESTAMP '2025-01-01' + to_seconds(CAST(hash(i, k, 7) % (365 * 86400) AS BIGINT)) AS started_at,
            1 + hash(i, k, 8) % 9 AS events, CAST(20 + hash(i, k, 9) % 900 AS BIGINT) AS duration_s
        FROM range({customers}) t(i), range(CAST(hash(i, 11) % 15 AS BIGINT)) u(k))
    SELECT 'simulated' AS shop_id, CAST(i * 16 + k AS BIGINT) AS session_key, 'c' || i AS customer_id, true AS is_known, started_at,
        started_at + to_seconds(duration_s) AS ended_at, duration_s, events::BIGINT AS events, events::BIGINT AS pages,
        (events // 2)::BIGINT AS product_views, (hash(i, k, 3) % 5 = 0)::BIGINT AS carts, 0::BIGINT AS orders, 0::BIGINT AS value_minor,
        events = 1 AS is_bounce, true AS is_seen, events::BIGINT AS peak_pages, events::BIGINT AS peak_events, false AS is_bot,
        false AS is_history FROM s
"""
_EVENTS = """
    INSERT INTO events BY NAME
    SELECT shop_id, 'web' AS source_id, session_key || '-' || e AS message_id, CAST(session_key * 16 + e AS BIGINT) AS event_key,
        'track' AS type, CASE WHEN e = 0 THEN 'Page Viewed' ELSE 'Product Viewed' END AS event, customer_id, true AS is_known,
        started_at + to_seconds(e * 20) AS timestamp, started_at AS received_at, 'p' || hash(session_key, e) % 5000 AS product_id,
        false AS is_bot, false AS is_history, '{}' AS properties, 'p' AS part_id
    FROM sessions, range(events) t(e)
"""


def measure(customers: int = CUSTOMERS) -> str:
    """The section of the benchmark page."""
    with tempfile.TemporaryDirectory(prefix="regulars-night-") as place:
        made = _filled(Path(place), customers)
        run = child("benchmarks.nightly", "night", place)
    steps: dict[str, dict[str, list[float]]] = run.answer["steps"]
    rows = "\n".join(
        f"| {name} | {_seconds(steps['learned'], name)} | {_seconds(steps['answered'], name)} |" for name in steps["learned"]
    )
    sums = [[sum(one[place] for one in night.values()) for place in (0, 1)] for night in steps.values()]
    whole = " | ".join(f"**{wall:.0f}** ({cpu:.0f})" for wall, cpu in sums)
    return f"""## A night of a million customers

Simulated: {customers:,} customers, {made["orders"]:,} orders, {made["lines"]:,} order lines, {made["sessions"]:,} visits, {made["events"]:,} events
in one DuckDB file. The product's own nightly jobs in one process; seconds, CPU seconds in brackets. Once a week the models are learned anew and
judged by past cut-offs, on other nights their champions answer.

| step | models are learned | champions answer |
| --- | ---: | ---: |
{rows}
| all | {whole} |

Judged: {run.answer["judged"]:,} customers who are still about, {run.answer["warned"]:,} of them warned with reasons; a value and a next date for {run.answer["valued"]:,}.
Peak memory {run.peak_mb:,.0f} MB. Figures to meet: 15 minutes (900 s) and 8 GB on 2 cores.
"""


def _seconds(night: dict[str, list[float]], name: str) -> str:
    wall, cpu = night[name]
    return f"{wall:.0f} ({cpu:.0f})"


def _filled(place: Path, customers: int) -> dict[str, int]:
    """The simulated shop."""
    Warehouse.open(f"duckdb:///{place}/warehouse.duckdb", memory_limit="4GB").close()
    found = {}
    with duckdb.connect(str(place / "warehouse.duckdb")) as store:
        store.execute("SET memory_limit = '6GB'; SET preserve_insertion_order = false")
        for name, table, statement in (
            ("orders", "orders", _DEAR.format(customers=customers)),
            ("lines", "order_lines", _LINES),
            ("sessions", "sessions", _SESSIONS.format(customers=customers)),
            ("events", "events", _EVENTS),
        ):
            store.execute(statement)
            found[name] = _count(store, table)
    return found


def _count(store: duckdb.DuckDBPyConnection, table: str) -> int:
    row = store.execute(f"SELECT count(*) FROM {table}").fetchone()
    assert row is not None
    return int(row[0])


def _night(place: Path) -> dict[str, Any]:
    """Every step, timed."""
    import_tables()
    records = Records.open(f"sqlite:///{place}/records.sqlite")
    records.migrate()
    warehouse = Warehouse.open(f"duckdb:///{place}/warehouse.duckdb", memory_limit="3GB")
    with records.unit() as uow:
        caller = Caller.system("benchmark", Keyring.open(place))
        shops.create(uow, caller, shop_id=SHOP.shop_id, name=SHOP.name, timezone=SHOP.timezone, currency=SHOP.currency)
    steps: dict[str, dict[str, tuple[float, float]]] = {}

    def timed(night: str, name: str, work: Callable[[], Any]) -> Any:
        wall, cpu = perf_counter(), process_time()
        done = work()
        took = steps.setdefault(night, {})[name] = (perf_counter() - wall, process_time() - cpu)
        peak = peak_mb()
        print(f"{night}, {name}: {took[0]:.0f} s, {took[1]:.0f} CPU s, peak {peak:,.0f} MB", file=sys.stderr, flush=True)
        return done

    for night in ("learned", "answered"):
        timed(night, "profiles", lambda: profiles.refresh(warehouse, SHOP))
        first = timed(night, "churn: snapshot, score, reasons of the warned", lambda: churn.score(records, warehouse, SHOP))
        whole = night == "learned"
        valued = timed(night, "values and next dates", partial(lifetime_value.run, records, warehouse, SHOP, whole=whole))
    warehouse.close()
    records.close()
    return {"steps": steps, "judged": first.customers, "warned": first.yellow + first.orange + first.red, "valued": valued}


if __name__ == "__main__":
    if sys.argv[1:2] == ["night"]:
        print(json.dumps(_night(Path(sys.argv[2]))))
    else:
        print(measure(int(sys.argv[1]) if sys.argv[1:] else CUSTOMERS))
