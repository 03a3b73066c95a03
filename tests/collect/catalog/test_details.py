"""Details of products as messages tell them, read with the product's row by one question, and followed by marks."""

from __future__ import annotations

import random
from typing import Any

import pytest

from regulars.collect import catalog
from regulars.collect.catalog import telling
from regulars.collect.catalog.reading import some
from regulars.collect.track import sources
from regulars.errors import InvalidInput
from tests.collect.catalog.test_projection import updated
from tests.collect.track.conftest import Desk, desk

__all__ = ["desk"]

STORY = [
    updated(
        1,
        1,
        name="Black tea",
        price="12.50",
        description="Mild and dark.",
        attributes={"origin": "Assam", "leaf": ["whole", "broken"]},
    ),
    updated(2, 2, list_price="15.00", currency="CNY", markets=["CN", "HK"], images=["https://shop.example/2.jpg"], keywords="chai"),
    updated(
        3,
        3,
        variants=[{"variant_id": "v1", "name": "Tin", "sku": "BT-T", "price": "14", "stock": 0, "attributes": {"pack": "tin"}}],
    ),
    updated(
        4,
        4,
        description=None,
        url="https://shop.example/tea-1",
        published_at="2026-02-01T09:00:00+08:00",
        categories=["Gifts > Tea"],
    ),
]


@pytest.mark.parametrize("seed", range(3))
def test_details_are_the_same_whatever_order_their_messages_came_in(desk: Desk, seed: int) -> None:
    story = list(STORY)
    random.Random(seed).shuffle(story)

    for message in story:
        desk.take(message)
    desk.take(*STORY)

    (product,) = catalog.products(desk.house.warehouse, "tea")
    assert (product.name, product.price_minor, product.list_price_minor, product.currency) == ("Black tea", 1250, 1500, "CNY")
    assert product.description is None
    assert product.attributes == {"origin": "Assam", "leaf": ["whole", "broken"]}
    assert (product.markets, product.categories, product.keywords) == (("CN", "HK"), ("Gifts > Tea",), "chai")
    assert product.variants == (catalog.Variant("v1", "Tin", "BT-T", 1400, 0, {"pack": "tin"}),)
    assert product.published_at is not None
    assert product.published_at.isoformat() == "2026-02-01T01:00:00+00:00"
    assert not product.in_stock


def test_what_cannot_be_read_is_left_out_and_the_rest_is_taken(desk: Desk) -> None:
    desk.take(
        updated(1, 1, name="Tea", attributes="green", variants=[7, {"variant_id": "v", "stock": "many"}], published_at="soon")
    )

    (product,) = catalog.products(desk.house.warehouse, "tea")
    assert product == catalog.Product("tea-1", "Tea", variants=(catalog.Variant("v"),), observed_at=product.observed_at)


def test_products_told_through_the_api_are_one_message_however_often_they_are_sent(desk: Desk) -> None:
    with desk.house.records.unit() as uow:
        source = sources.source_of_catalogue(uow, desk.caller, "tea")
        assert sources.source_of_catalogue(uow, desk.caller, "tea") == source
    told: list[dict[str, Any]] = [{"product_id": "a", "name": "Oolong", "price": 30}, {"product_id": "b", "name": "Pu-erh"}]

    for _ in range(2):
        telling.tell_products(desk.house.journal, "tea", source, told)
        desk.house.loader.run_once()

    assert [one.name for one in some(desk.house.warehouse, "tea", None, 10)] == ["Oolong", "Pu-erh"]
    assert [one.name for one in some(desk.house.warehouse, "tea", "a", 10)] == ["Pu-erh"]
    with pytest.raises(InvalidInput, match="larger than 30 kB"):
        telling.tell_products(desk.house.journal, "tea", source, [{"product_id": "a", "description": "x" * 31_000}])
