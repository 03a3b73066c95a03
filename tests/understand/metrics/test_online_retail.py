"""Every metric of a real store's year equals a second implementation that shares no line with the first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from regulars.understand import metrics
from regulars.understand.metrics import Value
from regulars.values.money import Money
from regulars.values.periods import Period, Unit
from regulars.warehouse import Warehouse
from tests.understand.metrics.online_retail import SHOP
from tests.understand.metrics.second import SecondCount
from tests.understand.metrics.small_store import days

PERIODS = [days("2010-12-01", "2011-12-09"), days("2011-03-20", "2011-11-05"), days("2011-10-31", "2011-10-31")]


def agrees(value: Value, second: Any) -> bool:
    """Money to half a minor unit, ratios and days to half of the fourth digit."""
    plain = value.minor if isinstance(value, Money) else value
    if plain is None or second is None:
        return plain is None and second is None
    return abs(plain - float(second)) <= (0.5 if isinstance(value, Money) else 0.00005) + 1e-9


@pytest.mark.parametrize("period", PERIODS, ids=str)
def test_totals_agree_for_the_period_and_the_ones_it_is_compared_with(
    online_retail_warehouse: Warehouse, second_count: SecondCount, period: Period
) -> None:
    answer = metrics.report(online_retail_warehouse, SHOP, period)

    for when, part in ((period, "value"), (answer.previous.period, "previous"), (answer.last_year.period, "last_year")):
        second = second_count.metrics(when.start_on, when.last_on)
        found = {total.metric: getattr(total, part) for total in answer.totals}
        assert {name: (found[name], second[name]) for name in second if not agrees(found[name], second[name])} == {}


@pytest.mark.parametrize("unit", ["day", "week", "month"])
def test_every_bucket_agrees(online_retail_warehouse: Warehouse, second_count: SecondCount, unit: Unit) -> None:
    answer = metrics.report(online_retail_warehouse, SHOP, days("2011-01-12", "2011-12-09"), unit)

    for bucket in answer.series:
        second = second_count.metrics(bucket.start_on, bucket.end_on - timedelta(days=1))
        wrong = {name: (bucket.values[name], second[name]) for name in second if not agrees(bucket.values[name], second[name])}
        assert wrong == {}, bucket.start_on


def test_products_and_regions_add_up_to_the_whole(online_retail_warehouse: Warehouse, second_count: SecondCount) -> None:
    period = days("2011-01-01", "2011-12-09")
    second = second_count.metrics(period.start_on, period.last_on)

    for by in ("product", "region"):
        answer = metrics.breakdown(online_retail_warehouse, SHOP, period, by, limit=7)  # type: ignore[arg-type]
        assert answer.other is not None
        shown = sum(row.item_revenue.minor for row in answer.rows) + answer.other.item_revenue.minor
        assert shown == answer.total.item_revenue.minor == second["item_revenue"]
        assert (answer.total.orders, answer.total.buyers) == (second["orders"], second["buyers"])


def test_the_demo_store_says_what_stands_out(online_retail_warehouse: Warehouse) -> None:
    answer = metrics.overview(online_retail_warehouse, SHOP)

    codes = [finding.code for finding in answer.findings]
    assert {"recent_trend", "never_returned", "returning_revenue", "top_buyers", "best_and_worst_month", "unknown_buyers"} <= set(
        codes
    )
    assert answer.span.last_at is not None
    assert answer.period == days("2011-01-01", "2011-12-09")
