"""Products files: one row per product, or one row per product and day."""

from __future__ import annotations

from regulars.collect.imports.domain.report import Found
from regulars.collect.imports.intake import Opened, bad_rows_sql
from regulars.collect.imports.kinds.analysis import Analysis, Task, columns_of, make_cells, run, same_columns
from regulars.collect.imports.queries import lists
from regulars.collect.imports.queries.columns import ROW_BITS
from regulars.collect.imports.queries.repeats import repeats
from regulars.warehouse.workbench import literal


def analyse(task: Task, opened: list[Opened], *, translation: str | None = None) -> Analysis:
    """Understand products files.

    Parameters
    ----------
    translation : relation (category, english) that gives categories other words.
    """
    bench = task.bench
    task.step("parse")
    make_cells(task, [lists.product_cells(one.reading) for one in opened], "product_cells")
    run(task, repeats(same_columns(opened), "product_cells", "product_"), "find duplicate rows")
    columns = columns_of(bench, "product_cells")
    dated = "observed_at" in columns
    key = ["product_id", "observed_at"] if dated else ["product_id"]
    run(task, lists.judged("product_cells", "product_repeats", key, "product_final"), "judge rows")
    broken = [bad_rows_sql(one) for one in opened if one.raw.bad_rows]
    bench.execute(
        f"CREATE VIEW product_verdicts AS {' UNION ALL '.join(['SELECT row_id, rule, flags FROM product_final', *broken])}"
    )
    outputs = {"products": _products(task, columns, dated, translation)}
    if dated:
        outputs["product_snapshots"] = _snapshots(task, columns)
    row = bench.rows(
        "SELECT count(DISTINCT product_id), count(*) FILTER (rule = 0)"
        + (", min(observed_at) FILTER (rule = 0), max(observed_at) FILTER (rule = 0)" if dated else ", NULL, NULL")
        + " FROM product_final WHERE rule = 0"
    )[0]
    assumptions = list(dict.fromkeys(text for one in opened if one.mapping.layout for text in one.mapping.layout.assumptions))
    if dated:
        assumptions.append("each row is a product as it was seen at a time; the newest one is the product's present")
    found = Found(products=row[0], snapshots=row[1] if dated else 0, first_at=row[2], last_at=row[3])
    return Analysis("product_verdicts", outputs, found, assumptions)


def _products(task: Task, columns: set[str], dated: bool, translation: str | None) -> str:
    category = (
        "coalesce(t.english, p.category)"
        if translation and "category" in columns
        else "p.category"
        if "category" in columns
        else "NULL::VARCHAR"
    )
    listed = lists.columns_or_null(
        columns,
        [("name", "name", "VARCHAR"), ("brand", "brand", "VARCHAR"), ("seller_id", "seller", "VARCHAR"), ("price_minor", "price_minor", "BIGINT"),
         ("cost_minor", "cost_minor", "BIGINT"), ("stock", "stock", "BIGINT"), ("status", "status", "VARCHAR"), ("observed_at", "observed_at", "TIMESTAMP")],
    )  # fmt: skip
    join = f"LEFT JOIN {translation} t ON t.category = p.category" if translation and "category" in columns else ""
    recent = "observed_at DESC NULLS LAST, " if dated else ""
    return f"""SELECT {literal(task.shop.shop_id)} AS shop_id, p.product_id, {category} AS category, {listed}, {literal(task.shop.currency)} AS currency,
        {literal(task.load_id)} AS load_id
      FROM (SELECT * FROM product_final WHERE rule = 0
        QUALIFY row_number() OVER (PARTITION BY product_id ORDER BY {recent}row_id >> {ROW_BITS}, row_id DESC) = 1) p {join}"""


def _snapshots(task: Task, columns: set[str]) -> str:
    listed = lists.columns_or_null(
        columns,
        [
            ("price_minor", "price_minor", "BIGINT"),
            ("stock", "stock", "BIGINT"),
            ("sold_total", "sold_total", "BIGINT"),
            ("review_total", "review_total", "BIGINT"),
        ],
    )
    return f"""SELECT {literal(task.shop.shop_id)} AS shop_id, product_id, observed_at, {listed}, {literal(task.shop.currency)} AS currency,
      {literal(task.load_id)} AS load_id FROM product_final WHERE rule = 0 AND observed_at IS NOT NULL"""
