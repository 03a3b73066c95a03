"""Who hears what: a room's handlers by kind of event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from regulars.events import Event
from regulars.records import UnitOfWork

EventHandler = Callable[[UnitOfWork, Any], None]


@dataclass(frozen=True, slots=True)
class Subscription:
    """A room and the handlers it has, by kind of event. The name is kept with what was handled: do not change it lightly."""

    name: str
    handlers: Mapping[type[Event], EventHandler]
