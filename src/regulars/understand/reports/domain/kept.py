"""What people keep: questions by name, boards of them, and notes on their time axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from regulars.errors import InvalidInput

Height = Literal["small", "medium", "tall"]
HEIGHTS: tuple[Height, ...] = ("small", "medium", "tall")
#: A board is twelve columns wide.
WIDTHS = (3, 4, 6, 8, 12)
MOST_TILES = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedReport:
    """A question under a name. `owner_id` is who saved it: an operator, or a key or the shell."""

    report_id: str
    shop_id: str
    name: str
    kind: str
    question: Mapping[str, Any]
    folder: str  # empty: none
    owner_id: str
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class BoardTile:
    """A saved report on a board, in reading order."""

    report_id: str
    width: int = 6  # of twelve columns
    height: Height = "medium"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """A board of saved reports."""

    dashboard_id: str
    shop_id: str
    name: str
    tiles: Sequence[BoardTile]
    owner_id: str
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """A note on a day: drawn on every time axis of the shop, or of one board."""

    annotation_id: str
    shop_id: str
    day: date
    text: str
    dashboard_id: str | None  # null: the whole shop
    made_by: str
    made_at: datetime


def named(text: str, what: str, *, most: int = 120) -> str:
    """A name without blanks around it.

    Raises
    ------
    InvalidInput : it is empty, too long, or has signs that cannot be shown.
    """
    name = " ".join(text.split())
    if not name or len(name) > most or not name.isprintable():
        raise InvalidInput(f"the {what} needs a name of 1 to {most} characters", mend="write a short one", code="bad_name")
    return name


def tiles_of(told: Sequence[Mapping[str, Any]]) -> list[BoardTile]:
    """Tiles as they were told, checked."""
    if len(told) > MOST_TILES:
        raise InvalidInput(
            f"{len(told)} tiles are too many", mend=f"at most {MOST_TILES}; make a second dashboard", code="too_many_tiles"
        )
    tiles = [BoardTile(str(one["report_id"]), int(one.get("width", 6)), one.get("height", "medium")) for one in told]
    for i, tile in enumerate(tiles):
        if tile.width not in WIDTHS or tile.height not in HEIGHTS:
            raise InvalidInput(
                f"tiles[{i}]: {tile.width} wide and {tile.height} is no size here",
                mend=f"widths are {', '.join(map(str, WIDTHS))}, heights {', '.join(HEIGHTS)}",
                code="bad_tile",
            )
    return tiles
