"""Numbers, money and dates as people of each language read them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.console import numbers
from regulars.values.money import Money


@pytest.mark.parametrize(
    ("value", "en", "zh"),
    [
        (0, "0", "0"),
        (999, "999", "999"),
        (4_372, "4,372", "4,372"),
        (541_909, "541,909", "541,909"),
        (999_960, "999,960", "999,960"),
        (1_000_000, "1M", "100万"),
        (9_747_747, "9.75M", "974.8万"),
        (123_456_789, "123.5M", "1.23亿"),
        (Decimal("3.14159"), "3.14", "3.14"),
        (-1_234_567, "-1.23M", "-123.5万"),
    ],
)
def test_numbers_are_short_on_tiles(value: int | Decimal, en: str, zh: str) -> None:
    assert numbers.short(value, "en") == en
    assert numbers.short(value, "zh") == zh


def test_money_in_full_is_exact_to_the_minor_unit() -> None:
    assert numbers.money(Money(974_774_793, "GBP")) == "£9,747,747.93"
    assert numbers.money(Money(-1_050, "CNY")) == "−¥10.50"
    assert numbers.money(Money(1_050, "JPY")) == "JP¥1,050"
    assert numbers.money(None) == "–"


def test_money_on_tiles_is_short_from_a_thousand_on() -> None:
    assert numbers.short_money(Money(99_999, "GBP"), "en") == "£999.99"
    assert numbers.short_money(Money(1_234_567, "GBP"), "en") == "£12.3k"
    assert numbers.short_money(Money(1_234_567, "CNY"), "zh") == "¥1.23万"


@given(st.integers(min_value=-(10**15), max_value=10**15), st.sampled_from(["GBP", "CNY", "JPY", "KWD"]))
def test_an_amount_in_full_can_be_read_back(minor: int, currency: str) -> None:
    shown = numbers.money(Money(minor, currency))

    digits = "".join(sign for sign in shown.replace("−", "-") if sign.isdigit() or sign in "-.")
    assert Money.of(Decimal(digits), currency) == Money(minor, currency)


def test_shares_and_changes_carry_their_sign() -> None:
    assert numbers.share(0.3456) == "34.6%"
    assert numbers.change(0.123) == "+12.3%"
    assert numbers.change(-0.04) == "−4.0%"
    assert numbers.change(0.0) == "±0.0%"
    assert numbers.points(-0.031, "en") == "−3.1 pp"
    assert numbers.points(0.05, "zh") == "+5.0 个百分点"
    assert numbers.share(None) == "–"


def test_dates_are_read_one_way_only() -> None:
    assert numbers.day(date(2011, 12, 9), "en") == "9 Dec 2011"
    assert numbers.day(date(2011, 12, 9), "zh") == "2011年12月9日"
    assert numbers.bucket(date(2011, 12, 1), "month", "en") == "Dec 2011"
    assert numbers.bucket(date(2011, 12, 5), "week", "zh") == "2011年12月5日当周"


def test_instants_are_told_on_the_shops_clock() -> None:
    midnight = datetime(2025, 6, 30, 16, 30, tzinfo=UTC)

    assert numbers.instant(midnight, "Asia/Shanghai", "zh") == "2025年7月1日 00:30"
    assert numbers.instant(midnight, "Europe/London", "en") == "30 Jun 2025, 17:30"


def test_lengths_of_time_and_sizes_have_their_units() -> None:
    assert numbers.duration(80, "en") == "1 min 20 s"
    assert numbers.duration(80, "zh") == "1 分 20 秒"
    assert numbers.days(1, "en") == "1 day"
    assert numbers.days(6.6, "zh") == "6.6 天"
    assert numbers.size(45_600_000, "en") == "45.6 MB"
