"""Connectors: which query of which database is read how often, with its sealed address, and how its runs went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import RowMapping, delete, insert, or_, select, update

from regulars.access import audit, shops
from regulars.collect import track
from regulars.collect.platforms.domain.facts import Reads
from regulars.collect.platforms.tables import connector, connector_run, connector_seen
from regulars.collect.platforms.wishes import Wish, probed
from regulars.errors import Conflict, NotFound
from regulars.records import UnitOfWork
from regulars.values import clock
from regulars.values.ids import new_id
from regulars.work import enqueue

if TYPE_CHECKING:
    from regulars.access.domain import Caller, Shop
    from regulars.access.keys import Keyring
    from regulars.records import Records

PURPOSE = "database addresses"
RUN = "platforms.run_connector"
#: How long a run may be silent before another one may take its place.
LEASE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Connector:
    """One connector. Its address is never shown whole: `place` has no user, password or options."""

    connector_id: str
    shop_id: str
    name: str
    takes: Reads
    place: str
    query: str
    cursor_column: str
    mapping: Mapping[str, str]
    options: Mapping[str, Any]
    batch_rows: int
    every_minutes: int
    cursor: str | None
    paused: bool
    running: bool
    next_run_at: datetime | None
    created_at: datetime
    lag: int | None = None  # messages of a stream that waited when it was read last


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorRun:
    """One run: how many rows it read, how many messages it told, and why it ended where it did not end well."""

    run_id: str
    connector_id: str
    state: str
    rows: int
    messages: int
    quarantined: int
    cursor_before: str | None
    cursor_after: str | None
    error: str | None
    error_code: str | None
    started_at: datetime
    finished_at: datetime | None


def add(
    uow: UnitOfWork, records: Records, home: Path, caller: Caller, shop: Shop, wish: Wish, *, connector_id: str = ""
) -> Connector:
    """Make a connector, after having connected and read its columns; its first run is due at once.

    Raises
    ------
    InvalidInput, Unavailable : as `dry_run`.
    """
    caller.demand("connect_data")
    caller.demand_shop(shop.shop_id)
    shops.get(uow, shop.shop_id)
    values, place = probed(records, home, shop, wish)
    made = connector_id or new_id("connector")
    assert caller.keyring is not None
    now = clock.now()
    uow.execute(
        insert(connector).values(
            connector_id=made,
            shop_id=shop.shop_id,
            url_sealed=caller.keyring.seal(PURPOSE, values.pop("url"), bound_to=made),
            place=place,
            cursor=None,
            paused=False,
            next_run_at=now,
            created_at=now,
            created_by=f"{caller.kind}:{caller.id}",
            **values,
        )
    )
    kind: Literal["stream", "sql"] = "stream" if values["takes"] == "stream" else "sql"
    track.open_source(uow, caller, shop_id=shop.shop_id, name=values["name"], kind=kind, source_id=made)
    told = {"name": values["name"], "takes": values["takes"], "place": place}
    audit.record(uow, caller, "connector.created", made, after=told, shop_id=shop.shop_id)
    return get(uow, caller, made)


def change(
    uow: UnitOfWork, records: Records, home: Path, caller: Caller, shop: Shop, connector_id: str, changes: Mapping[str, Any]
) -> Connector:
    """Change what is given: `paused`, `from_the_start`, and everything of a `Wish`; what would be read is looked at anew.

    A changed query or cursor column begins from the start: whatever was told before is recognised.
    """
    caller.demand("connect_data")
    before = get(uow, caller, connector_id)
    row = _row(uow, connector_id)
    assert caller.keyring is not None
    values: dict[str, Any] = {}
    wished = {name: value for name, value in changes.items() if name not in ("paused", "from_the_start")}
    if wished:
        address = caller.keyring.unseal(PURPOSE, row["url_sealed"], bound_to=connector_id).decode()
        own = {name: row[name] for name in ("name", "takes", "query", "cursor_column", "mapping", "batch_rows", "every_minutes")}
        values, place = probed(records, home, shop, Wish(**{"url": address, **own, **row["options"], **wished}))
        values["url_sealed"] = caller.keyring.seal(PURPOSE, values.pop("url"), bound_to=connector_id)
        values["place"] = place
        if values["takes"] != before.takes:
            raise Conflict("what a connector takes stays", mend="make another connector", code="takes_fixed")
    decisive = ("query", "cursor_column", "place") if before.takes == "stream" else ("query", "cursor_column")
    begins_again = bool(changes.get("from_the_start")) or any(name in values and values[name] != row[name] for name in decisive)
    if begins_again:
        values["cursor"] = None
    if "paused" in changes:
        values["paused"] = bool(changes["paused"])
    if not values.get("paused", before.paused):
        values["next_run_at"] = clock.now()
    uow.execute(update(connector).where(connector.c.connector_id == connector_id).values(**values))
    told = {name: value for name, value in values.items() if name not in ("url_sealed", "cursor", "next_run_at")}
    told["begins_again"] = begins_again
    audit.record(uow, caller, "connector.changed", connector_id, after=told, shop_id=before.shop_id)
    return get(uow, caller, connector_id)


def remove(uow: UnitOfWork, caller: Caller, connector_id: str) -> None:
    """Take a connector away with what it remembers; what it told stays."""
    caller.demand("connect_data")
    before = get(uow, caller, connector_id)
    track.close_source(uow, connector_id)
    uow.execute(delete(connector_seen).where(connector_seen.c.connector_id == connector_id))
    uow.execute(delete(connector_run).where(connector_run.c.connector_id == connector_id))
    uow.execute(delete(connector).where(connector.c.connector_id == connector_id))
    told = {"name": before.name, "place": before.place}
    audit.record(uow, caller, "connector.removed", connector_id, before=told, shop_id=before.shop_id)


def get(uow: UnitOfWork, caller: Caller, connector_id: str) -> Connector:
    """One connector the caller may see.

    Raises
    ------
    NotFound : there is none of that id in a shop the caller may see.
    """
    row = uow.one(select(connector).where(connector.c.connector_id == connector_id))
    if row is None or not caller.may_see(row["shop_id"]):
        raise no_such_connector(connector_id)
    return _connector(row)


def list_all(uow: UnitOfWork, caller: Caller, shop_id: str) -> list[Connector]:
    """The connectors of a shop, the oldest first."""
    caller.demand_shop(shop_id)
    order = (connector.c.created_at, connector.c.connector_id)
    return [_connector(row) for row in uow.rows(select(connector).where(connector.c.shop_id == shop_id).order_by(*order))]


def runs(uow: UnitOfWork, caller: Caller, connector_id: str, *, limit: int = 50, before: str | None = None) -> list[ConnectorRun]:
    """The runs of a connector, the newest first; `before` is a run_id."""
    get(uow, caller, connector_id)
    wanted = select(connector_run).where(connector_run.c.connector_id == connector_id)
    if before is not None:
        wanted = wanted.where(connector_run.c.run_id < before)
    return [run_of(row) for row in uow.rows(wanted.order_by(connector_run.c.run_id.desc()).limit(limit))]


def newest_runs(uow: UnitOfWork, connector_ids: Sequence[str]) -> dict[str, ConnectorRun]:
    """The newest run of each connector that ever ran."""
    found = {}
    for connector_id in connector_ids:
        newest = select(connector_run).where(connector_run.c.connector_id == connector_id).order_by(connector_run.c.run_id.desc())
        row = uow.one(newest.limit(1))
        if row is not None:
            found[connector_id] = run_of(row)
    return found


def due(uow: UnitOfWork, shop_id: str) -> list[str]:
    """Connectors of a shop that should run now."""
    c = connector
    free = or_(c.c.running_until.is_(None), c.c.running_until < clock.now())
    own = (c.c.shop_id == shop_id) & (c.c.takes != "stream")  # streams are read without a pause; see streams.py
    wanted = select(c.c.connector_id).where(own, c.c.paused.is_(False), c.c.next_run_at <= clock.now(), free)
    return [row["connector_id"] for row in uow.rows(wanted.order_by(c.c.next_run_at))]


def is_stream(records: Records, connector_id: str) -> bool:
    """Whether a connector reads a stream."""
    with records.reading() as view:
        return bool(view.value(select(connector.c.takes).where(connector.c.connector_id == connector_id)) == "stream")


def ask_for_run(uow: UnitOfWork, shop_id: str, connector_id: str) -> str:
    """Ask the worker for a run; one that waits already is enough. Returns the job's id."""
    return enqueue(uow, RUN, {"connector_id": connector_id}, shop_id=shop_id, key=f"{RUN}:{connector_id}")


def address_of(row: Mapping[str, Any], keyring: Keyring) -> str:
    """The whole address, for the one who connects."""
    return keyring.unseal(PURPOSE, row["url_sealed"], bound_to=row["connector_id"]).decode()


def run_of(row: RowMapping) -> ConnectorRun:
    """A run as it is shown."""
    same = (
        "run_id",
        "connector_id",
        "state",
        "rows",
        "messages",
        "quarantined",
        "error",
        "error_code",
        "started_at",
        "finished_at",
    )
    ends = {name: (row[name] or {}).get("value") for name in ("cursor_before", "cursor_after")}
    values: dict[str, Any] = {name: row[name] for name in same} | ends
    return ConnectorRun(**values)


def no_such_connector(connector_id: str) -> NotFound:
    """The one answer for a missing and for a foreign connector."""
    return NotFound(
        f"there is no connector '{connector_id[:64]}'",
        mend="list the connectors with `GET /v1/connectors`",
        code="no_such_connector",
    )


def _row(uow: UnitOfWork, connector_id: str) -> RowMapping:
    row = uow.one(select(connector).where(connector.c.connector_id == connector_id))
    assert row is not None
    return row


def _connector(row: RowMapping) -> Connector:
    same = ("connector_id", "shop_id", "name", "takes", "place", "query", "cursor_column", "mapping", "options", "batch_rows")
    more = ("every_minutes", "paused", "next_run_at", "created_at")
    until = row["running_until"]
    return Connector(
        **{name: row[name] for name in (*same, *more)},
        cursor=(row["cursor"] or {}).get("value"),
        lag=(row["cursor"] or {}).get("lag"),
        running=until is not None and until > clock.now(),
    )
