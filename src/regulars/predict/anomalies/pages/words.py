"""Levels of alarms in words and colours."""

from __future__ import annotations

from regulars.console.parts import Tone

LEVEL_WORDS = {"yellow": "Yellow", "orange": "Orange", "red": "Red"}
LEVEL_TONES: dict[str, Tone] = {"yellow": "info", "orange": "warn", "red": "bad"}
