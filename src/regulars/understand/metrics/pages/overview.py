"""The overview: what a growth manager sees first."""

from __future__ import annotations

from regulars.console import parts, screen
from regulars.console.charts import Line, Plot, plot_card
from regulars.console.history import report_page
from regulars.console.parts import Tone
from regulars.console.view import Screen
from regulars.understand import metrics
from regulars.understand.metrics.domain import BreakdownRow, Bucket, Dimension, Metric, OverviewAnswer, Tile
from regulars.understand.metrics.overview import overview
from regulars.understand.metrics.pages.sales import breakdown_sheet
from regulars.understand.metrics.pages.words import UNIT_WORDS, brief, direction, full, money, moved_words, number, said
from regulars.values.periods import Unit

#: More statements than this are a report of their own.
SHOWN_FINDINGS = 6


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
        if metric == "anonymous_revenue" and not any(number(value) for value in values):
            continue
        lines.append(
            Line(
                name,
                [number(value) for value in values],
                [s.money(money(value)) for value in values],
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
            s.t(UNIT_WORDS[unit]),
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
        breakdown_sheet(s, rows, by, title)
    with card.tools:
        parts.button(
            "",
            icon="open_in_new",
            kind="quiet",
            title=s.t("Open the full list"),
            href=s.url("/metrics", metric="item_revenue", by=by),
        )
