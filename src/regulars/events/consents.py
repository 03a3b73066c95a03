"""Told when somebody permits or refuses something."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from regulars.events.base import Event


@dataclass(frozen=True, kw_only=True)
class ConsentChanged(Event):
    """Somebody gave, withdrew or began to give a consent; an empty channel means all of them."""

    name: ClassVar[str] = "Consent Changed"
    meaning: ClassVar[str] = "A customer or visitor gave or withdrew a consent, or has yet to confirm it."

    purpose: str
    channel: str
    state: str
    told_by: str
    happened_at: datetime
