"""Workbooks as shops have them: titles above the header, merged cells, several sheets, dates and long numbers."""

from __future__ import annotations

import datetime as dt
import gzip
import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from regulars.collect.imports.readers import RawTable, describe
from regulars.errors import InvalidInput
from tests.collect.imports.readers.conftest import Reader

Codes = Callable[[RawTable], set[str]]


def workbook(**sheets: list[list[Any]] | Callable[[Worksheet], None]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, content in sheets.items():
        sheet = book.create_sheet(name)
        if callable(content):
            content(sheet)
        else:
            for row in content:
                sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_cells_become_text_as_they_are_read(reader: Reader) -> None:
    data = workbook(
        Orders=[
            ["id", "price", "at", "day", "paid", "note", "time"],
            [17850, 2.55, dt.datetime(2010, 12, 1, 8, 26), dt.date(2010, 12, 1), True, " a\nb ", dt.time(8, 26)],
            [536365.0, 1e-7, dt.datetime(2010, 12, 1), None, False, "="[:0] or None, None],
        ]
    )

    table = reader.read(data, "orders.xlsx")

    assert table.description.format == "xlsx"
    assert (
        reader.rows(table)
        == [
            ("17850", "2.55", "2010-12-01 08:26:00", "2010-12-01", "true", " a\nb ", "08:26:00"),
            ("536365", "1e-07", "2010-12-01", None, "false", None, None),
        ]
        or reader.rows(table)[1][2] == "2010-12-01 00:00:00"
    )


def test_titles_empty_rows_and_empty_columns(reader: Reader, codes: Codes) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet["B2"] = "Orders of May"
        sheet["B3"] = "exported 2020-06-01"
        for column, name in enumerate(["order", "buyer", "total"], start=2):
            sheet.cell(5, column, name)
        sheet.cell(6, 2, "A1"), sheet.cell(6, 3, "ann"), sheet.cell(6, 4, 12.5)
        sheet.cell(9, 2, "A2"), sheet.cell(9, 3, "bob"), sheet.cell(9, 4, 3)

    table = reader.read(workbook(Orders=fill), "orders.xlsx")

    assert table.columns == ("order", "buyer", "total")
    assert reader.rows(table) == [("A1", "ann", "12.5"), ("A2", "bob", "3")]
    assert reader.numbers(table) == [1, 2]
    assert codes(table) == {"title_rows"}


def test_a_merged_header_of_two_rows_is_joined(reader: Reader, codes: Codes) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.append(["order", "amount", None, "date"])
        sheet.append([None, "gross", "net", None])
        for area in ("A1:A2", "B1:C1", "D1:D2"):
            sheet.merge_cells(area)
        sheet.append(["A1", 12, 10, dt.date(2020, 5, 1)])
        sheet.append(["A2", 24, 20, dt.date(2020, 5, 2)])

    table = reader.read(workbook(Orders=fill), "orders.xlsx")

    assert table.columns == ("order", "amount gross", "amount net", "date")
    assert reader.rows(table) == [("A1", "12", "10", "2020-05-01"), ("A2", "24", "20", "2020-05-02")]
    assert "merged_header" in codes(table)


def test_a_cell_merged_over_rows_counts_for_each_of_them(reader: Reader, codes: Codes) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.append(["order", "buyer", "article", "price"])
        sheet.append(["A1", "ann", "soap", 3])
        sheet.append([None, None, "towel", 9])
        sheet.append(["A2", "bob", "soap", 3])
        sheet.merge_cells("A2:A3")
        sheet.merge_cells("B2:B3")

    table = reader.read(workbook(Orders=fill), "orders.xlsx")

    assert reader.rows(table) == [("A1", "ann", "soap", "3"), ("A1", "ann", "towel", "9"), ("A2", "bob", "soap", "3")]
    assert "merged_cells" in codes(table)


def test_the_sheet_with_the_table_is_chosen_and_the_others_told(reader: Reader) -> None:
    data = workbook(Notes=[["read me"]], Orders=[["id", "total"], *[[i, i * 2] for i in range(30)]], Empty=[])

    table = reader.read(data, "orders.xlsx")
    assert (table.description.sheet, table.rows) == ("Orders", 30)
    assert [n.values["sheets"] for n in table.notices if n.code == "other_sheets"] == [["Notes"]]

    notes = reader.read(data, "orders.xlsx", sheet="Notes")
    assert notes.description.sheet == "Notes"

    with pytest.raises(InvalidInput, match="has no sheet 'Lines'"):
        reader.read(data, "orders.xlsx", sheet="Lines")


def test_long_numbers_that_the_spreadsheet_has_cut_are_told(reader: Reader) -> None:
    data = workbook(Orders=[["order", "total"], [205123456789012345, 5], [205123456789012399, 6]])

    table = reader.read(data, "orders.xlsx")

    assert [(n.values["column"], n.values["rows"]) for n in table.notices if n.code == "cut_digits"] == [("order", 2)]


def test_a_workbook_without_header_row_and_one_that_is_gzipped(reader: Reader) -> None:
    data = workbook(Orders=[[1, "2020-05-01", 5.5], [2, "2020-05-02", 6]])

    assert reader.read(data, "orders.xlsx").columns == ("column_1", "column_2", "column_3")
    packed = reader.read(gzip.compress(data), "orders.xlsx.gz")
    assert (packed.rows, packed.description.compression) == (2, "gzip")


def test_a_header_only_sheet_and_an_empty_one(reader: Reader, codes: Codes) -> None:
    table = reader.read(workbook(Orders=[["id", "total"]]), "orders.xlsx")
    assert (table.rows, codes(table)) == (0, {"header_only"})

    with pytest.raises(InvalidInput, match="no filled cells"):
        describe(reader.file(workbook(Orders=[]), "orders.xlsx"))


def test_many_rows_keep_their_order(reader: Reader) -> None:
    data = workbook(Orders=[["id", "name"], *[[i, f"n{i}"] for i in range(1, 45_001)]])

    table = reader.read(data, "orders.xlsx")

    assert table.rows == 45_000
    assert reader.bench.rows("SELECT count(*) FROM raw WHERE id <> row_no::VARCHAR") == [(0,)]
