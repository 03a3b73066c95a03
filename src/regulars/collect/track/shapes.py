"""The entries of the journal, as tables: what goes into the archive and the warehouse, and what other rooms are told of it."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from regulars.collect.track.domain.dialects import messages_in
from regulars.collect.track.domain.ids import Ids
from regulars.collect.track.domain.shaping import Message, Refused, Scrub, Shaped, Shaper
from regulars.collect.track.plain import PLACES, Lane, Visible
from regulars.guard.privacy import VISITOR
from regulars.stream.journal import Entry
from regulars.warehouse.arrow import arrow_schema
from regulars.warehouse.schema import EVENTS

log = logging.getLogger(__name__)

SCHEMA = arrow_schema(EVENTS)
_NAMES = tuple(EVENTS.columns)
#: Below this many bytes of requests the lane's start costs more than it saves.
_WORTH_A_LANE = 48 * 1024


class Head(
    msgspec.Struct,
    rename={
        "version": "v",
        "source_id": "s",
        "shop_id": "h",
        "received_us": "t",
        "dialect": "d",
        "call": "c",
        "user_agent": "u",
        "region": "r",
    },
):
    """What the journal says of one request, beside its body."""

    source_id: str
    shop_id: str
    received_us: int
    dialect: str = "segment"
    call: str = "batch"
    user_agent: str = ""
    region: str | None = None
    version: int = 1

    @property
    def received_at(self) -> datetime:
        """When the body was whole."""
        return datetime.fromtimestamp(self.received_us / 1_000_000, UTC)


encode_head = msgspec.json.Encoder().encode
decode_head = msgspec.json.Decoder(Head).decode


@dataclass(frozen=True, slots=True)
class ShopRules:
    """What shaping asks of a shop: its currency, its id forms, and what names a person there."""

    currency: str
    ids: Ids
    scrub: Scrub  # takes out what names a person, and tells what; keeps the names that the shop has decided to keep


@dataclass(frozen=True, slots=True)
class SourceRules:
    """What shaping asks of a source."""

    enforce: bool


@dataclass(slots=True)
class Part:
    """The events of a stretch of the journal, by shop, and what was put aside.

    `rows` are those shaped in columns, in the form of the warehouse's `events` with `at`; `read` those that were read one by one.
    `heard` may not be kept, but what they tell of consent is learned.
    """

    rows: dict[str, pa.Table] = field(default_factory=dict)
    read: dict[str, list[Shaped]] = field(default_factory=lambda: defaultdict(list))
    heard: dict[str, list[Shaped]] = field(default_factory=lambda: defaultdict(list))
    refused: list[tuple[Head, Refused]] = field(default_factory=list)
    repeated: Counter[str] = field(default_factory=Counter)  # by source
    uncollected: Counter[tuple[str, str]] = field(default_factory=Counter)  # by source and reason
    last_at: dict[str, datetime] = field(default_factory=dict)  # by source

    @property
    def shops(self) -> list[str]:
        """Every shop that has events here."""
        return sorted(
            {shop for shop, rows in self.rows.items() if rows.num_rows} | {shop for shop, read in self.read.items() if read}
        )

    @property
    def events(self) -> int:
        """How many were taken."""
        return int(sum(rows.num_rows for rows in self.rows.values())) + sum(len(read) for read in self.read.values())

    def by_source(self) -> Counter[str]:
        """How many events of each source were taken."""
        counts: Counter[str] = Counter(one.row["source_id"] for read in self.read.values() for one in read)
        for rows in self.rows.values():
            for counted in pc.value_counts(rows.column("source_id")).to_pylist():
                counts[counted["values"]] += counted["counts"]
        return counts

    def table(self, shop_id: str, part_id: str) -> pa.Table:
        """All events of a shop as an Arrow table in the form of the warehouse's `events`."""
        read = _table_of(self.read.get(shop_id, []), part_id)
        rows = self.rows.get(shop_id)
        return read if rows is None else pa.concat_tables([rows.drop_columns(["at"]), read])


@dataclass(frozen=True, slots=True)
class Tools:
    """What shaping is given from outside: rules by shop and source, and the schema check."""

    shop: Callable[[str], ShopRules | None]
    source: Callable[[str], SourceRules]
    problems: Callable[[str, Message], list[str]]


class Shaping:
    """Shapes the entries of a part, some at a time, so that not all their bodies are in memory; of two messages with one id the earlier is
    taken.

    Requests in Segment's form go through the lane of plain messages first, if there are enough of them to be worth its start.
    """

    def __init__(self, tools: Tools, lane: Lane, part_id: str) -> None:
        self._tools = tools
        self._lane = lane
        self._part_id = part_id
        self._part = Part()
        self._rows: dict[str, list[pa.Table]] = defaultdict(list)
        self._begin = 0  # the place of the next entry in the part

    def take(self, entries: Sequence[Entry]) -> None:
        """Shape the next entries."""
        begin, self._begin = self._begin, self._begin + len(entries)
        heads = [decode_head(entry.head) for entry in entries]
        left: dict[int, list[int] | None] = dict.fromkeys(range(begin, self._begin))
        for shop_id, requests in _visible(entries, heads, begin).items():
            rules = self._tools.shop(shop_id)
            if rules is not None and sum(len(one.body) for one in requests) >= _WORTH_A_LANE:
                found = self._lane.shape(shop_id, self._part_id, rules.ids, requests)
                for one in requests:
                    left[one.place] = found.left.get(one.place, [])
                self._rows[shop_id].append(_without_enforced(found.table, self._tools, left))
        for place, (entry, head) in enumerate(zip(entries, heads, strict=True), begin):
            _read(self._part, self._tools, entry, head, place, left[place])

    def part(self) -> Part:
        """All that was taken."""
        self._part.rows = {shop_id: pa.concat_tables(shaped) for shop_id, shaped in self._rows.items()}
        _leave_out_repeated(self._part)
        return self._part


def _visible(entries: Sequence[Entry], heads: Sequence[Head], begin: int) -> dict[str, list[Visible]]:
    requests: dict[str, list[Visible]] = defaultdict(list)
    for place, (entry, head) in enumerate(zip(entries, heads, strict=True), begin):
        if head.dialect != "posthog":
            received = head.received_at.replace(tzinfo=None)
            requests[head.shop_id].append(
                Visible(place, head.source_id, head.call, entry.body, received, head.user_agent, head.region)
            )
    return requests


def _without_enforced(rows: pa.Table, tools: Tools, left: dict[int, list[int] | None]) -> pa.Table:
    """Rows that break a schema of a source that enforces it are read one by one, as they are put aside with their message."""
    broken = rows.filter(pc.is_valid(rows.column("schema_problems"))).select(["source_id", "at"])
    enforcing = [one for one in pc.unique(broken.column("source_id")).to_pylist() if tools.source(one).enforce]
    if not enforcing:
        return rows
    refused = broken.filter(pc.is_in(broken.column("source_id"), pa.array(enforcing))).column("at")
    for at in refused.to_pylist():
        places = left[at // PLACES]
        if places is not None:
            places.append(at % PLACES)
    return rows.filter(pc.invert(pc.is_in(rows.column("at"), refused.combine_chunks())))


def _read(part: Part, tools: Tools, entry: Entry, head: Head, place: int, wanted: list[int] | None) -> None:
    """Read messages of one request one by one: all of them, or those at the places wanted."""
    rules = tools.shop(head.shop_id)
    if rules is None:  # the shop was removed meanwhile
        return
    part.last_at[head.source_id] = head.received_at
    if wanted == []:
        return
    shaper = Shaper(
        head.shop_id,
        head.source_id,
        rules.currency,
        rules.ids,
        head.received_at,
        head.user_agent,
        head.region,
        tools.source(head.source_id).enforce,
        rules.scrub,
        tools.problems,
    )
    chosen = None if wanted is None else frozenset(wanted)
    for number, (told, envelope) in enumerate(messages_in(head.dialect, head.call, entry.body)):
        if chosen is not None and number not in chosen:
            continue
        try:
            found = shaper.shape(told, envelope)
        except Exception:  # a fault of ours with one message must not hold up all others
            log.exception("a message could not be shaped")
            found = Refused("unexpected", "", told if isinstance(told, bytes) else msgspec.json.encode(told))
        if isinstance(found, Refused):
            part.refused.append((head, found))
        else:
            found.at = place * PLACES + number
            part.read[head.shop_id].append(found)


def _leave_out_repeated(part: Part) -> None:
    """Of several messages with one id in the part keep the first."""
    for shop_id in part.shops:
        rows, read = part.rows.get(shop_id), part.read[shop_id]
        keys = [one.row["event_key"] for one in read]
        told = (
            pa.array(keys, pa.int64())
            if rows is None
            else pa.chunked_array([*rows.column("event_key").chunks, pa.array(keys, pa.int64())])
        )
        if pc.count_distinct(told).as_py() == len(told):
            continue
        first: dict[tuple[str, str], int] = {}
        named = (
            list(zip(*(rows.column(name).to_pylist() for name in ("source_id", "message_id", "at")), strict=True))
            if rows is not None
            else []
        )
        for source_id, message_id, at in (*named, *((one.row["source_id"], one.row["message_id"], one.at) for one in read)):
            key = (source_id, message_id)
            first[key] = min(at, first.get(key, at))
        if rows is not None:
            kept = [first[source_id, message_id] == at for source_id, message_id, at in named]
            part.repeated.update(source_id for (source_id, _, _), is_kept in zip(named, kept, strict=True) if not is_kept)
            part.rows[shop_id] = rows.filter(pa.array(kept, pa.bool_()))
        part.read[shop_id] = [one for one in read if first[one.row["source_id"], one.row["message_id"]] == one.at]
        lost = [one for one in read if first[one.row["source_id"], one.row["message_id"]] != one.at]
        part.repeated.update(one.row["source_id"] for one in lost)


def _table_of(read: Iterable[Shaped], part_id: str) -> pa.Table:
    rows = [one.row for one in read]
    columns = []
    for name, kind in zip(_NAMES, SCHEMA.types, strict=True):
        values = [part_id] * len(rows) if name == "part_id" else [row.get(name) for row in rows]
        columns.append(pa.array(values, kind))
    return pa.table(columns, schema=SCHEMA)


def renamed(table: pa.Table, names: Mapping[str, str], columns: Iterable[str]) -> pa.Table:
    """The same rows with other ids in the place of those that have new names."""
    old, new = pa.array(list(names), pa.string()), pa.array(list(names.values()), pa.string())
    for name in columns:
        column = table.column(name).combine_chunks()
        found = pc.take(new, pc.index_in(column, old))
        table = table.set_column(table.schema.get_field_index(name), name, pc.coalesce(found, column))
    return table


def resolved(table: pa.Table, customers: Mapping[str, str]) -> pa.Table:
    """The same rows with the customer each id belongs to today."""
    if not customers:
        return table
    found = renamed(table, customers, ["customer_id"])
    changed = pc.not_equal(found.column("customer_id"), table.column("customer_id"))
    visitor = pc.starts_with(found.column("customer_id"), VISITOR)
    known = pc.if_else(pc.fill_null(changed, False), pc.invert(visitor), table.column("is_known"))
    return found.set_column(found.schema.get_field_index("is_known"), "is_known", known)
