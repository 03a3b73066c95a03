"""Whom to act on, and whom to remind of what, over HTTP: as JSON by page, or whole as CSV."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import Path, Query
from fastapi.responses import StreamingResponse

from regulars.access import audit
from regulars.collect import identity
from regulars.predict.next_purchase import replenishment, service
from regulars.predict.next_purchase.domain import (
    ActionRow,
    ActOnAnswer,
    ActOnRow,
    Level,
    NextProductRow,
    NextProductsAnswer,
    ShopRhythm,
    StatusRow,
    ThingRow,
)
from regulars.predict.next_purchase.export import act_on_csv, next_products_csv
from regulars.understand.metrics import asked_period
from regulars.understand.profiles import Action, Status, status_explanation
from regulars.understand.profiles.examples import AS_OF, NEXT_ORDER, ROW
from regulars.values.clock import today
from regulars.values.money import Money
from regulars.web import Api, Door
from regulars.web.downloads import Format
from regulars.web.paging import Page

api = Api(tags=["Predict"])

_STAKE, _YEARLY = NEXT_ORDER.value_at_stake, NEXT_ORDER.yearly_value
_EXAMPLE = ActOnAnswer(
    as_of=AS_OF,
    currency="CNY",
    total=1,
    yearly_value=_YEARLY,
    value_at_stake=_STAKE,
    statuses=[StatusRow("overdue", "Overdue", status_explanation("overdue"), 1, _YEARLY, _STAKE)],
    actions=[ActionRow("remind_favourite", "Remind with their favourite", 1, _STAKE)],
    rows=[
        ActOnRow(
            rank=1,
            customer_id=ROW.customer_id,
            orders=ROW.orders,
            last_order_at=datetime(2026, 9, 14, 3, 12, tzinfo=UTC),
            days_since_last=47.0,
            aov=Money(13_867, "CNY"),
            segment=ROW.segment,
            segment_name=ROW.segment_name,
            stage=ROW.stage,
            stage_name=ROW.stage_name,
            region=ROW.region,
            favourite_product="Longjing 100 g",
            next_order=NEXT_ORDER,
        )
    ],
    next=None,
    shop_rhythm=ShopRhythm(4_338, 2_790, 52.5, 0.3846, 57.0, 133.0, 0.7541, 666.58, 909_045),
)


@api.get(
    "/v1/act_on", permission="read_customers", answer=ActOnAnswer, summary="Whom to act on, by the value at stake", example=_EXAMPLE
)
def get_act_on(
    door: Door,
    status: Annotated[list[Status] | None, Query(description="overdue by default; give it several times for several")] = None,
    action: Annotated[Action | None, Query(description="Only customers this action is suggested for")] = None,
    min_value_minor: Annotated[
        int | None, Query(ge=0, le=2**53, description="At least so much at stake a year, in minor units")
    ] = None,
    first: Annotated[
        date | None,
        Query(
            alias="from", description="Only customers who ordered from this local day on; given `to` alone, from 11 months before"
        ),
    ] = None,
    to: Annotated[date | None, Query(description="Only customers who ordered up to this local day, included")] = None,
    cursor: Annotated[str | None, Query(max_length=1000, description="`next` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=service.MOST_ROWS, description="How many customers a page holds")] = 50,
    format: Format = "json",
) -> ActOnAnswer | StreamingResponse:
    """Customers past the latest day their own rhythm allows, each with the reason in a sentence and a suggested action.

    With `format=csv` the whole list is sent as a file that opens in spreadsheets, and the export is audited.
    """
    period = asked_period(door.warehouse, door.shop, first, to)
    if format == "json":
        return service.act_on(
            door.warehouse,
            door.shop,
            limit=limit,
            cursor=cursor,
            min_value_minor=min_value_minor,
            status=status,
            action=action,
            period=period,
            language=door.language,
        )
    door.caller.demand("export")
    rows = service.every_row(
        door.warehouse,
        door.shop,
        min_value_minor=min_value_minor,
        status=status,
        action=action,
        period=period,
        language=door.language,
    )
    with door.unit() as uow:
        filters = {
            "status": status,
            "action": action,
            "min_value_minor": min_value_minor,
            "from": first and str(first),
            "to": to and str(to),
        }
        audit.record(uow, door.caller, "act_on.exported", door.shop.shop_id, after=filters, shop_id=door.shop.shop_id)
    name = f"act-on-{door.shop.shop_id}-{today(door.shop.timezone)}.csv"
    return StreamingResponse(
        act_on_csv(rows, door.shop.timezone, door.language),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}"', "x-content-type-options": "nosniff"},
    )


_NEXT = NextProductRow(
    customer_id=ROW.customer_id,
    level="category",
    thing="Green tea",
    name="Green tea",
    rank=1,
    times=7,
    last_at=datetime(2026, 10, 2, 3, 12, tzinfo=UTC),
    rhythm_days=31.5,
    probability=0.6421,
    from_at=datetime(2026, 11, 2, 9, 0, tzinfo=UTC),
    likely_at=datetime(2026, 11, 9, 20, 0, tzinfo=UTC),
    to_at=datetime(2026, 11, 24, 1, 0, tzinfo=UTC),
)


@api.get(
    "/v1/next_products",
    permission="read_customers",
    answer=NextProductsAnswer,
    summary="What customers probably buy again, and when",
    example=NextProductsAnswer(
        as_of=AS_OF,
        level="category",
        window_days=30,
        total=1,
        things=[ThingRow(thing="Green tea", name="Green tea", customers=412, expected=188.3)],
        rows=[_NEXT],
        next=None,
    ),
)
def get_next_products(
    door: Door,
    level: Annotated[Level, Query(description="Categories, or products")] = "category",
    thing: Annotated[str | None, Query(max_length=200, description="Only this category, or the product with this id")] = None,
    min_probability: Annotated[float, Query(ge=0, le=1, description="At least so probable within 30 days")] = 0.0,
    cursor: Annotated[str | None, Query(max_length=1000, description="`next` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=replenishment.MOST_ROWS, description="How many rows a page holds")] = 50,
    format: Format = "json",
) -> NextProductsAnswer | StreamingResponse:
    """Whom to remind of what: the probability of buying it again within 30 days, and when; the most probable first.

    With `format=csv` the whole list is sent as a file that opens in spreadsheets, and the export is audited.
    """
    if format == "json":
        return replenishment.next_products(
            door.warehouse, door.shop, level=level, thing=thing, min_probability=min_probability, limit=limit, cursor=cursor
        )
    door.caller.demand("export")
    rows = replenishment.every_next_product(door.warehouse, door.shop, level=level, thing=thing, min_probability=min_probability)
    with door.unit() as uow:
        filters = {"level": level, "thing": thing, "min_probability": min_probability}
        audit.record(uow, door.caller, "next_products.exported", door.shop.shop_id, after=filters, shop_id=door.shop.shop_id)
    name = f"next-products-{door.shop.shop_id}-{today(door.shop.timezone)}.csv"
    return StreamingResponse(
        next_products_csv(rows, door.shop.timezone, door.language),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}"', "x-content-type-options": "nosniff"},
    )


@api.get(
    "/v1/customers/{customer_id}/next_products",
    permission="read_customers",
    answer=Page[NextProductRow],
    summary="What one customer probably buys again, and when",
    example=Page(items=[_NEXT]),
)
def get_customer_next_products(
    door: Door,
    customer_id: Annotated[str, Path(max_length=200, description="The customer; ids that were merged go on resolving")],
) -> Page[NextProductRow]:
    """Up to five categories and five products, the most probable first; empty where nothing can be told."""
    with door.reading() as uow:
        now_called = identity.customer_of(uow, door.shop.shop_id, customer_id)
    return Page(items=replenishment.next_products_of(door.warehouse, door.shop, now_called))
