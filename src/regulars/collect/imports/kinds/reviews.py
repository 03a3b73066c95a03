"""Reviews files: ratings go to the warehouse, words are kept encrypted."""

from __future__ import annotations

import pyarrow as pa

from regulars.collect import sentiment
from regulars.collect.imports.domain.report import Found
from regulars.collect.imports.domain.rules import BIT
from regulars.collect.imports.intake import Opened, bad_rows_sql
from regulars.collect.imports.kinds.analysis import Analysis, Task, columns_of, make_cells, run, same_columns
from regulars.collect.imports.people import gather, name_buyers
from regulars.collect.imports.queries import lists
from regulars.collect.imports.queries.cells import PERSONAL_MARK
from regulars.collect.imports.queries.columns import ROW_BITS
from regulars.collect.imports.queries.repeats import repeats
from regulars.warehouse.workbench import Workbench, literal, quote

#: Reviews whose words are in memory at a time.
_READ_AT_ONCE = 20_000


def analyse(task: Task, opened: list[Opened], *, orders: str | None = None) -> Analysis:
    """Understand reviews files.

    Parameters
    ----------
    orders : relation (order_no) of the orders given together with them; a review of another order is flagged.
    """
    bench = task.bench
    task.step("parse")
    make_cells(task, [lists.review_cells(one.reading) for one in opened], "review_cells")
    columns = columns_of(bench, "review_cells")
    run(task, repeats(same_columns(opened), "review_cells", "review_"), "find duplicate rows")
    if "review_id" not in columns:
        # Ratings without words say nothing that could tell them apart: equal ones are different reviews.
        bench.execute("DELETE FROM review_repeats WHERE row_id IN (SELECT row_id FROM review_cells WHERE text_length = 0)")
    personal = "buyer" in columns and name_buyers(bench, task.keyring, task.shop.shop_id, "review_cells")
    mark = f"starts_with(c.buyer, chr({ord(PERSONAL_MARK)}))"
    customer = (
        "NULL::VARCHAR"
        if "buyer" not in columns
        else f"CASE WHEN {mark} THEN p.customer_id ELSE c.buyer END"
        if personal
        else "c.buyer"
    )
    join = "LEFT JOIN pseudonym p ON p.buyer = c.buyer" if personal else ""
    drop = (
        " EXCLUDE (buyer, review_id)"
        if {"buyer", "review_id"} <= columns
        else " EXCLUDE (buyer)"
        if "buyer" in columns
        else " EXCLUDE (review_id)"
        if "review_id" in columns
        else ""
    )
    missing = (
        f" | CASE WHEN o.order_no IS NULL THEN {BIT['reference_missing']} ELSE 0 END" if orders and "order_id" in columns else ""
    )
    known = f"LEFT JOIN {orders} o ON o.order_no = c.order_id" if missing else ""
    bench.execute(_numbered(opened, columns))
    bench.execute(
        f"CREATE VIEW named_reviews AS SELECT c.*{drop} REPLACE (c.faults{missing} AS faults), {customer} AS customer_id, i.review_id"
        f" FROM review_cells c JOIN review_ids i USING (row_id) {join} {known}"
    )
    run(task, lists.judged("named_reviews", "review_repeats", ["review_id"], "review_final"), "judge rows")
    broken = [bad_rows_sql(one) for one in opened if one.raw.bad_rows]
    bench.execute(f"CREATE VIEW review_verdicts AS {' UNION ALL '.join(['SELECT row_id, rule, flags FROM review_final', *broken])}")
    held = columns_of(bench, "review_final")
    wanted = [("order_id", "order_id", "VARCHAR"), ("product_id", "product_id", "VARCHAR"), ("category", "category", "VARCHAR"), ("rating", "rating", "DECIMAL(6,2)"),
              ("recommended", "recommended", "BOOLEAN"), ("helpful_count", "helpful_count", "BIGINT"), ("text_length", "text_length", "INTEGER"),
              ("reviewed_at", "reviewed_at", "TIMESTAMP")]  # fmt: skip
    output = (
        f"SELECT {literal(task.shop.shop_id)} AS shop_id, review_id, customer_id, {lists.columns_or_null(held, wanted)}, sentiment, topics,"
        f" {literal(task.load_id)} AS load_id FROM review_final LEFT JOIN review_moods USING (row_id) WHERE rule = 0"
    )
    words = " UNION ALL ".join(lists.review_words(one.reading) for one in opened)
    bench.execute(
        "CREATE TABLE sealed_now AS SELECT r.row_id, r.review_id, r.customer_id, w.words, row_number() OVER (ORDER BY r.row_id) AS n"
        f" FROM review_final r JOIN ({words}) w USING (row_id) WHERE r.rule = 0 AND w.words <> ''"
    )
    task.step("read the mood of reviews")
    _moods(bench, "rating" in held)
    people = gather(
        bench, opened, f"SELECT row_id, {literal(task.shop.shop_id)} AS shop_id, customer_id FROM review_final WHERE rule = 0"
    )
    dates = "min(reviewed_at), max(reviewed_at)" if "reviewed_at" in held else "NULL, NULL"
    row = bench.rows(f"SELECT count(*), count(DISTINCT customer_id), {dates} FROM review_final WHERE rule = 0")[0]
    assumptions = [
        "the words of reviews are kept encrypted, apart from the figures; how content they sound is scored for Chinese and English"
    ]
    if "review_id" not in columns:
        assumptions.append("no review numbers: a review is known by its content")
    found = Found(reviews=row[0], customers=row[1], first_at=row[2], last_at=row[3])
    return Analysis("review_verdicts", {"reviews": output}, found, assumptions, people=people, texts="sealed_now")


def _moods(bench: Workbench, rated: bool) -> None:
    """`review_moods`: how content the words of each review sound, and what is complained of; the words themselves stay here."""
    bench.execute("CREATE TABLE review_moods (row_id BIGINT, sentiment DOUBLE, topics VARCHAR)")
    rating = "CAST(f.rating AS DOUBLE)" if rated else "NULL"
    last = int(bench.rows("SELECT count(*) FROM sealed_now")[0][0])
    for start in range(0, last, _READ_AT_ONCE):
        rows = bench.rows(
            f"SELECT s.row_id, s.words, {rating} FROM sealed_now s JOIN review_final f USING (row_id) WHERE s.n > {start} AND s.n <= {start + _READ_AT_ONCE}"
        )
        found = sentiment.scores([words for _, words, _ in rows])
        moods = pa.table(
            {
                "row_id": pa.array([row_id for row_id, _, _ in rows], pa.int64()),
                "sentiment": pa.array(found, pa.float64()),
                "topics": pa.array(
                    [sentiment.topics_of(words, score, stars) for (_, words, stars), score in zip(rows, found, strict=True)],
                    pa.string(),
                ),
            }
        )
        bench.register("moods_now", moods)
        bench.execute("INSERT INTO review_moods SELECT * FROM moods_now")
        bench.unregister("moods_now")


def _numbered(opened: list[Opened], columns: set[str]) -> str:
    """`review_ids`: the review's number (with its order's, as some exports number per order), else a hash of all its cells."""
    if "review_id" in columns:
        number = "review_id || ':' || order_id" if "order_id" in columns else "review_id"
        return f"CREATE TABLE review_ids AS SELECT row_id, coalesce({number}, 'r_' || row_id) AS review_id FROM review_cells"
    parts = []
    for one in opened:
        cells = ", ".join(f"coalesce(CAST({quote(column)} AS VARCHAR), '')" for column in one.raw.columns)
        parts.append(
            f"SELECT ({one.number}::BIGINT << {ROW_BITS}) + row_no AS row_id, substr(md5(concat_ws(chr(31), {cells})), 1, 20) AS base FROM {quote(one.raw.name)}"
        )
    return (
        "CREATE TABLE review_ids AS SELECT row_id, 'r_' || base || CASE WHEN n > 1 THEN '-' || n ELSE '' END AS review_id FROM"
        f" (SELECT row_id, base, row_number() OVER (PARTITION BY base, row_id IN (SELECT row_id FROM review_repeats) ORDER BY row_id) AS n FROM ({' UNION ALL '.join(parts)}))"
    )
