"""A customer's points over HTTP: balance, statement, birthday; and corrections by hand with approval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Path, Query, Response
from pydantic import Field

from regulars.offer.loyalty import birthdays, corrections, reading
from regulars.offer.loyalty.api.routes import AT, LATER, USUAL, WHO, CurrencyId, CustomerId, Strict, api, owner
from regulars.offer.loyalty.corrections import Correction, CorrectionState
from regulars.offer.loyalty.reading import PointsBalance, PointsLine, PointsLot, PointsTotals
from regulars.values.csv import Table
from regulars.values.money import Money
from regulars.web import Door
from regulars.web.downloads import Format, csv_file
from regulars.web.paging import Cursor, Limit, Page, cursor_of, place_of

RequestId = Annotated[str, Path(max_length=40, description="The correction")]


class CorrectPoints(Strict):
    """Points to be given, or taken where negative, and why."""

    customer_id: str = Field(min_length=1, max_length=200)
    points: int = Field(ge=-(10**12), le=10**12)
    reason: Literal["goodwill", "complaint", "mistake", "missing", "abuse", "other"]
    note: str = Field(default="", max_length=500)
    currency: str = Field(default=USUAL, max_length=32)


class Decision(Strict):
    """Whether a correction is approved."""

    approve: bool


class Birthday(Strict):
    """Month and day; the year is not asked for."""

    month: int = Field(ge=1, le=12)
    day: int = Field(ge=1, le=31)


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrections:
    """Corrections, the newest first."""

    corrections: list[Correction]


_CORRECTION = Correction(
    request_id="correction_01k3w0d2h5q8v9x1y2z3a4b5c6",
    customer_id=WHO,
    currency_id="points",
    points=200,
    applied=200,
    reason="goodwill",
    note="Parcel came late",
    state="approved",
    asked_by="operator:operator_01m7zsbyk3",
    asked_at=AT,
    decided_by=None,
    decided_at=AT,
)
_LINE = PointsLine(
    position=3,
    at=AT,
    kind="spend",
    points=100,
    pending_change=0,
    balance_change=-100,
    balance_after=28,
    key="order-1050",
    about="1050",
    source="api_key:7c1pq0zx",
    note="",
)


@api.get(
    "/v1/points/accounts/{customer_id}",
    permission="read_customers",
    answer=PointsBalance,
    summary="What points does a customer have?",
    example=PointsBalance(
        customer_id=WHO,
        currency_id="points",
        as_of=AT,
        balance=28,
        active=28,
        pending=0,
        held=0,
        debt=0,
        worth=Money(28, "CNY"),
        next_expiry_at=LATER,
        next_expiry_points=28,
        lots=[
            PointsLot(
                lot="order-1042",
                remaining=28,
                held=0,
                state="active",
                earned_at=AT,
                activates_at=AT,
                expires_at=LATER,
                order_id="1042",
            )
        ],
        totals=PointsTotals(earned=128, spent=100, expired=0, clawed=0, repaid=0, adjusted_out=0, written_off=0),
    ),
)
def get_points_account(door: Door, customer_id: CustomerId, currency_id: CurrencyId = USUAL) -> PointsBalance:
    """As of now, exact to the instant: what became spendable or lapsed a second ago counts. Nobody's account is empty, not missing."""
    who = owner(door, customer_id)
    with door.reading() as uow:
        return reading.balance(uow, door.shop, who, currency_id)


@api.get(
    "/v1/points/accounts/{customer_id}/statement",
    permission="read_customers",
    answer=Page[PointsLine],
    summary="A customer's statement",
    example=Page(items=[_LINE]),
)
def get_points_statement(
    door: Door,
    customer_id: CustomerId,
    currency_id: CurrencyId = USUAL,
    limit: Limit = 50,
    cursor: Cursor = None,
    format: Format = "json",
) -> Page[PointsLine] | Response:
    """Every act of the journal, the newest first, with what it changed and the balance after it."""
    who = owner(door, customer_id)
    with door.reading() as uow:
        found = reading.statement(uow, door.shop, who, currency_id, limit=limit, place=place_of(cursor, list))
    if format == "csv":
        names = ("at", "kind", "points", "pending_change", "balance_change", "balance_after", "key", "about", "source", "note")
        rows = tuple(tuple(getattr(line, name) for name in names) for line in found.lines)
        return csv_file(door, Table(names, rows), "statement")
    return Page(items=found.lines, next=None if found.next is None else cursor_of(found.next))


@api.put(
    "/v1/points/accounts/{customer_id}/birthday",
    permission="move_points",
    answer=None,
    status=204,
    summary="Tell a customer's birthday",
    sends=Birthday(month=6, day=18),
)
def put_birthday(door: Door, customer_id: CustomerId, body: Birthday) -> Response:
    """For earn rules of birthdays: points come on the day, once a year."""
    who = owner(door, customer_id)
    with door.unit() as uow:
        birthdays.tell_birthday(uow, door.caller, door.shop, who, body.month, body.day)
    return Response(status_code=204)


@api.get(
    "/v1/points/corrections",
    permission="move_points",
    answer=Corrections,
    summary="Which points were given or taken by hand?",
    example=Corrections(corrections=[_CORRECTION]),
)
def get_corrections(
    door: Door,
    state: Annotated[CorrectionState | None, Query(description="Only those in this state")] = None,
    limit: Limit = 100,
) -> Corrections:
    """With who asked, why, and who approved; `waiting` ones need a second operator."""
    with door.reading() as uow:
        return Corrections(corrections=corrections.corrections(uow, door.shop.shop_id, state=state, limit=limit))


@api.post(
    "/v1/points/corrections",
    permission="move_points",
    answer=Correction,
    summary="Give or take points by hand",
    example=_CORRECTION,
    sends=CorrectPoints(customer_id=WHO, points=200, reason="goodwill", note="Parcel came late"),
    status=201,
)
def post_correction(door: Door, body: CorrectPoints) -> Correction:
    """Taking stops at zero. More than the currency's `approve_above` waits for a second operator."""
    who = owner(door, body.customer_id)
    with door.unit() as uow:
        return corrections.correct(
            uow, door.caller, door.shop, who, body.points, body.reason, note=body.note, currency_id=body.currency
        )


@api.post(
    "/v1/points/corrections/{request_id}/decision",
    permission="manage_offers",
    answer=Correction,
    summary="Approve or refuse a correction",
    example=_CORRECTION,
    sends=Decision(approve=True),
)
def post_correction_decision(door: Door, request_id: RequestId, body: Decision) -> Correction:
    """Nobody approves what they asked for themselves."""
    with door.unit() as uow:
        return corrections.decide(uow, door.caller, door.shop, request_id, approve=body.approve)
