"""What each row of an orders file comes to and its verdict: loaded, or the rule that decided; and which equal line of its order it is."""

from __future__ import annotations

from regulars.collect.imports.domain.goods import CREDIT_PREFIX
from regulars.collect.imports.domain.rules import BIT, FLAGS, QUARANTINED
from regulars.collect.imports.queries.columns import ROW_BITS, flag
from regulars.collect.imports.queries.orders import Shape
from regulars.warehouse.workbench import literal

_LINE_TEXTS = ("product_id", "product_name", "category", "brand", "seller", "variant", "refund_reason")


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
