"""The lane of plain messages: from the requests of one shop to rows of the events table, and what is left to be read one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from regulars.collect.track.domain.dialects import CALLS
from regulars.collect.track.domain.ids import Ids
from regulars.collect.track.plain import lookups
from regulars.collect.track.plain.statement import STATEMENT
from regulars.guard import privacy
from regulars.warehouse.arrow import arrow_schema
from regulars.warehouse.schema import EVENTS
from regulars.warehouse.workbench import Workbench

SCHEMA = arrow_schema(EVENTS).append(pa.field("at", pa.int64()))
_BATCHES = 8  # the engine shares batches among its threads
_KINDS = frozenset({"track", "page", "screen"})
_RENAMED = {"type": "kind", "timestamp": "happened", "category": "category_told", "context": "rest", "properties": "kept"}
#: More messages than a request may hold: `at` is the place of the request times this, and the message's place in it.
PLACES = 100_000


class Visible(NamedTuple):
    """A request as far as this lane asks: its place in the part, the body, and what its head says."""

    place: int
    source_id: str
    call: str
    body: bytes
    received_at: datetime  # UTC without a zone mark
    user_agent: str
    region: str | None


@dataclass(frozen=True, slots=True)
class Rows:
    """What became of requests: rows of the events table with `at`, their order, and the messages that are to be read one by one, by
    the place of their request; None: all of the request."""

    table: pa.Table
    left: dict[int, list[int] | None]


class Lane:
    """Shapes plain messages; keep one, as it has an engine of its own from the first use on."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._opened: Workbench | None = None

    @property
    def _bench(self) -> Workbench:
        if self._opened is None:
            self._opened = Workbench(self._folder, threads=1)  # beside it the part before is loaded
        return self._opened

    def close(self) -> None:
        """Let go of the engine."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def shape(self, shop_id: str, part_id: str, ids: Ids, requests: Sequence[Visible]) -> Rows:
        """Shape what is plain of one shop's requests; `ids` turns told ids into kept ones."""
        taken = [one for one in requests if (one.call == "batch" or CALLS.get(one.call) in _KINDS) and _is_text(one.body)]
        known = {one.place: one for one in taken}
        left: dict[int, list[int] | None] = {one.place: None for one in requests if one.place not in known}
        if not taken:
            return Rows(SCHEMA.empty_table(), left)
        self._bench.register("requests", _bodies(taken))
        fields = self._bench.arrow(STATEMENT, {"shop": shop_id})
        self._bench.unregister("requests")
        told = set(pc.unique(fields.column("i")).to_pylist())
        left |= {place: None for place in known if place not in told}
        return Rows(_rows(shop_id, part_id, ids, _plain(fields, left), known), left)


def _is_text(body: bytes) -> bool:
    if body.isascii():
        return True
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _bodies(taken: Sequence[Visible]) -> pa.Table:
    table = pa.table(
        {
            "i": pa.array([one.place for one in taken], pa.int64()),
            "body": pa.array([one.body for one in taken], pa.binary()).view(pa.string()),
            "kind": pa.array([None if one.call == "batch" else one.call for one in taken], pa.string()),
            "source_id": pa.array([one.source_id for one in taken], pa.string()),
            "received_at": pa.array([one.received_at for one in taken], pa.timestamp("us")),
        }
    )
    return pa.Table.from_batches(table.to_batches(max_chunksize=max(1, -(-len(taken) // _BATCHES))), table.schema)


def _plain(fields: pa.Table, left: dict[int, list[int] | None]) -> pa.Table:
    """The messages that are plain, with what breaks their schema; the places of the others are added to `left`."""
    place_of_form, forms = lookups.places(fields.column("form"))
    known = pa.array(["", *lookups.problems(forms)], pa.string())  # at 0 what is no track
    found = pc.take(known, pc.fill_null(pc.add(place_of_form, 1), 0))
    plain = pc.and_(fields.column("plain").combine_chunks(), pc.is_valid(found))
    for name in ("kept", "beside"):
        plain = pc.and_(plain, pc.invert(_may_hold_personal(fields.column(name))))
    rest = fields.select(["i", "j"]).filter(pc.invert(plain))
    for i, j in zip(rest.column("i").to_pylist(), rest.column("j").to_pylist(), strict=True):
        places = left.setdefault(i, [])
        if places is not None:
            places.append(j)
    fields = fields.append_column("schema_problems", pc.if_else(pc.equal(found, ""), None, found))
    return fields if len(plain) == fields.num_rows == pc.sum(plain).as_py() else fields.filter(plain)


def _may_hold_personal(texts: pa.ChunkedArray) -> pa.Array:
    """Asked once for each different text."""
    encoded = texts.combine_chunks().dictionary_encode()
    return pc.fill_null(pc.take(privacy.may_hold_personal(encoded.dictionary), encoded.indices), False)


def _rows(shop_id: str, part_id: str, ids: Ids, fields: pa.Table, requests: dict[int, Visible]) -> pa.Table:
    """The events table's columns, those that are looked up among them."""
    count = fields.num_rows
    places = list(requests)
    of_request = pc.index_in(fields.column("i").combine_chunks(), pa.array(places, pa.int64()))
    visitor_places, told_visitors = lookups.places(fields.column("anonymous_told"))
    visitors = pc.take(pa.array([ids.visitor(told) for told in told_visitors], pa.string()), visitor_places)
    told_touches = lookups.places(fields.column("touch"))
    touches = lookups.touches(told_touches[1])
    agents = lookups.Agents(
        fields.column("told_agent"), fields.column("library"), [requests[one].user_agent for one in places], of_request
    )
    regions = pa.array([requests[one].region for one in places], pa.string())
    looked_up: dict[str, Any] = {
        "shop_id": pa.repeat(pa.scalar(shop_id), count),
        "anonymous_id": visitors,
        "customer_id": pc.coalesce(fields.column("user_id"), visitors),
        "part_id": pa.repeat(pa.scalar(part_id), count),
        "value_minor": pa.nulls(count, pa.int64()),
        "region": pc.take(regions, of_request) if regions.null_count < len(regions) else pa.nulls(count, pa.string()),
        "at": pc.add(pc.multiply(fields.column("i"), PLACES), fields.column("j").cast(pa.int64())),
        **{name: pc.take(values, told_touches[0]) for name, values in touches.items()},
        **{name: pc.take(values, agents.places) for name, values in agents.values.items()},
    }
    columns = [looked_up[name] if name in looked_up else fields.column(_RENAMED.get(name, name)) for name in SCHEMA.names]
    return pa.table(dict(zip(SCHEMA.names, columns, strict=True))).cast(SCHEMA)
