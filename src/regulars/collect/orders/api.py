"""Exchange rates over HTTP: what other currencies are worth, and what waits for a rate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated

from fastapi import Path, Response
from pydantic import BaseModel, ConfigDict, Field

from regulars.collect.orders import rates
from regulars.collect.orders.domain.rates import CurrencyRate
from regulars.collect.orders.rates import WaitingOrders
from regulars.web import Api, Door

api = Api(tags=["Orders"])

_AT = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
_RATE = CurrencyRate(
    currency="USD", from_on=date(2026, 1, 1), rate=Decimal("7.1034"), told_at=_AT, told_by="operator:op_01m7zsbyk3"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrencyRates:
    """A shop's rates, and what waits for one."""

    rates: list[CurrencyRate]
    waiting: list[WaitingOrders]


class RateToTell(BaseModel):
    """What one unit of a currency is worth in the shop's own; `rate` is an exact decimal, as text."""

    model_config = ConfigDict(extra="forbid")

    currency: Annotated[str, Field(min_length=3, max_length=3)]
    from_on: date
    rate: Annotated[str, Field(max_length=40)]


@api.get(
    "/v1/currency_rates",
    permission="read_reports",
    answer=CurrencyRates,
    summary="What other currencies are worth",
    example=CurrencyRates(rates=[_RATE], waiting=[WaitingOrders(currency="EUR", orders=3, first_at=_AT, last_at=_AT)]),
)
def get_currency_rates(door: Door) -> CurrencyRates:
    """Rates by currency and day, and the orders that are set aside until a rate for their day is told."""
    with door.reading() as uow:
        told = rates.told_rates(uow, door.shop.shop_id)
    return CurrencyRates(rates=told, waiting=rates.waiting_orders(door.warehouse, door.shop))


@api.put(
    "/v1/currency_rates",
    permission="manage_shop",
    answer=CurrencyRate,
    summary="Tell a rate",
    example=_RATE,
    sends=RateToTell(currency="USD", from_on=date(2026, 1, 1), rate="7.1034"),
)
def put_currency_rate(door: Door, body: RateToTell) -> CurrencyRate:
    """Holds from the beginning of that day in the shop's zone until the next rate; orders that waited are taken in a few seconds."""
    with door.unit() as uow:
        return rates.tell_rate(uow, door.caller, door.shop, currency=body.currency, rate=body.rate, from_on=body.from_on)


@api.delete(
    "/v1/currency_rates/{currency}/{from_on}", permission="manage_shop", answer=None, status=204, summary="Take a rate back"
)
def delete_currency_rate(
    door: Door,
    currency: Annotated[str, Path(max_length=3, description="ISO 4217 code")],
    from_on: Annotated[date, Path(description="The day it begins")],
) -> Response:
    """The rate before it holds for its days; without one, their orders wait again."""
    with door.unit() as uow:
        rates.take_back_rate(uow, door.caller, door.shop, currency=currency, from_on=from_on)
    return Response(status_code=204)
