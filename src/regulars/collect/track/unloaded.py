"""What was sent and is not loaded yet, for rooms that cannot wait a second: read from the journal as the loader reads it.

Nothing is learned or kept here: the loader does that. What may not be collected, and who was erased, is left out as it leaves them out.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from regulars.collect.track import shapes
from regulars.collect.track.following import Followers
from regulars.collect.track.loading import reached
from regulars.collect.track.plain import Lane
from regulars.collect.track.rules import Rules

if TYPE_CHECKING:
    from regulars.access.keys import Keyring
    from regulars.records import Records
    from regulars.stream.journal import Journal
    from regulars.warehouse import Warehouse

_MOST_BYTES = 16 * 1024 * 1024


class Unloaded:
    """Reads on from where loading was when it was made; an event may be both here and in the warehouse, `message_id` tells."""

    def __init__(self, records: Records, warehouse: Warehouse, home: Path, keyring: Keyring, journal: Journal) -> None:
        self._journal = journal
        self._rules = Rules(records, keyring)
        self._followers = Followers(records, warehouse, keyring, self._rules)
        self._lane = Lane(home / "scratch")
        self._place = reached(records)

    @property
    def waits(self) -> bool:
        """Whether anything is there to be read."""
        return self._journal.durable > self._place

    def read(self) -> dict[str, pa.Table]:
        """What came since the last time, by shop, in the form of the warehouse's `events`."""
        until = self._journal.durable
        if until <= self._place:
            return {}
        self._rules.refresh()
        shaping = None
        place = until
        for behind, entries in self._journal.blocks(self._place, until, most_bytes=_MOST_BYTES):
            shaping = shaping or shapes.Shaping(self._rules.tools(), self._lane, str(self._place))
            shaping.take(entries)
            place = behind
        self._place = place
        if shaping is None:
            return {}
        part = shaping.part()
        self._followers.leave_out_erased(part)
        self._followers.leave_out_refused(part)
        return self._followers.resolved({shop: part.table(shop, str(place)) for shop in part.shops})

    def close(self) -> None:
        """Let go of what reading needed."""
        self._lane.close()
