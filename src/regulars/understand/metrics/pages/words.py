"""A metric's values in words: on tiles and in full, how far they moved, and whether that is welcome."""

from __future__ import annotations

from collections.abc import Mapping

from regulars.console.charts import Axis
from regulars.console.parts import Tone
from regulars.console.view import Screen
from regulars.understand.metrics.domain import Language, Metric, Value
from regulars.values.money import Money

UNIT_WORDS = {"day": "Day", "week": "Week", "month": "Month"}


def brief(s: Screen, metric: Metric, value: Value) -> str:
    """A metric's value on a tile."""
    match value:
        case Money():
            return s.short_money(value)
        case _ if metric.unit == "ratio":
            return s.share(value)
        case _ if metric.unit == "days":
            return s.days(value)
        case _:
            return s.short(value)


def full(s: Screen, metric: Metric, value: Value) -> str:
    """A metric's value, exact."""
    match value:
        case Money():
            return s.money(value)
        case _ if metric.unit == "ratio":
            return s.share(value, 2)
        case _ if metric.unit == "days":
            return s.days(value)
        case _:
            return s.count(value)


def said(s: Screen, words: Mapping[Language, str] | Mapping[str, str]) -> str:
    """A text that a definition brings in both languages."""
    return dict(words)["zh" if s.language == "zh" else "en"]


def moved_words(s: Screen, metric: Metric, now: Value, before: Value, change: float | None) -> str:
    """By how much a metric moved: shares in percentage points, all else as a share of what it was."""
    if metric.unit == "ratio" and isinstance(now, int | float) and isinstance(before, int | float):
        return s.points(now - before)
    return s.change(change)


def direction(metric: Metric, change: float) -> Tone:
    """Whether a change is welcome."""
    if change == 0 or metric.better == "neither":
        return ""
    return "good" if (change > 0) == (metric.better == "higher") else "bad"


def axis_of(metric: Metric) -> Axis:
    """How the value axis is labelled."""
    axes: dict[str, Axis] = {"money": "money", "ratio": "share", "days": "days"}
    return axes.get(metric.unit, "count")


def number(value: Value) -> float | None:
    match value:
        case None:
            return None
        case Money():
            return float(value.major)
        case _:
            return float(value)


def money(value: Value) -> Money | None:
    return value if isinstance(value, Money) else None
