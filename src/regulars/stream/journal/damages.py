"""What of the journal could not be read, noted beside it: the segment is deleted once the rest of it is loaded, the fact must stay.

    home/journal/damaged.json

The note tells segment, place and length, and nothing of what was sent; whoever has dealt with it deletes it.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from regulars.errors import RegularsError
from regulars.stream.journal.reading import Damage, Reader

if TYPE_CHECKING:
    from regulars.access.keys import Keyring

log = logging.getLogger(__name__)

NAME = "damaged.json"


def noted_damages(folder: Path) -> list[Damage]:
    """Every damage that was found and not yet dealt with."""
    try:
        return [Damage(**one) for one in json.loads((folder / NAME).read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError):
        return []


def note_damage(folder: Path, found: Sequence[Damage]) -> None:
    """Note what was found; the same again is noted once. On a disk that cannot be written it is at least in the log."""
    if not found:
        return
    for one in found:
        log.error("%s bytes of segment %s of the journal cannot be read; see `regulars doctor`", f"{one.length:,}", one.segment)
    known = noted_damages(folder)
    every = [*known, *(one for one in found if one not in known)]
    draft = folder / f"{NAME}.writing"
    try:
        with draft.open("w", encoding="utf-8") as file:
            json.dump([asdict(one) for one in every], file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(folder / NAME)
    except OSError:
        log.exception("the damage could not be noted")


def troubles(folder: Path, keyring: Keyring) -> Iterator[tuple[str, str, str]]:
    """What of a folder's segments cannot be read, or could not: a sentence, how to mend it, and where."""
    told = noted_damages(folder)
    reader = Reader(folder, keyring)
    for number in reader.numbers():
        try:
            damaged = reader.examine(number)[2]
        except RegularsError as error:
            yield error.message, error.mend, f"segment {number}"
            continue
        told += [damage for damage in damaged if damage not in told]
    for damage in told:
        yield (
            f"{damage.length:,} bytes of the journal cannot be read",
            "the events in that stretch were answered and are not loaded: have them sent again, or put a backup of home/journal in "
            "place; then delete home/journal/damaged.json",
            f"segment {damage.segment} at {damage.offset:,}",
        )
