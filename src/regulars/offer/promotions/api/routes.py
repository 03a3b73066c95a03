"""The routes of this room, joined by the files beside, and what the documentation shows in their answers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from regulars.guard.privacy import known_id
from regulars.offer.promotions.domain.quoting import PricedShipping, Totals
from regulars.offer.promotions.quoting import Quote, QuotedDiscount, QuotedLine, QuotedOffer, QuoteHint, RejectedCode
from regulars.web import Api, Door

api = Api(tags=["Offers"])

Customer = Annotated[str, Field(min_length=1, max_length=200, description="The customer, as the shop names them", examples=["u1"])]
PromotionId = Annotated[str, Path(max_length=64, description="The promotion", examples=["spring-300"])]
BatchId = Annotated[str, Path(max_length=40, description="The batch of coupons")]
OrderId = Annotated[str, Path(max_length=128, description="The order, as the shop names it", examples=["o-1001"])]
Code = Annotated[str, Field(min_length=1, max_length=64)]

AT = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
QUOTE = Quote(
    currency="CNY",
    lines=[
        QuotedLine(
            id="1",
            list=20_000,
            discounts=(QuotedDiscount(source="SPRING10", name="Spring coupon", amount=800),),
            discount=800,
            net=19_200,
        ),
        QuotedLine(
            id="2",
            list=5_000,
            discounts=(QuotedDiscount(source="SPRING10", name="Spring coupon", amount=200),),
            discount=200,
            net=4_800,
        ),
    ],
    shipping=PricedShipping(1_000, 0, 1_000),
    totals=Totals(25_000, 1_000, 24_000, 1_000, 0, 0, 25_000),
    applied=["SPRING10"],
    rejected=[RejectedCode(id="AUTUMN", reason="ENDED", words="No longer valid")],
    offers=[
        QuotedOffer(
            id="AUTUMN",
            promotion_id="autumn",
            name="Autumn coupon",
            layer="platform_coupon",
            amount=0,
            reason="ENDED",
            words="No longer valid",
        ),
        QuotedOffer(
            id="SPRING10",
            promotion_id="spring-10",
            name="Spring coupon",
            layer="platform_coupon",
            amount=1_000,
            reason=None,
            words="",
        ),
        QuotedOffer(
            id="spring-300",
            promotion_id="spring-300",
            name="50 off from 300",
            layer="order",
            amount=0,
            reason="THRESHOLD_NOT_MET",
            words="The cart has not reached its threshold",
        ),
    ],
    hints=[QuoteHint(id="spring-300", name="50 off from 300", missing_minor=5_000, missing_qty=0, words="¥50 more for ¥50 off")],
    warnings=[],
    priced_at=AT,
)


class Strict(BaseModel):
    """A body without unknown fields."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


def customer_of(door: Door, customer: str | None) -> str:
    """The id under which a customer is kept whom the shop names so; empty for nobody."""
    return known_id(door.keyring, door.shop.shop_id, customer) if customer else ""
