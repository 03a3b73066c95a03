"""Lists without a header, recognised by what stands in their columns.

CDNOW's five columns, or customer, date and amount; and Taobao's user, item, category, behaviour and Unix seconds.
"""

from __future__ import annotations

import re

from regulars.collect.imports.domain.fields import Kind

_DATE = re.compile(
    r"(19[89]\d|20\d\d)(0[1-9]|1[0-2])([0-2]\d|3[01])"  # 19970101
    r"|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([ T].*)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}( .*)?|\d{4}年\d{1,2}月\d{1,2}日.*"
)
_WHOLE = re.compile(r"-?\d{1,9}")
_AMOUNT = re.compile(r"[-+]?[¥￥$£€]?\s?\d[\d.,]*\s?[¥￥$£€元]?")
_ID = re.compile(r"[\w.@#:-]{1,80}")


def guess_by_content(kind: Kind, columns: tuple[str, ...], sample: tuple[tuple[str | None, ...], ...]) -> dict[str, str]:
    """Fields of a headerless list of purchases; empty when it does not look like one.

    The first date column is the time. Left of it stands the customer (the first column), right of it units and money: the last
    column that can be money is the amount, a whole-number column before it the quantity.
    """
    if kind == "events":
        return _taobao(columns, sample)
    if kind != "orders" or not sample:
        return {}
    values = [[row[place] for row in sample if place < len(row) and row[place]] for place in range(len(columns))]

    def all_match(place: int, pattern: re.Pattern[str]) -> bool:
        return bool(values[place]) and all(pattern.fullmatch(str(value).strip()) for value in values[place])

    dates = [place for place in range(len(columns)) if all_match(place, _DATE)]
    if not dates:
        return {}
    when = dates[0]
    others = [place for place in range(len(columns)) if place not in dates]
    customer = next((place for place in others if all_match(place, _ID)), None)
    money = [place for place in others if place != customer and all_match(place, _AMOUNT)]
    right = [place for place in money if place > when] or money
    if customer is None or not right:
        return {}
    amount = right[-1]
    found = {"customer_id": columns[customer], "ordered_at": columns[when], "line_amount": columns[amount]}
    counts = [place for place in right if place != amount and all_match(place, _WHOLE)]
    if counts:
        found["quantity"] = columns[counts[-1]]
    return found


#: What Taobao's behaviours are called here. A purchase there has no number and no amount: it is an order whose total nobody knows.
BEHAVIOURS = {"pv": "Product Viewed", "fav": "Product Added to Wishlist", "cart": "Product Added", "buy": "Order Completed"}


def _taobao(columns: tuple[str, ...], sample: tuple[tuple[str | None, ...], ...]) -> dict[str, str]:
    """User, item, category, behaviour, Unix seconds; empty where the sample is anything else."""
    whole = all(
        len(row) == 5
        and all(value and value.isdigit() for value in (*row[:3], row[4]))
        and row[3] in BEHAVIOURS
        and 8 <= len(str(row[4])) <= 10
        for row in sample
    )
    names = ("customer_id", "product_id", "category", "event", "occurred_at")
    return dict(zip(names, columns, strict=True)) if sample and whole and len(columns) == 5 else {}
