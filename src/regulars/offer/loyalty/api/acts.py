"""Moving points over HTTP: earn, spend, hold, return, refund. Each call is answered after a forced write that it may share with others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import AwareDatetime, Field

from regulars.offer.loyalty import moving
from regulars.offer.loyalty.api.routes import AT, USUAL, CurrencyId, CustomerId, Key, Minor, Strict, Whole, api, owner
from regulars.offer.loyalty.domain.program import read_expiry
from regulars.offer.loyalty.domain.wishes import Wish
from regulars.values import clock
from regulars.web import Door

SpendKey = Annotated[str, Path(max_length=180, description="The key of the spend, or of the hold that was captured")]
HoldKey = Annotated[str, Path(max_length=180, description="The key of the hold")]
OrderId = Annotated[str, Path(max_length=200, description="The order")]


class LotExpiry(Strict):
    """How long points live: `never`, so many `days` or `months`, or to the end of the year after `n` more."""

    type: Literal["never", "days", "months", "year_end"]
    n: int = Field(default=0, ge=0, le=36_500)


class EarnPoints(Strict):
    """Points to be earned: by an order's net goods amount, or a number."""

    key: Key
    order_id: str | None = Field(default=None, min_length=1, max_length=200)
    amount_minor: Minor | None = None
    points: Whole | None = None
    multiplier_bps: int = Field(default=10_000, ge=0, le=1_000_000)
    event_at: AwareDatetime | None = Field(default=None, description="When it happened; now where it is left out")
    pending_days: Annotated[int, Field(ge=0, le=3_650)] | Literal["on_event"] | None = None
    expiry: LotExpiry | None = None


class SpendPoints(Strict):
    """Points to be spent, all of them or none."""

    key: Key
    points: Whole
    order_id: str | None = Field(default=None, min_length=1, max_length=200)


class HoldPoints(SpendPoints):
    """Points to be put aside while an order is paid."""

    ttl_s: int | None = Field(default=None, ge=1, le=2_592_000)


class ReturnPoints(Strict):
    """How many points of a spend come back."""

    key: Key
    points: Whole


class RefundOrder(Strict):
    """How much of an order's net goods amount was given back so far, all refunds together."""

    key: Key
    cum_refunded_minor: Minor


class ActKey(Strict):
    """Only a key."""

    key: Key


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsTake:
    """Points of one lot."""

    lot: str
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsEarned:
    """How many points were earned."""

    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsConsumed:
    """Which lots a spend took, those that lapse first before others."""

    consumed: list[PointsTake]


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsCameBack:
    """To which lots points came back; what had lapsed came back in a lot named by the key."""

    returned: list[PointsTake]


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsClawback:
    """What a refund takes back, and from where."""

    clawback: int
    own_lot: int
    already_expired: int
    other_lots: int
    debt: int
    written_off: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsHeld:
    """Points put aside, until when."""

    held: int
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsCaptured:
    """Held points that were spent."""

    captured: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsReleased:
    """Held points that are free again."""

    released: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsActivated:
    """Pending points that became spendable."""

    activated: int


def _do(door: Door, customer_id: str, currency_id: str, wish: Wish) -> dict[str, Any]:
    asked = moving.Asked(door.shop.shop_id, owner(door, customer_id), wish, currency_id)
    return moving.together(door.records).move(asked)


def _by(door: Door) -> str:
    return f"{door.caller.kind}:{door.caller.id}"[:128]


@api.post(
    "/v1/points/accounts/{customer_id}/earnings",
    permission="move_points",
    answer=PointsEarned,
    summary="Let a customer earn points",
    example=PointsEarned(points=128),
    sends=EarnPoints(key="order-1042", order_id="1042", amount_minor=12_800),
    replayable=False,
)
def post_earning(door: Door, customer_id: CustomerId, body: EarnPoints, currency_id: CurrencyId = USUAL) -> PointsEarned:
    """For shops that send no `Order Completed` events, and for whatever no earn rule covers. `key` makes it happen once."""
    wish = Wish(
        verb="earn",
        key=body.key,
        at=clock.now(),
        points=body.points,
        order_id=body.order_id,
        amount_minor=body.amount_minor,
        multiplier_bps=body.multiplier_bps,
        event_at=body.event_at,
        pending_days=body.pending_days,
        expiry=None if body.expiry is None else read_expiry(body.expiry.model_dump()),
        source=_by(door),
    )
    return PointsEarned(**_do(door, customer_id, currency_id, wish))


@api.post(
    "/v1/points/accounts/{customer_id}/orders/{order_id}/activation",
    permission="move_points",
    answer=PointsActivated,
    summary="Let an order's pending points become spendable",
    example=PointsActivated(activated=128),
    sends=ActKey(key="order-1042-received"),
    replayable=False,
)
def post_activation(
    door: Door, customer_id: CustomerId, order_id: OrderId, body: ActKey, currency_id: CurrencyId = USUAL
) -> PointsActivated:
    """As when the parcel was received or the return period is over."""
    wish = Wish(verb="activate", key=body.key, at=clock.now(), order_id=order_id, source=_by(door))
    return PointsActivated(**_do(door, customer_id, currency_id, wish))


@api.post(
    "/v1/points/accounts/{customer_id}/orders/{order_id}/refunds",
    permission="move_points",
    answer=PointsClawback,
    summary="Take back what a refunded order earned",
    example=PointsClawback(clawback=64, own_lot=64, already_expired=0, other_lots=0, debt=0, written_off=0),
    sends=RefundOrder(key="refund-77", cum_refunded_minor=6_400),
    replayable=False,
)
def post_points_refund(
    door: Door, customer_id: CustomerId, order_id: OrderId, body: RefundOrder, currency_id: CurrencyId = USUAL
) -> PointsClawback:
    """From the order's own points first, then others; what is not there any more becomes debt or is written off, as the currency says."""
    wish = Wish(
        verb="refund", key=body.key, at=clock.now(), order_id=order_id, cum_refunded_minor=body.cum_refunded_minor, source=_by(door)
    )
    return PointsClawback(**_do(door, customer_id, currency_id, wish))


@api.post(
    "/v1/points/accounts/{customer_id}/spends",
    permission="move_points",
    answer=PointsConsumed,
    summary="Spend points",
    example=PointsConsumed(consumed=[PointsTake(lot="order-1042", points=100)]),
    sends=SpendPoints(key="order-1050", points=100, order_id="1050"),
    replayable=False,
)
def post_spend(door: Door, customer_id: CustomerId, body: SpendPoints, currency_id: CurrencyId = USUAL) -> PointsConsumed:
    """All of them or none (`insufficient_points`). Points that lapse first go first."""
    wish = Wish(verb="spend", key=body.key, at=clock.now(), points=body.points, order_id=body.order_id, source=_by(door))
    return PointsConsumed(consumed=_takes(_do(door, customer_id, currency_id, wish)["consumed"]))


@api.post(
    "/v1/points/accounts/{customer_id}/spends/{spend_key}/returns",
    permission="move_points",
    answer=PointsCameBack,
    summary="Give spent points back",
    example=PointsCameBack(returned=[PointsTake(lot="order-1042", points=40)]),
    sends=ReturnPoints(key="order-1050-cancelled", points=40),
    replayable=False,
)
def post_points_return(
    door: Door, customer_id: CustomerId, spend_key: SpendKey, body: ReturnPoints, currency_id: CurrencyId = USUAL
) -> PointsCameBack:
    """To the lots they came from, last taken first, and never more than the spend took. What lapsed meanwhile gets a time of grace."""
    wish = Wish(verb="return", key=body.key, at=clock.now(), points=body.points, refers_to=spend_key, source=_by(door))
    return PointsCameBack(returned=_takes(_do(door, customer_id, currency_id, wish)["returned"]))


@api.post(
    "/v1/points/accounts/{customer_id}/holds",
    permission="move_points",
    answer=PointsHeld,
    summary="Put points aside",
    example=PointsHeld(held=100, expires_at=AT),
    sends=HoldPoints(key="cart-9", points=100, ttl_s=900),
    replayable=False,
)
def post_hold(door: Door, customer_id: CustomerId, body: HoldPoints, currency_id: CurrencyId = USUAL) -> PointsHeld:
    """While an order is paid. At its end the hold is released by itself; held points do not lapse."""
    wish = Wish(
        verb="hold", key=body.key, at=clock.now(), points=body.points, order_id=body.order_id, ttl_s=body.ttl_s, source=_by(door)
    )
    told = _do(door, customer_id, currency_id, wish)
    return PointsHeld(held=told["held"], expires_at=datetime.fromisoformat(told["expires_at"]))


@api.post(
    "/v1/points/accounts/{customer_id}/holds/{hold_key}/capture",
    permission="move_points",
    answer=PointsCaptured,
    summary="Spend held points",
    example=PointsCaptured(captured=100),
    sends=ActKey(key="order-1050-paid"),
    replayable=False,
)
def post_capture(
    door: Door, customer_id: CustomerId, hold_key: HoldKey, body: ActKey, currency_id: CurrencyId = USUAL
) -> PointsCaptured:
    """Refused with `hold_not_active` where the hold has ended."""
    wish = Wish(verb="capture", key=body.key, at=clock.now(), refers_to=hold_key, source=_by(door))
    return PointsCaptured(**_do(door, customer_id, currency_id, wish))


@api.post(
    "/v1/points/accounts/{customer_id}/holds/{hold_key}/release",
    permission="move_points",
    answer=PointsReleased,
    summary="Let held points go",
    example=PointsReleased(released=100),
    sends=ActKey(key="order-1050-dropped"),
    replayable=False,
)
def post_release(
    door: Door, customer_id: CustomerId, hold_key: HoldKey, body: ActKey, currency_id: CurrencyId = USUAL
) -> PointsReleased:
    """They can be spent again at once; those whose lot lapsed meanwhile lapse."""
    wish = Wish(verb="release", key=body.key, at=clock.now(), refers_to=hold_key, source=_by(door))
    return PointsReleased(**_do(door, customer_id, currency_id, wish))


def _takes(told: list[dict[str, Any]]) -> list[PointsTake]:
    return [PointsTake(lot=one["lot"], points=one["points"]) for one in told]
