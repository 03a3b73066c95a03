"""The entries of the journal, as tables: what goes into the archive and the warehouse, and what other rooms are told of it."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec
import pyarrow as pa

from regulars.collect.track.domain.dialects import messages_in
from regulars.collect.track.domain.ids import Ids
from regulars.collect.track.domain.shaping import Message, Refused, Shaped, Shaper
from regulars.guard.privacy import is_visitor
from regulars.stream.journal import Entry
from regulars.warehouse.arrow import arrow_schema
from regulars.warehouse.schema import EVENTS

log = logging.getLogger(__name__)

SCHEMA = arrow_schema(EVENTS)
_NAMES = tuple(EVENTS.columns)


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
    scrub: Callable[[Message, bool], Message]  # takes out what names a person; keeps the names that the shop has decided to keep


@dataclass(frozen=True, slots=True)
class SourceRules:
    """What shaping asks of a source."""

    enforce: bool


@dataclass(slots=True)
class Part:
    """The events of a stretch of the journal, by shop, and what was put aside."""

    taken: dict[str, list[Shaped]] = field(default_factory=lambda: defaultdict(list))
    refused: list[tuple[Head, Refused]] = field(default_factory=list)
    repeated: Counter[str] = field(default_factory=Counter)  # by source
    uncollected: Counter[tuple[str, str]] = field(default_factory=Counter)  # by source and reason
    last_at: dict[str, datetime] = field(default_factory=dict)  # by source
    seen: set[tuple[str, str]] = field(default_factory=set)

    @property
    def events(self) -> int:
        """How many were taken."""
        return sum(len(rows) for rows in self.taken.values())


@dataclass(frozen=True, slots=True)
class Tools:
    """What shaping is given from outside: rules by shop and source, and the schema check."""

    shop: Callable[[str], ShopRules | None]
    source: Callable[[str], SourceRules]
    problems: Callable[[str, Message], list[str]]


def shape(entries: Iterable[Entry], tools: Tools) -> Part:
    """Shape the entries in their order; of two messages with one id the first is taken."""
    part = Part()
    for entry in entries:
        head = decode_head(entry.head)
        rules = tools.shop(head.shop_id)
        if rules is None:  # the shop was removed meanwhile
            continue
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
        taken = part.taken[head.shop_id]
        for told, envelope in messages_in(head.dialect, head.call, entry.body):
            try:
                found = shaper.shape(told, envelope)
            except Exception:  # a fault of ours with one message must not hold up all others
                log.exception("a message could not be shaped")
                found = Refused("unexpected", "", told if isinstance(told, bytes) else msgspec.json.encode(told))
            if isinstance(found, Refused):
                part.refused.append((head, found))
                continue
            key = (head.source_id, found.row["message_id"])
            if key in part.seen:
                part.repeated[head.source_id] += 1
                continue
            part.seen.add(key)
            taken.append(found)
        part.last_at[head.source_id] = head.received_at
    return part


def table_of(taken: Iterable[Shaped], part_id: str) -> pa.Table:
    """The rows as an Arrow table in the form of the warehouse's `events`."""
    rows = [one.row for one in taken]
    columns = []
    for name, kind in zip(_NAMES, SCHEMA.types, strict=True):
        values = [part_id] * len(rows) if name == "part_id" else [row.get(name) for row in rows]
        columns.append(pa.array(values, kind))
    return pa.table(columns, schema=SCHEMA)


def resolved(table: pa.Table, customers: Mapping[str, str]) -> pa.Table:
    """The same rows with the customer each id belongs to today."""
    if not customers:
        return table
    ids: list[Any] = table.column("customer_id").to_pylist()
    found = [customers.get(one, one) for one in ids]
    known = [
        is_known if found_id == own or found_id is None else not is_visitor(found_id)
        for is_known, found_id, own in zip(table.column("is_known").to_pylist(), found, ids, strict=True)
    ]
    table = table.set_column(table.schema.get_field_index("customer_id"), "customer_id", pa.array(found, pa.string()))
    return table.set_column(table.schema.get_field_index("is_known"), "is_known", pa.array(known, pa.bool_()))
