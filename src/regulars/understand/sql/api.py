"""SQL over HTTP."""

from __future__ import annotations

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

from regulars.understand.sql import service
from regulars.understand.sql.domain import SqlAnswer, SqlColumn, SqlView
from regulars.values.csv import Table
from regulars.web import Api, Door
from regulars.web.downloads import Format, csv_file
from regulars.web.paging import Page

api = Api(tags=["SQL"])


class Sql(BaseModel):
    """One SELECT."""

    model_config = ConfigDict(extra="forbid")

    sql: str = Field(max_length=50_000, description="One SELECT over the views that `GET /v1/sql/views` lists")
    limit: int = Field(default=1_000, ge=1, le=10_000, description="How many rows at most")


@api.get(
    "/v1/sql/views",
    permission="ask_sql",
    answer=Page[SqlView],
    summary="What SQL can read",
    example=Page(items=[SqlView("orders", "one order", [SqlColumn("order_id", "string")])]),
)
def get_sql_views(door: Door) -> Page[SqlView]:
    """Views of the shop's own rows, with columns and types."""
    return Page(items=service.views())


@api.post(
    "/v1/sql",
    permission="ask_sql",
    answer=SqlAnswer,
    summary="Ask in SQL",
    example=SqlAnswer(["event", "n"], [["Product Viewed", 31_204]], False, 0.041, ["events"]),
    sends=Sql(sql="SELECT event, count(*) AS n FROM events GROUP BY event ORDER BY n DESC"),
    replayable=False,
)
def post_sql(door: Door, asked: Sql, format: Format = "json") -> SqlAnswer | Response:
    """One SELECT, read-only: no other shop, no file, no setting can be reached. Stopped after 60 seconds; noted in the audit trail without its text."""
    found = service.ask(door.records, door.warehouse, door.caller, door.shop, asked.sql, limit=asked.limit)
    return csv_file(door, Table(tuple(found.columns), tuple(found.rows)), "sql") if format == "csv" else found
