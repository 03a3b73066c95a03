"""Referrals over HTTP: programmes, a customer's code, coming by a code, what operators decide, and rewards that are due."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Path, Query, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from regulars.collect import identity
from regulars.offer.referrals import service
from regulars.offer.referrals.domain import Reward, RewardKind, State
from regulars.offer.referrals.exports import referrals_table, rewards_table
from regulars.offer.referrals.reading import Referral, ReferralCode, ReferralProgramme, ReferralReward
from regulars.web import Api, Door
from regulars.web.downloads import Format, csv_file
from regulars.web.paging import Cursor, Limit, Page, page, place_of

api = Api(tags=["Offers"])

ProgrammeId = Annotated[str, Path(max_length=64, description="The programme")]
ReferralId = Annotated[str, Path(max_length=64, description="The referral")]
RewardId = Annotated[str, Path(max_length=80, description="The reward")]
_Who = Annotated[str, Field(min_length=1, max_length=200, description="The customer, as the shop names them")]
_AT = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
_EVERY = 10_000


class ReferralGift(BaseModel):
    """What one side gets."""

    model_config = ConfigDict(extra="forbid")

    kind: RewardKind
    points: int | None = Field(default=None, ge=1, le=10_000_000)
    coupon: str | None = Field(default=None, min_length=1, max_length=200, description="As the shop's coupons are named")

    def reward(self) -> Reward:
        """As the room knows it."""
        return Reward(kind=self.kind, points=self.points, coupon=self.coupon)


class NewReferralProgramme(BaseModel):
    """Who gets what for bringing somebody, and on which terms."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=120)
    referrer: ReferralGift | None = None
    friend: ReferralGift | None = None
    starts_at: AwareDatetime
    ends_at: AwareDatetime | None = None
    claim_days: int = Field(default=30, ge=1, le=365, description="Days a new customer has to order")
    return_days: int = Field(default=14, ge=0, le=365, description="Days an order can be given back; rewards wait for them")
    min_order_minor: int = Field(default=0, ge=0, lt=2**53, description="The smallest order that counts, net of refunds")
    max_per_referrer: int | None = Field(default=None, ge=1, le=1_000_000)
    link: str = Field(default="", max_length=500, description="The shop's page that a code is put behind")


class ReferralOwner(BaseModel):
    """Whose code is asked for."""

    model_config = ConfigDict(extra="forbid")

    customer_id: _Who


class NewReferral(BaseModel):
    """Who came by which code; device and address only to see whether somebody has invited themselves."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(min_length=1, max_length=40)
    customer_id: _Who
    visitor_id: str = Field(default="", max_length=200, description="The device, as its SDK names it")
    address: str = Field(default="", max_length=1000, description="Where things are sent; kept as a blind index only")


class ReferralDecision(BaseModel):
    """What an operator wants instead."""

    model_config = ConfigDict(extra="forbid")

    allow: bool
    note: str = Field(default="", max_length=400)


_PROGRAMME = ReferralProgramme(
    programme_id="referral_01k3w0d2h5q8v9x1y2z3a4b5c6",
    name="Bring a friend",
    currency="CNY",
    referrer=Reward(kind="points", points=500),
    friend=Reward(kind="coupon", coupon="WELCOME20"),
    claim_days=30,
    return_days=14,
    min_order_minor=9_900,
    max_per_referrer=20,
    link="https://shop.example/welcome",
    starts_at=_AT,
    ends_at=None,
    made_at=_AT,
    made_by="operator:op_1",
    phase="running",
    codes=412,
    counts={"claimed": 37, "ordered": 12, "review": 3, "rewarded": 81},
    rewards_due=4,
)
_CODE = ReferralCode(
    code="7KQ2MDXA",
    programme_id=_PROGRAMME.programme_id,
    customer_id="u1",
    link="https://shop.example/welcome?ref=7KQ2MDXA",
    rewarded=3,
    made_at=_AT,
)
_REFERRAL = Referral(
    referral_id="referred_01k3w0d2h5q8v9x1y2z3a4b5c6",
    programme_id=_PROGRAMME.programme_id,
    code="7KQ2MDXA",
    referrer_id="u1",
    customer_id="u77",
    state="review",
    reasons=["same_address"],
    cleared=False,
    claimed_at=_AT,
    order_id="A-1009",
    order_minor=12_800,
    ordered_at=_AT.replace(day=2),
    due_at=_AT.replace(day=16),
    decided_at=_AT.replace(day=16),
    decided_by="system:referrals",
    note="",
)
_REWARD = ReferralReward(
    reward_id=f"{_REFERRAL.referral_id}_referrer",
    referral_id=_REFERRAL.referral_id,
    programme_id=_PROGRAMME.programme_id,
    side="referrer",
    customer_id="u1",
    kind="points",
    points=500,
    coupon=None,
    due_at=_AT.replace(day=16),
    granted_at=None,
)


@api.get(
    "/v1/referral_programmes",
    permission="read_reports",
    answer=Page[ReferralProgramme],
    summary="Referral programmes, and how they go",
    example=Page(items=[_PROGRAMME]),
)
def get_referral_programmes(door: Door) -> Page[ReferralProgramme]:
    """The last to begin first."""
    with door.reading() as uow:
        return Page(items=service.listing(uow, door.shop.shop_id))


@api.post(
    "/v1/referral_programmes",
    permission="manage_offers",
    answer=ReferralProgramme,
    summary="Make a referral programme",
    status=201,
    example=replace(_PROGRAMME, codes=0, counts={}, rewards_due=0),
    sends=NewReferralProgramme(
        name=_PROGRAMME.name, referrer=ReferralGift(kind="points", points=500), friend=ReferralGift(kind="coupon", coupon="WELCOME20"),
        starts_at=_AT, min_order_minor=9_900, max_per_referrer=20, link=_PROGRAMME.link,
    ),
)  # fmt: skip
def post_referral_programme(door: Door, body: NewReferralProgramme) -> ReferralProgramme:
    """Rewards are told as `Referral Reward Due` once an order's return window is over, and stay on the list until they are given."""
    gifts = {name: gift.reward() if gift else None for name, gift in (("referrer", body.referrer), ("friend", body.friend))}
    with door.unit() as uow:
        return service.arrange(
            uow, door.caller, door.shop, referrer=gifts["referrer"], friend=gifts["friend"],
            **body.model_dump(exclude={"referrer", "friend"}),
        )  # fmt: skip


@api.get(
    "/v1/referral_programmes/{programme_id}",
    permission="read_reports",
    answer=ReferralProgramme,
    summary="One referral programme",
    example=_PROGRAMME,
)
def get_referral_programme(door: Door, programme_id: ProgrammeId) -> ReferralProgramme:
    """Its terms, and its referrals by state."""
    with door.reading() as uow:
        return service.get(uow, door.shop.shop_id, programme_id)


@api.post(
    "/v1/referral_programmes/{programme_id}/end",
    permission="manage_offers",
    answer=ReferralProgramme,
    summary="End a referral programme",
    example=_PROGRAMME,
)
def post_referral_programme_end(door: Door, programme_id: ProgrammeId) -> ReferralProgramme:
    """Nobody comes by its codes any more; who came before is still rewarded."""
    with door.unit() as uow:
        return service.end(uow, door.caller, door.shop.shop_id, programme_id)


@api.post(
    "/v1/referral_programmes/{programme_id}/codes",
    permission="load_data",
    answer=ReferralCode,
    summary="A customer's own code and link",
    example=_CODE,
    sends=ReferralOwner(customer_id="u1"),
)
def post_referral_code(door: Door, programme_id: ProgrammeId, body: ReferralOwner) -> ReferralCode:
    """Made at the first time; asked again it is the same."""
    with door.unit() as uow:
        who = identity.whom(uow, door.keyring, door.shop.shop_id, body.customer_id)
        return service.invite(uow, door.shop.shop_id, programme_id, **who._asdict())


@api.get(
    "/v1/referrals",
    permission="read_customers",
    answer=Page[Referral],
    summary="Who was brought by whom, and why it is held or refused",
    example=Page(items=[_REFERRAL]),
)
def get_referrals(
    door: Door,
    programme_id: Annotated[str | None, Query(max_length=64, description="Only of this programme")] = None,
    state: Annotated[State | None, Query(description="Only those that stand so; `review`: waiting for an operator")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
    format: Format = "json",
) -> Page[Referral] | Response:
    """The newest first."""
    place = place_of(cursor, list)
    after = (datetime.fromisoformat(place[0]), str(place[1])) if place else None
    with door.reading() as uow:
        most = _EVERY if format == "csv" else limit + 1
        found = service.referrals(uow, door.shop.shop_id, programme_id=programme_id, state=state, after=after, limit=most)
    if format == "csv":
        return csv_file(door, referrals_table(found), "referrals")
    return page(found, limit, lambda one: [one.claimed_at.isoformat(), one.referral_id])


@api.post(
    "/v1/referrals",
    permission="load_data",
    answer=Referral,
    summary="A new customer came by a code",
    example=replace(_REFERRAL, state="claimed", order_id=None, order_minor=None, ordered_at=None, due_at=None, decided_at=None,
                    decided_by=None),
    sends=NewReferral(code="7KQ2MDXA", customer_id="u77", visitor_id="7e0c7d0e-5d0a"),
)  # fmt: skip
def post_referral(door: Door, body: NewReferral) -> Referral:
    """Told again it is the same. Refused with 409 and the code `self_referral`, `already_referred`, `not_started` or `ended`."""
    with door.unit() as uow:
        who = identity.whom(uow, door.keyring, door.shop.shop_id, body.customer_id)
        told = {"code": body.code, "visitor_id": body.visitor_id, "address": body.address}
        return service.claim(uow, door.keyring, door.shop.shop_id, **told, **who._asdict())


@api.get(
    "/v1/referrals/rewards",
    permission="read_customers",
    answer=Page[ReferralReward],
    summary="Rewards of referrals that are due",
    example=Page(items=[_REWARD]),
)
def get_referral_rewards(
    door: Door,
    every: Annotated[bool, Query(description="Also those that were given")] = False,
    format: Format = "json",
) -> Page[ReferralReward] | Response:
    """The oldest first, at most 500."""
    with door.reading() as uow:
        found = service.rewards(uow, door.shop.shop_id, due=not every)
    return csv_file(door, rewards_table(found), "referral-rewards") if format == "csv" else Page(items=found)


@api.post(
    "/v1/referrals/rewards/{reward_id}/granted",
    permission="load_data",
    answer=ReferralReward,
    summary="A reward was given",
    example=_REWARD,
)
def post_referral_reward_granted(door: Door, reward_id: RewardId) -> ReferralReward:
    """Told again it changes nothing."""
    with door.unit() as uow:
        return service.grant(uow, door.shop.shop_id, reward_id, by=f"{door.caller.kind}:{door.caller.id}")


@api.get(
    "/v1/referrals/{referral_id}",
    permission="read_customers",
    answer=Referral,
    summary="One referral",
    example=_REFERRAL,
)
def get_referral(door: Door, referral_id: ReferralId) -> Referral:
    """How it stands, and why."""
    with door.reading() as uow:
        return service.one(uow, door.shop.shop_id, referral_id)


@api.post(
    "/v1/referrals/{referral_id}/decision",
    permission="manage_offers",
    answer=Referral,
    summary="Overrule what was decided of a referral",
    example=replace(_REFERRAL, state="rewarded", cleared=True, decided_by="operator:op_1", note="Mother and daughter"),
    sends=ReferralDecision(allow=True, note="Mother and daughter"),
)
def post_referral_decision(door: Door, referral_id: ReferralId, body: ReferralDecision) -> Referral:
    """Allowed: rewarded, or cleared of its signals while its time has not come. The reasons stay, and the audit trail keeps who decided."""
    with door.unit() as uow:
        return service.decide(uow, door.caller, door.shop.shop_id, referral_id, allow=body.allow, note=body.note)
