"""Customers files: the properties that name nobody go to the warehouse, the rest is kept encrypted."""

from __future__ import annotations

from regulars.collect.imports.domain.layouts import loose
from regulars.collect.imports.domain.report import Found
from regulars.collect.imports.intake import Opened, bad_rows_sql
from regulars.collect.imports.kinds.analysis import Analysis, Task, columns_of, make_cells, run, same_columns
from regulars.collect.imports.people import gather, name_buyers
from regulars.collect.imports.queries import lists
from regulars.collect.imports.queries.cells import PERSONAL_MARK
from regulars.collect.imports.queries.repeats import repeats
from regulars.warehouse.workbench import literal


def analyse(task: Task, opened: list[Opened]) -> Analysis:
    """Understand customers files."""
    bench = task.bench
    task.step("parse")
    make_cells(task, [lists.customer_cells(one.reading, _tags(one)) for one in opened], "customer_cells")
    run(task, repeats(same_columns(opened), "customer_cells", "customer_"), "find duplicate rows")
    personal = name_buyers(bench, task.keyring, task.shop.shop_id, "customer_cells")
    mark = f"starts_with(c.buyer, chr({ord(PERSONAL_MARK)}))"
    customer = f"CASE WHEN {mark} THEN p.customer_id ELSE c.buyer END" if personal else "c.buyer"
    join = "LEFT JOIN pseudonym p ON p.buyer = c.buyer" if personal else ""
    bench.execute(
        f"CREATE VIEW named_customers AS SELECT c.* EXCLUDE (buyer), {customer} AS customer_id FROM customer_cells c {join}"
    )
    run(task, lists.judged("named_customers", "customer_repeats", ["customer_id"], "customer_final"), "judge rows")
    broken = [bad_rows_sql(one) for one in opened if one.raw.bad_rows]
    bench.execute(
        f"CREATE VIEW customer_verdicts AS {' UNION ALL '.join(['SELECT row_id, rule, flags FROM customer_final', *broken])}"
    )
    columns = columns_of(bench, "customer_final")
    wanted = [
        ("registered_at", "registered_at", "TIMESTAMP"),
        *((n, n, "VARCHAR") for n in ("region", "city", "gender", "tier", "channel", "tags")),
        ("birth_year", "birth_year", "INTEGER"),
    ]
    output = (
        f"SELECT {literal(task.shop.shop_id)} AS shop_id, customer_id, {lists.columns_or_null(columns, wanted)}, {literal(task.load_id)} AS load_id"
        " FROM customer_final WHERE rule = 0"
    )
    people = gather(
        bench, opened, f"SELECT row_id, {literal(task.shop.shop_id)} AS shop_id, customer_id FROM customer_final WHERE rule = 0"
    )
    assumptions = list(dict.fromkeys(text for one in opened if one.mapping.layout for text in one.mapping.layout.assumptions))
    if people:
        assumptions.append("names, contacts and addresses are kept encrypted, apart from the figures")
    count = bench.rows("SELECT count(*) FROM customer_final WHERE rule = 0")[0][0]
    return Analysis("customer_verdicts", {"customers": output}, Found(customers=count), assumptions, people=people)


def _tags(one: Opened) -> list[str]:
    layout = one.mapping.layout
    if not layout or not layout.tags:
        return []
    return [column for column in one.raw.columns if loose(column) in layout.tags]
