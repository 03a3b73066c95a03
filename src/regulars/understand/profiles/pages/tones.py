"""Which tone a stage and the state of a next order are shown in."""

from __future__ import annotations

from regulars.console.parts import Tone

STAGE_TONES: dict[str, Tone] = {"new": "info", "active": "good", "dormant": "warn", "churned": "bad", "prospect": ""}
STATUS_TONES: dict[str, Tone] = {"on_time": "good", "due": "info", "overdue": "warn", "lost": "bad"}
