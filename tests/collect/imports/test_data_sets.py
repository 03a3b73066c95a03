"""The shared real data sets: every row accounted for, numbers as published."""

from __future__ import annotations

from decimal import Decimal

from regulars.guard import privacy
from tests.collect.imports.conftest import Desk, rules, shared


def test_cdnow_keeps_equal_purchases_as_nothing_tells_them_apart(desk: Desk) -> None:
    report = desk.load(shared("cdnow/CDNOW_sample.txt.gz"))

    assert report.rows_by_outcome == {"loaded": 6_919, "duplicate": 0, "set_aside": 0, "quarantined": 0}
    assert (report.found.orders, report.found.customers) == (6_919, 2_357)
    assert report.files[0].layout == "by content"
    assert rules(report) == {"zero_price": 8}
    assert desk.findings() == []


def test_complete_journey_is_read_in_utc_with_all_its_rows(desk: Desk) -> None:
    report = desk.load(shared("complete_journey/transactions.parquet"))

    assert report.rows == 756_313
    assert report.rows_by_outcome["loaded"] + report.rows_by_outcome["set_aside"] == 756_313
    assert report.found.customers == 1_244
    # 4,469 rows have quantity 0; those with a value count.
    assert rules(report)["nothing_sold"] + rules(report)["zero_quantity"] == 4_469
    assert report.timezone == "UTC"


def test_olist_tables_are_joined_and_missing_references_counted(desk: Desk) -> None:
    files = [
        shared(f"olist_excerpt/{name}")
        for name in (
            "olist_orders_dataset.csv.gz", "olist_order_items_dataset.csv.gz", "olist_order_payments_dataset.parquet", "olist_customers_dataset.csv.gz",
            "olist_products_dataset.parquet", "olist_order_reviews_dataset.csv.gz", "olist_sellers_dataset.csv.gz", "product_category_name_translation.csv.gz",
        )
    ]  # fmt: skip

    report = desk.load(*files)

    by_file = {file.name: file.rows_by_outcome for file in report.files}
    assert by_file["olist_order_items_dataset.csv.gz"] == {"loaded": 200, "duplicate": 0, "set_aside": 0, "quarantined": 4_954}
    assert by_file["olist_order_reviews_dataset.csv.gz"]["loaded"] == 6_123
    assert by_file["olist_products_dataset.parquet"]["loaded"] == 32_951
    assert sum(sum(outcomes.values()) for outcomes in by_file.values()) == report.rows == 152_620
    assert rules(report)["order_not_found"] == 4_954 + 99_646
    assert rules(report)["reference_missing"] == 6_123 - 251
    assert {"order_without_lines", "customer_not_found"} <= rules(report).keys()
    assert desk.findings() == []
    [order] = [row for row in desk.rows("orders") if row["order_id"] == "00143d0f86d6fbd9f9b38ab440ac16f5"] or [None]
    assert order is None or order["total_minor"] == 10_976


def test_tmall_listings_become_products_and_snapshots(desk: Desk) -> None:
    report = desk.load(shared("tmall_double11_cosmetics/cosmetic.csv.gz"), kind="products")

    assert report.rows_by_outcome == {"loaded": 27_512, "duplicate": 86, "set_aside": 0, "quarantined": 0}
    assert (report.found.products, report.found.snapshots) == (3_497, 27_512)
    assert len({row["seller_id"] for row in desk.rows("products", "seller_id")}) == 22


def test_products_and_households_of_complete_journey(desk: Desk) -> None:
    products = desk.load(shared("complete_journey/products.parquet"), kind="products")
    households = desk.load(shared("complete_journey/demographics.parquet"), kind="customers")

    assert products.found.products == 92_331
    assert households.found.customers == 404
    tags = {row["customer_id"]: row["tags"] for row in desk.rows("customers", "customer_id", "tags")}
    assert (
        tags["1003"]
        == "age=35-44; income=25-34K; marital status=Unmarried; household size=1; household comp=1 Adult No Kids; kids count=0"
    )


def test_words_of_reviews_stay_out_of_the_warehouse(desk: Desk) -> None:
    report = desk.load(shared("womens_clothing_reviews/reviews.parquet"), kind="reviews")

    assert report.rows == 11_557
    assert report.found.reviews == 11_556  # one review is there twice, word for word
    assert rules(report)["no_words"] == 422
    rows = desk.rows("reviews", "review_id", "rating", "text_length", "recommended")
    assert {row["rating"] for row in rows} == {Decimal(1), Decimal(2), Decimal(3), Decimal(4), Decimal(5)}
    assert b"Absolutely wonderful" not in b"".join(path.read_bytes() for path in desk.home.rglob("*") if path.is_file())
    longest = max(rows, key=lambda row: row["text_length"])
    with desk.records.unit() as uow:
        texts = privacy.reveal_texts(uow, desk.caller, desk.shop.shop_id, [f"review:{longest['review_id']}"])
    assert len(next(iter(texts.values()))) == longest["text_length"]
