"""Money is exact."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.errors import InvalidInput
from regulars.values.money import Money, minor_digits

amounts = st.integers(-(10**15), 10**15)


@given(amounts, st.lists(st.integers(0, 10**6), min_size=1, max_size=30).filter(lambda weights: sum(weights) > 0))
def test_allocated_parts_add_up_to_the_whole(minor: int, weights: list[int]) -> None:
    parts = Money(minor, "CNY").allocate(weights)

    assert sum(part.minor for part in parts) == minor
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part.minor - Decimal(minor) * weight / sum(weights)) < 1


def test_allocation_needs_a_positive_weight() -> None:
    with pytest.raises(InvalidInput, match="positive weight"):
        Money(100, "CNY").allocate([0, 0])


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (1999, "CNY", "¥19.99"),
        (-5, "GBP", "-£0.05"),
        (1234, "JPY", "JP¥1,234"),
        (1234567, "KWD", "KWD 1,234.567"),
        (0, "USD", "$0.00"),
    ],
)
def test_money_reads_as_people_write_it(minor: int, currency: str, text: str) -> None:
    assert str(Money(minor, currency)) == text


@given(amounts, st.sampled_from(["CNY", "JPY", "KWD"]))
def test_major_units_and_back_is_the_same(minor: int, currency: str) -> None:
    assert Money.of(Money(minor, currency).major, currency) == Money(minor, currency)


def test_more_decimals_than_the_currency_has_are_refused() -> None:
    with pytest.raises(InvalidInput, match="2 digits"):
        Money.of("1.005", "CNY")
    assert minor_digits("JPY") == 0


def test_two_currencies_are_not_added() -> None:
    with pytest.raises(InvalidInput, match="Convert"):
        Money(1, "CNY") + Money(1, "USD")
