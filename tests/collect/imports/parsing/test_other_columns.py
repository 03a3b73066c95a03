"""Quantities, identifiers, yes and no, shares, and what counts as missing."""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa
import pytest

from regulars.collect.imports.parsing import detect_booleans, detect_ids, detect_numbers, detect_percents, missing_sql, text_sql
from regulars.collect.imports.parsing.missing import BLANKS, MISSING, text
from tests.collect.imports.parsing.conftest import Column


def test_quantities(column: Column) -> None:
    convention = detect_numbers(column.put(["1", "-2.5", "1.234", "1,000", "12", ""]), "t", "x")

    assert column.values(convention) == [1, Decimal("-2.5"), Decimal("1.234"), 1000, 12, None]
    assert not any(column.bad(convention))


def test_quantities_beyond_reason_and_too_fine(column: Column) -> None:
    convention = detect_numbers(
        column.put(["1", "1e12", "999999999", "1000000000", "0.3333", "many", "0.5000", "1" * 30]), "t", "x"
    )

    assert column.values(convention) == [1, None, 999999999, None, None, None, Decimal("0.5"), None]
    assert column.run(convention.out_of_range("x")) == [False, True, False, True, False, False, False, True]
    assert column.bad(convention) == [False, False, False, False, True, True, False, False]
    assert (convention.unreadable, convention.outside) == (2, 3)


def test_units_of_count_are_ignored(column: Column) -> None:
    convention = detect_numbers(column.put(["5 pcs", "x2", "3件", "4", "1.5 箱"]), "t", "x")

    assert column.values(convention) == [5, 2, 3, 4, Decimal("1.5")]
    assert convention.units


def test_quantities_of_typed_columns(column: Column) -> None:
    whole = detect_numbers(column.put([6, -80995, None], pa.int32()), "t", "x")
    assert (column.values(whole), whole.short) == ([6, -80995, None], True)

    floating = detect_numbers(column.put([1.0, 2.5, float("nan"), 1e12, 0.1234], pa.float64()), "t", "x")
    assert column.values(floating) == [1, Decimal("2.5"), None, None, None]
    assert column.run(floating.out_of_range("x")) == [False, False, False, True, False]
    assert column.bad(floating) == [False, False, False, False, True]


@pytest.mark.parametrize(
    ("written", "kind", "meant"),
    [
        ([" 536365 ", "C536379", "null", "undefined", "0", "", None], None, ["536365", "C536379", None, None, None, None, None]),
        ([17850.0, None, 0.0], pa.float64(), ["17850", None, None]),
        (["17850.0", "12346.0", ""], None, ["17850", "12346", None]),
        (["12.50", "1.0", "7"], None, ["12.50", "1.0", "7"]),
        ([17850, 0], pa.int64(), ["17850", None]),
        (["００１２", "001"], None, ["００１２", "001"]),
        (["12E3", "4E5"], None, ["12E3", "4E5"]),
    ],
)
def test_identifiers(column: Column, written: list[object], kind: pa.DataType | None, meant: list[str | None]) -> None:
    convention = detect_ids(column.put(written, kind), "t", "x")

    assert column.values(convention) == meant
    assert not any(column.bad(convention))


def test_order_numbers_that_a_spreadsheet_has_destroyed_are_bad(column: Column) -> None:
    convention = detect_ids(column.put(["2.05E+17", "205123456789012345", "1,23457E+11"]), "t", "x")

    assert column.values(convention) == [None, "205123456789012345", None]
    assert column.bad(convention) == [True, False, True]
    assert convention.scientific == 2


def test_yes_and_no(column: Column) -> None:
    convention = detect_booleans(column.put(["true", "N", "是", "否", "YES", "0", "maybe", "", "True "]), "t", "x")

    assert column.values(convention) == [True, False, True, False, True, False, None, None, True]
    assert column.bad(convention) == [False] * 6 + [True, False, False]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (["12.5%", "3 %", "100％"], ["0.125", "0.03", "1"]),
        (["12.5", "3", "0.5"], ["0.125", "0.03", "0.005"]),
        (["0.125", "1", "0"], ["0.125", "1", "0"]),
        (["12,5%", "3,25 %"], ["0.125", "0.0325"]),
    ],
)
def test_shares(column: Column, written: list[str], meant: list[str]) -> None:
    convention = detect_percents(column.put(written), "t", "x")

    assert column.values(convention) == [Decimal(m) for m in meant]
    assert not any(column.bad(convention))


def test_missing_words_are_the_same_in_sql_and_python(column: Column) -> None:
    words = [*MISSING, *(f" {word}\t" for word in MISSING), *(word.upper() for word in MISSING)]
    values = [
        *words,
        *(f"{blank}value{blank}" for blank in BLANKS),
        "value",
        "nothing",
        "n",
        "~x~",
        "中",
        "é",
        "a\nb",
        "0",
        "null pointer",
    ]
    column.put(values)

    assert column.run(text_sql("x")) == [text(value) for value in values]
    assert column.run(missing_sql("x")) == [text(value) is None for value in values]
    assert column.run(text_sql("x"))[: len(words)] == [None] * len(words)
