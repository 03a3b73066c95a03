"""Sessions read back: by page, by what brought them, over time; a customer's first and last touch; how quick pages were."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from regulars.collect.sessions.domain import BotReason, key_text
from regulars.collect.sessions.queries import asking
from regulars.collect.sessions.queries.asking import By, SessionFilters
from regulars.errors import InvalidInput
from regulars.values import clock
from regulars.values.money import Money
from regulars.values.periods import Period, Unit, WeekStart
from regulars.values.zones import day_start, local_day

if TYPE_CHECKING:
    from regulars.access.domain import Shop
    from regulars.warehouse import Warehouse

MOST_BUCKETS = 1_500
_AT_ONCE = 5_000
Rating = Literal["good", "fair", "poor"]
#: Up to the first it is good, above the second poor (web.dev, "Core Web Vitals").
SPEED_LIMITS: dict[str, tuple[float, float]] = {"lcp_ms": (2_500, 4_000), "inp_ms": (200, 500), "cls": (0.1, 0.25)}
_DEFAULT_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """One visit. `session_key` stays while its first event does; `session_id` is the name that its sender gave it."""

    session_key: str
    session_id: str | None
    customer_id: str
    is_known: bool
    started_at: datetime
    ended_at: datetime
    duration_s: int
    dwell_ms: int | None
    events: int
    pages: int
    product_views: int
    carts: int
    orders: int
    value: Money | None
    landing_url: str | None
    landing_path: str | None
    exit_path: str | None
    referring_domain: str | None
    channel: str | None
    utm_source: str | None
    utm_medium: str | None
    utm_campaign: str | None
    utm_term: str | None
    utm_content: str | None
    click_id: str | None
    device: str | None
    os: str | None
    browser: str | None
    region: str | None
    is_bounce: bool
    is_seen: bool
    peak_pages: int
    peak_events: int
    is_bot: bool
    bot_reason: BotReason | None
    is_history: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitFigures:
    """Visits of people. Rates are null where there is nothing to divide; `revenue` is what events told of their orders."""

    visits: int
    customers: int
    known_customers: int
    bounces: int
    bounce_rate: float | None
    conversions: int
    conversion_rate: float | None
    orders: int
    revenue: Money
    pages_per_visit: float | None
    seconds_per_visit: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitGroup:
    """The visits of one source, or of one bucket, or of one source in one bucket; `complete` is false while its time is not over."""

    key: str | None
    start_on: date
    end_on: date
    complete: bool
    figures: VisitFigures


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitReport:
    """Visits in a period, both days included: all together, and by group."""

    start_on: date
    end_on: date
    complete: bool
    by: By | None
    interval: Unit | None
    total: VisitFigures
    groups: list[VisitGroup]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Sessions that no report counts, and why: `agent`, `pages`, `events` (bots), or `unseen` (told by servers or by pages that were left)."""

    reason: str
    visits: int
    peak_pages: int
    peak_events: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Touches:
    """How a customer or visitor came: first of all, last, and last by anything but directly; null where there is none."""

    customer_id: str
    visits: int
    first: SessionRow | None
    last: SessionRow | None
    last_non_direct: SessionRow | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """One figure of page speed: what three of four views were at least as good as."""

    name: str  # lcp_ms | inp_ms | cls
    p75: float
    rating: Rating
    good_up_to: float
    poor_above: float
    views: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSpeed:
    """How quick one page is, or all of them (`path` null)."""

    path: str | None
    views: int
    speeds: list[Speed]


def listing(
    warehouse: Warehouse, shop: Shop, wanted: SessionFilters, *, limit: int = 100, behind: Sequence[Any] | None = None
) -> list[SessionRow]:
    """Sessions that pass the filters, the latest first; `behind` as `place` gave it.

    Raises
    ------
    InvalidInput : `behind` is none of ours.
    """
    found = asking.newest_first(asking.chosen(shop.shop_id, wanted), behind=_behind(behind), limit=limit)
    return [_row(row) for row in warehouse.rows(found)]


def every(warehouse: Warehouse, shop: Shop, wanted: SessionFilters) -> Iterator[SessionRow]:
    """All of them, read page by page: for exports of any length."""
    behind: list[str] | None = None
    while True:
        rows = listing(warehouse, shop, wanted, limit=_AT_ONCE, behind=behind)
        yield from rows
        if len(rows) < _AT_ONCE:
            return
        behind = place(rows[-1])


def place(row: SessionRow) -> list[str]:
    """Where a session stands in the list, for the page after it."""
    return [row.started_at.isoformat(), row.session_key]


def reach(warehouse: Warehouse, shop: Shop) -> tuple[date, date] | None:
    """The local days of the first and the last visit; None before there is any."""
    [row] = warehouse.cached(
        ("sessions.reach", shop.shop_id), lambda: warehouse.rows(asking.reach(), shop_id=shop.shop_id), of=("sessions",)
    )
    if row["first_at"] is None:
        return None
    first, last = (local_day(row[name].replace(tzinfo=UTC), shop.timezone) for name in ("first_at", "last_at"))
    return first, last


def asked_period(warehouse: Warehouse, shop: Shop, first_on: date | None, last_on: date | None) -> Period:
    """The days asked for, both included; without them the last 30 days up to the last visit.

    Raises
    ------
    InvalidInput : `from` is after `to`, or a year nothing can have happened in.
    """
    for day in (first_on, last_on):
        if day is not None and not 1990 <= day.year <= 2200:
            raise InvalidInput(f"{day} cannot be reported on", mend="give days from 1990 to 2200", code="bad_period")
    if last_on is None:
        known = reach(warehouse, shop)
        last_on = known[1] if known else local_day(clock.now(), shop.timezone)
        last_on = max(last_on, first_on) if first_on else last_on
    first_on = first_on or last_on - timedelta(days=_DEFAULT_DAYS - 1)
    if first_on > last_on:
        raise InvalidInput(f"`from` ({first_on}) is after `to` ({last_on})", mend="swap them", code="bad_period")
    return Period.between(first_on, last_on)


def report(
    warehouse: Warehouse,
    shop: Shop,
    period: Period,
    *,
    by: By | None = "channel",
    interval: Unit | None = None,
    wanted: SessionFilters | None = None,
    with_bots: bool = False,
) -> VisitReport:
    """Visits that began in a period by what brought them, by bucket of the shop's calendar, or both; the largest group first.

    Without `with_bots` sessions of bots, and those that nobody was seen in, are left out. Buckets without a visit are listed where there is no `by`.

    Raises
    ------
    InvalidInput : more buckets than a chart can show.
    """
    if interval and period.days / {"day": 1, "week": 7, "month": 28}[interval] > MOST_BUCKETS:
        raise InvalidInput(
            f"{period.days} days are too many by {interval}",
            mend="give a shorter range or a longer interval",
            code="range_too_long",
        )
    start, end = period.instants(shop.timezone)
    wanted = replace(wanted or SessionFilters(), start=start, end=end)
    if not with_bots:
        wanted = replace(wanted, bots=False, unseen=False)
    week_start: WeekStart = "sunday" if shop.week_start == 6 else "monday"
    sessions = asking.chosen(shop.shop_id, wanted)

    def ask(by: By | None, unit: Unit | None) -> list[dict[str, Any]]:
        return warehouse.rows(
            asking.grouped(
                sessions,
                by=by,
                unit=unit,
                zone=shop.timezone,
                start=start,
                end=end,
                week_start=week_start,
                currency=shop.currency,
            )
        )

    [total] = ask(None, None)
    rows = ask(by, interval) if by or interval else []
    now = clock.now()

    def group(row: dict[str, Any]) -> VisitGroup:
        bucket = buckets[row["bucket"]] if interval else period
        return VisitGroup(
            key=row.get("key"),
            start_on=bucket.start_on,
            end_on=bucket.last_on,
            complete=day_start(bucket.end_on, shop.timezone) <= now,
            figures=_figures(row, shop.currency),
        )

    buckets = {bucket.start_on: bucket for bucket in period.buckets(interval, week_start)} if interval else {}
    if interval and by is None:
        found = {row["bucket"]: row for row in rows}
        groups = [group(found.get(start_on, {"bucket": start_on})) for start_on in buckets]
    else:
        groups = sorted((group(row) for row in rows), key=lambda one: (-one.figures.visits, one.key or "", one.start_on))
        if interval:
            groups.sort(key=lambda one: one.start_on)
    return VisitReport(
        start_on=period.start_on,
        end_on=period.last_on,
        complete=end <= now,
        by=by,
        interval=interval,
        total=_figures(total, shop.currency),
        groups=groups,
    )


def left_out(warehouse: Warehouse, shop: Shop, period: Period) -> list[LeftOut]:
    """What reports on a period do not count, the most first."""
    start, end = period.instants(shop.timezone)
    rows = warehouse.rows(asking.left_out(asking.chosen(shop.shop_id, SessionFilters(start=start, end=end))))
    return sorted((LeftOut(**row) for row in rows), key=lambda one: (-one.visits, one.reason))


def touches(warehouse: Warehouse, shop: Shop, customer_id: str) -> Touches:
    """A customer's or visitor's first touch, last touch, and last touch that is not direct."""
    rows = warehouse.rows(asking.of_customer(), shop_id=shop.shop_id, customer_id=customer_id)
    other = [row for row in rows if row["channel"] not in (None, "direct")]
    return Touches(
        customer_id=customer_id,
        visits=len(rows),
        first=_row(rows[0]) if rows else None,
        last=_row(rows[-1]) if rows else None,
        last_non_direct=_row(other[-1]) if other else None,
    )


def page_speed(warehouse: Warehouse, shop: Shop, period: Period, *, by_path: bool = False) -> list[PageSpeed]:
    """How quick pages were for the people who looked at them: all together, or by path, the most looked at first."""
    start, end = period.instants(shop.timezone)
    rows = warehouse.rows(asking.speeds(shop.shop_id, start, end, by_path=by_path))
    return [
        PageSpeed(path=row.get("path"), views=row["views"], speeds=[one for name in SPEED_LIMITS if (one := _speed(name, row))])
        for row in rows
        if row["views"]
    ]


def _speed(name: str, row: dict[str, Any]) -> Speed | None:
    value = row[name]
    if value is None:
        return None
    good, poor = SPEED_LIMITS[name]
    rating: Rating = "good" if value <= good else "fair" if value <= poor else "poor"
    rounded = round(float(value), 3 if name == "cls" else 0)
    return Speed(name=name, p75=rounded, rating=rating, good_up_to=good, poor_above=poor, views=row[f"{name}_views"])


def _figures(row: dict[str, Any], currency: str) -> VisitFigures:
    told = {
        name: int(row.get(name) or 0) for name in ("visits", "customers", "known_customers", "bounces", "conversions", "orders")
    }
    visits = told["visits"]

    def per_visit(name: str, digits: int) -> float | None:
        return round(int(row.get(name) or 0) / visits, digits) if visits else None

    return VisitFigures(
        **told,
        bounce_rate=per_visit("bounces", 4),
        conversion_rate=per_visit("conversions", 4),
        revenue=Money(int(row.get("revenue_minor") or 0), currency),
        pages_per_visit=per_visit("pages", 2),
        seconds_per_visit=per_visit("duration_s", 1),
    )


def _row(row: dict[str, Any]) -> SessionRow:
    told = {name: row[name] for name in SessionRow.__dataclass_fields__ if name != "value"}
    told["session_key"] = key_text(row["session_key"])
    told |= {name: row[name].replace(tzinfo=UTC) for name in ("started_at", "ended_at")}
    told["value"] = Money(row["value_minor"], row["currency"]) if row["currency"] and row["orders"] else None
    return SessionRow(**told)


def _behind(told: Sequence[Any] | None) -> tuple[datetime, int] | None:
    if told is None:
        return None
    try:
        key = int(str(told[1]).removeprefix("s_"), 16)
        return datetime.fromisoformat(str(told[0])).astimezone(UTC).replace(tzinfo=None), key - (1 << 64 if key >> 63 else 0)
    except (ValueError, IndexError):
        raise InvalidInput(
            "the cursor is not one of ours", mend="send `next` of the page before, unchanged", code="bad_cursor"
        ) from None
