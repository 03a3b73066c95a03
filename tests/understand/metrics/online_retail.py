"""UCI Online Retail as warehouse rows, by a short conversion of its own: what is tested here is counting, not loading.

Invoices become orders, `C` invoices refunds. Lines without a positive price and quantity are left out; codes without a digit
in front (postage, fees, manual entries) are no products.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa

from regulars.access import Shop
from regulars.warehouse import Warehouse

FILE = Path(__file__).parents[3] / "src/regulars/cli/demo/online_retail.parquet"
SHOP = Shop(shop_id="uk", name="Online Retail", timezone="Europe/London", currency="GBP")

_LINES = """
    SELECT 'uk' AS shop_id, InvoiceNo AS order_id, row_number() OVER () AS line_key,
        CAST(CAST(CustomerID AS BIGINT) AS VARCHAR) AS customer_id,
        CAST(timezone('UTC', timezone('Europe/London', InvoiceDate)) AS TIMESTAMP) AS ordered_at, 'placed' AS status,
        CASE WHEN regexp_matches(StockCode, '^[0-9]') THEN 'product' ELSE 'shipping' END AS kind,
        StockCode AS product_id, Description AS product_name, NULL::VARCHAR AS category, NULL::VARCHAR AS brand,
        NULL::VARCHAR AS seller_id, NULL::VARCHAR AS variant,
        CAST(abs(Quantity) AS DECIMAL(18,3)) AS quantity, CAST(UnitPrice AS DECIMAL(18,4)) AS unit_price,
        CAST(round_even(abs(Quantity) * CAST(UnitPrice AS DECIMAL(18,4)) * 100, 0) AS BIGINT) AS amount_minor, 'GBP' AS currency,
        Country AS region, 'l' AS load_id
    FROM read_parquet('{file}') WHERE UnitPrice > 0 AND {condition}
"""

_ORDERS = """
    SELECT shop_id, order_id, any_value(customer_id) AS customer_id, min(ordered_at) AS ordered_at, 'placed' AS status,
        'GBP' AS currency, CAST(sum(amount_minor) AS BIGINT) AS total_minor,
        CAST(coalesce(sum(amount_minor) FILTER (kind = 'product'), 0) AS BIGINT) AS items_minor,
        CAST(coalesce(sum(amount_minor) FILTER (kind <> 'product'), 0) AS BIGINT) AS shipping_minor,
        0::BIGINT AS tax_minor, 0::BIGINT AS discount_minor,
        CAST(coalesce(sum(quantity) FILTER (kind = 'product'), 0) AS DECIMAL(18,3)) AS units,
        CAST(count(*) AS INTEGER) AS line_count, NULL::TIMESTAMP AS cancelled_at, NULL::VARCHAR AS channel,
        any_value(region) AS region, NULL::VARCHAR AS seller_id, NULL::VARCHAR AS coupon_code,
        'online_retail' AS "source", 'l' AS load_id
    FROM lines GROUP BY shop_id, order_id
"""

_REFUNDS = """
    SELECT shop_id, order_id AS refund_id, line_key, NULL::VARCHAR AS order_id, customer_id, ordered_at AS refunded_at,
        'return' AS kind, product_id, product_name, category, quantity, amount_minor, currency, load_id
    FROM returned
"""


def load(warehouse: Warehouse) -> None:
    """All invoices as orders, lines and refunds of the shop `uk`."""
    scratch = duckdb.connect()
    scratch.execute(f"CREATE TABLE lines AS {_LINES.format(file=FILE, condition='Quantity > 0')}")
    scratch.execute(f"CREATE TABLE returned AS {_LINES.format(file=FILE, condition='Quantity < 0')}")

    def table(sql: str) -> pa.Table:
        return scratch.execute(sql).to_arrow_table()

    with warehouse.transaction():
        warehouse.append("orders", table(_ORDERS))
        warehouse.append("order_lines", table("SELECT * EXCLUDE (region) FROM lines"))
        warehouse.append("refunds", table(_REFUNDS))
    scratch.close()
