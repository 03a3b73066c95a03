"""Any metric by day, week or month beside the period before, all metrics of the period, and by what sold."""

from __future__ import annotations

from typing import get_args

from regulars.console import parts, screen
from regulars.console.charts import Line, Plot, plot_card
from regulars.console.history import report_page
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.understand import metrics
from regulars.understand.metrics.domain import BreakdownAnswer, Dimension, Metric, MetricsAnswer
from regulars.understand.metrics.pages.sales import DIMENSION_WORDS, CellTone, breakdown_sheet
from regulars.understand.metrics.pages.words import UNIT_WORDS, axis_of, direction, full, moved_words, number, said
from regulars.values.periods import Period, Unit

UNITS: tuple[Unit, ...] = ("day", "week", "month")
DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)


@screen("/metrics", permission="read_reports", nav="Metrics", icon="bar_chart", order=20, group="Understand")
def metrics_page(s: Screen) -> None:
    """Any metric by day, week or month, beside the period before, and by what sold."""
    report_page(
        s,
        s.t("Metrics"),
        s.t("Every number has one definition, the same here, over the API and at the shell."),
        lambda: metrics.data_span(s.warehouse, s.shop),
        lambda period: _metric_view(s, period),
        tools=lambda _: _definitions_button(s),
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
        parts.segmented(s.t("By"), ((value, s.t(UNIT_WORDS[value])) for value in UNITS), unit, lambda value: s.go(unit=value))
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
            [number(value) for value in values],
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
                [number(value) for value in then],
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
            s.t(UNIT_WORDS[answer.unit]),
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
            s.t("Sales by"), ((value, s.t(DIMENSION_WORDS[value])) for value in DIMENSIONS), by, lambda value: s.go(by=value)
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
    breakdown_sheet(s, rows, by, s.t("Sales by"), wide=True)
