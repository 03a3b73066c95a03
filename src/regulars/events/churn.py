"""Told when churn risks were computed, and when a customer's warning level changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from regulars.events.base import Event


@dataclass(frozen=True, kw_only=True)
class ChurnScored(Event):
    """Everybody's churn risk was computed."""

    name: ClassVar[str] = "Churn Scored"
    meaning: ClassVar[str] = "The churn risk of every customer who is still about was computed as of a cut-off."

    as_of: datetime
    customers: int
    warned: int


@dataclass(frozen=True, kw_only=True)
class ChurnWarned(Event):
    """A customer's warning level changed."""

    name: ClassVar[str] = "Churn Warned"
    meaning: ClassVar[str] = (
        "A customer's churn warning level changed: to yellow, orange or red, back to green, or to gone where it stayed away for two "
        "horizons. Told at most once a day and customer."
    )

    level: str
    previous: str
    as_of: datetime
    probability: float | None  # null: gone
    expected_loss_minor: int | None
    currency: str
    cause: str | None  # the first reason that is a cause
    reasons: tuple[str, ...]  # the groups named, the strongest cause first
