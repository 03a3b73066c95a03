"""Customers over HTTP: the list, its filters, one customer, and its timeline."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Annotated

from fastapi import Path, Query
from fastapi.responses import StreamingResponse

from regulars.access import audit
from regulars.collect import identity
from regulars.understand.profiles import examples, one, service
from regulars.understand.profiles.domain import CustomerAnswer, CustomerPage, FilterChoices, Filters, Sort, Timeline
from regulars.understand.profiles.exports import customers_csv
from regulars.understand.profiles.timelines import KINDS, Kind
from regulars.web import Api, Door
from regulars.web.downloads import Format

api = Api(tags=["Customers"])

CustomerId = Annotated[
    str, Path(max_length=200, description="The shop's own number, or the pseudonym of an e-mail, phone or account")
]
Cursor = Annotated[str | None, Query(max_length=1000, description="`next` of the page before")]


@api.get("/v1/customers", permission="read_customers", answer=CustomerPage, summary="Search customers", example=examples.PAGE)
def get_customers(
    door: Door,
    q: Annotated[
        str | None, Query(max_length=200, description="Start of the customer number; from 3 characters on, any part")
    ] = None,
    ids: Annotated[list[str] | None, Query(max_length=1000, description="Only these, e.g. from `GET /v1/customer_lookup`")] = None,
    segment: Annotated[str | None, Query(description="RFM segment, e.g. `champions`")] = None,
    value_type: Annotated[str | None, Query(description="RFM value type, e.g. `important_keep`")] = None,
    stage: Annotated[str | None, Query(description="new, active, dormant, churned or prospect")] = None,
    region: Annotated[str | None, Query(max_length=200, description="As in `GET /v1/customer_filters`")] = None,
    channel: Annotated[str | None, Query(max_length=200, description="As in `GET /v1/customer_filters`")] = None,
    status: Annotated[str | None, Query(description="Of the next order: on_time, due, overdue or lost")] = None,
    tag: Annotated[str | None, Query(max_length=60, description="Only who has this tag, by hand or by its rule")] = None,
    min_orders: Annotated[int | None, Query(ge=0, le=1_000_000_000, description="At least so many orders")] = None,
    max_orders: Annotated[int | None, Query(ge=0, le=1_000_000_000, description="At most so many orders")] = None,
    min_net_minor: Annotated[int | None, Query(ge=-(2**53), le=2**53, description="Net revenue, in minor units")] = None,
    first: Annotated[
        date | None,
        Query(
            alias="from", description="Only customers who ordered from this local day on; given `to` alone, from 11 months before"
        ),
    ] = None,
    to: Annotated[date | None, Query(description="Only customers who ordered up to this local day, included")] = None,
    sort: Annotated[Sort, Query(description="Highest or latest first, but customer_id from A on")] = "net",
    descending: Annotated[bool | None, Query(description="Turn the order round")] = None,
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=service.MOST_ROWS, description="How many customers a page holds")] = 50,
    format: Format = "json",
) -> CustomerPage | StreamingResponse:
    """Customers that pass all filters, by page. Finding by e-mail or phone: `GET /v1/customer_lookup`, then `ids`.

    With `format=csv` all of them are sent as one file, and the export is audited.
    """
    filters = Filters(
        text=q,
        customer_ids=None if ids is None else tuple(ids),
        segment=segment,
        value_type=value_type,
        stage=stage,
        region=region,
        channel=channel,
        status=status,
        tag=tag,
        min_orders=min_orders,
        max_orders=max_orders,
        min_net_minor=min_net_minor,
        from_on=first,
        to_on=to,
    )
    if format == "csv":
        door.caller.demand("export")
        rows = service.every_customer(
            door.warehouse, door.shop, filters=filters, sort=sort, descending=descending, language=door.language
        )
        asked = {
            name: str(value) if isinstance(value, date) else value
            for name, value in asdict(filters).items()
            if value is not None and name not in ("text", "customer_ids")
        }
        with door.unit() as uow:
            audit.record(uow, door.caller, "customers.exported", door.shop.shop_id, after=asked, shop_id=door.shop.shop_id)
        return StreamingResponse(
            customers_csv(rows),
            media_type="text/csv; charset=utf-8",
            headers={"content-disposition": 'attachment; filename="customers.csv"', "x-content-type-options": "nosniff"},
        )
    return service.search(
        door.warehouse,
        door.shop,
        filters=filters,
        sort=sort,
        descending=descending,
        cursor=cursor,
        limit=limit,
        language=door.language,
    )


@api.get(
    "/v1/customer_filters",
    permission="read_customers",
    answer=FilterChoices,
    summary="What the customer list can be filtered by",
    example=examples.CHOICES,
)
def get_customer_filters(door: Door) -> FilterChoices:
    """Segments, stages, regions, channels and tags that occur, with their customers."""
    return service.filter_choices(door.warehouse, door.shop, language=door.language)


@api.get(
    "/v1/customers/{customer_id}",
    permission="read_customers",
    answer=CustomerAnswer,
    summary="One customer",
    example=examples.CUSTOMER,
)
def get_customer(door: Door, customer_id: CustomerId) -> CustomerAnswer:
    """Numbers, RFM in words, stage, rhythm, next order, favourites, and the first page of the timeline."""
    return one.customer(door.warehouse, door.shop, _now(door, customer_id), language=door.language)


@api.get(
    "/v1/customers/{customer_id}/timeline",
    permission="read_customers",
    answer=Timeline,
    summary="What a customer did, newest first",
    example=examples.TIMELINE,
)
def get_customer_timeline(
    door: Door,
    customer_id: CustomerId,
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=200, description="How many entries a page holds")] = 20,
    kind: Annotated[list[Kind] | None, Query(description="Only these kinds; may be repeated")] = None,
) -> Timeline:
    """Orders with their 20 largest lines, refunds, reviews, events, segments entered and left, and the registration."""
    asked = kind or KINDS
    return one.timeline(door.warehouse, door.shop, _now(door, customer_id), cursor=cursor, limit=limit, kinds=asked)


def _now(door: Door, customer_id: str) -> str:
    """The customer an id belongs to by now: ids that were merged go on resolving."""
    with door.reading() as uow:
        return identity.customer_of(uow, door.shop.shop_id, customer_id)
