"""What the ingest door and the loader know of a journal, wherever it is kept: on this disk, in NATS JetStream or in Kafka."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from regulars.stream.journal.blocks import Entry
    from regulars.stream.journal.reading import Place


class Journal(Protocol):
    """Entries in the order in which they became durable; each is read back from a place on, until what is before it is removed."""

    @property
    def durable(self) -> Place:
        """Everything before this place is kept durably.

        Raises
        ------
        Unavailable : the journal is kept elsewhere, and that is away now.
        """

    @property
    def waiting_bytes(self) -> int:
        """Bytes that wait to be written."""

    def on_written(self, call: Callable[[], None]) -> None:
        """Call this, briefly, after entries became durable."""

    async def append(self, entry: Entry) -> None:
        """Return when the entry is durable.

        Raises
        ------
        JournalFull : too much waits already.
        StorageFull, Unavailable : it could not be made durable; it may be kept all the same, and is then loaded once.
        """

    def append_now(self, entry: Entry, timeout: float = 60.0) -> None:
        """As `append`, for threads."""

    def blocks(self, start: Place, until: Place, *, most_bytes: int) -> Iterator[tuple[Place, list[Entry]]]:
        """Entries that were written together, from a place on, each time with the place behind them.

        Ends after `most_bytes` or at `until`. What ends early without having been read whole raises.
        """

    def rotate(self) -> Place:
        """See to it that all that is durable now can be removed once it is loaded; returns the place behind it."""

    def remove_before(self, place: Place) -> int:
        """Delete what is before a place, as far as it can be; returns how many pieces."""

    def backlog_bytes(self, loaded: Place) -> int:
        """About how many bytes wait behind what is loaded; answers at once."""

    def troubles(self) -> Iterator[tuple[str, str, str]]:
        """What is wrong with it: a sentence, how to mend it, and where."""

    def close(self) -> None:
        """Write what waits, then stop."""
