"""Where messages go: the stream of events, named once by the composition root, so that this room does not know how it is made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from regulars.errors import Unavailable

if TYPE_CHECKING:
    from regulars.records import Records


class Sink(Protocol):
    """The stream as one source sees it. Both verbs have kept what they were given, durably, when they return."""

    def accept(self, messages: Sequence[dict[str, Any]]) -> None:
        """Take messages in Segment form; one whose (source, messageId) is known has no second effect."""

    def refuse(self, raw: bytes, reason: str, detail: str) -> None:
        """Keep what could not be read, with its reason, to be repaired; the same bytes twice are kept once."""


#: Opens the sink of a source: fn(records, home, shop_id, source_id).
OpenSink = Callable[["Records", Path, str, str], Sink]

_open: OpenSink | None = None


def connect(open_sink: OpenSink | None) -> None:
    """Say how a source's sink is opened. Called by the composition root before anything is received."""
    global _open  # the one place where the house tells this room what lies below it
    _open = open_sink


def sink_of(records: Records, home: Path, shop_id: str, source_id: str) -> Sink:
    """The sink of a source.

    Raises
    ------
    Unavailable : nothing takes events in this process.
    """
    if _open is None:
        raise Unavailable("events are not taken by this process", mend="start it with `regulars serve`", code="no_stream")
    return _open(records, home, shop_id, source_id)
