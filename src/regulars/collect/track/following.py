"""What other rooms learn from a part of the stream: who is who, who people are, and which orders were made."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from regulars.collect import catalog, identity, orders, sessions
from regulars.collect.track import shapes
from regulars.collect.track.rules import Rules
from regulars.events.ecommerce import folded
from regulars.guard import consent, privacy

if TYPE_CHECKING:
    from regulars.access.domain import Shop
    from regulars.access.keys import Keyring
    from regulars.records import Records, UnitOfWork
    from regulars.warehouse import Warehouse

log = logging.getLogger(__name__)

#: Tables that orders are projected into, under customers as messages name them.
_ABOUT_ORDERS = ("order_facts", "orders", "order_lines", "refunds")


@dataclass(frozen=True, slots=True)
class HeardEvent:
    """An event as it is told to listeners: whose (the id it was sent under), when and what."""

    event: str
    customer_id: str | None
    message_id: str
    timestamp: datetime
    properties: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Listener:
    """A room above that hears customers' events as they are loaded, in the transaction that notes them: what it does then holds once.

    `wanted` tells the names of the events for a shop, folded; `hear` is given those. An event may come twice, in two parts.
    """

    wanted: Callable[[UnitOfWork, str], frozenset[str]]
    hear: Callable[[UnitOfWork, str, Sequence[HeardEvent]], object]


#: Who listens; rooms of higher stages add themselves.
LISTENERS: list[Listener] = []


#: Columns under which a message names somebody.
_OWN_IDS = ("user_id", "anonymous_id")
_SAYS_NOTHING: dict[str, Any] = {}


def _without_refused(rows: pa.Table, answers: Mapping[str, consent.Collectable], part: shapes.Part) -> pa.Table:
    """The rows that may be kept; of plain rows none speaks of consent, and orders are always kept."""
    refused = pa.array([one for one, answer in answers.items() if not answer.allowed], pa.string())
    out = pc.and_(
        pc.is_in(rows.column("customer_id"), refused),
        pc.invert(pc.is_in(rows.column("event"), pa.array(sorted(consent.NECESSARY_EVENTS), pa.string()))),
    )
    lost = rows.filter(out)
    for source_id, customer_id in zip(lost.column("source_id").to_pylist(), lost.column("customer_id").to_pylist(), strict=True):
        part.uncollected[source_id, answers[customer_id].because] += 1
    return rows.filter(pc.invert(out))


def _first_meetings(rows: pa.Table) -> list[identity.IdentityMessage]:
    """For every customer and device that rows name together, the first of those rows: more of them would teach nothing."""
    named = rows.filter(pc.is_valid(rows.column("user_id"))).select(["user_id", "anonymous_id", "timestamp", "message_id"])
    if not named.num_rows:
        return []
    first = named.sort_by([("timestamp", "ascending"), ("message_id", "ascending")]).group_by(
        ["user_id", "anonymous_id"], use_threads=False
    )
    found = first.aggregate([("timestamp", "first"), ("message_id", "first")])
    return [
        identity.IdentityMessage(
            type="track",
            timestamp=row["timestamp_first"].replace(tzinfo=UTC),
            message_id=row["message_id_first"],
            user_id=row["user_id"],
            anonymous_id=row["anonymous_id"],
        )
        for row in found.to_pylist()
    ]


def _heard(part: shapes.Part, shop_id: str, wanted: frozenset[str]) -> Iterator[HeardEvent]:
    rows = part.rows.get(shop_id)
    if rows is not None and rows.num_rows:
        names = [name for name in pc.unique(rows.column("event")).to_pylist() if name and folded(name) in wanted]
        if names:
            for row in rows.filter(pc.is_in(rows.column("event"), pa.array(names, pa.string()))).to_pylist():
                yield _heard_of(row)
    for one in part.read.get(shop_id, ()):
        if one.row["event"] and folded(one.row["event"]) in wanted:
            yield _heard_of(one.row)


def _heard_of(row: Mapping[str, Any]) -> HeardEvent:
    told = msgspec.json.decode(row["properties"]) if row["properties"] else {}
    at = row["timestamp"].replace(tzinfo=UTC)
    return HeardEvent(row["event"], row["customer_id"], row["message_id"], at, told if isinstance(told, dict) else {})


class Followers:
    """The rooms that follow the stream, in the order in which they must be told."""

    def __init__(self, records: Records, warehouse: Warehouse, keyring: Keyring, rules: Rules) -> None:
        self._records = records
        self._warehouse = warehouse
        self._keyring = keyring
        self._rules = rules
        self._readers: dict[str, identity.Reader] = {}
        self._waiting: set[str] = set()  # shops whose sessions are to follow; which stretches is noted in the warehouse
        self._parts = 0

    def leave_out_erased(self, part: shapes.Part) -> None:
        """Events that name somebody who was erased are kept under the random pseudonym that took the customer's place."""
        with self._records.reading() as uow:
            for shop_id in part.shops:
                rows, read = part.rows.get(shop_id), part.read[shop_id]
                ids = {one.row[name] for one in read for name in _OWN_IDS if one.row[name]}
                if rows is not None:
                    ids |= {one for name in _OWN_IDS for one in pc.unique(rows.column(name)).to_pylist() if one}
                gone = privacy.erased(uow, self._keyring, shop_id, list(ids)) if ids else {}
                if not gone:
                    continue
                if rows is not None:
                    part.rows[shop_id] = shapes.renamed(rows, gone, (*_OWN_IDS, "customer_id"))
                for one in read:
                    for name in (*_OWN_IDS, "customer_id"):
                        one.row[name] = gone.get(one.row[name], one.row[name])
                    if one.row["user_id"] in gone.values():
                        one.traits = None
                    if one.row["customer_id"] in gone.values():
                        one.taken = None

    def leave_out_refused(self, part: shapes.Part) -> None:
        """What may not be collected is counted by its reason and kept nowhere; what a message says about consent is kept."""
        with self._records.reading() as uow:
            for shop_id in part.shops:
                rows, read = part.rows.get(shop_id), part.read[shop_id]
                policy = consent.collection_policy(uow, shop_id)
                ids = dict.fromkeys(one.row["customer_id"] for one in read if one.row["customer_id"])
                of_rows = [] if rows is None else pc.unique(rows.column("customer_id")).to_pylist()
                known = consent.states_of(uow, shop_id, [*ids, *(one for one in of_rows if one not in ids)])
                kept = []
                for one in read:
                    answer = consent.collectable(policy, known.get(one.row["customer_id"]), one.message)
                    if answer.allowed:
                        kept.append(one)
                        continue
                    part.uncollected[one.row["source_id"], answer.because] += 1
                    if consent.speaks_of_consent(one.message):
                        part.heard[shop_id].append(one)
                part.read[shop_id] = kept
                answers = {one: consent.collectable(policy, known.get(one), _SAYS_NOTHING) for one in of_rows}
                if rows is not None and not all(answer.allowed for answer in answers.values()):
                    part.rows[shop_id] = _without_refused(rows, answers, part)

    def in_records(self, uow: UnitOfWork, part: shapes.Part) -> None:
        """Learn who is who, who people are and what they permit; the same part again changes nothing."""
        for shop_id in sorted({*part.shops, *part.heard}):
            rows, read, heard = part.rows.get(shop_id), part.read[shop_id], part.heard[shop_id]
            reader = self._readers.setdefault(shop_id, identity.Reader(self._keyring, shop_id))
            told = [
                reader.read(one.message, one.row["timestamp"].replace(tzinfo=UTC), one.row["message_id"])
                for one in read
                if one.row["user_id"] is not None or one.message.get("userId") is not None  # illegal ones are listed as refused
            ]
            if rows is not None:
                told += _first_meetings(rows)
            if told:
                identity.learn(uow, self._keyring, shop_id, told)
            said = [
                {**one.message, "timestamp": one.row["timestamp"].replace(tzinfo=UTC), "messageId": one.row["message_id"]}
                for one in (*read, *heard)
                if consent.speaks_of_consent(one.message)
            ]
            if said:
                consent.learn(uow, self._keyring, shop_id, said)
            people = [
                person
                for one in read
                if one.traits
                and one.row["user_id"]
                and (person := self._rules.person_of(one.row["user_id"], one.traits)) is not None
            ]
            if people:
                privacy.remember(uow, self._keyring, shop_id, people)
            taken_out = [
                privacy.taken_out(one.row["event_key"], one.row["customer_id"], one.taken, one.row["timestamp"].replace(tzinfo=UTC))
                for one in read
                if one.taken and one.row["customer_id"]
            ]
            if taken_out:
                privacy.remember_texts(uow, self._keyring, shop_id, taken_out, first_wins=True)

    def tell(self, uow: UnitOfWork, part: shapes.Part) -> None:
        """Tell listeners what they want to hear; after `in_records`, so that they know who is who. Their faults hold up no event."""
        for shop_id in part.shops:
            for listener in LISTENERS:
                try:
                    with uow.connection.begin_nested():
                        wanted = listener.wanted(uow, shop_id)
                        if wanted and (heard := list(_heard(part, shop_id, wanted))):
                            listener.hear(uow, shop_id, heard)
                except Exception:
                    log.exception("a listener could not follow events", extra={"shop_id": shop_id, "events": part.events})

    def resolved(self, tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
        """The rows with the customer each id belongs to today."""
        found = {}
        with self._records.reading() as uow:
            for shop_id, table in tables.items():
                ids = [one for one in pc.unique(table.column("customer_id")).to_pylist() if one]
                owners = identity.resolve(uow, shop_id, ids) if ids else {}
                found[shop_id] = shapes.resolved(table, {own: owner for own, owner in owners.items() if own != owner})
        return found

    def in_warehouse(self, shop_id: str, table: pa.Table, stored: pa.Table) -> None:
        """Make and change orders and products, and note whose sessions change; inside the transaction that appends the events.

        `stored` are the same rows with the customers they belong to.
        """
        sessions.note(self._warehouse, shop_id, stored)
        catalog.project_events(self._warehouse, shop_id, self._rules.currency(shop_id), table)
        about_orders = table.filter(pc.match_substring(table.column("event"), "order", ignore_case=True))
        shop = self._rules.shop(shop_id)
        if not about_orders.num_rows or shop is None:
            return
        made = orders.project_events(self._warehouse, shop, about_orders, rates=self._rules.rates(shop_id))
        with self._records.reading() as uow:  # rows name customers as messages do; a merge since then counts
            named = [one for one in pc.unique(about_orders.column("customer_id")).to_pylist() if one]
            owners = identity.resolve(uow, shop_id, named)
        merged = {own: owner for own, owner in owners.items() if own != owner}
        identity.rewrite(self._warehouse, shop_id, merged, _ABOUT_ORDERS)
        if made.problems:
            log.warning("orders told by events could not be taken", extra={"shop_id": shop_id, "orders": len(made.problems)})
        with self._records.unit() as uow:
            orders.note_changes(uow, shop_id)

    def afterwards(self, shop_ids: list[str]) -> None:
        """Let earlier rows follow what was learned of people; sessions follow at the next `catch_up`."""
        for shop_id in shop_ids:
            identity.apply(self._records, self._warehouse, shop_id)
        self._waiting.update(shop_ids)
        self._parts += 1

    def catch_up(self, *, at_parts: int = 0) -> None:
        """Make the sessions of what came since the last time; not before there were so many parts, as many at once cost little more."""
        if self._parts < at_parts:
            return
        for shop_id in sorted(self._waiting):
            sessions.follow(self._warehouse, shop_id)
            self._waiting.discard(shop_id)
        self._parts = 0

    def rebuilt(self, shop: Shop) -> None:
        """Make anew in a warehouse that was made anew what follows from its events."""
        orders.rebuild(self._warehouse, shop, rates=self._rules.rates(shop.shop_id))
        catalog.rebuild(self._warehouse, shop.shop_id, shop.currency)
        identity.settle_warehouse(self._records, self._warehouse, shop.shop_id)
        sessions.rebuild(self._warehouse, shop.shop_id)
