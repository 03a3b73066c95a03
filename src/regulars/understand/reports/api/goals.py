"""Goals over HTTP: set, changed, and how they stand."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import Path, Response
from pydantic import BaseModel, ConfigDict, Field

from regulars.understand.reports import service
from regulars.understand.reports.api import examples
from regulars.understand.reports.api.asking import desk_of
from regulars.understand.reports.api.routes import api
from regulars.understand.reports.domain.aiming import Goal, GoalPoint, GoalProgress, Phase, PhaseProgress
from regulars.web import Door
from regulars.web.paging import Page

GoalId = Annotated[str, Path(max_length=120, description="The goal, by id or name")]

GOAL = Goal(
    goal_id="goal_01m7zsbyk3",
    shop_id="tea",
    name="Net revenue of the last quarter",
    kind="metric",
    question={"metric": "net_revenue"},
    mode="total",
    starts_on=date(2026, 10, 1),
    phases=(Phase(date(2026, 10, 31), 300_000), Phase(date(2026, 12, 31), 1_000_000)),
    start_value=None,
    owner_id="operator_01m7zsbyk3",
    created_at=examples.AT,
    changed_at=examples.AT,
)
PROGRESS = GoalProgress(
    goal=GOAL,
    as_of=examples.AT,
    unit="money",
    currency="CNY",
    value=312_400.0,
    planned=311_000.0,
    light="green",
    expected_at_end=1_041_200.0,
    low_at_end=970_300.0,
    high_at_end=1_112_100.0,
    arrives_on=date(2026, 12, 27),
    earliest_on=date(2026, 12, 20),
    latest_on=None,
    reached_on=None,
    phases=(PhaseProgress(date(2026, 10, 31), 300_000, True, 312_400.0, "green"),),
    points=(GoalPoint(date(2026, 10, 1), 9_677.4, 10_211.0),),
)


class NewPhase(BaseModel):
    """What is to be reached by the end of a day."""

    model_config = ConfigDict(extra="forbid")

    ends_on: date = Field(description="The last day of the phase")
    target: float = Field(description="In major units where it is money; a share as 0.25")


class NewGoal(BaseModel):
    """A line over time, and what it is to reach by when."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=200, description="Unique in the shop")
    kind: Literal["metric", "trend"] = Field(default="metric", description="Which report gives the line")
    question: dict[str, Any] = Field(description="Its question; the range is the goal's own")
    mode: Literal["total", "level"] = Field(
        default="total", description="What days add up to, or the value of the latest whole bucket"
    )
    starts_on: date = Field(description="The first day")
    phases: list[NewPhase] = Field(min_length=1, max_length=24, description="In order of time; the last one is the goal")
    start_value: float | None = Field(default=None, description="Of a level: where it began")


class ChangedGoal(BaseModel):
    """What changes; the rest stays."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(default=None, max_length=200, description="Another name")
    starts_on: date | None = Field(default=None, description="Another first day")
    phases: list[NewPhase] | None = Field(default=None, max_length=24, description="All phases anew")
    start_value: float | None = Field(default=None, description="Of a level: where it began")


@api.get("/v1/goals", permission="read_reports", answer=Page[Goal], summary="Goals", example=Page(items=[GOAL]))
def get_goals(door: Door) -> Page[Goal]:
    """The one that ends last first."""
    with door.reading() as uow:
        return Page(items=service.goals.listing(uow, door.shop.shop_id))


@api.post(
    "/v1/goals",
    permission="manage_reports",
    answer=Goal,
    status=201,
    summary="Set a goal",
    example=GOAL,
    sends=NewGoal(
        name="Net revenue of the last quarter",
        question={"metric": "net_revenue"},
        starts_on=date(2026, 10, 1),
        phases=[NewPhase(ends_on=date(2026, 12, 31), target=1_000_000)],
    ),
)
def post_goal(door: Door, new: NewGoal) -> Goal:
    """A target with dated phases on a metric or a trend."""
    with door.unit() as uow:
        return service.goals.aim(
            uow,
            door.caller,
            desk_of(door),
            name=new.name,
            kind=new.kind,
            question=new.question,
            mode=new.mode,
            starts_on=new.starts_on,
            phases=[one.model_dump() for one in new.phases],
            start_value=new.start_value,
        )


@api.get("/v1/goals/{goal_id}", permission="read_reports", answer=GoalProgress, summary="How a goal stands", example=PROGRESS)
def get_goal(door: Door, goal_id: GoalId) -> GoalProgress:
    """Plan against what happened; what is expected, four times of five between `low` and `high`; when it will be reached; and a light for each phase."""
    with door.reading() as uow:
        one = service.goals.get(uow, door.shop.shop_id, goal_id)
    return service.goals.progress(desk_of(door), one)


@api.patch(
    "/v1/goals/{goal_id}",
    permission="manage_reports",
    answer=Goal,
    summary="Change a goal",
    example=GOAL,
    sends=ChangedGoal(phases=[NewPhase(ends_on=date(2026, 12, 31), target=1_200_000)]),
)
def patch_goal(door: Door, goal_id: GoalId, changed: ChangedGoal) -> Goal:
    """Another name, other dates or targets."""
    with door.unit() as uow:
        return service.goals.change(
            uow,
            door.caller,
            desk_of(door),
            goal_id,
            name=changed.name,
            starts_on=changed.starts_on,
            phases=None if changed.phases is None else [one.model_dump() for one in changed.phases],
            start_value=changed.start_value,
        )


@api.delete("/v1/goals/{goal_id}", permission="manage_reports", status=204, summary="Give a goal up")
def delete_goal(door: Door, goal_id: GoalId) -> Response:
    """It is forgotten; its figures stay."""
    with door.unit() as uow:
        service.goals.give_up(uow, door.caller, door.shop.shop_id, goal_id)
    return Response(status_code=204)
