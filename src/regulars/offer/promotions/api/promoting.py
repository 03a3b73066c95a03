"""Promotions over HTTP: drafted, tried on a cart, launched, approved, paused and ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Query
from pydantic import AwareDatetime, Field

from regulars.offer.promotions import service
from regulars.offer.promotions.api.carting import CART, QuoteToAsk
from regulars.offer.promotions.api.defining import DEFINITION, OfferDefinition
from regulars.offer.promotions.api.routes import AT, QUOTE, PromotionId, Strict, api
from regulars.offer.promotions.domain.reading import offer_of
from regulars.offer.promotions.performing import Performance
from regulars.offer.promotions.quoting import Quote
from regulars.offer.promotions.shelf import Act, Kind, Promotion, State
from regulars.web import Door
from regulars.web.paging import Page


class PromotionToMake(Strict):
    """A promotion, or a kind of coupon; without a code a kind of coupon is given in batches or one by one."""

    promotion_id: str | None = Field(default=None, max_length=64, description="a-z, 0-9, - and _; made where none is given")
    name: str = Field(min_length=1, max_length=200, description="What people call it")
    kind: Kind = Field(default="promotion", description="`promotion` applies by itself, `coupon` needs a code")
    code: str | None = Field(default=None, max_length=64, description="One code for everybody")
    definition: OfferDefinition
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None


class PromotionToChange(Strict):
    """What changes of a draft or a paused promotion; what is left out stays."""

    name: str | None = Field(default=None, min_length=1, max_length=200)
    code: str | None = Field(default=None, max_length=64)
    definition: OfferDefinition | None = None
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None


class PromotionToMove(Strict):
    """What is to be done with a promotion."""

    act: Act


class PromotionToTry(Strict):
    """An offer, and the cart to try it on."""

    definition: OfferDefinition
    name: str = Field(default="", max_length=200)
    ask: QuoteToAsk


class ApprovalToSet(Strict):
    """From which cost on a second operator has to approve."""

    above_minor: int | None = Field(ge=0, le=2**53, description="Minor units of the shop's currency; null: never")


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalLimit:
    """From which cost on a second operator has to approve; null: never."""

    above_minor: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionWithFigures:
    """A promotion, what it did so far, and what it can cost at most (null: nothing bounds it)."""

    promotion: Promotion
    performance: Performance
    most_cost: int | None


_PROMOTION = Promotion(
    promotion_id="spring-300",
    name="50 off from 300",
    kind="promotion",
    state="running",
    code=None,
    definition=DEFINITION.plain(),
    starts_at=AT,
    ends_at=None,
    version=1,
    created_at=AT,
    created_by="operator:operator_01m7zsbyk3",
    changed_at=AT,
    launched_by="operator:operator_01m7zsbyk3",
    approved_by=None,
)
_FIGURES = Performance(promotion_id="spring-300", orders=412, customers=377, cost=2_060_000, revenue=14_832_000, coupons_made=0)


@api.get(
    "/v1/promotions",
    permission="read_reports",
    answer=Page[Promotion],
    summary="Promotions and kinds of coupons",
    example=Page(items=[_PROMOTION]),
)
def get_promotions(
    door: Door,
    kind: Annotated[Kind | None, Query(description="Only of this kind")] = None,
    state: Annotated[State | None, Query(description="Only in this state")] = None,
) -> Page[Promotion]:
    """The newest first. `scheduled`, `running` and `ended` follow the clock by themselves."""
    with door.reading() as uow:
        return Page(items=service.listing(uow, door.shop.shop_id, kind=kind, state=state))


@api.post(
    "/v1/promotions",
    permission="manage_offers",
    answer=Promotion,
    summary="Draft a promotion or a kind of coupon",
    sends=PromotionToMake(promotion_id="spring-300", name="50 off from 300", definition=DEFINITION, starts_at=AT),
    example=_PROMOTION,
    status=201,
)
def post_promotion(door: Door, body: PromotionToMake) -> Promotion:
    """Nobody is offered it before it is launched."""
    with door.unit() as uow:
        return service.make(
            uow,
            door.caller,
            door.shop,
            name=body.name,
            definition=body.definition.plain(),
            kind=body.kind,
            code=body.code,
            starts_at=body.starts_at,
            ends_at=body.ends_at,
            promotion_id=body.promotion_id,
        )


@api.post(
    "/v1/promotions/previews",
    permission="manage_offers",
    answer=Quote,
    summary="What would a promotion do to a cart?",
    sends={"definition": DEFINITION.plain(), "name": "50 off from 300", "ask": {"cart": CART.model_dump(), "new_customer": True}},
    example=QUOTE,
)
def post_promotion_preview(door: Door, body: PromotionToTry) -> Quote:
    """The quote as if it ran already, beside everything that runs; nothing is kept."""
    name = body.name or "preview"
    given = {**body.definition.plain(), "id": "preview", "name": name}
    if body.definition.layer in ("seller_coupon", "platform_coupon"):
        given |= {"id": "PREVIEW", "code": "PREVIEW"}
    extra = offer_of(given)
    asked = body.ask.model_copy(update={"codes": [*body.ask.codes, extra.code]}) if extra.code else body.ask
    with door.reading() as uow:
        return service.quote(uow, door.shop, asked.asked(door), language=door.language, extra=[extra])


@api.get(
    "/v1/promotions/approval",
    permission="read_reports",
    answer=ApprovalLimit,
    summary="From which cost on does a second operator approve?",
    example=ApprovalLimit(above_minor=1_000_000),
)
def get_promotion_approval(door: Door) -> ApprovalLimit:
    """What may cost more, or has no bound, waits after its launch for another operator."""
    with door.reading() as uow:
        return ApprovalLimit(above_minor=service.approval_above(uow, door.shop.shop_id))


@api.put(
    "/v1/promotions/approval",
    permission="manage_shop",
    answer=ApprovalLimit,
    summary="Set the cost from which on a second operator approves",
    sends=ApprovalToSet(above_minor=1_000_000),
    example=ApprovalLimit(above_minor=1_000_000),
)
def put_promotion_approval(door: Door, body: ApprovalToSet) -> ApprovalLimit:
    """It holds for what is launched from now on."""
    with door.unit() as uow:
        return ApprovalLimit(above_minor=service.set_approval(uow, door.caller, door.shop.shop_id, body.above_minor))


@api.get(
    "/v1/promotions/{promotion_id}",
    permission="read_reports",
    answer=PromotionWithFigures,
    summary="One promotion, and what it did",
    example=PromotionWithFigures(promotion=_PROMOTION, performance=_FIGURES, most_cost=5_000_000),
)
def get_promotion(door: Door, promotion_id: PromotionId) -> PromotionWithFigures:
    """Orders, customers, cost and revenue of the orders committed here, without cancelled and wholly returned ones."""
    with door.reading() as uow:
        found = service.get(uow, door.shop.shop_id, promotion_id)
        none = Performance(promotion_id=promotion_id, orders=0, customers=0, cost=0, revenue=0, coupons_made=0)
        figures = service.performance(uow, door.shop.shop_id).get(promotion_id, none)
    return PromotionWithFigures(promotion=found, performance=figures, most_cost=service.most_cost(found.offer))


@api.patch(
    "/v1/promotions/{promotion_id}",
    permission="manage_offers",
    answer=Promotion,
    summary="Change a draft or a paused promotion",
    sends=PromotionToChange(name="50 off from 300, spring"),
    example=_PROMOTION,
)
def patch_promotion(door: Door, promotion_id: PromotionId, body: PromotionToChange) -> Promotion:
    """It is a draft then, to be launched again. What runs is not changed under anybody's feet: pause it first."""
    with door.unit() as uow:
        return service.change(
            uow,
            door.caller,
            door.shop,
            promotion_id,
            name=body.name,
            code=body.code,
            definition=None if body.definition is None else body.definition.plain(),
            starts_at=body.starts_at,
            ends_at=body.ends_at,
        )


@api.post(
    "/v1/promotions/{promotion_id}/acts",
    permission="manage_offers",
    answer=Promotion,
    summary="Launch, approve, pause or end a promotion",
    sends=PromotionToMove(act="launch"),
    example=_PROMOTION,
)
def post_promotion_act(door: Door, promotion_id: PromotionId, body: PromotionToMove) -> Promotion:
    """What may cost more than the shop's limit waits after its launch until another operator approves it. An ended one stays ended."""
    with door.unit() as uow:
        return service.act(uow, door.caller, door.shop.shop_id, promotion_id, body.act)
