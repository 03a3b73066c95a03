"""Overview, every metric by day, week or month, and the catalogue of definitions that each number links to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

from nicegui import ui

from regulars.console import parts, screen, shell
from regulars.console.charts import Axis, Line, Plot, plot_card
from regulars.console.history import report_page
from regulars.console.parts import Tone
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.understand import metrics
from regulars.understand.metrics.domain import (
    BreakdownAnswer,
    BreakdownRow,
    Bucket,
    Dimension,
    Language,
    Metric,
    MetricsAnswer,
    OverviewAnswer,
    Tile,
    Value,
)
from regulars.understand.metrics.overview import overview
from regulars.values.money import Money
from regulars.values.periods import Period, Unit

UNITS: tuple[Unit, ...] = ("day", "week", "month")
DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)
_DIMENSION_WORDS = {
    "category": "Category",
    "product": "Product",
    "brand": "Brand",
    "seller": "Seller",
    "channel": "Channel",
    "region": "Region",
}
#: More statements than this are a report of their own.
SHOWN_FINDINGS = 6
CellTone = Tone | Literal["faint"]
_UNIT_WORDS = {"day": "Day", "week": "Week", "month": "Month"}


@screen("/", permission="read_reports", nav="Overview", icon="insights", order=10)
def overview_page(s: Screen) -> None:
    """What a growth manager sees first."""
    report_page(
        s,
        s.t("Overview"),
        "",
        lambda: metrics.data_span(s.warehouse, s.shop),
        lambda period: s.load(lambda: overview(s.warehouse, s.shop, period), lambda answer: _overview(s, answer), skeleton="page"),
    )


def _overview(s: Screen, answer: OverviewAnswer) -> None:
    with parts.box("rg-tiles"):
        for tile in answer.tiles:
            _tile(s, tile, answer)
    with parts.box("rg-grid"):
        _revenue_chart(s, answer.series, answer.unit)
        with parts.card(s.t("What stands out"), classes="w-4", flush=True):
            if answer.findings:
                parts.findings((_tone(finding.tone), said(s, finding.text), "", "") for finding in answer.findings[:SHOWN_FINDINGS])
            else:
                parts.empty(
                    "lightbulb", s.t("Nothing stands out"), s.t("No figure of this period moved enough to be worth a sentence.")
                )
        s.panels("overview")
        _top(s, s.t("Top products"), answer.top_products, "product", "w-6")
        if answer.top_categories:
            _top(s, s.t("Top categories"), answer.top_categories, "category", "w-6")
        else:
            s.load(
                lambda: metrics.breakdown(s.warehouse, s.shop, answer.period, "region", limit=8),
                lambda found: _top(s, s.t("Top regions"), found.rows, "region", "w-6"),
            )


def _tone(tone: str) -> str:
    return "" if tone == "neutral" else tone


def _tile(s: Screen, tile: Tile, answer: OverviewAnswer) -> None:
    metric = metrics.METRICS[tile.metric]
    notes: list[tuple[str, str, Tone, str]] = []
    for words, change, before, against in (
        (s.t("vs previous"), tile.previous_change, tile.previous, answer.previous),
        (s.t("vs last year"), tile.last_year_change, tile.last_year, answer.last_year),
    ):
        if change is not None:
            hover = f"{s.span(against.period.start_on, against.period.last_on)}: {full(s, metric, before)}"
            moved = moved_words(s, metric, tile.value, before, change)
            notes.append((moved, words, direction(metric, change), hover))
    if not notes and tile.latest_change is not None and tile.latest_on is not None:
        notes.append(_latest_note(s, metric, tile, answer))
    parts.tile(
        said(s, metric.title),
        brief(s, metric, tile.value),
        exact=full(s, metric, tile.value),
        href=s.url("/metrics", metric=metric.name),
        notes=notes,
    )


def _latest_note(s: Screen, metric: Metric, tile: Tile, answer: OverviewAnswer) -> tuple[str, str, Tone, str]:
    """The latest complete bucket against the one before it, where the data reach no further back."""
    assert tile.latest_on is not None
    assert tile.latest_change is not None
    before = next((bucket for bucket in answer.series if bucket.end_on == tile.latest_on), None)
    name = s.bucket(tile.latest_on, answer.unit)
    words = {
        "day": s.t("{day} vs the day before", day=name),
        "week": s.t("week of {day} vs the week before", day=name),
        "month": s.t("{month} vs the month before", month=name),
    }
    moved = moved_words(s, metric, tile.latest, before.values[metric.name] if before else None, tile.latest_change)
    hover = f"{name}: {full(s, metric, tile.latest)}"
    return moved, words[answer.unit], direction(metric, tile.latest_change), hover


def _revenue_chart(s: Screen, series: tuple[Bucket, ...], unit: Unit) -> None:
    names = {
        "returning_revenue": s.t("Returning customers"),
        "new_revenue": s.t("New customers"),
        "anonymous_revenue": s.t("Unknown buyers"),
    }
    lines = []
    for at, (metric, name) in enumerate(names.items()):
        values = [bucket.values[metric] for bucket in series]
        if metric == "anonymous_revenue" and not any(_number(value) for value in values):
            continue
        lines.append(
            Line(
                name,
                [_number(value) for value in values],
                [s.money(_money(value)) for value in values],
                "bar",
                stack="gmv",
                color=(0, 1, 7)[at],
            )
        )
    plot_card(
        s,
        Plot(
            s.t("Revenue: new and returning customers"),
            [s.bucket(bucket.start_on, unit) for bucket in series],
            s.t(_UNIT_WORDS[unit]),
            lines,
            axis="money",
            unfinished=[i for i, bucket in enumerate(series) if not bucket.complete],
        ),
        note=s.t("GMV by whether the order is the customer's first; hatched bars are not over yet."),
        classes="w-8",
        height="tall",
        help_url=s.url("/metrics/definitions") + "#gmv",
    )


def _top(s: Screen, title: str, rows: tuple[BreakdownRow, ...], by: Dimension, classes: str) -> None:
    compared = any(row.change is not None for row in rows)
    note = s.t("By item revenue, against the period before") if compared else s.t("By item revenue")
    with parts.card(title, note, classes=classes, flush=True) as card:
        _breakdown_sheet(s, rows, by, title)
    with card.tools:
        parts.button(
            "",
            icon="open_in_new",
            kind="quiet",
            title=s.t("Open the full list"),
            href=s.url("/metrics", metric="item_revenue", by=by),
        )


def _breakdown_sheet(s: Screen, rows: tuple[BreakdownRow, ...], by: Dimension, caption: str, *, wide: bool = False) -> None:
    if not rows:
        parts.empty("category", s.t("Nothing in this period"), s.t("Choose a longer period, or load newer orders."))
        return
    top = max((row.item_revenue.minor for row in rows if row.key != "(other)"), default=0) or 1
    columns = [
        Column(s.t(_DIMENSION_WORDS[by]), width="clip"),
        Column(s.t("Item revenue"), align="end"),
        Column(s.t("Share"), align="end", width="drop"),
    ]
    compared = any(row.change is not None for row in rows)
    if compared:
        columns.append(Column(s.t("Change"), align="end", hint=s.t("Against the period before")))
    if wide:
        columns += [Column(s.t("Units"), align="end"), Column(s.t("Orders"), align="end"), Column(s.t("Buyers"), align="end")]
    lines = []
    for row in rows:
        cells = [
            Cell(
                group_name(s, row.key, row.name), bar=row.item_revenue.minor / top if row.key != "(other)" else None, hint=row.name
            ),
            Cell(s.money(row.item_revenue) if wide else s.short_money(row.item_revenue), hint=s.money(row.item_revenue)),
            Cell(s.share(row.share)),
        ]
        if compared:
            tone: CellTone = "faint" if row.change is None else "good" if row.change > 0 else "bad" if row.change < 0 else ""
            cells.append(Cell(s.change(row.change), tone=tone))
        if wide:
            cells += [Cell(s.count(row.units)), Cell(s.count(row.orders)), Cell(s.count(row.buyers))]
        lines.append(Row(cells))
    sheet(columns, lines, caption=caption, kind="sticky" if wide else "")


def group_name(s: Screen, key: str, name: str) -> str:
    """A group's name; the three made by us are put into words."""
    match key:
        case "(none)":
            return s.t("Not given")
        case "(other)":
            return s.t("All others")
        case "(all)":
            return s.t("All together")
        case _:
            return name


# --- one metric


@screen("/metrics", permission="read_reports", nav="Metrics", icon="bar_chart", order=20, group="Understand")
def metrics_page(s: Screen) -> None:
    """Any metric by day, week or month, beside the period before, and by what sold."""
    report_page(
        s,
        s.t("Metrics"),
        s.t("Every number has one definition, the same here, over the API and at the shell."),
        lambda: metrics.data_span(s.warehouse, s.shop),
        lambda period: _metric_view(s, period),
        tools=lambda: _definitions_button(s),
    )


def _definitions_button(s: Screen) -> None:
    parts.button(s.t("Definitions"), icon="menu_book", href=s.url("/metrics/definitions"))


def _metric_view(s: Screen, period: Period) -> None:
    name = s.choice("metric", tuple(metrics.METRICS), "gmv")
    unit: Unit = s.choice("unit", UNITS, "day" if period.days <= 45 else "week" if period.days <= 200 else "month")  # type: ignore[assignment]
    with parts.box("rg-filters"):
        parts.select(
            s.t("Metric"),
            ((metric.name, said(s, metric.title)) for metric in metrics.METRICS.values()),
            name,
            lambda value: s.go(metric=value),
        )
        parts.segmented(s.t("By"), ((value, s.t(_UNIT_WORDS[value])) for value in UNITS), unit, lambda value: s.go(unit=value))
        compare = s.choice("compare", ("previous", "last_year", "none"), "previous")
        choices = (("previous", s.t("Period before")), ("last_year", s.t("Last year")), ("none", s.t("No comparison")))
        parts.segmented(s.t("Compare with"), choices, compare, lambda value: s.go(compare=value))
    s.load(
        lambda: metrics.report(s.warehouse, s.shop, period, unit),
        lambda answer: _metric_answer(s, answer, name, compare),
        skeleton="page",
    )


def _metric_answer(s: Screen, answer: MetricsAnswer, name: str, compare: str) -> None:
    metric = metrics.METRICS[name]
    against = {"previous": answer.previous, "last_year": answer.last_year}.get(compare)
    if against is not None and against.covered:
        s.load(
            lambda: metrics.report(s.warehouse, s.shop, against.period, answer.unit, [name]),
            lambda before: _metric_chart(s, answer, metric, before),
        )
    else:
        if against is not None:
            parts.notice(
                s.t(
                    "The data do not reach back to {day}, so there is nothing to compare with.", day=s.day(against.period.start_on)
                ),
                tone="info",
            )
        _metric_chart(s, answer, metric, None)
    _breakdown(s, answer.period)
    with parts.card(s.t("All metrics of the period"), flush=True):
        _all_metrics(s, answer)


def _metric_chart(s: Screen, answer: MetricsAnswer, metric: Metric, before: MetricsAnswer | None) -> None:
    values = [bucket.values[metric.name] for bucket in answer.series]
    title = said(s, metric.title)
    lines = [
        Line(
            title,
            [_number(value) for value in values],
            [full(s, metric, value) for value in values],
            "bar" if metric.additive else "line",
        )
    ]
    if before is not None:
        then = [bucket.values[metric.name] for bucket in before.series][: len(values)]
        then += [None] * (len(values) - len(then))
        notes = [s.bucket(bucket.start_on, answer.unit) for bucket in before.series][: len(values)]
        notes += [""] * (len(values) - len(notes))
        name = s.t("Period before") if before.period == answer.previous.period else s.t("Last year")
        lines.append(
            Line(
                name,
                [_number(value) for value in then],
                [full(s, metric, value) for value in then],
                "line",
                faint=True,
                color=7,
                notes=notes,
            )
        )
    total = answer.total(metric.name)
    plot_card(
        s,
        Plot(
            title,
            [s.bucket(bucket.start_on, answer.unit) for bucket in answer.series],
            s.t(_UNIT_WORDS[answer.unit]),
            lines,
            axis=axis_of(metric),
            unfinished=[i for i, bucket in enumerate(answer.series) if not bucket.complete],
        ),
        note=s.t(
            "{span}: {value} in all", span=s.span(answer.period.start_on, answer.period.last_on), value=full(s, metric, total.value)
        ),
        height="tall",
        help_url=s.url("/metrics/definitions") + f"#{metric.name}",
    )


def _all_metrics(s: Screen, answer: MetricsAnswer) -> None:
    sides = (("previous", s.t("vs previous"), answer.previous), ("last_year", s.t("vs last year"), answer.last_year))
    shown = [(side, words, against.period) for side, words, against in sides if against.covered]
    columns = [
        Column(s.t("Metric")),
        Column(s.t("Value"), align="end"),
        *(Column(words, align="end", hint=s.span(before.start_on, before.last_on)) for _, words, before in shown),
        Column(s.t("Definition"), width="long"),
    ]
    rows = []
    for total in answer.totals:
        metric = metrics.METRICS[total.metric]
        cells = [
            Cell(said(s, metric.title), href=s.url(None, metric=metric.name)),
            Cell(full(s, metric, total.value)),
        ]
        for side, _, _ in shown:
            change = getattr(total, f"{side}_change")
            tone: CellTone = "faint" if change is None else direction(metric, change)
            moved = moved_words(s, metric, total.value, getattr(total, side), change)
            cells.append(Cell(moved, tone=tone, hint=full(s, metric, getattr(total, side))))
        cells.append(Cell(said(s, metric.formula), tone="faint"))
        rows.append(Row(cells))
    sheet(columns, rows, caption=s.t("All metrics of the period"), kind="cards")


def _breakdown(s: Screen, period: Period) -> None:
    by: Dimension = s.choice("by", DIMENSIONS, "product")  # type: ignore[assignment]
    with parts.card(s.t("Sales by"), s.t("Item revenue of the period"), flush=True) as card:
        s.load(
            lambda: metrics.breakdown(s.warehouse, s.shop, period, by, limit=25),
            lambda answer: _breakdown_answer(s, answer, by),
            skeleton="table",
        )
    with card.tools:
        parts.select(
            s.t("Sales by"), ((value, s.t(_DIMENSION_WORDS[value])) for value in DIMENSIONS), by, lambda value: s.go(by=value)
        )


def _breakdown_answer(s: Screen, answer: BreakdownAnswer, by: Dimension) -> None:
    rows = answer.rows if answer.other is None else (*answer.rows, answer.other)
    if len(rows) == 1 and rows[0].key == "(none)":
        parts.empty(
            "category",
            s.t("The orders do not say"),
            s.t("No loaded order carries this. Load a file with that column, or a product list."),
        )
        return
    _breakdown_sheet(s, rows, by, s.t("Sales by"), wide=True)


# --- definitions


@screen("/metrics/definitions", permission="read_reports", title="Metric definitions", parent="/metrics")
def definitions_page(s: Screen) -> None:
    """The catalogue: what every number means."""
    shell.head(
        s,
        s.t("Metric definitions"),
        s.t("One definition per number. Reports, exports, API and shell all use these."),
        back=(s.t("Metrics"), s.url("/metrics")),
    )
    with parts.card(flush=True):
        columns = [
            Column(s.t("Metric")),
            Column(s.t("Definition"), width="long"),
            Column(s.t("Unit")),
            Column(s.t("Counted per"), width="drop"),
            Column(s.t("Name in the API"), width="drop"),
        ]
        for metric in metrics.METRICS.values():
            anchor = ui.element("span")
            anchor.props["id"] = metric.name
        rows = [
            Row(
                [
                    Cell(said(s, metric.title), href=s.url("/metrics", metric=metric.name)),
                    Cell(said(s, metric.formula)),
                    Cell(s.word("unit", metric.unit)),
                    Cell(s.word("grain", metric.grain)),
                    Cell(metric.name, tone="faint"),
                ],
                key=metric.name,
            )
            for metric in metrics.METRICS.values()
        ]
        sheet(columns, rows, caption=s.t("Metric definitions"), kind="cards")


# --- values in words


def brief(s: Screen, metric: Metric, value: Value) -> str:
    """A metric's value on a tile."""
    match value:
        case Money():
            return s.short_money(value)
        case _ if metric.unit == "ratio":
            return s.share(value)
        case _ if metric.unit == "days":
            return s.days(value)
        case _:
            return s.short(value)


def full(s: Screen, metric: Metric, value: Value) -> str:
    """A metric's value, exact."""
    match value:
        case Money():
            return s.money(value)
        case _ if metric.unit == "ratio":
            return s.share(value, 2)
        case _ if metric.unit == "days":
            return s.days(value)
        case _:
            return s.count(value)


def said(s: Screen, words: Mapping[Language, str] | Mapping[str, str]) -> str:
    """A text that a definition brings in both languages."""
    return dict(words)["zh" if s.language == "zh" else "en"]


def moved_words(s: Screen, metric: Metric, now: Value, before: Value, change: float | None) -> str:
    """By how much a metric moved: shares in percentage points, all else as a share of what it was."""
    if metric.unit == "ratio" and isinstance(now, int | float) and isinstance(before, int | float):
        return s.points(now - before)
    return s.change(change)


def direction(metric: Metric, change: float) -> Tone:
    """Whether a change is welcome."""
    if change == 0 or metric.better == "neither":
        return ""
    return "good" if (change > 0) == (metric.better == "higher") else "bad"


def axis_of(metric: Metric) -> Axis:
    """How the value axis is labelled."""
    axes: dict[str, Axis] = {"money": "money", "ratio": "share", "days": "days"}
    return axes.get(metric.unit, "count")


def _number(value: Value) -> float | None:
    match value:
        case None:
            return None
        case Money():
            return float(value.major)
        case _:
            return float(value)


def _money(value: Value) -> Money | None:
    return value if isinstance(value, Money) else None
