"""Group buys over HTTP: offers, groups and their seats, and payments that are to be given back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Path, Query, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from regulars.collect import identity
from regulars.offer.group_buys import service
from regulars.offer.group_buys.domain import LARGEST_GROUP
from regulars.offer.group_buys.exports import groups_table, offers_table, refunds_table
from regulars.offer.group_buys.grouping import SeatAnswer
from regulars.offer.group_buys.reading import GroupBuy, GroupRefund, GroupState, Member, Phase
from regulars.web import Api, Door
from regulars.web.downloads import Format, csv_file
from regulars.web.paging import Cursor, Limit, Page, page, place_of

api = Api(tags=["Offers"])

OfferId = Annotated[str, Path(max_length=64, description="The group buy")]
GroupId = Annotated[str, Path(max_length=128, description="The group, by the id it was opened under")]
RefundId = Annotated[str, Path(max_length=80, description="The payment to be given back")]
_Minor = Annotated[int, Field(ge=0, lt=2**53, description="In the smallest unit of the shop's currency")]
_Who = Annotated[str, Field(min_length=1, max_length=200, description="The customer, as the shop names them")]
_AT = datetime(2026, 11, 11, 2, 0, tzinfo=UTC)
_EVERY = 10_000


class NewGroupBuy(BaseModel):
    """A product at the price of a group."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=120)
    product_id: str = Field(min_length=1, max_length=200)
    price_minor: _Minor
    list_price_minor: _Minor | None = None
    size: int = Field(ge=2, le=LARGEST_GROUP, description="Members who must have paid")
    window_s: int = Field(default=86_400, ge=60, le=2_592_000, description="From the leader's payment to the deadline, in seconds")
    pay_ttl_s: int = Field(default=600, ge=1, le=2_592_000, description="How long a seat is held unpaid, in seconds")
    starts_at: AwareDatetime
    ends_at: AwareDatetime


class NewGroup(BaseModel):
    """Who leads."""

    model_config = ConfigDict(extra="forbid")

    customer_id: _Who
    group_id: str | None = Field(default=None, min_length=1, max_length=128, description="The shop's own id of the group")


class GroupMember(BaseModel):
    """Whose seat is meant."""

    model_config = ConfigDict(extra="forbid")

    customer_id: _Who


_OFFER = GroupBuy(
    offer_id="groupbuy_01k3w0d2h5q8v9x1y2z3a4b5c6",
    name="Three for tea",
    product_id="longjing-100",
    currency="CNY",
    price_minor=8_800,
    list_price_minor=12_800,
    size=3,
    window_s=86_400,
    pay_ttl_s=600,
    starts_at=_AT,
    ends_at=_AT.replace(day=18),
    made_at=_AT.replace(day=1),
    made_by="operator:op_1",
    phase="running",
    open_groups=14,
    successes=61,
    failures=9,
    refunds_due=2,
)
_SEAT = SeatAnswer(
    group_id="g-771",
    customer_id="u2",
    status="paid",
    group="success",
    expires_at=_AT.replace(hour=3, minute=10),
    deadline_at=_AT.replace(day=12),
)
_GROUP = GroupState(
    group_id="g-771",
    offer_id=_OFFER.offer_id,
    product_id="longjing-100",
    currency="CNY",
    price_minor=8_800,
    size=3,
    status="open",
    leader="u1",
    paid=1,
    held=1,
    opened_at=_AT,
    deadline_at=_AT.replace(day=12),
    closed_at=None,
    members=[
        Member(customer_id="u1", status="paid", leader=True, held_at=_AT, expires_at=_AT.replace(minute=10), paid_at=_AT),
        Member(customer_id="u2", status="held", leader=False, held_at=_AT, expires_at=_AT.replace(minute=10), paid_at=None),
    ],
)
_REFUND = GroupRefund(
    refund_id="refund_seat_01k3w0d2h5q8v9x1y2z3a4b5c6",
    offer_id=_OFFER.offer_id,
    group_id="g-771",
    customer_id="u1",
    amount_minor=8_800,
    currency="CNY",
    reason="failed",
    due_at=_AT.replace(day=12),
    done_at=None,
)


@api.get(
    "/v1/group_buys",
    permission="read_reports",
    answer=Page[GroupBuy],
    summary="Group buys, and how their groups stand",
    example=Page(items=[_OFFER]),
)
def get_group_buys(
    door: Door,
    phase: Annotated[Phase | None, Query(description="Only those that are planned, running or ended")] = None,
    format: Format = "json",
) -> Page[GroupBuy] | Response:
    """The last to begin first."""
    with door.reading() as uow:
        found = service.listing(uow, door.shop.shop_id, phase=phase)
    return csv_file(door, offers_table(found), "group-buys") if format == "csv" else Page(items=found)


@api.post(
    "/v1/group_buys",
    permission="manage_offers",
    answer=GroupBuy,
    summary="Offer a product at a group's price",
    status=201,
    example=_OFFER,
    sends=NewGroupBuy(
        name=_OFFER.name, product_id=_OFFER.product_id, price_minor=8_800, list_price_minor=12_800, size=3,
        starts_at=_OFFER.starts_at, ends_at=_OFFER.ends_at,
    ),
)  # fmt: skip
def post_group_buy(door: Door, body: NewGroupBuy) -> GroupBuy:
    """In the shop's currency. Price, size and times are fixed for a group when it opens."""
    with door.unit() as uow:
        return service.arrange(uow, door.caller, door.shop, **body.model_dump())


@api.get(
    "/v1/group_buys/refunds",
    permission="read_customers",
    answer=Page[GroupRefund],
    summary="Payments of groups that are to be given back",
    example=Page(items=[_REFUND]),
)
def get_group_refunds(
    door: Door,
    every: Annotated[bool, Query(description="Also those that were given back")] = False,
    format: Format = "json",
) -> Page[GroupRefund] | Response:
    """The oldest first, at most 500: of groups that failed, of members who left, and of payments that came too late."""
    with door.reading() as uow:
        found = service.refunds(uow, door.shop.shop_id, due=not every)
    return csv_file(door, refunds_table(found), "group-refunds") if format == "csv" else Page(items=found)


@api.post(
    "/v1/group_buys/refunds/{refund_id}/done",
    permission="load_data",
    answer=GroupRefund,
    summary="A payment of a group was given back",
    example=_REFUND,
)
def post_group_refund_done(door: Door, refund_id: RefundId) -> GroupRefund:
    """Told again it changes nothing."""
    with door.unit() as uow:
        return service.refunded(uow, door.shop.shop_id, refund_id)


@api.get(
    "/v1/group_buys/groups/{group_id}",
    permission="read_customers",
    answer=GroupState,
    summary="One group, with its members",
    example=_GROUP,
)
def get_group(door: Door, group_id: GroupId) -> GroupState:
    """As it stands at this instant: a deadline that has passed has passed, whether or not a job has run."""
    with door.reading() as uow:
        return service.group(uow, door.shop.shop_id, group_id)


@api.post(
    "/v1/group_buys/groups/{group_id}/seats",
    permission="load_data",
    answer=SeatAnswer,
    summary="Join a group",
    example=_SEAT,
    sends=GroupMember(customer_id="u2"),
)
def post_group_seat(door: Door, group_id: GroupId, body: GroupMember) -> SeatAnswer:
    """A seat is held until `expires_at`. Refused with 409 and the code `group_not_open`, `group_full` or `already_joined`."""
    with door.unit() as uow:
        who = identity.whom(uow, door.keyring, door.shop.shop_id, body.customer_id)
        return service.join(uow, door.shop.shop_id, group_id, **who._asdict())


@api.post(
    "/v1/group_buys/groups/{group_id}/payments",
    permission="load_data",
    answer=SeatAnswer,
    summary="A seat was paid",
    example=_SEAT,
    sends=GroupMember(customer_id="u2"),
)
def post_group_payment(door: Door, group_id: GroupId, body: GroupMember) -> SeatAnswer:
    """The payment provider's callback, as often as it comes. `refund_required` where the seat has lapsed or the group is over."""
    with door.unit() as uow:
        who = identity.whom(uow, door.keyring, door.shop.shop_id, body.customer_id)
        return service.pay(uow, door.shop.shop_id, group_id, customer_id=who.customer_id)


@api.post(
    "/v1/group_buys/groups/{group_id}/departures",
    permission="load_data",
    answer=SeatAnswer,
    summary="Leave a group",
    example=SeatAnswer(
        group_id="g-771",
        customer_id="u2",
        status="refunded",
        group="open",
        expires_at=_SEAT.expires_at,
        deadline_at=_SEAT.deadline_at,
    ),
    sends=GroupMember(customer_id="u2"),
)
def post_group_departure(door: Door, group_id: GroupId, body: GroupMember) -> SeatAnswer:
    """While it is not complete. What was paid is to be given back; another leads where the leader left."""
    with door.unit() as uow:
        who = identity.whom(uow, door.keyring, door.shop.shop_id, body.customer_id)
        return service.leave(uow, door.shop.shop_id, group_id, customer_id=who.customer_id)


@api.get(
    "/v1/group_buys/{offer_id}",
    permission="read_reports",
    answer=GroupBuy,
    summary="One group buy",
    example=_OFFER,
)
def get_group_buy(door: Door, offer_id: OfferId) -> GroupBuy:
    """Its price, size and times, and how its groups stand."""
    with door.reading() as uow:
        return service.get(uow, door.shop.shop_id, offer_id)


@api.post(
    "/v1/group_buys/{offer_id}/end",
    permission="manage_offers",
    answer=GroupBuy,
    summary="Let no more groups open",
    example=_OFFER,
)
def post_group_buy_end(door: Door, offer_id: OfferId) -> GroupBuy:
    """Groups that are open go on to their own deadline."""
    with door.unit() as uow:
        return service.end(uow, door.caller, door.shop.shop_id, offer_id)


@api.get(
    "/v1/group_buys/{offer_id}/groups",
    permission="read_customers",
    answer=Page[GroupState],
    summary="The groups of a group buy",
    example=Page(items=[_GROUP]),
)
def get_groups(
    door: Door, offer_id: OfferId, limit: Limit = 100, cursor: Cursor = None, format: Format = "json"
) -> Page[GroupState] | Response:
    """The newest first, as they stand at this instant."""
    place = place_of(cursor, list)
    after = (datetime.fromisoformat(place[0]), str(place[1])) if place else None
    with door.reading() as uow:
        most = _EVERY if format == "csv" else limit + 1
        found = service.groups(uow, door.shop.shop_id, offer_id, after=after, limit=most)
    if format == "csv":
        return csv_file(door, groups_table(found), "groups")
    return page(found, limit, lambda one: [one.opened_at.isoformat(), one.group_id])


@api.post(
    "/v1/group_buys/{offer_id}/groups",
    permission="load_data",
    answer=SeatAnswer,
    summary="Open a group",
    example=SeatAnswer(
        group_id="g-771", customer_id="u1", status="held", group="pending", expires_at=_AT.replace(minute=10), deadline_at=None
    ),
    sends=NewGroup(customer_id="u1", group_id="g-771"),
)
def post_group(door: Door, offer_id: OfferId, body: NewGroup) -> SeatAnswer:
    """The leader's seat is held; others may join once it is paid. The same id with the same leader gives the same answer."""
    with door.unit() as uow:
        who = identity.whom(uow, door.keyring, door.shop.shop_id, body.customer_id)
        return service.open_group(uow, door.shop.shop_id, offer_id, group_id=body.group_id, **who._asdict())
