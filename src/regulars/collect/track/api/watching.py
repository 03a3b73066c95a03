"""How the stream of events runs, and the tracking plan, over HTTP."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import Path, Query

from regulars.collect.track import flow, plan, uncollected
from regulars.collect.track.api.events import api
from regulars.collect.track.domain.plan import PropertySeen
from regulars.collect.track.flow import EventStream, Moment
from regulars.collect.track.plan import Breach, EventDetail, ExpectedProperty, PlannedEvent, SendingSource, TrackingPlan
from regulars.collect.track.uncollected import Uncollected
from regulars.web import Door
from regulars.web.paging import Page

_AT = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
_PLANNED = PlannedEvent(
    event="Product Viewed",
    type="track",
    standing="known",
    meant=None,
    events=31_204,
    customers=8_120,
    broken=14,
    broken_since=_AT,
    all_events=90_310,
    first_at=_AT,
    last_at=_AT,
    days=[0] * 29 + [1_204],
)


@api.get(
    "/v1/event_stream",
    permission="read_reports",
    answer=EventStream,
    summary="How the stream of events runs now",
    example=EventStream(
        at=_AT,
        events_last_minute=512,
        events_last_hour=28_310,
        seconds=[Moment(at=_AT, events=9)],
        minutes=[Moment(at=_AT, events=512)],
        lag_p50_ms=310.0,
        lag_p95_ms=640.0,
        last_loaded_at=_AT,
        last_part="000000000001-000000004096",
        backlog_bytes=0,
        loaded_parts=120,
        loaded_events=48_210,
        duplicates_last_hour=2,
        quarantined_last_hour=1,
        quarantined_open=3,
        uncollected_30_days={"not_asked": 118},
        refused_requests={"bad_key": 4},
        archive_files=38,
        compacted_at=_AT,
        fault="",
    ),
)
def get_event_stream(door: Door) -> EventStream:
    """Throughput, lag from receiving to being queryable, what waits to be loaded, and what was put aside or turned away."""
    with door.reading() as uow:
        return flow.stream(uow, door.warehouse, door.shop, door.stores.intake)


@api.get(
    "/v1/uncollected",
    permission="read_reports",
    answer=Page[Uncollected],
    summary="What was not collected for lack of consent",
    example=Page(items=[Uncollected(day=date(2026, 11, 1), source_id="source_01m7zsbyk3", reason="not_asked", messages=118)]),
)
def get_uncollected(
    door: Door,
    days: Annotated[int, Query(ge=1, le=365, description="How many days back")] = 30,
    source: Annotated[str | None, Query(max_length=64, description="Only of this source")] = None,
) -> Page[Uncollected]:
    """Counts by day (UTC), source and reason: `refused` or `pending` by the message itself, `signal` of the browser, `withdrawn`
    before, `not_asked` yet. Nothing else is kept of these messages."""
    with door.reading() as uow:
        return Page(items=uncollected.by_day(uow, door.shop.shop_id, days=days, source_id=source))


@api.get(
    "/v1/tracking_plan",
    permission="read_reports",
    answer=TrackingPlan,
    summary="What kinds of events arrive",
    example=TrackingPlan(start_on=date(2026, 10, 3), end_on=date(2026, 11, 1), events=[_PLANNED], missing=["Checkout Started"]),
)
def get_tracking_plan(door: Door) -> TrackingPlan:
    """Every event name with how often and from how many customers it came in the last 30 days, and what broke its schema."""
    return plan.tracking_plan(door.warehouse, door.shop)


@api.get(
    "/v1/tracking_plan/{event:path}",
    permission="read_reports",
    answer=EventDetail,
    summary="One kind of event",
    example=EventDetail(
        summary=_PLANNED,
        meaning="Somebody looked at a product.",
        expected=[ExpectedProperty(name="product_id", type="string", required=True, meaning="The product")],
        seen=[PropertySeen(name="price", share=0.98, types={"number": 0.99, "number as text": 0.01}, distinct=412)],
        looked_at=2000,
        breaches=[
            Breach(property="price", problem="not_a_number", source_id="source_01m7zsbyk3", events=14, first_at=_AT, last_at=_AT)
        ],
        sources=[SendingSource(source_id="source_01m7zsbyk3", library="analytics.js", events=31_204, broken=14, last_at=_AT)],
    ),
)
def get_tracked_event(door: Door, event: Annotated[str, Path(max_length=200, description="The event's name")]) -> EventDetail:
    """What it is expected to tell, what the newest 2,000 tell, how they break the schema since when, and who sends them."""
    return plan.event_detail(door.warehouse, door.shop, event, language=door.language)
