"""Olist's tables given together: orders, items, payments, customers, products, reviews, sellers and category words, joined by their ids.

An item without its order, a payment without its order: set apart with the reason. An order whose items are not among the files is
loaded with what was paid for it as its only line.
"""

from __future__ import annotations

from dataclasses import replace

from regulars.collect.imports.domain.layouts import Part
from regulars.collect.imports.domain.rules import BIT
from regulars.collect.imports.intake import Opened, bad_rows_sql
from regulars.collect.imports.kinds import customers, products, reviews
from regulars.collect.imports.kinds.analysis import Analysis, Task, columns_of, make_cells
from regulars.collect.imports.kinds.orders import from_cells
from regulars.collect.imports.parsing import text_sql
from regulars.collect.imports.queries.cells import DELIVERY, order_cells
from regulars.collect.imports.queries.columns import ROW_BITS
from regulars.errors import InvalidInput
from regulars.warehouse.workbench import quote

_ORDER_FIELDS = ("order_id", "ordered_at", "status", "paid_at")


def analyse(task: Task, opened: list[Opened]) -> Analysis:
    """Understand Olist's files; the orders file must be among them."""
    bench = task.bench
    parts: dict[Part, list[Opened]] = {}
    for one in opened:
        if not one.mapping.layout or one.mapping.layout.family != "olist":
            raise InvalidInput(f"{one.given.name} is not one of Olist's tables", mend="load it by itself", code="other_layout")
        parts.setdefault(one.mapping.layout.part, []).append(one)
    if "orders" not in parts:
        raise InvalidInput(
            "Olist's orders table is missing: its other tables have no times",
            mend="give olist_orders_dataset.csv in the same load",
            code="missing_part",
        )
    task.step("parse")
    _orders(task, parts)
    verdicts = []
    items = parts.get("items", [])
    analysis = from_cells(task, items or parts["orders"], source="olist", compare=parts["orders"] + items)
    verdicts.append("SELECT row_id, rule, flags FROM final")
    verdicts.append(_orders_with_items())
    if "payments" in parts:
        verdicts.append(
            f"SELECT p.row_id, CASE WHEN o.order_no IS NULL THEN {BIT['order_not_found']} ELSE 0 END AS rule,"
            f" CASE WHEN o.order_no IS NULL THEN {BIT['order_not_found']} ELSE 0 END AS flags FROM payment_cells p LEFT JOIN known_orders o USING (order_no)"
        )
    found = analysis.found
    outputs = dict(analysis.outputs)
    assumptions = list(analysis.assumptions)
    if "customers" in parts:
        more = customers.analyse(task, parts["customers"])
        outputs |= more.outputs
        verdicts.append(f"SELECT row_id, rule, flags FROM {more.verdicts}")
        found = replace(found, customers=max(found.customers, more.found.customers))
    if "products" in parts:
        more = products.analyse(task, parts["products"], translation="words_of_categories" if "translation" in parts else None)
        outputs |= more.outputs
        verdicts.append(f"SELECT row_id, rule, flags FROM {more.verdicts}")
        found = replace(found, products=more.found.products)
    texts = None
    if "reviews" in parts:
        more = reviews.analyse(task, parts["reviews"], orders="known_orders")
        outputs |= more.outputs
        verdicts.append(f"SELECT row_id, rule, flags FROM {more.verdicts}")
        found, texts = replace(found, reviews=more.found.reviews), more.texts
        assumptions += more.assumptions
    verdicts += [_reference_only(one) for part in ("sellers", "translation") for one in parts.get(part, [])]
    verdicts += [
        bad_rows_sql(one) for part in ("payments", "sellers", "translation") for one in parts.get(part, []) if one.raw.bad_rows
    ]
    verdicts += [bad_rows_sql(one) for one in parts["orders"] + items if one.raw.bad_rows]
    bench.execute(f"CREATE VIEW all_verdicts AS {' UNION ALL '.join(verdicts)}")
    return replace_analysis(analysis, "all_verdicts", outputs, found, assumptions, texts)


def replace_analysis(
    analysis: Analysis, verdicts: str, outputs: dict[str, str], found: object, assumptions: list[str], texts: str | None
) -> Analysis:
    """The orders' analysis with what the other tables add."""
    analysis.verdicts, analysis.outputs, analysis.found = verdicts, outputs, found  # type: ignore[assignment]
    analysis.assumptions, analysis.texts = assumptions, texts
    return analysis


def _orders(task: Task, parts: dict[Part, list[Opened]]) -> None:
    """`cells` of items with their order's columns, and of orders whose items are not among the files."""
    bench = task.bench
    orders = [_keyed(one, "customer_key") for one in parts["orders"]]
    make_cells(task, orders, "order_heads")
    bench.execute("CREATE VIEW known_orders AS SELECT DISTINCT order_no FROM order_heads WHERE order_no IS NOT NULL")
    if "payments" in parts:
        make_cells(task, [order_cells(replace(one.reading, compare_rows=False)) for one in parts["payments"]], "payment_cells")
        bench.execute(
            "CREATE TABLE payment_sums AS SELECT order_no, CAST(sum(paid_amount) AS BIGINT) AS order_total FROM payment_cells GROUP BY 1"
        )
    else:
        bench.execute("CREATE TABLE payment_sums (order_no VARCHAR, order_total BIGINT)")
    if "customers" in parts:
        people = " UNION ALL ".join(
            f"SELECT {text_sql(one.reading.column('customer_key'))} AS customer_key, {text_sql(one.reading.column('customer_id'))} AS buyer,"
            f" {text_sql(one.reading.column('region'))} AS region FROM {quote(one.reading.table)}"
            for one in parts["customers"]
        )
        bench.execute(
            f"CREATE TABLE buyers AS SELECT customer_key, any_value(buyer) AS buyer, any_value(region) AS region FROM ({people}) GROUP BY 1"
        )
    else:
        bench.execute("CREATE TABLE buyers (customer_key VARCHAR, buyer VARCHAR, region VARCHAR)")
    if "translation" in parts:
        one = parts["translation"][0]
        bench.execute(
            f"CREATE TABLE words_of_categories AS SELECT {text_sql(one.reading.column('category'))} AS category,"
            f" any_value({text_sql(one.reading.column('category_english'))}) AS english FROM {quote(one.reading.table)} GROUP BY 1"
        )
    bench.execute(_catalogue(parts))
    times = "".join(f", h.{name}" for name in DELIVERY if name in columns_of(bench, "order_heads"))
    head = f"h.instant, h.status, h.paid_at, b.buyer, b.region, p.order_total{times}"
    unknown = f"CASE WHEN h.order_no IS NOT NULL AND b.customer_key IS NULL THEN {BIT['customer_not_found']} ELSE 0 END"
    lost = f"CASE WHEN h.order_no IS NULL THEN {BIT['order_not_found']} ELSE 0 END"
    no_product = f"CASE WHEN c.product_id IS NULL THEN {BIT['product_not_found']} ELSE 0 END" if "products" in parts else "0"
    heads = "(SELECT * FROM order_heads QUALIFY row_number() OVER (PARTITION BY order_no ORDER BY row_id) = 1)"
    joined = "LEFT JOIN buyers b ON b.customer_key = h.customer_key LEFT JOIN payment_sums p ON p.order_no = h.order_no"
    selects = []
    if "items" in parts:
        make_cells(task, [order_cells(one.reading) for one in parts["items"]], "item_cells")
        selects.append(
            f"SELECT i.row_id, i.digest, i.order_no, i.line_no, i.product_id, i.seller, i.line_amount, i.line_shipping, c.category, NULL::VARCHAR AS goods, {head},"
            f" i.faults | coalesce(h.faults, 0) | {lost} | {unknown} | {no_product} AS faults"
            f" FROM item_cells i LEFT JOIN {heads} h ON h.order_no = i.order_no {joined} LEFT JOIN catalogue c ON c.product_id = i.product_id"
        )
    without = (
        "WHERE h.order_no IS NULL OR h.order_no NOT IN (SELECT order_no FROM item_cells WHERE order_no IS NOT NULL)"
        if "items" in parts
        else ""
    )
    selects.append(
        f"SELECT h.row_id, h.digest, h.order_no, 'whole order' AS line_no, NULL::VARCHAR AS product_id, NULL::VARCHAR AS seller, p.order_total AS line_amount,"
        f" 0::BIGINT AS line_shipping, NULL::VARCHAR AS category, 'other' AS goods, {head}, h.faults | {unknown} | {BIT['order_without_lines']} AS faults"
        f" FROM order_heads h {joined} {without}"
    )
    bench.execute(f"CREATE TABLE cells AS {' UNION ALL BY NAME '.join(selects)}")


def _keyed(one: Opened, key: str):  # type: ignore[no-untyped-def]
    query = order_cells(one.reading)
    query.out[key] = query.cell(key, key, text_sql)
    return query


def _catalogue(parts: dict[Part, list[Opened]]) -> str:
    """`catalogue`: the category of each product, in English words where they are given."""
    if "products" not in parts:
        return "CREATE TABLE catalogue (product_id VARCHAR, category VARCHAR)"
    listed = " UNION ALL ".join(
        f"SELECT {text_sql(one.reading.column('product_id'))} AS product_id, {text_sql(one.reading.column('category'))} AS category FROM {quote(one.reading.table)}"
        for one in parts["products"]
    )
    words = "LEFT JOIN words_of_categories w ON w.category = p.category" if "translation" in parts else ""
    category = "coalesce(w.english, p.category)" if words else "p.category"
    return f"CREATE TABLE catalogue AS SELECT p.product_id, any_value({category}) AS category FROM ({listed}) p {words} WHERE p.product_id IS NOT NULL GROUP BY 1"


def _orders_with_items() -> str:
    """Rows of the orders file whose items decide: loaded when any line of the order is, else what befell the first line."""
    return f"""SELECT h.row_id, CASE WHEN r.row_id IS NOT NULL THEN {BIT["duplicate_row"]} ELSE coalesce(d.rule, 0) END AS rule, h.faults AS flags
        FROM order_heads h JOIN (SELECT order_no, min(rule) AS rule FROM final WHERE row_id NOT IN (SELECT row_id FROM order_heads) GROUP BY 1) d
          ON d.order_no = h.order_no LEFT JOIN repeats r ON r.row_id = h.row_id
        WHERE h.row_id NOT IN (SELECT row_id FROM final)"""


def _reference_only(one: Opened) -> str:
    bit = BIT["reference_only"]
    return (
        f"SELECT ({one.number}::BIGINT << {ROW_BITS}) + row_no AS row_id, {bit} AS rule, {bit} AS flags FROM {quote(one.raw.name)}"
    )
