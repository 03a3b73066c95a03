"""The registry: fitted models kept with their cut-off, the data they saw, their seed and their backtest; promote, roll back.

A room that learns hands in what it fitted; the first becomes the champion, later ones are challengers until they are promoted. Every change of
champion is noted with its reason, and the champion before can be brought back with one verb. Bodies are bytes that the room itself wrote and reads
(never pickles); they are checked against their digest whenever they are taken out.
"""

from __future__ import annotations

from regulars.registry.domain import Act, Change, Check, Fitted, State, Version
from regulars.registry.shelf import (
    FIRST,
    body,
    champion,
    changes,
    checks,
    keep,
    models,
    note,
    promote,
    roll_back,
    version,
    versions,
)

__all__ = [
    "FIRST",
    "Act",
    "Change",
    "Check",
    "Fitted",
    "State",
    "Version",
    "body",
    "champion",
    "changes",
    "checks",
    "keep",
    "models",
    "note",
    "promote",
    "roll_back",
    "version",
    "versions",
]
