"""Buyers known by e-mail, phone or account: distinct values first, pseudonyms in bulk, and the personal side kept encrypted."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from regulars.access.keys import Keyring
from regulars.collect.imports.intake import Opened
from regulars.collect.imports.parsing import text_sql
from regulars.collect.imports.queries.cells import PERSONAL_KINDS, PERSONAL_MARK
from regulars.collect.imports.queries.columns import ROW_BITS
from regulars.guard.privacy.domain import Kind, Person, Sealed
from regulars.guard.privacy.pseudonyms import pseudonyms
from regulars.warehouse.workbench import Workbench, quote

_BATCH = 50_000
_PEOPLE_AT_ONCE = 5_000

#: Personal fields and what they are called on a Person.
PERSONAL = {
    "customer_name": "name",
    "customer_email": "email",
    "customer_phone": "phone",
    "customer_address": "address",
    "customer_account": "account",
}


def name_buyers(bench: Workbench, keyring: Keyring, shop_id: str | None, cells: str = "cells") -> bool:
    """Make the table `pseudonym` (buyer, customer_id) for all buyers in the cells known by personal data; False when there are none."""
    shop = "shop_id, " if shop_id is None else ""
    bench.execute(
        f"CREATE TABLE marked AS SELECT DISTINCT {shop}buyer FROM {cells} WHERE starts_with(buyer, chr({ord(PERSONAL_MARK)}))"
    )
    if bench.rows("SELECT 1 FROM marked LIMIT 1") == []:
        bench.execute("DROP TABLE marked")
        return False
    bench.execute(f"CREATE OR REPLACE TABLE pseudonym ({'shop_id VARCHAR, ' if shop else ''}buyer VARCHAR, customer_id VARCHAR)")
    for letter, kind in PERSONAL_KINDS.items():
        for batch in _batches(bench, letter):
            shops = batch.column("shop_id").to_pylist() if shop else [shop_id] * batch.num_rows
            buyers = batch.column("buyer").to_pylist()
            named: list[str | None] = [None] * len(buyers)
            for one in set(shops):
                places = [place for place, of in enumerate(shops) if of == one]
                found = pseudonyms(keyring, str(one), [buyers[place][2:] for place in places], _kind(kind))
                for place, customer_id in zip(places, found, strict=True):
                    named[place] = customer_id or None
            columns = {"buyer": pa.array(buyers, pa.string()), "customer_id": pa.array(named, pa.string())}
            if shop:
                columns = {"shop_id": pa.array(shops, pa.string()), **columns}
            bench.register("named_now", pa.table(columns))
            bench.execute("INSERT INTO pseudonym SELECT * FROM named_now")
            bench.unregister("named_now")
    bench.execute("DROP TABLE marked")
    return True


def _kind(name: str) -> Kind:
    return name  # type: ignore[return-value]


def _batches(bench: Workbench, letter: str) -> Iterator[pa.Table]:
    """The marked buyers of one kind in pieces; read by offset, as the connection is used between them."""
    bench.execute(
        f"CREATE OR REPLACE TABLE marked_now AS SELECT *, row_number() OVER () AS n FROM marked WHERE buyer[2] = '{letter}'"
    )
    total = bench.rows("SELECT count(*) FROM marked_now")[0][0]
    for start in range(0, total, _BATCH):
        yield bench.arrow(f"SELECT * EXCLUDE (n) FROM marked_now WHERE n > {start} AND n <= {start + _BATCH}")
    bench.execute("DROP TABLE marked_now")


def gather(bench: Workbench, opened: list[Opened], customers: str) -> bool:
    """Make the table `person` with the newest personal cells of each customer; False when the files hold none.

    Parameters
    ----------
    customers : relation with `row_id`, `shop_id`, `customer_id` of rows that name a customer.
    """
    parts = []
    held: set[str] = set()
    for one in opened:
        known = {PERSONAL[name]: text_sql(one.reading.column(name)) for name in PERSONAL if one.reading.has(name)}
        names = [text_sql(one.reading.column(name)) for name in ("first_name", "last_name") if one.reading.has(name)]
        if names and "name" not in known:
            known["name"] = f"nullif(concat_ws(' ', {', '.join(names)}), '')"
        if known:
            cells = ", ".join(f"{expression} AS {quote(name)}" for name, expression in known.items())
            held |= known.keys()
            parts.append(f"SELECT ({one.number}::BIGINT << {ROW_BITS}) + row_no AS row_id, {cells} FROM {quote(one.reading.table)}")
    if not parts:
        return False
    # One row per customer: the first that has a cell filled, asked for each cell apart, so that memory stays with numbers.
    firsts = ", ".join(f"min(row_id) FILTER ({quote(name)} IS NOT NULL) AS {name}_row" for name in sorted(held))
    bench.execute(f"CREATE VIEW personal_cells AS {' UNION ALL BY NAME '.join(parts)}")
    bench.execute(
        f"CREATE TABLE person_rows AS SELECT shop_id, customer_id, {firsts} FROM ({customers}) c JOIN personal_cells USING (row_id)"
        " WHERE customer_id IS NOT NULL GROUP BY ALL"
    )
    joins = " ".join(f"LEFT JOIN personal_cells {name}_of ON {name}_of.row_id = p.{name}_row" for name in sorted(held))
    chosen = ", ".join(f"{name}_of.{quote(name)} AS {quote(name)}" for name in sorted(held))
    bench.execute(
        f"CREATE TABLE person AS SELECT shop_id, customer_id, {chosen}, row_number() OVER (PARTITION BY shop_id ORDER BY customer_id) AS n FROM person_rows p {joins}"
    )
    return True


def persons(bench: Workbench, shop_id: str) -> Iterator[list[Person]]:
    """The gathered people of a shop, in batches."""
    names = [row[0] for row in bench.rows("SELECT column_name FROM duckdb_columns() WHERE table_name = 'person'")]
    held = [name for name in PERSONAL.values() if name in names]
    total = bench.rows("SELECT count(*) FROM person WHERE shop_id = ?", [shop_id])[0][0]
    for start in range(0, total, _PEOPLE_AT_ONCE):
        rows = bench.dicts("SELECT * FROM person WHERE shop_id = ? AND n > ? AND n <= ?", [shop_id, start, start + _PEOPLE_AT_ONCE])
        yield [Person(**{"customer_id": row["customer_id"], **{name: row[name] or "" for name in held}}) for row in rows]


def words_of_reviews(bench: Workbench, table: str) -> Iterator[list[Sealed]]:
    """The words of reviews (`review_id`, `customer_id`, `words`, numbered by `n`), in batches."""
    total = bench.rows(f"SELECT count(*) FROM {quote(table)}")[0][0]
    for start in range(0, total, _PEOPLE_AT_ONCE):
        rows = bench.rows(
            f"SELECT review_id, customer_id, words FROM {quote(table)} WHERE n > ? AND n <= ?", [start, start + _PEOPLE_AT_ONCE]
        )
        yield [Sealed(subject=f"review:{review_id}", customer_id=customer_id, text=words) for review_id, customer_id, words in rows]
