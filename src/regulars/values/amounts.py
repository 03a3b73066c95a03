"""Amounts and numbers as programs write them down: 1234.5, "1,234.50", "¥1,234", "1.234,50", read exactly or not at all."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

from regulars.values.money import minor_digits

#: From this size on an amount is taken for a slip (a telephone or order number in the wrong place), as files are read.
LARGEST_AMOUNT = Decimal(10**12)

_PLAIN = re.compile(r"[-+]?[0-9]{1,18}(?:\.[0-9]{1,18})?", re.ASCII)
_WIDE = str.maketrans("０１２３４５６７８９，．－＋（）\u00a0\u202f\u2009", "0123456789,.-+()   ")
_CURRENCY = r"(?:[A-Za-z]{1,3}\.?\s*)?[$¢-¥֏฿₠-⃀￠￡￥￦元円圆원]?"
_WRITTEN = re.compile(rf"([-+(]?)\s*{_CURRENCY}\s*([-+]?)\s*([0-9][0-9.,' ]{{0,30}})\s*{_CURRENCY}(?:[A-Za-z]{{2,3}})?\s*([-)]?)")
_GROUPED = {
    sign: re.compile(rf"[0-9]{{1,3}}(?:{group}[0-9]{{3}})+(?:{re.escape(sign)}[0-9]+)?|[0-9]+(?:{re.escape(sign)}[0-9]+)?")
    for sign, group in ((".", "[,' ]"), (",", "[.' ]"))
}


def read_number(value: object) -> Decimal | None:
    """The number that a JSON value or a text says, exact; None where it says none.

    A value with both signs (`1.234,50`) shows its decimal sign: the last one. `1,234` alone groups thousands, `12,5` and `0,125` do
    not; a point alone is a decimal point. A floating-point number is taken as it is printed, so 19.99 is 19.99. Signs and codes of
    currencies around the digits are passed over; (12.50) and 12.50- are negative. True, NaN and infinities are no numbers.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, float):
        return Decimal(repr(value)) if abs(value) < 1e300 else None  # NaN compares false
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    return _read_text(value) if isinstance(value, str) else None


def read_amount(value: object) -> Decimal | None:
    """An amount of money in major units; None where there is none, or one beyond reason."""
    number = read_number(value)
    return number if number is not None and abs(number) < LARGEST_AMOUNT else None


def to_minor(amount: Decimal, currency: str) -> int:
    """An amount in major units as minor units of its currency, rounded half to even."""
    return int(amount.scaleb(minor_digits(currency)).to_integral_value(ROUND_HALF_EVEN))


def _read_text(text: str) -> Decimal | None:
    if _PLAIN.fullmatch(text):
        return Decimal(text)
    if len(text) > 64:
        return None
    found = _WRITTEN.fullmatch(text.translate(_WIDE).strip())
    if found is None:
        return _scientific(text)
    before, minus, digits, after = found.groups()
    signs = [sign for sign in (before, minus, after) if sign]
    if signs not in ([], ["(", ")"]) and (len(signs) > 1 or signs[0] in "()"):
        return None
    digits = digits.rstrip()
    decimal = _decimal_sign(digits)
    if not _GROUPED[decimal].fullmatch(digits):
        return None
    number = Decimal(re.sub(r"[' ]", "", digits).replace("," if decimal == "." else ".", "").replace(decimal, "."))
    return -number if signs and signs[0] in "-(" else number


def _decimal_sign(digits: str) -> str:
    point, comma = digits.rfind("."), digits.rfind(",")
    if comma < 0:
        return "," if digits.count(".") > 1 else "."
    if point >= 0:
        return "." if point > comma else ","
    alone = digits.count(",") == 1 and (len(digits) - comma - 1 != 3 or digits.startswith("0,"))
    return "," if alone else "."


def _scientific(text: str) -> Decimal | None:
    """Numbers that a program printed as 1.5e3; nothing else that Decimal would understand."""
    if not re.fullmatch(r"\s*[-+]?[0-9]{1,18}(?:\.[0-9]{1,18})?[eE][-+]?[0-9]{1,2}\s*", text, re.ASCII):
        return None
    try:
        return Decimal(text.strip())
    except InvalidOperation:  # pragma: no cover (the form is checked)
        return None
