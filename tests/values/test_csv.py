"""CSV that spreadsheets open rightly and that starts no formula."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.values.csv import csv_lines, harmless, written
from regulars.values.money import Money

SIGNS = ("=", "+", "-", "@", "\t", "\r")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (5, "5"),
        (-5, "-5"),
        (0.25, "0.25"),
        (float("nan"), ""),
        (Decimal("12.5"), "12.5"),
        (Decimal("1000"), "1000"),
        (Money(-123450, "CNY"), "-1234.50"),
        (Money(5, "JPY"), "5"),
        (date(2025, 1, 31), "2025-01-31"),
        (datetime(2025, 1, 31, 8, tzinfo=UTC), "2025-01-31T08:00:00Z"),
        ("茶", "茶"),
        ("=1+1", "'=1+1"),
        ("+86 10", "'+86 10"),
        ("-cup", "'-cup"),
        ("@home", "'@home"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("＝1", "'＝1"),
    ],
)
def test_a_cell_has_one_plain_form(value: Any, text: str) -> None:
    assert written(value) == text


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), max_size=5))
def test_text_comes_back_as_it_was_and_no_cell_begins_a_formula(rows: list[list[str]]) -> None:
    text = "".join(csv_lines(("a", "b"), rows))

    assert text[0] == "\ufeff"  # so that spreadsheets read Chinese
    read = list(csv.reader(io.StringIO(text[1:], newline="")))
    assert read[0] == ["a", "b"]
    assert len(read) == len(rows) + 1
    for wanted, found in zip(rows, read[1:], strict=True):
        for before, after in zip(wanted, found, strict=True):
            assert not after.startswith(SIGNS)
            assert after == harmless(before)
            assert after.removeprefix("'") == before.removeprefix("'")


def test_a_long_table_is_handed_on_in_pieces() -> None:
    pieces = list(csv_lines(("head",), [("x" * 1000,)] * 200))

    assert 1 < len(pieces) < 10
    assert "".join(pieces).count("\r\n") == 201
