"""The catalogue: one definition per metric, in both languages, and computed for every one of them."""

from __future__ import annotations

import pytest

from regulars.understand import metrics
from regulars.understand.metrics.tally import Tally, change, ratio, values
from regulars.values.money import Money

REQUIRED = {
    "gmv",
    "net_revenue",
    "cancelled",
    "refunds",
    "refund_rate",
    "orders",
    "units",
    "aov",
    "buyers",
    "new_buyers",
    "returning_buyers",
    "new_revenue",
    "returning_revenue",
    "repeat_purchase_rate",
    "purchase_interval_days_mean",
    "purchase_interval_days_median",
    "revenue_per_buyer",
    "orders_per_buyer",
    "item_revenue",
    "anonymous_share",
}


def test_every_metric_is_defined_once_in_both_languages() -> None:
    for metric in metrics.METRICS.values():
        assert set(metric.title) == set(metric.formula) == {"en", "zh"}, metric.name
        assert all(metric.title.values()), metric.name
        assert all(metric.formula.values()), metric.name
    titles = [metric.title["zh"] for metric in metrics.METRICS.values()]
    assert len(set(titles)) == len(titles)
    assert set(metrics.METRICS) >= REQUIRED


def test_every_metric_is_computed_and_no_other() -> None:
    assert list(values(Tally(), "CNY")) == list(metrics.METRICS)


def test_each_value_has_the_unit_of_its_definition() -> None:
    found = values(
        Tally(
            gmv=10,
            orders=2,
            buyers=2,
            new_buyers=1,
            known_orders=2,
            known_revenue=10,
            interval_mean=1.5,
            interval_median=1.0,
            ad_cost=4,
            ad_clicks=2,
        ),
        "CNY",
    )

    for name, metric in metrics.METRICS.items():
        assert isinstance(found[name], Money) == (metric.unit == "money"), name


@pytest.mark.parametrize(("language", "title"), [("en", "# Metrics"), ("zh", "# 指标口径")])
def test_the_reference_page_has_every_metric_under_its_own_anchor(language: str, title: str) -> None:
    page = metrics.reference_page(language)  # type: ignore[arg-type]

    assert page.startswith(title)
    for metric in metrics.METRICS.values():
        assert f'<a id="{metric.name}"></a>' in page
        assert metric.formula[language] in page


def test_ratios_are_rounded_once_half_to_even_and_null_over_nothing() -> None:
    assert ratio(1, 3) == 0.3333
    assert ratio(1, 20000) == 0.0  # 0.00005: half to even
    assert ratio(3, 20000) == 0.0002
    assert ratio(1, 0) is None


def test_a_change_is_relative_to_the_size_of_what_was_before() -> None:
    assert change(Money(150, "CNY"), Money(100, "CNY")) == 0.5
    assert change(50, -100) == 1.5
    assert change(5, 0) is None
    assert change(None, 5) is None
