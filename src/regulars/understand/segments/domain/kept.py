"""A segment as it is kept: its name, what kind it is, its tree, and how it stands."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from regulars.errors import InvalidInput

Kind = Literal["dynamic", "frozen", "uploaded"]
KINDS: tuple[Kind, ...] = ("dynamic", "frozen", "uploaded")

_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
LONGEST_NAME = 120
LONGEST_DESCRIPTION = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A segment. `where_tree` is null for an uploaded one; `customers` is null before the first evaluation."""

    segment_id: str
    shop_id: str
    name: str
    name_zh: str
    description: str
    kind: Kind
    where_tree: Mapping[str, Any] | None
    known_only: bool
    library_id: str | None
    owner_id: str
    created_at: datetime
    changed_at: datetime
    evaluated_at: datetime | None
    customers: int | None
    error: str | None

    def called(self, language: str) -> str:
        """Its name in a language."""
        return (self.name_zh or self.name) if language == "zh" else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentFile:
    """A segment as a file under version control says it."""

    segment_id: str
    name: str
    name_zh: str = ""
    description: str = ""
    kind: Kind = "dynamic"
    where_tree: Mapping[str, Any] | None = None
    known_only: bool = False
    customers: tuple[str, ...] = ()  # of an uploaded one


@dataclass(frozen=True, slots=True)
class SizeDay:
    """How large a segment was at the end of a local day, and how many came and went during it."""

    day: date
    customers: int
    entered: int
    left: int
    redefined: bool  # it began that day, or its definition changed


@dataclass(frozen=True, slots=True)
class Combination:
    """How many customers are in exactly these segments, of those that are compared."""

    segments: tuple[str, ...]
    customers: int


@dataclass(frozen=True, slots=True)
class Overlap:
    """Segments side by side: the size of each, of every combination, and of every two together."""

    segments: tuple[str, ...]
    sizes: tuple[int, ...]
    combinations: tuple[Combination, ...]
    shared: tuple[tuple[int, ...], ...]
    in_any: int


@dataclass(frozen=True, slots=True)
class Flow:
    """Customers who were in one segment at the beginning and in another at the end; "" stands for none of those asked about."""

    source: str
    target: str
    customers: int


@dataclass(frozen=True, slots=True)
class Flows:
    """How customers moved between segments from one instant to another."""

    first_at: datetime
    last_at: datetime
    segments: tuple[str, ...]
    flows: tuple[Flow, ...]


def checked_id(text: str) -> str:
    """An id people may choose: it stands in addresses and in files.

    Raises
    ------
    InvalidInput : it has other signs than small letters, digits, - and _.
    """
    if not _ID.fullmatch(text):
        raise InvalidInput(
            f"'{text[:80]}' cannot be a segment's id",
            mend="use small letters, digits, - and _, such as lapsing-regulars",
            code="bad_id",
        )
    return text


def checked_name(text: str) -> str:
    """A name of 1 to 120 characters."""
    name = " ".join(text.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise InvalidInput("a segment needs a name", mend=f"give 1 to {LONGEST_NAME} characters", code="bad_name")
    return name


def id_from(name: str, taken: Iterable[str]) -> str:
    """A free id that resembles a name."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:48] or "segment"
    known, found, number = set(taken), plain, 2
    while found in known:
        found, number = f"{plain}-{number}", number + 1
    return found


def fingerprint(*parts: Any) -> str:
    """A hash of a definition with all it rests on: another one is another definition."""
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def in_order(asks: Mapping[str, Sequence[str]]) -> list[str]:
    """Segments so that each comes behind those it asks about.

    Raises
    ------
    InvalidInput : some ask about each other in a circle; the sentence names it.
    """
    done: list[str] = []
    way: list[str] = []

    def visit(one: str) -> None:
        if one in done:
            return
        if one in way:
            circle = " → ".join([*way[way.index(one) :], one])
            raise InvalidInput(
                f"segments ask about each other in a circle: {circle}", mend="take one of them out", code="segment_cycle"
            )
        way.append(one)
        for other in asks.get(one, ()):
            if other in asks:
                visit(other)
        way.pop()
        done.append(one)

    for one in asks:
        visit(one)
    return done


def resting_on(wanted: Iterable[str], asks: Mapping[str, Sequence[str]]) -> set[str]:
    """Those segments and all that they ask about, however indirectly."""
    found: set[str] = set()
    waiting = list(wanted)
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting.extend(asks.get(one, ()))
    return found
