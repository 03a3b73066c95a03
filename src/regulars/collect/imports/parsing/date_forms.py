"""The grammar of written dates: which strptime format a value has, and what must be cleaned off before it fits one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from regulars.warehouse.workbench import literal

Kind = Literal["iso", "format", "by_order", "excel_serial", "unix_seconds", "unix_milliseconds"]

_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_LONG_MONTH = "(?:January|February|March|April|June|July|August|September|October|November|December)"

#: Cleaning in order: name, pattern and replacement, understood alike by RE2 and Python.
STEPS: dict[str, tuple[tuple[str, str], ...]] = {
    "wide": tuple((wide, narrow) for wide, narrow in zip("０１２３４５６７８９：／－．", "0123456789:/-.", strict=True)),
    "chinese": (
        (r"\s*年\s*", "-"),
        (r"\s*月\s*", "-"),
        (r"\s*[日号號]\s*", " "),
        (r"\s*(?:星期|周|週|礼拜)[一二三四五六日天]\s*", " "),
        (r"[（(]\s*[)）]", " "),
        (r"\s*(?:上午|早上|凌晨)\s*", " AM "),
        (r"\s*(?:下午|晚上|中午)\s*", " PM "),
        (r"\s*[时時点點]\s*", ":"),
        (r"\s*分\s*", ":"),
        (r"\s*秒\s*", ""),
        (r":\s*$", ""),
    ),
    "weekday": ((r"(?i)^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*\.?,?\s+", ""), (r"\s*\([A-Za-z ]+\)$", "")),
    "ordinal": ((r"(?i)\b([0-9]{1,2})(?:st|nd|rd|th)\b", r"\1"),),
    "at": ((r"(?i)\s+(?:at|um|à)\s+", " "), (r"(?i)\s+(?:Uhr|h)$", "")),
    "tee": ((r"([0-9])[Tt]([0-9])", r"\1 \2"),),
    "fraction": ((r"(:[0-9]{2})[.,][0-9]+", r"\1"),),
    "meridiem": ((r"(?i)\s*([AP])\.\s?M\.?", r" \1M"), (r"(?i)([0-9])\s*([AP]M)\b", r"\1 \2")),
    "comma": ((r"\s*,\s*", " "),),
    "blanks": ((r"\s+", " "), (r"^\s+|\s+$", "")),
}
OFFSET = r"^(.*:[0-9]{2}(?:[.,][0-9]+)?) ?(?:(Z|z|UTC|GMT)|(?:UTC|GMT)?([+-])([0-9]{2}):?([0-9]{2})?)$"

UNIX_SECONDS = r"[0-9]{10}(?:\.[0-9]+)?"
UNIX = UNIX_SECONDS + r"|[0-9]{13}"
EXCEL_SERIAL = r"[2-7][0-9]{4}(?:\.[0-9]+)?"  # 1954 to 2119

# A blank and a time of day: 14:05, 2:05:00 PM, or PM 2:05 as Chinese has it.
_TIME = (
    r"(?P<t> (?:[0-9]{1,2}:[0-9]{1,2}(?P<s>:[0-9]{1,2})?(?P<p> (?i:[AP]M))?"
    r"|(?P<q>(?i:[AP]M)) [0-9]{1,2}:[0-9]{1,2}(?P<qs>:[0-9]{1,2})?))?"
)


@dataclass(frozen=True, slots=True)
class Form:
    """How one value is written.

    `template` is a strptime format; in forms that need the day/month order, {a} and {b} stand for the first two numbers.
    """

    kind: Kind
    template: str
    steps: tuple[str, ...] = ()
    offset: bool = False
    has_time: bool = False


def form_of(text: str) -> Form | None:
    """The form of a value, or None if it is no date."""
    cleaned, offset, steps = text, False, []
    if match := re.fullmatch(OFFSET, cleaned):
        cleaned, offset = match[1], True
    for step in STEPS:
        after = apply_step(step, cleaned)
        if after != cleaned:
            steps.append(step)
            cleaned = after
    found = _numeric(cleaned) or _worded(cleaned) or _compact(cleaned)
    if found is None:
        return None
    kind, template, has_time = found
    if kind == "iso" and (set(steps) - {"tee", "fraction"} or offset):
        kind = "format"
    return Form(kind, template, tuple(steps), offset, has_time)


def apply_step(step: str, text: str) -> str:
    """One cleaning step in Python."""
    for pattern, replacement in STEPS[step]:
        text = re.sub(pattern, replacement, text)
    return text


def steps_sql(steps: set[str], text_sql: str) -> str:
    """The same cleaning in SQL."""
    if "wide" in steps:
        wide, narrow = ("".join(side) for side in zip(*STEPS["wide"], strict=True))
        text_sql = f"translate({text_sql}, {literal(wide)}, {literal(narrow)})"
    for step, pairs in STEPS.items():
        if step in steps and step != "wide":
            for pattern, replacement in pairs:
                text_sql = f"regexp_replace({text_sql}, {literal(pattern)}, {literal(replacement)}, 'g')"
    return text_sql


def _numeric(text: str) -> tuple[Kind, str, bool] | None:
    match = re.fullmatch(
        rf"([0-9]{{1,4}})([-/. ])([0-9]{{1,2}})\2([0-9]{{1,4}}){_TIME}",
        text,
    )
    if match is None:
        return None
    first, separator, _, last = match[1], match[2], match[3], match[4]
    clock = _clock(match)
    if len(first) == 4 and len(last) <= 2:
        iso = separator in "-/" and "%p" not in clock
        return ("iso" if iso else "format"), f"%Y{separator}%m{separator}%d{clock}", bool(clock)
    if len(first) <= 2 and len(last) in (2, 4):
        year = "%Y" if len(last) == 4 else "%y"
        return "by_order", f"{{a}}{separator}{{b}}{separator}{year}{clock}", bool(clock)
    return None


def _clock(match: re.Match[str]) -> str:
    if not match["t"]:
        return ""
    if match["q"]:
        return " %p %I:%M" + (":%S" if match["qs"] else "")
    seconds = ":%S" if match["s"] else ""
    return f" %I:%M{seconds} %p" if match["p"] else f" %H:%M{seconds}"


def _worded(text: str) -> tuple[Kind, str, bool] | None:
    for name, code in ((_LONG_MONTH, "%B"), (_MONTH, "%b")):
        day_first = re.fullmatch(rf"[0-9]{{1,2}}([-/. ]){name}\1(?P<y>[0-9]{{4}}|[0-9]{{2}}){_TIME}", text, re.IGNORECASE)
        if day_first:
            year = "%Y" if len(day_first["y"]) == 4 else "%y"
            return "format", f"%d{day_first[1]}{code}{day_first[1]}{year}{_clock(day_first)}", bool(day_first["t"])
        month_first = re.fullmatch(rf"{name}([-/. ])[0-9]{{1,2}}[-/. ](?P<y>[0-9]{{4}}){_TIME}", text, re.IGNORECASE)
        if month_first:
            mark = month_first[1]
            return "format", f"{code}{mark}%d{mark}%Y{_clock(month_first)}", bool(month_first["t"])
        year_first = re.fullmatch(rf"[0-9]{{4}}([-/. ]){name}\1[0-9]{{1,2}}{_TIME}", text, re.IGNORECASE)
        if year_first:
            return "format", f"%Y{year_first[1]}{code}{year_first[1]}%d{_clock(year_first)}", bool(year_first["t"])
    return None


def _compact(text: str) -> tuple[Kind, str, bool] | None:
    """Digits only: `20110930`, `20110930082600`, Unix times, the day numbers of spreadsheets."""
    day = r"(?:19|20|21)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
    forms: tuple[tuple[str, Kind, str, bool], ...] = (
        (day, "format", "%Y%m%d", False),
        (day + "[0-9]{6}", "format", "%Y%m%d%H%M%S", True),
        (day + "[0-9]{4}", "format", "%Y%m%d%H%M", True),
        (day + " [0-9]{1,2}:[0-9]{2}", "format", "%Y%m%d %H:%M", True),
        (day + " [0-9]{1,2}:[0-9]{2}:[0-9]{2}", "format", "%Y%m%d %H:%M:%S", True),
        (day + " [0-9]{6}", "format", "%Y%m%d %H%M%S", True),
        (UNIX_SECONDS, "unix_seconds", "", True),
        (r"[0-9]{13}", "unix_milliseconds", "", True),
        (EXCEL_SERIAL, "excel_serial", "", False),
    )
    for pattern, kind, template, has_time in forms:
        if re.fullmatch(pattern, text):
            return kind, template, has_time or (kind == "excel_serial" and "." in text)
    return None
