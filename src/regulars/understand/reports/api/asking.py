"""Every report over HTTP: asked, compared, and opened down to the customers behind a figure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Body, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from regulars.understand.questions import Desk
from regulars.understand.reports import service
from regulars.understand.reports.api import examples
from regulars.understand.reports.api.routes import api
from regulars.understand.reports.domain.answers import Answered, Compared, CustomerBehind
from regulars.understand.reports.exports import customers_table
from regulars.web import Door
from regulars.web.downloads import Format, csv_file
from regulars.web.paging import Cursor, Limit, Page, cursor_of, place_of

Kind = Annotated[str, Path(max_length=40, description="A kind of report, as `GET /v1/reports` lists them", examples=["metric"])]
Question = Annotated[dict[str, Any], Body(description="The question, in the form of its kind's example")]


@dataclass(frozen=True, slots=True)
class KindOfReport:
    """A report that can be asked, and a question that works on any shop."""

    kind: str
    example: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomersPage(Page[CustomerBehind]):
    """A page of those behind a cell, and how many they are in all."""

    total: int


class Cell(BaseModel):
    """A question and the coordinates of one of its figures."""

    model_config = ConfigDict(extra="forbid")

    question: dict[str, Any] = Field(default_factory=dict, description="As it was asked")
    cell: dict[str, Any] = Field(default_factory=dict, description="The figure's coordinates, as the answer names them")


class Sides(BaseModel):
    """A question and what differs between its two sides: `range` (`previous` for the time before), `segment`, `where` ..."""

    model_config = ConfigDict(extra="forbid")

    question: dict[str, Any] = Field(default_factory=dict, description="What both sides have in common")
    first: dict[str, Any] = Field(default_factory=dict, description="What replaces fields of the question on the first side")
    second: dict[str, Any] = Field(default_factory=dict, description="The same for the second side")


def desk_of(door: Door) -> Desk:
    """Where the caller's questions are answered."""
    return Desk(door.warehouse, door.shop)


@api.get(
    "/v1/reports",
    permission="read_reports",
    answer=Page[KindOfReport],
    summary="The reports there are",
    example=Page(items=[KindOfReport("metric", {"metrics": ["net_revenue", "orders"], "interval": "month"})]),
)
def get_reports(door: Door) -> Page[KindOfReport]:
    """Every kind, with a question that works on any shop: send it to `POST /v1/reports/{kind}` as it is."""
    return Page(items=[KindOfReport(one.kind, one.example) for one in service.every_report()])


@api.post(
    "/v1/reports/{kind}",
    permission="read_reports",
    answer=Answered,
    summary="Ask a report",
    example=examples.ANSWERED,
    sends=examples.QUESTION,
    replayable=False,
)
def post_report(door: Door, kind: Kind, question: Question, format: Format = "json") -> Answered | Response:
    """The answer, judged at `as_of`. What cannot be understood is refused with its place in the question. A question that may take long is better asked by `POST /v1/report_runs`, where it can be watched and cancelled."""
    answered = service.ask(desk_of(door), kind, question)
    return csv_file(door, service.kept_table(answered), kind.replace("_", "-")) if format == "csv" else answered


@api.post(
    "/v1/reports/{kind}/compare",
    permission="read_reports",
    answer=Compared,
    summary="Ask a report twice: two segments, two ranges, two conditions",
    example=Compared("metric", examples.ANSWERED, examples.ANSWERED),
    sends=Sides(question=examples.QUESTION, first={}, second={"range": "previous"}),
    replayable=False,
)
def post_report_comparison(door: Door, kind: Kind, sides: Sides) -> Compared:
    """Both answers. Each side may replace `range`, `to`, `segment`, `where`, `known_only` and `with_bots` of the question."""
    return service.compare(desk_of(door), kind, sides.question, sides.first, sides.second)


@api.post(
    "/v1/reports/{kind}/customers",
    permission="read_customers",
    answer=CustomersPage,
    summary="The customers behind a figure",
    example=CustomersPage(items=[examples.SOMEBODY], next=None, total=1),
    sends=Cell(question=examples.QUESTION, cell={"bucket": "2026-10-01"}),
    replayable=False,
)
def post_report_customers(
    door: Door, kind: Kind, asked: Cell, cursor: Cursor = None, limit: Limit = 100, format: Format = "json"
) -> CustomersPage | Response:
    """Customers and visitors that were counted there, by id, page after page; as CSV all of them."""
    desk = desk_of(door)
    if format == "csv":
        door.caller.demand("export")
        return csv_file(door, customers_table(_everybody(desk, kind, asked)), f"{kind.replace('_', '-')}-customers")
    found = service.customers(desk, kind, asked.question, asked.cell, after=place_of(cursor, str), limit=limit + 1)
    shown = list(found.customers[:limit])
    more = len(found.customers) > limit
    return CustomersPage(items=shown, next=cursor_of(shown[-1].customer_id) if more else None, total=found.total)


def _everybody(desk: Desk, kind: str, asked: Cell) -> Iterator[CustomerBehind]:
    after: str | None = None
    while True:
        found = service.customers(desk, kind, asked.question, asked.cell, after=after, limit=10_000).customers
        yield from found
        if len(found) < 10_000:
            return
        after = found[-1].customer_id
