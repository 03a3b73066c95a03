"""What every picture of an answer shares: a place on the page, clicks that open customers, notes on days, words for figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from nicegui import ui

from regulars.console import parts
from regulars.console.charts import Axis, ChartCard, Line, Plot, cartesian, ranked
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.understand.reports.domain.answers import Answered
from regulars.understand.reports.domain.kept import Annotation
from regulars.understand.reports.pages.drilling import drill
from regulars.understand.reports.pages.words import COLUMN_WORDS
from regulars.understand.reports.service import kept_table
from regulars.values.csv import csv_lines
from regulars.values.money import Money

_MOST_ROWS = 300
_NAMED = 5


@dataclass(frozen=True)
class Place:
    """Where a picture goes, and what is said beside it."""

    s: Screen
    answered: Answered
    title: str
    note: str = ""
    classes: str = ""
    height: str = ""
    notes: Sequence[Annotation] = field(default_factory=tuple)
    href: str = ""  # the report itself, from a board
    kept: list[Drawn] | None = None  # where plots are kept instead of drawn

    def tools(self, card: parts.Card) -> None:
        """What a picture's card offers beside its own menu."""
        if self.href:
            with card.tools:
                made = parts.button("", href=self.href, icon="open_in_full", kind="quiet", title=self.s.t("Open the report"))
                made.move(target_index=0)

    def opened(self, point: dict[str, Any]) -> None:
        """A click on a figure opens its customers."""
        data = point.get("data") or {}
        if isinstance(data, dict) and isinstance(data.get("cell"), dict):
            drill(self.s, self.answered, data["cell"], str(data.get("said") or self.title))

    def save(self) -> None:
        """All figures as a file."""
        table = kept_table(self.answered)
        lines = "".join(csv_lines(table.columns, table.rows))
        ui.download.content(lines.encode(), f"{self.answered.kind.replace('_', '-')}.csv", "text/csv")


@dataclass(frozen=True)
class Drawn:
    """A plot with all that goes with it; `cells` are the coordinates of each figure, by line and place."""

    plot: Plot
    note: str
    cells: Sequence[Sequence[Mapping[str, Any] | None]]
    keys: Sequence[str] | None  # of bars from left to right
    valued: bool  # figures are written on the bars
    owners: Sequence[Place]  # whose answer each line is of


def plotted(
    place: Place,
    plot: Plot,
    cells: Sequence[Sequence[Mapping[str, Any] | None]] = (),
    keys: Sequence[str] | None = None,
    *,
    valued: bool = False,
) -> None:
    """Lines and bars, drawn here, or kept for the chart of a comparison."""
    drawn = Drawn(plot, place.note, cells, keys, valued, [place] * len(plot.lines))
    if place.kept is not None:
        place.kept.append(drawn)
    else:
        show(place, drawn)


def show(place: Place, drawn: Drawn) -> None:
    """Draw a plot; a click on a figure opens the customers of the answer it is of."""
    s, plot = place.s, drawn.plot
    options = ranked(s, plot, drawn.keys) if drawn.keys is not None else cartesian(s, plot)
    for at, line in enumerate(options["series"]):
        for i, item in enumerate(line["data"]):
            cell = drawn.cells[at][i] if at < len(drawn.cells) and i < len(drawn.cells[at]) else None
            if cell is not None:
                item["cell"], item["said"], item["line"] = dict(cell), f"{plot.places[i]} · {line['name']}", at
        if drawn.cells and line["type"] == "line":
            line["triggerLineEvent"] = True
            line["showSymbol"] = len(plot.places) <= 62
        if drawn.valued:
            line["label"] = {
                "show": True,
                "position": "top",
                ":formatter": "(param) => param.data.text",
                "fontSize": 12,
                "color": "inherit",
            }
            line["labelLayout"] = {"hideOverlap": True}
    if drawn.valued and len(plot.places) <= _NAMED:  # every step is named, on two lines where it is narrow
        width = max(56, 300 // max(len(plot.places), 1))
        options["xAxis"]["axisLabel"] |= {"interval": 0, "hideOverlap": False, "width": width, "overflow": "break"}
    if drawn.keys is None:
        _noted(s, options, plot, place.notes)
    made = ChartCard(
        s, plot.title, options, plot.table(), note=drawn.note, height=place.height, classes=place.classes,
        filled=any(value or (value is not None and plot.axis == "share") for line in plot.lines for value in line.values),
        on_point=(lambda point: _opened(drawn.owners, point)) if drawn.cells else None,
    )  # fmt: skip
    place.tools(made.card)


def _opened(owners: Sequence[Place], point: dict[str, Any]) -> None:
    data = point.get("data") or {}
    if isinstance(data, dict) and isinstance(at := data.get("line"), int):
        owners[at].opened(point)


def _noted(s: Screen, options: dict[str, Any], plot: Plot, notes: Sequence[Annotation]) -> None:
    """Notes as upright lines at the bucket that holds their day."""
    days = getattr(plot, "days", None) or []
    marks = []
    for note in notes:
        at = max((i for i, day in enumerate(days) if day <= note.day), default=None)
        if at is not None and (at < len(days) - 1 or (note.day - days[at]).days < 31):
            marks.append(
                {"xAxis": at, "name": note.text, "label": {"formatter": note.text[:24], "fontSize": 11, "position": "insideEndTop"}}
            )
    if marks and options["series"]:
        options["series"][0]["markLine"] = {
            "symbol": "none",
            "silent": True,
            "lineStyle": {"type": [3, 3], "width": 1},
            "data": marks,
        }


@dataclass(frozen=True, slots=True)
class TimePlot(Plot):
    """A plot whose places are days, on which notes can stand."""

    days: Sequence[date] = field(default_factory=tuple)


def time_plot(
    place: Place, buckets: Sequence[str], complete: Sequence[bool], lines: Sequence[Line], unit: str, axis: Axis = "count"
) -> TimePlot:
    """Lines over calendar buckets."""
    s = place.s
    unfinished = [i for i, over in enumerate(complete) if not over]
    return TimePlot(
        place.title,
        [bucket_name(s, one, unit) for one in buckets],
        s.t("Time"),
        lines,
        axis,
        unfinished,
        days=[date.fromisoformat(one[:10]) for one in buckets],
    )


def bucket_name(s: Screen, label: str, unit: str) -> str:
    """A bucket's label in words."""
    if len(label) > 10:
        return f"{s.day(date.fromisoformat(label[:10]))} {label[11:16]}"
    return s.bucket(date.fromisoformat(label), unit if unit in ("day", "week", "month") else "day")  # type: ignore[arg-type]


def value_name(s: Screen, value: Any) -> str:
    """A group's value in words."""
    names = {
        "(none)": s.t("Not given"),
        "(other)": s.t("All others"),
        "(not a product)": s.t("Not a product"),
        None: s.t("Any event"),
    }
    return names.get(value, str(value))


def figure(s: Screen, unit: str, value: Any) -> str:
    """A metric's value in words."""
    if isinstance(value, Money):
        return s.money(value)
    if value is None:
        return "–"
    return s.share(value) if unit == "ratio" else s.days(value) if unit == "days" else s.count(value)


def table(place: Place) -> None:
    """Any answer as its figures, one line each."""
    if place.kept is not None:
        return
    s = place.s
    made = kept_table(place.answered)
    with parts.card(place.title, place.note, classes=place.classes, flush=True) as card:
        if not made.rows:
            parts.empty("show_chart", s.t("Nothing in this period"), s.t("Choose a longer period."))
            return
        numeric = [all(not isinstance(row[i], str) for row in made.rows[:50]) for i in range(len(made.columns))]
        columns = [Column(column_name(s, name), align="end" if numeric[i] else "") for i, name in enumerate(made.columns)]
        rows = [Row([Cell(cell_words(s, cell)) for cell in row]) for row in made.rows[:_MOST_ROWS]]
        sheet(columns, rows, caption=place.title, kind="sticky")
    place.tools(card)
    with card.tools:
        parts.button("", place.save, icon="download", kind="quiet", title=s.t("Save data as CSV"))


def column_name(s: Screen, name: str) -> str:
    """A column of an answer in words."""
    return s.t(COLUMN_WORDS[name]) if name in COLUMN_WORDS else name.replace("_", " ")


def cell_words(s: Screen, cell: Any) -> str:
    """A figure of an answer in words."""
    match cell:
        case None:
            return "–"
        case bool():
            return s.t("Yes") if cell else s.t("No")
        case int():
            return s.count(cell)
        case float():
            return s.count(cell, 4 if abs(cell) < 1 else 2)
    return value_name(s, cell)
