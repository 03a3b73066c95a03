"""Three real stores, as order lines in one form and as rows of a warehouse.

Online Retail comes with the package; CDNOW and Complete Journey are left out where their files are missing.
"""

from __future__ import annotations

import gzip
import os
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa

from regulars.access import Shop
from regulars.warehouse import TABLES, Warehouse

ONLINE_RETAIL = Path(__file__).parents[1] / "src/regulars/cli/demo/online_retail.parquet"
CURRENCIES = {"online_retail": "GBP", "cdnow": "USD", "complete_journey": "USD"}


def data_folder() -> Path:
    """Where the data sets are: REGULARS_BENCHMARK_DATA, or here."""
    return Path(os.environ.get("REGULARS_BENCHMARK_DATA", "."))


def read(scratch: duckdb.DuckDBPyConnection, name: str, folder: Path) -> bool:
    """Fill `lines` with (order_id, customer_id, sold_at, product_id, category, quantity, amount, discount) and `back` with refunds; money in major units.

    False where the files are missing.
    """
    match name:
        case "online_retail":
            source = folder / "online_retail/online_retail.parquet"
            source = source if source.exists() else ONLINE_RETAIL
            scratch.execute(
                f"""CREATE TABLE rows AS SELECT InvoiceNo AS order_id, CAST(CAST(CustomerID AS BIGINT) AS VARCHAR) AS customer_id,
                InvoiceDate AS sold_at, StockCode AS product_id, NULL::VARCHAR AS category, CAST(Quantity AS DOUBLE) AS quantity,
                Quantity * UnitPrice AS amount, 0.0 AS discount FROM '{source}' WHERE CustomerID IS NOT NULL AND UnitPrice > 0"""
            )
        case "cdnow":
            source = folder / "cdnow/CDNOW_sample.txt.gz"
            if not source.exists():
                return False
            with gzip.open(source, "rt") as text:
                told = [line.split() for line in text if line.strip()]
            table = pa.table(
                {
                    "order_id": [str(place) for place in range(len(told))],
                    "customer_id": [row[1] for row in told],
                    "sold_at": [datetime.strptime(row[2], "%Y%m%d") + timedelta(hours=12) for row in told],
                    "quantity": [float(row[3]) for row in told],
                    "amount": [float(row[4]) for row in told],
                }
            )
            scratch.register("told", table)
            scratch.execute(
                """CREATE TABLE rows AS SELECT order_id, customer_id, sold_at, 'CD' AS product_id, NULL::VARCHAR AS category, quantity, amount,
                0.0 AS discount FROM told"""
            )
            scratch.unregister("told")
        case _:
            source, products = folder / "complete_journey/transactions.parquet", folder / "complete_journey/products.parquet"
            if not source.exists() or not products.exists():
                return False
            scratch.execute(
                f"""CREATE TABLE rows AS SELECT CAST(basket_id AS VARCHAR) AS order_id, CAST(household_id AS VARCHAR) AS customer_id,
                CAST(transaction_timestamp AS TIMESTAMP) - INTERVAL 5 HOUR AS sold_at, CAST(product_id AS VARCHAR) AS product_id,
                product_category AS category, CAST(quantity AS DOUBLE) AS quantity, CAST(sales_value AS DOUBLE) AS amount,
                CAST(retail_disc + coupon_disc + coupon_match_disc AS DOUBLE) AS discount
                FROM '{source}' LEFT JOIN '{products}' USING (product_id)"""
            )
    scratch.execute("CREATE TABLE lines AS SELECT * FROM rows WHERE quantity > 0 OR amount > 0")
    scratch.execute("CREATE TABLE back AS SELECT * FROM rows WHERE quantity < 0 AND amount < 0")
    scratch.execute("DROP TABLE rows")
    return True


def filled(scratch: duckdb.DuckDBPyConnection, name: str) -> tuple[Warehouse, Shop]:
    """A warehouse in memory with the store's orders, order lines and refunds."""
    shop = Shop(shop_id="shop", name=name, timezone="UTC", currency=CURRENCIES[name])
    warehouse = Warehouse.open("duckdb://:memory:")
    shared = (
        f"'shop' AS shop_id, order_id, customer_id, min(sold_at) AS ordered_at, 'placed' AS status, '{shop.currency}' AS currency"
    )
    orders = f"""SELECT {shared}, CAST(round(sum(amount) * 100) AS BIGINT) AS total_minor, 0::BIGINT AS shipping_minor,
        CAST(round(sum(amount + discount) * 100) AS BIGINT) AS items_minor, 0::BIGINT AS tax_minor,
        CAST(round(sum(discount) * 100) AS BIGINT) AS discount_minor, CAST(sum(quantity) AS DECIMAL(18, 3)) AS units,
        CAST(count(*) AS INTEGER) AS line_count, 'benchmark' AS "source", 'l' AS load_id FROM lines GROUP BY order_id, customer_id"""
    lines = f"""SELECT {shared}, CAST(row_number() OVER () AS BIGINT) AS line_key, 'product' AS kind, product_id, any_value(category) AS category,
        CAST(sum(quantity) AS DECIMAL(18, 3)) AS quantity, CAST(sum(amount) / greatest(sum(quantity), 1) AS DECIMAL(18, 4)) AS unit_price,
        CAST(round(sum(amount) * 100) AS BIGINT) AS amount_minor, 'l' AS load_id FROM lines GROUP BY order_id, customer_id, product_id"""
    refunds = f"""SELECT 'shop' AS shop_id, order_id AS refund_id, CAST(row_number() OVER () AS BIGINT) AS line_key, customer_id, sold_at AS refunded_at,
        'refund' AS kind, product_id, CAST(round(-amount * 100) AS BIGINT) AS amount_minor, '{shop.currency}' AS currency, 'l' AS load_id FROM back"""
    with warehouse.transaction():
        for table, query in (("orders", orders), ("order_lines", lines), ("refunds", refunds)):
            warehouse.append(table, _whole(scratch.execute(query).to_arrow_table(), table))
    return warehouse, shop


def _whole(found: pa.Table, table: str) -> pa.Table:
    """The rows with every column of the table, what is not told left empty."""
    kinds = {"string": pa.string(), "timestamp(6)": pa.timestamp("us"), "int64": pa.int64(), "decimal(18, 3)": pa.decimal128(18, 3)}
    for name, kind in TABLES[table].columns.items():
        if name not in found.column_names:
            found = found.append_column(name, pa.nulls(found.num_rows, kinds[kind.lstrip("!")]))
    return found.select(list(TABLES[table].columns))
