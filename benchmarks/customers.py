"""Customers at a million: rebuilding their numbers, RFM and lifecycle against SQL written by hand, and the pages built on them.

    python -m benchmarks customers
    python -m benchmarks.customers 100000       # fewer customers, for a quick look

The store is simulated: customers who order by a rhythm of their own over two years, about 3.9 orders each, six lines an order.
Numbers are compared with the hand-written ones before they are timed; answers kept from before are forgotten each time.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from time import process_time
from typing import Any

from benchmarks.measuring import median_of
from regulars.access import Shop
from regulars.predict import next_purchase
from regulars.understand import lifecycle, profiles, rfm
from regulars.understand.profiles import Filters
from regulars.values.periods import Period
from regulars.warehouse import Warehouse

SHOP = Shop(shop_id="simulated", name="Simulated", timezone="UTC", currency="CNY", dormant_after_days=90, churned_after_days=180)
YEAR = Period(date(2025, 1, 1), date(2026, 1, 1))

_ORDERS = """
    INSERT INTO orders BY NAME
    WITH c AS (SELECT i, CAST(1 + hash(i) % 12 * (hash(i + 1) % 12) // 12 AS BIGINT) AS n,
            hash(i + 2) % 600 AS start, 7 + hash(i + 3) % 120 AS gap
        FROM range({customers}) t(i)),
    o AS (SELECT i, k, TIMESTAMP '2024-01-01' + to_seconds(CAST(start * 86400 + k * gap * 86400 * (0.5 + hash(i, k) % 1000 / 1000.0)
        + hash(k, i) % 86400 AS BIGINT)) AS ordered_at FROM c, range(n) t(k))
    SELECT 'simulated' AS shop_id, 'o' || i || '-' || k AS order_id, 'c' || i AS customer_id, ordered_at, 'placed' AS status,
        'CNY' AS currency, CAST(1000 + hash(i, k, 1) % 9000 AS BIGINT) AS total_minor, 1000::BIGINT AS items_minor,
        0::BIGINT AS shipping_minor, 0::BIGINT AS tax_minor, 0::BIGINT AS discount_minor, 6::DECIMAL(18, 3) AS units,
        6::INTEGER AS line_count, 'r' || (hash(i, 4) % 30) AS region, 'benchmark' AS "source", 'l' AS load_id
    FROM o WHERE ordered_at < TIMESTAMP '2026-01-01'
"""
_LINES = """
    INSERT INTO order_lines BY NAME
    SELECT shop_id, order_id, l AS line_key, customer_id, ordered_at, status,
        'product' AS kind, 'p' || hash(order_id, l) % 5000 AS product_id,
        'Product ' || hash(order_id, l) % 5000 AS product_name, 'category ' || hash(order_id, l) % 20 AS category,
        1::DECIMAL(18, 3) AS quantity, 10::DECIMAL(18, 4) AS unit_price, 1000::BIGINT AS amount_minor, currency, load_id
    FROM orders, range(6) t(l)
"""

_PROFILES_BY_HAND = """
    CREATE OR REPLACE TEMP TABLE by_hand AS
    WITH d AS (SELECT customer_id, CAST(ordered_at AS DATE) AS day, min(ordered_at) AS first_at, max(ordered_at) AS last_at,
            count(*) AS orders, sum(total_minor) AS gmv, sum(units) AS units, arg_max(region, ordered_at) AS region,
            arg_max(channel, ordered_at) AS channel
        FROM orders WHERE shop_id = 'simulated' AND status IN ('placed', 'cancelled') AND customer_id IS NOT NULL GROUP BY ALL),
    g AS (SELECT *, date_diff('day', lag(day) OVER w, day)::DOUBLE AS gap, row_number() OVER w AS place FROM d
        WINDOW w AS (PARTITION BY customer_id ORDER BY day)),
    m AS (SELECT *, median(gap) OVER (PARTITION BY customer_id) AS middle FROM g),
    c AS (SELECT customer_id, min(first_at) AS first_at, max(last_at) AS last_at,
            date_diff('day', max(day), DATE '2025-12-31') AS recency,
            sum(orders) AS orders, sum(gmv) AS gmv, sum(units) AS units, arg_max(region, last_at) AS region,
            arg_max(channel, last_at) AS channel, count(*) AS days, avg(gap) AS mean_gap, any_value(middle) AS median_gap,
            median(abs(gap - middle)) AS spread, max(gap) FILTER (place = 2) AS second_gap,
            sum(gmv) FILTER (place > 1 AND day >= DATE '2025-01-01') AS repeat_year
        FROM m GROUP BY customer_id)
    SELECT *, ntile(5) OVER (ORDER BY recency DESC) AS r, ntile(5) OVER (ORDER BY orders) AS f,
        ntile(5) OVER (ORDER BY gmv) AS m
    FROM c
"""
_RFM_BY_HAND = """
    SELECT recency_score, frequency_score, monetary_score, count(*), sum(orders), sum(gmv_minor), sum(net_minor),
        sum(days_since_last), min(days_since_last), max(days_since_last), min(orders), max(orders), min(net_minor), max(net_minor)
    FROM customer_profiles WHERE shop_id = 'simulated' AND recency_score IS NOT NULL GROUP BY ALL
"""
_LIFECYCLE_BY_HAND = """
    WITH e AS (SELECT unnest(generate_series(DATE '2025-01-01', DATE '2026-01-01', INTERVAL 1 MONTH))::DATE - 1 AS month_end),
    s AS (SELECT month_end, customer_id, date_diff('day', max(day), month_end) AS since,
            date_diff('day', min(day), month_end) AS age
        FROM e JOIN (SELECT customer_id, CAST(ordered_at AS DATE) AS day FROM orders WHERE shop_id = 'simulated'
            AND status IN ('placed', 'cancelled') AND customer_id IS NOT NULL) o ON o.day <= e.month_end
        GROUP BY month_end, customer_id),
    t AS (SELECT month_end, customer_id, CASE WHEN since > 180 THEN 'churned' WHEN since > 90 THEN 'dormant'
        WHEN age <= 30 THEN 'new' ELSE 'active' END AS stage FROM s)
    SELECT month_end, coalesce(before, 'none'), stage, count(*)
    FROM (SELECT *, lag(stage) OVER (PARTITION BY customer_id ORDER BY month_end) AS before FROM t)
    WHERE month_end >= DATE '2025-01-31' GROUP BY ALL
"""


def measure(customers: int = 1_000_000) -> str:
    """The section of the benchmark page."""
    with tempfile.TemporaryDirectory() as folder:
        warehouse = simulated(Path(folder), customers)
        lines = warehouse.engine.query("SELECT count(*) AS n FROM order_lines").to_pylist()[0]["n"]
        rebuilt = compared(warehouse)
        pages = [f"| {name} | {seconds * 1000:,.0f} |" for name, seconds in page_times(warehouse)]
        warehouse.close()
    head = "| | regulars | SQL by hand | ratio |\n| --- | ---: | ---: | ---: |"
    return (
        f"## {customers:,} customers, {lines:,} order lines\n\nSimulated store on DuckDB. CPU seconds, best of 3 taken in turn, "
        f"nothing kept from before.\n\n{head}\n"
        + "\n".join(rebuilt)
        + "\n\nPages of 50 on the same store, median of 5, milliseconds:\n\n| page | ms |\n| --- | ---: |\n"
        + "\n".join(pages)
        + "\n"
    )


def compared(warehouse: Warehouse) -> list[str]:
    """Each piece of work beside the same in SQL by hand."""

    def by_hand(sql: str) -> list[dict[str, Any]]:
        cursor = warehouse.engine._handle.writer  # type: ignore[attr-defined]
        found: list[dict[str, Any]] = cursor.execute(sql).to_arrow_table().to_pylist()
        return found

    profiles.refresh(warehouse, SHOP)
    next_purchase.refresh(warehouse, SHOP)
    by_hand(_PROFILES_BY_HAND)
    (same,) = by_hand("""SELECT count(*) FILTER (h.orders = p.orders AND h.gmv = p.gmv_minor AND h.recency = p.days_since_last
        AND h.median_gap IS NOT DISTINCT FROM p.gap_days_median AND h.spread IS NOT DISTINCT FROM p.gap_days_spread) AS same,
        count(*) AS n FROM by_hand h FULL JOIN customer_profiles p USING (customer_id)""")
    months = lifecycle.report(warehouse, SHOP, period=YEAR).months
    moved = {(month.end_on, m.from_stage, m.to_stage): m.customers for month in months for m in month.movements}
    counted = {tuple(row.values())[:3]: tuple(row.values())[3] for row in by_hand(_LIFECYCLE_BY_HAND)}
    if same["same"] != same["n"] or moved != counted:
        raise AssertionError(f"profiles {same}; movements equal: {moved == counted}")
    rows = []
    for name, ours, sql in (
        ("rebuild all profiles", lambda: profiles.refresh(warehouse, SHOP), _PROFILES_BY_HAND),
        ("lifecycle, 12 months of movement", lambda: lifecycle.report(warehouse, SHOP, period=YEAR), _LIFECYCLE_BY_HAND),
        ("RFM report", lambda: rfm.report(warehouse, SHOP), _RFM_BY_HAND),
        ("rebuild all next orders", lambda: next_purchase.refresh(warehouse, SHOP), ""),
    ):
        seconds, peer = in_turn(3, partial(anew, warehouse, ours), partial(by_hand, sql) if sql else None)
        rows.append(f"| {name} | {seconds:.2f} | " + (f"{peer:.2f} | {seconds / peer:.2f} |" if peer else "- | - |"))
        print(rows[-1], flush=True)
    return rows


def page_times(warehouse: Warehouse) -> list[tuple[str, float]]:
    """What a reader waits for, with the answers of other pages kept."""
    first = next_purchase.act_on(warehouse, SHOP)
    someone = first.rows[0].customer_id
    search = partial(profiles.search, warehouse, SHOP)
    asked: list[tuple[str, Callable[[], object]]] = [
        ("customers by net revenue", search),
        ("customers whose number holds `c1234`", partial(search, filters=Filters(text="c1234"))),
        ("champions by last order", partial(search, filters=Filters(segment="champions"), sort="last_order")),
        ("one customer", lambda: profiles.customer(warehouse, SHOP, someone)),
        ("act on", lambda: next_purchase.act_on(warehouse, SHOP)),
        ("act on, next page", lambda: next_purchase.act_on(warehouse, SHOP, cursor=first.next)),
    ]
    return [(name, median_of(5, ask)) for name, ask in asked]


def simulated(folder: Path, customers: int) -> Warehouse:
    """A warehouse with so many customers."""
    warehouse = Warehouse.open(f"duckdb:///{folder}/warehouse.duckdb", memory_limit="4GB")
    with warehouse.transaction():
        warehouse.engine._handle.write(_ORDERS.format(customers=customers))  # type: ignore[attr-defined]
        warehouse.engine._handle.write(_LINES)  # type: ignore[attr-defined]
    return warehouse


def in_turn(times: int, ours: Callable[[], object], peer: Callable[[], object] | None) -> tuple[float, float]:
    """The least CPU seconds of each, run in turn, so that a busy machine is busy for both."""
    least = [float("inf"), float("inf")]
    for _ in range(times):
        for place, work in enumerate((ours, peer)):
            if work is not None:
                started = process_time()
                work()
                least[place] = min(least[place], process_time() - started)
    return least[0], 0.0 if peer is None else least[1]


def anew(warehouse: Warehouse, work: Callable[[], object]) -> None:
    """Work with every kept answer forgotten."""
    warehouse.version += 1
    work()


if __name__ == "__main__":
    print(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
