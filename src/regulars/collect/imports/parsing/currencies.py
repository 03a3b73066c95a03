"""The signs and codes with which money is written, and the currencies they can mean."""

from __future__ import annotations

import re

#: What each sign can mean, most likely first in a shop's file.
SIGNS: dict[str, tuple[str, ...]] = {
    "$": ("USD", "CAD", "AUD", "HKD", "SGD", "TWD", "NZD", "MXN", "ARS", "CLP", "COP"),
    "R$": ("BRL",), "HK$": ("HKD",), "US$": ("USD",), "NT$": ("TWD",), "AU$": ("AUD",), "A$": ("AUD",),
    "CA$": ("CAD",), "C$": ("CAD",), "S$": ("SGD",), "NZ$": ("NZD",), "MX$": ("MXN",),
    "¥": ("CNY", "JPY"), "CN¥": ("CNY",), "JP¥": ("JPY",), "元": ("CNY", "TWD"), "圆": ("CNY",), "円": ("JPY",), "RMB": ("CNY",),
    "€": ("EUR",), "£": ("GBP",), "₹": ("INR",), "Rs.": ("INR", "PKR"), "Rs": ("INR", "PKR"), "₱": ("PHP",), "฿": ("THB",),
    "₽": ("RUB",), "руб.": ("RUB",), "руб": ("RUB",), "₴": ("UAH",), "zł": ("PLN",), "Kč": ("CZK",), "Ft": ("HUF",),
    "lei": ("RON",),
    "₩": ("KRW",), "원": ("KRW",), "₫": ("VND",), "đ": ("VND",), "₺": ("TRY",), "₪": ("ILS",), "₦": ("NGN",), "Fr.": ("CHF",),
    "kr.": ("DKK", "SEK", "NOK"), "kr": ("SEK", "NOK", "DKK"), "RM": ("MYR",), "Rp": ("IDR",), "S/": ("PEN",),
}  # fmt: skip

_CODES = (
    "USD", "EUR", "GBP", "CNY", "CNH", "JPY", "HKD", "TWD", "MOP", "KRW", "SGD", "MYR", "THB", "IDR", "PHP", "VND", "INR",
    "PKR", "BDT", "LKR", "AUD", "NZD", "CAD", "MXN", "BRL", "ARS", "CLP", "COP", "PEN", "UYU", "CHF", "SEK", "NOK", "DKK",
    "ISK", "PLN", "CZK", "HUF", "RON", "BGN", "RSD", "UAH", "RUB", "KZT", "TRY", "ILS", "AED", "SAR", "QAR", "KWD", "BHD",
    "OMR", "JOD", "EGP", "MAD", "TND", "NGN", "KES", "GHS", "ZAR",
)  # fmt: skip

#: A sign or code, longest first, as a pattern that both RE2 and Python read.
MONEY = "(?:" + "|".join(sorted((re.escape(sign) for sign in (*SIGNS, *_CODES)), key=len, reverse=True)) + ")"
_FOLDED = {sign.casefold(): meaning for sign, meaning in SIGNS.items()}


def meanings(sign: str) -> tuple[str, ...]:
    """The ISO codes a sign can stand for."""
    folded = sign.casefold()
    if folded in _FOLDED:
        return _FOLDED[folded]
    return ("CNY",) if folded == "cnh" else (sign.upper(),)
