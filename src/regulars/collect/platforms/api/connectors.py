"""Connectors to databases over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Path, Response
from pydantic import Field

from regulars.collect.platforms import connectors, wishes
from regulars.collect.platforms.api.routes import Strict, api
from regulars.collect.platforms.connectors import Connector, ConnectorRun
from regulars.collect.platforms.domain.facts import Reads
from regulars.collect.platforms.wishes import DryRun, Wish
from regulars.web import Door
from regulars.web.paging import Cursor, Limit, Page, page, place_of

ConnectorId = Annotated[str, Path(max_length=64, description="The connector")]
Line = Annotated[str, Field(max_length=300)]
Long = Annotated[str, Field(max_length=20_000)]

_TIME = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
_QUERY = "SELECT id, number, created_at, member_id, total FROM orders"
_FIELDS = {"order_id": "number", "ordered_at": "created_at", "customer_id": "member_id", "order_total": "total"}
_CONNECTOR = Connector(
    connector_id="connector_01m7zsbyk3", shop_id="tea", name="Shop database", takes="orders", place="postgresql://db.example.com:5432/shop",
    query=_QUERY, cursor_column="id", mapping=_FIELDS, options={"timezone": "Asia/Shanghai"}, batch_rows=2000, every_minutes=15,
    cursor="48211", paused=False, running=False, next_run_at=_TIME, created_at=_TIME,
)  # fmt: skip
_RUN = ConnectorRun(
    run_id="run_01m7zsc4t1", connector_id="connector_01m7zsbyk3", state="done", rows=120, messages=240, quarantined=0, cursor_before="48091",
    cursor_after="48211", error=None, error_code=None, started_at=_TIME, finished_at=_TIME,
)  # fmt: skip
_DRY = DryRun(
    place="postgresql://db.example.com:5432/shop", columns=["id", "number", "created_at", "member_id", "total"], mapping=_FIELDS, rows=20,
    messages=[{"type": "track", "event": "Order Completed"}], problems=[], cursor="20",
)  # fmt: skip


class ConnectorToMake(Strict):
    """A connector to make. `url` is kept encrypted and never shown again.

    With `takes: stream` it names a stream (`nats://host:4222/stream`, `kafka://host:9092/topic`) whose messages are JSON in Segment form,
    and only `name`, `url` and `batch_rows` count.
    """

    name: Line
    takes: Reads
    url: Annotated[str, Field(max_length=2000)]
    query: Long = ""
    cursor_column: Line = ""
    mapping: dict[Line, Line] = Field(default_factory=dict)
    statuses: dict[Line, Line] = Field(default_factory=dict)
    timezone: Line | None = None
    currency: Line | None = None
    overlap: int | None = None
    batch_rows: int = 2000
    every_minutes: int = 15


class ConnectorChanges(Strict):
    """What to change of a connector; `from_the_start` reads everything again, which tells nothing twice."""

    name: Line = ""
    url: Annotated[str, Field(max_length=2000)] = ""
    query: Long = ""
    cursor_column: Line = ""
    mapping: dict[Line, Line] = Field(default_factory=dict)
    statuses: dict[Line, Line] = Field(default_factory=dict)
    timezone: Line | None = None
    currency: Line | None = None
    overlap: int | None = None
    batch_rows: int = 2000
    every_minutes: int = 15
    paused: bool = False
    from_the_start: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RunAsked:
    """The job that will do the run."""

    job_id: str


_WISH = ConnectorToMake(
    name="Shop database", takes="orders", url="postgresql://reader@db.example.com:5432/shop", query=_QUERY, cursor_column="id",
    mapping={"order_id": "number", "customer_id": "member_id"},
)  # fmt: skip


@api.get(
    "/v1/connectors",
    permission="load_data",
    answer=Page[Connector],
    summary="Connectors to databases",
    example=Page(items=[_CONNECTOR]),
)
def get_connectors(door: Door) -> Page[Connector]:
    """Every connector and how far it has read; addresses are shown without user and password."""
    with door.reading() as uow:
        return Page(items=connectors.list_all(uow, door.caller, door.shop.shop_id))


@api.post(
    "/v1/connectors",
    permission="connect_data",
    answer=Connector,
    summary="Make a connector",
    example=_CONNECTOR,
    status=201,
    sends=_WISH,
)
def post_connector(door: Door, body: ConnectorToMake) -> Connector:
    """Connects and reads the columns first, so that what is wrong is said now. The first run is due at once."""
    shop, wish = door.shop, Wish(**body.model_dump())
    with door.unit() as uow:
        return connectors.add(uow, door.stores.records, door.home, door.caller, shop, wish)


@api.post(
    "/v1/connectors/dry_runs", permission="connect_data", answer=DryRun, summary="Try a connector", example=_DRY, sends=_WISH,
    replayable=False,
)  # fmt: skip
def post_connector_dry_run(door: Door, body: ConnectorToMake) -> DryRun:
    """Connects, runs the query, and says what its first rows come to; nothing is kept."""
    return wishes.dry_run(door.stores.records, door.home, door.caller, door.shop, Wish(**body.model_dump()))


@api.get("/v1/connectors/{connector_id}", permission="load_data", answer=Connector, summary="One connector", example=_CONNECTOR)
def get_connector(door: Door, connector_id: ConnectorId) -> Connector:
    """What it reads, how often, and how far it has read."""
    with door.reading() as uow:
        return connectors.get(uow, door.caller, connector_id)


@api.patch(
    "/v1/connectors/{connector_id}", permission="connect_data", answer=Connector, summary="Change a connector", example=_CONNECTOR,
    sends=ConnectorChanges(paused=True),
)  # fmt: skip
def patch_connector(door: Door, connector_id: ConnectorId, body: ConnectorChanges) -> Connector:
    """Changes what is sent and nothing else. Another query or cursor column begins from the start."""
    with door.reading() as view:
        shop = door.shop_of(connectors.get(view, door.caller, connector_id).shop_id)
    with door.unit() as uow:
        changes = body.model_dump(exclude_unset=True)
        return connectors.change(uow, door.stores.records, door.home, door.caller, shop, connector_id, changes)


@api.delete("/v1/connectors/{connector_id}", permission="connect_data", answer=None, status=204, summary="Take a connector away")
def delete_connector(door: Door, connector_id: ConnectorId) -> Response:
    """What it told stays; its address is destroyed."""
    with door.unit() as uow:
        connectors.remove(uow, door.caller, connector_id)
    return Response(status_code=204)


@api.get(
    "/v1/connectors/{connector_id}/runs", permission="load_data", answer=Page[ConnectorRun], summary="Runs of a connector",
    example=Page(items=[_RUN]),
)  # fmt: skip
def get_connector_runs(door: Door, connector_id: ConnectorId, limit: Limit = 50, cursor: Cursor = None) -> Page[ConnectorRun]:
    """The newest first: what each read and told, and why it ended where it did not end well."""
    with door.reading() as uow:
        found = connectors.runs(uow, door.caller, connector_id, limit=limit + 1, before=place_of(cursor, str))
    return page(found, limit, lambda run: run.run_id)


@api.post(
    "/v1/connectors/{connector_id}/runs", permission="connect_data", answer=RunAsked, summary="Run a connector now", status=202,
    example=RunAsked(job_id="job_01m7zsc4t1"),
)  # fmt: skip
def post_connector_run(door: Door, connector_id: ConnectorId) -> RunAsked:
    """Asks the worker; `GET /v1/connectors/{connector_id}/runs` tells how it went."""
    with door.unit() as uow:
        found = connectors.get(uow, door.caller, connector_id)
        return RunAsked(job_id=connectors.ask_for_run(uow, found.shop_id, connector_id))
