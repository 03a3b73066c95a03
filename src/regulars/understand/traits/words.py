"""A trait's value as people read it."""

from __future__ import annotations

from regulars.console.words import Words
from regulars.understand.traits.domain import Unit
from regulars.values.money import Money, minor_digits

_BANDS = {"low": ("low", "低"), "middle": ("middle", "中"), "high": ("high", "高")}


def value_words(w: Words, unit: Unit, number: float | None, text: str | None, currency: str) -> str:
    """The value with its unit; a dash where there is none."""
    if unit == "text":
        if text is None:
            return "–"
        band = _BANDS.get(text)
        return band[1 if w.language == "zh" else 0] if band else text
    if number is None:
        return "–"
    match unit:
        case "money":
            return w.money(Money(round(number * 10 ** minor_digits(currency)), currency))
        case "share":
            return w.share(number)
        case "days":
            return w.days(round(number, 1))
        case "hour":
            return f"{int(number):02}:00"
        case "count" | "score" | "years":
            return w.count(round(number))
        case _:
            return w.count(number, 2)
