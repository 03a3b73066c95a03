"""Amounts: each written form is read as the same decimal, doubt is said aloud, and rounding is exact."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.collect.imports.parsing import detect_amounts, minor
from regulars.errors import InvalidInput
from tests.collect.imports.parsing.conftest import Column

SETTINGS = settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (["1.50", "2", ".5", "5.", "+7", "-3.25"], ["1.5", "2", "0.5", "5", "7", "-3.25"]),
        (["1,234.50", "12.5", "1,234"], ["1234.5", "12.5", "1234"]),
        (["1.234,50", "12,5", "1.234"], ["1234.5", "12.5", "1234"]),
        (["1 234,50", "5\u00a0000,00 €", "€ 3,1", "7\u202f000,00"], ["1234.5", "5000", "3.1", "7000"]),
        (["1'234.50", "1’000.00"], ["1234.5", "1000"]),
        (["1,23,456.00", "1,00,000", "99.5"], ["123456", "100000", "99.5"]),
        (["¥1,234", "￥１２", "１，２３４．５０", "12元"], ["1234", "12", "1234.5", "12"]),
        (["(12.50)", "12.50-", "-$5.00", "$-6.00", "($1,000.00)", "−4.00"], ["-12.5", "-12.5", "-5", "-6", "-1000", "-4"]),
        (["R$ 1.234,50", "R$ 3,00"], ["1234.5", "3"]),
        (["CNY 12.5", "3.20 USD", "usd 4"], ["12.5", "3.2", "4"]),
        (["1e3", "2.5E-1", "1.2E+05"], ["1000", "0.25", "120000"]),
        (["1.234.567", "12"], ["1234567", "12"]),
        (["1,234,567", "12"], ["1234567", "12"]),
        ([" 1.50 ", "\t2.00", "\u30003.00"], ["1.5", "2", "3"]),
        (["0,125", "1,250"], ["0.125", "1.25"]),
    ],
)
def test_written_forms(column: Column, written: list[str], meant: list[str]) -> None:
    convention = detect_amounts(column.put(written), "t", "x")

    assert column.values(convention) == [Decimal(m) for m in meant]
    assert not any(column.bad(convention))
    assert convention.unreadable == 0
    assert convention.rows == len(written)


def test_what_says_nothing_is_missing_and_what_is_no_amount_is_bad(column: Column) -> None:
    written = ["12.5", "", None, "null", "N/A", "-", "abc", "1,23,45.6,7", "1-2", "12.5.1", "1,2,3", "--1", "12 apples"]

    convention = detect_amounts(column.put(written), "t", "x")

    assert column.values(convention) == [Decimal("12.5")] + [None] * 12
    assert column.bad(convention) == [False] * 6 + [True] * 7
    assert (convention.rows, convention.unreadable) == (8, 7)
    assert "7 rows cannot be read" in convention.explanation


def test_only_one_two_three_four_is_ambiguous_until_told(column: Column) -> None:
    column.put(["1,234", "5,678"])

    open_question = detect_amounts(column.bench, "t", "x")
    assert (open_question.ambiguous, column.values(open_question)) == (True, [1234, 5678])
    assert "ambiguous" in open_question.explanation

    told = detect_amounts(column.bench, "t", "x", decimal=",")
    assert (told.ambiguous, column.values(told)) == (False, [Decimal("1.234"), Decimal("5.678")])

    with pytest.raises(InvalidInput):
        detect_amounts(column.bench, "t", "x", decimal=";")


def test_values_that_can_only_be_read_the_other_way_are_read_so(column: Column) -> None:
    convention = detect_amounts(column.put(["1,234.50", "7.25", "1.234,50"]), "t", "x")

    assert column.values(convention) == [Decimal("1234.5"), Decimal("7.25"), Decimal("1234.5")]
    assert convention.mixed
    assert "1 row with a comma as decimal sign" in convention.explanation


def test_currencies_are_counted_and_compared(column: Column) -> None:
    pounds = detect_amounts(column.put(["£5.00", "£ 6.00", "7.00"]), "t", "x")
    assert (pounds.currency, pounds.currencies, pounds.fits("GBP"), pounds.fits("EUR")) == ("GBP", {"£": 2}, True, False)

    yen_or_yuan = detect_amounts(column.put(["¥5.00"]), "t", "x")
    assert (yen_or_yuan.currency, yen_or_yuan.fits("CNY"), yen_or_yuan.fits("JPY"), yen_or_yuan.fits("USD")) == (
        None,
        True,
        True,
        False,
    )

    both = detect_amounts(column.put(["HK$5.00", "US$1.00"]), "t", "x")
    assert (both.currency, both.fits("HKD")) == (None, False)


def test_numbers_of_a_typed_column(column: Column) -> None:
    convention = detect_amounts(column.put([2.55, None, float("nan"), 1e15], pa.float64()), "t", "x")

    assert column.values(convention) == [Decimal("2.55"), None, None, None]
    assert column.run(convention.out_of_range("x")) == [False, False, False, True]
    assert (convention.rows, convention.outside) == (2, 1)


def test_an_amount_beyond_reason_is_out_of_range(column: Column) -> None:
    convention = detect_amounts(
        column.put(["12.50", "1000000000000", "999999999999.99", "123456789012345678901234567890"]), "t", "x"
    )

    assert column.run(convention.out_of_range("x")) == [False, True, False, True]
    assert not any(column.bad(convention))


@SETTINGS
@given(
    amounts=st.lists(st.decimals(-10_000_000, 10_000_000, places=2), min_size=1, max_size=30),
    style=st.sampled_from([(".", ""), (".", ","), (",", ""), (",", "."), (",", " "), (".", "'"), (",", "\u00a0")]),
    sign=st.sampled_from(["", "€ ", "$", " zł", "CNY "]),
    negative=st.sampled_from(["-{}", "({})", "{}-"]),
)
def test_any_convention_reads_back_the_same_decimals(
    column: Column, amounts: list[Decimal], style: tuple[str, str], sign: str, negative: str
) -> None:
    decimal, group = style

    def write(amount: Decimal) -> str:
        plain = f"{abs(amount):,.2f}".replace(",", "\0").replace(".", decimal).replace("\0", group)
        money = plain + sign if sign.startswith(" ") else sign + plain
        return negative.format(money) if amount < 0 else money

    convention = detect_amounts(column.put([write(a) for a in amounts]), "t", "x")

    assert column.values(convention) == amounts
    assert not any(column.bad(convention))


@SETTINGS
@given(
    amounts=st.lists(st.decimals(-(10**11), 10**11, places=4), min_size=1, max_size=30),
    digits=st.sampled_from([0, 2, 3]),
)
def test_rounding_is_half_to_even_and_exact(column: Column, amounts: list[Decimal], digits: int) -> None:
    ties = [Decimal(k) * 5 / 10 ** (digits + 1) for k in range(-9, 10)]
    column.put(amounts + ties, pa.decimal128(38, 4))

    rounded = column.run(minor("x", digits))

    assert rounded == [int((a * 10**digits).quantize(Decimal(1), ROUND_HALF_EVEN)) for a in amounts + ties]


def test_rounding_of_a_product_and_of_what_does_not_fit(column: Column) -> None:
    column.put(
        [Decimal("0.0049999"), Decimal("0.005"), Decimal("0.015"), Decimal("12345678901.235"), Decimal(10) ** 29, None],
        pa.decimal128(38, 7),
    )

    assert column.run(minor("x", 2, scale=7)) == [0, 0, 2, 1234567890124, None, None]
    assert column.run(minor("CAST(1.5 AS DECIMAL(18,4))", 6))[0] == 1_500_000
