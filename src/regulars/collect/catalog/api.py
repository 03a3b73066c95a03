"""The catalogue over HTTP: products told by the shop's own system, and what is known of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Path, Query

from regulars.access import audit
from regulars.collect.catalog import reading, telling
from regulars.collect.catalog.reading import Product, ProductSales, Variant
from regulars.collect.catalog.told import ProductsTold, ProductTold, Told, plain
from regulars.errors import NotFound
from regulars.web import Api, Door
from regulars.web.paging import Cursor, Page, page, place_of

api = Api(tags=["Collect"])

ProductId = Annotated[str, Path(min_length=1, max_length=200, description="The shop's own number of the product")]


@dataclass(frozen=True, slots=True)
class TakenAnswer:
    """How many products were taken; they are on disk, and in the catalogue within a second or two."""

    taken: int


_TOLD = Told(name="Longjing 100 g", category="Tea > Green tea", price="128.00", currency="CNY", stock=40)
_PRODUCT = Product(
    product_id="longjing-100",
    name="Longjing 100 g",
    category="Tea > Green tea",
    brand="Meijiawu",
    price_minor=12_800,
    currency="CNY",
    stock=40,
    status="active",
    attributes={"harvest": "spring"},
    variants=(Variant("longjing-100-tin", "Tin", "LJ-100-T", 13_800, 12),),
    sales=ProductSales(datetime(2026, 3, 28, 9, 30, tzinfo=UTC), datetime(2026, 11, 2, 17, 5, tzinfo=UTC), 412.0),
)


@api.post(
    "/v1/catalog/products",
    permission="load_data",
    answer=TakenAnswer,
    summary="Tell of products, new or known",
    example=TakenAnswer(1),
    sends=ProductsTold(products=[ProductTold(product_id="longjing-100", **_TOLD.model_dump(exclude_unset=True))]),
    body_bytes=8 * 1024 * 1024,
)
def post_products(door: Door, told: ProductsTold) -> TakenAnswer:
    """Up to 500 products. What a product does not tell stays as it is; a null takes a detail back. The same again changes nothing."""
    return TakenAnswer(_tell(door, [plain(one) for one in told.products]))


@api.put(
    "/v1/catalog/products/{product_id}",
    permission="load_data",
    answer=TakenAnswer,
    summary="Tell of one product",
    example=TakenAnswer(1),
    sends=_TOLD,
)
def put_product(door: Door, product_id: ProductId, told: Told) -> TakenAnswer:
    """Its price and stock, or everything. What is left out stays as it is; a null takes a detail back. The same again changes nothing."""
    return TakenAnswer(_tell(door, [{"product_id": product_id, **plain(told)}]))


@api.delete(
    "/v1/catalog/products/{product_id}",
    permission="load_data",
    answer=TakenAnswer,
    summary="Take a product out of the catalogue",
    example=TakenAnswer(1),
)
def delete_product(door: Door, product_id: ProductId) -> TakenAnswer:
    """Shoppers see it nowhere any more; what was sold of it stays known. Telling of it with `status: active` brings it back."""
    telling.tell_gone(door.stores.journal, door.shop.shop_id, _source(door), product_id)
    with door.unit() as uow:
        audit.record(uow, door.caller, "product.deleted", product_id, shop_id=door.shop.shop_id)
    return TakenAnswer(1)


@api.get(
    "/v1/catalog/products", permission="read_reports", answer=Page[Product], summary="The products", example=Page(items=[_PRODUCT])
)
def get_products(
    door: Door,
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="How many products a page holds")] = 100,
) -> Page[Product]:
    """Every product that is not deleted, in the order of the ids, with details, variants, price, stock and sales as last told.

    What the catalogue leaves open of name, category, brand and price is filled in from orders. `listed` is false for products that no
    catalogue tells of: orders name them, or the visits of at least three people; they are there while the catalogue holds less than half
    of what was sold in 90 days.
    """
    after = place_of(cursor, str)
    return page(reading.some(door.warehouse, door.shop.shop_id, after, limit + 1), limit, lambda one: one.product_id)


@api.get("/v1/catalog/products/{product_id}", permission="read_reports", answer=Product, summary="One product", example=_PRODUCT)
def get_product(door: Door, product_id: ProductId) -> Product:
    """The product as last told by messages, files and platforms together."""
    found = reading.with_sales(door.warehouse, door.shop.shop_id, [product_id])
    if not found:
        raise NotFound(
            f"there is no product '{product_id}'", mend="list them with `GET /v1/catalog/products`", code="no_such_product"
        )
    return found[0]


def _tell(door: Door, told: list[dict[str, Any]]) -> int:
    return telling.tell_products(door.stores.journal, door.shop.shop_id, _source(door), told)


def _source(door: Door) -> str:
    from regulars.collect import track

    with door.unit() as uow:
        source_id: str = track.source_of_catalogue(uow, door.caller, door.shop.shop_id)
        return source_id
