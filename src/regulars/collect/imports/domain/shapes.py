"""Lists without a header, recognised by what stands in their columns: CDNOW's five columns, or customer, date and amount."""

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
