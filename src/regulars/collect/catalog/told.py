"""What a shop may tell of a product, and how it is written: over HTTP as in files."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from regulars.collect.catalog import telling

_Text = Annotated[str, Field(max_length=400)]
_Value = _Text | float | bool
_Amount = Annotated[float | str, Field(description="In major units, as it is printed")]


class VariantTold(BaseModel):
    """One form a product is sold in."""

    model_config = ConfigDict(extra="forbid")

    variant_id: _Text
    name: _Text | None = None
    sku: _Text | None = None
    price: _Amount | None = None
    stock: int | None = Field(default=None, ge=-(2**53), le=2**53)
    attributes: dict[_Text, _Value | list[_Value]] | None = None


class Told(BaseModel):
    """What is told of a product; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    name: _Text | None = None
    category: _Text | None = Field(default=None, description="From the general to the special with ` > `")
    categories: list[_Text] | None = Field(default=None, max_length=100, description="Further categories")
    brand: _Text | None = None
    seller_id: _Text | None = None
    parent_id: _Text | None = Field(default=None, description="What variants that are products of their own belong to")
    price: _Amount | None = None
    list_price: _Amount | None = Field(default=None, description="Before a reduction, in major units")
    cost: _Amount | None = None
    currency: str | None = Field(default=None, min_length=3, max_length=3, description="The shop's own where none is told")
    stock: int | None = Field(default=None, ge=-(2**53), le=2**53)
    status: _Text | None = Field(default=None, description="`active`, or a state in which shoppers do not see it, such as `hidden`")
    description: str | None = Field(default=None, max_length=20_000)
    keywords: list[_Text] | None = Field(default=None, max_length=100)
    attributes: dict[_Text, _Value | list[_Value]] | None = None
    variants: list[VariantTold] | None = Field(default=None, max_length=200)
    url: str | None = Field(default=None, max_length=2000)
    image_url: str | None = Field(default=None, max_length=2000)
    images: list[Annotated[str, Field(max_length=2000)]] | None = Field(default=None, max_length=100)
    markets: list[_Text] | None = Field(default=None, max_length=100, description="Where it is sold; everywhere where none is told")
    language: str | None = Field(default=None, max_length=16)
    published_at: AwareDatetime | None = None
    told_at: AwareDatetime | None = Field(default=None, description="When this held; now where it is left out. The latest holds")


class ProductTold(Told):
    """A product and what is told of it."""

    product_id: str = Field(min_length=1, max_length=200)


class ProductsTold(BaseModel):
    """Several products at once."""

    model_config = ConfigDict(extra="forbid")

    products: list[ProductTold] = Field(min_length=1, max_length=telling.MOST_PRODUCTS)


def plain(told: Told) -> dict[str, Any]:
    """What is told, as `telling.tell_products` takes it; what is left out is not in it."""
    found = told.model_dump(exclude_unset=True)
    at: datetime | None = found.get("published_at")
    return {**found, "published_at": at.isoformat()} if at is not None else found
