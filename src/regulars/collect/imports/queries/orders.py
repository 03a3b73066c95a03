"""From typed cells to orders, lines and refunds, step by step, each a statement on the workbench; here, what the rows of one order say together.

    cells -> repeats -> located -> heads -> judged -> twins -> final -> sums -> orders_out, lines_out, refunds_out

`heads` is what an order's rows say together, `judged` gives each row its verdict, `final` numbers equal lines (`verdicts.py`); sums and
what goes into the warehouse stand in `booking.py`. Aggregates are kept to numbers, whose memory is bounded and can be spilled; texts are
fetched by row afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass

from regulars.collect.imports.queries.cells import PERSONAL_MARK, STATUS_CODES
from regulars.warehouse.workbench import literal

_HEAD_AMOUNTS = ("order_total", "items_total", "shipping", "tax", "discount", "refund_amount", "paid_amount")
_HEAD_TIMES = ("refunded_at", "cancelled_at", "paid_at", "delivered_at", "promised_at")
#: The earliest of an order's lines, where they differ: the first parcel; and one of the reasons.
_HEAD_FIRST = ("shipped_at", "refund_reason")
HEAD_TEXTS = ("region", "channel", "seller", "coupon")


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
    texts = [name for name in HEAD_TEXTS if s.has(name)]
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
