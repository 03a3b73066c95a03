"""Compact tables on a terminal: as wide as it is, plain where the output goes into a file."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from regulars.access import Shop

#: Enough for every table when nobody tells how wide the terminal is.
_WIDE = 132


@dataclass(frozen=True, slots=True)
class Printer:
    """Where to print, for which shop and in which language."""

    console: Console
    shop: Shop
    language: str

    @classmethod
    def here(cls, shop: Shop, language: str) -> Printer:
        """The terminal the command was given in, be it here or at the other end of the server's socket."""
        from regulars.cli.running import visit

        at = visit.get()
        environment = at.environment if at else os.environ
        terminal = at.is_terminal if at else sys.stdout.isatty()
        columns = environment.get("COLUMNS", "")
        width = int(columns) if columns.isdigit() and int(columns) > 0 else None if terminal and not at else _WIDE
        plain = not terminal or "NO_COLOR" in environment
        return cls(
            Console(
                file=sys.stdout, width=width, force_terminal=not plain, no_color=plain, highlight=False, emoji=False, markup=False
            ),
            shop,
            language,
        )

    def t(self, english: str, chinese: str) -> str:
        """The words in the language of this command."""
        return chinese if self.language == "zh" else english

    def line(self, text: str = "", style: str = "") -> None:
        """A line of text, wrapped at the edge."""
        self.console.print(Text(text, style=style))

    def copyable(self, text: str) -> None:
        """Text as it is, however long its lines: to be copied."""
        self.console.print(Text(text), soft_wrap=True)

    def head(self, title: str, *notes: str) -> None:
        """The title of a report, and what it covers."""
        line = Text(title, style="bold")
        for note in notes:
            if note:
                line.append(f"  {note}", style="not bold dim")
        self.console.print(line)

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[str | Text]], *, wide: Sequence[int] = ()) -> None:
        """A table: the first column and the `wide` ones to the left (these may wrap), all others to the right."""
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
        for index, column in enumerate(columns):
            left = index == 0 or index in wide
            table.add_column(
                column, justify="left" if left else "right", no_wrap=index not in wide, overflow="fold" if left else "ellipsis"
            )
        for row in rows:
            table.add_row(*[cell if isinstance(cell, Text) else Text(safe(cell)) for cell in row])
        self.console.print(table)


def safe(text: str) -> str:
    """Text from the data without what would steer a terminal."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in text)


def toned(text: str, good: bool | None) -> Text:
    """A change, green where it is good and red where it is bad."""
    return Text(text, style="" if good is None else "green" if good else "red")
