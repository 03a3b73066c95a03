"""A command while the server runs: the server owns the stores, so it does the command and sends back what it prints.

A DuckDB file has one writing process. `regulars serve` therefore listens on a socket that only this user can open (its place is
written to `home/server.json`); a command that finds it hands over its words and prints the answer. Nothing else differs.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass

log = logging.getLogger(__name__)
