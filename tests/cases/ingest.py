"""Cases of messages as they arrive: shaped by the same rules as at the ingest door, learned from, and resolved to customers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from regulars.access import Keyring
from regulars.collect import identity
from regulars.collect.track.domain.ids import Ids
from regulars.collect.track.domain.shaping import Refused, Shaped, Shaper
from regulars.guard import privacy
from regulars.records import Records
from regulars.rooms import import_tables
from regulars.warehouse import Warehouse
from tests.cases.folder import Case

SHOP = "case"
KEYS = Keyring(b"c" * 32)


@dataclass
class Arrived:
    """What became of a case's messages: rows that are kept, and counts."""

    rows: list[Shaped] = field(default_factory=list)
    duplicates: int = 0
    quarantined: int = 0
    said: list[Mapping[str, Any]] = field(default_factory=list)  # as told, of the rows


def ingest(case: Case, warehouse: Warehouse) -> dict[str, Any]:
    """Everything a case may expect of its messages."""
    arrived = _arrive(case)
    with TemporaryDirectory() as folder:
        records = Records.open(f"sqlite:///{Path(folder)}/records.sqlite")
        import_tables()
        records.migrate()
        try:
            return _counted(case, arrived) | _resolved(case, arrived, records)
        finally:
            records.close()


def _arrive(case: Case) -> Arrived:
    received_at = _instant(case.given["received_at"]) if "received_at" in case.given else datetime(2030, 1, 1, tzinfo=UTC)
    envelope = {"sentAt": case.given["sent_at"]} if "sent_at" in case.given else {}
    ids = Ids(partial(privacy.known_id, KEYS, SHOP), partial(privacy.visitor_id, KEYS, SHOP))
    arrived, seen = Arrived(), set()
    for message in case.given["messages"]:
        own = _instant(message["received_at"]) if "received_at" in message else received_at
        shaper = Shaper(SHOP, str(message.get("source", "s")), "CNY", ids, own)
        found = shaper.shape({name: value for name, value in message.items() if name not in ("received_at", "source")}, envelope)
        if isinstance(found, Refused):
            arrived.quarantined += 1
            continue
        key = (found.row["source_id"], found.row["message_id"])
        if key in seen:
            arrived.duplicates += 1
            continue
        seen.add(key)
        arrived.rows.append(found)
        arrived.said.append(message)
    return arrived


def _counted(case: Case, arrived: Arrived) -> dict[str, Any]:
    return {
        "stored_events": len(arrived.rows),
        "duplicates": arrived.duplicates,
        "quarantined": arrived.quarantined,
        "stored_timestamps": [_text(one.row["timestamp"]) for one in arrived.rows],
        "values_of_v": [json.loads(one.row["properties"]).get("v") for one in arrived.rows],
    }


def _resolved(case: Case, arrived: Arrived, records: Records) -> dict[str, Any]:
    """Customers, who is the same, whose events are whose, and what was refused. Illegal ids are learned from all messages told."""
    reader = identity.Reader(KEYS, SHOP)
    told = [reader.read(one.message, one.row["timestamp"].replace(tzinfo=UTC), one.row["message_id"]) for one in arrived.rows]
    with records.unit() as uow:
        identity.learn(uow, KEYS, SHOP, [*told, *_refused_for_their_ids(case, reader, arrived)])
    with records.reading() as uow:
        refused = [one for one in identity.refused_merges(uow, SHOP, limit=1000) if one.to_id]
        used = [one for message in told for one in _ids_of(message)]
        owners = identity.resolve(uow, SHOP, used)

        def customer(raw: str) -> str:
            known, visitor = reader.known(raw), reader.visitor(raw)
            if known in owners:
                return owners[known]
            return identity.customer_of(uow, SHOP, known if identity.customer_of(uow, SHOP, known) != known else visitor)

        expect = case.expect
        events = sorted(zip(arrived.rows, range(len(arrived.rows)), strict=True), key=lambda one: (one[0].row["timestamp"], one[1]))
        by_customer: dict[str, list[str]] = {}
        for shaped, _ in events:
            if shaped.row["type"] in ("track", "page", "screen") and shaped.row["customer_id"]:
                by_customer.setdefault(owners[shaped.row["customer_id"]], []).append(shaped.row["event"])
        counts = isinstance(expect.get("refused_merges"), int)
        return {
            "customers": len(set(owners.values())),
            "same": [pair for pair in expect.get("same", []) if len({customer(raw) for raw in pair}) == 1],
            "different": [pair for pair in expect.get("different", []) if len({customer(raw) for raw in pair}) == len(pair)],
            "events_by_customer": {raw: by_customer.get(customer(raw), []) for raw in expect.get("events_by_customer", {})},
            "refused_merges": len(refused) if counts else [[one.from_id or one.illegal, one.to_id] for one in refused],
        }


def _ids_of(message: identity.IdentityMessage) -> list[str]:
    """The ids a message names; the previous one of an alias as the device it mostly is (a user's is joined with that)."""
    joins = message.previous_id is not None and message.previous_id != message.user_id
    ids = (message.user_id, message.anonymous_id, message.previous_as_visitor if joins else None)
    return [one for one in ids if one is not None]


def _refused_for_their_ids(case: Case, reader: identity.Reader, arrived: Arrived) -> list[identity.IdentityMessage]:
    """Messages that were put aside because an id names nobody are still listed as refused merges."""
    kept = {id(message) for message in arrived.said}
    read = [
        reader.read(message, _instant(message["timestamp"]) if "timestamp" in message else datetime(2030, 1, 1, tzinfo=UTC))
        for message in case.given["messages"]
        if id(message) not in kept
    ]
    return [one for one in read if one.illegal and one.type == "alias"]


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds") + "Z"
