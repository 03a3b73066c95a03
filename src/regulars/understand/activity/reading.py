"""Questions about activity as people write them, understood."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, get_args

from regulars.understand.activity.domain import (
    MOST_GROUPS,
    ActiveQuery,
    Breakdown,
    CohortType,
    LifecycleQuery,
    NewBasis,
    RetentionQuery,
    ReturnMode,
    RollingQuery,
    StickinessQuery,
)
from regulars.understand.questions import Calendar, Desk, EventFilter, Interval, Moments, Window, told
from regulars.values.zones import day_start, local_day

_ANY = EventFilter()
_MOST_EVENTS = 1_000_000
_MICROSECOND = timedelta(microseconds=1)


def read_retention(desk: Desk, given: Mapping[str, Any]) -> RetentionQuery:
    """A question for retention by calendar buckets.

    Its buckets are the `intervals` ones that end with the bucket holding `to`, or those that touch a `range`.

    Raises
    ------
    InvalidInput : with the place of what cannot be understood.
    """
    fields = (
        *told.COMMON, "cohort_event", "return_event", "interval", "intervals", "to", "range",
        "cohort_type", "mode", "min_return_count", "breakdown",
    )  # fmt: skip
    given = told.object_of(given, "question", fields)
    cohort, returning = _two_events(given)
    return RetentionQuery(
        asked=told.asked(given, desk.base),
        cohort_event=cohort,
        return_event=returning,
        calendar=_triangle(desk, given, told.interval(given.get("interval", "day"), "interval")),
        cohort_type=_cohort_type(given, "recurring"),
        mode=told.choice(given.get("mode", "on"), "mode", get_args(ReturnMode)),  # type: ignore[arg-type]
        min_return_count=told.whole(given.get("min_return_count", 1), "min_return_count", 1, _MOST_EVENTS),
        breakdown=_breakdown(given.get("breakdown")),
    )


def read_rolling(desk: Desk, given: Mapping[str, Any]) -> RollingQuery:
    """A question for retention by windows from each customer's own first start."""
    fields = (
        *told.COMMON, "cohort_event", "return_event", "rolling", "intervals", "range",
        "cohort_type", "min_return_count", "breakdown",
    )  # fmt: skip
    given = told.object_of(given, "question", fields)
    cohort, returning = _two_events(given)
    moments = _range(desk, given, 30)
    kind = _cohort_type(given, "first_time")
    if kind == "recurring":
        raise told.wrong("cohort_type", "windows are counted from a first start", "write first_time or first_ever")
    return RollingQuery(
        asked=told.asked(given, desk.base),
        cohort_event=cohort,
        return_event=returning,
        range=moments,
        calendar=desk.calendar(moments, "day"),
        rolling=Window(1, "day") if given.get("rolling") is None else told.window(given["rolling"], "rolling"),
        intervals=told.whole(given.get("intervals", 8), "intervals", 1, 400),
        cohort_type=kind,
        min_return_count=told.whole(given.get("min_return_count", 1), "min_return_count", 1, _MOST_EVENTS),
        breakdown=_breakdown(given.get("breakdown")),
    )


def read_lifecycle(desk: Desk, given: Mapping[str, Any]) -> LifecycleQuery:
    """A question for new, returning, resurrecting and dormant customers."""
    given = told.object_of(given, "question", (*told.COMMON, "event", "interval", "range", "new_basis"))
    moments, calendar = _cut(desk, given, "day", 30)
    basis: NewBasis = told.choice(given.get("new_basis", "first_match"), "new_basis", get_args(NewBasis))  # type: ignore[assignment]
    return LifecycleQuery(told.asked(given, desk.base), _event(given, "event"), moments, calendar, basis)


def read_stickiness(desk: Desk, given: Mapping[str, Any]) -> StickinessQuery:
    """A question for the number of active buckets per customer."""
    given = told.object_of(given, "question", (*told.COMMON, "event", "interval", "range", "cumulative", "min_count"))
    moments, calendar = _cut(desk, given, "day", 30)
    cumulative = given.get("cumulative", False)
    if not isinstance(cumulative, bool):
        raise told.wrong("cumulative", f"{cumulative!r} is neither true nor false", "write true or false")
    least = told.whole(given.get("min_count", 1), "min_count", 1, _MOST_EVENTS)
    return StickinessQuery(told.asked(given, desk.base), _event(given, "event"), moments, calendar, cumulative, least)


def read_active(desk: Desk, given: Mapping[str, Any]) -> ActiveQuery:
    """A question for daily, weekly and monthly active customers."""
    given = told.object_of(given, "question", (*told.COMMON, "event", "range"))
    moments, calendar = _cut(desk, given, "day", 30)
    return ActiveQuery(told.asked(given, desk.base), _event(given, "event"), moments, calendar)


def _triangle(desk: Desk, given: Mapping[str, Any], interval: Interval) -> Calendar:
    if given.get("range") is not None:
        for name in ("to", "intervals"):
            if given.get(name) is not None:
                raise told.wrong(name, "a range says it already", "give either `range`, or `to` and `intervals`")
        return desk.calendar(_range(desk, given, 30), interval)
    zone = desk.shop.timezone
    end = desk.as_of() if given.get("to") is None else told.moment(given["to"], "to", zone, after=True)
    count = told.whole(given.get("intervals", 11), "intervals", 1, 400)
    return Calendar.ending(end - _MICROSECOND, count, interval, zone, desk.week_start)


def _cut(desk: Desk, given: Mapping[str, Any], usual: Interval, days: int) -> tuple[Moments, Calendar]:
    moments = _range(desk, given, days)
    return moments, desk.calendar(moments, told.interval(given.get("interval", usual), "interval"))


def _range(desk: Desk, given: Mapping[str, Any], days: int) -> Moments:
    """A range with both ends. Without any, so many whole local days up to now; one missing end is the end of the data."""
    moments = told.moments(given.get("range"), "range", desk.shop.timezone)
    zone = desk.shop.timezone
    end = moments.end or day_start(local_day(desk.as_of() - _MICROSECOND, zone) + timedelta(days=1), zone)
    start = moments.start
    if start is None and moments.end is not None:
        start = min(desk.span().start or end, end - _MICROSECOND)
    return desk.bounded(Moments(start, end), days)


def _two_events(given: Mapping[str, Any]) -> tuple[EventFilter, EventFilter]:
    cohort = _event(given, "cohort_event")
    return cohort, cohort if given.get("return_event") is None else _event(given, "return_event")


def _event(given: Mapping[str, Any], name: str) -> EventFilter:
    return _ANY if given.get(name) is None else told.event_filter(given[name], name)


def _cohort_type(given: Mapping[str, Any], usual: CohortType) -> CohortType:
    return told.choice(given.get("cohort_type", usual), "cohort_type", get_args(CohortType))  # type: ignore[return-value]


def _breakdown(given: Any) -> Breakdown | None:
    if given is None:
        return None
    if isinstance(given, str):
        return Breakdown(told.prop(given, "breakdown"))
    fields = told.object_of(given, "breakdown", ("on", "key", "limit"))
    by = told.prop({name: fields[name] for name in ("on", "key") if name in fields}, "breakdown")
    return Breakdown(by, told.whole(fields.get("limit", 50), "breakdown.limit", 1, MOST_GROUPS))
