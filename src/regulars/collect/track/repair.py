"""Repairing what was put aside: would a message be taken now, and replaying many that would."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from regulars.collect.track import quarantine, raw, sources
from regulars.collect.track.accepting import accept
from regulars.collect.track.domain.shaping import Refused, Shaper
from regulars.collect.track.rules import Rules
from regulars.errors import Conflict, InvalidInput, Unavailable
from regulars.guard import consent

if TYPE_CHECKING:
    from regulars.access.domain import Caller, Shop
    from regulars.collect.track.quarantine import QuarantinedEvent, Send
    from regulars.records import Records, UnitOfWork
    from regulars.stream.journal import Journal

log = logging.getLogger(__name__)

_AT_ONCE = 200
MOST = 10_000
#: Not a reason to put aside: what may not be collected is only counted.
NO_CONSENT = "no_consent"


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageCheck:
    """Whether a message would be taken now. `reason`, `says` and `mend` tell why not; `detail` names the place."""

    ok: bool
    event: str | None
    reason: str | None = None
    says: str = ""
    mend: str = ""
    detail: str = ""
    schema_problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkReplay:
    """What became of many messages: sent again, and left as they would be put aside again."""

    replayed: int
    still_refused: int


def check(
    records: Records,
    caller: Caller,
    shop: Shop,
    source_id: str,
    message: dict[str, Any],
    received_at: datetime,
    *,
    language: str = "en",
) -> MessageCheck:
    """Shape a message as the loader would, without keeping anything of it."""
    with records.reading() as uow:
        source = sources.get(uow, caller, source_id)
    assert caller.keyring is not None
    rules = Rules(records, caller.keyring)
    rules.refresh()
    with records.reading() as uow:
        return _checked(uow, rules, shop.shop_id, source.source_id, message, received_at, language)


def check_one(
    records: Records, caller: Caller, shop: Shop, quarantine_id: str, message: dict[str, Any] | None, *, language: str = "en"
) -> MessageCheck:
    """Would a message put aside be taken now: as it came, or as corrected?"""
    assert caller.keyring is not None
    with records.reading() as uow:
        one = quarantine.get(uow, caller.keyring, shop.shop_id, quarantine_id)
        try:
            told = message if message is not None else quarantine.message_of(uow, caller.keyring, shop.shop_id, quarantine_id)[0]
        except InvalidInput:
            says, mend = quarantine.words_of("not_an_object", language)
            return MessageCheck(ok=False, event=None, reason="not_an_object", says=says, mend=mend)
        if (room := raw.reader_of(uow, one.source_id, one.reason)) is not None:
            return _looked(room.look(uow, caller.keyring, one.source_id, one.detail, told), one.reason)
    return check(records, caller, shop, one.source_id, told, one.received_at, language=language)


def replay_one(
    records: Records,
    uow: UnitOfWork,
    caller: Caller,
    shop: Shop,
    quarantine_id: str,
    message: dict[str, Any] | None,
    send: Send,
    *,
    language: str = "en",
) -> QuarantinedEvent:
    """Send a message again, if it would be taken now.

    Raises
    ------
    Conflict : it would be put aside again, for the reason that is told; or it was settled already.
    """
    caller.demand("load_data")
    assert caller.keyring is not None
    one = quarantine.get(uow, caller.keyring, shop.shop_id, quarantine_id)
    room = raw.reader_of(uow, one.source_id, one.reason)
    if room is not None:
        send = _through(room, uow, caller, one, send)
    elif one.state == "open":
        verdict = check_one(records, caller, shop, quarantine_id, message, language=language)
        if not verdict.ok:
            raise Conflict(
                f"the message would not be taken: {verdict.says}" + (f" ({verdict.detail})" if verdict.detail else ""),
                mend=verdict.mend or "correct the message",
                code="still_refused",
                reason=verdict.reason,
            )
    return quarantine.replay(uow, caller, shop.shop_id, quarantine_id, message, send, language=language)


def replay_many(
    records: Records, caller: Caller, shop: Shop, send: Send, *, reason: str | None = None, source_id: str | None = None
) -> BulkReplay:
    """Send again, as they came, all open messages (of a reason, of a source) that would be taken now; the others stay.

    For example after a schema was relaxed. In steps of 200, each its own transaction; at most 10,000 at once.
    """
    caller.demand("load_data")
    assert caller.keyring is not None
    rules = Rules(records, caller.keyring)
    replayed = refused = 0
    before: str | None = None
    while replayed + refused < MOST:
        with records.unit() as uow:
            found = quarantine.listing(
                uow, caller.keyring, shop.shop_id, reason=reason, source_id=source_id, before=before, limit=_AT_ONCE
            )
            for one in found:
                rules.refresh()
                try:
                    told, source, received_at = quarantine.message_of(uow, caller.keyring, shop.shop_id, one.quarantine_id)
                except InvalidInput:
                    refused += 1
                    continue
                room = raw.reader_of(uow, source, one.reason)
                if room is not None:
                    if room.look(uow, caller.keyring, source, one.detail, told).wrong:
                        refused += 1
                        continue
                    quarantine.replay(uow, caller, shop.shop_id, one.quarantine_id, None, _through(room, uow, caller, one, send))
                    replayed += 1
                elif _checked(uow, rules, shop.shop_id, source, told, received_at, "en").ok:
                    quarantine.replay(uow, caller, shop.shop_id, one.quarantine_id, None, send)
                    replayed += 1
                else:
                    refused += 1
        if len(found) < _AT_ONCE:
            break
        before = quarantine.cursor(found[-1])
    return BulkReplay(replayed=replayed, still_refused=refused)


def _through(room: raw.RawBodies, uow: UnitOfWork, caller: Caller, one: QuarantinedEvent, send: Send) -> Send:
    """Sends a body as the messages that its room reads in it."""
    assert caller.keyring is not None
    keyring = caller.keyring

    def take(source_id: str, bodies: Any, received_at: datetime) -> None:
        for body in bodies:
            given = {name: value for name, value in body.items() if name != "messageId"}
            room.take(uow, keyring, source_id, one.detail, given, lambda messages: send(source_id, messages, received_at))

    return take


def _looked(found: raw.Looked, reason: str) -> MessageCheck:
    if found.wrong:
        return MessageCheck(ok=False, event=None, reason=reason, says=found.wrong, mend=found.mend)
    return MessageCheck(ok=True, event=found.event)


def sender(journal: Journal | None, shop: Shop) -> Send:
    """Puts messages into the journal of this process.

    Raises
    ------
    Unavailable : this process takes no events (when it is used).
    """

    def send(source_id: str, messages: Any, received_at: datetime) -> None:
        if journal is None:
            raise Unavailable("this server takes no events", mend="start it with `regulars serve`", code="no_journal")
        accept(journal, shop.shop_id, source_id, messages, received_at=received_at)

    return send


def read(text: str) -> dict[str, Any]:
    """A message as somebody typed it.

    Raises
    ------
    InvalidInput : it is not one JSON object.
    """
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise InvalidInput(
            f"this is not JSON: {error}", mend="correct it at the place that is named", code="bad_json_text"
        ) from None
    if not isinstance(found, dict):
        raise InvalidInput("a message is one JSON object", mend="write it in braces", code="not_one_object")
    return found


def _checked(
    uow: UnitOfWork, rules: Rules, shop_id: str, source_id: str, message: dict[str, Any], received_at: datetime, language: str
) -> MessageCheck:
    tools = rules.tools()
    shop = tools.shop(shop_id)
    assert shop is not None
    shaper = Shaper(
        shop_id,
        source_id,
        shop.currency,
        shop.ids,
        received_at,
        enforce=tools.source(source_id).enforce,
        scrub=shop.scrub,
        problems=tools.problems,
    )
    try:
        found = shaper.shape(message, {})
    except Exception:  # a fault of ours with one message: the loader would put it aside
        log.exception("a message could not be shaped")
        found = Refused("unexpected", "", msgspec.json.encode(message))
    if isinstance(found, Refused):
        says, mend = quarantine.words_of(found.reason, language)
        return MessageCheck(ok=False, event=found.event, reason=found.reason, says=says, mend=mend, detail=found.detail)
    who = found.row["customer_id"]
    known = consent.states_of(uow, shop_id, [who]).get(who) if who else None
    if not consent.collectable(consent.collection_policy(uow, shop_id), known, found.message).allowed:
        says, mend = quarantine.words_of(NO_CONSENT, language)
        return MessageCheck(ok=False, event=found.row["event"], reason=NO_CONSENT, says=says, mend=mend)
    problems = found.row["schema_problems"]
    return MessageCheck(ok=True, event=found.row["event"], schema_problems=tuple(problems.split(";")) if problems else ())
