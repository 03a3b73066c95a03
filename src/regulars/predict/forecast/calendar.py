"""Days on which shops sell otherwise than usual: Chinese and Western holidays and shopping days, with what leads up to them.

Movable Chinese days follow the lunar calendar, which no short formula gives; they are a table from 2005 to 2050. Easter is computed
(anonymous Gregorian computus), Thanksgiving and the days after it are counted, Qingming is the sun's own day.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Calendar = Literal["chinese", "western", "none"]
#: How a shop with a holiday of one kind behaves on another one of it: people rest, or people shop.
Kind = Literal["rest", "sale"]

FIRST_YEAR, LAST_YEAR = 2005, 2050

_LUNAR = {
    "spring_festival": (
        "0209 0129 0218 0207 0126 0214 0203 0123 0210 0131 0219 0208 0128 0216 0205 0125 0212 0201 0122 0210 0129 0217 0206"
        " 0126 0213 0203 0123 0211 0131 0219 0208 0128 0215 0204 0124 0212 0201 0122 0210 0130 0217 0206 0126 0214 0202 0123"
    ),
    "dragon_boat": (
        "0611 0531 0619 0608 0528 0616 0606 0623 0612 0602 0620 0609 0530 0618 0607 0625 0614 0603 0622 0610 0531 0619 0609"
        " 0528 0616 0605 0624 0612 0601 0620 0610 0530 0618 0607 0527 0614 0603 0622 0611 0531 0619 0608 0529 0615 0604 0623"
    ),
    "qixi": (
        "0811 0731 0819 0807 0826 0816 0806 0823 0813 0802 0820 0809 0828 0817 0807 0825 0814 0804 0822 0810 0829 0819 0808"
        " 0826 0816 0805 0824 0812 0801 0820 0810 0828 0817 0807 0826 0814 0803 0822 0811 0731 0819 0808 0827 0816 0805 0823"
    ),
    "mid_autumn": (
        "0918 1006 0925 0914 1003 0922 0912 0930 0919 0908 0927 0915 1004 0924 0913 1001 0921 0910 0929 0917 1006 0925 0915"
        " 1003 0922 0912 1001 0919 0908 0927 0916 1004 0924 0913 1002 0920 0910 0928 0917 1005 0925 0915 1004 0922 0911 0930"
    ),
}


@dataclass(frozen=True, slots=True)
class Holiday:
    """One holiday of every year, and how many days before and after its own sell otherwise too."""

    name: str
    title: Mapping[str, str]
    on: Callable[[int], date | None]
    before: int = 0
    after: int = 0
    kind: Kind = "rest"


@dataclass(frozen=True, slots=True)
class HolidayDay:
    """A day of a holiday: the holiday's own (`offset` 0), or one so many days before or after it."""

    name: str
    offset: int
    kind: Kind


def _lunar(name: str) -> Callable[[int], date | None]:
    days = _LUNAR[name].split()

    def on(year: int) -> date | None:
        if not FIRST_YEAR <= year <= LAST_YEAR:
            return None
        text = days[year - FIRST_YEAR]
        return date(year, int(text[:2]), int(text[2:]))

    return on


def _fixed(month: int, day: int) -> Callable[[int], date | None]:
    return lambda year: date(year, month, day)


def _qingming(year: int) -> date:
    """The sun at 15 degrees: 4 or 5 April (right for 2005 to 2050)."""
    early = year % 4 != 3 if year >= 2042 else year % 4 in (0, 1)
    return date(year, 4, 4 if early else 5)


def easter(year: int) -> date:
    """Western Easter Sunday."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = b // 4, b % 4
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = c // 4, c % 4
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def thanksgiving(year: int) -> date:
    """The fourth Thursday of November."""
    first = date(year, 11, 1)
    return first + timedelta(days=(3 - first.weekday()) % 7 + 21)


def _after_thanksgiving(days: int) -> Callable[[int], date | None]:
    return lambda year: thanksgiving(year) + timedelta(days=days)


def _holiday(
    name: str, en: str, zh: str, on: Callable[[int], date | None], before: int = 0, after: int = 0, kind: Kind = "rest"
) -> Holiday:
    return Holiday(name, {"en": en, "zh": zh}, on, before, after, kind)


#: Of two holidays on one day the one named first counts.
HOLIDAYS: dict[Calendar, tuple[Holiday, ...]] = {
    "chinese": (
        _holiday("double_11", "Double 11", "双十一", _fixed(11, 11), 2, 1, "sale"),
        _holiday("double_12", "Double 12", "双十二", _fixed(12, 12), 1, 0, "sale"),
        _holiday("618", "618", "618", _fixed(6, 18), 2, 1, "sale"),
        _holiday("spring_festival", "Spring Festival", "春节", _lunar("spring_festival"), 7, 7),
        _holiday("national_day", "National Day", "国庆节", _fixed(10, 1), 0, 6),
        _holiday("mid_autumn", "Mid-Autumn Festival", "中秋节", _lunar("mid_autumn"), 2, 0),
        _holiday("labour_day", "Labour Day", "劳动节", _fixed(5, 1), 0, 4),
        _holiday("dragon_boat", "Dragon Boat Festival", "端午节", _lunar("dragon_boat"), 1, 0),
        _holiday("qingming", "Qingming", "清明节", _qingming, 0, 0),
        _holiday("new_year", "New Year's Day", "元旦", _fixed(1, 1), 0, 0),
        _holiday("valentines_day", "Valentine's Day", "情人节", _fixed(2, 14), 1, 0, "sale"),
        _holiday("womens_day", "Women's Day", "女神节（3.8）", _fixed(3, 8), 1, 0, "sale"),
        _holiday("520", "520", "520", _fixed(5, 20), 1, 0, "sale"),
        _holiday("qixi", "Qixi", "七夕", _lunar("qixi"), 1, 0, "sale"),
    ),
    "western": (
        _holiday("christmas", "Christmas", "圣诞节", _fixed(12, 25), 4, 2),
        _holiday("new_year", "New Year's Day", "元旦", _fixed(1, 1), 1, 1),
        _holiday("black_friday", "Black Friday", "黑色星期五", _after_thanksgiving(1), 0, 2, "sale"),
        _holiday("cyber_monday", "Cyber Monday", "网络星期一", _after_thanksgiving(4), 0, 0, "sale"),
        _holiday("thanksgiving", "Thanksgiving", "感恩节", thanksgiving, 1, 0),
        _holiday("easter", "Easter", "复活节", easter, 2, 1),
        _holiday("valentines_day", "Valentine's Day", "情人节", _fixed(2, 14), 1, 0, "sale"),
    ),
    "none": (),
}

#: Shops of these zones keep the Chinese calendar.
_CHINESE_ZONES = frozenset(
    ("Asia/Shanghai", "Asia/Chongqing", "Asia/Harbin", "Asia/Urumqi", "Asia/Hong_Kong", "Asia/Macau", "Asia/Taipei", "PRC")
)


def calendar_of(timezone: str, currency: str) -> Calendar:
    """The calendar of a shop, by its zone, else by its currency."""
    return "chinese" if timezone in _CHINESE_ZONES or currency == "CNY" else "western"


def holidays(calendar: Calendar, first_on: date, last_on: date) -> dict[date, HolidayDay]:
    """Every day of a holiday from `first_on` to `last_on`, both included."""
    found: dict[date, HolidayDay] = {}
    own: dict[date, HolidayDay] = {}
    for one in HOLIDAYS[calendar]:
        for year in range(first_on.year - 1, last_on.year + 2):
            day = one.on(year)
            if day is None:
                continue
            for offset in range(-one.before, one.after + 1):
                at = day + timedelta(days=offset)
                if first_on <= at <= last_on:
                    (own if offset == 0 else found).setdefault(at, HolidayDay(one.name, offset, one.kind))
    return dict(sorted((found | own).items()))


def title_of(calendar: Calendar, name: str) -> Mapping[str, str]:
    """The name of a holiday in both languages."""
    return next(one.title for one in HOLIDAYS[calendar] if one.name == name)
