"""Amounts are read exactly, in every way programs write them, or not at all."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.values.amounts import read_amount, read_number, to_minor


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (19.99, "19.99"),
        (7, "7"),
        ("1234.5", "1234.5"),
        ("1,234.50", "1234.50"),
        ("¥1,234", "1234"),
        ("1.234,50", "1234.50"),
        ("12,5", "12.5"),
        ("0,125", "0.125"),
        ("1.234.567", "1234567"),
        ("1'234.50", "1234.50"),
        ("1 234,5", "1234.5"),
        ("US$12", "12"),
        ("USD 1,234.00", "1234.00"),
        ("5 €", "5"),
        ("１，２３４", "1234"),
        ("(12.50)", "-12.50"),
        ("12.50-", "-12.50"),
        ("¥-5", "-5"),
        ("1e3", "1000"),
    ],
)
def test_an_amount_is_read_as_it_is_written(written: object, read: str) -> None:
    assert read_number(written) == Decimal(read)


@pytest.mark.parametrize(
    "written",
    ["", " ", "abc", "nan", "inf", "1,23,4", "12.5.6", "--5", "(5", "5)", "٣", True, None, [], {}, float("nan"), "9" * 80],
)
def test_what_is_no_number_is_not_read(written: object) -> None:
    assert read_number(written) is None


def test_an_amount_beyond_reason_is_a_slip() -> None:
    assert read_amount(13800138000000) is None
    assert read_amount("999,999,999,999.99") == Decimal("999999999999.99")


@given(st.text(max_size=80) | st.floats() | st.integers() | st.binary())
def test_nothing_makes_the_reader_fall_over(anything: object) -> None:
    number = read_number(anything)

    assert number is None or number.is_finite()


@given(st.decimals(min_value=-(10**11), max_value=10**11, places=2))
def test_an_amount_comes_back_from_its_grouped_form(amount: Decimal) -> None:
    assert read_number(f"{amount:,.2f}") == amount
    assert read_number(f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))) == amount


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [("0.125", "CNY", 12), ("0.135", "CNY", 14), ("1234.5", "JPY", 1234), ("1235.5", "JPY", 1236), ("1.0005", "KWD", 1000)],
)
def test_half_a_minor_unit_goes_to_the_even_neighbour(amount: str, currency: str, minor: int) -> None:
    assert to_minor(Decimal(amount), currency) == minor
