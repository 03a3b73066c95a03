"""Questions that may take long, over HTTP: asked, watched, cancelled."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field

from regulars.understand.reports import service
from regulars.understand.reports.api import examples
from regulars.understand.reports.api.asking import desk_of
from regulars.understand.reports.api.routes import api
from regulars.understand.reports.domain.running import Run
from regulars.web import Door

RunId = Annotated[str, Path(max_length=60, description="The run, as `POST /v1/report_runs` named it", examples=["run_01m7zsbyk3"])]


class AskedRun(BaseModel):
    """A kind of report and the question."""

    model_config = ConfigDict(extra="forbid")

    kind: str = Field(max_length=40, description="A kind of report, as `GET /v1/reports` lists them")
    question: dict[str, Any] = Field(default_factory=dict, description="The question, in the form of its kind's example")


@api.post(
    "/v1/report_runs",
    permission="read_reports",
    answer=Run,
    status=202,
    summary="Ask a report without waiting for it",
    example=examples.RUN,
    sends=AskedRun(kind="metric", question=examples.QUESTION),
    replayable=False,
)
def post_report_run(door: Door, asked: AskedRun) -> Run:
    """A question that cannot be understood is refused at once. Look for the answer with `GET /v1/report_runs/{run_id}`; it is kept for 15 minutes."""
    return service.book_of(door.warehouse).start(desk_of(door), asked.kind, asked.question)


@api.get("/v1/report_runs/{run_id}", permission="read_reports", answer=Run, summary="How far a run is", example=examples.RUN)
def get_report_run(
    door: Door,
    run_id: RunId,
    wait: Annotated[float, Query(ge=0, le=20, description="Wait so many seconds for its end before answering")] = 0,
) -> Run:
    """`percent` tells of the statement that runs now, where the engine knows. Once `state` is `done` the answer is there."""
    return service.book_of(door.warehouse).wait(run_id, door.shop.shop_id, wait)


@api.delete(
    "/v1/report_runs/{run_id}",
    permission="read_reports",
    answer=Run,
    summary="Cancel a run",
    example=examples.RUN,
    replayable=False,
)
def delete_report_run(door: Door, run_id: RunId) -> Run:
    """Stops this question in the engine and no other. A run that has ended stays as it is."""
    return service.book_of(door.warehouse).cancel(run_id, door.shop.shop_id)
