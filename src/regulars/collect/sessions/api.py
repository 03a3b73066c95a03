"""Visits over HTTP: one by one, by what brought them, over time; how customers came; how quick pages are."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import Depends, Path, Query, Response
from fastapi.responses import StreamingResponse

from regulars.access import audit
from regulars.collect.sessions import reading
from regulars.collect.sessions.exports import sessions_csv, visits_table
from regulars.collect.sessions.queries.asking import By, SessionFilters
from regulars.collect.sessions.reading import PageSpeed, SessionRow, Speed, Touches, VisitFigures, VisitGroup, VisitReport
from regulars.values.money import Money
from regulars.values.periods import Unit
from regulars.web import Api, Door
from regulars.web.downloads import Format, csv_file
from regulars.web.paging import Cursor, Limit, Page, page, place_of

api = Api(tags=["Visits"])

_SESSION = SessionRow(
    **dict.fromkeys(SessionRow.__dataclass_fields__)  # type: ignore[arg-type]
    | {
        "session_key": "s_5f0c2a9e1b7d4c33",
        "session_id": "1795291981828",
        "customer_id": "17850",
        "is_known": True,
        "started_at": datetime(2026, 11, 1, 9, 30, tzinfo=UTC),
        "ended_at": datetime(2026, 11, 1, 9, 41, tzinfo=UTC),
        "duration_s": 660,
        "events": 14,
        "pages": 6,
        "product_views": 3,
        "carts": 1,
        "orders": 1,
        "value": Money(12_900, "CNY"),
        "landing_path": "/oolong",
        "exit_path": "/thanks",
        "channel": "paid",
        "utm_source": "baidu",
        "utm_medium": "cpc",
        "utm_campaign": "autumn",
        "device": "mobile",
        "os": "Android",
        "browser": "WeChat",
        "region": "CN-31",
        "is_bounce": False,
        "is_seen": True,
        "peak_pages": 2,
        "peak_events": 5,
        "is_bot": False,
        "is_history": False,
    }
)
_FIGURES = VisitFigures(
    visits=4_120,
    customers=3_310,
    known_customers=902,
    bounces=1_607,
    bounce_rate=0.39,
    conversions=124,
    conversion_rate=0.0301,
    orders=126,
    revenue=Money(1_713_600, "CNY"),
    pages_per_visit=3.4,
    seconds_per_visit=141.2,
)
_GROUP = VisitGroup(key="paid", start_on=date(2026, 10, 1), end_on=date(2026, 10, 31), complete=True, figures=_FIGURES)
_REPORT = VisitReport(
    start_on=date(2026, 10, 1),
    end_on=date(2026, 10, 31),
    complete=True,
    by="channel",
    interval=None,
    total=_FIGURES,
    groups=[_GROUP],
)
_SPEED = Speed(name="lcp_ms", p75=2_180, rating="good", good_up_to=2_500, poor_above=4_000, views=9_204)

Channel = Annotated[list[str] | None, Query(max_length=50, description="Only visits by these channels; `(none)` for unknown")]
Source = Annotated[list[str] | None, Query(max_length=50, description="Only visits of these sources, as the report names them")]
Campaign = Annotated[list[str] | None, Query(max_length=50, description="Only visits of these campaigns")]
Known = Annotated[bool | None, Query(description="Only known customers, or only visitors")]
FirstDay = Annotated[date | None, Query(alias="from", description="First local day; 30 days before `to` without it")]
LastDay = Annotated[date | None, Query(description="Last local day; that of the last visit without it")]
Interval = Annotated[Unit | None, Query(description="Cut each group into these buckets of the shop's calendar")]
WithBots = Annotated[bool, Query(description="Count bots, and sessions nobody was seen in, as well")]


@api.get(
    "/v1/visits",
    permission="read_customers",
    answer=Page[SessionRow],
    summary="Visits, the latest first",
    example=Page(items=[_SESSION]),
)
def get_visits(
    door: Door,
    customer_id: Annotated[str | None, Query(max_length=200, description="Only visits of this customer or visitor")] = None,
    channel: Channel = None,
    source: Source = None,
    campaign: Campaign = None,
    known: Known = None,
    bots: Annotated[bool | None, Query(description="Only bots, or none; both without")] = None,
    start: Annotated[datetime | None, Query(alias="from", description="Began at or after")] = None,
    to: Annotated[datetime | None, Query(description="Began before")] = None,
    cursor: Cursor = None,
    limit: Limit = 100,
    format: Format = "json",
) -> Page[SessionRow] | StreamingResponse:
    """Every session that passes all filters, by page; with `format=csv` all of them as one file, and the export is audited. `bot_reason` says why one is taken for a bot's: its `agent`, or more `pages` or `events` in a minute than a person makes."""
    wanted = SessionFilters(
        customer_id=customer_id,
        channels=tuple(channel or ()),
        sources=tuple(source or ()),
        campaigns=tuple(campaign or ()),
        known=known,
        bots=bots,
        start=start,
        end=to,
    )
    if format == "csv":
        door.caller.demand("export")
        told = {name: value for name, value in asdict(wanted).items() if value not in (None, ()) and name != "customer_id"}
        with door.unit() as uow:
            audit.record(uow, door.caller, "visits.exported", door.shop.shop_id, after=told, shop_id=door.shop.shop_id)
        return StreamingResponse(
            sessions_csv(reading.every(door.warehouse, door.shop, wanted)),
            media_type="text/csv; charset=utf-8",
            headers={"content-disposition": 'attachment; filename="visits.csv"', "x-content-type-options": "nosniff"},
        )
    behind: list[Any] | None = place_of(cursor, list)
    return page(reading.listing(door.warehouse, door.shop, wanted, limit=limit + 1, behind=behind), limit, reading.place)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a report on visits is asked for, beside its groups."""

    first: date | None
    to: date | None
    wanted: SessionFilters
    with_bots: bool

    def of(self, door: Door, by: By | None, interval: Unit | None) -> VisitReport:
        """The report."""
        period = reading.asked_period(door.warehouse, door.shop, self.first, self.to)
        return reading.report(
            door.warehouse, door.shop, period, by=by, interval=interval, wanted=self.wanted, with_bots=self.with_bots
        )


def asked(
    first: FirstDay = None,
    to: LastDay = None,
    channel: Channel = None,
    source: Source = None,
    campaign: Campaign = None,
    known: Known = None,
    with_bots: WithBots = False,
) -> Asked:
    """The same parameters for every report."""
    wanted = SessionFilters(
        channels=tuple(channel or ()), sources=tuple(source or ()), campaigns=tuple(campaign or ()), known=known
    )
    return Asked(first, to, wanted, with_bots)


AskedReport = Annotated[Asked, Depends(asked)]


@api.get(
    "/v1/visits/sources",
    permission="read_reports",
    answer=VisitReport,
    summary="Visits by what brought them",
    example=_REPORT,
)
def get_visit_sources(
    door: Door,
    question: AskedReport,
    by: Annotated[By, Query(description="What the groups are")] = "channel",
    interval: Interval = None,
    format: Format = "json",
) -> VisitReport | Response:
    """Visits, customers, bounce rate, conversion to an order and revenue of each group; with `interval` of each bucket as well. `complete` is false while the bucket is not over."""
    answer = question.of(door, by, interval)
    return csv_file(door, visits_table(answer), "visits") if format == "csv" else answer


@api.get(
    "/v1/visits/trend",
    permission="read_reports",
    answer=VisitReport,
    summary="Visits over time",
    example=VisitReport(**{name: getattr(_REPORT, name) for name in VisitReport.__slots__} | {"by": None, "interval": "month"}),
)
def get_visit_trend(
    door: Door,
    question: AskedReport,
    interval: Annotated[Unit, Query(description="The length of a bucket of the shop's calendar")] = "day",
    format: Format = "json",
) -> VisitReport | Response:
    """One group for each bucket, those without a visit too. `complete` is false while the bucket is not over."""
    answer = question.of(door, None, interval)
    return csv_file(door, visits_table(answer), "visits_trend") if format == "csv" else answer


@api.get(
    "/v1/visits/page_speed",
    permission="read_reports",
    answer=Page[PageSpeed],
    summary="How quick pages are",
    example=Page(items=[PageSpeed(path="/oolong", views=9_204, speeds=[_SPEED])]),
)
def get_page_speed(
    door: Door,
    by_path: Annotated[bool, Query(description="By path, the twenty most looked at; without it all together")] = False,
    first: FirstDay = None,
    to: LastDay = None,
) -> Page[PageSpeed]:
    """LCP, INP and CLS as three of four views were at least as good as, where the tracker tells them."""
    period = reading.asked_period(door.warehouse, door.shop, first, to)
    return Page(items=reading.page_speed(door.warehouse, door.shop, period, by_path=by_path))


@api.get(
    "/v1/customers/{customer_id}/touches",
    permission="read_customers",
    answer=Touches,
    summary="How a customer or visitor came",
    example=Touches(customer_id="17850", visits=1, first=_SESSION, last=_SESSION, last_non_direct=_SESSION),
)
def get_touches(door: Door, customer_id: Annotated[str, Path(max_length=200, description="The customer or visitor")]) -> Touches:
    """The first visit, the last one, and the last one that did not come directly; all null for somebody who was never seen."""
    return reading.touches(door.warehouse, door.shop, customer_id)
