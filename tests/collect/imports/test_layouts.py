"""Exports of shop systems, as they really look."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest

from regulars.errors import InvalidInput
from regulars.guard.privacy import people
from tests.collect.imports.conftest import Desk, rules

SHOPIFY = """Name,Email,Financial Status,Paid at,Fulfillment Status,Currency,Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,Created at,\
Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Billing Name,Shipping Country,Phone,Refunded Amount,Cancelled at,Vendor,Source
#1001,ann@example.com,paid,2024-03-01 10:05:00 +0800,fulfilled,CNY,250.00,10.00,0.00,260.00,SPRING,20.00,2024-03-01 10:00:00 +0800,\
2,Green tea,100.00,GT-1,Ann Lee,CN,,0.00,,Leaf,web
#1001,,,,,,,,,,,,2024-03-01 10:00:00 +0800,1,Cup,70.00,CUP-9,,,,,,Leaf,
#1002,bob@example.com,partially_refunded,2024-03-02 09:00:00 +0800,fulfilled,CNY,100.00,0.00,0.00,100.00,,0.00,2024-03-02 08:59:00 +0800,\
1,Green tea,100.00,GT-1,Bob,CN,,30.00,,Leaf,web
#1003,ann@example.com,pending,,unfulfilled,CNY,70.00,0.00,0.00,70.00,,0.00,2024-03-03 08:00:00 +0800,1,Cup,70.00,CUP-9,Ann Lee,CN,,0.00,,Leaf,web
#1004,ANN@example.com ,refunded,2024-03-04 08:00:00 +0800,unfulfilled,CNY,70.00,0.00,0.00,70.00,,0.00,2024-03-04 08:00:00 +0800,\
1,Cup,70.00,CUP-9,Ann Lee,CN,,70.00,2024-03-05 08:00:00 +0800,Leaf,web
"""


def test_shopify_header_columns_hold_for_all_lines_of_an_order(desk: Desk) -> None:
    report = desk.load_text(SHOPIFY)

    assert report.files[0].layout == "shopify"
    assert report.rows_by_outcome["loaded"] == 5
    orders = {row["order_id"]: row for row in desk.rows("orders")}
    first = orders["#1001"]
    assert first["ordered_at"] == datetime(2024, 3, 1, 2, 0)
    assert (first["items_minor"], first["discount_minor"], first["shipping_minor"], first["total_minor"]) == (
        27_000,
        2_000,
        1_000,
        26_000,
    )
    assert (first["units"], first["line_count"], first["coupon_code"], first["region"]) == (Decimal(3), 2, "SPRING", "CN")
    assert {row["customer_id"] for row in desk.rows("order_lines") if row["order_id"] == "#1001"} == {first["customer_id"]}
    assert desk.findings() == []


def test_shopify_states_and_refunds(desk: Desk) -> None:
    report = desk.load_text(SHOPIFY)

    orders = {row["order_id"]: row for row in desk.rows("orders")}
    assert [orders[number]["status"] for number in ("#1001", "#1002", "#1003", "#1004")] == [
        "placed",
        "placed",
        "unpaid",
        "cancelled",
    ]
    [refund] = desk.rows("refunds")
    assert (refund["order_id"], refund["amount_minor"], refund["kind"]) == ("#1002", 3_000, "refund")
    assert rules(report)["refund_of_cancelled"] == 1
    assert rules(report)["refund_without_date"] == 1
    assert report.found.gmv and report.found.gmv.minor == 26_000 + 10_000 + 7_000


def test_buyers_known_by_mail_become_pseudonyms_and_can_be_found_again(desk: Desk) -> None:
    desk.load_text(SHOPIFY)

    orders = {row["order_id"]: row["customer_id"] for row in desk.rows("orders", "order_id", "customer_id")}
    assert orders["#1001"] == orders["#1004"] != orders["#1002"]
    assert all(customer.startswith("c_") for customer in orders.values())
    with desk.records.reading() as uow:
        known = people.people(uow, desk.keyring, desk.shop.shop_id, [orders["#1001"]])
    assert known[orders["#1001"]].name == "Ann Lee"
    everything = b"".join(path.read_bytes() for path in desk.home.rglob("*") if path.is_file())
    assert b"ann@example.com" not in everything.lower()
    assert b"Ann Lee" not in everything


TMALL = (
    "订单编号,买家会员名,买家应付货款,买家应付邮费,总金额,买家实际支付金额,订单状态,收货人姓名,收货地址 ,联系手机,订单创建时间,订单付款时间 ,宝贝标题,宝贝总数量,店铺名称,退款金额\n"
    '="210001",小明1,100.00,0.00,100.00,100.00,交易成功,张三,浙江省 杭州市 西湖区,\'13800000001,2023-11-11 00:01:02,2023-11-11 00:02:00,龙井 250g,2,茶铺,0.00\n'
    '="210002",小红,60.00,8.00,68.00,0.00,等待买家付款,李四,上海 上海市,\'13800000002,2023-11-11 09:00:00,,普洱,1,茶铺,0.00\n'
    '="210003",小明1,50.00,0.00,50.00,50.00,交易关闭,张三,浙江省 杭州市,\'13800000001,2023-11-12 10:00:00,2023-11-12 10:01:00,杯,1,茶铺,50.00\n'
    '="210004",小红,70.00,0.00,70.00,0.00,交易关闭,李四,上海 上海市,\'13800000002,2023-11-12 11:00:00,,杯,1,茶铺,0.00\n'
    '="210005",小刚,80.00,0.00,80.00,80.00,卖家已发货，等待买家确认,王五,广东省 深圳市,\'13800000003,2023-11-13 11:00:00,2023-11-13 11:01:00,"白茶,白毫",1,茶铺,20.00\n'
)


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8-sig"])
def test_tmall_seller_export(desk: Desk, encoding: str) -> None:
    report = desk.load(desk.file("订单报表.csv", TMALL.encode(encoding)))

    assert report.files[0].layout == "tmall"
    orders = {row["order_id"]: row for row in desk.rows("orders")}
    assert {number: row["status"] for number, row in orders.items()} == {
        "210001": "placed", "210002": "unpaid", "210003": "cancelled", "210004": "unpaid", "210005": "placed",
    }  # fmt: skip
    assert orders["210001"]["ordered_at"] == datetime(2023, 11, 10, 16, 1, 2)
    assert (orders["210002"]["items_minor"], orders["210002"]["shipping_minor"], orders["210002"]["total_minor"]) == (
        6_000,
        800,
        6_800,
    )
    assert orders["210001"]["region"] == "浙江"
    assert orders["210001"]["customer_id"] == orders["210003"]["customer_id"]
    [refund] = desk.rows("refunds")
    assert (refund["order_id"], refund["amount_minor"]) == ("210005", 2_000)
    assert report.found.gmv and report.found.gmv.minor == 10_000 + 5_000 + 8_000
    assert desk.findings() == []


def test_tmall_short_report_without_buyers(desk: Desk) -> None:
    """The column set circulating as `tmall_order_report`: no buyer, no state; unpaid where no payment time stands."""
    text = "订单编号,总金额,买家实际支付金额,收货地址 ,订单创建时间,订单付款时间 ,退款金额\n1,178.8,0.0,上海,2020-02-21 00:00:00,,0.0\n2,21.0,21.0,内蒙古自治区,2020-02-20 23:59:54,2020-02-21 00:00:02,0.0\n3,157.0,0.0,广东省,2020-02-20 12:00:00,2020-02-20 12:01:00,157.0\n"

    report = desk.load_text(text)

    assert {row["order_id"]: (row["status"], row["region"]) for row in desk.rows("orders")} == {
        "1": ("unpaid", "上海"), "2": ("placed", "内蒙古"), "3": ("placed", "广东"),
    }  # fmt: skip
    assert [row["amount_minor"] for row in desk.rows("refunds")] == [15_700]
    assert rules(report)["missing_customer"] == 3


def test_woocommerce_advanced_export(desk: Desk) -> None:
    text = """Order Number,Order Status,Order Date,First Name (Billing),Last Name (Billing),Email (Billing),Country Code (Billing),Order Subtotal Amount,\
Order Shipping Amount,Order Refund Amount,Order Total Amount,Order Total Tax Amount,SKU,Item #,Item Name,Quantity (- Refund),Item Cost,Coupon Code,Discount Amount
501,Processing,2024-05-01 12:30,Ann,Lee,ann@example.com,CN,30.00,5.00,0,35.00,0,A1,1,Cup,2,10.00,,0
501,Processing,2024-05-01 12:30,Ann,Lee,ann@example.com,CN,30.00,5.00,0,35.00,0,B1,2,Lid,1,10.00,,0
502,Cancelled,2024-05-02 12:30,Bob,Ray,bob@example.com,CN,10.00,0.00,0,10.00,0,A1,1,Cup,1,10.00,,0
503,On hold,2024-05-03 12:30,Bob,Ray,bob@example.com,CN,10.00,0.00,0,10.00,0,A1,1,Cup,1,10.00,,0
504,Refunded,2024-05-04 12:30,Bob,Ray,bob@example.com,CN,10.00,0.00,10.00,10.00,0,A1,1,Cup,1,10.00,,0
"""

    report = desk.load_text(text)

    assert report.files[0].layout == "woocommerce_items"
    orders = {row["order_id"]: row for row in desk.rows("orders")}
    assert (
        orders["501"]["total_minor"],
        orders["501"]["items_minor"],
        orders["501"]["shipping_minor"],
        orders["501"]["units"],
    ) == (3_500, 3_000, 500, 3)
    assert [orders[number]["status"] for number in ("501", "502", "503", "504")] == ["placed", "cancelled", "unpaid", "placed"]
    assert [row["amount_minor"] for row in desk.rows("refunds")] == [1_000]


def test_one_line_per_order_in_any_words(desk: Desk) -> None:
    report = desk.load_text(
        "Bestellnummer;Bestelldatum;Kundennummer;Gesamtbetrag\nB-1;03.02.2024;K77;1.234,50\nB-2;14.02.2024;K78;99,00\n",
        currency="CNY",
    )

    orders = {row["order_id"]: row for row in desk.rows("orders")}
    assert orders["B-1"]["total_minor"] == 123_450
    assert orders["B-1"]["ordered_at"] == datetime(2024, 2, 2, 16, 0)
    assert orders["B-1"]["customer_id"] == "K77"
    assert report.rows_by_outcome["loaded"] == 2


def test_a_list_without_header_of_customer_date_amount(desk: Desk) -> None:
    report = desk.load_text("c1,2024-01-05,12.50\nc2,2024-01-06,8.00\nc1,2024-01-06,8.00\n", "list.csv")

    assert report.files[0].layout == "by content"
    assert (report.found.orders, report.found.customers) == (3, 2)


def test_date_and_time_in_two_columns(desk: Desk) -> None:
    desk.load_text("order no,date,time,customer id,amount\n1,2024-01-05,13:45,c1,5\n")

    assert desk.rows("orders", "ordered_at") == [{"ordered_at": datetime(2024, 1, 5, 5, 45)}]


def test_a_mapping_given_once_is_known_the_next_time(desk: Desk) -> None:
    first = "Nr,Wann,Wer,Summe X\n1,2024-01-05,c1,5\n"
    with pytest.raises(InvalidInput, match=r"--map ordered_at=Nr") as missing:
        desk.load_text(first)
    assert missing.value.code == "missing_column"

    desk.load_text(first, maps={"order_id": "Nr", "ordered_at": "Wann", "customer_id": "Wer", "line_amount": "Summe X"})
    again = desk.load_text("Nr,Wann,Wer,Summe X\n2,2024-01-06,c1,6\n", "next.csv")

    assert {column.found_by for column in again.files[0].columns} == {"saved"}
    assert [row["order_id"] for row in desk.rows("orders")] == ["1", "2"]


def test_two_columns_that_fit_one_field_are_asked_about(desk: Desk) -> None:
    with pytest.raises(InvalidInput, match="'order id', 'order no'") as asked:
        desk.load_text("order id,order no,date,amount\n1,a,2024-01-05,5\n")
    assert asked.value.code == "ambiguous_columns"
    assert "--map order_id=" in asked.value.mend

    report = desk.load_text("order id,order no,date,amount\n1,a,2024-01-05,5\n", maps={"order_id": "order no"})
    assert [row["order_id"] for row in desk.rows("orders")] == ["a"]
    assert report.rows == 1


def test_two_columns_of_one_name_are_asked_about(desk: Desk) -> None:
    with pytest.raises(InvalidInput, match="two columns"):
        desk.load_text("order id,date,amount,amount\n1,2024-01-05,5,6\n")


def test_a_file_of_another_kind_is_sent_to_its_verb(desk: Desk) -> None:
    with pytest.raises(InvalidInput, match="regulars load products"):
        desk.load_text("update_time,id,title,price,sale_count,comment_count,店名\n2016/11/9,A1,茶,10,1,1,茶铺\n")


def test_a_product_known_by_its_name_only_is_one_product_in_orders_and_in_lists(desk: Desk) -> None:
    desk.load_text(
        "单号,顾客,下单日期,实付,商品名\n1,anna,2025-03-01,20,龙井\n2,bert,2025-03-02,30,龙井\n3,bert,2025-03-03,10,普洱\n"
    )
    desk.load_text("商品名,类目\n龙井,绿茶\n", "products.csv", kind="products")

    lines = desk.rows("order_lines", "product_id", "product_name")
    [tea] = desk.rows("products", "product_id")
    assert len({row["product_id"] for row in lines}) == 2
    assert {row["product_id"] for row in lines if row["product_name"] == "龙井"} == {tea["product_id"]}


def test_a_file_of_reviews_is_no_list_of_products_even_if_it_names_some(desk: Desk) -> None:
    with pytest.raises(InvalidInput, match="regulars load reviews"):
        desk.load_text("Clothing ID,Age,Title,Review Text,Rating,Recommended IND\n1,30,Nice,Fits,5,1\n", kind="products")


@pytest.mark.parametrize(
    ("layout", "text", "totals", "refunded"),
    [
        (
            "shopify_api",
            '{"id":45,"name":"#1","created_at":"2024-01-10T11:00:00Z","customer":{"id":7},"currency":"CNY","total_price":"12.50","subtotal_price":"11.00",'
            '"total_tax":"1.50","financial_status":"paid","line_items":[{"id":1,"sku":"A","name":"Tea","quantity":2,"price":"3.00"},'
            '{"id":2,"sku":"B","name":"Cup","quantity":1,"price":"5.00"}]}\n',
            {"#1": 1_250},
            0,
        ),
        (
            "woocommerce_api",
            '[{"id":9,"number":"9","status":"completed","date_created":"2024-01-10T11:00:00","total":"8.00","shipping_total":"2.00","customer_id":0,'
            '"billing":{"email":"ann@example.com"},"line_items":[{"id":1,"product_id":5,"name":"Tea","quantity":2,"total":"6.00"}]}]',
            {"9": 800},
            0,
        ),
        (
            "amazon",
            "amazon-order-id\tpurchase-date\torder-status\tproduct-name\tsku\tasin\tquantity\tcurrency\titem-price\titem-tax\tshipping-price\titem-promotion-discount\n"
            "11-1\t2024-01-01T10:00:00+00:00\tShipped\tLamp\tL1\tB01\t3\tCNY\t59.97\t4.80\t5.00\t5.00\n"
            "11-1\t2024-01-01T10:00:00+00:00\tShipped\tBulb\tL2\tB02\t1\tCNY\t4.99\t0.40\t\t\n"
            "11-2\t2024-01-02T10:00:00+00:00\tCancelled\tBulb\tL2\tB02\t0\tCNY\t\t\t\t\n",
            {"11-1": 6_496},
            0,
        ),
        (
            "magento",
            "ID,Purchase Date,Grand Total (Base),Grand Total (Purchased),Status,Customer Email,Subtotal,Total Refunded\n"
            '000000001,"Jan 5, 2024 3:12:45 PM","¥1,250.50","$170.00",complete,ann@example.com,"¥1,250.50",¥0.00\n'
            '000000002,"Jan 15, 2024 11:12:45 AM",¥50.00,$7.00,closed,bob@example.com,¥50.00,¥50.00\n',
            {"000000001": 125_050, "000000002": 5_000},
            5_000,
        ),
        (
            "shopee",
            "Order ID,Order Status,Order Creation Date,Order Paid Time,Product Name,SKU Reference No.,Original Price,Deal Price,Quantity,Total Amount,Username (Buyer)\n"
            "24A,Completed,2024-01-01 08:00,2024-01-01 08:01,Case,S1,20.00,15.00,2,45.00,ali88\n"
            "24A,Completed,2024-01-01 08:00,2024-01-01 08:01,Cable,S2,10.00,10.00,1,45.00,ali88\n",
            {"24A": 4_000},
            0,
        ),
        (
            "lazada",
            "orderItemId;createTime;orderNumber;customerName;customerEmail;paidPrice;unitPrice;shippingFee;sellerSku;itemName;status;refundAmount\n"
            "1;10 Jan 2024 13:05;77;Somchai;;199.00;250.00;30.00;S1;Shirt;delivered;\n"
            "2;10 Jan 2024 13:05;77;Somchai;;199.00;250.00;0.00;S1;Shirt;delivered;\n"
            "3;12 Feb 2024 13:05;78;Malee;;500.00;500.00;30.00;S2;Bag;returned;500.00\n",
            {"77": 42_800, "78": 53_000},
            50_000,
        ),
    ],
)
def test_exports_of_other_platforms_come_to_their_own_totals(
    desk: Desk, layout: str, text: str, totals: dict[str, int], refunded: int
) -> None:
    report = desk.load_text(text, "orders.txt")

    assert report.files[0].layout == layout
    assert report.rows_by_outcome["quarantined"] == 0
    assert {row["order_id"]: row["total_minor"] for row in desk.rows("orders")} == totals
    assert report.found.refunded and report.found.refunded.minor == refunded
    assert desk.findings() == []
