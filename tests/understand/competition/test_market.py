"""Own prices and shares against the market, counted by hand.

product  list   Alpha        Beta          Gamma          lowest median rank
green    12.00  10.00 (20.)  11.00 (20.)   9.00 sold out   10.00  10.50    3
cup       5.00   6.00        -             -                6.00   6.00    1
pot      none; paid 30.00 for 2 on average; Alpha 30.00     30.00  30.00   1
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from regulars.errors import NotEnoughData
from regulars.understand.competition import MARKET_PRICES, MARKET_SHARE, PRICE_CHANGES
from regulars.understand.questions import Desk, Report
from regulars.values.money import Money
from regulars.warehouse import Warehouse
from tests.support.happenings import shop_of
from tests.support.rows import put

RANGE = {"from": "2026-03-01", "to": "2026-03-31"}


def seen(day: int, competitor: str, product: str | None, price: int | None, *, month: int = 3, **more: Any) -> dict[str, Any]:
    subject = f"p:{product}" if product else f"c:{more['category']}"
    return {"shop_id": "tea", "observed_on": date(2026, month, day), "competitor": competitor, "subject": subject, "product_id": product,
            "price_minor": price, "currency": "CNY", **more}  # fmt: skip


def sold(
    order_id: str, day: int, product: str, category: str, units: int, minor: int, *, month: int = 3, who: str = "ann"
) -> dict[str, Any]:
    return {"shop_id": "tea", "order_id": order_id, "line_key": 1, "customer_id": who, "ordered_at": datetime(2026, month, day, 3), "kind": "product",
            "status": "placed", "product_id": product, "product_name": product, "category": category, "quantity": Decimal(units),
            "amount_minor": minor, "currency": "CNY"}  # fmt: skip


@pytest.fixture
def desk(warehouse: Warehouse) -> Desk:
    products = [("green", "Green tea", "Tea", 1_200), ("cup", "Cup", "Cups", 500)]
    put(
        warehouse,
        "products",
        [
            {"shop_id": "tea", "product_id": key, "name": name, "category": category, "price_minor": price, "currency": "CNY"}
            for key, name, category, price in products
        ],
    )
    snapshot = {
        "shop_id": "tea",
        "product_id": "green",
        "observed_at": datetime(2026, 2, 1),
        "price_minor": 1_000,
        "currency": "CNY",
    }
    put(warehouse, "product_snapshots", [snapshot])
    put(
        warehouse,
        "market_prices",
        [
            seen(25, "Alpha", "green", 1_000, month=2),
            seen(5, "Alpha", "green", 1_150),
            seen(20, "Alpha", "green", 1_000),
            seen(20, "Beta", "green", 1_100),
            seen(20, "Gamma", "green", 900, available=False),
            seen(20, "own", "green", 100),
            seen(10, "Alpha", "n_1", 600, product_name=" CUP "),
            seen(10, "Alpha", "pot", 3_000, product_name="Pot", category="Pots"),
        ],
    )
    put(warehouse, "order_lines", [sold("o1", 2, "pot", "Pots", 2, 6_000), sold("o2", 3, "green", "Tea", 1, 1_300, who="ben")])
    return Desk(warehouse, shop_of({"timezone": "Asia/Shanghai"}, "tea"))


def ask(desk: Desk, report: Report, **question: Any) -> Any:
    return report.answer(desk, report.read(desk, {"range": RANGE, **question}))


def yuan(minor: int) -> Money:
    return Money(minor, "CNY")


def test_own_prices_stand_against_the_market_as_counted_by_hand(desk: Desk) -> None:
    answer = ask(desk, MARKET_PRICES)

    green, pot, cup = answer.products
    assert (green.key, green.name, green.category, green.listed, green.paid) == (
        "green",
        "Green tea",
        "Tea",
        yuan(1_200),
        yuan(1_300),
    )
    assert (green.competitors, green.lowest, green.median, green.highest, green.rank) == (
        2,
        yuan(1_000),
        yuan(1_050),
        yuan(1_100),
        3,
    )
    assert (green.gap, green.gap_to_lowest, green.dearer_lately) == (0.1429, 0.2, True)
    assert (pot.name, pot.listed, pot.own, pot.gap, pot.rank) == ("pot", None, yuan(3_000), 0.0, 1)
    assert (cup.key, cup.rank, cup.gap, cup.dearer_lately) == ("cup", 1, -0.1667, False)


def test_categories_say_where_the_shop_is_dear(desk: Desk) -> None:
    answer = ask(desk, MARKET_PRICES, by="category")

    assert [(one.key, one.products, one.cheapest, one.cheaper, one.dearer, one.index) for one in answer.categories] == [
        ("Tea", 1, 0, 0, 1, 1.1429),
        ("Pots", 1, 1, 0, 0, 1.0),
        ("Cups", 1, 1, 1, 0, 0.8333),
    ]
    assert (answer.total.products, answer.total.dearer, answer.total.dearer_lately, answer.total.index) == (3, 1, 1, 0.9921)


def test_changes_of_prices_are_logged_the_newest_first(desk: Desk) -> None:
    answer = ask(desk, PRICE_CHANGES)

    assert (answer.up, answer.down) == (1, 1)
    assert [(one.day, one.competitor, one.name, one.before, one.now, one.change, one.gap) for one in answer.changes] == [
        (date(2026, 3, 20), "Alpha", "Green tea", yuan(1_150), yuan(1_000), -0.1304, 0.2),
        (date(2026, 3, 5), "Alpha", "Green tea", yuan(1_000), yuan(1_150), 0.15, 0.0435),
    ]


def test_shares_are_told_or_counted_from_sales_or_units(desk: Desk) -> None:
    put(
        desk.warehouse,
        "market_prices",
        [
            seen(28, "Alpha", None, None, month=1, category="Tea", share=Decimal("0.3")),
            seen(28, "本店", None, None, month=1, category="Tea", share=Decimal("0.1")),
            seen(28, "Alpha", None, None, month=2, category="Tea", sales_minor=3_000),
            seen(27, "Alpha", None, None, month=2, category="Tea", sales_minor=700),
            seen(28, "Alpha", None, None, category="Tea", units=Decimal(3)),
            seen(28, "Alpha", None, None, category="Cups", share=Decimal("0.4")),
        ],
    )
    put(desk.warehouse, "order_lines", [sold("o3", 3, "green", "Tea", 1, 1_300, month=2)])

    answer = ask(desk, MARKET_SHARE, range={"from": "2026-01-01", "to": "2026-03-31"})

    tea, cups = answer.categories
    assert answer.buckets == ("2026-01-01", "2026-02-01", "2026-03-01")
    assert [(one.own, one.basis, one.competitors) for one in tea.buckets] == [
        (0.1, "told", {"Alpha": 0.3}),
        (0.26, "sales", {"Alpha": 0.74}),
        (0.25, "units", {"Alpha": 0.75}),
    ]
    assert (tea.own, tea.change) == (0.25, -0.01)
    assert (cups.own, cups.buckets[2].competitors) == (None, {"Alpha": 0.4})
    assert MARKET_SHARE.table(answer).num_rows == 7


def test_behind_a_product_are_its_buyers(desk: Desk) -> None:
    query = MARKET_PRICES.read(desk, {"range": RANGE})
    of_category = MARKET_PRICES.read(desk, {"range": RANGE, "by": "category"})

    assert desk.warehouse.rows(MARKET_PRICES.customers(desk, query, {"group": "green"})) == [{"customer_id": "ben"}]
    assert desk.warehouse.rows(MARKET_PRICES.customers(desk, of_category, {"group": "Pots"})) == [{"customer_id": "ann"}]


def test_one_category_or_product_can_be_asked_for(desk: Desk) -> None:
    assert [one.key for one in ask(desk, MARKET_PRICES, category="Cups").products] == ["cup"]
    assert [one.key for one in ask(desk, MARKET_PRICES, product="pot").products] == ["pot"]
    assert ask(desk, PRICE_CHANGES, category="Cups").changes == ()


@pytest.mark.parametrize("report", [MARKET_PRICES, PRICE_CHANGES, MARKET_SHARE], ids=lambda one: one.kind)
def test_without_anything_about_competitors_it_is_said_how_to_load_it(warehouse: Warehouse, report: Report) -> None:
    desk = Desk(warehouse, shop_of(shop_id="empty"))

    with pytest.raises(NotEnoughData) as raised:
        ask(desk, report)
    assert raised.value.code == "no_market"
