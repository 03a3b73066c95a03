"""Questions about paths and sessions as people write them, understood."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from regulars.understand.paths.domain import MOST_STEPS, PathsQuery, SessionsQuery, Side, Stretch, Who
from regulars.understand.questions import Desk, EventFilter, Property, told

_PATHS = (*told.COMMON, "range", "include", "node", "session_gap_minutes", "max_steps", "start", "end", "limit", "top", "funnel")
_FUNNEL = ("steps", "window", "step", "side", "who")
_MOST_INCLUDED = 50
_A_MONTH = 31 * 24 * 60


def read_paths(desk: Desk, question: Mapping[str, Any]) -> PathsQuery:
    """`{include, node, session_gap_minutes, max_steps, start, end, range, funnel, against, limit, top}`."""
    given = told.object_of(question, "question", (*_PATHS, "against"))
    stretch = None if given.get("funnel") is None else _stretch(given["funnel"])
    gap = given.get("session_gap_minutes", None if stretch else 30)
    if gap is None and stretch is None:
        raise told.wrong("session_gap_minutes", "paths without a funnel end with a rest", "give its length in minutes, such as 30")
    base = told.asked(given, desk.base)
    against = given.get("against")
    if against is not None:
        against = told.asked(told.object_of(against, "against", told.COMMON), desk.base)
    return PathsQuery(
        asked=base,
        include=_include(given.get("include")),
        node=_node(given.get("node")),
        moments=told.moments(given.get("range"), "range", desk.shop.timezone),
        gap_minutes=None if gap is None else told.whole(gap, "session_gap_minutes", 1, _A_MONTH),
        max_steps=told.whole(given.get("max_steps", 5), "max_steps", 2, MOST_STEPS),
        start=None if given.get("start") is None else told.text(given["start"], "start"),
        end=None if given.get("end") is None else told.text(given["end"], "end"),
        limit=told.whole(given.get("limit", 30), "limit", 1, 500),
        top=told.whole(given.get("top", 20), "top", 1, 500),
        stretch=stretch,
        against=against,
    )


def read_sessions(desk: Desk, question: Mapping[str, Any]) -> SessionsQuery:
    """`{include, session_gap_minutes, range, interval, breakdown, limit}`; without a range the last 30 days."""
    known = (*told.COMMON, "range", "include", "session_gap_minutes", "interval", "breakdown", "limit")
    given = told.object_of(question, "question", known)
    moments = told.moments(given.get("range"), "range", desk.shop.timezone)
    return SessionsQuery(
        asked=told.asked(given, desk.base),
        include=_include(given.get("include")),
        moments=desk.bounded(moments),
        gap_minutes=told.whole(given.get("session_gap_minutes", 30), "session_gap_minutes", 1, _A_MONTH),
        interval=told.interval(given.get("interval", "day"), "interval"),
        breakdown=None if given.get("breakdown") is None else told.prop(given["breakdown"], "breakdown"),
        limit=told.whole(given.get("limit", 20), "limit", 1, 500),
    )


def _include(written: Any) -> tuple[EventFilter, ...]:
    if written is None:
        return ()
    each = told.list_of(written, "include", least=1, most=_MOST_INCLUDED)
    return tuple(told.event_filter(one, f"include[{i}]") for i, one in enumerate(each))


def _node(written: Any) -> Property | None:
    if written is None or written == "event":
        return None
    if isinstance(written, Mapping) and "prop" in written:
        given = told.object_of(written, "node", ("prop", "on"))
        return told.prop({"key": given["prop"], "on": given.get("on", "event")}, "node")
    return told.prop(written, "node")


def _stretch(written: Any) -> Stretch:
    given = told.object_of(written, "funnel", _FUNNEL)
    each = told.list_of(given.get("steps"), "funnel.steps", least=1, most=30)
    steps = tuple(told.event_filter(one, f"funnel.steps[{i}]") for i, one in enumerate(each))
    side: Side = told.choice(given.get("side", "between"), "funnel.side", get_args(Side))  # type: ignore[assignment]
    who: Who = told.choice(given.get("who", "all"), "funnel.who", get_args(Who))  # type: ignore[assignment]
    step = told.whole(given.get("step", 1), "funnel.step", 1, len(steps))
    if side == "between" and step == len(steps):
        raise told.wrong("funnel.step", f"step {step} is the last, nothing lies behind it", "give an earlier step, or side after")
    if who != "all" and (side != "after" or step == len(steps)):
        raise told.wrong("funnel.who", "who went on is asked after a step that is not the last", "leave it out, or give side after")
    return Stretch(steps, told.window(given.get("window", "7d"), "funnel.window"), step, side, who)
