"""Charts: ECharts options in the house style, drawn in a card that can show the same figures as a table, a picture or a file.

A chart is told its figures once, as a `Plot`; the table and the CSV are made from the same plot, so they cannot disagree. Figures
travel with their words ready made (`text`), and the browser puts them into tooltips as text: no stored name is ever read as markup.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from nicegui import ui

from regulars.console import parts
from regulars.console.exports import csv_bytes
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.values.money import currency_symbol

Axis = Literal["count", "money", "share", "days"]

PALETTE = {
    False: ("#0d7a6b", "#e39a35", "#6a5ccf", "#cf5279", "#3d82c2", "#869a2c", "#9a6c50", "#7b8492"),
    True: ("#35b8a3", "#f0ac4e", "#9c90ee", "#f083a6", "#66abe8", "#b6c659", "#c99d80", "#9aa3b2"),
}
_INK = {False: ("#1b1c1a", "#6f7168", "#e6e5e0", "#ffffff"), True: ("#eceeec", "#8f948f", "#2a2d2b", "#1f2221")}
_FONT = '"Inter", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif'


@dataclass(frozen=True, slots=True)
class Line:
    """One series over the plot's x axis: numbers for drawing (None: a gap), words for people."""

    name: str
    values: Sequence[float | None]
    words: Sequence[str]
    kind: Literal["line", "bar", "area"] = "line"
    stack: str = ""
    color: int | None = None
    faint: bool = False  # a comparison: thin and dashed
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Plot:
    """The figures of a chart over named places on its x axis."""

    title: str
    places: Sequence[str]
    place_name: str
    lines: Sequence[Line]
    axis: Axis = "count"
    unfinished: Sequence[int] = field(default_factory=tuple)  # places whose bucket is not over: drawn lighter

    def table(self) -> tuple[list[str], list[list[str]]]:
        """The same figures as heads and rows of words."""
        heads = [self.place_name, *(line.name for line in self.lines)]
        return heads, [[place, *(line.words[i] for line in self.lines)] for i, place in enumerate(self.places)]


def base(s: Screen) -> dict[str, Any]:
    """What every chart shares: fonts, colours, tooltip, no needless motion."""
    ink, faint, line, raised = _INK[s.dark]
    return {
        "color": list(PALETTE[s.dark]),
        "backgroundColor": "transparent",
        "textStyle": {"fontFamily": _FONT, "color": ink},
        "animationDuration": 250,
        "aria": {"enabled": True},
        "tooltip": {
            "trigger": "item",
            "confine": True,
            "appendToBody": False,
            "backgroundColor": raised,
            "borderColor": line,
            "borderWidth": 1,
            "padding": [8, 11],
            "textStyle": {"color": ink, "fontSize": 12.5, "fontFamily": _FONT},
            "extraCssText": "border-radius: 9px; box-shadow: 0 6px 20px rgb(0 0 0 / .13);",
            ":formatter": "regulars.tooltip",
        },
        "legend": {
            "top": 0,
            "left": 0,
            "itemWidth": 9,
            "itemHeight": 9,
            "itemGap": 16,
            "icon": "roundRect",
            "type": "plain",
            "textStyle": {"color": faint if not s.dark else "#b4b8b4", "fontSize": 12.5, "fontFamily": _FONT},
            "inactiveColor": line,
            "pageIconColor": faint,
            "pageTextStyle": {"color": faint},
        },
    }


def axis_labels(s: Screen, axis: Axis) -> dict[str, Any]:
    """Short labels of a value axis in the reader's language."""
    return {":formatter": f"regulars.axis('{axis}', '{_sign(s)}')", "color": _INK[s.dark][1], "fontSize": 12}


def _sign(s: Screen) -> str:
    return "".join(sign for sign in currency_symbol(s.currency) if sign not in "'\\")


def cartesian(s: Screen, plot: Plot) -> dict[str, Any]:
    """Lines, bars and areas over time or places."""
    _, faint, rule, _ = _INK[s.dark]
    several = len(plot.lines) > 1
    narrow = not _has_bars(plot) or len(plot.places) > 16  # labels at the ends are wider than what they stand under
    options = base(s)
    options["tooltip"] |= {
        "trigger": "axis",
        "axisPointer": {"type": "shadow" if _has_bars(plot) else "line", "shadowStyle": {"opacity": 0.35}},
    }
    options["legend"] |= {"show": several}
    right = 34 if len(plot.places) > 16 else 12  # the last label shown need not be the last place's
    options["grid"] = {"left": 2, "right": right, "top": _below_legend(plot, 480), "bottom": 2, "containLabel": True}
    options["media"] = [{"query": {"maxWidth": 420}, "option": {"grid": {"top": _below_legend(plot, 300)}}}]
    options["xAxis"] = {
        "type": "category",
        "data": list(plot.places),
        "boundaryGap": _has_bars(plot),
        "axisLine": {"lineStyle": {"color": rule}},
        "axisTick": {"show": False},
        "axisLabel": {
            "color": faint,
            "fontSize": 12,
            "hideOverlap": True,
            "margin": 10,
            "alignMinLabel": "left" if narrow else None,
            "alignMaxLabel": "right" if narrow else None,
        },
    }
    options["yAxis"] = {
        "type": "value",
        "splitNumber": 4,
        "axisLabel": axis_labels(s, plot.axis),
        "splitLine": {"lineStyle": {"color": rule, "type": [3, 4]}},
        "minInterval": 1 if plot.axis == "count" and _whole(plot) else 0,
    }
    options["series"] = [_series(s, plot, line, at) for at, line in enumerate(plot.lines)]
    return options


def _below_legend(plot: Plot, width: int) -> int:
    """Where the drawing begins so that a legend of several rows in a box of that width has its place above it."""
    if len(plot.lines) < 2:
        return 24 if _has_bars(plot) else 10  # the figure on the highest bar
    rows, left = 1, width
    for line in plot.lines:
        wide = 30 + sum(13 if sign > "\u2e80" else 7 for sign in line.name)
        if wide > left:
            rows, left = rows + 1, width
        left -= wide
    return 14 + 20 * rows


def _has_bars(plot: Plot) -> bool:
    return any(line.kind == "bar" for line in plot.lines)


def _whole(plot: Plot) -> bool:
    return all(value is None or float(value).is_integer() for line in plot.lines for value in line.values)


def _series(s: Screen, plot: Plot, line: Line, at: int) -> dict[str, Any]:
    color = PALETTE[s.dark][(line.color if line.color is not None else at) % 8]
    data: list[dict[str, Any]] = []
    for i, value in enumerate(line.values):
        item: dict[str, Any] = {"value": value, "text": line.words[i]}
        if line.notes and line.notes[i]:
            item["note"] = line.notes[i]
        if i in plot.unfinished and line.kind == "bar":
            item["itemStyle"] = {
                "opacity": 0.5,
                "decal": {
                    "symbol": "rect",
                    "color": "rgba(255,255,255,.35)",
                    "dashArrayX": [1, 0],
                    "dashArrayY": [3, 3],
                    "rotation": -0.785,
                },
            }
        data.append(item)
    made: dict[str, Any] = {"name": line.name, "data": data, "color": color, "emphasis": {"focus": "none"}}
    if line.stack:
        made["stack"] = line.stack
    if line.kind == "bar":
        made |= {
            "type": "bar",
            "barMaxWidth": 34,
            "barCategoryGap": "28%",
            "itemStyle": {"borderRadius": 0 if line.stack else [3, 3, 0, 0], "opacity": 0.45 if line.faint else 1},
        }
        return made
    made |= {
        "type": "line",
        "showSymbol": sum(value is not None for value in line.values) < 2,
        "symbolSize": 6,
        "lineStyle": {
            "width": 1.4 if line.faint else 2.2,
            "type": [4, 4] if line.faint else "solid",
            "opacity": 0.65 if line.faint else 1,
        },
        "smooth": False,
        "z": 2 if line.faint else 3,
    }
    if line.kind == "area":
        made["areaStyle"] = {"opacity": 0.75 if line.stack else 0.13}
        if line.stack:
            made["lineStyle"] = {"width": 0}
    return made


def ranked(s: Screen, plot: Plot, keys: Sequence[str]) -> dict[str, Any]:
    """Bars from left to right, the first place on top, every place named; a click brings the place's key as `key`."""
    options = cartesian(s, plot)
    options["xAxis"], options["yAxis"] = options["yAxis"], options["xAxis"] | {"inverse": True}
    options["xAxis"] |= {"splitNumber": 3}
    options["yAxis"]["axisLabel"] |= {"hideOverlap": False, "interval": 0, "color": _INK[s.dark][0]}
    options["grid"] |= {"right": 32}
    if len(plot.lines) < 2:  # no legend, and no figures above the bars
        options["grid"]["top"] = 6
        options["media"] = [{"query": {"maxWidth": 420}, "option": {}}]
    for fitted in options["media"]:  # on a phone long names leave room for the bars
        fitted["option"] |= {"yAxis": {"axisLabel": {"width": 116, "overflow": "truncate"}}, "xAxis": {"splitNumber": 2}}
    for made in options["series"]:
        made |= {"barMaxWidth": 11, "barGap": "15%", "barCategoryGap": "34%", "cursor": "pointer"}
        made["itemStyle"] |= {"borderRadius": [0, 3, 3, 0]}
        made["data"] = [{**item, "key": key} for item, key in zip(made["data"], keys, strict=True)]
    return options


def sankey(s: Screen, nodes: Sequence[dict[str, Any]], links: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Flows between two rows. Nodes: `name`, `label_text`, `color`; links: `source`, `target`, `value`, `text`, `head`."""
    options = base(s)
    options.pop("legend")
    targets = {link["target"] for link in links}
    options["series"] = [
        {
            "type": "sankey",
            "animation": False,  # its clip outlives a redraw during the animation, and cuts the right side
            "left": 2,
            "right": 2,
            "top": 6,
            "bottom": 6,
            "nodeGap": 12,
            "nodeWidth": 12,
            "layoutIterations": 0,
            "draggable": False,
            "emphasis": {"focus": "adjacency"},
            "lineStyle": {"color": "gradient", "opacity": 0.32, "curveness": 0.5},
            "itemStyle": {"borderWidth": 0, "borderRadius": 3},
            "label": {"color": _INK[s.dark][0], "fontSize": 12.5, "fontFamily": _FONT, ":formatter": "regulars.nodeLabel"},
            "data": [
                {
                    **node,
                    "itemStyle": {"color": PALETTE[s.dark][node["color"]]},
                    "label": {"position": "left" if node["name"] in targets else "right"},  # inside, so that none is cut
                }
                for node in nodes
            ],
            "links": list(links),
        }
    ]
    return options


class ChartCard:
    """A card with a chart, and a menu: as a table, as a picture, as a file."""

    def __init__(
        self,
        s: Screen,
        title: str,
        options: dict[str, Any],
        table: tuple[list[str], list[list[str]]],
        *,
        note: str = "",
        height: str = "",
        classes: str = "",
        help_url: str = "",
        filled: bool = True,
        on_point: Callable[[dict[str, Any]], None] | None = None,
    ) -> None:
        self.s = s
        self.title = title
        self._table = table
        self.card = parts.card(title, note, classes=classes, help_url=help_url, help_label=s.t("How is this calculated?"))
        with self.card:
            if not filled:
                parts.empty(
                    "show_chart",
                    s.t("Nothing in this period"),
                    s.t("Choose a longer period, or load newer orders."),
                    action=s.t("Load data"),
                    href=s.url("/data"),
                )
                return
            self._chart_box = parts.box("rg-chart-box")
            with self._chart_box:
                self.chart = ui.echart(options).classes(f"rg-chart {height}".strip())
                self.chart.props("role=img")
                self.chart.props["aria-label"] = s.t("Chart: {title}. The same figures are in the table view.", title=title)
            if on_point is not None:
                self.chart.on("componentClick", lambda event: on_point(event.args), ["data"])
            self._table_box = parts.box()
            self._table_box.set_visibility(False)
        with self.card.tools:
            self._switch = parts.button("", self._toggle, icon="table_rows", kind="quiet", title=s.t("Show as table"))
            menu_button = parts.button("", icon="more_horiz", kind="quiet", title=s.t("Export"))
            with menu_button, ui.menu().props("anchor='bottom right' self='top right' auto-close"), parts.box("rg-menu"):
                picture = f"() => regulars.picture({self.chart.id}, '{_file_name(title)}.png')"
                parts.menu_item(s.t("Save as picture"), icon_name="image", js=picture)
                parts.menu_item(s.t("Save data as CSV"), icon_name="download", on_click=self._download)

    def _toggle(self) -> None:
        as_table = not self._table_box.visible
        if as_table and not list(self._table_box):
            heads, rows = self._table
            with self._table_box:
                sheet(
                    [Column(head, align="" if i == 0 else "end") for i, head in enumerate(heads)],
                    [Row([Cell(word) for word in row]) for row in rows],
                    caption=self.title,
                    kind="sticky",
                )
        self._table_box.set_visibility(as_table)
        self._chart_box.set_visibility(not as_table)
        label = self.s.t("Show as chart") if as_table else self.s.t("Show as table")
        self._switch.props["title"] = label
        self._switch.props["aria-label"] = label
        self._switch.props(f"aria-pressed={'true' if as_table else 'false'}")

    def _download(self) -> None:
        heads, rows = self._table
        ui.download.content(csv_bytes(heads, rows), f"{_file_name(self.title)}.csv", "text/csv")


def plot_card(s: Screen, plot: Plot, *, note: str = "", height: str = "", classes: str = "", help_url: str = "") -> ChartCard:
    """A card with lines, bars or areas."""
    filled = any(value for line in plot.lines for value in line.values)
    return ChartCard(
        s, plot.title, cartesian(s, plot), plot.table(), note=note, height=height, classes=classes, help_url=help_url, filled=filled
    )


def table_menu(s: Screen, card: parts.Card, title: str, *, file: bool = True) -> None:
    """A menu for a card with a table: save it as a picture and, unless the card has its own way, as data."""
    with card.tools:
        button = parts.button("", icon="more_horiz", kind="quiet", title=s.t("Export"))
        with button, ui.menu().props("anchor='bottom right' self='top right' auto-close"), parts.box("rg-menu"):
            name = _file_name(title)
            picture = f"() => regulars.tablePicture('c{card.body.id}', '{name}.png')"
            parts.menu_item(s.t("Save as picture"), icon_name="image", js=picture)
            if file:
                data = f"() => regulars.tableFile('c{card.body.id}', '{name}.csv')"
                parts.menu_item(s.t("Save data as CSV"), icon_name="download", js=data)


def _file_name(title: str) -> str:
    kept = "".join(sign if sign.isalnum() else "-" for sign in title.lower())
    return "-".join(part for part in kept.split("-") if part)[:60] or "chart"
