"""A page's product is read from what the page says to search engines: JSON-LD, microdata, OpenGraph."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.clients.recorder import Recorder, Shop

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]


def json_ld(*blocks: Any) -> str:
    return "".join(f'<script type="application/ld+json">{json.dumps(block)}</script>' for block in blocks)


LONGJING: dict[str, Any] = {
    "@context": "https://schema.org",
    "@type": "Product",
    "productID": "p-1",
    "sku": "LJ-100",
    "name": "龙井 100 g",
    "brand": {"@type": "Brand", "name": "狮峰"},
    "category": "茶 > 绿茶",
    "image": ["/img/lj.jpg", "/img/lj2.jpg"],
    "url": "/p/longjing",
    "offers": {"@type": "Offer", "price": "128.50", "priceCurrency": "CNY"},
}
TOLD = {
    "product_id": "p-1",
    "sku": "LJ-100",
    "name": "龙井 100 g",
    "brand": "狮峰",
    "category": "茶 > 绿茶",
    "price": 128.5,
    "currency": "CNY",
}


def addresses(shop: Shop, url: str, image: str) -> dict[str, str]:
    return {"url": shop.url + url, "image_url": shop.url + image}


@pytest.mark.parametrize(
    "blocks",
    [
        [LONGJING],
        [{"@context": "https://schema.org", "@graph": [{"@type": "BreadcrumbList"}, LONGJING]}],
        [[{"@type": "Organization"}, {**LONGJING, "@type": ["Product", "Thing"]}]],
        [{"@type": "WebPage", "mainEntity": LONGJING}],
        [
            {"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "item": {"@type": "Product", "name": "another"}}]},
            LONGJING,
        ],
        [{"@type": "Product", "name": "another", "url": "/p/other"}, LONGJING],
    ],
    ids=["alone", "graph", "list", "main entity", "beside a list", "the one of this page"],
)
def test_json_ld_tells_the_product(visit: Visit, recorder: Recorder, shop: Shop, blocks: list[Any]) -> None:
    shop.pages["/p/longjing"] = '<script type="application/ld+json">{broken</script>' + json_ld(*blocks)

    visit("/p/longjing")

    assert recorder.only("Product Viewed")["properties"] == TOLD | addresses(shop, "/p/longjing", "/img/lj.jpg")


@pytest.mark.parametrize(
    ("offers", "price", "currency"),
    [
        ([{"price": 99, "priceCurrency": "CNY"}, {"price": 120, "priceCurrency": "CNY"}], 99, "CNY"),
        ({"@type": "AggregateOffer", "lowPrice": "1,299.00", "highPrice": "1,499.00", "priceCurrency": "USD"}, 1299, "USD"),
        ({"priceSpecification": {"price": "19,90", "priceCurrency": "EUR"}}, 19.9, "EUR"),
        ({"price": "¥1 299.50 起", "priceCurrency": "CNY"}, 1299.5, "CNY"),
        ({"price": "1.299,00 €", "priceCurrency": "EUR"}, 1299, "EUR"),
        ({"price": "10.50 - 20.00", "priceCurrency": "USD"}, 10.5, "USD"),
        ({"price": 0, "priceCurrency": "USD"}, 0, "USD"),
        ({"price": "ask us"}, None, None),
    ],
)
def test_prices_are_read_as_shops_write_them(
    visit: Visit, recorder: Recorder, shop: Shop, offers: Any, price: float | None, currency: str | None
) -> None:
    shop.pages["/p"] = json_ld({"@type": "Product", "sku": "A", "offers": offers})

    visit("/p")

    told = recorder.only("Product Viewed")["properties"]
    assert (told["product_id"], told.get("price"), told.get("currency")) == ("A", price, currency)


def test_variants_fill_what_their_group_leaves_open(visit: Visit, recorder: Recorder, shop: Shop) -> None:
    variant = {
        "@type": "Product",
        "sku": "T-S",
        "name": "Shirt S",
        "image": {"@type": "ImageObject", "url": "/s.jpg"},
        "offers": {"price": 5},
    }
    shop.pages["/p"] = json_ld(
        {"@type": "ProductGroup", "productGroupID": "T", "name": "Shirt", "hasVariant": [variant, {"sku": "T-M"}]}
    )

    visit("/p")

    told = recorder.only("Product Viewed")["properties"]
    assert told == {"product_id": "T", "sku": "T-S", "name": "Shirt", "price": 5} | addresses(shop, "/p", "/s.jpg")


def test_microdata_tells_the_product(visit: Visit, recorder: Recorder, shop: Shop) -> None:
    shop.pages["/p/longjing"] = """<body><div itemscope itemtype="https://schema.org/Product">
      <meta itemprop="productID" content="p-1"><h1 itemprop="name"> 龙井 100 g </h1><span itemprop="sku">LJ-100</span>
      <a itemprop="url" href="/p/longjing">here</a><img itemprop="image" src="/img/lj.jpg" alt="">
      <div itemprop="brand" itemscope itemtype="https://schema.org/Brand"><b itemprop="name">狮峰</b></div>
      <span itemprop="category">茶 &gt; 绿茶</span>
      <div itemprop="offers" itemscope itemtype="https://schema.org/Offer">
        <span itemprop="priceCurrency" content="CNY">¥</span><span itemprop="price" content="128.50">128.50</span></div>
      <div itemprop="isRelatedTo" itemscope itemtype="https://schema.org/Product"><i itemprop="name">another</i></div>
    </div>"""

    visit("/p/longjing")

    assert recorder.only("Product Viewed")["properties"] == TOLD | addresses(shop, "/p/longjing", "/img/lj.jpg")


def test_open_graph_tells_the_product(visit: Visit, recorder: Recorder, shop: Shop) -> None:
    tags = {
        "og:type": "product", "og:title": "龙井 100 g", "og:url": "/p/longjing", "og:image": "/img/lj.jpg", "product:brand": "狮峰",
        "product:price:amount": "128.50", "product:price:currency": "CNY", "product:retailer_item_id": "LJ-100", "product:category": "茶 > 绿茶",
    }  # fmt: skip
    shop.pages["/p/longjing"] = "".join(f'<meta property="{name}" content="{value}">' for name, value in tags.items())

    visit("/p/longjing")

    told = recorder.only("Product Viewed")["properties"]
    assert told == TOLD | {"product_id": "LJ-100"} | addresses(shop, "/p/longjing", "/img/lj.jpg")


def test_one_source_fills_what_another_leaves_open(visit: Visit, recorder: Recorder, shop: Shop) -> None:
    graph = '<meta property="og:title" content="Tea | Shop"><meta property="og:price:amount" content="9"><meta property="product:brand" content="B">'
    shop.pages["/p"] = json_ld({"@type": "http://schema.org/Product", "sku": "A", "name": "Tea"}) + graph

    visit("/p")

    told = recorder.only("Product Viewed")["properties"]
    assert (told["product_id"], told["name"], told["brand"], told["price"]) == ("A", "Tea", "B", 9)


@pytest.mark.parametrize(
    "page",
    [
        "<p>nothing",
        '<meta property="og:type" content="website"><meta property="og:title" content="Shop">',
        json_ld({"@type": "Product", "name": "a", "url": "/a"}, {"@type": "Product", "name": "b", "url": "/b"}),
        json_ld({"@type": "Product"}),
        json_ld({"@type": "Organization", "name": "x"}, None, 3, "text", [None]),
    ],
    ids=["nothing", "website", "several products", "nameless", "odd"],
)
def test_a_page_without_one_product_tells_none(visit: Visit, recorder: Recorder, shop: Shop, page: str) -> None:
    shop.pages["/list"] = page

    tab = visit("/list")
    recorder.wait("page")
    tab.goto("about:blank")
    recorder.wait("Page Left")

    assert recorder.events("Product Viewed") == []


def test_a_product_that_comes_late_is_seen_and_none_twice(visit: Visit, recorder: Recorder, shop: Shop) -> None:
    """A single-page site: the data come after the page, and those of the page before may linger."""
    shop.pages["/p/a"] = json_ld({"@type": "Product", "sku": "A"})
    tab = visit("/p/a")
    recorder.wait("Product Viewed")

    tab.evaluate("history.pushState({}, '', '/p/b')")
    tab.wait_for_timeout(500)
    tab.evaluate("""document.querySelector('[type="application/ld+json"]').textContent = '{"@type": "Product", "sku": "B"}'""")
    seen = recorder.wait("Product Viewed", 2)
    tab.wait_for_timeout(3000)

    assert [(one["properties"]["product_id"], one["context"]["page"]["path"]) for one in seen] == [("A", "/p/a"), ("B", "/p/b")]
    assert len(recorder.events("Product Viewed")) == 2
