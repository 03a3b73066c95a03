"""Receiving a delivery: verified, recognised when repeated, translated, put into the stream, and only then answered."""

from __future__ import annotations

import hashlib
import json
import logging
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import and_, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from regulars.access import shops
from regulars.access.keys import join
from regulars.collect.platforms import sources
from regulars.collect.platforms.domain import dispatch, generic
from regulars.collect.platforms.domain.generic import parse_mapping
from regulars.collect.platforms.domain.messages import Later, Message, Name, Request, Setting, Translation, completed, plain
from regulars.collect.platforms.domain.signatures import is_ping, verify
from regulars.collect.platforms.sink import Sink, sink_of
from regulars.collect.platforms.sources import Live
from regulars.collect.platforms.tables import (
    platform_delivery,
    platform_name,
    platform_request,
    platform_source,
    platform_waiting,
)
from regulars.errors import InvalidInput, NotAllowed, RegularsError
from regulars.guard.privacy import known_id
from regulars.values import clock
from regulars.web.bodies import strict_json

if TYPE_CHECKING:
    from sqlalchemy import Table

    from regulars.access.domain import Caller
    from regulars.access.keys import Keyring
    from regulars.records import Records, UnitOfWork

log = logging.getLogger(__name__)

Outcome = Literal["accepted", "repeated", "ignored", "unknown", "quarantined", "ping"]

KEPT = timedelta(days=8)  # platforms repeat a delivery for two days at most
LARGEST = 4 * 1024 * 1024
_DUE = {
    "data_request": timedelta(days=30),
    "customer_redact": timedelta(days=30),
    "customer_deleted": timedelta(days=30),
    "shop_redact": timedelta(days=30),
}
_NOTED_EVERY_SECONDS = 5.0
_refusals: dict[tuple[int, str], tuple[int, float]] = {}
_refusals_lock = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of a delivery."""

    outcome: Outcome
    messages: int = 0
    reason: str | None = None


def receive(records: Records, home: Path, keyring: Keyring, source_id: str, headers: Mapping[str, str], body: bytes) -> Receipt:
    """Take one delivery. When this returns, what it said is in the stream; killed before, the platform sends it again.

    Parameters
    ----------
    headers : by lower-case name. body : as it came, since that is what was signed.

    Raises
    ------
    NotFound : no such source, or a disabled one.
    NotAllowed : 401; not signed with a live secret of the source, altered, or too old.
    Unavailable, StorageFull : the stream cannot take it now; the platform sends it again.
    """
    with records.reading() as view:
        source = sources.live(view, keyring, source_id)
    if is_ping(source.platform, headers, body):
        return Receipt(outcome="ping")
    try:
        verify(source.platform, source.secrets, headers, body)
    except NotAllowed as refusal:
        _note_refusal(records, source_id, refusal.code)
        raise
    told = dispatch.delivery_of(source.platform, headers)
    key = hashlib.sha256(join(told.topic, told.delivery_id) + body).hexdigest()[:32]
    if _is_repeated(records, source_id, key):
        return Receipt(outcome="repeated")
    sink = sink_of(records, home, source.shop_id, source_id)
    receipt = take(records, keyring, source, told.topic, body, sink)
    with records.unit() as uow:
        _note(uow, source, key, told.topic, receipt)
    return receipt


def replay(records: Records, home: Path, keyring: Keyring, caller: Caller, source_id: str, topic: str, body: Any) -> Receipt:
    """Take a body that somebody corrected, as if the platform had sent it so; the same content again has no second effect.

    Raises
    ------
    NotFound : no such source of a shop the caller may see.
    """
    caller.demand("load_data")
    with records.reading() as view:
        source = sources.live(view, keyring, sources.get(view, caller, source_id).source_id)
    raw = json.dumps(plain(body), ensure_ascii=False).encode("utf-8", "surrogatepass")
    return take(records, keyring, source, topic, raw, sink_of(records, home, source.shop_id, source_id))


def try_mapping(setting: Setting, mapping: Mapping[str, Any], sample: Any) -> Translation:
    """What a sample body would say under a mapping; nothing is kept.

    Raises
    ------
    InvalidInput : the mapping or the body cannot be read; says where.
    """
    return generic.translate(parse_mapping(mapping), sample, setting, clock.now())


def forget_old(uow: UnitOfWork) -> int:
    """Drop what is known of deliveries that no platform repeats any more; returns how many."""
    return uow.execute(delete(platform_delivery).where(platform_delivery.c.received_at < clock.now() - KEPT)).rowcount


def release(records: Records, source_id: str, sink: Sink) -> int:
    """Put into the stream what waited for a name that is known now; returns how many messages."""
    w, n = platform_waiting, platform_name
    known = and_(n.c.source_id == w.c.source_id, n.c.kind == w.c.kind, n.c.platform_id == w.c.platform_id)
    with records.reading() as view:
        rows = view.rows(select(w, n.c.our_id, n.c.customer_id).join(n, known).where(w.c.source_id == source_id))
    if not rows:
        return 0
    sink.accept(
        [
            completed(Later(row["kind"], row["platform_id"], row["message"], keep=True), row["our_id"], row["customer_id"])
            for row in rows
        ]
    )
    with records.unit() as uow:
        ids = [row["message_id"] for row in rows]
        uow.execute(delete(w).where(w.c.source_id == source_id, w.c.message_id.in_(ids)))
    return len(rows)


def take(records: Records, keyring: Keyring, source: Live, topic: str, body: bytes, sink: Sink) -> Receipt:
    """Put what a body says into the stream, and keep what it names; a body that cannot be read is refused by the sink."""
    seen_at = clock.now()
    try:
        with records.reading() as view:
            shop = shops.get(view, source.shop_id)
        setting = Setting(source.platform, shop.timezone, shop.currency, source.domain)
        mapping = parse_mapping(source.mapping) if source.mapping else None
        said = dispatch.translate(source.platform, topic, strict_json(body, exact=True), setting, mapping, seen_at)
    except InvalidInput as error:
        sink.refuse(body, error.code, f"{topic}: {error.message}"[:300] if topic else error.message[:300])
        return Receipt(outcome="quarantined", reason=error.code)
    if said is None:
        return Receipt(outcome="unknown", reason="unknown_topic")
    with records.reading() as view:
        direct, waiting = _settle(view, source.source_id, said.later)
    messages = [*said.messages, *direct]
    if messages:
        sink.accept(messages)
    if said.names or waiting or said.requests:
        with records.unit() as uow:
            for name in said.names:
                _keep_name(uow, source, keyring, name)
            for later in waiting:
                _keep_waiting(uow, source, later, seen_at)
            for request in said.requests:
                _keep_request(uow, source, keyring, request, seen_at)
        release(records, source.source_id, sink)
    if messages or waiting or said.requests:
        return Receipt(outcome="accepted", messages=len(messages))
    return Receipt(outcome="ignored", reason=said.ignored or "nothing_to_tell")


def _settle(view: UnitOfWork, source_id: str, later: Sequence[Later]) -> tuple[list[Message], list[Later]]:
    """Messages whose thing is known, and those that wait for it."""
    n = platform_name
    messages, waiting = [], []
    for one in later:
        rows = view.rows(
            select(n.c.our_id, n.c.customer_id)
            .where(n.c.source_id == source_id, n.c.kind == one.kind, n.c.platform_id == one.platform_id)
            .order_by(n.c.our_id)
        )
        messages += [completed(one, row["our_id"], row["customer_id"]) for row in rows]
        if not rows and one.keep:
            waiting.append(one)
    return messages, waiting


def _keep_name(uow: UnitOfWork, source: Live, keyring: Keyring, name: Name) -> None:
    customer = known_id(keyring, source.shop_id, name.customer) if name.customer else None
    key = {"source_id": source.source_id, "kind": name.kind, "platform_id": name.platform_id, "our_id": name.our_id}
    n = platform_name
    if name.kind == "order":  # a renamed order has one name: the newest
        others = and_(n.c.kind == "order", n.c.platform_id == name.platform_id, n.c.our_id != name.our_id)
        uow.execute(delete(n).where(n.c.source_id == source.source_id, others))
    _put(uow, n, {**key, "shop_id": source.shop_id, "customer_id": customer}, {"customer_id": customer})


def _keep_waiting(uow: UnitOfWork, source: Live, later: Later, at: datetime) -> None:
    values = {
        "source_id": source.source_id,
        "message_id": later.message["messageId"],
        "shop_id": source.shop_id,
        "kind": later.kind,
        "platform_id": later.platform_id,
        "message": later.message,
        "received_at": at,
    }
    _put(uow, platform_waiting, values, {"message": later.message})


def _keep_request(uow: UnitOfWork, source: Live, keyring: Keyring, request: Request, at: datetime) -> None:
    """Only the pseudonym is kept: whom it is about is found by it as long as they are here."""
    request_id = keyring.mac("platform requests", source.source_id, request.kind, request.platform_id)[:40]
    customer = known_id(keyring, source.shop_id, request.user) if request.user else None
    values = {
        "request_id": request_id,
        "shop_id": source.shop_id,
        "source_id": source.source_id,
        "kind": request.kind,
        "customer_id": customer,
        "received_at": at,
        "due_at": at + _DUE[request.kind],
    }
    _put(uow, platform_request, values, None)


def _put(uow: UnitOfWork, table: Table, values: Mapping[str, Any], changed: Mapping[str, Any] | None) -> None:
    """Insert, or change what is there already (None: leave it)."""
    make = (postgresql.insert if uow.dialect == "postgresql" else sqlite.insert)(table).values(values)
    key = list(table.primary_key.columns)
    stored = make.on_conflict_do_update(index_elements=key, set_=changed) if changed else make.on_conflict_do_nothing()
    uow.execute(stored)


def _is_repeated(records: Records, source_id: str, key: str) -> bool:
    d = platform_delivery
    known = and_(d.c.source_id == source_id, d.c.delivery_key == key)
    with records.reading() as view:
        if view.value(select(d.c.delivery_key).where(known)) is None:
            return False
    with records.unit() as uow:
        uow.execute(update(d).where(known).values(repeats=d.c.repeats + 1))
    return True


def _note(uow: UnitOfWork, source: Live, key: str, topic: str, receipt: Receipt) -> None:
    """Write down the delivery. Of concurrent ones with the same key all reached the stream, where they are one."""
    d = platform_delivery
    values = {
        "source_id": source.source_id,
        "delivery_key": key,
        "shop_id": source.shop_id,
        "topic": topic,
        "outcome": receipt.outcome,
        "reason": (receipt.reason or "")[:40] or None,
        "messages": receipt.messages,
        "repeats": 0,
        "received_at": clock.now(),
    }
    _put(uow, d, values, {"repeats": d.c.repeats + 1})
    if receipt.outcome == "accepted":
        uow.execute(
            update(platform_source).where(platform_source.c.source_id == source.source_id).values(last_accepted_at=clock.now())
        )


def _note_refusal(records: Records, source_id: str, code: str) -> None:
    """Count a refused delivery. Strangers can cause these, so the records are written at most every 5 seconds for a source."""
    place = (id(records), source_id)
    with _refusals_lock:
        count, noted_at = _refusals.get(place, (0, float("-inf")))
        due = time.monotonic() - noted_at >= _NOTED_EVERY_SECONDS
        _refusals[place] = (0, time.monotonic()) if due else (count + 1, noted_at)
    if not due:
        return
    log.warning("a webhook was refused", extra={"source_id": source_id, "code": code})
    s = platform_source
    try:
        with records.unit() as uow:
            counted = {"refused": s.c.refused + count + 1, "last_refused_at": clock.now(), "last_refusal": code}
            uow.execute(update(s).where(s.c.source_id == source_id).values(**counted))
    except RegularsError as error:
        log.warning("a refusal was not counted", extra={"code": error.code})
