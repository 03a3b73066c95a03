"""Where messages go: the stream of events, named by the composition root for each data folder, so that this room does not know who runs it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from regulars.errors import Unavailable
from regulars.values import clock

if TYPE_CHECKING:
    from regulars.access.keys import Keyring
    from regulars.records import Records
    from regulars.stream.journal import Journal


class Sink(Protocol):
    """The stream as one source sees it. Both verbs have kept what they were given, durably, when they return."""

    def accept(self, messages: Sequence[dict[str, Any]]) -> None:
        """Take messages in Segment form; one whose (source, messageId) is known has no second effect."""

    def refuse(self, raw: bytes, reason: str, detail: str) -> None:
        """Keep what could not be read, with its reason, to be repaired; the same bytes twice are kept once."""


#: Opens the sink of a source: fn(records, shop_id, source_id).
OpenSink = Callable[["Records", str, str], Sink]

_opened: dict[Path, OpenSink] = {}


def connect(home: Path, open_sink: OpenSink | None) -> None:
    """Say how the sinks of an installation are opened; None: no more. Called by the composition root."""
    if open_sink is None:
        _opened.pop(home.resolve(), None)
    else:
        _opened[home.resolve()] = open_sink


def sink_of(records: Records, home: Path, shop_id: str, source_id: str) -> Sink:
    """The sink of a source.

    Raises
    ------
    Unavailable : nothing takes events in this process.
    """
    open_sink = _opened.get(home.resolve())
    if open_sink is None:
        raise Unavailable("events are not taken by this process", mend="start it with `regulars serve`", code="no_stream")
    return open_sink(records, shop_id, source_id)


class StreamSink:
    """The sink of the product itself: the journal for messages, the quarantine for what could not be read."""

    def __init__(self, journal: Journal, keyring: Keyring, records: Records, shop_id: str, source_id: str) -> None:
        self._journal = journal
        self._keyring = keyring
        self._records = records
        self._shop_id = shop_id
        self._source_id = source_id

    def accept(self, messages: Sequence[dict[str, Any]]) -> None:
        """Into the journal; on disk when this returns."""
        from regulars.collect import track

        track.accept(self._journal, self._shop_id, self._source_id, messages)

    def refuse(self, raw: bytes, reason: str, detail: str) -> None:
        """Into the quarantine, sealed."""
        from regulars.collect import track

        with self._records.unit() as uow:
            track.put_aside(uow, self._keyring, self._shop_id, self._source_id, raw, reason, detail, clock.now())
