"""Which ids name somebody: what client code sends where it knows nobody is refused, so that it never joins strangers."""

from __future__ import annotations

import re
from typing import Any, Literal

Reason = Literal["placeholder", "empty", "too_long", "control_characters"]

MOST_CHARACTERS = 200
#: What programs print for nothing, for a type or for a field's own name (the list PostHog refuses, and what else shops were seen to send).
PLACEHOLDERS = frozenset(
    {
        "null", "(null)", "<null>", "none", "nil", "(nil)", "<nil>", "undefined", "nan", "n/a", "na", "0", "-1", "0.0", "true", "false",
        "[object object]", "object object", "{}", "[]", "anonymous", "anonymous_user", "anon", "guest", "unknown", "not_authenticated",
        "not set", "(not set)", "unset", "id", "uid", "userid", "user_id", "distinctid", "distinct_id", "anonymousid", "anonymous_id",
        "customerid", "customer_id", "email", "00000000-0000-0000-0000-000000000000", "00000000000000000000000000000000",
        "default", "test_user_id", "notauthenticated",
    }
)  # fmt: skip
#: PostHog's group calls carry an id of the group in the place of a person's: `$store_g1`.
_GROUP = re.compile(r"\$[A-Za-z0-9]+_.+", re.S)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_QUOTES = "\"'`"


def text_of(value: Any) -> str | None:
    """An id as text, in the form JavaScript gives it; None where none was sent."""
    match value:
        case None:
            return None
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return str(int(value)) if value.is_integer() else str(value)
        case _:
            return "[object Object]"


def refusal(told: str) -> Reason | None:
    """Why an id names nobody; None for one that may be used."""
    text = told.strip()
    while len(text) >= 2 and text[0] in _QUOTES and text[-1] == text[0]:
        text = text[1:-1].strip()
    if not text:
        return "empty"
    if len(text) > MOST_CHARACTERS:
        return "too_long"
    if text.casefold() in PLACEHOLDERS:
        return "placeholder"
    return "control_characters" if _CONTROL.search(text) else None


def is_group(told: str) -> bool:
    """Whether an id is a group's and not a person's."""
    return _GROUP.fullmatch(told.strip()) is not None


def shown(told: str, reason: Reason) -> str:
    """A refused id as it may be listed: only placeholders are, as anything else could name a person."""
    return told.strip()[:40] if reason == "placeholder" else f"({reason.replace('_', ' ')})"
