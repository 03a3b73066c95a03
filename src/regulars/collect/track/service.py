"""What the house asks of this room: what to finish at start, and what the doctor looks at."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import regulars.collect.track.keeping  # noqa: F401 (its classes join those of the retention job)
from regulars.collect.track.archive import clear_drafts
from regulars.collect.track.checks import CHECKS

if TYPE_CHECKING:
    from regulars.records import Records
    from regulars.warehouse import Warehouse

__all__ = ["CHECKS", "recover"]


def recover(_records: Records, _warehouse: Warehouse, home: Path) -> None:
    """Called at start: remove what a crash left half written; the loader goes on with the rest."""
    clear_drafts(home)
