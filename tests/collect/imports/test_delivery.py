"""When orders were sent, arrived and were promised, and why money was given back: found in files of any words, kept over later files."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa

from regulars.warehouse import Warehouse
from tests.collect.imports.conftest import Desk, shared

CHINESE = (
    "订单编号,下单时间,会员编号,实付金额,订单状态,发货时间,签收时间,承诺送达时间,退款金额,退款时间,退款原因\n"
    "1,2025-03-01 10:00:00,c1,100,交易成功,2025-03-02 09:00:00,2025-03-04 20:30:00,2025-03-04,0,,\n"
    "2,2025-03-01 11:00:00,c2,80,交易成功,2025-03-02 09:00:00,2025-03-06 08:00:00,2025-03-05,80,2025-03-08 10:00:00,七天无理由退货，电话13800000001\n"
    "3,2025-03-02 11:00:00,c3,60,已发货,2025-03-03 09:00:00,,2099-01-01,0,,\n"
    "4,2025-03-02 12:00:00,c4,50,已付款,,,,20,2025-03-05 10:00:00,鞋子尺码偏小\n"
)


def test_chinese_headings_tell_delivery_and_the_reason_of_a_refund(desk: Desk) -> None:
    """Shanghai is 8 hours ahead; a promised day lasts to 23:59:59. Order 3's promise is beyond reason."""
    desk.load_text(CHINESE)

    orders = {row["order_id"]: row for row in desk.rows("orders")}
    first = orders["1"]
    assert first["shipped_at"] == datetime(2025, 3, 2, 1)
    assert first["delivered_at"] == datetime(2025, 3, 4, 12, 30)
    assert first["promised_at"] == datetime(2025, 3, 4, 15, 59, 59)
    assert (orders["3"]["delivered_at"], orders["3"]["promised_at"]) == (None, None)
    assert {row["order_id"]: row["reason"] for row in desk.rows("refunds")} == {"2": "unwanted", "4": "size"}
    assert desk.findings() == []


def test_a_later_file_without_delivery_leaves_it_and_one_with_it_tells_it_anew(desk: Desk) -> None:
    desk.load_text(CHINESE)
    plain = "订单编号,下单时间,会员编号,实付金额,订单状态\n1,2025-03-01 10:00:00,c1,100,交易成功\n"
    desk.load_text(plain, "again.csv")

    kept = {row["order_id"]: row["delivered_at"] for row in desk.rows("orders")}
    assert kept["1"] == datetime(2025, 3, 4, 12, 30)

    desk.load_text("订单编号,下单时间,会员编号,实付金额,签收时间\n3,2025-03-02 11:00:00,c3,60,2025-03-09 08:00:00\n", "arrived.csv")

    found = {row["order_id"]: row for row in desk.rows("orders")}["3"]
    assert (found["shipped_at"], found["delivered_at"]) == (datetime(2025, 3, 3, 1), datetime(2025, 3, 9))


def test_rows_of_an_older_release_leave_columns_they_do_not_know(desk: Desk, warehouse: Warehouse) -> None:
    """An archive written before a column was there is merged again when a warehouse is rebuilt."""
    desk.load_text(CHINESE)
    stored = warehouse.query(warehouse.table("orders"))
    old = stored.drop_columns(["named_as", "shipped_at", "delivered_at", "promised_at"])
    place = old.column_names.index("units")
    old = old.set_column(place, "units", pa.array([9] * old.num_rows, old.schema.field("units").type))

    counts = warehouse.merge("orders", old)

    assert (counts.inserted, counts.updated) == (0, 4)
    assert {row["order_id"]: row["delivered_at"] for row in desk.rows("orders")}["1"] == datetime(2025, 3, 4, 12, 30)


def test_olist_tells_all_three(desk: Desk) -> None:
    """4,071 orders, most of them delivered; the share that came after the promised day is near what is published of all of them."""
    desk.load(shared("olist_excerpt/olist_orders_dataset.csv.gz"), shared("olist_excerpt/olist_order_payments_dataset.parquet"))

    both = [row for row in desk.rows("orders") if row["delivered_at"] and row["promised_at"]]
    late = sum(row["delivered_at"] > row["promised_at"] for row in both)
    assert len(both) > 3_900
    assert 0.05 < late / len(both) < 0.09
