"""Ids as clients send them, and the form in which they are kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

#: What clients send by mistake where an id should be; taken from the list that PostHog refuses, and some of our own.
ILLEGAL = frozenset(
    {
        "null", "undefined", "none", "nil", "nan", "0", "-1", "true", "false", "[object object]", "guest", "anonymous", "anon", "unknown", "distinct_id",
        "distinctid", "anonymous_id", "anonymousid", "user_id", "userid", "id", "not_authenticated", "n/a", "na", "default", "test_user_id",
        "00000000-0000-0000-0000-000000000000", "email", "{}", "[]", "\"\"", "''", "(null)", "<null>", "<nil>",
    }
)  # fmt: skip
_BLANK = re.compile(r"[\s\x00-\x1f]*")
_LONGEST = 200
_KEPT = 65_536


def told_id(told: Any) -> str:
    """An id as text; "" where none was sent."""
    match told:
        case str():
            return told.strip()
        case bool() | None:
            return "" if told is None else str(told)
        case int():
            return str(told)
        case float():
            return str(int(told)) if told.is_integer() else str(told)
        case _:
            return "[object Object]"


def is_illegal(text: str) -> bool:
    """Whether nobody can be named so."""
    return (
        text.casefold() in ILLEGAL or len(text) > _LONGEST or (text != "" and _BLANK.fullmatch(text) is not None) or "\x00" in text
    )


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
