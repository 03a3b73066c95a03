"""Tables: columns and rows of words, drawn by one browser component; and the searchable, sortable, paged kind fed by a verb."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from nicegui import ui
from nicegui.events import GenericEventArguments

from regulars.console.parts import Tone


@dataclass(frozen=True, slots=True)
class Column:
    """A column's head. `sortable` needs a `name` that the verb understands."""

    label: str
    name: str = ""
    align: Literal["", "end", "mid", "nowrap"] = ""
    width: Literal["", "long", "clip", "drop"] = ""  # drop: left out on phones
    sortable: bool = False
    hint: str = ""

    def plain(self) -> dict[str, Any]:
        """For the browser."""
        return {
            "label": self.label,
            "name": self.name or self.label,
            "align": self.align,
            "width": self.width,
            "sortable": self.sortable,
            "hint": self.hint,
        }


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of words; `href` only ever holds an address made by the console itself."""

    text: str
    sub: str = ""
    href: str = ""
    hint: str = ""
    tone: Tone | Literal["faint"] = ""
    badge: bool = False
    heat: float | None = None  # 0..1
    partial: bool = False
    bar: float | None = None  # 0..1
    action: str = ""
    spark: Sequence[float] | None = None  # a small picture of a course, oldest first; `text` says it in words
    mono: bool = False

    def plain(self) -> dict[str, Any]:
        """For the browser; what is not set is left out."""
        found: dict[str, Any] = {"text": self.text}
        for name in ("sub", "href", "hint", "tone", "badge", "partial", "action", "mono"):
            if value := getattr(self, name):
                found[name] = value
        if self.heat is not None:
            found["heat"] = round(self.heat, 4)
        if self.spark is not None:
            found["spark"] = [float(value) for value in self.spark]
        if self.bar is not None:
            found["bar"] = round(max(0.0, min(1.0, self.bar)), 4)
        return found


@dataclass(frozen=True, slots=True)
class Row:
    """One line; with `href` the whole line leads there, with `opens` a click on it is heard as that action."""

    cells: Sequence[Cell]
    href: str = ""
    key: str = ""
    opens: str = ""
    fresh: bool = False  # it came just now

    def plain(self) -> dict[str, Any]:
        """For the browser."""
        found: dict[str, Any] = {"cells": [cell.plain() for cell in self.cells]}
        if self.href:
            found["href"] = self.href
        if self.key:
            found["key"] = self.key
        if self.opens:
            found["open"] = self.opens
        if self.fresh:
            found["fresh"] = True
        return found


class Sheet(ui.element, component=Path(__file__).parent / "static" / "sheet.js"):
    """The browser component; use `sheet(...)`."""

    def __init__(
        self, columns: Sequence[Column], rows: Sequence[Row], *, caption: str, kind: str, sort: str, descending: bool
    ) -> None:
        super().__init__()
        self._props["columns"] = [column.plain() for column in columns]
        self._props["rows"] = [row.plain() for row in rows]
        self._props["caption"] = caption
        self._props["kind"] = kind
        self._props["sort"] = sort
        self._props["descending"] = descending

    def fill(self, rows: Sequence[Row]) -> None:
        """Other rows under the same heads."""
        self._props["rows"] = [row.plain() for row in rows]
        self.update()


def sheet(
    columns: Sequence[Column],
    rows: Sequence[Row],
    *,
    caption: str,
    kind: Literal["", "cards", "heat", "sticky", "heat sticky", "heat roomy"] = "",
    sort: str = "",
    descending: bool = False,
    on_sort: Callable[[str], Any] | None = None,
    on_open: Callable[[int, str], Any] | None = None,
) -> Sheet:
    """A table.

    `cards` turns each line into a card on phones, `sticky` keeps the first column in sight, `heat` is for shaded cells
    (`roomy`: large ones). Cells may hold a button; `on_open` hears the line's index and the button's name.
    """
    made = Sheet(columns, rows, caption=caption, kind=kind, sort=sort, descending=descending)
    if on_sort is not None:
        made.on("sort", lambda event: on_sort(str(_first(event))))
    if on_open is not None:

        def opened(event: GenericEventArguments) -> Any:
            index, action = _first(event)
            return on_open(int(index), str(action))

        made.on("open", opened)
    return made


def _first(event: GenericEventArguments) -> Any:
    return event.args[0] if isinstance(event.args, list) and len(event.args) == 1 else event.args
