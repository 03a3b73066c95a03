"""Ids as clients send them, and the form in which they are kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from regulars.collect.identity.domain import refusal, text_of

_KEPT = 65_536


def told_id(told: Any) -> str:
    """An id as text; "" where none was sent."""
    return (text_of(told) or "").strip()


def is_illegal(text: str) -> bool:
    """Whether nobody can be named so, by the one list of the identity room; an id that was not sent is none."""
    return text != "" and refusal(text) is not None


@dataclass(slots=True)
class Ids:
    """Told ids to kept ones, remembered, as most clients say the same one again and again."""

    make_known: Callable[[str], str]
    make_visitor: Callable[[str], str]
    _known: dict[str, str] = field(default_factory=dict)
    _visitors: dict[str, str] = field(default_factory=dict)
    _illegal: dict[str, bool] = field(default_factory=dict)

    def known(self, text: str) -> str | None:
        """The customer_id of a signed-in customer; None where there is none."""
        return self._kept(self._known, text, self.make_known)

    def visitor(self, text: str) -> str | None:
        """The id of a device; None where there is none."""
        return self._kept(self._visitors, text, self.make_visitor)

    def illegal(self, text: str) -> str | None:
        """The id itself where it is illegal."""
        if not text:
            return None
        found = self._illegal.get(text)
        if found is None:
            if len(self._illegal) > _KEPT:
                self._illegal.clear()
            found = self._illegal[text] = is_illegal(text)
        return text if found else None

    @staticmethod
    def _kept(kept: dict[str, str], text: str, make: Callable[[str], str]) -> str | None:
        if not text:
            return None
        found = kept.get(text)
        if found is None:
            if len(kept) > _KEPT:
                kept.clear()
            found = kept[text] = make(text)
        return found
