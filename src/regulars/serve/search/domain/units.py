"""Measures: `18 Volt`, `18V` and `18-volt` are one, and so are `5 in.`, `5"` and `5 inches`, or `5米` and `5 m`."""

from __future__ import annotations

import re

#: Canonical unit -> how people write it.
_WRITTEN = {
    "inch": ("in.", "in", "inch", "inches", '"', "''", "英寸"),
    "foot": ("ft.", "ft", "foot", "feet", "'", "英尺"),
    "yard": ("yd.", "yd", "yard", "yards"),
    "mm": ("mm", "millimeter", "millimeters", "毫米"),
    "cm": ("cm", "centimeter", "centimeters", "厘米", "公分"),
    "meter": ("m", "meter", "meters", "metre", "metres", "米"),
    "pound": ("lb.", "lb", "lbs.", "lbs", "pound", "pounds", "磅"),
    "ounce": ("oz.", "oz", "ounce", "ounces", "盎司"),
    "kg": ("kg", "kgs", "kilogram", "kilograms", "公斤", "千克"),
    "gram": ("g", "gram", "grams", "克"),
    "gallon": ("gal.", "gal", "gallon", "gallons", "加仑"),
    "liter": ("l", "liter", "liters", "litre", "litres", "升"),
    "ml": ("ml", "milliliter", "milliliters", "毫升"),
    "quart": ("qt.", "qt", "quart", "quarts"),
    "volt": ("v", "volt", "volts", "伏"),
    "watt": ("w", "watt", "watts", "瓦"),
    "amp": ("amp", "amps", "ampere", "amperes", "安"),
    "mah": ("mah", "毫安时", "毫安"),
    "hp": ("hp", "horsepower", "马力"),
    "btu": ("btu", "btus"),
    "psi": ("psi",),
    "gb": ("gb", "gigabyte", "gigabytes"),
    "tb": ("tb", "terabyte", "terabytes"),
    "pack": ("pk", "pack", "packs", "count", "ct"),
}
_CANONICAL = {written: unit for unit, all_written in _WRITTEN.items() for written in all_written}
_LATIN = sorted((re.escape(one) for one in _CANONICAL if one[0].isascii()), key=len, reverse=True)
_CHINESE = sorted((one for one in _CANONICAL if not one[0].isascii()), key=len, reverse=True)
_SQUARE = re.compile(r"\b(sq|cu)\.?[ -]*(ft|in|yd|m)\b\.?")
_SQUARES = {"ft": "foot", "in": "inch", "yd": "yard", "m": "meter"}
_MEASURE = re.compile(rf"(?<![a-z0-9])(\d+(?:[./]\d+)?)\s*-?\s*(?:({'|'.join(_LATIN)})(?![a-z0-9])|({'|'.join(_CHINESE)}))")
_TIMES = re.compile(r"(?<![a-z])[x×*](?=\s*[.]?\d)")


def with_units(text: str) -> str:
    """The text, in small letters already, with every measure as a number and the canonical word of its unit."""
    text = _TIMES.sub(" ", text)
    text = _SQUARE.sub(lambda found: f"{found[1]} {_SQUARES[found[2]]}", text)
    return _MEASURE.sub(lambda found: f"{found[1]} {_CANONICAL[found[2] or found[3]]} ", text)
