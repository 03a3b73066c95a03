"""Trends as people write them, understood."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from regulars.understand.questions import Desk, told
from regulars.understand.trends.domain import (
    MOST_GROUPS,
    MOST_SERIES,
    OF_PROPERTY,
    Compare,
    HoursQuery,
    Measure,
    Series,
    TrendQuery,
)
from regulars.understand.trends.formula import formula

_FIELDS = (
    *told.COMMON, "series", "range", "interval", "breakdown", "compare", "formula", "cumulative", "moving_average",
    "measure", "of",
)  # fmt: skip


def read_trend(desk: Desk, given: Mapping[str, Any]) -> TrendQuery:
    """A question for series over time.

    Raises
    ------
    InvalidInput : with the place of what cannot be understood.
    """
    given = told.object_of(given, "question", _FIELDS)
    listed = told.list_of(given.get("series"), "series", least=1, most=MOST_SERIES)
    common = {name: given[name] for name in ("measure", "of") if given.get(name) is not None}
    series = tuple(_series(one, f"series[{i}]", chr(ord("A") + i), common) for i, one in enumerate(listed))
    moments = desk.bounded(told.moments(given.get("range"), "range", desk.shop.timezone))
    by, limit = _breakdown(given.get("breakdown"))
    compare: Compare | None = None
    if given.get("compare"):
        compare = told.choice(given["compare"], "compare", get_args(Compare))  # type: ignore[assignment]
    cumulative = given.get("cumulative", False)
    if not isinstance(cumulative, bool):
        raise told.wrong("cumulative", f"{cumulative!r} is neither true nor false", "write true or false")
    return TrendQuery(
        asked=told.asked(given, desk.base),
        series=series,
        range=moments,
        interval=told.interval(given.get("interval", "day"), "interval"),
        by=by,
        limit=limit,
        compare=compare,
        formula=None if given.get("formula") is None else formula(given["formula"], {one.letter for one in series}),
        cumulative=cumulative,
        moving_average=told.whole(given.get("moving_average", 1), "moving_average", 1, 90),
    )


def read_hours(desk: Desk, given: Mapping[str, Any]) -> HoursQuery:
    """A question for the hours of the week."""
    given = told.object_of(given, "question", (*told.COMMON, "event", "range", "measure"))
    return HoursQuery(
        asked=told.asked(given, desk.base),
        event=told.event_filter(given.get("event") or {}, "event"),
        range=desk.bounded(told.moments(given.get("range"), "range", desk.shop.timezone), days=84),
        measure=told.choice(given.get("measure", "events"), "measure", ("events", "customers")),  # type: ignore[arg-type]
    )


def _series(given: Any, place: str, letter: str, common: Mapping[str, Any]) -> Series:
    """A series; what is measured may be said once for all of them."""
    event = told.event_filter(given, place, more=("measure", "of"))
    fields = {**common, **(given if isinstance(given, Mapping) else {})}
    measure: Measure = told.choice(fields.get("measure", "events"), f"{place}.measure", get_args(Measure))  # type: ignore[assignment]
    of = None if fields.get("of") is None else told.prop(fields["of"], f"{place}.of")
    if measure in OF_PROPERTY and of is None:
        raise told.wrong(f"{place}.of", f"of which property is the {measure} asked", "name one, such as price")
    return Series(letter, event, measure, of if measure in OF_PROPERTY else None)


def _breakdown(given: Any) -> tuple[Any, int]:
    if given is None:
        return None, 5
    if isinstance(given, str):
        return told.prop(given, "breakdown"), 5
    fields = told.object_of(given, "breakdown", ("key", "on", "limit"))
    by = told.prop({name: fields[name] for name in ("key", "on") if name in fields}, "breakdown")
    return by, told.whole(fields.get("limit", 5), "breakdown.limit", 1, MOST_GROUPS)
