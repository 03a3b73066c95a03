"""The catalogue of definitions that each number links to."""

from __future__ import annotations

from nicegui import ui

from regulars.console import parts, screen, shell
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.understand import metrics
from regulars.understand.metrics.pages.words import said


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
