"""Files made from what is on screen."""

from __future__ import annotations

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from regulars.console.exports import csv_bytes, harmless

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@given(st.text())
def test_no_cell_starts_a_formula(cell: str) -> None:
    written = harmless(cell)

    assert not written.startswith(_FORMULA) or float(written.replace(",", "").replace("%", "")) is not None
    assert written.endswith(cell)


def test_numbers_stay_numbers() -> None:
    assert harmless("-12.5") == "-12.5"
    assert harmless("+1,200") == "+1,200"
    assert harmless("-2+3") == "'-2+3"


@given(
    st.lists(
        st.lists(st.text(alphabet=st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"])), min_size=2, max_size=2)
    )
)
def test_a_file_reads_back_as_what_was_shown(rows: list[list[str]]) -> None:
    data = csv_bytes(["名称", "value"], rows)

    assert data.startswith(b"\xef\xbb\xbf")
    read = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert read == [["名称", "value"], *[[harmless(cell) for cell in row] for row in rows]]
