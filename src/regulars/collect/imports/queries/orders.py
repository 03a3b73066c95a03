"""From typed cells to orders, lines and refunds, step by step, each a statement on the workbench.

    cells -> repeats -> located -> heads -> judged -> twins -> final -> sums -> orders_out, lines_out, refunds_out

`heads` is what an order's rows say together, `judged` gives each row its verdict, `final` numbers equal lines. Aggregates are kept to
numbers, whose memory is bounded and can be spilled; texts are fetched by row afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass

from regulars.collect.imports.domain.goods import CREDIT_PREFIX
from regulars.collect.imports.domain.rules import BIT, RULES
from regulars.collect.imports.queries.cells import DELIVERY, PERSONAL_MARK, STATUS_CODES
from regulars.collect.imports.queries.columns import ROW_BITS, flag, product_of_name
from regulars.warehouse.workbench import literal, quote

QUARANTINED = sum(BIT[rule.id] for rule in RULES.values() if rule.outcome == "quarantined")
FLAGS = sum(BIT[rule.id] for rule in RULES.values() if rule.outcome == "loaded")

_HEAD_AMOUNTS = ("order_total", "items_total", "shipping", "tax", "discount", "refund_amount", "paid_amount")
_HEAD_TIMES = ("refunded_at", "cancelled_at", "paid_at", "delivered_at", "promised_at")
#: The earliest of an order's lines, where they differ: the first parcel; and one of the reasons.
_HEAD_FIRST = ("shipped_at", "refund_reason")
_HEAD_TEXTS = ("region", "channel", "seller", "coupon")
_LINE_TEXTS = ("product_id", "product_name", "category", "brand", "seller", "variant", "refund_reason")


@dataclass(frozen=True, slots=True)
class Shape:
    """What the cells of a load hold, and how its rows make orders.

    Attributes
    ----------
    columns : of the table `cells`.
    shop_id : the one shop of the load; None where `cells` names it per row.
    numbered : rows carry order numbers; otherwise a row is a purchase, or a part of one where `products` are listed.
    own_money : lines have a price or an amount of their own; otherwise the order's total is shared among them.
    per_line : order amounts that differ between the lines of an order and therefore add up.
    """

    columns: frozenset[str]
    shop_id: str | None
    currency: str
    load_id: str
    source: str
    numbered: bool
    products: bool
    own_money: bool
    per_line: frozenset[str] = frozenset()
    several_files: bool = False
    compare_rows: bool = True
    personal: bool = False

    def has(self, *names: str) -> bool:
        """Whether all of these are columns of `cells`."""
        return all(name in self.columns for name in names)

    @property
    def shop(self) -> str:
        """The shop of a row as SQL."""
        return "shop_id" if self.shop_id is None else literal(self.shop_id)

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that name an order."""
        return ("shop_id", "order_no") if self.shop_id is None else ("order_no",)

    def same(self, left: str, right: str) -> str:
        """That two rows speak of one order."""
        return " AND ".join(f"{left}.{name} = {right}.{name}" for name in self.key)


def repeats(tables: dict[tuple[str, ...], list[tuple[int, str]]], cells: str = "cells", prefix: str = "") -> list[str]:
    """`<prefix>repeats`: rows that equal an earlier one in every column, found by hash, then compared cell by cell.

    Parameters
    ----------
    tables : columns -> the files (number, table) that have exactly these columns.
    cells : relation with `row_id` and `digest`.
    """
    statements = [
        f"CREATE TABLE {prefix}suspects AS SELECT digest FROM {cells} WHERE digest IS NOT NULL GROUP BY digest HAVING count(*) > 1"
    ]
    parts = []
    for columns, files in tables.items():
        listed = ", ".join(quote(column) for column in columns)
        rows = " UNION ALL ".join(
            f"SELECT ({number}::BIGINT << {ROW_BITS}) + row_no AS row_id, {listed} FROM {quote(table)}"
            f" WHERE row_no IN (SELECT row_id & {(1 << ROW_BITS) - 1} FROM {prefix}suspect_rows WHERE row_id >> {ROW_BITS} = {number})"
            for number, table in files
        )
        parts.append(f"SELECT row_id FROM ({rows}) QUALIFY row_number() OVER (PARTITION BY {listed} ORDER BY row_id) > 1")
    statements.append(f"CREATE TABLE {prefix}suspect_rows AS SELECT row_id FROM {cells} SEMI JOIN {prefix}suspects USING (digest)")
    statements.append(f"CREATE TABLE {prefix}repeats AS {' UNION ALL '.join(parts)}")
    return statements


NO_REPEATS = "CREATE TABLE repeats (row_id BIGINT)"


def located(shape: Shape) -> list[str]:
    """`located`: cells with customer_id in the place of personal data, and an order number for every row."""
    s = shape
    mark = f"starts_with(c.buyer, chr({ord(PERSONAL_MARK)}))"
    if not s.has("buyer"):
        customer, people = "NULL::VARCHAR", ""
    elif s.personal:
        customer = f"CASE WHEN {mark} THEN p.customer_id ELSE c.buyer END"
        people = f"LEFT JOIN pseudonym p ON p.buyer = c.buyer{'' if s.shop_id else ' AND p.shop_id = c.shop_id'}"
    else:
        customer, people = "c.buyer", ""
    without = " EXCLUDE (buyer)" if s.has("buyer") else ""
    named = f"SELECT c.*{without}, {customer} AS customer_id FROM cells c {people}"
    if s.numbered:
        return [f"CREATE VIEW located AS {named}"]
    # No order numbers: a purchase is named by who, when and (unless lines list products) what it came to.
    parts = ["coalesce(customer_id, '')", "coalesce(CAST(instant AS VARCHAR), '')"]
    if not s.products:
        parts += [
            f"coalesce(CAST({name} AS VARCHAR), '')"
            for name in ("quantity", "unit_price", "line_amount", "order_total")
            if s.has(name)
        ]
    else:
        parts.append("CASE WHEN customer_id IS NULL THEN CAST(row_id AS VARCHAR) ELSE '' END")
    base = f"'p_' || substr(md5(concat_ws(chr(31), {', '.join(parts)})), 1, 20)"
    shop = "" if s.shop_id else "shop_id, "
    if s.products:
        return [f"CREATE VIEW located AS SELECT *, {base} AS order_no FROM ({named})"]
    return [
        f"CREATE VIEW unnumbered AS SELECT *, {base} AS base FROM ({named})",
        f"CREATE TABLE purchase_twins AS SELECT row_id, row_number() OVER (PARTITION BY {shop}base ORDER BY row_id) AS n FROM unnumbered"
        f" WHERE hash({shop}base) IN (SELECT hash({shop}base) FROM unnumbered GROUP BY 1 HAVING count(*) > 1)",
        "CREATE VIEW located AS SELECT u.* EXCLUDE (base), CASE WHEN t.n > 1 THEN u.base || '-' || t.n ELSE u.base END AS order_no"
        " FROM unnumbered u LEFT JOIN purchase_twins t USING (row_id)",
    ]


def heads(shape: Shape) -> list[str]:
    """`heads`: what the rows of an order say together: first time, first customer, state, written amounts."""
    s = shape
    key = ", ".join(s.key)
    found = [
        "min(row_id) AS head", "count(*) AS row_count", "min(instant) AS instant", "max(instant) AS last_instant",
        "min(row_id) FILTER (customer_id IS NOT NULL) AS buyer_row",
        "min(hash(customer_id)) FILTER (customer_id IS NOT NULL) <> max(hash(customer_id)) FILTER (customer_id IS NOT NULL) AS customers_differ",
    ]  # fmt: skip
    found += [f"max({name}) AS {name}" for name in _HEAD_AMOUNTS if s.has(name)]
    found += [f"max({name}) AS {name}" for name in _HEAD_TIMES if s.has(name)]
    found += [f"min({name}) AS {name}" for name in _HEAD_FIRST if s.has(name)]
    found += [f"arg_min({name}, row_id) AS {name}" for name in ("status", "payment_status") if s.has(name)]
    texts = [name for name in _HEAD_TEXTS if s.has(name)]
    fetched = "".join(f", h.{name}" for name in texts)
    kept = [name for name in (*_HEAD_AMOUNTS, *_HEAD_TIMES, *_HEAD_FIRST) if s.has(name)]
    return [
        f"CREATE TABLE head_numbers AS SELECT {key}, {', '.join(found)} FROM located ANTI JOIN repeats USING (row_id)"
        f" WHERE order_no IS NOT NULL GROUP BY {key}",
        f"CREATE TABLE heads AS SELECT {', '.join('n.' + name for name in s.key)}, n.head, n.row_count, n.instant, n.last_instant, n.customers_differ,"
        f" b.customer_id{fetched}{''.join(', n.' + name for name in kept)}, {_state(s)} AS state, {_refund(s)} AS refund_due"
        " FROM head_numbers n LEFT JOIN located b ON b.row_id = n.buyer_row"
        + (" LEFT JOIN located h ON h.row_id = n.head" if texts else ""),
        "DROP TABLE head_numbers",
    ]


def _state(s: Shape) -> str:
    """placed, cancelled, unpaid or draft, from status words and the columns of payment and cancellation."""
    code = STATUS_CODES
    cases = []
    status = "n.status" if s.has("status") else None
    payment = "n.payment_status" if s.has("payment_status") else None
    paid_parts = [f"n.{name} > 0" for name in ("paid_amount", "refund_amount") if s.has(name)]
    if s.has("paid_at"):
        paid_parts.insert(0, "n.paid_at IS NOT NULL")
    paid = f"coalesce({' OR '.join(f'coalesce({part}, false)' for part in paid_parts)}, false)" if paid_parts else None
    if status:
        cases.append(f"WHEN {status} = {code['draft']} THEN 'draft'")
    if s.has("cancelled_at"):
        if payment:
            cases.append(f"WHEN n.cancelled_at IS NOT NULL AND {payment} = {code['unpaid']} THEN 'unpaid'")
        cases.append("WHEN n.cancelled_at IS NOT NULL THEN 'cancelled'")
    if status:
        cases.append(f"WHEN {status} = {code['cancelled']} THEN 'cancelled'")
        cases.append(
            f"WHEN {status} = {code['closed']} THEN "
            + (f"CASE WHEN {paid} THEN 'cancelled' ELSE 'unpaid' END" if paid else "'cancelled'")
        )
        cases.append(f"WHEN {status} = {code['unpaid']} THEN 'unpaid'")
    if payment:
        cases.append(f"WHEN {payment} = {code['cancelled']} THEN 'cancelled'")
        cases.append(f"WHEN {payment} = {code['unpaid']} THEN 'unpaid'")
    if paid and not payment and (s.has("paid_at") or s.has("paid_amount")):
        unknown = f"{status} IS NULL AND " if status else ""
        owed = "n.order_total > 0 AND " if s.has("order_total") and not s.has("paid_at") else ""
        cases.append(f"WHEN {unknown}{owed}NOT {paid} THEN 'unpaid'")
    return f"CASE {' '.join(cases)} ELSE 'placed' END" if cases else "'placed'"


def _refund(s: Shape) -> str:
    """`booked`, `whole` (marked as refunded, no amount) or NULL: whether the order itself says that money was given back."""
    words = [f"n.{name} = {STATUS_CODES['refunded']}" for name in ("status", "payment_status") if s.has(name)]
    amount = "n.refund_amount > 0" if s.has("refund_amount") else None
    cases = [f"WHEN {amount} THEN 'booked'"] if amount else []
    if words:
        cases.append(f"WHEN {' OR '.join(words)} THEN 'whole'")
    return f"CASE {' '.join(cases)} END" if cases else "NULL::VARCHAR"


def judged(shape: Shape) -> list[str]:
    """`judged`: every row with its amount, its role and its verdict; `rule` is the bit that decided, 0 where it is loaded."""
    s = shape
    given_quantity = "l.quantity" if s.has("quantity") else "NULL::DECIMAL(18,3)"
    quantity = f"coalesce({given_quantity}, 1)::DECIMAL(18,3)"
    texts = "".join(f", l.{name}" for name in _LINE_TEXTS if s.has(name))
    goods = "l.goods" if s.has("goods") else "NULL::VARCHAR"
    key = ", ".join(f"l.{name}" for name in s.key)
    per_line = "".join(f", l.{name} AS line_{name}" for name in sorted(s.per_line)) + (
        ", l.line_shipping" if s.has("line_shipping") else ""
    )
    moment = "coalesce(h.instant, l.instant)"
    rows = f"""
        SELECT l.row_id, {key}, {moment} AS instant, h.customer_id, h.state, h.head{texts}{per_line}, l.instant AS own_instant,
          {quantity} AS quantity, {given_quantity} IS NULL AS quantity_missing, {goods} AS goods, l.faults,
          {"l.unit_price" if s.has("unit_price") else "NULL::DECIMAL(18,4)"} AS unit_price,
          {_amount(s)} AS amount, {_key_base(s, quantity)} AS key_base,
          {"l.line_amount, l.product_amount," if s.has("line_amount", "product_amount") else ""}
          r.row_id IS NOT NULL AS repeated, h.customers_differ, h.instant <> h.last_instant AS dates_differ, h.refund_due,
          {_credit_note(s)} AS credit_note,
          {"h.refunded_at" if s.has("refunded_at") else "NULL::TIMESTAMP"} AS refund_date
        FROM located l LEFT JOIN repeats r USING (row_id) LEFT JOIN heads h ON {s.same("h", "l")}"""
    quarantine = " | ".join([f"(faults & {QUARANTINED})", *(flag(rule, condition) for rule, condition in _QUARANTINE.items())])
    set_aside = " ".join(f"WHEN {condition} THEN {BIT[rule]}" for rule, condition in _SET_ASIDE.items())
    flags = " | ".join([f"(faults & {FLAGS})", *(flag(rule, condition) for rule, condition in _flag_conditions(s).items())])
    return [
        f"""CREATE TABLE judged AS
        SELECT * EXCLUDE (faults, repeated, quarantine), CASE WHEN quarantine <> 0 THEN quarantine & -quarantine
            WHEN repeated THEN {BIT["duplicate_row"]} {set_aside} ELSE 0 END AS rule,
          quarantine | ({flags}) AS flags
        FROM (SELECT *, {quarantine} AS quarantine,
            goods IS DISTINCT FROM 'discount' AND amount < 0 OR credit_note AND quantity < 0 AS gives_back
          FROM ({rows}))"""
    ]


def _amount(s: Shape) -> str:
    """What the row comes to, in minor units: as written, else price times quantity, else its share of the order."""
    options = []
    if s.has("line_amount"):
        options.append("l.line_amount")
    if s.has("product_amount"):
        options.append("l.product_amount" + (" - coalesce(abs(l.line_discount), 0)" if s.has("line_discount") else ""))
    if not s.own_money:
        goods = "h.items_total" if s.has("items_total") else None
        total = next((name for name in ("order_total", "paid_amount") if s.has(name)), None)
        whole = f"h.{total}" + "".join(
            f" {sign} coalesce(abs(h.{name}), 0)" for name, sign in (("shipping", "-"), ("tax", "-"), ("discount", "+")) if s.has(name)
        ) if total else None  # fmt: skip
        shared = f"coalesce({', '.join(part for part in (goods, whole) if part)})"
        options.append(f"(({shared}) // h.row_count + CASE WHEN l.row_id = h.head THEN ({shared}) % h.row_count ELSE 0 END)")
    value = f"coalesce({', '.join(options)})"
    goods_column = "l.goods" if s.has("goods") else None
    credit = _credit_note(s)
    # A discount line lowers the order whichever sign it was written with.
    return f"CASE WHEN {goods_column} = 'discount' AND NOT {credit} THEN -abs({value}) ELSE {value} END" if goods_column else value


def _credit_note(s: Shape) -> str:
    """Whether the row stands on a credit note, by its number."""
    if not s.numbered:
        return "false"
    return f"coalesce(starts_with(upper(l.order_no), '{CREDIT_PREFIX}') AND regexp_matches(l.order_no, '^.[0-9]'), false)"


def _key_base(s: Shape, quantity: str) -> str:
    """The line's identity inside its order, before equal lines are numbered: stable between releases, files and formats."""
    if s.has("line_no"):
        return "(md5_number_lower('line ' || coalesce(l.line_no, '')) >> 1)::BIGINT"
    products = [f"l.{name}" for name in ("product_id", "product_name") if s.has(name)]
    money = [f"CAST(l.{name} AS VARCHAR)" for name in ("unit_price", "line_amount") if s.has(name)]
    parts = [
        f"coalesce({', '.join([*products, literal('')])})",
        "coalesce(l.variant, '')" if s.has("variant") else "''",
        f"coalesce({', '.join([*money, literal('')])})",
        f"CAST({quantity} AS VARCHAR)",
    ]
    return f"(md5_number_lower(concat_ws(chr(31), {', '.join(parts)})) >> 1)::BIGINT"


_QUARANTINE = {
    "date_missing": f"instant IS NULL AND faults & {BIT['date_unreadable'] | BIT['date_too_early'] | BIT['date_in_future'] | BIT['order_id_missing']} = 0",
    "amount_missing": f"amount IS NULL AND quantity <> 0 AND faults & {BIT['amount_unreadable'] | BIT['amount_too_large'] | BIT['quantity_unreadable'] | BIT['quantity_too_large']} = 0",
}

_SET_ASIDE = {
    "not_a_sale": "goods = 'not_a_sale'",
    "draft": "state = 'draft'",
    "stock_movement": "amount = 0 AND (quantity < 0 OR quantity > 0 AND customer_id IS NULL)",
    "negative_price": "amount < 0 AND quantity > 0 AND unit_price < 0 AND NOT credit_note AND goods IS DISTINCT FROM 'discount'",
    "nothing_sold": "coalesce(amount, 0) = 0 AND quantity = 0",
}


def _flag_conditions(s: Shape) -> dict[str, str]:
    loaded = "NOT repeated AND state <> 'draft' AND goods IS DISTINCT FROM 'not_a_sale'"
    line = f"{loaded} AND NOT gives_back"
    conditions = {
        "missing_customer": "customer_id IS NULL",
        "refund_booked": f"{loaded} AND gives_back AND amount <> 0",
        "unpaid_order": f"{line} AND state = 'unpaid'",
        "cancelled_order": f"{line} AND state = 'cancelled'",
        "zero_price": f"{line} AND amount = 0 AND quantity > 0 AND customer_id IS NOT NULL",
        "zero_quantity": f"{line} AND quantity = 0 AND amount <> 0",
        "postage_line": f"{line} AND goods = 'shipping'",
        "discount_line": f"{line} AND goods = 'discount'",
        "gift_card_line": f"{line} AND goods = 'gift_card'",
        "manual_line": f"{line} AND goods = 'other' AND faults & {BIT['order_without_lines']} = 0",
        "customers_differ": "customers_differ",
        "dates_differ": "dates_differ",
        "refund_of_cancelled": "row_id = head AND refund_due IS NOT NULL AND state IN ('cancelled', 'unpaid')",
        "refund_assumed_whole": "row_id = head AND refund_due = 'whole' AND state = 'placed'",
        "refund_without_date": "row_id = head AND refund_due IS NOT NULL AND state = 'placed' AND refund_date IS NULL",
    }
    if s.has("quantity"):
        conditions["quantity_missing"] = (
            f"quantity_missing AND faults & {BIT['quantity_unreadable'] | BIT['quantity_too_large']} = 0"
        )
    if s.has("line_amount", "product_amount"):
        conditions["amount_differs"] = "abs(line_amount - product_amount) > 1 + abs(quantity) / 2"
    return conditions


def twins(shape: Shape) -> list[str]:
    """Number equal lines of an order; a line that a later file says anew is superseded."""
    s = shape
    key = ", ".join((*s.key, "gives_back", "key_base"))
    file = f"row_id >> {ROW_BITS}"
    return [
        f"CREATE TABLE twin_keys AS SELECT hash({key}) AS k FROM judged WHERE rule = 0 GROUP BY 1 HAVING count(*) > 1",
        f"CREATE TABLE twins AS SELECT row_id, n, {f'row_number() OVER (PARTITION BY {key}, n ORDER BY row_id) > 1' if s.several_files else 'false'} AS superseded"
        f" FROM (SELECT row_id, {key}, row_number() OVER (PARTITION BY {key}, {file} ORDER BY row_id) AS n FROM judged"
        f" WHERE rule = 0 AND hash({key}) IN (SELECT k FROM twin_keys))",
        f"""CREATE VIEW final AS SELECT j.* EXCLUDE (rule, flags, key_base),
          CASE WHEN t.superseded THEN {BIT["superseded_row"]} ELSE j.rule END AS rule,
          CASE WHEN t.n > 1 AND NOT t.superseded THEN j.flags | {BIT["equal_lines"]} ELSE j.flags END AS flags,
          CASE WHEN t.n > 1 THEN (md5_number_lower(j.key_base || '#' || t.n) >> 1)::BIGINT ELSE j.key_base END AS line_key
        FROM judged j LEFT JOIN twins t USING (row_id)""",
    ]


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
    texts = "".join(f", h.{name}" if s.has(name) else f", NULL::VARCHAR AS {name}" for name in (*_HEAD_TEXTS, "refund_reason"))
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
      {text("seller")} AS seller_id, {text("variant")} AS variant, quantity, {price.replace("{scale}", str(10 ** _digits(s.currency)))} AS unit_price,
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


def _digits(currency: str) -> int:
    from regulars.values.money import minor_digits

    return minor_digits(currency)
