"""The written rules, one by one: where a row ends, and what becomes of it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest

from regulars.collect.imports.domain import BIT, OUTCOMES, RULES
from regulars.collect.imports.domain.statuses import STATUS_MEANINGS
from regulars.errors import InvalidInput
from tests.collect.imports.conftest import Desk, rules

HEAD = "order_id,ordered_at,customer_id,product_id,product_name,quantity,unit_price\n"


def test_every_rule_says_in_both_languages_what_it_does_and_how_to_mend_it() -> None:
    for rule in RULES.values():
        assert rule.outcome in OUTCOMES
        assert rule.says and rule.says_zh and rule.mend and rule.mend_zh
    assert (
        len(set(BIT.values())) == len(RULES) <= 126
    )  # a mask is as wide an integer as its bits need, up to 128 bits with the sign


def test_words_of_tmall_states_are_known() -> None:
    assert STATUS_MEANINGS["等待买家付款"] == "unpaid"
    assert STATUS_MEANINGS["交易成功"] == "placed"
    assert STATUS_MEANINGS["交易关闭"] == "closed"
    assert STATUS_MEANINGS["卖家已发货等待买家确认"] == "placed"


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ("1,31.02.2024,c1,p,Tea,1,5", "date_unreadable"),
        ("1,1900-01-01,c1,p,Tea,1,5", "date_too_early"),
        ("1,2099-12-31,c1,p,Tea,1,5", "date_in_future"),
        ("1,,c1,p,Tea,1,5", "date_missing"),
        ("1,2024-01-01,c1,p,Tea,many,5", "quantity_unreadable"),
        ("1,2024-01-01,c1,p,Tea,1000000000000,5", "quantity_too_large"),
        ("1,2024-01-01,c1,p,Tea,1,five", "amount_unreadable"),
        ('1,2024-01-01,c1,p,Tea,1,"1,234,50,7"', "amount_unreadable"),
        ("1,2024-01-01,c1,p,Tea,1,", "amount_missing"),
        ("1,2024-01-01,c1,p,Tea,900000000,900000000", "amount_too_large"),
        (",2024-01-01,c1,p,Tea,1,5", "order_id_missing"),
    ],
)
def test_what_cannot_be_read_is_quarantined_with_its_reason(desk: Desk, row: str, rule: str) -> None:
    good = "".join(f"{number},2024-01-{number:02d},c1,p,Tea,2,5.50\n" for number in range(10, 20))

    report = desk.load_text(HEAD + good + row + "\n")

    assert report.rows_by_outcome == {"loaded": 10, "duplicate": 0, "set_aside": 0, "quarantined": 1}
    assert rules(report)[rule] == 1
    [problem] = [problem for problem in report.problems if problem.rule == rule]
    assert problem.examples[0].row == 11
    assert problem.mend


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ("A500,2024-01-01,,B,Adjust bad debt,1,-50", "not_a_sale"),
        ("500,2024-01-01,,AMAZONFEE,AMAZON FEE,-1,50", "not_a_sale"),
        ("500,2024-01-01,c1,S,SAMPLES,1,50", "not_a_sale"),
        ("500,2024-01-01,c1,FEE,银行手续费,1,50", "not_a_sale"),
        ("500,2024-01-01,,p,damages,-7,0", "stock_movement"),
        ("500,2024-01-01,,p,Tea,7,0", "stock_movement"),
        ("500,2024-01-01,c1,p,Tea,1,-5", "negative_price"),
        ("500,2024-01-01,c1,p,Tea,0,0", "nothing_sold"),
    ],
)
def test_what_is_not_a_sale_is_set_aside(desk: Desk, row: str, rule: str) -> None:
    report = desk.load_text(HEAD + "1,2024-01-01,c1,p,Tea,1,5\n" + row + "\n")

    assert report.rows_by_outcome["set_aside"] == 1
    assert rules(report)[rule] == 1
    assert [row["order_id"] for row in desk.rows("orders")] == ["1"]


def test_credit_notes_are_refunds_on_their_own_day_of_no_order(desk: Desk) -> None:
    desk.load_text(HEAD + "1,2024-01-01,c1,p,Tea,3,5\nC2,2024-02-01,c1,p,Tea,-1,5\n")

    assert [row["order_id"] for row in desk.rows("orders")] == ["1"]
    [refund] = desk.rows("refunds")
    assert (refund["refund_id"], refund["order_id"], refund["kind"]) == ("C2", None, "return")
    assert (refund["amount_minor"], refund["quantity"], refund["customer_id"]) == (500, Decimal(1), "c1")
    assert refund["refunded_at"] == datetime(2024, 1, 31, 16, 0)


def test_a_negative_line_inside_an_order_is_a_refund_of_that_order(desk: Desk) -> None:
    desk.load_text(HEAD + "1,2024-01-01,c1,p,Tea,3,5\n1,2024-01-09,c1,p,Tea,-1,5\n")

    [order] = desk.rows("orders")
    [refund] = desk.rows("refunds")
    assert (order["total_minor"], order["units"]) == (1_500, Decimal(3))
    assert (refund["order_id"], refund["amount_minor"], refund["refunded_at"]) == ("1", 500, datetime(2024, 1, 8, 16, 0))


def test_postage_discounts_and_vouchers_are_no_products(desk: Desk) -> None:
    rows = "1,2024-01-01,c1,p,Tea,2,10\n1,2024-01-01,c1,POST,POSTAGE,1,6\n1,2024-01-01,c1,,优惠,-1,3\n1,2024-01-01,c1,gift_0001_20,Gift Voucher,1,20\n"

    desk.load_text(HEAD + rows)

    [order] = desk.rows("orders")
    assert (order["items_minor"], order["shipping_minor"], order["discount_minor"], order["total_minor"]) == (
        4_000,
        600,
        300,
        4_300,
    )
    assert (order["units"], order["line_count"]) == (Decimal(2), 4)
    assert {row["kind"] for row in desk.rows("order_lines")} == {"product", "shipping", "discount", "gift_card"}


def test_duplicate_rows_count_once_unless_they_are_meant(desk: Desk) -> None:
    text = HEAD + "1,2024-01-01,c1,p,Tea,2,10\n" * 3

    once = desk.load_text(text)
    assert (once.rows_by_outcome["duplicate"], desk.rows("orders", "total_minor")) == (2, [{"total_minor": 2_000}])

    kept = desk.load_text(text, duplicates="keep")
    assert (kept.rows_by_outcome["duplicate"], desk.rows("orders", "total_minor")) == (0, [{"total_minor": 6_000}])
    assert desk.findings() == []


def test_a_missing_customer_counts_in_orders_but_names_nobody(desk: Desk) -> None:
    report = desk.load_text(
        HEAD + "1,2024-01-01,,p,Tea,2,10\n2,2024-01-01,0,p,Tea,2,10\n3,2024-01-01,null,p,Tea,2,10\n4,2024-01-01,c1,p,Tea,2,10\n"
    )

    assert rules(report)["missing_customer"] == 3
    assert [row["customer_id"] for row in desk.rows("orders")] == [None, None, None, "c1"]


def test_names_in_a_customer_column_do_not_reach_the_warehouse(desk: Desk) -> None:
    desk.load_text(
        HEAD
        + "1,2024-01-01,张三,p,Tea,2,10\n2,2024-01-02,13800000001,p,Tea,2,10\n3,2024-01-02,a@b.cn,p,Tea,2,10\n4,2024-01-02,C-17,p,Tea,2,10\n"
    )

    found = [row["customer_id"] for row in desk.rows("orders")]
    assert found[3] == "C-17"
    assert all(customer.startswith("c_") for customer in found[:3])


def test_amounts_round_half_to_even_and_exactly(desk: Desk) -> None:
    desk.load_text(
        HEAD
        + "1,2024-01-01,c1,p,Tea,1,0.125\n2,2024-01-01,c1,p,Tea,1,0.135\n3,2024-01-01,c1,p,Tea,3,0.335\n4,2024-01-01,c1,p,Tea,1.5,0.03\n"
    )

    assert [row["total_minor"] for row in desk.rows("orders")] == [12, 14, 100, 4]


def test_the_written_line_amount_wins_over_price_times_quantity(desk: Desk) -> None:
    report = desk.load_text("order_id,date,customer_id,qty,unit price,line total\n1,2024-01-01,c1,2,10.00,18.00\n")

    assert desk.rows("orders", "total_minor") == [{"total_minor": 1_800}]
    assert rules(report)["amount_differs"] == 1


def test_the_written_order_total_wins_over_its_parts(desk: Desk) -> None:
    report = desk.load_text(
        "order_id,date,customer_id,qty,unit price,order total\n1,2024-01-01,c1,2,10.00,25.00\n1,2024-01-01,c1,1,3.00,25.00\n"
    )

    [order] = desk.rows("orders")
    assert (order["total_minor"], order["items_minor"]) == (2_500, 2_300)
    assert rules(report)["total_differs"] == 1


def test_an_order_total_is_shared_among_lines_without_money(desk: Desk) -> None:
    desk.load_text(
        "order_id,date,customer_id,product name,order total\n1,2024-01-01,c1,Tea,10.00\n1,2024-01-01,c1,Cup,10.00\n1,2024-01-01,c1,Lid,10.00\n"
    )

    assert sorted(row["amount_minor"] for row in desk.rows("order_lines")) == [333, 333, 334]
    assert desk.rows("orders", "total_minor") == [{"total_minor": 1_000}]


def test_a_total_that_differs_between_lines_is_the_lines_own(desk: Desk) -> None:
    report = desk.load_text("order_id,date,customer_id,product name,total\n1,2024-01-01,c1,Tea,10.00\n1,2024-01-01,c1,Cup,7.00\n")

    assert desk.rows("orders", "total_minor") == [{"total_minor": 1_700}]
    assert any("differs between the lines" in text for text in report.assumptions)


def test_times_and_customers_that_differ_inside_an_order(desk: Desk) -> None:
    report = desk.load_text(HEAD + "1,2024-01-02 10:00,c1,p,Tea,1,5\n1,2024-01-01 10:00,c2,q,Cup,1,5\n")

    [order] = desk.rows("orders")
    assert (order["customer_id"], order["ordered_at"]) == ("c1", datetime(2024, 1, 1, 2, 0))
    assert rules(report)["customers_differ"] == rules(report)["dates_differ"] == 2


def test_another_currency_is_set_apart_or_converted(desk: Desk) -> None:
    text = "order_id,date,customer_id,amount,currency\n1,2024-01-01,c1,10.00,CNY\n2,2024-01-01,c2,10.00,USD\n"

    apart = desk.plan(desk.file("mixed.csv", text))
    assert rules(apart)["other_currency"] == 1
    assert "USD" in apart.currency_why

    from regulars.collect.imports.domain import parse_rates

    desk.load_text(text, rates=parse_rates(["USD=7.1234"]))
    assert [row["total_minor"] for row in desk.rows("orders")] == [1_000, 7_123]


def test_signs_in_the_amounts_name_the_currency(desk: Desk) -> None:
    report = desk.plan(desk.file("pounds.csv", "order_id,date,customer_id,amount\n1,2024-01-01,c1,£10.00\n"))

    assert rules(report)["other_currency"] == 1
    assert report.rows_by_outcome["quarantined"] == 1


def test_each_row_is_in_the_currency_its_own_sign_names(desk: Desk) -> None:
    text = "order_id,date,customer_id,amount\n1,2024-01-01,c1,¥10.00\n2,2024-01-01,c2,$10.00\n3,2024-01-01,c3,10.00 EUR\n4,2024-01-01,c4,7.00\n"

    apart = desk.plan(desk.file("signs.csv", text))
    assert rules(apart)["other_currency"] == 2
    assert "EUR, USD are set apart" in apart.currency_why

    from regulars.collect.imports.domain import parse_rates

    converted = desk.load_text(text, rates=parse_rates(["USD=7.1"]))
    assert rules(converted)["other_currency"] == 1
    assert [row["total_minor"] for row in desk.rows("orders")] == [1_000, 7_100, 700]


def test_a_refund_counts_whichever_sign_it_is_written_with(desk: Desk) -> None:
    text = "order_id,date,customer_id,order_total,refund_amount\n1,2024-01-01,c1,10.00,4\n2,2024-01-01,c2,10.00,-6\n3,2024-01-01,c3,10.00,0\n"

    report = desk.load_text(text)

    assert report.found.refunded and report.found.refunded.minor == 1_000
    assert {row["order_id"]: row["amount_minor"] for row in desk.rows("refunds")} == {"1": 400, "2": 600}


def test_numbers_that_are_codes_elsewhere_are_plain_numbers_where_no_name_says_so(desk: Desk) -> None:
    text = "order_id,date,customer_id,sku,quantity,price\nA1001,2024-01-01,c1,S,1,5\nA1002,2024-01-01,c1,B,1,5\nC1003,2024-01-01,c1,C2,1,5\n"

    report = desk.load_text(text)

    assert report.rows_by_outcome["loaded"] == 3
    assert {row["kind"] for row in desk.rows("order_lines")} == {"product"}


def test_a_cancelled_line_without_quantity_and_amount_is_set_aside(desk: Desk) -> None:
    text = "order_id,date,customer_id,quantity,price,status\n1,2024-01-01,c1,1,5,Shipped\n2,2024-01-01,c1,0,,Cancelled\n"

    report = desk.load_text(text)

    assert rules(report)["nothing_sold"] == 1
    assert report.rows_by_outcome["quarantined"] == 0


def test_unknown_states_are_placed_and_can_be_explained(desk: Desk) -> None:
    from regulars.collect.imports.domain import parse_statuses

    text = "order_id,date,customer_id,amount,status\n1,2024-01-01,c1,10.00,geparkt\n2,2024-01-01,c1,10.00,paid\n"
    first = desk.load_text(text)
    assert rules(first)["unknown_status"] == 1
    assert [row["status"] for row in desk.rows("orders")] == ["placed", "placed"]

    desk.load_text(text, statuses=parse_statuses(["geparkt=unpaid"]))
    assert [row["status"] for row in desk.rows("orders")] == ["unpaid", "placed"]


def test_several_shops_in_one_file_are_opened_and_kept_apart(desk: Desk) -> None:
    text = "order_id,date,customer_id,amount,shop name\n1,2024-01-01,c1,10.00,Tea House\n1,2024-01-02,c1,20.00,Cup Corner\n2,2024-01-02,c2,5.00,茶叶店\n"
    path = desk.file("shops.csv", text)

    plan = desk.plan(path)
    assert {(share.name, share.new) for share in plan.shops} >= {("Tea House", False)}
    assert sum(share.new for share in plan.shops) == 2

    desk.load(path)
    assert {row["shop_id"]: row["total_minor"] for row in desk.rows("orders")} == {
        "tea": 1_000,
        "cup-corner": 2_000,
        **{row["shop_id"]: 500 for row in desk.rows("orders") if row["shop_id"].startswith("shop-")},
    }
    assert desk.findings() == []


def test_unknown_fields_and_options_are_explained(desk: Desk) -> None:
    from regulars.collect.imports.domain import parse_maps, parse_rates, parse_statuses

    for wrong in (
        lambda: parse_maps(["colour=Farbe"], "orders"), lambda: parse_rates(["USD"]), lambda: parse_statuses(["x=y"]),
        lambda: desk.plan(desk.file("a.csv", "a,b\n1,2\n"), date_order="dym"), lambda: desk.plan(desk.file("a.csv", "a,b\n1,2\n"), timezone="Mars/Olympus"),
    ):  # fmt: skip
        with pytest.raises(InvalidInput) as refused:
            wrong()
        assert refused.value.mend
