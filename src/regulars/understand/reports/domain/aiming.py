"""A goal: a metric, a target with dated phases, the plan between them, and how it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any, Literal

from regulars.errors import InvalidInput

#: `total`: what the days since the start add up to; `level`: the value of the latest whole bucket.
GoalMode = Literal["total", "level"]
Light = Literal["green", "yellow", "red", "unknown"]
MOST_PHASES = 24


@dataclass(frozen=True, slots=True)
class Phase:
    """What is to be reached by the end of a day. The last phase is the goal itself."""

    ends_on: date
    target: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What somebody has set out to reach."""

    goal_id: str
    shop_id: str
    name: str
    kind: str
    question: Mapping[str, Any]
    mode: GoalMode
    starts_on: date
    phases: Sequence[Phase]
    start_value: float | None  # of a level: where it began; null: not known yet
    owner_id: str
    created_at: datetime
    changed_at: datetime

    @property
    def ends_on(self) -> date:
        """The last day."""
        return self.phases[-1].ends_on

    @property
    def target(self) -> float:
        """What is to be reached in the end."""
        return self.phases[-1].target


@dataclass(frozen=True, slots=True)
class GoalPoint:
    """One day (or bucket) of the plan, of what happened, and of what is expected."""

    day: date
    plan: float | None
    actual: float | None
    expected: float | None = None
    low: float | None = None  # four of five times it is not below
    high: float | None = None


@dataclass(frozen=True, slots=True)
class PhaseProgress:
    """A phase and how it stands: `value` at its end, or what is expected then."""

    ends_on: date
    target: float
    over: bool
    value: float | None
    light: Light


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalProgress:
    """How a goal stands. Money is in major units of `currency`."""

    goal: Goal
    as_of: datetime
    unit: str  # money | count | ratio | days
    currency: str
    value: float | None  # now
    planned: float | None  # for now
    light: Light
    expected_at_end: float | None
    low_at_end: float | None
    high_at_end: float | None
    arrives_on: date | None  # null: reached already, not in sight, or too little history
    earliest_on: date | None
    latest_on: date | None  # null: perhaps never
    reached_on: date | None
    phases: Sequence[PhaseProgress]
    points: Sequence[GoalPoint]


def phases_of(told: Sequence[Mapping[str, Any]], starts_on: date) -> tuple[Phase, ...]:
    """Phases as they were told, in order.

    Raises
    ------
    InvalidInput : there is none, they are not in order of time, or end before the goal starts.
    """
    if not 1 <= len(told) <= MOST_PHASES:
        raise InvalidInput(
            f"{len(told)} phases are given", mend=f"give 1 to {MOST_PHASES}; the last is the goal", code="bad_phases"
        )
    found = []
    for i, one in enumerate(told):
        try:
            phase = Phase(
                one["ends_on"] if isinstance(one["ends_on"], date) else date.fromisoformat(str(one["ends_on"])),
                float(one["target"]),
            )
        except (KeyError, ValueError, TypeError):
            raise InvalidInput(
                f"phases[{i}] is not understood", mend="write ends_on as 2026-12-31 and target as a number", code="bad_phases"
            ) from None
        if abs(phase.target) > 1e15 or phase.target != phase.target:
            raise InvalidInput(f"phases[{i}]: the target is no number one can reach", mend="correct it", code="bad_phases")
        found.append(phase)
    ends = [phase.ends_on for phase in found]
    if ends[0] < starts_on or any(later <= earlier for earlier, later in pairwise(ends)):
        raise InvalidInput("the phases are not in order of time", mend="let each end after the one before", code="bad_phases")
    if (found[-1].ends_on - starts_on).days > 3700:
        raise InvalidInput("the goal is longer than ten years", mend="choose a nearer end", code="bad_phases")
    return tuple(found)


def planned(goal: Goal, day: date) -> float | None:
    """What the plan says for the end of a day: in a straight line from phase to phase."""
    start = 0.0 if goal.mode == "total" else goal.start_value
    if day < goal.starts_on or day > goal.ends_on:
        return None
    before_on, before = goal.starts_on, start
    for phase in goal.phases:
        if day <= phase.ends_on:
            if before is None:
                return phase.target
            length = (phase.ends_on - before_on).days + (1 if before_on == goal.starts_on else 0)
            gone = (day - before_on).days + (1 if before_on == goal.starts_on else 0)
            return before + (phase.target - before) * gone / length
        before_on, before = phase.ends_on, phase.target
    return None


def light_of(value: float | None, low: float | None, high: float | None, target: float, *, upward: bool) -> Light:
    """Green: expected to be reached; yellow: it may be, four of five times the value lies so; red: out of reach as things go."""
    if value is None:
        return "unknown"
    best = (high if upward else low) if high is not None and low is not None else value
    assert best is not None
    if value >= target if upward else value <= target:
        return "green"
    return "yellow" if (best >= target if upward else best <= target) else "red"
