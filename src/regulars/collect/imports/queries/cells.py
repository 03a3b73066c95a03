"""The typed cells of an orders file: one row per source row, amounts in minor units, and a bit for everything that cannot be read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from regulars.collect.imports.domain.goods import BOOKKEEPING_PREFIX, CODES, GIFT_CARD_CODE, GIFT_CARD_NAME, NAMES, SHORT_CODES
from regulars.collect.imports.domain.rules import BIT
from regulars.collect.imports.domain.statuses import Meaning
from regulars.collect.imports.parsing import AmountConvention, text_sql
from regulars.collect.imports.parsing.dates import EARLIEST
from regulars.collect.imports.queries.columns import CellQuery, Reading, flag, half_even, lookup, texts
from regulars.events.reasons import reason_sql
from regulars.warehouse.workbench import literal, quote

#: Order states as small numbers, so that they aggregate in place.
STATUS_CODES: dict[Meaning, int] = {"placed": 1, "cancelled": 2, "closed": 3, "unpaid": 4, "refunded": 5, "draft": 6}

#: A shop's own number of a customer: it has a digit and no blank, @ or foreign letter. Anything else is a person's data.
_OPAQUE = "[A-Za-z0-9_.:#/-]{0,63}[0-9][A-Za-z0-9_.:#/-]{0,63}"
_MOBILE = r"(\+?86)?1[3-9]\d{9}"

#: Marks a buyer known by personal data; the letter after it says by which.
PERSONAL_MARK = "\x01"
PERSONAL_KINDS = {"e": "email", "p": "phone", "a": "account"}
_CONTACTS = (
    ("customer_email", "e", r".*\S@\S.*"),
    ("customer_account", "a", r".*\S.*"),
    ("customer_phone", "p", r".*\d.*\d.*\d.*\d.*\d.*"),
)

_AMOUNTS = (
    "line_amount",
    "line_discount",
    "order_total",
    "items_total",
    "shipping",
    "tax",
    "discount",
    "refund_amount",
    "paid_amount",
    "line_shipping",
)
#: When an order was sent, arrived, and was to arrive.
DELIVERY = ("shipped_at", "delivered_at", "promised_at")
_TEXTS = ("product_name", "category", "brand", "variant", "seller", "channel", "coupon")

#: Amounts are read to 4 decimals, quantities to 3, rates to 8.
_AMOUNT_SCALE, _QUANTITY_SCALE, _RATE_SCALE = 4, 3, 8

PROVINCES = [
    "北京",
    "天津",
    "上海",
    "重庆",
    "河北",
    "山西",
    "辽宁",
    "吉林",
    "黑龙江",
    "江苏",
    "浙江",
    "安徽",
    "福建",
    "江西",
    "山东",
    "河南",
    "湖北",
    "湖南",
    "广东",
    "海南",
    "四川",
    "贵州",
    "云南",
    "陕西",
    "甘肃",
    "青海",
    "台湾",
    "内蒙古",
    "广西",
    "西藏",
    "宁夏",
    "新疆",
    "香港",
    "澳门",
]


def order_cells(reading: Reading) -> CellQuery:
    """The query for the typed cells of one orders file."""
    r, query = reading, CellQuery(reading)
    if r.compare_rows and r.has("order_id"):
        query.row("digest", f"hash({', '.join('f.' + quote(column) for column in r.all_columns)})")
        query.out["digest"] = "digest"
    if r.has("order_id"):
        query.out["order_no"] = query.cell("order_id", "order_no", r.conventions["order_id"].sql)
        query.faults.append(flag("order_id_missing", "order_no IS NULL"))
    if r.has("line_id"):
        query.out["line_no"] = query.cell("line_id", "line_no", r.conventions["line_id"].sql)
    if r.has("ordered_at"):
        instant(query, "ordered_at", "instant")
    for name in ("refunded_at", "cancelled_at", "paid_at", "shipped_at", "delivered_at"):
        if r.has(name):
            optional_instant(query, name)
    if r.has("promised_at"):
        _promise(query)
    _money(query)
    if buyer := buyer_sql(query):
        query.out["buyer"] = buyer
    for name in _TEXTS:
        if r.has(name):
            query.out[name] = query.cell(name, name, text_sql)
    if r.has("refund_reason"):
        query.out["refund_reason"] = reason_sql(query.cell("refund_reason", "refund_reason_word", text_sql))
    if r.has("product_id"):
        query.out["product_id"] = query.cell("product_id", "product_id", r.conventions["product_id"].sql)
    if region := region_sql(query):
        query.out["region"] = region
    for name, codes in (("status", r.status_codes), ("payment_status", r.payment_codes)):
        if r.has(name):
            query.out[name] = lookup(query.cell(name, f"{name}_word", text_sql), codes, "TINYINT")
    if r.has("status") and r.unknown_words:
        query.faults.append(flag("unknown_status", f"status_word IN ({texts(sorted(r.unknown_words))})"))
    shop_of_row(query)
    currency_fault(query)
    if goods := goods_sql(query):
        query.out["goods"] = goods
    return query


def shop_of_row(query: CellQuery) -> None:
    """`shop_id` of each row, where the load holds several shops."""
    r = query.reading
    if r.default_shop is None:
        return
    query.out["shop_id"] = literal(r.default_shop)
    if r.has("shop"):
        query.out["shop_id"] = (
            f"coalesce({lookup(query.cell('shop', 'shop_word', text_sql), r.shops, 'VARCHAR')}, {literal(r.default_shop)})"
        )


def instant(query: CellQuery, name: str, into: str) -> None:
    """A needed time in UTC; a date beyond reason is no date."""
    r, date = query.reading, query.reading.conventions[name]
    query.cell(name, f"read_{into}", lambda column: date.utc_sql(column, r.zone))
    query.out[into] = f"read_{into}"
    query.bad(name, "date_unreadable")
    if date.outside:
        outside = query.cell(name, f"{name}_outside", date.out_of_range)
        query.out[into] = f"CASE WHEN {outside} THEN NULL ELSE read_{into} END"
        query.faults.append(flag("date_too_early", f"{outside} AND read_{into} < TIMESTAMP '1995-01-02'"))
        query.faults.append(flag("date_in_future", f"{outside} AND read_{into} >= TIMESTAMP '1995-01-02'"))


def optional_instant(query: CellQuery, name: str) -> None:
    """A time that may be missing, in UTC; what cannot be read stays empty and is flagged."""
    r, date = query.reading, query.reading.conventions[name]
    query.out[name] = query.cell(
        name, name, lambda column: f"CASE WHEN {date.out_of_range(column)} THEN NULL ELSE {date.utc_sql(column, r.zone)} END"
    )
    query.bad(name, "optional_date_unreadable")


def _promise(query: CellQuery) -> None:
    """When an order is to arrive, in UTC, which may lie ahead; midnight stands for a whole local day, which ends with its last second."""
    r, date = query.reading, query.reading.conventions["promised_at"]
    ahead = date.latest + timedelta(days=366)
    within = replace(date, first=date.first or date.latest, last=max(date.last or ahead, ahead))

    def sql(column: str) -> str:
        value, utc = date.sql(column), within.utc_sql(column, r.zone)
        day = "false" if date.has_offset or date.some_offset else f"CAST({value} AS TIME) = TIME '00:00:00'"
        known = f"{value} >= TIMESTAMP '{EARLIEST:%Y-%m-%d}' AND {value} < TIMESTAMP '{ahead:%Y-%m-%d %H:%M:%S}'"
        return f"CASE WHEN NOT coalesce({known}, false) THEN NULL WHEN {day} THEN {utc} + INTERVAL '86399 seconds' ELSE {utc} END"

    query.out["promised_at"] = query.cell("promised_at", "promised_at", sql)
    query.bad("promised_at", "optional_date_unreadable")


def _money(query: CellQuery) -> None:
    """Quantity, price and every amount. Rounding counts in integers: 10^-4 of an amount, 10^-7 of a price times a quantity."""
    r = query.reading
    rate = rate_sql(query)
    if r.has("quantity"):
        query.out["quantity"] = query.cell("quantity", "quantity", r.conventions["quantity"].sql)
        query.bad("quantity", "quantity_unreadable")
        query.outside("quantity", "quantity_too_large")
    if r.has("unit_price"):
        price = r.conventions["unit_price"]
        query.cell("unit_price", "read_price", lambda column: f"TRY_CAST({price.sql(column)} AS DECIMAL(18,4))")
        query.cell(
            "unit_price",
            "price_units",
            lambda column: f"CAST(TRY_CAST({price.sql(column)} AS DECIMAL(18,4)) * {10**_AMOUNT_SCALE} AS BIGINT)",
        )
        query.out["unit_price"] = f"TRY_CAST(CAST(read_price AS DECIMAL(20,4)) * {rate} AS DECIMAL(18,4))" if rate else "read_price"
        query.bad("unit_price", "amount_unreadable")
        query.outside("unit_price", "amount_too_large")
        quantity = str(10**_QUANTITY_SCALE)
        if r.has("quantity"):
            numbers = r.conventions["quantity"]
            query.cell(
                "quantity", "quantity_units", lambda column: f"CAST({numbers.sql(column)} * {10**_QUANTITY_SCALE} AS BIGINT)"
            )
            quantity = f"coalesce(quantity_units, {10**_QUANTITY_SCALE})"
        # What would not fit 64 bits is beyond 900 billion, and is caught as too large.
        fits = f"abs(CAST(price_units AS DOUBLE) * {quantity}) < 9e18"
        query.between["product_units"] = f"CASE WHEN {fits} THEN price_units * {quantity} END"
        query.faults.append(flag("amount_too_large", "product_units IS NULL AND price_units IS NOT NULL"))
        query.out["product_amount"] = _minor("product_units", _AMOUNT_SCALE + _QUANTITY_SCALE, r.digits, rate)
    for name in _AMOUNTS:
        if r.has(name):
            amounts = r.conventions[name]
            query.cell(name, f"{name}_units", _units_of(amounts))
            query.out[name] = _minor(f"{name}_units", _AMOUNT_SCALE, r.digits, rate)
            if name == "refund_amount":  # some shops write what they gave back with a minus
                query.out[name] = f"abs({query.out[name]})"
            query.bad(name, "amount_unreadable")
            query.outside(name, "amount_too_large")


def _units_of(amounts: AmountConvention) -> Callable[[str], str]:
    """What reads a column's amounts as integers of 10^-_AMOUNT_SCALE."""
    return lambda column: f"TRY_CAST(({amounts.sql(column)}) * {10**_AMOUNT_SCALE} AS BIGINT)"


def _minor(units: str, scale: int, digits: int, rate: str | None) -> str:
    """Integer units of 10^-scale as minor units of the currency, rounded half to even; converted before they are rounded."""
    if rate:
        units, scale = f"(CAST({units} AS HUGEINT) * CAST({rate} * {10**_RATE_SCALE} AS BIGINT))", scale + _RATE_SCALE
    if scale < digits:
        return f"TRY_CAST({units} * {10 ** (digits - scale)} AS BIGINT)"
    return f"TRY_CAST({half_even(units, 10 ** (scale - digits))} AS BIGINT)"


def amount_out(query: CellQuery, name: str, into: str, bad: str) -> None:
    """An amount in minor units that may be missing; what cannot be read stays empty and is flagged."""
    r, amounts = query.reading, query.reading.conventions[name]
    query.cell(name, f"{name}_units", _units_of(amounts))
    query.out[into] = _minor(f"{name}_units", _AMOUNT_SCALE, r.digits, rate_sql(query))
    query.bad(name, bad)


def rate_sql(query: CellQuery) -> str | None:
    """What an amount is multiplied by where other currencies are converted; None where nothing is."""
    r = query.reading
    if not r.rates:
        return None
    if named := currency_sql(query):
        cases = " ".join(
            f"WHEN {named} = {literal(word)} THEN {r.rates[code]:f}" for word, code in r.currency_words.items() if code in r.rates
        )
        unnamed = (
            f"WHEN {named} IS NULL THEN {r.rates[r.only_currency]:f}" if r.only_currency and r.only_currency in r.rates else ""
        )
        return f"CAST(CASE {unnamed} {cases} ELSE 1 END AS DECIMAL(18,8))" if cases else None
    rate = r.rates.get(r.written_currency or "")
    return f"CAST({rate:f} AS DECIMAL(18,8))" if rate else None


def currency_sql(query: CellQuery) -> str | None:
    """What names a row's currency: its cell, else the sign beside an amount; None where the whole file has one currency."""
    r = query.reading
    if r.has("currency"):
        return query.cell("currency", "currency_word", text_sql)
    signs = [query.cell(name, f"{name}_sign", r.conventions[name].sign) for name in r.signed]
    return f"coalesce({', '.join(signs)})" if signs else None


def currency_fault(query: CellQuery) -> None:
    """The bit of amounts in a currency that is neither the shop's nor converted."""
    r = query.reading
    if word := currency_sql(query):
        foreign_codes = {code for code in r.currency_words.values() if code != r.currency and code not in r.rates}
        foreign = [word for word, code in r.currency_words.items() if code in foreign_codes]
        if foreign:
            unnamed = f" OR {word} IS NULL" if r.only_currency in foreign_codes else ""
            query.faults.append(flag("other_currency", f"({word} IN ({texts(foreign)}){unnamed})"))
    elif r.written_currency and r.written_currency != r.currency and r.written_currency not in r.rates:
        query.faults.append(str(BIT["other_currency"]))


def buyer_sql(query: CellQuery) -> str | None:
    """Who bought: the shop's own number as it stands, or a marked piece of personal data that becomes a pseudonym."""
    r = query.reading
    options: list[str] = []
    mark = f"chr({ord(PERSONAL_MARK)})"
    if r.has("customer_id"):
        word = query.cell("customer_id", "customer_word", r.conventions["customer_id"].sql)
        options.append(
            query.derived(
                "customer_id",
                "buyer_by_id",
                word,
                lambda word: (
                    f"CASE WHEN regexp_full_match({word}, {literal(_OPAQUE)}) AND NOT regexp_full_match({word}, {literal(_MOBILE)}) THEN {word}"
                    f" WHEN contains({word}, '@') THEN {mark} || 'e' || {word} WHEN regexp_full_match({word}, {literal(_MOBILE)}) THEN {mark} || 'p' || {word}"
                    f" ELSE {mark} || 'a' || {word} END"
                ),
            )
        )
    for name, letter, form in _CONTACTS:
        if r.has(name):
            word = query.cell(name, f"{name}_word", text_sql)
            options.append(f"CASE WHEN regexp_full_match({word}, {literal(form)}) THEN {mark} || '{letter}' || {word} END")
    return f"coalesce({', '.join(options)})" if options else None


def region_sql(query: CellQuery) -> str | None:
    """The province or state, else the province an address begins with, else the country."""
    r = query.reading
    options = [query.cell("region", "region_word", text_sql)] if r.has("region") else []
    if not options and r.has("customer_address"):
        pattern = literal(f"^\\s*(?:中国)?\\s*({'|'.join(PROVINCES)})")
        options.append(
            query.cell(
                "customer_address",
                "province",
                lambda column: f"nullif(regexp_extract(CAST({column} AS VARCHAR), {pattern}, 1), '')",
            )
        )
    if r.has("country"):
        options.append(query.cell("country", "country_word", text_sql))
    return f"coalesce({', '.join(options)})" if options else None


def goods_sql(query: CellQuery) -> str | None:
    """What the line is where it is not goods: a LineKind, else NULL."""
    code, name = "product_id" in query.out, "product_name" in query.out
    if not code and not name:
        return None
    parts = []
    if "order_no" in query.out and name:  # other shops' orders begin with that letter too: the name must say it
        named = f"lower(product_name) IN ({texts(NAMES['not_a_sale'])})"
        parts.append(
            f"WHEN starts_with(order_no, '{BOOKKEEPING_PREFIX}') AND regexp_full_match(order_no, '.[0-9]+') AND {named} THEN 'not_a_sale'"
        )
    if code:
        codes = {word: kind for kind, words in CODES.items() for word in words}
        voucher = f"WHEN starts_with(upper(<>), {literal(GIFT_CARD_CODE.upper())}) THEN 'gift_card'"
        by_code = query.derived(
            "product_id",
            "goods_by_code",
            "product_id",
            lambda cell: f"CASE {_kind_of(f'upper({cell})', codes)} {voucher.replace('<>', cell)} END",
        )
        parts.append(f"WHEN {by_code} IS NOT NULL THEN {by_code}")
    if name:
        names = {word: kind for kind, words in NAMES.items() for word in words}
        voucher_name = f"WHEN contains(lower(<>), {literal(GIFT_CARD_NAME)}) THEN 'gift_card'"
        by_name = query.derived(
            "product_name",
            "goods_by_name",
            "product_name",
            lambda cell: f"CASE {_kind_of(f'lower({cell})', names)} {voucher_name.replace('<>', cell)} END",
        )
        parts.append(f"WHEN {by_name} IS NOT NULL THEN {by_name}")
    if code and name:
        parts += [
            f"WHEN product_name IS NULL AND upper(product_id) = {literal(short)} THEN '{kind}'"
            for short, kind in SHORT_CODES.items()
        ]
    return f"CASE {' '.join(parts)} END"


def _kind_of(value: str, words: Mapping[str, str]) -> str:
    """A WHEN that looks a word up; the long way is only taken for words that are listed."""
    cases = " ".join(f"WHEN {literal(word)} THEN '{kind}'" for word, kind in words.items())
    return f"WHEN {value} IN ({texts(words)}) THEN CASE {value} {cases} END"
