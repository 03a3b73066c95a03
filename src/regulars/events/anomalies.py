"""Told when a metric leaves its interval."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from regulars.events.base import Event


@dataclass(frozen=True, kw_only=True)
class AnomalyFound(Event):
    """A metric is outside its interval, and that is worth money."""

    name: ClassVar[str] = "Anomaly Found"
    meaning: ClassVar[str] = (
        "A metric of the shop lay outside the interval that holds 99.5 % of days, on two of three days, with a money effect above "
        "the floor. Told once a metric and day."
    )

    anomaly_id: str
    metric: str
    day: date
    direction: str  # down | up
    level: str  # yellow | orange | red
    effect_minor: int
    currency: str
