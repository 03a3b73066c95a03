"""The overview says what the data supports, and nothing where there is too little of it."""

from __future__ import annotations

from datetime import date

from regulars.understand import metrics
from regulars.understand.metrics import Finding, OverviewAnswer
from regulars.values.money import Money
from regulars.warehouse import Warehouse
from tests.understand.metrics.small_store import SmallStore, days, make_shop


def finding(answer: OverviewAnswer, code: str) -> Finding:
    return next(finding for finding in answer.findings if finding.code == code)


def year_of_orders() -> SmallStore:
    """Each month of 2025 twenty one-time buyers at 100; `big` buys monthly at 1000 x month; `none` anonymous in every month.

    200 old one-timers (January to October with 1 October cut by 90 days), refunds of 500 on `mug` in May.
    """
    store = SmallStore(make_shop())
    for month in range(1, 13):
        for number in range(20):
            day = number + 1
            store.order(
                f"m{month}n{number}",
                f"c{month}-{number}",
                f"2025-{month:02d}-{day:02d} 10:00",
                100,
                items=[("mug", "Mugs", 1, 100)],
            )
        store.order(f"big{month}", "big", f"2025-{month:02d}-25 10:00", 1000 * month)
        store.order(f"none{month}", None, f"2025-{month:02d}-26 10:00", 100)
    store.refund(None, "2025-05-05 10:00", 500, product_id="mug", category="Mugs")
    store.order("last", "big", "2025-12-31 23:00", 0)
    return store


def test_headline_tiles_carry_the_comparison_and_the_latest_complete_bucket(warehouse: Warehouse) -> None:
    store = year_of_orders()
    store.load(warehouse)

    answer = metrics.overview(warehouse, store.shop, days("2025-01-01", "2025-12-31"))

    tiles = {tile.metric: tile for tile in answer.tiles}
    assert answer.unit == "month"
    assert answer.complete
    assert tiles["orders"].value == 12 * 22 + 1
    assert (tiles["orders"].latest_on, tiles["orders"].latest) == (date(2025, 12, 1), 23)
    assert tiles["orders"].latest_change == round(1 / 22, 4)
    assert tiles["orders"].previous_change is None
    assert answer.top_products[0].name == "The mug"
    assert answer.top_categories[0].key == "Mugs"


def test_findings_are_counted_from_the_data(warehouse: Warehouse) -> None:
    store = year_of_orders()
    store.load(warehouse)

    answer = metrics.overview(warehouse, store.shop, days("2025-01-01", "2025-12-31"))

    never = finding(answer, "never_returned")  # first order before 3 October (90 days before 1 January): 9 x 20 + 2, and `big`
    assert (never.values["customers"], never.values["settled"]) == (182, 183)
    assert never.tone == "bad"
    top = finding(answer, "top_buyers")  # 241 buyers, so 25 at the top: `big` and 24 others at 100
    assert top.values["buyers"] == 25
    assert top.values["share"] == round((78000 + 2400) / (78000 + 24000), 4)
    assert finding(answer, "returning_revenue").values["share"] == round(77000 / 102000, 4)
    best = finding(answer, "best_and_worst_month")
    assert (best.values["best_on"], best.values["worst_on"]) == (date(2025, 12, 1), date(2025, 1, 1))
    assert finding(answer, "most_refunded_product").values == {
        "product": "The mug",
        "refunds": Money(500, "CNY"),
        "share": round(500 / 24000, 4),
    }
    assert finding(answer, "recent_trend").values["gmv"] == Money(33000 + 3 * 2100, "CNY")
    assert finding(answer, "refund_rate_change").tone == "good"
    assert "unknown_buyers" not in {found.code for found in answer.findings}  # 12 of 265 are under 5 %


def test_every_finding_reads_in_both_languages(warehouse: Warehouse) -> None:
    store = year_of_orders()
    store.load(warehouse)

    for found in metrics.overview(warehouse, store.shop).findings:
        assert set(found.text) == {"en", "zh"}
        assert "{" not in found.text["en"] + found.text["zh"]
        assert found.text["en"].endswith(".")
        assert found.text["zh"].endswith("。")


def test_a_handful_of_orders_supports_no_statement_about_buyers(warehouse: Warehouse) -> None:
    store = SmallStore(make_shop())
    for number in range(10):
        store.order(f"o{number}", f"c{number}", f"2025-{number + 1:02d}-05 10:00", 100)
    store.load(warehouse)

    assert metrics.overview(warehouse, store.shop).findings == ()


def test_the_unit_follows_the_length_of_the_period(warehouse: Warehouse) -> None:
    store = year_of_orders()
    store.load(warehouse)

    def unit(first: str, last: str) -> str:
        return metrics.overview(warehouse, store.shop, days(first, last)).unit

    assert unit("2025-12-01", "2025-12-31") == "day"
    assert unit("2025-09-01", "2025-12-31") == "week"
    assert unit("2025-01-01", "2025-12-31") == "month"


def test_a_store_without_categories_shows_none(warehouse: Warehouse) -> None:
    store = SmallStore(make_shop()).order("a", "ann", "2025-01-05 10:00", 100, items=[("pot", None, 1, 100)])
    store.load(warehouse)

    assert metrics.overview(warehouse, store.shop).top_categories == ()
