"""Funnels as people write them, understood."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from regulars.understand.funnels.domain import (
    MOST_GROUPS,
    MOST_STEPS,
    Attribution,
    Breakdown,
    Exclusion,
    ExclusionMode,
    FunnelQuery,
    Order,
    Scope,
    TimeQuery,
    TrendQuery,
)
from regulars.understand.questions import Desk, EventFilter, Property, Window, told

FIELDS = (
    *told.COMMON, "steps", "window", "order", "range", "conversion_scope", "exclusions", "exclusion_mode", "breakdown",
)  # fmt: skip
_WEEKS_TWO = Window(14, "day")


def read_funnel(desk: Desk, given: Mapping[str, Any]) -> FunnelQuery:
    """A question for the funnel.

    Raises
    ------
    InvalidInput : with the place of what cannot be understood.
    """
    return _funnel(desk, told.object_of(given, "question", FIELDS))


def read_trend(desk: Desk, given: Mapping[str, Any]) -> TrendQuery:
    """A question for the conversion over time."""
    given = told.object_of(given, "question", (*FIELDS, "interval"))
    return TrendQuery(_funnel(desk, given), told.interval(given.get("interval", "day"), "interval"))


def read_time(desk: Desk, given: Mapping[str, Any]) -> TimeQuery:
    """A question for the times between two steps; by default from the first to the last."""
    given = told.object_of(given, "question", (*FIELDS, "from_step", "to_step", "bins"))
    funnel = _funnel(desk, given)
    first = told.whole(given.get("from_step", 1), "from_step", 1, funnel.count - 1)
    last = told.whole(given.get("to_step", funnel.count), "to_step", first + 1, funnel.count)
    return TimeQuery(funnel, first, last, told.whole(given.get("bins", 20), "bins", 1, 200))


def _funnel(desk: Desk, given: Mapping[str, Any]) -> FunnelQuery:
    steps = tuple(
        told.event_filter(one, f"steps[{i}]")
        for i, one in enumerate(told.list_of(given.get("steps"), "steps", least=1, most=MOST_STEPS))
    )
    order: Order = told.choice(given.get("order", "ordered"), "order", get_args(Order))  # type: ignore[assignment]
    scope: Scope = told.choice(given.get("conversion_scope", "window_after_range"), "conversion_scope", get_args(Scope))  # type: ignore[assignment]
    mode: ExclusionMode = told.choice(  # type: ignore[assignment]
        given.get("exclusion_mode", "stop" if order == "any" else "drop_customer"), "exclusion_mode", get_args(ExclusionMode)
    )
    exclusions = tuple(
        _exclusion(one, f"exclusions[{i}]", steps, order)
        for i, one in enumerate(told.list_of(given.get("exclusions") or [], "exclusions", most=10))
    )
    if order == "any" and exclusions and mode != "stop":
        raise told.wrong(
            "exclusion_mode", "a funnel in any order can only stop at an exclusion", "write stop, or take order ordered"
        )
    return FunnelQuery(
        asked=told.asked(given, desk.base),
        steps=steps,
        range=desk.bounded(told.moments(given.get("range"), "range", desk.shop.timezone)),
        window=_WEEKS_TWO if given.get("window") is None else told.window(given["window"], "window"),
        order=order,
        scope=scope,
        exclusions=exclusions,
        exclusion_mode=mode,
        breakdown=None if given.get("breakdown") is None else _breakdown(given["breakdown"], len(steps)),
    )


def _exclusion(given: Any, place: str, steps: tuple[EventFilter, ...], order: Order) -> Exclusion:
    event = told.event_filter(given, place, more=("after_step", "before_step"))
    fields = given if isinstance(given, Mapping) else {}
    if len(steps) < 2:
        raise told.wrong(place, "a funnel of one step has nothing between its steps", "leave the exclusion out")
    after = told.whole(fields.get("after_step", 1), f"{place}.after_step", 1, len(steps) - 1)
    before = told.whole(fields.get("before_step", len(steps)), f"{place}.before_step", after + 1, len(steps))
    if event.event is None and not event.where:
        raise told.wrong(place, "any event at all cannot be excluded", "name an event, or take order strict")
    if any(EventFilter(one.event, one.where) == EventFilter(event.event, event.where) for one in steps):
        raise told.wrong(place, "it is a step of this funnel too", "exclude another event")
    if order == "any" and (after, before) != (1, len(steps)):
        raise told.wrong(place, "in any order an exclusion counts between all steps", "leave after_step and before_step out")
    return Exclusion(event, after, before)


def _breakdown(given: Any, steps: int) -> Breakdown:
    if isinstance(given, str):
        return Breakdown(Property(told.text(given, "breakdown")))
    fields = told.object_of(given, "breakdown", ("on", "key", "attribution", "step", "limit"))
    by = told.prop({name: fields[name] for name in ("on", "key") if name in fields}, "breakdown")
    attribution: Attribution = told.choice(  # type: ignore[assignment]
        fields.get("attribution", "first_touch"), "breakdown.attribution", get_args(Attribution)
    )
    step = told.whole(fields.get("step", 1), "breakdown.step", 1, steps)
    limit = told.whole(fields.get("limit", 10), "breakdown.limit", 1, MOST_GROUPS)
    return Breakdown(by, attribution, step, limit)
