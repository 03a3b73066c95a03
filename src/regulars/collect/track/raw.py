"""Bodies that another room's source could not read: they are put aside as they came, and that room takes them again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from regulars.access.keys import Keyring
    from regulars.records import UnitOfWork

#: Why a body is put aside before it has become messages.
REASONS = frozenset({"bad_payload", "bad_json"})


@dataclass(frozen=True, slots=True)
class Looked:
    """What a body would come to: the event of its first message, or what is wrong with it."""

    event: str | None
    wrong: str = ""
    mend: str = ""


@dataclass(frozen=True, slots=True)
class RawBodies:
    """How one room takes the bodies of its sources again; `told` is what was noted beside the body when it was put aside."""

    reads: Callable[[UnitOfWork, str], bool]  # is the source one of its own?
    look: Callable[[UnitOfWork, Keyring, str, str, dict[str, Any]], Looked]  # source, told, body
    take: Callable[[UnitOfWork, Keyring, str, str, dict[str, Any], Callable[[Sequence[dict[str, Any]]], None]], None]


#: The rooms that put bodies aside; each adds its own when it is imported.
ROOMS: list[RawBodies] = []


def reader_of(uow: UnitOfWork, source_id: str, reason: str) -> RawBodies | None:
    """Who takes a body put aside for this reason; None for a message of our own."""
    if reason not in REASONS:
        return None
    return next((one for one in ROOMS if one.reads(uow, source_id)), None)
