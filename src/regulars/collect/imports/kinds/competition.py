"""Files about competitors: their prices of our products, their shares and sales. A later row of a day replaces it."""

from __future__ import annotations

from regulars.collect.imports.domain.report import Found
from regulars.collect.imports.intake import Opened, bad_rows_sql
from regulars.collect.imports.kinds.analysis import Analysis, Task, make_cells, midnight, run, same_columns
from regulars.collect.imports.queries import lists, market
from regulars.collect.imports.queries.repeats import repeats
from regulars.warehouse.workbench import literal

_KEY = ["observed_on", "competitor", "subject"]


def analyse(task: Task, opened: list[Opened]) -> Analysis:
    """Understand files about competitors."""
    bench = task.bench
    task.step("parse")
    make_cells(task, [market.competition_cells(one.reading) for one in opened], "market_cells")
    run(task, repeats(same_columns(opened), "market_cells", "market_"), "find duplicate rows")
    run(task, lists.judged("market_cells", "market_repeats", _KEY, "market_final"), "judge rows")
    broken = [bad_rows_sql(one) for one in opened if one.raw.bad_rows]
    bench.execute(f"CREATE VIEW market_verdicts AS {' UNION ALL '.join(['SELECT row_id, rule, flags FROM market_final', *broken])}")
    shop = task.shop
    output = (
        f"SELECT {literal(shop.shop_id)} AS shop_id, {', '.join(_KEY)}, product_id, product_name, category, price_minor,"
        f" {literal(shop.currency)} AS currency, available, share, sales_minor, units, {literal(task.load_id)} AS load_id"
        " FROM market_final WHERE rule = 0"
    )
    row = bench.rows("SELECT count(*), min(observed_on), max(observed_on) FROM market_final WHERE rule = 0")[0]
    found = Found(market_rows=row[0], first_at=midnight(row[1], shop.timezone), last_at=midnight(row[2], shop.timezone))
    return Analysis(
        "market_verdicts",
        {"market_prices": output},
        found,
        ["one row says what a competitor did on a day; a later row of that day replaces it"],
    )
