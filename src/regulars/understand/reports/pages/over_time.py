"""Pictures of trends: series over time, and the hours of the week."""

from __future__ import annotations

from functools import partial
from typing import Any

from babel.dates import get_day_names

from regulars.console import parts
from regulars.console.charts import Line, table_menu
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.understand.reports.pages.drilling import drill
from regulars.understand.reports.pages.picture import Place, plotted, time_plot, value_name

_MOST_LINES = 12


def trend(place: Place) -> None:
    """One line per series and group; the time compared with is thin and dashed."""
    s, answer = place.s, place.answered.answer
    lines: list[Line] = []
    cells: list[list[dict[str, Any] | None]] = []
    several = len({line.series for line in answer.lines}) > 1
    alone = len(answer.lines) == 1
    for number, line in enumerate(answer.lines[:_MOST_LINES]):
        event = value_name(s, line.label)
        name = event if line.group is None else value_name(s, line.group)
        if several and line.group is not None:
            name = f"{event} · {name}"
        words = [_words(s, value) for value in line.values]
        lines.append(Line(name, list(line.values), words, "area" if alone else "line", color=number % 8))
        group = {} if line.group is None else {"group": line.group}
        formula = line.measure == "formula"
        nobody: list[dict[str, Any] | None] = [None] * len(answer.buckets)
        cells.append(nobody if formula else [{"series": line.series, "bucket": one, **group} for one in answer.buckets])
        if line.previous is not None:
            before = s.t("{name}, the time before", name=name)
            lines.append(Line(before, list(line.previous), [_words(s, v) for v in line.previous], color=number % 8, faint=True))
            cells.append([None] * len(answer.buckets))
    plotted(place, time_plot(place, answer.buckets, answer.complete, lines, answer.interval), cells)


def week_hours(place: Place) -> None:
    """A heat map: a row for each weekday, a column for each hour."""
    s, answer = place.s, place.answered.answer
    note = place.note or s.t("Local time of the shop. Click a figure to see who.")
    with parts.card(place.title, note, classes=place.classes, flush=True) as card:
        if not answer.total:
            parts.empty("schedule", s.t("Nothing in this period"), s.t("Choose a longer period."))
            return
        names = get_day_names("wide", locale=s.language)
        top = max(map(max, answer.values)) or 1
        columns = [Column(s.t("Weekday")), *(Column(f"{hour:02d}", align="mid") for hour in range(24))]
        rows = []
        for day, values in enumerate(answer.values):
            made = [Cell(names[day])]
            made += [
                Cell(
                    s.short(value) if value else "", hint=s.count(value), heat=value / top * 0.95, action=str(hour) if value else ""
                )
                for hour, value in enumerate(values)
            ]
            rows.append(Row(made))
        sheet(columns, rows, caption=place.title, kind="heat sticky", on_open=partial(_open, place))
    place.tools(card)
    table_menu(s, card, place.title)


def _open(place: Place, day: int, hour: str) -> None:
    names = get_day_names("wide", locale=place.s.language)
    drill(place.s, place.answered, {"weekday": day, "hour": int(hour)}, f"{names[day]} {int(hour):02d}:00")


def _words(s: Any, value: float | None) -> str:
    if value is None:
        return "–"
    return str(s.count(value) if float(value).is_integer() else s.count(value, 2))
