"""Lists of recommendations over HTTP, why they are so, and how the methods did on the shop's own past."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from regulars.serve.recommend import learning, service
from regulars.serve.recommend.api.routes import api
from regulars.serve.recommend.domain.lists import (
    MOST,
    Dropped,
    ExplainedList,
    Placement,
    RecommendationList,
    Recommended,
    RecommendReason,
    Wanted,
)
from regulars.serve.recommend.learning import Method, RecommendQuality
from regulars.values.money import Money
from regulars.web import Door

AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
A_LIST = RecommendationList(
    impression_id="rec_0199f3a1c2",
    placement="next",
    model="recommend_sessions.3",
    personalised=True,
    made_at=AT,
    items=[
        Recommended(
            position=1,
            product_id="longjing-250",
            name="Longjing 250 g",
            category="Green tea",
            brand="Xihu",
            price=Money(19_900, "CNY"),
            score=1.0,
            reason=RecommendReason(code="viewed", product_id="longjing-100", text="Because you viewed Longjing 100 g"),
        )
    ],
)
EXPLAINED = ExplainedList(
    recommendation=A_LIST,
    viewed=["longjing-100"],
    bought=3,
    candidates=212,
    dropped=[Dropped(product_id="biluochun-100", name="Biluochun 100 g", why="out_of_stock")],
)
ProductId = Annotated[str, Field(min_length=1, max_length=200)]


class RecommendWanted(BaseModel):
    """What is asked for."""

    model_config = ConfigDict(extra="forbid")

    placement: Placement
    customer: ProductId | None = Field(default=None, description="The buyer, as the shop names them")
    visitor: ProductId | None = Field(default=None, description="The device, as its SDK names it (anonymousId)")
    context: list[ProductId] = Field(default=[], max_length=100, description="Products the page or the cart is about")
    category: ProductId | None = None
    brand: ProductId | None = None
    seller_id: ProductId | None = None
    min_price_minor: int | None = Field(default=None, ge=0, le=2**53)
    max_price_minor: int | None = Field(default=None, ge=0, le=2**53)
    market: ProductId | None = Field(default=None, description="Only what is sold there")
    region: ProductId | None = Field(default=None, description="For `popular`: what sells there")
    segment_id: ProductId | None = Field(default=None, description="For `popular`: what its members buy")
    exclude: list[ProductId] = Field(default=[], max_length=1_000, description="Products not to show this time")
    repeats: bool = Field(default=False, description="Whether `next` may show again what was looked at in this visit")
    size: int = Field(default=10, ge=1, le=MOST)

    def wanted(self) -> Wanted:
        """As the room knows it."""
        told = self.model_dump()
        return Wanted(**{**told, "context": tuple(self.context), "exclude": tuple(self.exclude)})


_ASKED = RecommendWanted(placement="next", visitor="7e0c7d0e-5d0a", context=["longjing-100"], size=10)


@api.post(
    "/v1/recommend/lists",
    permission="read_customers",
    answer=RecommendationList,
    summary="Recommendations for one place in the shop",
    example=A_LIST,
    sends=_ASKED,
)
def post_recommend_list(door: Door, body: RecommendWanted) -> RecommendationList:
    """Products for a placement, each with a true reason. What the tracker has just sent counts already.

    When the list is seen, tell `Product List Viewed` with its `impression_id` as `list_id` and its products; a choice is told as
    `Product Clicked` with the same `list_id`. Customers who refused personal lists get popular and contextual ones.
    """
    with door.reading() as uow:
        return service.recommend(
            uow, door.records, door.warehouse, door.home, door.keyring, door.shop, body.wanted(), language=door.language
        )


@api.post(
    "/v1/recommend/explanations",
    permission="read_customers",
    answer=ExplainedList,
    summary="Recommendations, and what was left out and why",
    example=EXPLAINED,
    sends=_ASKED,
)
def post_recommend_explanation(door: Door, body: RecommendWanted) -> ExplainedList:
    """The same list with what is known of the person, how many candidates there were, and every candidate that a filter took out."""
    with door.reading() as uow:
        return service.explain(
            uow, door.records, door.warehouse, door.home, door.keyring, door.shop, body.wanted(), language=door.language
        )


@api.get(
    "/v1/recommend/lists/{impression_id}",
    permission="read_customers",
    answer=ExplainedList,
    summary="A list that was given lately, as it was",
    example=EXPLAINED,
)
def get_recommend_list(
    door: Door, impression_id: Annotated[str, Path(max_length=60, description="`impression_id` of the list")]
) -> ExplainedList:
    """The reasons as they were then; the last 2,000 lists of a running server are kept."""
    return service.shown(door.warehouse, door.shop, impression_id)


@api.get(
    "/v1/recommend/quality",
    permission="read_reports",
    answer=RecommendQuality,
    summary="How recommendations do against plain methods on the shop's own past",
    example=RecommendQuality(
        judged_at=AT,
        ranking="trees",
        lists=2_240,
        buyers=1_204,
        sessions=[Method(method="v_stan", figures={"hr": 0.52, "mrr": 0.21, "coverage": 0.31})],
        baskets=[Method(method="tifu_knn", figures={"recall": 0.2, "ndcg": 0.22, "any": 0.75})],
    ),
)
def get_recommend_quality(door: Door) -> RecommendQuality:
    """The last nightly evaluation with a time split: sessions by HR@20 and MRR@20, baskets by recall and NDCG at ten."""
    with door.reading() as uow:
        return learning.quality(uow, door.shop)
