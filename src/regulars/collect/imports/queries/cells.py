"""From a file's untouched cells to typed ones: one row of `cells` per source row, and a bit for everything that could not be read.

`row_id` is unique over all files of a load: the file's number in the upper bits, the data row's number in the lower 40.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

from regulars.collect.imports.domain.goods import BOOKKEEPING_PREFIX, CODES, GIFT_CARD_CODE, GIFT_CARD_NAME, NAMES, SHORT_CODES
from regulars.collect.imports.domain.rules import BIT
from regulars.collect.imports.domain.statuses import Meaning
from regulars.collect.imports.parsing import minor, text_sql
from regulars.warehouse.workbench import literal, quote

ROW_BITS = 40

#: Order states as small numbers, so that they aggregate in place; the order is that of the decision in `orders.heads`.
STATUS_CODES: dict[Meaning, int] = {"placed": 1, "cancelled": 2, "closed": 3, "unpaid": 4, "refunded": 5, "draft": 6}

#: A shop's own number of a customer: it has a digit and no blank, @ or foreign letter. Anything else is a person's data.
_OPAQUE = "[A-Za-z0-9_.:#/-]{0,63}[0-9][A-Za-z0-9_.:#/-]{0,63}"
_MOBILE = r"(\+?86)?1[3-9]\d{9}"

#: Marks a buyer known by personal data; the letter after it says by which.
PERSONAL_MARK = "\x01"
PERSONAL_KINDS = {"e": "email", "p": "phone", "a": "account"}

_MONEY = ("order_total", "items_total", "shipping", "tax", "discount", "refund_amount", "paid_amount", "line_shipping")
_TEXTS = ("product_name", "category", "brand", "variant", "seller", "channel", "coupon")

PROVINCES = (
    "北京 天津 上海 重庆 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 海南 四川 贵州 云南 陕西 甘肃 青海 台湾 内蒙古 广西 西藏 宁夏 新疆 香港 澳门"
).split()


class Convention(Protocol):
    """How a column is read (see `parsing`)."""

    explanation: str

    def sql(self, column_sql: str) -> str: ...

    def bad(self, column_sql: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Reading:
    """A file in the workbench, its columns as fields, and the convention of each."""

    number: int
    table: str
    columns: Mapping[str, str]  # field -> column
    conventions: Mapping[str, Any]
    all_columns: tuple[str, ...]
    zone: str
    currency: str
    digits: int
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    currency_words: Mapping[str, str] = field(default_factory=dict)  # cell -> ISO code
    written_currency: str | None = None  # the one currency its amounts name by sign or header
    status_codes: Mapping[str, int] = field(default_factory=dict)  # cell -> STATUS_CODES
    payment_codes: Mapping[str, int] = field(default_factory=dict)
    unknown_words: frozenset[str] = frozenset()
    shops: Mapping[str, str] = field(default_factory=dict)  # cell -> shop_id, where the load holds several
    default_shop: str | None = None  # of rows that name none; set where the load holds several shops
    compare_rows: bool = True

    def column(self, name: str) -> str:
        """The quoted column of a field."""
        return quote(self.columns[name])

    def has(self, name: str) -> bool:
        """Whether a column stands for the field."""
        return name in self.columns


def flag(rule: str, condition: str) -> str:
    """The rule's bit where a condition holds."""
    return f"CASE WHEN {condition} THEN {BIT[rule]} ELSE 0 END"


def order_cells(reading: Reading) -> str:
    """A SELECT with the typed cells of one orders file."""
    r = reading
    out: dict[str, str] = {"row_id": row_id(r)}
    faults: list[str] = []
    if r.compare_rows and r.has("order_id"):
        out["digest"] = f"hash({', '.join(quote(column) for column in r.all_columns)})"
    if r.has("order_id"):
        value = r.conventions["order_id"].sql(r.column("order_id"))
        out["order_no"] = value
        faults.append(flag("order_id_missing", f"({value}) IS NULL"))
    if r.has("line_id"):
        out["line_no"] = r.conventions["line_id"].sql(r.column("line_id"))
    if r.has("ordered_at"):
        _instant(r, "ordered_at", out, faults)
    for name in ("refunded_at", "cancelled_at", "paid_at"):
        if r.has(name):
            date = r.conventions[name]
            out[name] = f"CASE WHEN {date.out_of_range(r.column(name))} THEN NULL ELSE {date.utc_sql(r.column(name), r.zone)} END"
            faults.append(flag("optional_date_unreadable", date.bad(r.column(name))))
    _money(r, out, faults)
    buyer = buyer_sql(r)
    if buyer:
        out["buyer"] = buyer
    for name in _TEXTS:
        if r.has(name):
            out[name] = text_sql(r.column(name))
    if r.has("product_id"):
        out["product_id"] = r.conventions["product_id"].sql(r.column("product_id"))
    region = region_sql(r)
    if region:
        out["region"] = region
    for name, codes in (("status", r.status_codes), ("payment_status", r.payment_codes)):
        if r.has(name):
            out[name] = _lookup(text_sql(r.column(name)), codes, "TINYINT")
    if r.has("status") and r.unknown_words:
        faults.append(flag("unknown_status", f"{text_sql(r.column('status'))} IN ({_texts(sorted(r.unknown_words))})"))
    if r.default_shop is not None:
        named = _lookup(text_sql(r.column("shop")), r.shops, "VARCHAR") if r.has("shop") else "NULL"
        out["shop_id"] = f"coalesce({named}, {literal(r.default_shop)})"
    kind = goods_sql(r)
    if kind:
        out["goods"] = kind
    faults.append(currency_fault(r))
    out["faults"] = " + ".join(part for part in faults if part) or "0"
    return _select(out, r.table)


def row_id(reading: Reading) -> str:
    """The number of a source row among all files of the load."""
    return f"({reading.number}::BIGINT << {ROW_BITS}) + row_no"


def source_row(row_id_value: int) -> tuple[int, int]:
    """File number and data row of a row_id."""
    return row_id_value >> ROW_BITS, row_id_value & ((1 << ROW_BITS) - 1)


def _select(columns: Mapping[str, str], table: str) -> str:
    listed = ",\n  ".join(f"{expression} AS {quote(name)}" for name, expression in columns.items())
    return f"SELECT {listed}\nFROM {quote(table)}"


def _instant(r: Reading, name: str, out: dict[str, str], faults: list[str]) -> None:
    """The time of the order in UTC; a date beyond reason is no date."""
    column, date = r.column(name), r.conventions[name]
    outside = date.out_of_range(column)
    out["instant"] = f"CASE WHEN {outside} THEN NULL ELSE {date.utc_sql(column, r.zone)} END"
    faults.append(flag("date_unreadable", date.bad(column)))
    if date.outside:
        faults.append(flag("date_too_early", f"({outside}) AND {date.sql(column)} < TIMESTAMP '1995-01-01'"))
        faults.append(flag("date_in_future", f"({outside}) AND {date.sql(column)} >= TIMESTAMP '1995-01-01'"))


def _money(r: Reading, out: dict[str, str], faults: list[str]) -> None:
    """Quantity, price and every amount; amounts become minor units of the shop's currency."""
    rate = rate_sql(r)
    if r.has("quantity"):
        numbers = r.conventions["quantity"]
        column = r.column("quantity")
        out["quantity"] = numbers.sql(column)
        faults += [flag("quantity_unreadable", numbers.bad(column)), flag("quantity_too_large", numbers.out_of_range(column))]
    if r.has("unit_price"):
        price = r.conventions["unit_price"]
        column = r.column("unit_price")
        value = f"TRY_CAST({price.sql(column)} AS DECIMAL(18,4))"
        out["unit_price"] = f"TRY_CAST(TRY_CAST({value} AS DECIMAL(20,4)) * {rate} AS DECIMAL(18,4))" if rate else value
        faults += [flag("amount_unreadable", price.bad(column)), flag("amount_too_large", price.out_of_range(column))]
        quantity = f"coalesce({r.conventions['quantity'].sql(r.column('quantity'))}, 1)" if r.has("quantity") else "1"
        product = f"CAST(CAST({quantity} AS DECIMAL(20,3)) * {value} AS DECIMAL(38,7))"
        out["product_amount"] = minor(f"CAST({product} AS DECIMAL(20,4)) * {rate}", r.digits, scale=12) if rate else minor(product, r.digits, scale=7)
    for name in ("line_amount", "line_discount", *_MONEY):
        if r.has(name):
            amounts = r.conventions[name]
            column = r.column(name)
            value = amounts.sql(column)
            out[name] = minor(f"CAST({value} AS DECIMAL(20,4)) * {rate}", r.digits, scale=12) if rate else minor(value, r.digits)
            faults += [flag("amount_unreadable", amounts.bad(column)), flag("amount_too_large", amounts.out_of_range(column))]


def rate_sql(r: Reading) -> str | None:
    """What an amount is multiplied by where other currencies are converted; None where nothing is."""
    if not r.rates:
        return None
    if r.has("currency"):
        cases = " ".join(f"WHEN {literal(word)} THEN {r.rates[code]:f}" for word, code in r.currency_words.items() if code in r.rates)
        return f"CAST(CASE {text_sql(r.column('currency'))} {cases} ELSE 1 END AS DECIMAL(18,8))" if cases else None
    rate = r.rates.get(r.written_currency or "")
    return f"CAST({rate:f} AS DECIMAL(18,8))" if rate else None


def currency_fault(r: Reading) -> str:
    """The bit of amounts in a currency that is neither the shop's nor converted."""
    if r.has("currency"):
        foreign = [word for word, code in r.currency_words.items() if code != r.currency and code not in r.rates]
        return flag("other_currency", f"{text_sql(r.column('currency'))} IN ({_texts(foreign)})") if foreign else ""
    if r.written_currency and r.written_currency != r.currency and r.written_currency not in r.rates:
        return str(BIT["other_currency"])
    return ""


def buyer_sql(r: Reading) -> str | None:
    """Who bought: the shop's own number as it stands, or a marked piece of personal data that becomes a pseudonym."""
    options: list[str] = []
    mark = f"chr({ord(PERSONAL_MARK)})"
    if r.has("customer_id"):
        value = r.conventions["customer_id"].sql(r.column("customer_id"))
        options.append(
            f"CASE WHEN ({value}) IS NULL THEN NULL"
            f" WHEN contains({value}, '@') THEN {mark} || 'e' || {value}"
            f" WHEN regexp_full_match({value}, {literal(_MOBILE)}) THEN {mark} || 'p' || {value}"
            f" WHEN regexp_full_match({value}, {literal(_OPAQUE)}) THEN {value}"
            f" ELSE {mark} || 'a' || {value} END"
        )
    for name, letter, form in (("customer_email", "e", r".*\S@\S.*"), ("customer_account", "a", r".*\S.*"), ("customer_phone", "p", r".*\d.*\d.*\d.*\d.*\d.*")):
        if r.has(name):
            value = text_sql(r.column(name))
            options.append(f"CASE WHEN regexp_full_match({value}, {literal(form)}) THEN {mark} || '{letter}' || {value} END")
    return f"coalesce({', '.join(options)})" if options else None


def region_sql(r: Reading) -> str | None:
    """The province or state, else the province an address begins with, else the country."""
    options = [text_sql(r.column("region"))] if r.has("region") else []
    if not options and r.has("customer_address"):
        address = f"CAST({r.column('customer_address')} AS VARCHAR)"
        options.append(f"nullif(regexp_extract({address}, '^\\s*(?:中国)?\\s*({'|'.join(PROVINCES)})', 1), '')")
    if r.has("country"):
        options.append(text_sql(r.column("country")))
    return f"coalesce({', '.join(options)})" if options else None


def goods_sql(r: Reading) -> str | None:
    """What the line is where it is not goods: a LineKind, else NULL."""
    code = f"upper({r.conventions['product_id'].sql(r.column('product_id'))})" if r.has("product_id") else None
    name = f"lower({text_sql(r.column('product_name'))})" if r.has("product_name") else None
    if not code and not name:
        return None
    parts = []
    if r.has("order_id"):
        order = r.conventions["order_id"].sql(r.column("order_id"))
        named = f" AND {name} IN ({_texts(NAMES['not_a_sale'])})" if name else ""
        parts.append(f"WHEN regexp_full_match({order}, '{BOOKKEEPING_PREFIX}\\d+'){named} THEN 'not_a_sale'")
    if code:
        for kind, codes in CODES.items():
            parts.append(f"WHEN {code} IN ({_texts(codes)}) THEN '{kind}'")
        parts.append(f"WHEN starts_with({code}, {literal(GIFT_CARD_CODE.upper())}) THEN 'gift_card'")
    if name:
        for kind, names in NAMES.items():
            parts.append(f"WHEN {name} IN ({_texts(names)}) THEN '{kind}'")
        parts.append(f"WHEN contains({name}, {literal(GIFT_CARD_NAME)}) THEN 'gift_card'")
    if code:
        unnamed = f"{name} IS NULL AND " if name else ""
        parts += [f"WHEN {unnamed}{code} = {literal(short)} THEN '{kind}'" for short, kind in SHORT_CODES.items()]
    return f"CASE {' '.join(parts)} END"


def _lookup(value: str, table: Mapping[str, Any], kind: str) -> str:
    if not table:
        return f"NULL::{kind}"
    cases = " ".join(f"WHEN {literal(word)} THEN {literal(to) if isinstance(to, str) else to}" for word, to in table.items())
    return f"CAST(CASE {value} {cases} END AS {kind})"


def _texts(words: Any) -> str:
    return ", ".join(literal(word) for word in words)
