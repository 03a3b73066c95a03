"""Delimited text of every kind a shop exports: separators, quotes, headers, ragged rows, guards; nothing lost, nothing changed."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable

import pyarrow as pa
import pytest

from regulars.collect.imports.readers import RawTable, describe
from regulars.warehouse.workbench import Workbench
from tests.collect.imports.readers.conftest import Reader

Codes = Callable[[RawTable], set[str]]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|", "\x01", "^", "~"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_separator_is_found(reader: Reader, separator: str, newline: str) -> None:
    lines = [["order", "date", "total"], ["A-1", "2020-05-01", "12.50"], ["A-2", "2020-05-02", ""]]

    table = reader.read(newline.join(separator.join(line) for line in lines).encode())

    assert table.columns == ("order", "date", "total")
    assert reader.rows(table) == [("A-1", "2020-05-01", "12.50"), ("A-2", "2020-05-02", None)]
    assert table.description.separator == separator


def test_decimal_commas_do_not_pass_for_separators(reader: Reader) -> None:
    table = reader.read(b"id;date;net;gross\n1;1.2.2020;10,50;12,60\n2;2.2.2020;1,00;1,20\n")

    assert table.columns == ("id", "date", "net", "gross")
    assert reader.rows(table)[0] == ("1", "1.2.2020", "10,50", "12,60")


def test_blank_separated_columns_without_header(reader: Reader, codes: Codes) -> None:
    table = reader.read(
        b" 00004 0001 19970101  2   29.33\r\n 00004 0001 19970118  2   29.73\r\n 00021 0002 19970101  3   63.34\r\n"
    )

    assert table.description.format == "blanks"
    assert table.columns == ("column_1", "column_2", "column_3", "column_4", "column_5")
    assert reader.rows(table)[2] == ("00021", "0002", "19970101", "3", "63.34")
    assert codes(table) == {"no_header"}


def test_a_file_of_numbers_has_no_header(reader: Reader) -> None:
    table = reader.read(b"1,2268318,2520377,pv,1511544070\n1,2333346,2520771,pv,1511561733\n")

    assert not table.description.header
    assert table.rows == 2


def test_no_header_can_be_overruled(reader: Reader) -> None:
    table = reader.read(b"apple,fruit\npear,fruit\n", header=False, columns=("name", "kind"))

    assert table.columns == ("name", "kind")
    assert reader.rows(table) == [("apple", "fruit"), ("pear", "fruit")]


def test_quoted_fields_hold_separators_quotes_and_line_breaks(reader: Reader) -> None:
    table = reader.read(b'id,text,n\r\n1,"a, ""b""\r\nc",5\r\n2,"",6\r\n3,"\n",7\r\n')

    assert reader.rows(table) == [("1", 'a, "b"\r\nc', "5"), ("2", None, "6"), ("3", "\n", "7")]
    assert table.bad_rows == 0


def test_backslash_escaped_quotes(reader: Reader) -> None:
    table = reader.read(b'"upc","name","text"\n"1","12\\" Monitor","a \\"b\\", c"\n"2","Plain"," "\n"3","C:\\\\new","x"\n')

    assert table.description.escape == "\\"
    assert reader.rows(table) == [("1", '12" Monitor', 'a "b", c'), ("2", "Plain", " "), ("3", "C:\\new", "x")]


def test_backslash_escapes_that_begin_late_are_found_in_a_second_pass(reader: Reader) -> None:
    plain = b"".join(b'"%d","plain name","x"\n' % i for i in range(60_000))
    late = b"".join(b'"%d","12\\" Monitor, black","x"\n' % i for i in range(60_000, 60_050))

    table = reader.read(b'"id","name","flag"\n' + plain + late)

    assert (table.rows, table.bad_rows) == (60_050, 0)
    assert reader.rows(table)[-1] == ("60049", '12" Monitor, black', "x")


def test_a_quote_inside_an_unquoted_field_is_an_ordinary_character(reader: Reader) -> None:
    table = reader.read(b'id,name\n1,12" monitor\n2,"quoted, one"\n3,5\'10" tall\n')

    assert reader.rows(table) == [("1", '12" monitor'), ("2", "quoted, one"), ("3", "5'10\" tall")]


def test_ragged_rows_wait_as_bad_rows_with_line_and_text(reader: Reader, codes: Codes) -> None:
    table = reader.read(b'id,name,total\n1,"two\nlines",5\n2,short\n3,much,too,long\n\n4,fine,6\nTotal: 11\n')

    assert reader.rows(table) == [("1", "two\nlines", "5"), ("4", "fine", "6")]
    assert reader.numbers(table) == [1, 4]
    assert reader.bad(table) == [
        (2, 4, "too_few_fields", "2,short"),
        (3, 5, "too_many_fields", "3,much,too,long"),
        (5, 8, "too_few_fields", "Total: 11"),
    ]
    assert (table.rows, table.bad_rows, table.description.rows) == (2, 3, 5)
    assert "bad_rows" in codes(table)


def test_an_unclosed_quote_costs_one_row(reader: Reader) -> None:
    table = reader.read(b'id,name,n\n1,"never closed,5\n2,"fine",6\n3,"closed",7\n4,"Best" tool,8\n5,"fine",9\n')

    assert reader.rows(table) == [("2", "fine", "6"), ("3", "closed", "7"), ("5", "fine", "9")]
    assert [(row[0], row[1], row[2]) for row in reader.bad(table)] == [(1, 2, "unclosed_quote"), (4, 5, "stray_quote")]


def test_a_wide_but_regular_file_with_a_few_bad_rows_keeps_the_order_of_rows(reader: Reader) -> None:
    good = [b"%d,name %d,%d.50" % (i, i, i) for i in range(1, 30_001)]
    good[20_000] = b"oops"

    table = reader.read(b"id,name,total\n" + b"\n".join(good) + b"\n")

    numbers = reader.numbers(table)
    assert (table.rows, table.bad_rows) == (29_999, 1)
    assert 20_001 not in numbers
    assert reader.bench.rows("SELECT count(*) FROM raw WHERE id <> row_no::VARCHAR") == [(0,)]


def test_row_numbers_follow_the_file_though_it_is_read_in_parallel(reader: Reader) -> None:
    body = b"\n".join(b"%d,%s" % (i, b"x" * (i % 97)) for i in range(1, 400_001))

    table = reader.read(b"id,filler\n" + body)

    assert table.rows == 400_000
    assert reader.bench.rows("SELECT count(*) FROM raw WHERE id <> row_no::VARCHAR") == [(0,)]


def test_title_rows_above_the_header_are_skipped(reader: Reader, codes: Codes) -> None:
    titles = "支付宝交易记录明细查询\n账号:[shop@example.com]\n起始日期:[2020-01-01]\n\n"
    data = titles + "交易号 ,商家订单号 ,金额（元）\t,状态\n1,A1,12.50,成功\n2,A2,3.00,成功\n3,A3,1.00,关闭\n"

    table = reader.read(data.encode("gb18030"))

    assert table.columns == ("交易号", "商家订单号", "金额（元）", "状态")
    assert table.rows == 3
    assert codes(table) == {"title_rows", "trailing_blanks"}


def test_excels_separator_line(reader: Reader) -> None:
    table = reader.read(b"sep=;\r\nid;name\r\n1;a,b\r\n2;c\r\n")

    assert table.columns == ("id", "name")
    assert reader.rows(table) == [("1", "a,b"), ("2", "c")]
    assert not [n for n in table.notices if n.code == "title_rows"]


def test_duplicate_empty_and_taken_column_names_become_unique(reader: Reader) -> None:
    table = reader.read(b"id,ID,,row_no,name,id_2\n1,2,3,4,5,6\n")

    assert table.columns == ("id", "ID_3", "column_3", "row_no_2", "name", "id_2")
    assert reader.rows(table) == [("1", "2", "3", "4", "5", "6")]
    duplicate = next(n for n in table.notices if n.code == "duplicate_column")
    assert duplicate.values == {"column": "id", "positions": [1, 2], "names": ["id", "ID_3"]}


def test_a_separator_at_the_end_of_every_row_makes_no_column(reader: Reader, codes: Codes) -> None:
    both = reader.read(b"id,name,\n1,a,\n2,b,\n")
    assert both.columns == ("id", "name")
    assert reader.rows(both) == [("1", "a"), ("2", "b")]
    assert codes(both) == {"empty_column_dropped"}

    data_only = reader.read(b"id,name\n1,a,\n2,b,\n")
    assert data_only.columns == ("id", "name")
    assert data_only.rows == 2


def test_text_guards_come_off_where_most_values_carry_them(reader: Reader) -> None:
    table = reader.read(b'="order",buyer,tracking,title\n="0012","\'00123",\t9988,\'90s dress\n="0013","\'00124",\t9989,plain\n')

    assert table.columns == ("order", "buyer", "tracking", "title")
    assert reader.rows(table) == [("0012", "00123", "9988", "'90s dress"), ("0013", "00124", "9989", "plain")]
    assert {(n.values["column"], n.values["guard"]) for n in table.notices if n.code == "text_guard"} == {
        ("order", "formula"),
        ("buyer", "apostrophe"),
        ("tracking", "tab"),
    }


def test_header_only_and_one_column_files(reader: Reader, codes: Codes) -> None:
    empty = reader.read(b"id,name,total\n")
    assert (empty.columns, empty.rows, codes(empty)) == (("id", "name", "total"), 0, {"header_only"})

    single = reader.read(b"product\nsoap\n\nwater, still\n")
    assert reader.rows(single) == [("soap",), ("water, still",)]


def test_old_macintosh_line_ends(reader: Reader) -> None:
    table = reader.read(b"id,name\r1,a\r2,b\r")

    assert reader.rows(table) == [("1", "a"), ("2", "b")]


def test_mixed_line_ends(reader: Reader) -> None:
    table = reader.read(b"id,name\r\n1,a\n2,b\r\n3,c")

    assert reader.rows(table) == [("1", "a"), ("2", "b"), ("3", "c")]


def test_zero_bytes_are_left_out_and_told(reader: Reader, codes: Codes) -> None:
    table = reader.read(b"id,name\n1,a\x00b\n2,c\n")

    assert reader.rows(table) == [("1", "ab"), ("2", "c")]
    assert codes(table) == {"nul_bytes"}


def test_a_field_of_several_megabytes(reader: Reader) -> None:
    long = b"x" * 5_000_000

    table = reader.read(b"id,text\n1," + long + b'\n2,"' + long + b'"\n')

    assert [(row[0], len(row[1])) for row in reader.rows(table)] == [("1", 5_000_000), ("2", 5_000_000)]


@pytest.mark.parametrize("pack", ["gzip", "zstd", "zip"])
def test_packed_text(reader: Reader, pack: str) -> None:
    plain = b"id,name\n1,a\n2,b\n"
    if pack == "gzip":
        data = gzip.compress(plain[:9]) + gzip.compress(plain[9:])  # two members, as `cat a.gz b.gz` makes them
    elif pack == "zstd":
        data = pa.Codec("zstd").compress(plain, asbytes=True)
    else:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("export/orders.csv", plain)
            archive.writestr("__MACOSX/export/._orders.csv", b"junk")
        data = buffer.getvalue()

    table = reader.read(data, f"orders.{pack}")

    assert table.description.compression == pack
    assert reader.rows(table) == [("1", "a"), ("2", "b")]


def test_progress_reaches_the_size_of_the_file_and_may_stop_the_reading(reader: Reader) -> None:
    from regulars.collect.imports.readers import read

    path = reader.file(b"id,name\n" + b"1,a\n" * 200_000)
    seen: list[tuple[int, int]] = []

    read(path, reader.bench, progress=lambda done, total: seen.append((done, total)))

    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1] == (path.stat().st_size, path.stat().st_size)

    class StopHere(Exception):
        pass

    def stop(done: int, total: int) -> None:
        raise StopHere

    with pytest.raises(StopHere):
        read(path, reader.bench, progress=stop)
    assert read(path, reader.bench).rows == 200_000  # the bench is still good


def test_nothing_temporary_stays_behind(reader: Reader, bench: Workbench) -> None:
    before = {path.name for path in bench.folder.iterdir()}

    reader.read(gzip.compress("名称,n\n甲,1\n坏\n".encode("gb18030")), "x.csv.gz")

    assert {path.name for path in bench.folder.iterdir() if path.suffix in (".csv", ".parquet") or path.name not in before} <= {
        "bench.duckdb.wal",
        "spill",
    }


def test_describe_shows_columns_and_first_rows(reader: Reader) -> None:
    found = describe(reader.file("\ufeffOrder ID;Total\n1;2,50\n2;\n".encode()))

    assert found.form == "CSV, semicolon, UTF-8 with byte order mark"
    assert found.columns == ("Order ID", "Total")
    assert found.sample == (("1", "2,50"), ("2", None))
