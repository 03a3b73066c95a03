"""On all of Online Retail: what is said about customers adds up to what the metrics say, and to itself."""

from __future__ import annotations

import time

import pytest

from regulars.predict import next_purchase
from regulars.understand import lifecycle, metrics, profiles, rfm
from regulars.understand.profiles import Filters
from regulars.warehouse import Warehouse
from tests.understand.metrics.online_retail import SHOP
from tests.understand.metrics.small_store import days

ALL = days("2010-12-01", "2011-12-09")


@pytest.fixture(scope="module")
def retail(online_retail_warehouse: Warehouse) -> Warehouse:
    """The store with its derived tables rebuilt."""
    profiles.refresh(online_retail_warehouse, SHOP)
    next_purchase.refresh(online_retail_warehouse, SHOP)
    return online_retail_warehouse


def test_profiles_add_up_to_the_metrics(retail: Warehouse) -> None:
    report = metrics.report(retail, SHOP, ALL)
    table = retail.table("customer_profiles")
    (sums,) = retail.rows(table.aggregate(orders=table.orders.sum(), gmv=table.gmv_minor.sum(), customers=table.count()))

    assert sums["customers"] == report.total("buyers").value == report.total("new_buyers").value
    known = _minor(report, "gmv") - _minor(report, "anonymous_revenue")
    assert sums["gmv"] == known == _minor(report, "new_revenue") + _minor(report, "returning_revenue")


def test_segments_stages_and_statuses_count_everyone_once(retail: Warehouse) -> None:
    everyone = profiles.search(retail, SHOP).total
    segments = rfm.report(retail, SHOP)
    stages = lifecycle.report(retail, SHOP)
    acting = next_purchase.act_on(retail, SHOP)

    assert sum(row.customers for row in segments.segments) == everyone
    assert sum(row.customers for row in segments.value_types) == everyone
    assert sum(row.customers for row in stages.now) == everyone
    assert stages.months[-1].customers == everyone
    assert sum(row.customers for row in acting.statuses) == everyone
    assert sum(row.revenue.minor for row in stages.now) == segments.revenue.minor


def test_new_buyers_of_a_month_are_those_who_joined_in_it(retail: Warehouse) -> None:
    report = metrics.report(retail, SHOP, ALL, "month", ["new_buyers"])
    months = lifecycle.report(retail, SHOP, period=ALL).months

    assert [month.joined for month in months] == [bucket.values["new_buyers"] for bucket in report.series]


def test_what_a_list_says_the_customers_page_says(retail: Warehouse) -> None:
    row = next_purchase.act_on(retail, SHOP, limit=1).rows[0]

    page = profiles.customer(retail, SHOP, row.customer_id)

    assert page.next_order == row.next_order
    assert profiles.search(retail, SHOP, filters=Filters(customer_ids=(row.customer_id,))).rows[0] == page.numbers
    orders = [entry for entry in profiles.timeline(retail, SHOP, row.customer_id, limit=200).entries if entry.kind == "order"]
    assert len(orders) == min(page.numbers.orders, 200)


def test_rebuilding_takes_under_two_seconds(retail: Warehouse) -> None:
    started = time.process_time()

    profiles.refresh(retail, SHOP)
    next_purchase.refresh(retail, SHOP)

    assert time.process_time() - started < 2


def _minor(report: metrics.MetricsAnswer, name: str) -> int:
    value = report.total(name).value
    assert hasattr(value, "minor")
    return int(value.minor)
