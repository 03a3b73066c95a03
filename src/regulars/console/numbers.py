"""Numbers, money, shares and dates as people of each language read them; exact on request, short on tiles."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache
from zoneinfo import ZoneInfo

from regulars.values.money import Money, currency_symbol, minor_digits
from regulars.values.periods import Unit

Number = int | float | Decimal

#: How each language shortens: (threshold, sign).
_SHORT: dict[str, tuple[tuple[int, str], ...]] = {
    "zh": ((100_000_000, "亿"), (10_000, "万")),
    "en": ((1_000_000_000, "B"), (1_000_000, "M"), (1_000, "k")),
}
NOTHING = "–"
#: Counts below this are told in full.
_SHORT_FROM = 1_000_000


def locale_of(language: str) -> str:
    """The Babel locale behind a console language; English dates are day first, so that none is read two ways."""
    return "zh_CN" if language == "zh" else "en_GB"


def count(value: Number | None, digits: int | None = None) -> str:
    """A number in full with group separators: 541,909. `digits` fixes the decimals; without it up to two are shown."""
    if value is None:
        return NOTHING
    exact = Decimal(str(value))
    if digits is not None:
        return f"{_rounded(exact, digits):,.{digits}f}"
    text = f"{_rounded(exact, 2):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def short(value: Number | None, language: str) -> str:
    """A number for a tile: in full below a million, so that parts are seen to add up; 9.75M, 974.8万 above."""
    if value is None:
        return NOTHING
    exact = Decimal(str(value))
    return _shortened(exact, language) if abs(exact) >= _SHORT_FROM else _plain(exact)


def _plain(exact: Decimal) -> str:
    return count(exact, 0 if exact == exact.to_integral_value() or abs(exact) >= 1000 else 1 if abs(exact) >= 100 else 2)


def _shortened(exact: Decimal, language: str) -> str:
    for threshold, sign in _SHORT.get(language, _SHORT["en"]):
        if abs(exact) >= threshold * Decimal("0.99995"):
            scaled = exact / threshold
            return f"{_rounded(scaled, 2 if abs(scaled) < 10 else 1):,f}".rstrip("0").rstrip(".") + sign
    return _plain(exact)


def money(value: Money | None) -> str:
    """An amount in full, exact to its minor unit: £9,747,747.93."""
    if value is None:
        return NOTHING
    sign = "−" if value.minor < 0 else ""
    return f"{sign}{currency_symbol(value.currency)}{abs(value.major):,.{minor_digits(value.currency)}f}"


def short_money(value: Money | None, language: str) -> str:
    """An amount for a tile: £9.75M, ¥975万; the exact one belongs in the hover."""
    if value is None:
        return NOTHING
    sign = "−" if value.minor < 0 else ""
    amount = abs(value.major)
    if amount < 1000:
        return money(value)
    return f"{sign}{currency_symbol(value.currency)}{_shortened(amount, language)}"


def share(value: Number | None, digits: int = 1) -> str:
    """A fraction 0..1 as a percentage: 34.5%."""
    return NOTHING if value is None else f"{_rounded(Decimal(str(value)) * 100, digits):,.{digits}f}%"


def change(value: Number | None, digits: int = 1) -> str:
    """A relative change as a signed percentage: +12.3%, −4.0%."""
    if value is None:
        return NOTHING
    scaled = _rounded(Decimal(str(value)) * 100, digits)
    sign = "+" if scaled > 0 else "−" if scaled < 0 else "±"
    return f"{sign}{abs(scaled):,.{digits}f}%"


def points(value: Number | None, language: str, digits: int = 1) -> str:
    """A difference of two shares in percentage points: +1.2 pp, −4.0 个百分点."""
    if value is None:
        return NOTHING
    return change(value, digits).removesuffix("%") + (" 个百分点" if language == "zh" else " pp")


def size(octets: int, language: str) -> str:
    """A file size: 45.6 MB."""
    amount = float(octets)
    for unit in ("B", "KB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            return f"{amount:,.0f} {unit}" if unit == "B" else f"{amount:,.1f} {unit}"
        amount /= 1000
    raise AssertionError("unreachable")


@cache
def day(value: date | None, language: str) -> str:
    """A date: 9 Dec 2011, 2011年12月9日."""
    if value is None:
        return NOTHING
    return f"{value.year}年{value.month}月{value.day}日" if language == "zh" else f"{value.day} {_month(value)} {value.year}"


@cache
def bucket(value: date, unit: Unit, language: str) -> str:
    """A bucket's name on an axis: Dec 2011, 2011年12月; weeks by their first day: 5 Dec 2011, 2011年12月5日当周."""
    if unit == "month":
        return f"{value.year}年{value.month}月" if language == "zh" else f"{_month(value)} {value.year}"
    return day(value, language) + ("当周" if unit == "week" and language == "zh" else "")


def instant(value: datetime | None, zone: str, language: str, *, seconds: bool = False) -> str:
    """An instant on the shop's own clock: 9 Dec 2011, 12:50."""
    if value is None:
        return NOTHING
    local = (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(ZoneInfo(zone))
    return (
        f"{day(local.date(), language)}{' ' if language == 'zh' else ', '}{local:%H:%M:%S}"
        if seconds
        else (f"{day(local.date(), language)}{' ' if language == 'zh' else ', '}{local:%H:%M}")
    )


def span(first: date, last: date, language: str) -> str:
    """A run of days, both ends included: 1 Dec 2010 – 9 Dec 2011."""
    return f"{day(first, language)} – {day(last, language)}"


def duration(value: timedelta | float, language: str) -> str:
    """A length of time in words: 1 min 20 s, 1 分 20 秒."""
    seconds = round(value.total_seconds() if isinstance(value, timedelta) else value)
    units = (("天", "d", 86_400), ("小时", "h", 3_600), ("分", "min", 60), ("秒", "s", 1))
    parts: list[str] = []
    for zh, en, length in units:
        amount, seconds = divmod(seconds, length)
        if amount and len(parts) < 2:
            parts.append(f"{amount} {zh if language == 'zh' else en}")
    return " ".join(parts) or ("0 秒" if language == "zh" else "0 s")


def days(value: Number | None, language: str) -> str:
    """A number of days with its unit: 23 days, 23 天."""
    if value is None:
        return NOTHING
    amount = count(value, 0 if abs(float(value)) >= 10 or float(value).is_integer() else 1)
    return f"{amount} 天" if language == "zh" else f"{amount} day{'' if amount == '1' else 's'}"


def _month(value: date) -> str:
    return ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")[value.month - 1]


def _rounded(value: Decimal, digits: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN)
