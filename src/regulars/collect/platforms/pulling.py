"""One run of a connector: page by page out of the database into the stream; how far it read is kept only when the stream has it.

A batch is three steps: what will be told is written down, the stream takes it durably, then cursor and memory move on in one
transaction. A run that is killed between any two of them is done again from the same place under the same message ids.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from regulars.access import shops
from regulars.collect.platforms import connectors, databases, streams
from regulars.collect.platforms.connectors import ConnectorRun, run_of
from regulars.collect.platforms.databases import Database, checked_url
from regulars.collect.platforms.domain.cursor import begin_at, decode, encode
from regulars.collect.platforms.domain.facts import Take
from regulars.collect.platforms.domain.messages import Message, Setting, plain
from regulars.collect.platforms.domain.rows import cell, columns_of, key_of, order_from, row_message, tell_order
from regulars.collect.platforms.runs import claim, finish, hold
from regulars.collect.platforms.sink import Sink, sink_of
from regulars.collect.platforms.tables import connector, connector_run, connector_seen
from regulars.collect.platforms.wishes import LIBRARY, grouped, setting_of
from regulars.errors import InvalidInput, RegularsError
from regulars.values import clock

if TYPE_CHECKING:
    from regulars.access.keys import Keyring
    from regulars.records import Records, UnitOfWork

log = logging.getLogger(__name__)


@dataclass
class _Batch:
    """What one page comes to: messages, rows that cannot be read, and what is to be remembered of each order."""

    messages: list[Message]
    refused: list[tuple[bytes, str, str]]
    telling: dict[str, dict[str, str]]


def run_connector(
    records: Records,
    home: Path,
    keyring: Keyring,
    connector_id: str,
    *,
    tell: Callable[[int], None] = lambda rows: None,
    sink: Sink | None = None,
) -> ConnectorRun:
    """Read everything that is new.

    Parameters
    ----------
    tell : hears after each batch how many rows were read so far; what it raises stops the run at that safe place.
    sink : where messages go; by default the stream, with the connector as their source.

    Raises
    ------
    NotFound : no such connector. Conflict : another run has it.
    InvalidInput, Unavailable : what is wrong with the database or the query; the run is written down as failed.
    """
    if connectors.is_stream(records, connector_id):
        return streams.read_stream(records, home, keyring, connector_id, sink=sink)
    run_id, row = claim(records, connector_id)
    try:
        with records.reading() as view:
            shop = shops.get(view, row["shop_id"])
        out = sink or sink_of(records, home, row["shop_id"], connector_id)
        url = checked_url(connectors.address_of(row, keyring), home, records.engine.url)
        with databases.opened(url, row["query"], row["cursor_column"]) as database:
            mapping = columns_of(row["takes"], database.columns, row["mapping"])
            database.check_cursor()
            _read(records, out, run_id, row, database, mapping, setting_of(row, shop), tell)
    except RegularsError as error:
        finish(records, run_id, connector_id, "failed", error)
        raise
    except BaseException:
        finish(records, run_id, connector_id, "stopped", None)
        raise
    finish(records, run_id, connector_id, "done", None)
    with records.reading() as view:
        ended = view.one(select(connector_run).where(connector_run.c.run_id == run_id))
    assert ended is not None
    return run_of(ended)


def _read(
    records: Records,
    sink: Sink,
    run_id: str,
    row: Mapping[str, Any],
    database: Database,
    mapping: Mapping[str, str],
    setting: Setting,
    tell: Callable[[int], None],
) -> None:
    stored: Mapping[str, str] | None = row["cursor"]
    after = begin_at(stored, row["options"].get("overlap")) if stored else None
    including, read = True, 0
    reached = stored
    while True:
        rows, end = database.page(after, row["batch_rows"], including=including)
        if end.last is not None:
            here = encode(end.last, row["cursor_column"])
            reached = here if reached is None or _is_beyond(here, reached) else reached
            after, including = end.last, False
        batch = _batch(records, row, rows, database, mapping, setting)
        read += len(rows)
        _hand_over(records, sink, run_id, row, batch, reached, len(rows))
        tell(read)
        if not end.more:
            return


def _hand_over(
    records: Records,
    sink: Sink,
    run_id: str,
    row: Mapping[str, Any],
    batch: _Batch,
    reached: Mapping[str, str] | None,
    rows: int,
) -> None:
    connector_id = row["connector_id"]
    if batch.telling:
        with records.unit() as uow:
            hold(uow, run_id, connector_id)
            _remember(uow, row, batch.telling, told=False)
    if batch.messages:
        sink.accept(batch.messages)
    for raw, reason, detail in batch.refused:
        sink.refuse(raw, reason, detail)
    with records.unit() as uow:
        hold(uow, run_id, connector_id)
        _remember(uow, row, batch.telling, told=True)
        uow.execute(update(connector).where(connector.c.connector_id == connector_id).values(cursor=reached))
        r = connector_run
        uow.execute(
            update(r)
            .where(r.c.run_id == run_id)
            .values(
                rows=r.c.rows + rows,
                messages=r.c.messages + len(batch.messages),
                quarantined=r.c.quarantined + len(batch.refused),
                cursor_after=reached,
            )
        )


def _batch(
    records: Records,
    row: Mapping[str, Any],
    rows: Sequence[dict[str, Any]],
    database: Database,
    mapping: Mapping[str, str],
    setting: Setting,
) -> _Batch:
    takes: Take = row["takes"]
    now = clock.now()
    batch = _Batch([], [], {})
    if takes != "orders":
        for one in rows:
            try:
                state = encode(one[row["cursor_column"]], row["cursor_column"])["value"]
                batch.messages.append(row_message(takes, one, mapping, setting, state, now))
            except InvalidInput as error:
                batch.refused.append(_refused([one], error))
        return batch
    column = mapping["order_id"]
    ids = list(dict.fromkeys(one[column] for one in rows if one[column] is not None))
    whole = database.where_in(column, ids) if ids else []
    whole += [one for one in rows if one[column] is None]
    groups = grouped(takes, whole, mapping)
    seen = _seen(records, row["connector_id"], [key_of(str(group[0][column])) for group in groups])
    for group in groups:
        try:
            order = order_from(group, mapping, setting)
            key = key_of(order.order_id)
            told, telling = seen.get(key, (None, None))
            said = tell_order(order, told, telling, now, LIBRARY)
        except InvalidInput as error:
            batch.refused.append(_refused(group, error))
            continue
        batch.messages += said.messages
        if said.telling is not None:
            batch.telling[key] = said.telling
    return batch


def _refused(rows: Sequence[Mapping[str, Any]], error: InvalidInput) -> tuple[bytes, str, str]:
    raw = json.dumps([{name: plain(cell(value)) for name, value in row.items()} for row in rows], ensure_ascii=False, default=str)
    return raw.encode("utf-8", "surrogatepass"), error.code, error.message[:300]


def _is_beyond(here: Mapping[str, str], reached: Mapping[str, str]) -> bool:
    """Whether a value lies behind another; texts follow the database's order, which only ever gave later ones."""
    if here["kind"] != reached["kind"] or here["kind"] == "text":
        return True
    return bool(decode(here) > decode(reached))


def _seen(
    records: Records, connector_id: str, keys: Sequence[str]
) -> dict[str, tuple[Mapping[str, str] | None, Mapping[str, str] | None]]:
    s = connector_seen
    found = {}
    with records.reading() as view:
        for start in range(0, len(keys), 500):
            part = list(keys[start : start + 500])
            for row in view.rows(select(s).where(s.c.connector_id == connector_id, s.c.key_hash.in_(part))):
                found[row["key_hash"]] = (row["told"], row["telling"])
    return found


def _remember(uow: UnitOfWork, row: Mapping[str, Any], telling: Mapping[str, Mapping[str, str]], *, told: bool) -> None:
    if not telling:
        return
    s = connector_seen
    make = postgresql.insert if uow.dialect == "postgresql" else sqlite.insert
    values = [
        {
            "connector_id": row["connector_id"],
            "key_hash": key,
            "shop_id": row["shop_id"],
            "told": dict(content) if told else None,
            "telling": None if told else dict(content),
        }
        for key, content in telling.items()
    ]
    written = make(s)
    changed = {"told": written.excluded.told, "telling": None} if told else {"telling": written.excluded.telling}
    uow.execute(written.on_conflict_do_update(index_elements=[s.c.connector_id, s.c.key_hash], set_=changed), values)
