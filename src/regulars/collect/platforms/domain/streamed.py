"""What a shop's own stream says: each message as JSON in Segment form, one or many, and an id for those that have none."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

Message = dict[str, Any]


def messages_in(data: bytes, name: str, moment_us: int) -> list[Message]:
    """The messages of one message of the stream.

    Parameters
    ----------
    name : names the stream's message for ever; messages without an id get it, so that reading twice tells nothing twice.
    moment_us : when it was put into the stream, in microseconds of the epoch; the time of messages that tell none.

    Raises
    ------
    ValueError : it is no JSON object, nor a list of some.
    """
    try:
        told = msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as wrong:
        raise ValueError("the message is not JSON") from wrong
    batch = told.get("batch") if isinstance(told, dict) else told
    found = batch if isinstance(batch, list) else [told]
    if not all(isinstance(one, dict) for one in found):
        raise ValueError("the message is no JSON object")
    at = datetime.fromtimestamp(max(moment_us, 0) / 1_000_000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    messages = []
    for number, one in enumerate(found):
        message = dict(one)
        if not message.get("messageId"):
            message["messageId"] = name if len(found) == 1 else f"{name}-{number}"
        if moment_us > 0 and not (message.get("timestamp") or message.get("originalTimestamp")):
            message["timestamp"] = at
        messages.append(message)
    return messages
