"""JSON in its usual forms, and Parquet with its own types."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import json
from collections.abc import Callable

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from regulars.collect.imports.readers import RawTable, describe
from tests.collect.imports.readers.conftest import Reader

Codes = Callable[[RawTable], set[str]]


def test_one_object_a_line_with_keys_that_appear_late(reader: Reader) -> None:
    lines = [{"id": 1, "name": 'a, "b"\n'}, {"id": 205123456789012345678, "paid": True, "name": None}, {"id": 3, "price": 12.5}]

    table = reader.read("\n".join(json.dumps(line) for line in lines).encode(), "orders.jsonl")

    assert table.description.format == "jsonl"
    assert table.columns == ("id", "name", "paid", "price")
    assert reader.rows(table) == [
        ("1", 'a, "b"\n', None, None),
        ("205123456789012345678", None, "true", None),
        ("3", None, None, "12.5"),
    ]


def test_broken_lines_wait_as_bad_rows(reader: Reader) -> None:
    table = reader.read(b'{"id": 1}\n{"id": \n\n[1, 2]\n{"id": 4}\n{"id": 5', "orders.jsonl")

    assert reader.rows(table) == [("1",), ("4",)]
    assert reader.numbers(table) == [1, 4]
    assert reader.bad(table) == [
        (2, 2, "not_json", '{"id":'),
        (3, 4, "not_an_object", "[1, 2]"),
        (5, 6, "not_json", '{"id": 5'),
    ]


def test_objects_inside_objects_become_columns_and_other_lists_stay_json(reader: Reader, codes: Codes) -> None:
    order = {
        "id": "A1",
        "customer": {"email": "ann@example.com", "Address": {"city": "北京"}},
        "parcels": [{"sku": "x", "qty": 2}],
        "a/b~c": 7,
    }

    table = reader.read(json.dumps(order, ensure_ascii=False).encode() + b"\n" + json.dumps({"id": "A2"}).encode(), "orders.jsonl")

    assert table.columns == ("id", "customer.email", "customer.Address.city", "parcels", "a/b~c")
    assert reader.rows(table)[0] == ("A1", "ann@example.com", "北京", '[{"sku":"x","qty":2}]', "7")
    assert "nested" in codes(table)


@pytest.mark.parametrize("form", ["jsonl", "array", "document"])
def test_every_line_of_an_order_becomes_a_row(reader: Reader, codes: Codes, form: str) -> None:
    orders = [
        {"id": "A1", "total": "5.00", "line_items": [{"sku": "x", "price": "1.50"}, {"sku": "y", "tax/rate": 2}]},
        {"id": "A2", "total": "0.10", "line_items": []},
        {"id": "A3", "total": "1.00"},
    ]
    if form == "jsonl":
        text = "\n".join(json.dumps(order) for order in orders) + "\n{broken\n"
    else:
        text = json.dumps(orders if form == "array" else {"page": 1, "orders": orders})

    table = reader.read(text.encode(), "orders.json")

    assert table.columns == ("line_item.sku", "line_item.price", "id", "total", "line_item.tax/rate")
    assert reader.rows(table) == [
        ("x", "1.50", "A1", "5.00", None),
        ("y", None, "A1", "5.00", "2"),
        (None, None, "A2", "0.10", None),
        (None, None, "A3", "1.00", None),
    ]
    assert table.bad_rows == (1 if form == "jsonl" else 0)
    assert "spread" in codes(table)


def test_an_array_of_objects_pretty_printed(reader: Reader) -> None:
    table = reader.read(json.dumps([{"id": i, "name": f"n{i}"} for i in range(2500)], indent=2).encode(), "orders.json")

    assert (table.description.format, table.rows, table.bad_rows) == ("json", 2500, 0)
    assert reader.rows(table)[2499] == ("2499", "n2499")


def test_the_rows_inside_a_document(reader: Reader, codes: Codes) -> None:
    page = {
        "page": 1,
        "response": {"trades": {"trade": [{"tid": "1", "payment": "12.50"}, {"tid": "2", "payment": "3.00"}]}},
        "has_next": False,
    }

    for text in (json.dumps(page), json.dumps(page, indent=1)):
        table = reader.read(text.encode(), "orders.json")

        assert table.description.json_path == "response.trades.trade"
        assert reader.rows(table) == [("1", "12.50"), ("2", "3.00")]
        assert codes(table) == {"wrapped"}


@pytest.mark.parametrize("indent", [None, 1])
def test_a_file_that_is_one_order_is_read_as_one_order_with_its_lines(reader: Reader, indent: int | None) -> None:
    order = {"id": "1001", "created_at": "2026-03-01T10:00:00Z", "items": [{"sku": "a", "qty": 2}, {"sku": "b", "qty": 1}]}

    table = reader.read(json.dumps(order, indent=indent).encode(), "order.json")

    found = [dict(zip(table.columns, row, strict=True)) for row in reader.rows(table)]
    assert [(one["id"], one["created_at"], one["line_item.sku"]) for one in found] == [
        ("1001", "2026-03-01T10:00:00Z", "a"),
        ("1001", "2026-03-01T10:00:00Z", "b"),
    ]


def test_a_list_of_orders_with_a_time_around_it_stays_a_list(reader: Reader) -> None:
    page = {"id": "export", "created_at": "2026-03-02", "items": [{"id": "1", "created_at": "2026-03-01"}, {"id": "2", "created_at": "2026-03-01"}]}  # fmt: skip

    for text in (json.dumps(page), json.dumps(page, indent=1)):
        table = reader.read(text.encode(), "orders.json")

        assert [row[0] for row in reader.rows(table)] == ["1", "2"]


def test_json_in_other_encodings_and_packed(reader: Reader) -> None:
    text = '{"编号": "1", "名称": "自然堂水润面霜"}\n{"编号": "2", "名称": "订单商品名称"}\n'

    for data, name in (
        (text.encode("utf-16"), "o.jsonl"),
        (text.encode("gb18030"), "o.jsonl"),
        (gzip.compress(text.encode("utf-8-sig")), "o.jsonl.gz"),
    ):
        table = reader.read(data, name)
        assert table.columns == ("编号", "名称")
        assert reader.rows(table)[0] == ("1", "自然堂水润面霜")


def test_describe_looks_at_the_first_objects_only(reader: Reader) -> None:
    found = describe(reader.file(b'{"id": 1, "total": 2.50}\n' * 100_000, "orders.jsonl"))

    assert (found.columns, found.sample[0], len(found.sample)) == (("id", "total"), ("1", "2.5"), 20)


def parquet(table: pa.Table) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(table, buffer, row_group_size=1000)
    return buffer.getvalue()


def test_parquet_keeps_its_types_and_the_order_of_rows(reader: Reader) -> None:
    source = pa.table(
        {
            "InvoiceNo": [str(i) for i in range(1, 5001)],
            "UnitPrice": [2.55] * 5000,
            "InvoiceDate": [dt.datetime(2010, 12, 1, 8, 26)] * 5000,
            "CustomerID": [17850.0, None] * 2500,
            "row_no": list(range(5000)),
        }
    )

    table = reader.read(parquet(source), "online_retail.parquet")

    assert table.columns == ("InvoiceNo", "UnitPrice", "InvoiceDate", "CustomerID", "row_no_2")
    assert table.types["UnitPrice"] == "DOUBLE"
    assert table.types["InvoiceDate"].startswith("TIMESTAMP")
    assert (table.rows, table.description.rows) == (5000, 5000)
    assert reader.bench.rows('SELECT count(*) FROM raw WHERE "InvoiceNo" <> row_no::VARCHAR') == [(0,)]


def test_a_gzipped_parquet_and_one_without_rows(reader: Reader) -> None:
    packed = reader.read(gzip.compress(parquet(pa.table({"id": [1, 2]}))), "x.parquet.gz")
    assert packed.rows == 2

    empty = reader.read(parquet(pa.table({"id": pa.array([], pa.int64())})), "x.parquet")
    assert (empty.rows, empty.columns) == (0, ("id",))
