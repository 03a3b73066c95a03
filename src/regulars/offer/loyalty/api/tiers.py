"""Tiers and their members over HTTP."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field

from regulars.offer.loyalty import rehearsing, tier_program, tiering
from regulars.offer.loyalty.api.routes import AT, LATER, WHO, CustomerId, Strict, api, owner
from regulars.offer.loyalty.rehearsing import TierRehearsal
from regulars.offer.loyalty.tier_program import Benefit, Tier, TierProgram
from regulars.offer.loyalty.tiering import Membership, TierCount, TierStep
from regulars.web import Door

_Words = Annotated[str, Field(max_length=200)]


class BenefitBody(Strict):
    """What a tier gives."""

    kind: Literal["points_multiplier", "discount", "free_shipping", "early_access", "priority_service", "gift", "other"]
    value: int = Field(default=0, ge=0, le=1_000_000)
    words: _Words = ""
    words_zh: _Words = ""


class TierBody(Strict):
    """One tier."""

    tier_id: str = Field(min_length=1, max_length=32)
    name: str = Field(min_length=1, max_length=80)
    name_zh: str = Field(default="", max_length=80)
    threshold: int = Field(ge=0, le=10**15)
    benefits: list[BenefitBody] = Field(default=[], max_length=20)


class TiersBody(Strict):
    """The shop's tiers, the lowest first, and how customers rise and fall."""

    tiers: list[TierBody] = Field(min_length=1, max_length=20)
    metric: Literal["net_spend_minor", "points", "orders"] = "net_spend_minor"
    points: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    per_minor: Annotated[int, Field(ge=1, le=10**9)] = 100
    window: Literal["rolling_days", "calendar_year", "lifetime"] = "rolling_days"
    window_days: int = Field(default=365, ge=1, le=3_650)
    validity: Literal["months", "calendar", "none"] = "months"
    validity_months: int = Field(default=12, ge=1, le=120)
    downgrade: Literal["one_down", "to_qualified"] = "one_down"
    grace_days: int = Field(default=0, ge=0, le=365)
    refund_revert: bool = True


class GivenTier(Strict):
    """A tier by hand, until an instant; without one until it is given otherwise."""

    tier_id: str = Field(min_length=1, max_length=32)
    until: AwareDatetime | None = None


class TierOrder(Strict):
    """An order, or what of it was given back (`refund_id`), for shops that send no events of orders."""

    order_id: str = Field(min_length=1, max_length=200)
    amount_minor: Annotated[int, Field(ge=0, le=10**15)]
    at: AwareDatetime
    refund_id: str | None = Field(default=None, min_length=1, max_length=200)


@dataclass(frozen=True, slots=True, kw_only=True)
class TiersAnswer:
    """The shop's tiers, and how many customers have each."""

    program: TierProgram
    members: list[TierCount]


@dataclass(frozen=True, slots=True, kw_only=True)
class TierMemberAnswer:
    """Where a customer stands, and how that came to be, the newest first."""

    membership: Membership
    changes: list[TierStep]


_PROGRAM = TierProgram(
    tiers=(
        Tier(tier_id="member", name="Member", name_zh="会员", threshold=0),
        Tier(
            tier_id="silver",
            name="Silver",
            name_zh="银卡",
            threshold=100_000,
            benefits=(Benefit(kind="points_multiplier", value=12_000), Benefit(kind="free_shipping")),
        ),
        Tier(tier_id="gold", name="Gold", name_zh="金卡", threshold=500_000, benefits=(Benefit(kind="priority_service"),)),
    ),
    grace_days=30,
)
_SENT = TiersBody(
    tiers=[
        TierBody(tier_id="member", name="Member", name_zh="会员", threshold=0),
        TierBody(
            tier_id="silver",
            name="Silver",
            name_zh="银卡",
            threshold=100_000,
            benefits=[BenefitBody(kind="points_multiplier", value=12_000)],
        ),
    ],
    grace_days=30,
)
_MEMBER = Membership(
    customer_id=WHO,
    tier_id="silver",
    name="Silver",
    name_zh="银卡",
    since_at=AT,
    valid_until=LATER,
    in_grace=False,
    grace_until=None,
    manual=False,
    metric=150_000,
    next_tier_id="gold",
    to_next=350_000,
    progress=0.125,
    to_keep=0,
    benefits=_PROGRAM.tiers[1].benefits,
)
_ANSWER = TierMemberAnswer(
    membership=_MEMBER, changes=[TierStep(at=AT, before="member", after="silver", reason="upgrade", valid_until=LATER)]
)


@api.get(
    "/v1/tiers",
    permission="read_reports",
    answer=TiersAnswer,
    summary="Which tiers are there?",
    example=TiersAnswer(program=_PROGRAM, members=[TierCount(tier_id="silver", customers=211)]),
)
def get_tiers(door: Door) -> TiersAnswer:
    """What each asks for and gives, and how many customers have it (as written down last)."""
    with door.reading() as uow:
        told = tier_program.the_program(uow, door.shop.shop_id)
        return TiersAnswer(program=told, members=tiering.counts(uow, door.shop.shop_id))


@api.put(
    "/v1/tiers",
    permission="manage_offers",
    answer=TierProgram,
    summary="Make or change the tiers",
    example=replace(_PROGRAM, changed_at=AT, changed_by="operator:operator_01m7zsbyk3"),
    sends=_SENT,
)
def put_tiers(door: Door, body: TiersBody) -> TierProgram:
    """Customers keep their tier and are judged by the new rules from their next order or period end on."""
    with door.unit() as uow:
        return tier_program.save_program(uow, door.caller, door.shop, _program(body))


def _program(body: TiersBody) -> TierProgram:
    told: dict[str, Any] = body.model_dump()
    tiers = tuple(
        Tier(**{**one, "benefits": tuple(Benefit(**benefit) for benefit in one["benefits"])}) for one in told.pop("tiers")
    )
    return TierProgram(tiers=tiers, **told)


@api.post(
    "/v1/tiers/dry_run",
    permission="read_reports",
    answer=TierRehearsal,
    summary="Which tiers would customers have?",
    example=TierRehearsal(
        as_of=AT,
        orders=18_532,
        customers=4_338,
        members=[TierCount(tier_id="member", customers=4_127), TierCount(tier_id="silver", customers=211)],
        upgrades=260,
        renewals=40,
        downgrades=44,
        taken_back=5,
    ),
    sends=_SENT,
    replayable=False,
)
def post_tiers_dry_run(door: Door, body: TiersBody) -> TierRehearsal:
    """All orders and refunds replayed by these rules, to the end of the data. Nothing is written."""
    rules = _program(body)
    tier_program.judge(rules, door.shop.timezone)
    return rehearsing.rehearse_tiers(door.warehouse, door.shop, rules)


@api.get(
    "/v1/tiers/members/{customer_id}",
    permission="read_customers",
    answer=TierMemberAnswer,
    summary="Which tier has a customer, and what is missing?",
    example=_ANSWER,
)
def get_tier_member(door: Door, customer_id: CustomerId) -> TierMemberAnswer:
    """`to_next` is what is missing to rise, `to_keep` what is missing to keep the tier at the end of its period."""
    who = owner(door, customer_id)
    with door.reading() as uow:
        return TierMemberAnswer(
            membership=tiering.membership(uow, door.shop, who), changes=tiering.steps(uow, door.shop.shop_id, who)
        )


@api.put(
    "/v1/tiers/members/{customer_id}",
    permission="move_points",
    answer=Membership,
    summary="Give a customer a tier by hand",
    example=_MEMBER,
    sends=GivenTier(tier_id="gold", until=LATER),
)
def put_tier_member(door: Door, customer_id: CustomerId, body: GivenTier) -> Membership:
    """Until that instant; then the customer gets what they qualify for, with a fresh period. It is audited."""
    who = owner(door, customer_id)
    with door.unit() as uow:
        return tiering.give(uow, door.caller, door.shop, who, body.tier_id, body.until)


@api.post(
    "/v1/tiers/members/{customer_id}/orders",
    permission="move_points",
    answer=Membership,
    summary="Let an order or a refund count for tiers",
    example=_MEMBER,
    sends=TierOrder(order_id="1042", amount_minor=12_800, at=AT),
)
def post_tier_order(door: Door, customer_id: CustomerId, body: TierOrder) -> Membership:
    """The first telling of an order counts, and each refund once; events of orders do the same by themselves."""
    who = owner(door, customer_id)
    with door.unit() as uow:
        heard = tiering.Heard(who, body.order_id, body.at, body.amount_minor, body.refund_id)
        tier_program.the_program(uow, door.shop.shop_id)
        tiering.hear(uow, door.shop, [heard])
        return tiering.membership(uow, door.shop, who)
