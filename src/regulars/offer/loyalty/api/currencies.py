"""Points currencies and the programme in numbers over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import Field

from regulars.offer.loyalty import currencies, overview
from regulars.offer.loyalty.api.acts import LotExpiry
from regulars.offer.loyalty.api.routes import AT, USUAL, CurrencyId, Minor, Strict, Whole, api
from regulars.offer.loyalty.currencies import CurrencyGiven, PointsCurrency
from regulars.offer.loyalty.domain.program import Expiry
from regulars.offer.loyalty.overview import PointsLapse, PointsMonth, PointsOverview
from regulars.values.money import Money
from regulars.web import Door


class PointsCurrencyChange(Strict):
    """What changes of a points currency; what is left out stays, or is as usual."""

    name: str | None = Field(default=None, max_length=80)
    name_zh: str | None = Field(default=None, max_length=80)
    points: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    per_minor: Annotated[int, Field(ge=1, le=10**9)] | None = None
    pending_days: Annotated[int, Field(ge=0, le=3_650)] | Literal["on_event"] | None = None
    expiry: LotExpiry | None = None
    return_policy: Literal["unlimited", "within_balance", "only_pending"] | None = None
    expired_return_grace_days: Annotated[int, Field(ge=0, le=3_650)] | None = None
    hold_ttl_s: Annotated[int, Field(ge=1, le=2_592_000)] | None = None
    worth_minor: Minor | None = None
    worth_points: Whole | None = None
    approve_above: Annotated[int, Field(ge=0, le=10**12)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsCurrencies:
    """Every points currency of a shop."""

    currencies: list[PointsCurrency]


_USUAL = PointsCurrency(
    currency_id="points",
    name="Points",
    name_zh="积分",
    points=1,
    per_minor=100,
    pending_days=0,
    expiry=Expiry("months", 12),
    return_policy="unlimited",
    expired_return_grace_days=30,
    hold_ttl_s=900,
    worth=Money(100, "CNY"),
    worth_points=100,
    approve_above=1_000,
)


@api.get(
    "/v1/points/currencies",
    permission="read_reports",
    answer=PointsCurrencies,
    summary="Which points does the shop give?",
    example=PointsCurrencies(currencies=[_USUAL]),
)
def get_points_currencies(door: Door) -> PointsCurrencies:
    """How each is earned, when it lapses and what it is worth. `points` is there from the first day: 1 for each whole unit of money."""
    with door.reading() as uow:
        return PointsCurrencies(currencies=currencies.currencies(uow, door.shop))


@api.put(
    "/v1/points/currencies/{currency_id}",
    permission="manage_offers",
    answer=PointsCurrency,
    summary="Make or change a points currency",
    example=_USUAL,
    sends=PointsCurrencyChange(points=1, per_minor=100, pending_days=7, expiry=LotExpiry(type="months", n=12)),
)
def put_points_currency(
    door: Door,
    currency_id: Annotated[str, Path(max_length=32, description="The points currency")],
    body: PointsCurrencyChange,
) -> PointsCurrency:
    """What was earned before keeps its own dates. `worth_minor` 0: these points pay for nothing, as a growth value does."""
    told: dict[str, Any] = body.model_dump()
    with door.unit() as uow:
        return currencies.save_currency(uow, door.caller, door.shop, currency_id, CurrencyGiven(**told))


@api.get(
    "/v1/points/overview",
    permission="read_reports",
    answer=PointsOverview,
    summary="How does the points programme do?",
    example=PointsOverview(
        currency_id="points",
        as_of=AT,
        customers=1_204,
        customers_with_points=988,
        earned=410_200,
        spent=120_400,
        expired=20_100,
        clawed=3_200,
        adjusted_out=0,
        pending=12_000,
        active=254_500,
        held=0,
        debt=0,
        outstanding=266_500,
        expected_redemption=0.8569,
        liability=Money(228_370, "CNY"),
        burn_rate=0.2935,
        breakage_rate=0.049,
        months=[PointsMonth(month=date(2026, 10, 1), earned=40_100, spent=12_000, expired=900, clawed=120)],
        lapsing=[PointsLapse(month=date(2026, 11, 1), points=8_400)],
    ),
)
def get_points_overview(door: Door, currency_id: CurrencyId = USUAL) -> PointsOverview:
    """Points outstanding and what they are likely to cost (liability), burn rate, breakage, month by month, and what lapses next."""
    with door.reading() as uow:
        return overview.overview(uow, door.shop, currency_id)
