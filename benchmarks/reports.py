"""Every report of metrics and retention on 20 million order lines, against SQL written by hand for the same answer.

    python -m benchmarks reports
    python -m benchmarks.reports 2000000       # fewer lines, for a quick look

The store is simulated: a million orders of about 200,000 customers over three years, 20 lines each, 5,000 products. Each report
is asked anew every time (nothing kept from before), and its numbers are compared with the hand-written ones before it is timed.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from time import process_time
from typing import Any

from regulars.access import Shop
from regulars.understand import metrics, retention
from regulars.values.periods import Period
from regulars.warehouse import Warehouse

SHOP = Shop(shop_id="simulated", name="Simulated", timezone="Asia/Shanghai", currency="CNY")
YEAR = Period(date(2024, 1, 1), date(2025, 1, 1))
LINES_PER_ORDER = 20

_ORDERS = """
    INSERT INTO orders BY NAME
    SELECT 'simulated' AS shop_id, 'O' || (10000000 + i) AS order_id,
        CASE WHEN hash(i * 7) % 50 = 0 THEN NULL
            ELSE 'c' || (hash(i) % 1000000 * (hash(i + 5) % 1000000) // 1000000 // 4) END AS customer_id,
        TIMESTAMP '2022-01-01' + to_seconds(CAST(i * 94608000.0 / {orders} + hash(i + 3) % 86400 AS BIGINT)) AS ordered_at,
        CASE WHEN hash(i + 11) % 40 = 0 THEN 'cancelled' WHEN hash(i + 12) % 60 = 0 THEN 'unpaid' ELSE 'placed' END AS status,
        'CNY' AS currency, CAST(1000 + hash(i + 1) % 50000 AS BIGINT) AS total_minor,
        CAST(1000 + hash(i + 1) % 50000 AS BIGINT) AS items_minor, 0::BIGINT AS shipping_minor, 0::BIGINT AS tax_minor,
        0::BIGINT AS discount_minor, CAST(20 + hash(i) % 30 AS DECIMAL(18, 3)) AS units, {lines}::INTEGER AS line_count,
        'ch' || (hash(i + 2) % 5) AS channel, 'r' || (hash(i + 4) % 30) AS region, 'benchmark' AS "source", 'l' AS load_id
    FROM range({orders}) t(i)
"""
_LINES = """
    INSERT INTO order_lines BY NAME
    SELECT shop_id, order_id, CAST(hash(order_id, l) >> 1 AS BIGINT) AS line_key, customer_id, ordered_at, status,
        CASE WHEN l = 19 THEN 'shipping' ELSE 'product' END AS kind, 'p' || product AS product_id,
        'Product number ' || product AS product_name, 'category ' || (product % 60) AS category, 'b' || (product % 200) AS brand,
        CAST(1 + hash(order_id, l, 1) % 5 AS DECIMAL(18, 3)) AS quantity,
        CAST(1 + hash(order_id, l, 2) % 1000 / 10.0 AS DECIMAL(18, 4)) AS unit_price,
        CAST((1 + hash(order_id, l, 1) % 5) * (100 + hash(order_id, l, 2) % 1000 * 10) AS BIGINT) AS amount_minor,
        'CNY' AS currency, 'l' AS load_id
    FROM (SELECT o.*, l, hash(order_id, l, 3) % 10000 * (hash(order_id, l, 4) % 10000) // 20000 AS product
        FROM orders o, range({lines}) t(l))
"""
_REFUNDS = """
    INSERT INTO refunds BY NAME
    SELECT shop_id, 'R' || order_id AS refund_id, line_key, order_id, customer_id, ordered_at + INTERVAL 9 DAY AS refunded_at,
        'return' AS kind, product_id, product_name, category, quantity, amount_minor, currency, load_id
    FROM order_lines WHERE hash(line_key) % 40 = 0
"""

#: 1 January of 2023, 2024 and 2025 in Shanghai.
_BEFORE, _START, _END = "TIMESTAMP '2022-12-31 16:00'", "TIMESTAMP '2023-12-31 16:00'", "TIMESTAMP '2024-12-31 16:00'"
_PAID = "shop_id = 'simulated' AND status IN ('placed', 'cancelled')"

_TOTALS_BY_HAND = """
    SELECT {bucket} AS bucket, sum(total_minor), sum(total_minor) FILTER (status = 'cancelled'), count(*), sum(units),
        sum(items_minor), count(*) FILTER (status = 'cancelled'), count(DISTINCT customer_id),
        count(DISTINCT customer_id) FILTER (earlier IS NULL),
        sum(total_minor) FILTER (customer_id IS NOT NULL AND earlier IS NULL), sum(total_minor) FILTER (customer_id IS NOT NULL),
        count(customer_id), avg(date_diff('microsecond', earlier, ordered_at) / 86400e6) FILTER (customer_id IS NOT NULL),
        median(date_diff('microsecond', earlier, ordered_at) / 86400e6) FILTER (customer_id IS NOT NULL)
    FROM facts WHERE ordered_at >= {start} AND ordered_at < {end} GROUP BY ALL
"""
_REPEAT_BY_HAND = """
    SELECT bucket, count(*) FROM (SELECT {bucket} AS bucket, customer_id FROM facts WHERE customer_id IS NOT NULL
        AND ordered_at >= {start} AND ordered_at < {end} GROUP BY ALL HAVING count(*) > 1) GROUP BY bucket
"""
_REFUNDS_BY_HAND = """
    SELECT {refund_bucket} AS bucket, sum(amount_minor) FROM refunds WHERE shop_id = 'simulated' AND currency = 'CNY'
        AND refunded_at >= {start} AND refunded_at < {end} GROUP BY ALL
"""


@dataclass(frozen=True)
class Report:
    """One report, the same in SQL, and the numbers both must give."""

    name: str
    ours: Callable[[Warehouse], Any]
    by_hand: Callable[[Warehouse], list[list[tuple[Any, ...]]]]
    numbers: Callable[[Any], Any]
    numbers_by_hand: Callable[[list[list[tuple[Any, ...]]]], Any]


def asked(warehouse: Warehouse, *queries: str) -> list[list[tuple[Any, ...]]]:
    """The rows of some SQL, fetched as a report fetches them."""
    return [[tuple(row.values()) for row in warehouse.engine.query(sql).to_pylist()] for sql in queries]


def totals_by_hand(warehouse: Warehouse) -> list[list[tuple[Any, ...]]]:
    """Three periods and a series by month, with distinct buyers by COUNT(DISTINCT)."""
    facts = f"""WITH facts AS MATERIALIZED (SELECT *, lag(ordered_at) OVER (PARTITION BY customer_id ORDER BY ordered_at, order_id)
        AS earlier FROM orders WHERE {_PAID} AND ordered_at < {_END})"""
    month, refund_month = (f"date_trunc('month', {column} + INTERVAL 8 HOUR)" for column in ("ordered_at", "refunded_at"))
    parts: dict[str, list[str]] = {_TOTALS_BY_HAND: [], _REPEAT_BY_HAND: [], _REFUNDS_BY_HAND: []}
    for template, made in parts.items():
        for start, end in ((_START, _END), (_BEFORE, _START), (_BEFORE, _START)):
            made.append(template.format(bucket="NULL::TIMESTAMP", refund_bucket="NULL::TIMESTAMP", start=start, end=end))
        made.append(template.format(bucket=month, refund_bucket=refund_month, start=_START, end=_END))
    union = " UNION ALL ".join
    return asked(
        warehouse,
        f"{facts} {union(parts[_TOTALS_BY_HAND])}",
        f"{facts} {union(parts[_REPEAT_BY_HAND])}",
        union(parts[_REFUNDS_BY_HAND]),
    )


def breakdown_by_hand(column: str) -> Callable[[Warehouse], list[list[tuple[Any, ...]]]]:
    """Ten groups with orders and buyers, beside the year before, the rest as one row, refunds, and the whole."""

    def ask(warehouse: Warehouse) -> list[list[tuple[Any, ...]]]:
        lines = f"order_lines WHERE {_PAID} AND kind = 'product'"
        return asked(
            warehouse,
            f"""WITH s AS (SELECT {column} AS key, sum(amount_minor) FILTER (ordered_at >= {_START}) AS revenue,
                    sum(amount_minor) FILTER (ordered_at < {_START}) AS before,
                    sum(quantity) FILTER (ordered_at >= {_START}) AS units
                FROM {lines} AND ordered_at >= {_BEFORE} AND ordered_at < {_END} GROUP BY 1),
            a AS (SELECT sum(amount_minor) FROM order_lines WHERE {_PAID} AND kind IN ('gift_card', 'other')
                AND ordered_at >= {_BEFORE} AND ordered_at < {_END}),
            r AS (SELECT {column} AS key, sum(amount_minor) AS refunds FROM refunds WHERE shop_id = 'simulated'
                AND refunded_at >= {_START} AND refunded_at < {_END} GROUP BY 1),
            j AS (SELECT *, row_number() OVER (ORDER BY revenue DESC, key) AS place FROM s FULL JOIN r USING (key)),
            d AS (SELECT {column} AS key, count(DISTINCT order_id) AS orders, count(DISTINCT customer_id) AS buyers
                FROM {lines} AND ordered_at >= {_START} AND ordered_at < {_END}
                AND {column} IN (SELECT key FROM j WHERE place <= 10) GROUP BY 1),
            n AS (SELECT {column} AS key, arg_max(product_name, ordered_at) AS name
                FROM {lines} AND ordered_at >= {_START} AND ordered_at < {_END}
                AND {column} IN (SELECT key FROM j WHERE place <= 10) GROUP BY 1)
            SELECT CASE WHEN place <= 10 THEN key END AS key, sum(revenue), sum(before), sum(units), sum(refunds),
                any_value(orders), any_value(buyers), any_value(name), any_value((FROM a))
            FROM j LEFT JOIN d USING (key) LEFT JOIN n USING (key) GROUP BY 1, least(place, 11) ORDER BY min(place)""",
            f"""SELECT count(*), count(DISTINCT customer_id), sum(total_minor) FROM orders WHERE {_PAID}
                AND ordered_at >= {_START} AND ordered_at < {_END}""",
        )

    return ask


def triangle_by_hand(unit: str) -> Callable[[Warehouse], list[list[tuple[Any, ...]]]]:
    """Customers, orders and revenue by first bucket and bucket."""

    def ask(warehouse: Warehouse) -> list[list[tuple[Any, ...]]]:
        return asked(
            warehouse,
            f"""WITH o AS (SELECT customer_id, total_minor,
                    CAST(date_trunc('{unit}', ordered_at + INTERVAL 8 HOUR) AS DATE) AS bucket
                FROM orders WHERE {_PAID} AND customer_id IS NOT NULL AND ordered_at < {_END}),
            f AS (SELECT customer_id, min(bucket) AS cohort FROM o GROUP BY 1)
            SELECT cohort, bucket, count(DISTINCT customer_id), count(*), sum(total_minor) FROM o JOIN f USING (customer_id)
            WHERE cohort >= DATE '2024-01-01' GROUP BY 1, 2""",
        )

    return ask


REPORTS = (
    Report(
        "metrics, 25 of them, by month",
        lambda store: metrics.report(store, SHOP, YEAR, "month"),
        totals_by_hand,
        lambda answer: sorted(
            [answer.total("gmv").value.minor, answer.total("gmv").previous.minor, *(b.values["gmv"].minor for b in answer.series)]
        ),
        lambda rows: sorted({int(row[1]) for row in rows[0]}),
    ),
    *(
        Report(
            f"sales by {by}",
            lambda store, by=by: metrics.breakdown(store, SHOP, YEAR, by),  # type: ignore[misc]
            breakdown_by_hand(column),
            lambda answer: [(row.item_revenue.minor, row.orders, row.buyers, row.refunds.minor) for row in answer.rows],
            lambda rows: [(int(row[1]), row[5], row[6], int(row[4] or 0)) for row in rows[0][:10]],
        )
        for by, column in (("product", "product_id"), ("category", "category"))
    ),
    Report(
        "retention by month",
        lambda store: retention.retention(store, SHOP, YEAR, "month"),
        triangle_by_hand("month"),
        lambda answer: sum(cell.value for row in answer.cohorts for cell in row.cells),
        lambda rows: sum(row[2] for row in rows[0]),
    ),
    Report(
        "lifetime value",
        lambda store: retention.ltv(store, SHOP, YEAR),
        triangle_by_hand("month"),
        lambda answer: sum(row.customers for row in answer.cohorts),
        lambda rows: sum(row[2] for row in rows[0] if row[0] == row[1]),
    ),
)


def measure(lines: int = 20_000_000) -> str:
    """The section of the benchmark page."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        warehouse = simulated(Path(folder), lines)
        for report in REPORTS:
            ours, hand = report.numbers(report.ours(warehouse)), report.numbers_by_hand(report.by_hand(warehouse))
            if ours != hand:
                raise AssertionError(f"{report.name}: {ours} against {hand} by hand")
            seconds, by_hand = cpu_of_each(5, partial(asked_anew, report, warehouse), partial(report.by_hand, warehouse))
            rows.append(f"| {report.name} | {seconds:.2f} | {by_hand:.2f} | {seconds / by_hand:.2f} |")
            print(rows[-1], flush=True)
        warehouse.close()
    parts = (
        f"## Reports on {lines:,} order lines",
        "",
        "Simulated store, both on DuckDB, CPU seconds, best of 5 taken in turn, nothing kept from before.",
        "",
        "| report | regulars | SQL by hand | ratio |",
        "| --- | ---: | ---: | ---: |",
        *rows,
    )
    return "\n".join(parts)


def simulated(folder: Path, lines: int) -> Warehouse:
    """A warehouse with so many order lines."""
    warehouse = Warehouse.open(f"duckdb:///{folder}/warehouse.duckdb", memory_limit="4GB")
    numbers = {"orders": lines // LINES_PER_ORDER, "lines": LINES_PER_ORDER}
    with warehouse.transaction():
        for sql in (_ORDERS, _LINES, _REFUNDS):
            warehouse.engine._handle.write(sql.format(**numbers))  # type: ignore[attr-defined]
    return warehouse


def cpu_of_each(times: int, ours: Callable[[], object], by_hand: Callable[[], object]) -> tuple[float, float]:
    """The least CPU seconds of each over several runs in turn, so that a busy machine is busy for both."""
    least = [float("inf"), float("inf")]
    for _ in range(times):
        for place, work in enumerate((ours, by_hand)):
            started = process_time()
            work()
            least[place] = min(least[place], process_time() - started)
    return least[0], least[1]


def asked_anew(report: Report, warehouse: Warehouse) -> object:
    """The report with every kept answer forgotten."""
    warehouse._answers.clear()
    return report.ours(warehouse)


if __name__ == "__main__":
    print(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000_000))
