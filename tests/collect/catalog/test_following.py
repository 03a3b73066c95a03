"""The shop's products as everybody reads them: the catalogue, what orders and visits know beside it, and what has changed since."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from regulars.collect import catalog
from regulars.collect.catalog import following, reading
from regulars.warehouse import TABLES, Warehouse
from regulars.warehouse.arrow import arrow_rows
from tests.collect.catalog.test_projection import updated
from tests.collect.track.conftest import Desk, desk
from tests.support.rows import put

__all__ = ["desk"]

AT = datetime(2026, 3, 1, 12)


def line(number: int, product_id: str, *, days: int = 0, **more: Any) -> dict[str, Any]:
    """One line of an order that holds."""
    return {
        "shop_id": "tea", "order_id": f"o{number}", "line_key": 1, "customer_id": "c", "ordered_at": AT + timedelta(days=days),
        "status": "placed", "kind": "product", "product_id": product_id, "product_name": product_id.title(), "quantity": Decimal(2),
        "unit_price": Decimal("9.50"), "amount_minor": 1900, "currency": "CNY", "load_id": "l", **more,
    }  # fmt: skip


def view(number: int, product_id: str, who: str, **more: Any) -> dict[str, Any]:
    """One look at a product."""
    return {
        "shop_id": "tea", "source_id": "s", "message_id": f"m{number}", "event_key": number, "type": "track", "event": "Product Viewed",
        "customer_id": who, "timestamp": AT, "product_id": product_id, "product_name": f"{product_id} as viewed", "properties": "{}", "part_id": "p",
        **more,
    }  # fmt: skip


def listed(product_id: str, **more: Any) -> dict[str, Any]:
    """One row of the catalogue."""
    return {
        "shop_id": "tea",
        "product_id": product_id,
        "name": product_id.upper(),
        "observed_at": AT,
        "load_id": "events",
        **dict.fromkeys(("category", "brand", "seller_id", "price_minor", "cost_minor", "currency", "stock", "status")),
        **more,
    }


def tell(warehouse: Warehouse, *rows: dict[str, Any]) -> None:
    """Write products as the loader does."""
    warehouse.merge("products", arrow_rows(TABLES["products"], list(rows)))


def names(warehouse: Warehouse) -> dict[str, str | None]:
    return {one.product_id: one.name for one in catalog.products(warehouse, "tea")}


def test_products_that_only_orders_know_are_products_by_what_was_told_last(desk: Desk) -> None:
    warehouse = desk.house.warehouse
    put(warehouse, "order_lines", [
        line(1, "cup", category="Ware"),
        line(2, "cup", days=3, product_name="Cup with a lid", unit_price=Decimal("12.00")),
        line(3, "cup", days=4, product_name=None, quantity=Decimal(-1), unit_price=Decimal("1.00")),
        line(4, "postage", kind="shipping"),
    ])  # fmt: skip

    (cup,) = catalog.products(warehouse, "tea")
    (asked,) = reading.with_sales(warehouse, "tea", ["cup", "nothing"])

    assert (cup.name, cup.category, cup.price_minor, cup.currency) == ("Cup with a lid", "Ware", 1_200, "CNY")
    assert (cup.listed, cup.shown, cup.in_stock, cup.markets) == (False, True, True, ())
    assert asked.sales is not None
    assert (asked.sales.units, asked.sales.last_sold_at - asked.sales.first_sold_at) == (3.0, timedelta(days=4))
    assert [one.product_id for one in reading.some(warehouse, "tea", None, 5)] == ["cup"]


def test_what_only_visits_tell_needs_three_people_and_a_catalogue_comes_first(desk: Desk) -> None:
    warehouse = desk.house.warehouse
    put(warehouse, "events", [
        *(view(number, "pot", f"v{number}", price=Decimal("30.00"), currency="CNY") for number in range(3)),
        *(view(10 + number, "spam", "v1") for number in range(9)),
        *(view(30 + number, "robot", f"v{number}", is_bot=True) for number in range(9)),
    ])  # fmt: skip

    assert names(warehouse) == {"pot": "pot as viewed"}
    put(warehouse, "order_lines", [line(1, "pot", days=-400), line(2, "cup")])
    assert names(warehouse) == {"cup": "Cup"}  # the pot was not sold for a year, and orders know it better than visits
    tell(warehouse, listed("cup", brand="Hill"), listed("gone", status="deleted"))
    (cup,) = catalog.products(warehouse, "tea")
    assert (cup.name, cup.listed, cup.brand, cup.price_minor, cup.currency) == ("CUP", True, "Hill", 950, "CNY")


def test_a_catalogue_that_holds_most_of_what_is_sold_leaves_the_rest_out(desk: Desk) -> None:
    warehouse = desk.house.warehouse
    put(warehouse, "order_lines", [*(line(number, "cup") for number in range(5)), line(7, "old"), line(8, "older", days=-200)])

    tell(warehouse, listed("lid"))
    assert names(warehouse).keys() == {"lid", "cup", "old", "older"}
    tell(warehouse, listed("cup"))
    assert names(warehouse).keys() == {"lid", "cup"}


def test_who_follows_is_told_what_changed_and_reads_nothing_else(desk: Desk) -> None:
    warehouse = desk.house.warehouse
    tell(warehouse, listed("a"), listed("b"), listed("c"))
    picture = catalog.begun(warehouse, "tea")

    assert catalog.changed(warehouse, "tea", picture) == (picture, [])
    desk.take({**updated(7, 7), "event": "Product Viewed"})
    assert catalog.changed(warehouse, "tea", picture)[1] == []
    tell(warehouse, listed("b", stock=0), {**listed("z"), "shop_id": "other"})
    followed, changed = catalog.changed(warehouse, "tea", picture)
    assert changed == ["b"]
    warehouse.delete("products", lambda products: products.product_id == "c")  # nobody says which rows
    put(warehouse, "products", [listed("d")])
    followed, changed = catalog.changed(warehouse, "tea", followed)
    assert changed == ["b", "c", "d"]  # b once more: nothing was compared when it was read
    assert [one.product_id for one in catalog.products(warehouse, "tea", changed)] == ["b", "d"]
    assert catalog.changed(warehouse, "tea", followed)[1] == []
    tell(warehouse, listed("b", stock=0))
    assert following.differing(followed.marks, catalog.begun(warehouse, "tea").marks) == []


def test_details_count_and_a_product_that_comes_into_the_catalogue_is_listed(desk: Desk) -> None:
    warehouse = desk.house.warehouse
    put(warehouse, "order_lines", [line(1, "tea-1"), line(2, "cup"), line(3, "lid")])
    picture = catalog.begun(warehouse, "tea")
    assert picture.unlisted.keys() == {"tea-1", "cup", "lid"}

    desk.take(updated(1, 1, name="Assam", markets=["CN"]))
    picture, changed = catalog.changed(warehouse, "tea", picture)

    assert "tea-1" in changed
    (assam,) = catalog.products(warehouse, "tea", ["tea-1"])
    assert (assam.name, assam.markets, assam.price_minor, assam.listed) == ("Assam", ("CN",), 950, True)
    assert names(warehouse) == {"tea-1": "Assam", "cup": "Cup", "lid": "Lid"}


def test_a_message_is_put_on_top_of_what_is_known() -> None:
    told = {
        "event": "Product Updated", "product_id": "cup", "timestamp": AT, "product_name": None, "category": None, "brand": None,
        "price": Decimal("8"), "currency": "CNY", "properties": '{"stock": 0, "markets": ["JP"], "published_at": null, "variants": [{"sku": "x", "stock": 3}]}',
    }  # fmt: skip

    cup = catalog.after(catalog.Product("cup", name="Cup", listed=False), told)

    assert (cup.name, cup.price_minor, cup.stock, cup.markets, cup.listed) == ("Cup", 800, 0, ("JP",), True)
    assert [one.stock for one in cup.variants] == [3]
    assert catalog.after(cup, {**told, "event": "Product Deleted", "properties": "{}"}).shown is False


def test_writes_that_nobody_can_tell_apart_are_looked_at_as_a_whole(desk: Desk) -> None:
    warehouse, tables = desk.house.warehouse, ("products", "product_details")
    state = warehouse.state_of(tables)

    with warehouse.transaction():
        tell(warehouse, listed("a"))
        tell(warehouse, listed("b"))
    assert warehouse.changed_since(tables, state) == {("tea", "a"), ("tea", "b")}
    put(warehouse, "products", [listed("c")])
    assert warehouse.changed_since(tables, state) is None
    state = warehouse.state_of(tables)
    assert warehouse.changed_since(tables, state) == set()
    tell(warehouse, *(listed(f"p{number}") for number in range(10_001)))
    assert warehouse.changed_since(tables, state) is None
    assert warehouse.changed_since(tables, None) is None
