"""Orders, lines and refunds in the columns of the warehouse, from rows that were judged."""

from __future__ import annotations

from regulars.collect.imports.queries.cells import DELIVERY
from regulars.collect.imports.queries.columns import product_of_name
from regulars.collect.imports.queries.orders import HEAD_TEXTS, Shape
from regulars.values.money import minor_digits
from regulars.warehouse.workbench import literal


def sums(shape: Shape) -> list[str]:
    """`order_sums`: the order's header as its loaded lines and written amounts make it."""
    s = shape
    key = ", ".join(s.key)

    def head(name: str) -> str:
        """An amount of the whole order, or the sum over lines where it differs between them."""
        if name in s.per_line:
            return f"coalesce(abs(x.line_{name}), 0)"
        return f"coalesce(abs(h.{name}), 0)" if s.has(name) else "0"

    added = "".join(f", sum(line_{name}) AS line_{name}" for name in sorted(s.per_line)) + (
        ", sum(line_shipping) AS line_shipping" if s.has("line_shipping") else ""
    )
    shipping = f"{head('shipping')} + x.shipping_lines" + (" + coalesce(x.line_shipping, 0)" if s.has("line_shipping") else "")
    written = ["h.order_total"] if s.has("order_total") and "order_total" not in s.per_line else []
    if s.has("paid_amount") and "paid_amount" not in s.per_line and s.own_money:
        written.append("nullif(h.paid_amount, 0)")
    elif s.has("paid_amount") and not s.has("order_total") and "paid_amount" not in s.per_line:
        written.append("h.paid_amount")
    total = f"coalesce({', '.join(written)})" if written else "NULL::BIGINT"
    texts = "".join(f", h.{name}" if s.has(name) else f", NULL::VARCHAR AS {name}" for name in (*HEAD_TEXTS, "refund_reason"))
    texts += "".join(f", h.{name}" if s.has(name) else f", NULL::TIMESTAMP AS {name}" for name in DELIVERY)
    return [
        f"""CREATE TABLE line_sums AS SELECT {key},
          CAST(sum(CASE WHEN goods IS NULL OR goods IN ('gift_card', 'other') THEN amount ELSE 0 END) AS BIGINT) AS items,
          CAST(sum(CASE WHEN goods = 'shipping' THEN amount ELSE 0 END) AS BIGINT) AS shipping_lines,
          CAST(sum(CASE WHEN goods = 'discount' THEN -amount ELSE 0 END) AS BIGINT) AS discount_lines,
          CAST(sum(CASE WHEN goods IS NULL THEN quantity ELSE 0 END) AS DECIMAL(18,3)) AS units, CAST(count(*) AS INTEGER) AS line_count{added}
        FROM final WHERE rule = 0 AND NOT gives_back GROUP BY {key}""",
        f"""CREATE TABLE order_sums AS
        SELECT *, CASE WHEN written IS NOT NULL THEN written ELSE items - discount + shipping + tax_written END AS total,
          CASE WHEN written IS NOT NULL AND abs(written - (items - discount + shipping)) <= 1 + line_count THEN 0 ELSE tax_written END AS tax
        FROM (SELECT {", ".join("h." + name for name in s.key)}, h.head, h.instant, h.customer_id, h.state{texts},
            {"h.cancelled_at" if s.has("cancelled_at") else "NULL::TIMESTAMP AS cancelled_at"},
            h.refund_due, {head("refund_amount")} AS refund_written, {"h.refunded_at" if s.has("refunded_at") else "NULL::TIMESTAMP AS refunded_at"},
            {total} AS written, coalesce(x.items, 0) AS items, coalesce({shipping}, 0) AS shipping,
            {head("discount")} + coalesce(x.discount_lines, 0) AS discount, {head("tax")} AS tax_written,
            {head("shipping")}{" + coalesce(x.line_shipping, 0)" if s.has("line_shipping") else ""} AS own_shipping, {head("discount")} AS own_discount,
            coalesce(x.units, 0)::DECIMAL(18,3) AS units, coalesce(x.line_count, 0) AS line_count
          FROM heads h LEFT JOIN line_sums x ON {s.same("x", "h")}
          WHERE h.instant IS NOT NULL AND h.state <> 'draft' AND x.line_count > 0)""",
        "DROP TABLE line_sums",
    ]


def total_differs() -> str:
    """The head rows of orders whose written total is not the sum of its parts."""
    return "SELECT head AS row_id FROM order_sums WHERE written IS NOT NULL AND abs(written - (items - discount + shipping + tax)) > 1 + line_count"


def orders_out(shape: Shape) -> str:
    """Orders in the columns of the warehouse."""
    s = shape
    return f"""SELECT {s.shop} AS shop_id, order_no AS order_id, customer_id, instant AS ordered_at, state AS status, {literal(s.currency)} AS currency,
      total AS total_minor, items AS items_minor, shipping AS shipping_minor, tax AS tax_minor, discount AS discount_minor, units, line_count,
      CASE WHEN state = 'cancelled' THEN coalesce(cancelled_at, instant) END AS cancelled_at, {", ".join(DELIVERY)}, channel, region, seller AS seller_id, coupon AS coupon_code,
      {literal(s.source)} AS source, {literal(s.load_id)} AS load_id FROM order_sums"""


def _product(s: Shape) -> str:
    """The product of a line: its number, or one made of its name where the file has names only."""
    if not s.has("product_name"):
        return "product_id" if s.has("product_id") else "NULL::VARCHAR"
    return f"coalesce(product_id, {product_of_name('product_name')})" if s.has("product_id") else product_of_name("product_name")


def lines_out(shape: Shape) -> str:
    """Order lines in the columns of the warehouse."""
    s = shape

    def text(name: str) -> str:
        return name if s.has(name) else "NULL::VARCHAR"

    price = "coalesce(unit_price, CAST(CASE WHEN quantity <> 0 THEN amount::DOUBLE / quantity::DOUBLE ELSE amount END / {scale} AS DECIMAL(18,4)))"
    return f"""SELECT {s.shop} AS shop_id, order_no AS order_id, line_key, customer_id, instant AS ordered_at, state AS status, coalesce(goods, 'product') AS kind,
      {_product(s)} AS product_id, {text("product_name")} AS product_name, {text("category")} AS category, {text("brand")} AS brand,
      {text("seller")} AS seller_id, {text("variant")} AS variant, quantity, {price.replace("{scale}", str(10 ** minor_digits(s.currency)))} AS unit_price,
      amount AS amount_minor, {literal(s.currency)} AS currency, {literal(s.load_id)} AS load_id
      FROM final WHERE rule = 0 AND NOT gives_back"""


def refunds_out(shape: Shape) -> str:
    """Refunds: rows that give money back, and what an order's own refund columns say."""
    s = shape

    def text(name: str) -> str:
        return name if s.has(name) else "NULL::VARCHAR"

    return f"""SELECT {s.shop} AS shop_id, order_no AS refund_id, line_key, CASE WHEN credit_note THEN NULL ELSE order_no END AS order_id, customer_id,
        coalesce(own_instant, instant) AS refunded_at, CASE WHEN goods IS NULL THEN 'return' ELSE 'refund' END AS kind, {_product(s)} AS product_id,
        {text("product_name")} AS product_name, {text("category")} AS category, abs(quantity)::DECIMAL(18,3) AS quantity, abs(amount) AS amount_minor,
        {text("refund_reason")} AS reason, {literal(s.currency)} AS currency, {literal(s.load_id)} AS load_id
      FROM final WHERE rule = 0 AND gives_back
      UNION ALL
      SELECT {s.shop}, order_no || ':refund', 0, order_no, customer_id, coalesce(refunded_at, instant), 'refund', NULL, NULL, NULL, NULL,
        CASE WHEN refund_due = 'whole' THEN total ELSE refund_written END, refund_reason, {literal(s.currency)}, {literal(s.load_id)}
      FROM order_sums WHERE refund_due IS NOT NULL AND state = 'placed'"""
