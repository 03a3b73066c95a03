"""What the house asks of this room: what to finish at start, and what the doctor looks at."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import regulars.collect.track.keeping  # noqa: F401 (its classes join those of the retention job)
from regulars.collect.track.archive import clear_drafts
from regulars.collect.track.checks import CHECKS
from regulars.collect.track.compaction import running

if TYPE_CHECKING:
    from regulars.records import Records
    from regulars.warehouse import Warehouse

__all__ = ["CHECKS", "recover"]


def recover(records: Records, warehouse: Warehouse, home: Path) -> None:
    """Called at start: remove what a crash left half written, finish or undo mergings; the loader goes on with the rest."""
    clear_drafts(home)
    running.recover(records, warehouse, home)
