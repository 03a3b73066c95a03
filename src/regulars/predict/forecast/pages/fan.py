"""The picture of a forecast: what was, what is expected, the band around it, and the holidays."""

from __future__ import annotations

from typing import Any

from regulars.console.charts import PALETTE, Line, Plot, cartesian
from regulars.console.view import Screen
from regulars.predict.forecast.calendar import holidays, title_of
from regulars.predict.forecast.domain import ForecastAnswer, ForecastDay, PastDay
from regulars.understand.metrics import METRICS
from regulars.understand.metrics.pages.words import axis_of, full, number, said

#: So many names of holidays have room side by side, on a phone too.
_ROOM = 22


def fan(s: Screen, answer: ForecastAnswer) -> tuple[dict[str, Any], tuple[list[str], list[list[str]]]]:
    """The chart's options, and the same figures as a table."""
    metric = METRICS[answer.metric]
    past, ahead = answer.past, answer.days
    gap: list[float | None] = [None] * (len(past) - 1)
    none = [""] * (len(past) - 1)
    joint = number(past[-1].value) if past else None

    def words(value: Any) -> str:
        return full(s, metric, value)

    def coming(name: str) -> list[float | None]:
        return [*gap, joint, *(number(getattr(one, name)) for one in ahead)]

    shown: list[PastDay | ForecastDay] = [*past, *ahead]
    names = [_named(s, answer, one.holiday) for one in shown]
    between = [*none, "", *(s.t("between {low} and {high}", low=words(one.low), high=words(one.high)) for one in ahead)]
    notes = [" · ".join(part for part in pair if part) for pair in zip(names, between, strict=True)]
    lines = [
        Line(
            s.t("What came"),
            [*(number(one.value) for one in past), *[None] * len(ahead)],
            [*(words(one.value) for one in past), *[""] * len(ahead)],
            color=0,
            notes=[name if i < len(past) else "" for i, name in enumerate(names)],
        ),
        Line(s.t("Expected value"), coming("expected"), [*none, "", *(words(one.expected) for one in ahead)], color=1, notes=notes),
    ]
    places = [s.day(one.day) for one in shown]
    options = cartesian(s, Plot(said(s, metric.title), places, s.t("Day"), lines, axis_of(metric)))
    for made in options["series"]:  # a point that has no words must not be told
        made["data"] = [item if item["text"] else {"value": item["value"], "silent": True} for item in made["data"]]
    low, high = coming("low"), coming("high")
    options["series"] += [_band(s, low, None), _band(s, low, high)]
    options["series"][0]["markLine"] = _marks(s, answer, places)
    heads = [s.t("Day"), said(s, metric.title), s.t("Expected value"), s.t("At least"), s.t("At most"), s.t("Holiday")]
    rows = [[place, words(one.value), "", "", "", name] for place, one, name in zip(places, past, names, strict=False)]
    rows += [
        [place, "", words(one.expected), words(one.low), words(one.high), name]
        for place, one, name in zip(places[len(past) :], ahead, names[len(past) :], strict=True)
    ]
    return options, (heads, rows)


def _band(s: Screen, low: list[float | None], high: list[float | None] | None) -> dict[str, Any]:
    """Two series stacked: an invisible one up to the lower edge, and the band on it."""
    values = low if high is None else [None if a is None or b is None else b - a for a, b in zip(low, high, strict=True)]
    return {
        "type": "line",
        "stack": "band",
        "stackStrategy": "all",
        "data": [{"value": value, "silent": True} for value in values],
        "lineStyle": {"width": 0},
        "symbol": "none",
        "silent": True,
        "areaStyle": {"opacity": 0 if high is None else 0.16},
        "color": PALETTE[s.dark][1],
        "z": 1,
        "tooltip": {"show": False},
    }


def _marks(s: Screen, answer: ForecastAnswer, places: list[str]) -> dict[str, Any]:
    days = [*(one.day for one in answer.past), *(one.day for one in answer.days)]
    own = holidays(answer.calendar, days[0], days[-1])  # type: ignore[arg-type]
    marked = [i for i, day in enumerate(days) if day in own and own[day].offset == 0]
    labels: dict[int, list[str]] = {}
    for i in marked:  # names of lines that stand close together stand at the first of them, or they would overlap
        near = next((first for first in labels if i - first <= len(days) / _ROOM), i)
        labels.setdefault(near, []).append(_named(s, answer, own[days[i]].name))
    return {
        "silent": True,
        "symbol": "none",
        "animation": False,
        "lineStyle": {"type": "dotted", "width": 1, "color": "#9aa3b2"},
        "label": {"fontSize": 11, "color": "#8a8f8a", "position": "insideEndTop", "formatter": "{b}"},
        "data": [{"xAxis": places[i], "name": _joined(labels.get(i, []))} for i in marked],
    }


def _joined(names: list[str]) -> str:
    """One name, or the first and the last: all of them would run into the lines."""
    return " – ".join(names if len(names) < 2 else (names[0], names[-1]))


def _named(s: Screen, answer: ForecastAnswer, holiday: str | None) -> str:
    return said(s, title_of(answer.calendar, holiday)) if holiday else ""  # type: ignore[arg-type]
