"""The journal of what clients sent: durable before it is answered, encrypted, read by the loader in the order it came.

    home/journal/000000000001.seg

A request is one entry: a small head (who sent it, when it came) and the body as it came. Entries of all requests that wait at
the same time are written as one block with one forced write (group commit). A block is whole or not there: a torn one at the end
was never answered and is cut off at start; a damaged one in the middle is named, never skipped in silence.
"""

from __future__ import annotations

from regulars.stream.journal.blocks import Entry
from regulars.stream.journal.damages import noted_damages
from regulars.stream.journal.reading import Damage, Place, Reader
from regulars.stream.journal.writing import Journal, JournalFull

__all__ = ["Damage", "Entry", "Journal", "JournalFull", "Place", "Reader", "noted_damages"]
