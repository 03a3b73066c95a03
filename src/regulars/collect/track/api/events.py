"""Events over HTTP: reading them back and counting them, and the sources that send them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field

from regulars.collect.track import reading, sources
from regulars.collect.track.queries import EventFilters, GroupBy
from regulars.collect.track.reading import EventCount, EventRow
from regulars.collect.track.sources import NewSource, Source
from regulars.web import Api, Door
from regulars.web.paging import Cursor, Limit, Page, page, place_of

api = Api(tags=["Events"])

_AT = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
_SOURCE = Source(
    source_id="source_01m7zsbyk3",
    shop_id="tea",
    name="Web shop",
    kind="browser",
    enforce_schema=False,
    origins=("https://tea.example",),
    silent_after_minutes=1440,
    created_at=_AT,
    disabled_at=None,
    old_key_until=None,
    events=48_210,
    duplicates=12,
    quarantined=3,
    last_event_at=_AT,
    state="sending",
)
_NEW = NewSource(source=_SOURCE, write_key="rg_write_7c1pq0zx_" + "0" * 32)
_EVENT = EventRow(
    **{name: None for name in EventRow.__dataclass_fields__ if name not in ("price", "quantity")}  # type: ignore[arg-type]
    | {
        "source_id": _SOURCE.source_id,
        "message_id": "ajs-next-1795291981828",
        "type": "track",
        "event": "Product Viewed",
        "customer_id": "17850",
        "is_known": True,
        "user_id": "17850",
        "timestamp": _AT,
        "received_at": _AT,
        "product_id": "p1",
        "price": Decimal("19.9000"),
        "quantity": None,
        "currency": "CNY",
        "is_bot": False,
        "is_history": False,
        "schema_problems": (),
        "properties": {"product_id": "p1", "price": 19.9, "currency": "CNY"},
    }
)
SourceId = Annotated[str, Path(max_length=64, description="The source")]
Event = Annotated[list[str] | None, Query(max_length=50, description="Only events of these names")]
SourceFilter = Annotated[list[str] | None, Query(max_length=50, description="Only events of these sources")]
Kind = Annotated[
    Literal["track", "page", "screen", "identify", "group", "alias"] | None, Query(description="Only events of this type")
]
Customer = Annotated[str | None, Query(max_length=200, description="Only events of this customer or visitor")]
MessageId = Annotated[str | None, Query(max_length=200, description="Only the event of this message_id")]
From = Annotated[datetime | None, Query(alias="from", description="Happened at or after")]
To = Annotated[datetime | None, Query(description="Happened before")]
Text = Annotated[str | None, Query(max_length=200, description="Part of an event name, id or property")]
Known = Annotated[bool | None, Query(description="Only known customers, or only visitors")]
Bots = Annotated[bool | None, Query(description="Only bots, or none; both without")]
Broken = Annotated[bool | None, Query(description="Only events that break their schema, or none")]


class Strict(BaseModel):
    """A body that takes no unknown names."""

    model_config = ConfigDict(extra="forbid")


class SourceToMake(Strict):
    """A new sender of events."""

    name: Annotated[str, Field(max_length=200)]
    kind: Literal["browser", "server", "webhook", "import", "sql"] = "server"
    enforce_schema: bool = False
    origins: Annotated[list[Annotated[str, Field(max_length=300)]], Field(max_length=50)] = []


class SourceChanges(Strict):
    """What to change of a source; what is left out stays."""

    name: Annotated[str, Field(max_length=200)] | None = None
    enforce_schema: bool | None = None
    origins: Annotated[list[Annotated[str, Field(max_length=300)]], Field(max_length=50)] | None = None
    silent_after_minutes: int | None = None
    disabled: bool | None = None


class KeyRotation(Strict):
    """How long the old write key lives on."""

    overlap_hours: int = 72


@api.get(
    "/v1/events",
    permission="read_customers",
    answer=Page[EventRow],
    summary="Events, the latest first",
    example=Page(items=[_EVENT]),
)
def get_events(
    door: Door,
    event: Event = None,
    source: SourceFilter = None,
    type: Kind = None,
    customer_id: Customer = None,
    message_id: MessageId = None,
    session_id: Annotated[str | None, Query(max_length=100, description="Only events of this session")] = None,
    product_id: Annotated[str | None, Query(max_length=200, description="Only events about this product")] = None,
    order_id: Annotated[str | None, Query(max_length=200, description="Only events about this order")] = None,
    start: From = None,
    to: To = None,
    q: Text = None,
    known: Known = None,
    bots: Bots = None,
    broken: Broken = None,
    by: Annotated[Literal["timestamp", "received_at"], Query(description="The time that sorts them")] = "timestamp",
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[EventRow]:
    """Every event that passes all filters, by page. `GET /v1/event_stream` tells how long an event takes from its answer to here."""
    wanted = EventFilters(
        sources=tuple(source or ()),
        events=tuple(event or ()),
        type=type,
        customer_id=customer_id,
        message_id=message_id,
        session_id=session_id,
        product_id=product_id,
        order_id=order_id,
        known=known,
        bots=bots,
        broken=broken,
        start=start,
        end=to,
        text=q,
    )
    behind: list[Any] | None = place_of(cursor, list)
    found = reading.listing(door.warehouse, door.shop, wanted, limit=limit + 1, behind=behind, by=by)
    return page(found, limit, lambda row: reading.place(row, by))


@api.get(
    "/v1/event_counts",
    permission="read_reports",
    answer=Page[EventCount],
    summary="How many events, by group",
    example=Page(items=[EventCount(key={"event": "Product Viewed"}, events=31_204, customers=8_120, last_received_at=_AT)]),
)
def get_event_counts(
    door: Door,
    group: Annotated[list[GroupBy] | None, Query(max_length=3, description="Count by these; without it all together")] = None,
    event: Event = None,
    source: SourceFilter = None,
    type: Kind = None,
    customer_id: Customer = None,
    message_id: MessageId = None,
    start: From = None,
    to: To = None,
    q: Text = None,
    known: Known = None,
    bots: Bots = None,
    broken: Broken = None,
) -> Page[EventCount]:
    """Counts by the filters of `GET /v1/events`; a customer is counted once in each group."""
    wanted = EventFilters(
        sources=tuple(source or ()),
        events=tuple(event or ()),
        type=type,
        customer_id=customer_id,
        message_id=message_id,
        known=known,
        bots=bots,
        broken=broken,
        start=start,
        end=to,
        text=q,
    )
    return Page(items=reading.counts(door.warehouse, door.shop, wanted, group or []))


@api.get(
    "/v1/customers/{customer_id}/events",
    permission="read_customers",
    answer=Page[EventRow],
    summary="What a customer or visitor did, the latest first",
    example=Page(items=[_EVENT]),
)
def get_customer_events(
    door: Door,
    customer_id: Annotated[str, Path(max_length=200, description="The customer or visitor")],
    start: From = None,
    to: To = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[EventRow]:
    """One customer's events, those from before it was known among them."""
    wanted = EventFilters(customer_id=customer_id, start=start, end=to)
    behind: list[Any] | None = place_of(cursor, list)
    found = reading.listing(door.warehouse, door.shop, wanted, limit=limit + 1, behind=behind)
    return page(found, limit, reading.place)


@api.get("/v1/sources", permission="read_reports", answer=Page[Source], summary="Sources of events", example=Page(items=[_SOURCE]))
def get_sources(door: Door) -> Page[Source]:
    """Who may send events into this shop, with what came and when it came last."""
    with door.reading() as uow:
        return Page(items=sources.list_all(uow, door.caller, door.shop.shop_id))


@api.post(
    "/v1/sources",
    permission="load_data",
    answer=NewSource,
    summary="Make a source",
    status=201,
    example=_NEW,
    sends=SourceToMake(name="Web shop", kind="browser", origins=["https://tea.example"]),
    replayable=False,
)
def post_source(door: Door, body: SourceToMake) -> NewSource:
    """Answers with its write key, which can only write events."""
    with door.unit() as uow:
        return sources.create(uow, door.caller, shop_id=door.shop.shop_id, **body.model_dump())


@api.get("/v1/sources/{source_id}", permission="read_reports", answer=Source, summary="One source", example=_SOURCE)
def get_source(door: Door, source_id: SourceId) -> Source:
    """A source, with what came and when it came last."""
    with door.reading() as uow:
        return sources.get(uow, door.caller, source_id)


@api.patch(
    "/v1/sources/{source_id}",
    permission="load_data",
    answer=Source,
    summary="Change a source",
    example=_SOURCE,
    sends=SourceChanges(enforce_schema=True),
)
def patch_source(door: Door, source_id: SourceId, body: SourceChanges) -> Source:
    """Changes what is sent. Events of a disabled source are refused with 401."""
    with door.unit() as uow:
        return sources.change(uow, door.caller, source_id, **body.model_dump(exclude_unset=True))


@api.get(
    "/v1/sources/{source_id}/write_key", permission="load_data", answer=NewSource, summary="A source's write key", example=_NEW
)
def get_source_write_key(door: Door, source_id: SourceId) -> NewSource:
    """The key to put into a page or a program."""
    with door.reading() as uow:
        return NewSource(source=sources.get(uow, door.caller, source_id), write_key=sources.write_key(uow, door.caller, source_id))


@api.post(
    "/v1/sources/{source_id}/rotation",
    permission="load_data",
    answer=NewSource,
    summary="Rotate a write key",
    status=201,
    example=_NEW,
    sends=KeyRotation(overlap_hours=72),
    replayable=False,
)
def post_source_rotation(door: Door, source_id: SourceId, body: KeyRotation | None = None) -> NewSource:
    """Makes a new key; the old one is taken for the overlap."""
    with door.unit() as uow:
        return sources.rotate_key(uow, door.caller, source_id, overlap_hours=(body or KeyRotation()).overlap_hours)
