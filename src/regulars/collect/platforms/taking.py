"""What is taken of a shop's stream: the name under which it is read, and its messages in Segment form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from regulars.collect.platforms.domain.streamed import messages_in
from regulars.stream.brokers import Told


def consumer_of(connector_id: str) -> str:
    """The name under which the broker knows a connector."""
    return f"regulars-{connector_id}"


def shaped(told: Sequence[Told]) -> tuple[list[dict[str, Any]], list[tuple[bytes, str, str]]]:
    """Messages in Segment form, and what is none: raw bytes, reason, detail."""
    messages: list[dict[str, Any]] = []
    refused = []
    for one in told:
        try:
            messages += messages_in(one.data, one.id, one.moment_us)
        except ValueError as wrong:
            refused.append((one.data, "bad_json", str(wrong)))
    return messages, refused
