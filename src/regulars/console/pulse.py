"""The course of the last seconds or minutes as bars that follow the stream without being drawn anew."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nicegui import ui


class Pulse(ui.element, component=Path(__file__).parent / "static" / "pulse.js"):
    """A row of bars; `tell` gives other values."""

    def __init__(self, label: str) -> None:
        super().__init__()
        self._props["label"] = label
        self._props["values"] = []
        self._props["words"] = []
        self._props["from"] = self._props["to"] = ""

    def tell(self, values: Sequence[float], words: Sequence[str], *, label: str, begins: str, ends: str) -> None:
        """Other values, the oldest first, with what hovering each says, and what stands below both ends."""
        self._props["values"] = list(values)
        self._props["words"] = list(words)
        self._props["label"] = label
        self._props["from"], self._props["to"] = begins, ends
        self.update()
