"""Lists of things known by a key (products, customers, reviews): cells, which row of a key counts, and rows for the warehouse."""

from __future__ import annotations

from collections.abc import Sequence

from regulars.collect.imports.domain.rules import BIT, QUARANTINED
from regulars.collect.imports.parsing import text_sql
from regulars.collect.imports.queries.cells import amount_out, buyer_sql, currency_fault, optional_instant, region_sql, shop_of_row
from regulars.collect.imports.queries.columns import ROW_BITS, CellQuery, Reading, flag, product_of_name
from regulars.warehouse.workbench import literal, quote

_MALE = ("m", "male", "man", "男", "男性", "masculino", "homme", "männlich", "h")
_FEMALE = ("f", "female", "woman", "女", "女性", "feminino", "femenino", "femme", "weiblich", "w")


def product_cells(reading: Reading) -> CellQuery:
    """The typed cells of one products file."""
    r, query = reading, CellQuery(reading)
    _digest(query)
    if r.has("product_id"):
        query.cell("product_id", "product_word", r.conventions["product_id"].sql)
    if r.has("product_name"):
        query.out["name"] = query.cell("product_name", "name", text_sql)
    named = product_of_name("name") if r.has("product_name") else "NULL"
    query.out["product_id"] = f"coalesce(product_word, {named})" if r.has("product_id") else named
    query.faults.append(flag("product_missing", f"{query.out['product_id']} IS NULL"))
    for name in ("category", "brand", "seller", "status"):
        if r.has(name):
            query.out[name] = query.cell(name, f"{name}_text", text_sql)
    for name, into in (("price", "price_minor"), ("cost", "cost_minor")):
        if r.has(name):
            amount_out(query, name, into, "price_unreadable")
    for name in ("stock", "sold_total", "review_total"):
        if r.has(name):
            convention = r.conventions[name]
            query.out[name] = query.cell(name, name, lambda column, of=convention: f"TRY_CAST({of.sql(column)} AS BIGINT)")  # type: ignore[misc]
            query.bad(name, "count_unreadable")
    if r.has("observed_at"):
        optional_instant(query, "observed_at")
    shop_of_row(query)
    currency_fault(query)
    return query


def customer_cells(reading: Reading, tags: Sequence[str]) -> CellQuery:
    """The typed cells of one customers file; `tags` are columns kept together as `name=value` labels."""
    r, query = reading, CellQuery(reading)
    _digest(query)
    query.out["buyer"] = buyer_sql(query) or "NULL::VARCHAR"
    query.faults.append(flag("customer_missing", f"({query.out['buyer']}) IS NULL"))
    if region := region_sql(query):
        query.out["region"] = region
    for name in ("city", "tier", "channel", "tags"):
        if r.has(name):
            query.out[name] = query.cell(name, f"{name}_text", text_sql)
    if tags:
        labels = ", ".join(f"{literal(tag.replace('_', ' ') + '=')} || {text_sql('f.' + quote(tag))}" for tag in tags)
        query.row("labels", f"nullif(concat_ws('; ', {labels}), '')")
        query.out["tags"] = "labels"
    if r.has("gender"):
        word = query.cell("gender", "gender_word", text_sql)
        query.out["gender"] = (
            f"CASE WHEN lower({word}) IN ({_words(_MALE)}) THEN 'male' WHEN lower({word}) IN ({_words(_FEMALE)}) THEN 'female' ELSE {word} END"
        )
    if r.has("registered_at"):
        optional_instant(query, "registered_at")
    if r.has("birth_year"):
        convention = r.conventions["birth_year"]
        query.out["birth_year"] = query.cell(
            "birth_year", "birth_year", lambda column: f"TRY_CAST({convention.sql(column)} AS INTEGER)"
        )
        query.bad("birth_year", "count_unreadable")
    elif r.has("birth_date"):
        date = r.conventions["birth_date"]
        query.out["birth_year"] = query.cell(
            "birth_date", "birth_year", lambda column: f"CAST(year({date.sql(column)}) AS INTEGER)"
        )
        query.bad("birth_date", "optional_date_unreadable")
    shop_of_row(query)
    return query


def review_cells(reading: Reading) -> CellQuery:
    """The typed cells of one reviews file; the words stay in the raw table and never go to the warehouse."""
    r, query = reading, CellQuery(reading)
    _digest(query)
    if buyer := buyer_sql(query):
        query.out["buyer"] = buyer
    for name in ("review_id", "order_id", "product_id"):
        if r.has(name):
            query.out[name] = query.cell(name, name, r.conventions[name].sql)
    if r.has("category"):
        query.out["category"] = query.cell("category", "category", text_sql)
    rating = "NULL"
    if r.has("rating"):
        convention = r.conventions["rating"]
        rating = query.cell("rating", "rating", lambda column: f"TRY_CAST({convention.sql(column)} AS DECIMAL(6,2))")
        query.out["rating"] = rating
        query.bad("rating", "rating_unreadable")
    if r.has("recommended"):
        query.out["recommended"] = query.cell("recommended", "recommended", r.conventions["recommended"].sql)
    if r.has("helpful_count"):
        counts = r.conventions["helpful_count"]
        query.out["helpful_count"] = query.cell(
            "helpful_count", "helpful_count", lambda column: f"TRY_CAST({counts.sql(column)} AS BIGINT)"
        )
        query.bad("helpful_count", "count_unreadable")
    if r.has("reviewed_at"):
        optional_instant(query, "reviewed_at")
    parts = [query.cell(name, f"{name}_text", text_sql) for name in ("title", "words") if r.has(name)]
    words = f"concat_ws(chr(10), {', '.join(parts)})" if parts else "''"
    query.between["words"] = words
    query.out["text_length"] = "CAST(length(words) AS INTEGER)"
    query.faults.append(flag("review_empty", f"{rating} IS NULL AND words = ''"))
    if parts:
        query.faults.append(flag("no_words", "words = ''"))
    shop_of_row(query)
    return query


def _digest(query: CellQuery) -> None:
    query.row("digest", f"hash({', '.join('f.' + quote(column) for column in query.reading.all_columns)})")
    query.out["digest"] = "digest"


def review_words(reading: Reading) -> str:
    """The words of each review, by row."""
    parts = [text_sql(reading.column(name)) for name in ("title", "words") if reading.has(name)]
    words = f"concat_ws(chr(10), {', '.join(parts)})" if parts else "''"
    return f"SELECT ({reading.number}::BIGINT << {ROW_BITS}) + row_no AS row_id, {words} AS words FROM {quote(reading.table)}"


def judged(cells: str, repeats: str, key: Sequence[str], into: str) -> list[str]:
    """`into`: every row with its verdict; of several rows with one key the newest counts (the last row of the newest file)."""
    keys = ", ".join(key)
    present = " AND ".join(f"{name} IS NOT NULL" for name in key)
    return [
        f"CREATE TABLE {into}_first AS SELECT c.*, r.row_id IS NOT NULL AS repeated FROM {cells} c LEFT JOIN {repeats} r USING (row_id)",
        f"""CREATE TABLE {into} AS SELECT * EXCLUDE (faults, repeated, rank), faults AS flags,
          CASE WHEN faults & {QUARANTINED} <> 0 THEN faults & {QUARANTINED} & -(faults & {QUARANTINED})
            WHEN repeated THEN {BIT["duplicate_row"]} WHEN rank > 1 THEN {BIT["superseded_row"]} ELSE 0 END AS rule
        FROM (SELECT *, CASE WHEN repeated OR faults & {QUARANTINED} <> 0 OR NOT ({present}) THEN 0 ELSE
            row_number() OVER (PARTITION BY {keys}, repeated OR faults & {QUARANTINED} <> 0 ORDER BY row_id >> {ROW_BITS}, row_id DESC) END AS rank
          FROM {into}_first)""",
        f"DROP TABLE {into}_first",
    ]


def columns_or_null(columns: set[str], wanted: Sequence[tuple[str, str, str]]) -> str:
    """`column AS name` for what is there, typed NULLs for what is not."""
    return ", ".join(f"{column if column in columns else f'NULL::{kind}'} AS {name}" for name, column, kind in wanted)


def _words(words: Sequence[str]) -> str:
    return ", ".join(literal(word) for word in words)
