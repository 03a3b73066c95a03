"""Which segment number stands for which stream of a broker, so that places of all journals an installation ever had are in order.

    home/journal/streams.json

A stream numbers its messages itself, from the start for each stream. A place is (segment, number in the stream); a stream gets a segment
behind everything loaded before when it is first seen, and a new one when its numbers begin anew because it was made again or lost some.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from regulars.errors import Unavailable

FILE = "streams.json"


@dataclass(slots=True)
class Lineage:
    """The segments of the streams of one installation."""

    folder: Path

    def segment(self, stream: str, behind: int, *, anew: bool = False) -> int:
        """The segment of a stream; a new one where it has none, where its own lies before segment `behind`, or `anew`."""
        known = self._read()
        own = known.get(stream, 0)
        if own >= max(behind, 1) and not anew:
            return own
        known[stream] = max([behind, *known.values()]) + 1
        self._write(known)
        return known[stream]

    def _read(self) -> dict[str, int]:
        path = self.folder / FILE
        try:
            return {str(name): int(number) for name, number in json.loads(path.read_text("utf-8")).items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, AttributeError):
            raise Unavailable(
                "home/journal/streams.json cannot be read", mend="put its last backup in place", code="journal_damaged"
            ) from None

    def _write(self, known: dict[str, int]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = self.folder / (FILE + ".writing")
        try:
            with draft.open("w", encoding="utf-8") as file:
                json.dump(known, file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self.folder / FILE)
            handle = os.open(self.folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as fault:
            raise Unavailable(
                f"home/journal cannot be written ({fault.strerror})",
                mend="give this user write access to home/journal, and some space",
                code="journal_read_only",
            ) from None
