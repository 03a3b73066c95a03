"""Messages that were put aside: kept sealed with their reason, shown, repaired, replayed or discarded."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import RowMapping, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from regulars.access import audit
from regulars.collect.track.domain.shaping import Refused
from regulars.collect.track.domain.verdicts import REASONS
from regulars.collect.track.shapes import Head
from regulars.collect.track.tables import quarantined_event as table
from regulars.errors import Conflict, InvalidInput, NotFound
from regulars.guard import privacy
from regulars.values import clock

if TYPE_CHECKING:
    from regulars.access.domain import Caller
    from regulars.access.keys import Keyring
    from regulars.records import UnitOfWork

PURPOSE = "quarantine"
_QUOTED = re.compile(rb'"(?:[^"\\]|\\.)*"', re.S)
STATES = ("open", "replayed", "discarded")


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantinedEvent:
    """One message that was put aside. `message` is the text as it came, where the caller may see personal data."""

    quarantine_id: str
    shop_id: str
    source_id: str
    reason: str
    says: str
    mend: str
    detail: str
    event: str | None
    message_id: str | None
    received_at: datetime
    state: str
    settled_at: datetime | None
    message: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonCount:
    """How many messages of one source are put aside for one reason."""

    reason: str
    says: str
    source_id: str
    messages: int
    last_received_at: datetime


#: Puts messages of a source into the journal with the time they were first received at; returns when that is durable.
Send = Callable[[str, Sequence[dict[str, Any]], datetime], None]


def keep(uow: UnitOfWork, keyring: Keyring, refused: Iterable[tuple[Head, Refused]]) -> int:
    """Keep what was put aside; the same message sent again changes nothing, save that one which was replayed in vain is open again."""
    rows: dict[str, dict[str, Any]] = {}
    for head, one in refused:
        told = b"/".join(
            (head.source_id.encode(), one.reason.encode(), (one.message_id or "").encode("utf-8", "replace"), one.message)
        )
        quarantine_id = "q_" + blake2b(told, digest_size=12).hexdigest()
        if quarantine_id not in rows:
            rows[quarantine_id] = {
                "quarantine_id": quarantine_id,
                "shop_id": head.shop_id,
                "source_id": head.source_id,
                "reason": one.reason,
                "detail": one.detail[:300],
                "event": _plain(one.event),
                "message_id": _plain(one.message_id),
                "sealed": keyring.seal(PURPOSE, one.message, bound_to=quarantine_id),
                "received_at": head.received_at,
                "state": "open",
            }
    if rows:
        make = postgresql.insert if uow.dialect == "postgresql" else sqlite.insert
        put = make(table)
        again = put.on_conflict_do_update(
            index_elements=[table.c.quarantine_id],
            set_={"state": "open", "sealed": put.excluded.sealed, "settled_at": None, "settled_by": None},
            where=table.c.state == "replayed",
        )
        listed = list(rows.values())
        for start in range(0, len(listed), 500):
            uow.execute(again, listed[start : start + 500])
    return len(rows)


def put_aside(
    uow: UnitOfWork, keyring: Keyring, shop_id: str, source_id: str, raw: bytes, reason: str, detail: str, received_at: datetime
) -> None:
    """Keep a body that another room could not read, such as a platform's delivery; the same body again changes nothing."""
    head = Head(source_id=source_id, shop_id=shop_id, received_us=int(received_at.timestamp() * 1_000_000))
    keep(uow, keyring, [(head, Refused(reason, detail, raw))])


def listing(
    uow: UnitOfWork,
    keyring: Keyring,
    shop_id: str,
    *,
    state: str = "open",
    reason: str | None = None,
    source_id: str | None = None,
    event: str | None = None,
    message_id: str | None = None,
    before: str | None = None,
    limit: int = 100,
    reveal: bool = False,
    language: str = "en",
) -> list[QuarantinedEvent]:
    """What was put aside, the latest first; `before` is the place that `cursor` gave. `reveal` opens the messages."""
    if state not in STATES:
        raise InvalidInput(
            f"'{state}' is no state of a message put aside", mend=f"choose one of {', '.join(STATES)}", code="bad_state"
        )
    query = select(table).where(table.c.shop_id == shop_id, table.c.state == state)
    for column, wanted in (
        (table.c.reason, reason),
        (table.c.source_id, source_id),
        (table.c.event, event),
        (table.c.message_id, message_id),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    if before is not None:
        at, _, last = before.partition("/")
        moment = datetime.fromisoformat(at)
        query = query.where((table.c.received_at < moment) | ((table.c.received_at == moment) & (table.c.quarantine_id < last)))
    query = query.order_by(table.c.received_at.desc(), table.c.quarantine_id.desc()).limit(limit)
    return [_shown(keyring, row, reveal=reveal, language=language) for row in uow.rows(query)]


def look_through(
    uow: UnitOfWork,
    caller: Caller,
    shop_id: str,
    *,
    state: str = "open",
    reason: str | None = None,
    source_id: str | None = None,
    event: str | None = None,
    message_id: str | None = None,
    before: str | None = None,
    limit: int = 100,
    language: str = "en",
) -> list[QuarantinedEvent]:
    """`listing`, with the texts for who may see personal data; one entry of the audit trail says who saw how many, by which filter."""
    assert caller.keyring is not None
    found = listing(
        uow,
        caller.keyring,
        shop_id,
        state=state,
        reason=reason,
        source_id=source_id,
        event=event,
        message_id=message_id,
        before=before,
        limit=limit,
        reveal=caller.may("see_personal_data"),
        language=language,
    )
    if shown := sum(one.message is not None for one in found):
        # A message's id may be a person's; that one was asked for is enough.
        by = {"state": state, "reason": reason, "source": source_id, "event": event, "message_id": message_id and "given"}
        wanted = {name: value for name, value in by.items() if value}
        audit.record(
            uow, caller, "quarantine.seen", f"{shown} messages", after={"filter": wanted, "messages": shown}, shop_id=shop_id
        )
    return found


def cursor(one: QuarantinedEvent) -> str:
    """The place behind one in `listing`."""
    return f"{one.received_at.isoformat()}/{one.quarantine_id}"


def get(
    uow: UnitOfWork, keyring: Keyring, shop_id: str, quarantine_id: str, *, reveal: bool = False, language: str = "en"
) -> QuarantinedEvent:
    """One of them.

    Raises
    ------
    NotFound : there is none of that id in this shop.
    """
    return _shown(keyring, _row(uow, shop_id, quarantine_id), reveal=reveal, language=language)


def look(uow: UnitOfWork, caller: Caller, shop_id: str, quarantine_id: str, *, language: str = "en") -> QuarantinedEvent:
    """One of them, with its text for who may see personal data; such a look is noted in the audit trail."""
    assert caller.keyring is not None
    reveal = caller.may("see_personal_data")
    found = get(uow, caller.keyring, shop_id, quarantine_id, reveal=reveal, language=language)
    if reveal and found.state == "open":
        audit.record(uow, caller, "quarantine.seen", quarantine_id, shop_id=shop_id)
    return found


def counts(uow: UnitOfWork, shop_id: str, *, state: str = "open", language: str = "en") -> list[ReasonCount]:
    """How many there are by reason and source, the most first."""
    query = (
        select(table.c.reason, table.c.source_id, func.count().label("n"), func.max(table.c.received_at).label("last"))
        .where(table.c.shop_id == shop_id, table.c.state == state)
        .group_by(table.c.reason, table.c.source_id)
        .order_by(func.count().desc(), table.c.reason, table.c.source_id)
    )
    return [
        ReasonCount(
            reason=row["reason"],
            says=words_of(row["reason"], language)[0],
            source_id=row["source_id"],
            messages=row["n"],
            last_received_at=row["last"],
        )
        for row in uow.rows(query)
    ]


def replay(
    uow: UnitOfWork,
    caller: Caller,
    shop_id: str,
    quarantine_id: str,
    message: dict[str, Any] | None,
    send: Send,
    *,
    language: str = "en",
) -> QuarantinedEvent:
    """Send a message again, as it came or as corrected; it keeps its messageId, so that it is one event however often.

    Raises
    ------
    Conflict : it was replayed or discarded already.
    InvalidInput : the message as it came is no JSON object, and no corrected one is given.
    """
    assert caller.keyring is not None
    row = _row(uow, shop_id, quarantine_id)
    if row["state"] != "open":
        raise Conflict(f"this message was {row['state']} already", mend="list the open ones", code="settled")
    sent = message if message is not None else _decoded(caller.keyring.unseal(PURPOSE, row["sealed"], bound_to=quarantine_id))
    sent = {**sent, "messageId": sent.get("messageId") or row["message_id"] or quarantine_id}
    send(row["source_id"], [sent], row["received_at"])
    return _settle(uow, caller, row, "replayed", language)


def message_of(uow: UnitOfWork, keyring: Keyring, shop_id: str, quarantine_id: str) -> tuple[dict[str, Any], str, datetime]:
    """A message as it came, its source, and when it was first received.

    Raises
    ------
    InvalidInput : it is no JSON object.
    """
    row = _row(uow, shop_id, quarantine_id)
    message = _decoded(keyring.unseal(PURPOSE, row["sealed"], bound_to=quarantine_id))
    return message, row["source_id"], row["received_at"]


def discard(uow: UnitOfWork, caller: Caller, shop_id: str, quarantine_id: str, *, language: str = "en") -> QuarantinedEvent:
    """Say that a message is not to be repaired; its content is destroyed."""
    row = _row(uow, shop_id, quarantine_id)
    if row["state"] == "replayed":
        raise Conflict("this message was replayed already", mend="list the open ones", code="settled")
    return _settle(uow, caller, row, "discarded", language)


def words_of(code: str, language: str) -> tuple[str, str]:
    """What a reason says and how to mend it, in the reader's language."""
    reason = REASONS.get(code)
    if reason is None:
        return code, ""
    return (reason.says_zh, reason.mend_zh) if language == "zh" else (reason.says, reason.mend)


def empty_messages_of(uow: UnitOfWork, _home: Path, keyring: Keyring, shop_id: str, likeness: privacy.Likeness) -> int:
    """Destroy what was put aside of an erased customer; that it was there, and why, stays. Returns how many."""
    emptied = 0
    for row in uow.rows(select(table.c.quarantine_id, table.c.sealed).where(table.c.shop_id == shop_id)):
        quarantine_id = row["quarantine_id"]
        raw = keyring.unseal(PURPOSE, row["sealed"], bound_to=quarantine_id)
        if raw and likeness.has(_texts_in(raw)):
            nothing = keyring.seal(PURPOSE, b"", bound_to=quarantine_id)
            uow.execute(
                update(table)
                .where(table.c.quarantine_id == quarantine_id)
                .values(sealed=nothing, state="discarded", settled_at=clock.now(), settled_by="erasure", message_id=None)
            )
            emptied += 1
    return emptied


privacy.QUARANTINES.append(empty_messages_of)


def _texts_in(raw: bytes) -> list[str]:
    """Every text of a message, however broken it is: what stands between quotes, with its signs unescaped."""
    found = []
    for piece in _QUOTED.findall(raw):
        try:
            found.append(str(msgspec.json.decode(piece)))
        except (msgspec.DecodeError, ValueError):
            found.append(piece[1:-1].decode("utf-8", "replace"))
    return found


def _settle(uow: UnitOfWork, caller: Caller, row: RowMapping, state: str, language: str) -> QuarantinedEvent:
    assert caller.keyring is not None
    uow.execute(
        update(table)
        .where(table.c.quarantine_id == row["quarantine_id"], table.c.state == "open")
        .values(
            state=state,
            settled_at=clock.now(),
            settled_by=f"{caller.kind}:{caller.id}",
            sealed=caller.keyring.seal(PURPOSE, b"", bound_to=row["quarantine_id"]),
        )
    )
    audit.record(uow, caller, f"quarantine.{state}", row["quarantine_id"], shop_id=row["shop_id"])
    return get(uow, caller.keyring, row["shop_id"], row["quarantine_id"], language=language)


def _row(uow: UnitOfWork, shop_id: str, quarantine_id: str) -> RowMapping:
    row = uow.one(select(table).where(table.c.shop_id == shop_id, table.c.quarantine_id == quarantine_id))
    if row is None:
        raise NotFound(
            f"there is no message '{quarantine_id}' put aside in this shop",
            mend="list them with `GET /v1/quarantine`",
            code="no_such_message",
        )
    return row


def _shown(keyring: Keyring, row: RowMapping, *, reveal: bool, language: str) -> QuarantinedEvent:
    says, mend = words_of(row["reason"], language)
    return QuarantinedEvent(
        quarantine_id=row["quarantine_id"],
        shop_id=row["shop_id"],
        source_id=row["source_id"],
        reason=row["reason"],
        says=says,
        mend=mend,
        detail=row["detail"],
        event=row["event"],
        message_id=row["message_id"],
        received_at=row["received_at"],
        state=row["state"],
        settled_at=row["settled_at"],
        message=keyring.unseal(PURPOSE, row["sealed"], bound_to=row["quarantine_id"]).decode("utf-8", "replace")
        if reveal
        else None,
    )


def _decoded(raw: bytes) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError, ValueError):
        found = None
    if not isinstance(found, dict):
        raise InvalidInput(
            "the message as it came is no JSON object", mend="send the corrected message with the replay", code="bad_json"
        )
    return found


def _plain(text: str | None) -> str | None:
    """Without what a database refuses."""
    return text.encode("utf-8", "replace").decode("utf-8", "replace").replace("\x00", "")[:200] if text else None
