"""Costs of advertising: exports of the platforms, periods cut into days, corrections that replace."""

from __future__ import annotations

from datetime import date

import pytest

from regulars.collect.imports.domain import Kind
from regulars.collect.imports.domain.templates import template
from tests.collect.imports.conftest import Desk, rules

GOOGLE = (
    "Campaign report\n"
    '"November 1, 2025 - November 2, 2025"\n'
    "Day,Campaign,Ad group,Currency code,Clicks,Impr.,Cost\n"
    '2025-11-01,autumn,a,CNY,"1,200","30,000","1,234.50"\n'
    "2025-11-01,autumn,b,CNY,5,100,10.25\n"
    "2025-11-02,autumn,a,CNY,7,90,20\n"
    "2025-11-02,brand,c,CNY,1,10, --\n"
    'Total: Account, --, --,CNY,"1,213","30,200","1,264.75"\n'
)


COLUMNS = ("spent_on", "source", "campaign", "coupon_code", "impressions", "clicks", "cost_minor")


def costs(desk: Desk) -> dict[tuple[date, str, str, str], tuple[int | None, int | None, int]]:
    """(day, source, campaign, coupon) -> impressions, clicks, cost."""
    return {
        (row["spent_on"], row["source"], row["campaign"], row["coupon_code"]): (
            row["impressions"],
            row["clicks"],
            row["cost_minor"],
        )
        for row in desk.rows("ad_costs", *COLUMNS)
    }


def test_a_google_export_is_added_up_by_day_and_campaign_and_its_totals_are_left_out(desk: Desk) -> None:
    report = desk.load_text(GOOGLE, "google.csv", kind="costs")

    assert report.files[0].layout == "google_ads"
    assert report.rows_by_outcome == {"loaded": 4, "duplicate": 0, "set_aside": 1, "quarantined": 0}
    assert costs(desk) == {
        (date(2025, 11, 1), "google", "autumn", ""): (30_100, 1_205, 124_475),
        (date(2025, 11, 2), "google", "autumn", ""): (90, 7, 2_000),
        (date(2025, 11, 2), "google", "brand", ""): (10, 1, 0),
    }
    assert {row["channel"] for row in desk.rows("ad_costs")} == {"paid"}
    assert (report.found.cost_days, report.found.spent and report.found.spent.minor) == (3, 126_475)
    assert desk.findings() == []


def test_a_period_is_split_by_day_to_the_last_cent(desk: Desk) -> None:
    text = (
        "Reporting starts,Reporting ends,Campaign name,Amount spent (CNY),Impressions,Link clicks,Clicks (all)\n"
        "2025-11-01,2025-11-03,spring,100.00,10,2,9\n"
        "2025-11-01,2025-11-02,credit,-0.01,,,\n"
        "2025-11-05,2025-11-04,turned,5,1,1,1\n"
    )

    report = desk.load_text(text, "meta.csv", kind="costs")

    assert report.files[0].layout == "meta_ads"
    assert rules(report)["period_unreadable"] == 1
    assert costs(desk) == {
        (date(2025, 11, 1), "meta", "spring", ""): (4, 1, 3_334),
        (date(2025, 11, 2), "meta", "spring", ""): (3, 1, 3_333),
        (date(2025, 11, 3), "meta", "spring", ""): (3, 0, 3_333),
        (date(2025, 11, 1), "meta", "credit", ""): (None, None, -1),
        (date(2025, 11, 2), "meta", "credit", ""): (None, None, 0),
    }


def test_a_correction_of_a_day_replaces_it_and_the_same_file_changes_nothing(desk: Desk) -> None:
    first = (
        "日期,平台,推广计划,优惠券,展现量,点击量,花费(元)\n2025-11-01,百度,冬装,,100,10,50\n2025-11-01,小红书,冬装,双十一,10,1,5\n"
    )
    desk.load_text(first, "a.csv", kind="costs")
    again = desk.load_text(first, "again.csv", kind="costs")
    corrected = desk.load_text(first.replace(",100,10,50", ",100,12,66.60"), "b.csv", kind="costs")

    assert again.already_loaded
    assert (corrected.changes["ad_costs"].updated, corrected.changes["ad_costs"].unchanged) == (1, 1)
    assert costs(desk) == {
        (date(2025, 11, 1), "baidu", "冬装", ""): (100, 12, 6_660),
        (date(2025, 11, 1), "xiaohongshu", "冬装", "双十一"): (10, 1, 500),
    }


def test_of_two_files_with_the_same_day_the_newest_counts_and_equal_rows_count_once(desk: Desk) -> None:
    head = "date,channel,campaign,cost\n"
    old = desk.file("old.csv", head + "2025-11-01,google,x,10\n2025-11-02,google,x,20\n")
    new = desk.file("new.csv", head + "2025-11-02,google,x,25\n2025-11-03,email,x,30\n2025-11-03,email,x,30\n")

    report = desk.load(old, new, kind="costs")

    assert rules(report) == {"superseded_row": 1, "duplicate_row": 1}
    assert costs(desk) == {
        (date(2025, 11, 1), "google", "x", ""): (None, None, 1_000),
        (date(2025, 11, 2), "google", "x", ""): (None, None, 2_500),
        (date(2025, 11, 3), "", "x", ""): (None, None, 3_000),
    }
    assert [row["channel"] for row in desk.rows("ad_costs")] == ["paid", "paid", "email"]


def test_equal_rows_count_each_where_they_are_meant(desk: Desk) -> None:
    desk.load_text("date,source,cost\n2025-11-01,google,10\n2025-11-01,google,10\n", kind="costs", duplicates="keep")

    assert costs(desk) == {(date(2025, 11, 1), "google", "", ""): (None, None, 2_000)}


def test_rows_that_cannot_be_read_wait_in_quarantine(desk: Desk) -> None:
    text = "date,platform,campaign,cost,currency\n2025-11-01,google,x,ten,CNY\nsoon,google,x,1,CNY\n,google,x,1,CNY\n2025-11-01,google,x,,CNY\n2025-11-01,google,x,3,USD\n2025-11-02,google,x,1,CNY\n"

    report = desk.load_text(text, kind="costs")

    assert rules(report) == {
        "amount_unreadable": 1,
        "date_unreadable": 1,
        "date_missing": 1,
        "amount_missing": 1,
        "other_currency": 1,
    }
    assert costs(desk) == {(date(2025, 11, 2), "google", "x", ""): (None, None, 100)}


def test_another_currency_is_converted_at_the_rate_given(desk: Desk) -> None:
    from decimal import Decimal

    desk.load_text("Day,Campaign,Impr.,Cost,Currency code\n2025-11-01,x,5,10.01,USD\n", kind="costs", rates={"USD": Decimal("7.1")})

    assert costs(desk) == {(date(2025, 11, 1), "google", "x", ""): (5, None, 7_107)}


@pytest.mark.parametrize(
    ("layout", "source", "text"),
    [
        ("oceanengine", "douyin", "时间-天,广告计划,消耗(元),展示数,点击数\n2025-11-01,双十一,1.5,10,2\n合计,,1.5,10,2\n"),
        ("alimama", "alimama", "日期,计划名称,展现量,点击量,花费(元)\n2025-11-01,双十一,10,2,1.50\n"),
        ("baidu_ads", "baidu", "日期,账户,推广计划,展现,点击,消费\n2025-11-01,茶铺,双十一,10,2,1.50\n"),
        ("google_ads_zh", "google", "天,广告系列,展示次数,点击次数,费用\n2025-11-01,双十一,10,2,1.50\n"),
        ("tiktok_ads", "tiktok", "By Day,Campaign name,Cost,Impressions,Clicks (destination)\n2025-11-01,双十一,1.50,10,2\nTotal of 1 result,-,1.50,10,2\n"),
        ("meta_ads_daily", "meta", "Day,Campaign name,Reporting starts,Reporting ends,Amount spent (CNY),Impressions,Link clicks\n2025-11-01,双十一,2025-11-01,2025-11-30,1.50,10,2\n"),
    ],
)  # fmt: skip
def test_exports_of_platforms_are_recognised_by_their_headers(desk: Desk, layout: str, source: str, text: str) -> None:
    report = desk.load_text(text, kind="costs")

    assert report.files[0].layout == layout
    assert costs(desk) == {(date(2025, 11, 1), source, "双十一", ""): (10, 2, 150)}


def test_competitors_are_kept_once_by_day_and_product(desk: Desk) -> None:
    text = (
        "日期,竞品店铺,商品编号,商品名称,类目,竞品价格,是否有货,市场份额,销售额\n"
        '2025-11-01,山茶,T1,龙井,绿茶,"1,088.00",有货,,\n'
        "2025-11-01,山茶,T1,龙井,绿茶,980,缺货,,\n"
        "2025-11-01,山茶,,,绿茶,,,12.5%,30000\n"
        "2025-11-01,,T1,龙井,绿茶,5,,,\n"
        "2025-11-01,山茶,,,,5,,,\n"
        "2025-11-01,水云,T1,龙井,绿茶,,,,\n"
    )

    report = desk.load_text(text, kind="competition")

    assert rules(report) == {"superseded_row": 1, "competitor_missing": 1, "product_missing": 1, "market_empty": 1}
    kept = {row["subject"]: row for row in desk.rows("market_prices")}
    assert set(kept) == {"p:T1", "c:绿茶"}
    assert (kept["p:T1"]["price_minor"], kept["p:T1"]["available"], kept["p:T1"]["currency"]) == (98_000, False, "CNY")
    assert (float(kept["c:绿茶"]["share"]), kept["c:绿茶"]["sales_minor"]) == (0.125, 3_000_000)
    assert desk.findings() == []


def test_a_day_of_a_competitor_loaded_again_replaces_it(desk: Desk) -> None:
    head = "date,competitor,product name,price\n"
    desk.load_text(head + "2025-11-01,Alpha,Lamp,10\n2025-11-01,Beta,Lamp,12\n", "a.csv", kind="competition")

    report = desk.load_text(head + "2025-11-01,Alpha,Lamp,11\n2025-11-02,Alpha,Lamp,11\n", "b.csv", kind="competition")

    change = report.changes["market_prices"]
    assert (change.inserted, change.updated) == (1, 1)
    assert [(row["observed_on"].day, row["competitor"], row["price_minor"]) for row in desk.rows("market_prices")] == [
        (1, "Alpha", 1_100),
        (1, "Beta", 1_200),
        (2, "Alpha", 1_100),
    ]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("kind", ["costs", "competition"])
def test_a_table_to_fill_in_loads_as_it_is(desk: Desk, kind: Kind, language: str) -> None:
    content, name = template(kind, language)

    report = desk.load(desk.file(name, content), kind=kind)

    assert report.rows_by_outcome["loaded"] == report.rows == 2
    assert report.files[0].unmapped == ()
