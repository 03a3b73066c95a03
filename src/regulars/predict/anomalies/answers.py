"""What the room answers of alarms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from regulars.understand.metrics import Value
from regulars.values.money import Money

State = Literal["open", "acknowledged", "expected", "muted"]


@dataclass(frozen=True, slots=True)
class Anomaly:
    """A metric that left its interval, what that is worth, why, and what was said of it."""

    anomaly_id: str
    metric: str
    unit: str
    day: date
    direction: str  # down | up
    level: str  # yellow | orange | red
    value: Value
    expected: Value
    low: Value  # of the interval that holds 99.5 % of days
    high: Value
    effect: Money  # of the days outside, against what was expected; below 0 where the metric fell short
    causes: Mapping[str, tuple[str, ...]]  # sentences by language; empty where the change cannot be searched
    state: State
    because: str | None
    muted_until: date | None
    said_by: str | None
    said_at: datetime | None
    found_at: datetime


@dataclass(frozen=True, slots=True)
class NotWatched:
    """A metric that raises no alarm, and why, by language."""

    metric: str
    because: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AnomalyList:
    """Alarms, the newest day first, and the metrics that raise none."""

    anomalies: tuple[Anomaly, ...]
    not_watched: tuple[NotWatched, ...] = ()
