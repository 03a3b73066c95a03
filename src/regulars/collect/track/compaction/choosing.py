"""Which parts become one: an hour's when it is over, then the day's, up to a size; what was done in the last hour stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import TypeVar
from zoneinfo import ZoneInfo

_Cut = TypeVar("_Cut", date, datetime)

#: Of one shop's rows in memory; compressed it is about a tenth.
MOST_BYTES = 256 * 1024 * 1024
#: Of one merging, so that an erasure never waits long for its turn; a longer stretch takes several runs.
MOST_PARTS = 4000
QUIET = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Kept:
    """A part, or several that were merged: from `part_id` to `last_part`, and the bytes of each shop's rows in it."""

    part_id: str
    last_part: str
    done: bool
    created_at: datetime
    done_at: datetime
    bytes_by_shop: Mapping[str, int]


Stretch = tuple[Kept, ...]


def stretches(
    parts: Sequence[Kept], now: datetime, zone: ZoneInfo, *, most_bytes: int = MOST_BYTES, most_parts: int = MOST_PARTS
) -> list[Stretch]:
    """The stretches of parts to merge, the oldest first; `parts` are in order.

    A day's parts are cut where a shop's file would grow beyond `most_bytes`. Each such piece is merged once nothing can join it, so
    that a row is written again a few times at most: when its hour is over, and when its piece is.
    """
    quiet = now - QUIET
    pieces: list[Stretch] = []
    for day, of_day in groupby(_settled(parts, quiet), key=_local(zone, lambda at: at.date())):
        cut = list(_cut(list(of_day), most_bytes))
        is_over = quiet.astimezone(zone).date() > day
        for number, piece in enumerate(cut):
            if is_over or number < len(cut) - 1:
                pieces.append(piece)
            else:
                pieces += _hours(piece, quiet, zone)
    bounded = [piece[begin : begin + most_parts] for piece in pieces for begin in range(0, len(piece), most_parts)]
    return [piece for piece in bounded if len(piece) > 1]


def _settled(parts: Sequence[Kept], quiet: datetime) -> Iterator[Kept]:
    """The parts before the first that is not done, or not long ago."""
    for part in parts:
        if not part.done or part.done_at > quiet:
            return
        yield part


def _cut(parts: Sequence[Kept], most_bytes: int) -> Iterator[Stretch]:
    piece: list[Kept] = []
    held: dict[str, int] = {}
    for part in parts:
        with_it = {shop: held.get(shop, 0) + size for shop, size in part.bytes_by_shop.items()}
        if piece and any(size > most_bytes for size in with_it.values()):
            yield tuple(piece)
            piece, held = [], {}
            with_it = dict(part.bytes_by_shop)
        piece.append(part)
        held |= with_it
    if piece:
        yield tuple(piece)


def _hours(piece: Stretch, quiet: datetime, zone: ZoneInfo) -> Iterator[Stretch]:
    """The parts of each hour that is over."""
    this_hour = quiet.astimezone(zone).replace(minute=0, second=0, microsecond=0)
    for hour, parts in groupby(piece, key=_local(zone, lambda at: at.replace(minute=0, second=0, microsecond=0))):
        if hour < this_hour:
            yield tuple(parts)


def _local(zone: ZoneInfo, cut: Callable[[datetime], _Cut]) -> Callable[[Kept], _Cut]:
    return lambda part: cut(part.created_at.astimezone(zone))
