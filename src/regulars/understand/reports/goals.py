"""The verbs of goals: set, changed, given up; and how one stands, with what may be expected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import RowMapping, delete, insert, or_, select, update

from regulars.access import audit
from regulars.errors import InvalidInput, NotFound
from regulars.understand import metrics
from regulars.understand.questions import Desk
from regulars.understand.reports.asking import ask
from regulars.understand.reports.domain.aiming import (
    Goal,
    GoalMode,
    GoalPoint,
    GoalProgress,
    Phase,
    PhaseProgress,
    light_of,
    phases_of,
    planned,
)
from regulars.understand.reports.domain.forecasting import MOST_DAYS, MOST_WEEKS
from regulars.understand.reports.domain.kept import named
from regulars.understand.reports.domain.lines import Series, series_of
from regulars.understand.reports.expecting import expected
from regulars.understand.reports.kinds import report_of
from regulars.understand.reports.shelf import taken, who
from regulars.understand.reports.tables import goal
from regulars.values import clock
from regulars.values.ids import new_id
from regulars.values.zones import local_day

if TYPE_CHECKING:
    from regulars.access.domain import Caller
    from regulars.records import UnitOfWork

#: Kinds whose answers are a line over time.
KINDS = ("metric", "trend")
_FARTHEST_DAYS = 1_100


def aim(
    uow: UnitOfWork,
    caller: Caller,
    desk: Desk,
    *,
    name: str,
    kind: str,
    question: Mapping[str, Any],
    mode: GoalMode,
    starts_on: date,
    phases: Sequence[Mapping[str, Any]],
    start_value: float | None = None,
) -> Goal:
    """Set a goal.

    Parameters
    ----------
    question : a question with one line (`metric` or `trend`); its range and interval are the goal's own.
    phases : `{ends_on, target}` in order of time; the last one is the goal.

    Raises
    ------
    InvalidInput : the question has no line over time, or the phases are not in order.
    """
    caller.demand("manage_reports")
    _check(desk, kind, question, mode)
    at = clock.now()
    row: dict[str, Any] = {
        "goal_id": new_id("goal"),
        "shop_id": desk.shop.shop_id,
        "name": named(name, "goal"),
        "kind": kind,
        "question": dict(question),
        "mode": mode,
        "starts_on": starts_on.isoformat(),
        "phases": [{"ends_on": one.ends_on, "target": one.target} for one in phases_of(phases, starts_on)],
        "start_value": start_value,
        "owner_id": who(caller),
        "created_at": at,
        "changed_at": at,
    }
    if uow.value(select(goal.c.goal_id).where(goal.c.shop_id == row["shop_id"], goal.c.name == row["name"])):
        raise taken("goal", row["name"])
    uow.execute(insert(goal).values(**row))
    audit.record(uow, caller, "goal.set", row["goal_id"], after={"phases": row["phases"]}, shop_id=desk.shop.shop_id)
    return get(uow, desk.shop.shop_id, row["goal_id"])


def change(
    uow: UnitOfWork,
    caller: Caller,
    desk: Desk,
    goal_id: str,
    *,
    name: str | None = None,
    starts_on: date | None = None,
    phases: Sequence[Mapping[str, Any]] | None = None,
    start_value: float | None = None,
) -> Goal:
    """Another name, other dates or targets."""
    caller.demand("manage_reports")
    before = get(uow, desk.shop.shop_id, goal_id)
    start = starts_on or before.starts_on
    told = phases if phases is not None else [{"ends_on": one.ends_on, "target": one.target} for one in before.phases]
    kept = [{"ends_on": one.ends_on, "target": one.target} for one in phases_of(told, start)]
    values: dict[str, Any] = {"starts_on": start.isoformat(), "phases": kept, "changed_at": clock.now()}
    if start_value is not None:
        values["start_value"] = start_value
    if name is not None and named(name, "goal") != before.name:
        values["name"] = named(name, "goal")
        if uow.value(select(goal.c.goal_id).where(goal.c.shop_id == desk.shop.shop_id, goal.c.name == values["name"])):
            raise taken("goal", values["name"])
    uow.execute(update(goal).where(goal.c.goal_id == before.goal_id).values(**values))
    audit.record(
        uow,
        caller,
        "goal.changed",
        before.goal_id,
        before={"phases": before.phases},
        after={"phases": kept},
        shop_id=desk.shop.shop_id,
    )
    return get(uow, desk.shop.shop_id, before.goal_id)


def give_up(uow: UnitOfWork, caller: Caller, shop_id: str, goal_id: str) -> None:
    """Forget a goal."""
    caller.demand("manage_reports")
    gone = get(uow, shop_id, goal_id)
    uow.execute(delete(goal).where(goal.c.goal_id == gone.goal_id))
    audit.record(uow, caller, "goal.given_up", gone.goal_id, before={"phases": gone.phases}, shop_id=shop_id)


def get(uow: UnitOfWork, shop_id: str, name_or_id: str) -> Goal:
    """A goal by its id or its name."""
    row = uow.one(select(goal).where(goal.c.shop_id == shop_id, or_(goal.c.goal_id == name_or_id, goal.c.name == name_or_id)))
    if row is None:
        raise NotFound(f"there is no goal '{name_or_id[:60]}'", mend="list them with `GET /v1/goals`", code="no_such_goal")
    return _of(row)


def listing(uow: UnitOfWork, shop_id: str) -> list[Goal]:
    """The shop's goals, the one that ends last first."""
    rows = uow.rows(select(goal).where(goal.c.shop_id == shop_id).order_by(goal.c.name))
    return sorted((_of(row) for row in rows), key=lambda one: (one.ends_on, one.name), reverse=True)


def progress(desk: Desk, one: Goal) -> GoalProgress:
    """How a goal stands: plan against what happened, what is expected, and when it will be reached.

    The forecast is that of the forecast room, over at most a year of days (of a total) or 104 buckets (of a level): level, weekdays
    and holidays; the interval holds four times of five if forecasts go on to be as right as they were.
    """
    line = _asked(desk, one)
    known = _Known.of(one, line, desk)
    start = 0.0 if one.mode == "total" else one.start_value
    upward = start is None or one.target >= start
    points, ahead = known.points(one), known.ahead(one, upward)
    reached_on = next(
        (p.day for p in points if p.actual is not None and (p.actual >= one.target if upward else p.actual <= one.target)), None
    )
    by_day = {point.day: point for point in ahead}
    ends = [p for p in ahead if p.day <= one.ends_on]
    end = ends[-1] if ends else None
    now_value = known.value
    phases = tuple(_phase(phase, points, by_day, ahead, known, upward) for phase in one.phases)
    arrives, earliest, latest = _arrival(ahead, one.target, upward) if reached_on is None else (None, None, None)
    return GoalProgress(
        goal=one,
        as_of=desk.as_of() if line.as_of is None else line.as_of,
        unit=line.unit,
        currency=line.currency,
        value=now_value,
        planned=planned(one, min(known.last_on, one.ends_on)) if known.last_on else None,
        light="green" if reached_on and one.mode == "total" else phases[-1].light,
        expected_at_end=end.expected if end else now_value if known.over(one) else None,
        low_at_end=end.low if end else None,
        high_at_end=end.high if end else None,
        arrives_on=arrives,
        earliest_on=earliest,
        latest_on=latest,
        reached_on=reached_on,
        phases=phases,
        points=(*points, *(p for p in ahead if p.day <= max(one.ends_on, arrives or one.ends_on))),
    )


@dataclass(frozen=True, slots=True)
class _Known:
    """What happened until the last whole bucket."""

    days: tuple[date, ...]
    values: tuple[float, ...]
    running: tuple[float, ...]  # of a total: since the goal's start; of a level: the values
    step: timedelta
    daily: bool
    zone: str
    currency: str

    @classmethod
    def of(cls, one: Goal, line: Series, desk: Desk) -> _Known:
        days, values, running, total = [], [], [], 0.0
        for day, value, complete in zip(line.days, line.values, line.complete, strict=True):
            if not complete or (value is None and one.mode == "level"):
                continue
            days.append(day)
            values.append(value or 0.0)
            total += (value or 0.0) if day >= one.starts_on else 0.0
            running.append(total if one.mode == "total" else value or 0.0)
        return cls(
            tuple(days),
            tuple(values),
            tuple(running),
            timedelta(days=line.step_days),
            line.step_days == 1,
            desk.shop.timezone,
            line.currency,
        )

    @property
    def last_on(self) -> date | None:
        return self.days[-1] if self.days else None

    @property
    def value(self) -> float | None:
        return self.running[-1] if self.running else None

    def over(self, one: Goal) -> bool:
        return self.last_on is not None and self.last_on >= one.ends_on

    def points(self, one: Goal) -> list[GoalPoint]:
        """What happened since the start, beside the plan."""
        return [
            GoalPoint(day, planned(one, day), value)
            for day, value in zip(self.days, self.running, strict=True)
            if one.starts_on <= day <= one.ends_on
        ]

    def ahead(self, one: Goal, upward: bool) -> list[GoalPoint]:
        """What is expected of the buckets to come, until the goal's end and on until it is reached."""
        if self.last_on is None or self.over(one):
            return []
        until = max((one.ends_on - self.last_on) // self.step, 1)
        count = min(max(until * 2, until + 60), _FARTHEST_DAYS)
        made = expected(self.values, self.last_on, count, daily=self.daily, zone=self.zone, currency=self.currency)
        days = [self.last_on + self.step * k for k in range(1, count + 1)]
        if made is None:
            return [GoalPoint(day, planned(one, day), None) for day in days if day <= one.ends_on]
        values, off = made.totals() if one.mode == "total" else made.levels()
        base = (self.value or 0.0) if one.mode == "total" else 0.0
        return [
            GoalPoint(
                day,
                planned(one, day),
                None,
                *(round(float(base + x), 4) for x in (value, _not_below(value - wide, made.least), value + wide)),
            )
            for day, value, wide in zip(days, values, off, strict=True)
        ]


def _not_below(value: float, least: float | None) -> float:
    return value if least is None else max(value, least)


def _phase(
    phase: Phase,
    points: Sequence[GoalPoint],
    by_day: Mapping[date, GoalPoint],
    ahead: Sequence[GoalPoint],
    known: _Known,
    upward: bool,
) -> PhaseProgress:
    if known.last_on is not None and known.last_on >= phase.ends_on:
        value = next((p.actual for p in reversed(points) if p.day <= phase.ends_on), None)
        return PhaseProgress(phase.ends_on, phase.target, True, value, light_of(value, None, None, phase.target, upward=upward))
    point = by_day.get(phase.ends_on) or next((p for p in reversed(ahead) if p.day <= phase.ends_on), None)
    if point is None or point.expected is None:
        now, plan = known.value, points[-1].plan if points else None
        if now is None or plan is None:
            return PhaseProgress(phase.ends_on, phase.target, False, None, "unknown")
        near = plan * (0.9 if upward else 1.1)
        light = light_of(now, None, None, plan, upward=upward)
        return PhaseProgress(
            phase.ends_on,
            phase.target,
            False,
            None,
            "yellow" if light == "red" and (now >= near if upward else now <= near) else light,
        )
    return PhaseProgress(
        phase.ends_on,
        phase.target,
        False,
        point.expected,
        light_of(point.expected, point.low, point.high, phase.target, upward=upward),
    )


def _arrival(ahead: Sequence[GoalPoint], target: float, upward: bool) -> tuple[date | None, date | None, date | None]:
    def first(name: str) -> date | None:
        for point in ahead:
            value = getattr(point, name)
            if value is not None and (value >= target if upward else value <= target):
                return point.day
        return None

    return (first("expected"), first("high"), first("low")) if upward else (first("expected"), first("low"), first("high"))


def _asked(desk: Desk, one: Goal) -> Series:
    """The goal's line, with enough history before its start to forecast from."""
    back = MOST_DAYS if one.mode == "total" else MOST_WEEKS * 7
    first = one.starts_on - timedelta(days=back)
    begins = metrics.data_span(desk.warehouse, desk.shop).first_at if one.kind == "metric" else desk.span().start
    if begins is not None:
        first = max(first, min(local_day(begins, desk.shop.timezone), one.starts_on))
    today = local_day(desk.now(), desk.shop.timezone)
    question = {**one.question, "range": {"from": first.isoformat(), "to": max(min(today, one.ends_on), first).isoformat()}}
    question["interval"] = "day" if one.mode == "total" else one.question.get("interval", "week")
    return series_of(ask(desk, one.kind, question))


def _check(desk: Desk, kind: str, question: Mapping[str, Any], mode: str) -> None:
    if kind not in KINDS:
        raise InvalidInput(f"a report '{kind}' is no line over time", mend=f"use one of {', '.join(KINDS)}", code="bad_goal")
    if mode not in ("total", "level"):
        raise InvalidInput(f"'{mode}' is no way to count", mend="total or level", code="bad_goal")
    report_of(kind).read(desk, question)


def _of(row: RowMapping) -> Goal:
    values = {field: row[field] for field in Goal.__dataclass_fields__}
    values["starts_on"] = date.fromisoformat(row["starts_on"])
    values["phases"] = tuple(Phase(date.fromisoformat(one["ends_on"]), float(one["target"])) for one in row["phases"])
    return Goal(**values)
