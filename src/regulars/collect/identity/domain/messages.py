"""What a message says about who is who: its ids in the forms they are kept under, without those that name nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from regulars.collect.identity.domain.ids import Reason, is_group, refusal, shown, text_of
from regulars.guard.privacy.naming import known_id, visitor_id

if TYPE_CHECKING:
    from regulars.access.keys import Keyring

_NAMES_KEPT = 200_000


@dataclass(frozen=True, slots=True)
class IllegalId:
    """An id that names nobody: in which field, as it may be shown, and why."""

    field: str
    value: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class IdentityMessage:
    """One message as far as identity goes; ids are stored ids (`privacy.known_id`, `privacy.visitor_id`), None where none counts.

    Either side of an alias may be the anonymous one, so that both are given in both forms: `user_id` and `user_as_visitor`,
    `previous_id` and `previous_as_visitor`; they are None in other messages.
    """

    type: str
    timestamp: datetime
    message_id: str
    user_id: str | None = None
    anonymous_id: str | None = None
    previous_id: str | None = None
    user_as_visitor: str | None = None
    previous_as_visitor: str | None = None
    illegal: tuple[IllegalId, ...] = ()

    @property
    def names_nobody(self) -> bool:
        """Whether no usable id is left: such a message belongs to no customer and is quarantined."""
        return self.user_id is None and self.anonymous_id is None


class Reader:
    """Reads the ids of one shop's messages; keep one, as it remembers the ids it has turned into stored ones."""

    def __init__(self, keyring: Keyring, shop_id: str) -> None:
        self._keyring = keyring
        self._shop_id = shop_id
        self._known: dict[str, str] = {}
        self._visitors: dict[str, str] = {}

    def read(self, message: Mapping[str, Any], timestamp: datetime, message_id: str | None = None) -> IdentityMessage:
        """A Segment-form message; `timestamp` is when it happened, with the device's clock corrected."""
        kind = str(message.get("type", ""))
        illegal: list[IllegalId] = []
        user = self._usable(message, "userId", illegal)
        anonymous = self._usable(message, "anonymousId", illegal)
        previous = self._usable(message, "previousId", illegal) if kind == "alias" else None
        alias = kind == "alias"
        return IdentityMessage(
            type=kind,
            timestamp=timestamp,
            message_id=(message_id or str(message.get("messageId") or ""))[:200],
            user_id=None if user is None else self.known(user),
            anonymous_id=None if anonymous is None else self.visitor(anonymous),
            previous_id=None if previous is None else self.known(previous),
            user_as_visitor=self.visitor(user) if alias and user is not None else None,
            previous_as_visitor=self.visitor(previous) if alias and previous is not None else None,
            illegal=tuple(illegal),
        )

    def known(self, told: str) -> str:
        """`privacy.known_id`, remembered."""
        found = self._known.get(told)
        if found is None:
            found = self._known[told] = known_id(self._keyring, self._shop_id, told)
            _forget_some(self._known)
        return found

    def visitor(self, told: str) -> str:
        """`privacy.visitor_id`, remembered."""
        found = self._visitors.get(told)
        if found is None:
            found = self._visitors[told] = visitor_id(self._keyring, self._shop_id, told)
            _forget_some(self._visitors)
        return found

    def _usable(self, message: Mapping[str, Any], field: str, illegal: list[IllegalId]) -> str | None:
        told = text_of(message.get(field))
        if told is None or told in self._known or told in self._visitors:
            return told
        if (reason := refusal(told)) is not None:
            illegal.append(IllegalId(field, shown(told, reason), reason))
            return None
        return None if is_group(told) else told


def _forget_some(names: dict[str, str]) -> None:
    """Forget the older half once too many are kept."""
    if len(names) > _NAMES_KEPT:
        for name in list(names)[: _NAMES_KEPT // 2]:
            del names[name]
