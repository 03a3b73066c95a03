"""The catalogue of rewards and what was claimed of it, over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import Path, Query
from pydantic import AwareDatetime, Field

from regulars.offer.loyalty import rewards
from regulars.offer.loyalty.api.routes import AT, USUAL, WHO, Key, Strict, Whole, api, owner
from regulars.offer.loyalty.rewards import Claim, PointsReward, RewardGiven
from regulars.web import Door
from regulars.web.paging import Limit

RewardId = Annotated[str, Path(max_length=64, description="The reward")]
ClaimId = Annotated[str, Path(max_length=40, description="The claim")]


class RewardBody(Strict):
    """A reward, whole."""

    name: str = Field(min_length=1, max_length=120)
    name_zh: str = Field(default="", max_length=120)
    points: Whole
    kind: Literal["goods", "coupon", "service"] = "goods"
    detail: str = Field(default="", max_length=500, description="What is given: a product, a coupon's id, words")
    currency_id: str = Field(default=USUAL, max_length=32)
    stock: Annotated[int, Field(ge=0, le=10**12)] | None = Field(default=None, description="In all; null: without end")
    per_customer: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    begins_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None
    state: Literal["on", "off"] = "on"


class ClaimReward(Strict):
    """Who takes a reward."""

    customer_id: str = Field(min_length=1, max_length=200)
    key: Key


class FinishClaim(Strict):
    """What became of it."""

    state: Literal["delivered", "returned"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewards:
    """The catalogue, the cheapest first."""

    rewards: list[PointsReward]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """Claimed rewards, the newest first."""

    claims: list[Claim]


_REWARD = PointsReward(
    reward_id="tea-cup",
    currency_id="points",
    name="A tea cup",
    name_zh="茶杯",
    kind="goods",
    detail="sku cup-01",
    points=500,
    stock=30,
    taken=12,
    per_customer=1,
    begins_at=None,
    ends_at=None,
    state="on",
)
_CLAIM = Claim(
    claim_id="claim_01k3w0d2h5q8v9x1y2z3a4b5c6",
    customer_id=WHO,
    reward_id="tea-cup",
    currency_id="points",
    key="shop-7781",
    points=500,
    state="claimed",
    claimed_at=AT,
    changed_at=AT,
)


@api.get(
    "/v1/rewards",
    permission="read_reports",
    answer=Rewards,
    summary="What do points buy?",
    example=Rewards(rewards=[_REWARD]),
)
def get_rewards(door: Door) -> Rewards:
    """Goods, coupons and services with their price in points and what is left."""
    with door.reading() as uow:
        return Rewards(rewards=rewards.rewards(uow, door.shop.shop_id))


@api.put(
    "/v1/rewards/{reward_id}",
    permission="manage_offers",
    answer=PointsReward,
    summary="Put a reward into the catalogue",
    example=_REWARD,
    sends=RewardBody(name="A tea cup", name_zh="茶杯", points=500, stock=30, per_customer=1),
)
def put_reward(door: Door, reward_id: RewardId, body: RewardBody) -> PointsReward:
    """Or change it, whole. `stock` counts those taken already."""
    told: dict[str, Any] = body.model_dump()
    with door.unit() as uow:
        return rewards.save_reward(uow, door.caller, door.shop, reward_id, RewardGiven(**told))


@api.post(
    "/v1/rewards/{reward_id}/claims",
    permission="move_points",
    answer=Claim,
    summary="Take a reward for points",
    example=_CLAIM,
    sends=ClaimReward(customer_id=WHO, key="shop-7781"),
    status=201,
)
def post_claim(door: Door, reward_id: RewardId, body: ClaimReward) -> Claim:
    """Stock, limit and points in one transaction, or nothing: `sold_out`, `customer_limit`, `insufficient_points`."""
    who = owner(door, body.customer_id)
    with door.unit() as uow:
        return rewards.claim(uow, door.shop, who, reward_id, body.key)


@api.get(
    "/v1/rewards/claims",
    permission="read_customers",
    answer=Claims,
    summary="Which rewards were taken?",
    example=Claims(claims=[_CLAIM]),
)
def get_claims(
    door: Door,
    customer_id: Annotated[str | None, Query(max_length=200, description="Only those of this customer")] = None,
    limit: Limit = 100,
) -> Claims:
    """The newest first."""
    who = None if customer_id is None else owner(door, customer_id)
    with door.reading() as uow:
        return Claims(claims=rewards.claims(uow, door.shop.shop_id, customer_id=who, limit=limit))


@api.post(
    "/v1/rewards/claims/{claim_id}/state",
    permission="move_points",
    answer=Claim,
    summary="Say what became of a claimed reward",
    example=_CLAIM,
    sends=FinishClaim(state="delivered"),
)
def post_claim_state(door: Door, claim_id: ClaimId, body: FinishClaim) -> Claim:
    """`returned`: its points come back and it is in stock again."""
    with door.unit() as uow:
        return rewards.finish_claim(uow, door.caller, door.shop, claim_id, body.state)
