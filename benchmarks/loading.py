"""Loading order files, beside DuckDB reading the same file straight into a table.

Run as a module with arguments it is the child process: `python -m benchmarks.loading load|duckdb FILE HOME`.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from benchmarks.measuring import ROOT, child

ONLINE_RETAIL = ROOT / "src/regulars/cli/demo/online_retail.parquet"
LINES = 20_000_000
_RUNS = 3

#: 20 million order lines of a simulated shop: 1 million orders of 20 lines, 200,000 customers, two years.
SIMULATED = f"""
    SELECT
        'A' || (i // 20)::VARCHAR AS order_id,
        strftime(TIMESTAMP '2023-01-01 00:00:00' + to_seconds(((i // 20) * 63)::BIGINT), '%Y-%m-%d %H:%M:%S') AS order_date,
        'c' || (hash(i // 20) % 200000)::VARCHAR AS customer_id,
        'p' || (hash(i) % 5000)::VARCHAR AS product_id,
        'product number ' || (hash(i) % 5000)::VARCHAR AS product_name,
        'category ' || (hash(i) % 40)::VARCHAR AS category,
        1 + hash(i * 3) % 5 AS quantity,
        (199 + hash(i % 5000) % 9800)::DECIMAL(10, 2) / 100 AS unit_price
    FROM range({LINES}) t(i)
"""


def measure() -> str:
    """The section of the page."""
    import duckdb

    lines = []
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        csv = place / "online_retail.csv"
        with duckdb.connect() as connection:
            connection.execute(f"COPY (FROM read_parquet('{ONLINE_RETAIL}')) TO '{csv}' (HEADER)")
            for name, file in (("Parquet", ONLINE_RETAIL), ("CSV", csv)):
                straight = min(
                    child("benchmarks.loading", "duckdb", str(file), f"{place}/d{n}{name}").answer["seconds"] for n in range(_RUNS)
                )
                runs = [child("benchmarks.loading", "load", str(file), f"{place}/l{n}{name}") for n in range(_RUNS)]
                best = min(run.answer["seconds"] for run in runs)
                peak = max(run.peak_mb for run in runs)
                lines.append(
                    f"| Online Retail, {name} | 541,909 | {straight:.2f} | {best:.2f} | {best / straight:.1f} | {peak:.0f} |"
                )
            big = place / "simulated.csv"
            connection.execute(f"COPY ({SIMULATED}) TO '{big}' (HEADER)")
        straight = child("benchmarks.loading", "duckdb", str(big), f"{place}/dbig").answer["seconds"]
        run = child("benchmarks.loading", "load", str(big), f"{place}/lbig")
        seconds = run.answer["seconds"]
        lines.append(
            f"| 20 million lines, CSV (simulated) | {LINES:,} | {straight:.1f} | {seconds:.1f} | {seconds / straight:.1f} | {run.peak_mb:.0f} |"
        )
        small = run.answer["rows_per_second"]
        tenth = place / "tenth.csv"
        with duckdb.connect() as connection:
            connection.execute(f"COPY ({SIMULATED.replace(str(LINES), str(LINES // 10))}) TO '{tenth}' (HEADER)")
        part = child("benchmarks.loading", "load", str(tenth), f"{place}/ltenth")
        rate = part.answer["rows_per_second"]
    table = "\n".join(lines)
    return f"""## Loading orders

| file | rows | DuckDB straight into a table, s | `regulars load orders`, s | ratio | peak memory, MB |
| --- | --- | --- | --- | --- | --- |
{table}

Figures to meet: ratio at most 8 and memory under 1 GB for Online Retail; 20 million lines within 3 GB at a constant rate.
The rate is {small:,.0f} lines a second for 20 million lines and {rate:,.0f} for the first 2 million of them
({small / rate:.2f} times). Loading reads, maps, checks and explains every row, archives it and commits it; the peer only reads.
Best of {_RUNS} runs for Online Retail, one run for the large file; every run in a process and a data folder of its own.
"""


def load(file: Path, home: Path) -> dict[str, float]:
    """Load a file into a new shop."""
    from dataclasses import replace

    from regulars.access import Caller, shops
    from regulars.app import House
    from regulars.collect import imports
    from regulars.settings import Settings

    settings = replace(Settings.load({"REGULARS_HOME": str(home)}), log_level="WARNING")
    house = House.open(settings)
    caller = Caller.system("benchmark", house.keyring)
    with house.records.unit() as uow:
        shop = shops.create(uow, caller, shop_id="bench", name="bench", timezone="Europe/London", currency="GBP")
    started = perf_counter()
    report = imports.load(house.records, house.warehouse, house.home, shop, "orders", [file], caller=caller)
    seconds = perf_counter() - started
    house.warehouse.close()
    return {"seconds": seconds, "rows": report.rows, "rows_per_second": report.rows / seconds}


def straight_into_a_table(file: Path, place: Path) -> dict[str, float]:
    """What DuckDB alone needs."""
    import duckdb

    reader = "read_parquet" if file.suffix == ".parquet" else "read_csv"
    with duckdb.connect(f"{place}.duckdb") as connection:
        started = perf_counter()
        connection.execute(f"CREATE TABLE t AS SELECT * FROM {reader}('{file}')")
        connection.execute("CHECKPOINT")
        return {"seconds": perf_counter() - started}


if __name__ == "__main__":
    work = load if sys.argv[1] == "load" else straight_into_a_table
    print(json.dumps(work(Path(sys.argv[2]), Path(sys.argv[3]))))
