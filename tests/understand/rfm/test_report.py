"""The RFM report: everything adds up, members are found, and little data is told honestly."""

from __future__ import annotations

from regulars.understand import profiles, rfm
from regulars.understand.profiles import Filters
from regulars.values.answers import to_json
from regulars.warehouse import Warehouse
from tests.understand.metrics.small_store import SmallStore, make_shop


def filled(warehouse: Warehouse, *orders: tuple[str, str, int]) -> None:
    store = SmallStore(make_shop())
    for index, (customer, day, total) in enumerate(orders):
        store.order(f"o{index}", customer, f"{day} 10:00", total)
    store.load(warehouse)
    profiles.refresh(warehouse, make_shop())


def test_an_empty_shop_has_empty_segments(warehouse: Warehouse) -> None:
    profiles.refresh(warehouse, make_shop())

    answer = rfm.report(warehouse, make_shop())

    assert answer.customers == 0
    assert [row.customers for row in answer.segments] == [0] * 10
    assert answer.segments[0].share is None
    assert len(answer.matrix) == 25
    assert all(not thresholds.bands for thresholds in answer.thresholds)


def test_one_customer_is_neither_praised_nor_blamed(warehouse: Warehouse) -> None:
    filled(warehouse, ("only", "2025-05-01", 5000))

    answer = rfm.report(warehouse, make_shop())

    assert [(row.segment, row.customers) for row in answer.segments if row.customers] == [("about_to_sleep", 1)]
    assert answer.thresholds[0].bands[0].score == 3
    assert "1 of 5 scores" in answer.thresholds[0].note


def test_segments_types_and_grid_count_the_same_buyers_and_money(warehouse: Warehouse) -> None:
    filled(
        warehouse,
        *[(f"c{i:02}", f"2025-0{1 + (i * 5 + k) % 6}-1{i % 8}", 700 + 130 * i) for i in range(25) for k in range(1 + i % 5)],
    )

    answer = rfm.report(warehouse, make_shop())

    for rows in (answer.segments, answer.value_types, answer.matrix):
        assert sum(row.customers for row in rows) == answer.customers == 25
        assert sum(row.revenue.minor for row in rows) == answer.revenue.minor
    for thresholds in answer.thresholds:
        assert sum(band.customers for band in thresholds.bands) == 25
    assert sum(row.share or 0 for row in answer.segments) == 1


def test_members_of_a_segment_are_as_many_as_the_report_says(warehouse: Warehouse) -> None:
    filled(warehouse, *[(f"c{i:02}", f"2025-03-{1 + i:02}", 100 * (1 + i % 7)) for i in range(28) for _ in range(1 + i % 3)])
    answer = rfm.report(warehouse, make_shop())

    for row in answer.segments:
        assert profiles.search(warehouse, make_shop(), filters=Filters(segment=row.segment)).total == row.customers
    for row in answer.value_types:
        assert profiles.search(warehouse, make_shop(), filters=Filters(value_type=row.segment)).total == row.customers


def test_bands_do_not_overlap_and_run_from_the_best_score_down(warehouse: Warehouse) -> None:
    filled(warehouse, *[(f"c{i:02}", f"2025-01-{1 + i % 28:02}", 100 + i) for i in range(50)])

    recency, frequency, monetary = rfm.report(warehouse, make_shop()).thresholds

    assert [band.score for band in recency.bands] == [5, 4, 3, 2, 1]
    assert all(better.highest < worse.lowest for better, worse in zip(recency.bands, recency.bands[1:], strict=False))
    assert all(better.lowest > worse.highest for better, worse in zip(monetary.bands, monetary.bands[1:], strict=False))
    assert [(band.score, band.lowest, band.highest) for band in frequency.bands] == [(1, 1, 1)]
    assert "100% of buyers share one number of orders" in frequency.note


def test_refunds_lower_the_monetary_value_and_unknown_buyers_are_nobody(warehouse: Warehouse) -> None:
    shop = make_shop()
    store = SmallStore(shop)
    store.order("1", "a", "2025-01-01 10:00", 5000).order("2", "b", "2025-01-01 10:00", 5000).order(
        "3", None, "2025-01-02 10:00", 9000
    )
    store.refund("1", "2025-01-02 12:00", 4000, customer_id="a").load(warehouse)
    profiles.refresh(warehouse, shop)

    rows = {row.customer_id: row for row in profiles.search(warehouse, shop).rows}

    assert set(rows) == {"a", "b"}
    assert (rows["a"].net.minor, rows["a"].refunds.minor) == (1000, 4000)
    assert (rows["a"].monetary_score or 0) < (rows["b"].monetary_score or 0)


def test_an_explanation_says_where_a_customer_stands(warehouse: Warehouse) -> None:
    filled(
        warehouse,
        ("a", "2025-01-10", 1000),
        ("a", "2025-01-20", 1000),
        ("b", "2025-01-05", 500),
        ("c", "2025-01-01", 400),
    )

    english = profiles.customer(warehouse, make_shop(), "a").rfm
    chinese = profiles.customer(warehouse, make_shop(), "a", language="zh").rfm

    assert english is not None
    assert chinese is not None
    assert [score.text for score in english.scores] == [
        "Last order today: more recent than 66% of buyers",
        "2 orders: more than 66% of buyers",
        "¥20.00 spent net of refunds: more than 66% of buyers",
    ]
    assert chinese.scores[1].text == "共 2 单，多于 66% 的购买客户"
    assert to_json(english)["segment"] == english.segment
