"""An answer read as one line over time, for goals: its days, its values, and which of them are over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from regulars.errors import InvalidInput
from regulars.understand.reports.domain.answers import Answered
from regulars.values.money import Money

_STEPS = {"day": 1, "week": 7, "month": 30}


@dataclass(frozen=True, slots=True)
class Series:
    """One line; money in major units."""

    as_of: datetime | None
    unit: str
    currency: str
    step_days: int
    days: Sequence[date]  # the first day of each bucket
    values: Sequence[float | None]
    complete: Sequence[bool]


def series_of(answered: Answered) -> Series:
    """The first line of an answer.

    Raises
    ------
    InvalidInput : the answer is no line over time.
    """
    answer: Any = answered.answer
    if answered.kind == "metric":
        line = answer.lines[0]
        return Series(
            answer.as_of,
            line.unit,
            answer.currency,
            _STEPS[answer.interval],
            [date.fromisoformat(bucket) for bucket in answer.buckets],
            [_number(value) for value in line.values],
            answer.complete,
        )
    if answered.kind == "trend" and answer.lines and answer.interval in _STEPS:
        counts = answer.lines[0].measure in ("events", "customers")
        return Series(
            answer.as_of,
            "count" if counts else "number",
            "",
            _STEPS[answer.interval],
            [date.fromisoformat(bucket) for bucket in answer.buckets],
            list(answer.lines[0].values),
            answer.complete,
        )
    raise InvalidInput(f"a report '{answered.kind}' is no line over time", mend="use metric or trend", code="bad_goal")


def _number(value: Any) -> float | None:
    if value is None:
        return None
    return float(value.major) if isinstance(value, Money) else float(value)
