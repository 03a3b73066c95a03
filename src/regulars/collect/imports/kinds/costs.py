"""Files of advertising costs: what each campaign cost on each day. A later load of a day replaces it."""

from __future__ import annotations

from regulars.collect.imports.domain.report import Found
from regulars.collect.imports.intake import Opened, bad_rows_sql
from regulars.collect.imports.kinds.analysis import Analysis, Task, make_cells, midnight, run, same_columns
from regulars.collect.imports.queries import market
from regulars.collect.imports.queries.repeats import repeats
from regulars.values.money import Money
from regulars.warehouse.workbench import literal


def analyse(task: Task, opened: list[Opened]) -> Analysis:
    """Understand files of costs."""
    bench = task.bench
    task.step("parse")
    make_cells(task, [market.cost_cells(one.reading, _platform(one)) for one in opened], "cost_cells")
    if task.options.duplicates == "keep":
        bench.execute("CREATE TABLE cost_repeats (row_id BIGINT)")
    else:
        run(task, repeats(same_columns(opened), "cost_cells", "cost_"), "find duplicate rows")
    statements = [
        market.judged_market("cost_cells", "cost_repeats", "cost_final"),
        *market.cost_days("cost_final", "cost_days"),
    ]
    run(task, statements, "judge rows")
    broken = [bad_rows_sql(one) for one in opened if one.raw.bad_rows]
    bench.execute(f"CREATE VIEW cost_verdicts AS {' UNION ALL '.join(['SELECT row_id, rule, flags FROM cost_final', *broken])}")
    shop = task.shop
    output = (
        f"SELECT {literal(shop.shop_id)} AS shop_id, {', '.join(market.COST_KEY)}, impressions, clicks, cost_minor,"
        f" {literal(shop.currency)} AS currency, {literal(task.load_id)} AS load_id FROM cost_days"
    )
    row = bench.rows("SELECT count(*), coalesce(sum(cost_minor), 0), min(spent_on), max(spent_on) FROM cost_days")[0]
    assumptions = list(dict.fromkeys(text for one in opened if one.mapping.layout for text in one.mapping.layout.assumptions))
    if bench.rows("SELECT 1 FROM cost_final WHERE rule = 0 AND spent_until > spent_on LIMIT 1"):
        assumptions.append("costs of several days are shared among the days evenly, to the smallest unit of money")
    assumptions.append("the costs of a day and campaign replace those loaded before")
    found = Found(
        cost_days=row[0],
        spent=Money(int(row[1]), shop.currency),
        first_at=midnight(row[2], shop.timezone),
        last_at=midnight(row[3], shop.timezone),
    )
    return Analysis("cost_verdicts", {"ad_costs": output}, found, assumptions)


def _platform(one: Opened) -> str:
    return one.mapping.layout.source if one.mapping.layout else ""
