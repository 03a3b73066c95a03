"""What was put aside, over HTTP: listed with reasons, checked, repaired, replayed or discarded."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import Path, Query
from pydantic import Field

from regulars.collect.track import quarantine, repair
from regulars.collect.track.api.events import MessageId, Strict, api
from regulars.collect.track.quarantine import QuarantinedEvent, ReasonCount
from regulars.collect.track.repair import BulkReplay, MessageCheck
from regulars.records import UnitOfWork
from regulars.web import Door
from regulars.web.paging import Cursor, Limit, Page, page, place_of

_AT = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
_ASIDE = QuarantinedEvent(
    quarantine_id="q_5a1f0c9b8a7e6d5c4b3a2f1d",
    shop_id="tea",
    source_id="source_01m7zsbyk3",
    reason="no_event_name",
    says="a track message has no event name",
    mend="correct the message and replay it",
    detail="",
    event=None,
    message_id="3",
    received_at=_AT,
    state="open",
    settled_at=None,
)


QuarantineId = Annotated[str, Path(max_length=64, description="The message put aside")]


class Replay(Strict):
    """The corrected message; without it the message is sent as it came."""

    message: dict[str, Any] | None = None


class ManyReplays(Strict):
    """Which messages to send again; without a filter all that are open."""

    reason: Annotated[str, Field(max_length=40)] | None = None
    source: Annotated[str, Field(max_length=64)] | None = None


def _looking(door: Door) -> AbstractContextManager[UnitOfWork]:
    """For who may see texts, a transaction that can note the look; for everybody else reading, which goes on when nothing can be written."""
    return door.unit() if door.caller.may("see_personal_data") else door.reading()


@api.get(
    "/v1/quarantine",
    permission="read_customers",
    answer=Page[QuarantinedEvent],
    summary="Messages put aside, the latest first",
    example=Page(items=[_ASIDE]),
)
def get_quarantine(
    door: Door,
    state: Annotated[Literal["open", "replayed", "discarded"], Query(description="What became of them")] = "open",
    reason: Annotated[str | None, Query(max_length=40, description="Only those put aside for this reason")] = None,
    source: Annotated[str | None, Query(max_length=64, description="Only those of this source")] = None,
    event: Annotated[str | None, Query(max_length=200, description="Only those of this event name")] = None,
    message_id: MessageId = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[QuarantinedEvent]:
    """What could not be taken, with the reason and how to mend it. Their text is shown to who may see personal data,
    and each such look is noted in the audit trail."""
    before: str | None = place_of(cursor, str)
    with _looking(door) as uow:
        found = quarantine.look_through(
            uow,
            door.caller,
            door.shop.shop_id,
            state=state,
            reason=reason,
            source_id=source,
            event=event,
            message_id=message_id,
            before=before,
            limit=limit + 1,
            language=door.language,
        )
    return page(found, limit, quarantine.cursor)


@api.get(
    "/v1/quarantine/{quarantine_id}",
    permission="read_customers",
    answer=QuarantinedEvent,
    summary="One message put aside",
    example=_ASIDE,
)
def get_quarantined_event(door: Door, quarantine_id: QuarantineId) -> QuarantinedEvent:
    """A message put aside. A look at its text is noted in the audit trail."""
    with _looking(door) as uow:
        return quarantine.look(uow, door.caller, door.shop.shop_id, quarantine_id, language=door.language)


@api.post(
    "/v1/quarantine/{quarantine_id}/replay",
    permission="load_data",
    answer=QuarantinedEvent,
    summary="Send a message again",
    example=_ASIDE,
    sends=Replay(message={"type": "track", "event": "Product Viewed", "userId": "17850", "messageId": "3"}),
)
def post_quarantine_replay(door: Door, quarantine_id: QuarantineId, body: Replay | None = None) -> QuarantinedEvent:
    """As it came, or as corrected; with the same `messageId` it is one event however often it is replayed.

    A message that would be put aside again is refused with the reason, and stays.
    """
    with door.unit() as uow:
        return repair.replay_one(
            door.records,
            uow,
            door.caller,
            door.shop,
            quarantine_id,
            body.message if body else None,
            repair.sender(door.stores.journal, door.shop),
            language=door.language,
        )


@api.post(
    "/v1/quarantine/{quarantine_id}/check",
    permission="load_data",
    answer=MessageCheck,
    summary="Would a message be taken now?",
    example=MessageCheck(ok=True, event="Product Viewed"),
    sends=Replay(message={"type": "track", "event": "Product Viewed", "userId": "17850", "messageId": "3"}),
)
def post_quarantine_check(door: Door, quarantine_id: QuarantineId, body: Replay | None = None) -> MessageCheck:
    """As it came, or as corrected; nothing is changed. Says the reason that remains."""
    return repair.check_one(
        door.records, door.caller, door.shop, quarantine_id, body.message if body else None, language=door.language
    )


@api.post(
    "/v1/quarantine/replay",
    permission="load_data",
    answer=BulkReplay,
    summary="Send many messages again",
    example=BulkReplay(replayed=42, still_refused=3),
    sends=ManyReplays(reason="schema"),
)
def post_quarantine_bulk_replay(door: Door, body: ManyReplays) -> BulkReplay:
    """All open messages of a reason or source that would be taken now, as they came; the others stay. At most 10,000 at once."""
    return repair.replay_many(
        door.records,
        door.caller,
        door.shop,
        repair.sender(door.stores.journal, door.shop),
        reason=body.reason,
        source_id=body.source,
    )


@api.get(
    "/v1/quarantine_reasons",
    permission="read_reports",
    answer=Page[ReasonCount],
    summary="What was put aside, by reason",
    example=Page(
        items=[
            ReasonCount(
                reason="no_event_name",
                says="a track message has no event name",
                source_id="source_01m7zsbyk3",
                messages=3,
                last_received_at=_AT,
            )
        ]
    ),
)
def get_quarantine_reasons(door: Door) -> Page[ReasonCount]:
    """How many open messages there are by reason and source, the most first."""
    with door.reading() as uow:
        return Page(items=quarantine.counts(uow, door.shop.shop_id, language=door.language))


@api.delete(
    "/v1/quarantine/{quarantine_id}", permission="load_data", answer=QuarantinedEvent, summary="Discard a message", example=_ASIDE
)
def delete_quarantined_event(door: Door, quarantine_id: QuarantineId) -> QuarantinedEvent:
    """Its content is destroyed; that it was there stays visible."""
    with door.unit() as uow:
        return quarantine.discard(uow, door.caller, door.shop.shop_id, quarantine_id, language=door.language)
