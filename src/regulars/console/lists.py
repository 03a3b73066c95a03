"""Long lists: a table fed page by page by a verb, with search, sorting and filters in the address."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from regulars.console import parts
from regulars.console.sheet import Column, Row, sheet
from regulars.console.view import Screen


def pager(s: Screen, *, shown: int, total: int, next_cursor: str | None, at: str = "after") -> None:
    """Back to the first page and on to the next: cursors, so that page 10,000 is as quick as page 1."""
    page = s.number("page", 1, least=1)
    first = (page - 1) * s.number("size", 50, least=10, most=200)
    with parts.box("rg-row"):
        if total:
            parts.text(
                s.t("{first}–{last} of {total}", first=s.count(first + 1), last=s.count(first + shown), total=s.count(total)),
                "rg-num",
            )
        with parts.box("rg-pager"):
            if page > 1:
                parts.button(s.t("First page"), lambda: s.go(page=None, **{at: None}), icon="first_page", kind="quiet")
            if next_cursor:
                parts.button(s.t("Next page"), lambda: s.go(page=page + 1, **{at: next_cursor}), icon="chevron_right", kind="quiet")


def listing(
    s: Screen,
    columns: Sequence[Column],
    rows: Sequence[Row],
    *,
    caption: str,
    sort: str,
    descending: bool,
    on_open: Callable[[int, str], None] | None = None,
) -> None:
    """The table itself; a click on a head sorts by it, a second click turns the order."""

    def resort(name: str) -> None:
        s.go(sort=name, order="asc" if name == sort and descending else None, after=None, page=None)

    sheet(columns, rows, caption=caption, kind="cards", sort=sort, descending=descending, on_sort=resort, on_open=on_open)
