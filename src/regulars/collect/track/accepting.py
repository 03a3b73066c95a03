"""Putting messages into the stream from inside: webhooks, connectors, imported history and replays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from regulars.collect.track.shapes import Head, encode_head
from regulars.stream.journal import Entry, Journal
from regulars.values import clock

_BATCH_BYTES = 1_000_000
_encode = msgspec.json.Encoder(decimal_format="string").encode


def accept(
    journal: Journal, shop_id: str, source_id: str, messages: Sequence[dict[str, Any]], *, received_at: datetime | None = None
) -> int:
    """Put messages in Segment form into the journal; when this returns they are on disk and will be loaded once.

    `received_at` is when they were first received, where that was not now. Returns how many messages were put in.

    Raises
    ------
    Unavailable, StorageFull : the journal cannot take them; nothing of the batch that failed is kept.
    """
    moment = received_at or clock.now()
    head = encode_head(Head(source_id=source_id, shop_id=shop_id, received_us=int(moment.timestamp() * 1_000_000)))
    waiting: list[bytes] = []
    size = 0
    for message in messages:
        raw = _encode(message)
        if waiting and size + len(raw) > _BATCH_BYTES:
            journal.append_now(Entry(head, b'{"batch":[' + b",".join(waiting) + b"]}"))
            waiting, size = [], 0
        waiting.append(raw)
        size += len(raw)
    if waiting:
        journal.append_now(Entry(head, b'{"batch":[' + b",".join(waiting) + b"]}"))
    return len(messages)
