"""RFM: the segments as bars and as a list, the recency by frequency grid, how the scores are cut, and what to do with whom."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from regulars.console import parts, periods, screen
from regulars.console.charts import ChartCard, Line, Plot, ranked, table_menu
from regulars.console.history import as_of_words, report_page
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.understand.metrics.span import data_span
from regulars.understand.rfm.domain import RfmAnswer, SegmentRow, Thresholds
from regulars.understand.rfm.service import report
from regulars.values.money import Money
from regulars.values.periods import Period


@screen("/rfm", permission="read_reports", nav="RFM", icon="dashboard", order=40, group="Understand")
def rfm_page(s: Screen) -> None:
    """Who are the best customers, who is new, who is slipping away?"""
    report_page(
        s,
        s.t("RFM segments"),
        s.t("Every buyer by how recently, how often and for how much they bought. Scores run from 1 (lowest) to 5 (best)."),
        lambda: data_span(s.warehouse, s.shop),
        lambda period: _ask(s, periods.narrowed(s, period)),
        usual="all",
    )


def _ask(s: Screen, period: Period | None) -> None:
    s.load(
        lambda: report(s.warehouse, s.shop, period=period, language=s.language), lambda answer: _answer(s, answer), skeleton="page"
    )


def _answer(s: Screen, answer: RfmAnswer) -> None:
    s.currency = answer.currency
    if not answer.customers:
        with parts.card():
            parts.empty("event_busy", s.t("Nobody ordered in this period"), s.t("Choose a longer period, or load newer orders."))
        return
    view = s.choice("view", ("segments", "types"), "segments")
    rows = answer.segments if view == "segments" else answer.value_types
    with parts.box("rg-filters rg-between"):
        choices = (("segments", s.t("Ten segments")), ("types", s.t("Eight value types")))
        parts.segmented(s.t("Grouping"), choices, view, lambda value: s.go(view=value))
        people = s.plural(answer.customers, "{n} buyer", "{n} buyers")
        parts.text(f"{people} · {s.money(answer.revenue)} · {as_of_words(s, answer.as_of)}", "rg-small rg-faint")
    with parts.box("rg-grid"):
        if view == "segments":
            _shares(s, answer)
            _grid(s, answer)
        with parts.card(s.t("Who they are and what to do"), s.t("Choose a line to see its customers."), flush=True) as card:
            _list(s, rows, "segment" if view == "segments" else "value_type")
        table_menu(s, card, s.t("Who they are and what to do"))
        for thresholds in answer.thresholds:
            _bands(s, thresholds, answer.currency)


def _shares(s: Screen, answer: RfmAnswer) -> None:
    title = s.t("Customers and revenue by segment")
    rows = answer.segments
    plot = Plot(
        title,
        [row.name for row in rows],
        s.t("Segment"),
        [
            Line(
                s.t("Share of customers"),
                [row.share for row in rows],
                [s.share(row.share) for row in rows],
                "bar",
                color=7,
                notes=[s.plural(row.customers, "{n} customer", "{n} customers") for row in rows],
            ),
            Line(
                s.t("Share of revenue"),
                [row.revenue_share for row in rows],
                [s.share(row.revenue_share) for row in rows],
                "bar",
                color=0,
                notes=[s.money(row.revenue) for row in rows],
            ),
        ],
        axis="share",
    )
    table = [
        [row.name, s.count(row.customers), s.share(row.share), s.money(row.revenue), s.share(row.revenue_share)] for row in rows
    ]
    heads = [s.t("Segment"), s.t("Customers"), s.t("Share of customers"), s.t("Net revenue"), s.t("Share of revenue")]

    def opened(point: dict[str, Any]) -> None:
        segment = (point.get("data") or {}).get("key")
        if segment and s.may("read_customers"):
            ui.navigate.to(s.url("/customers", segment=segment))

    ChartCard(
        s,
        title,
        ranked(s, plot, [row.segment for row in rows]),
        (heads, table),
        note=s.t("How many they are, and what they bring. Choose a bar to see who they are."),
        height="tall",
        classes="w-7",
        on_point=opened,
    )


def _grid(s: Screen, answer: RfmAnswer) -> None:
    top = max((cell.customers for cell in answer.matrix), default=0) or 1
    by_recency: dict[int, list[Cell]] = {}
    for cell in sorted(answer.matrix, key=lambda cell: (-cell.recency_score, cell.frequency_score)):
        hint = f"{cell.name}: {s.plural(cell.customers, '{n} customer', '{n} customers')}, {s.money(cell.revenue)}"
        strength = (cell.customers / top) ** 0.5
        by_recency.setdefault(cell.recency_score, []).append(
            Cell(
                s.count(cell.customers),
                hint=hint,
                heat=strength * 0.95,
                href=s.url("/customers", segment=cell.segment) if cell.customers and s.may("read_customers") else "",
            )
        )
    columns = [
        Column(s.t("Recency")),
        *(Column(s.t("F{k}", k=k), align="mid", hint=s.t("Frequency score {k}", k=k)) for k in range(1, 6)),
    ]
    rows = [
        Row([Cell(s.t("R{k}", k=recency), hint=s.t("Recency score {k}", k=recency)), *cells])
        for recency, cells in by_recency.items()
    ]
    with parts.card(
        s.t("Recency by frequency"), s.t("Customers in each pair of scores; the top right are the best."), classes="w-5", flush=True
    ) as card:
        sheet(columns, rows, caption=s.t("Recency by frequency"), kind="heat roomy")
    table_menu(s, card, s.t("Recency by frequency"))


def _list(s: Screen, rows: list[SegmentRow], key: str) -> None:
    columns = [
        Column(s.t("Segment")),
        Column(s.t("Customers"), align="end"),
        Column(s.t("Share of revenue"), align="end"),
        Column(s.t("Per customer"), align="end", hint=s.t("Net revenue per customer")),
        Column(s.t("Last order"), align="end", hint=s.t("Days since the last order, on average")),
        Column(s.t("Orders each"), align="end"),
        Column(s.t("What to do"), width="long"),
    ]
    lines = []
    for row in rows:
        href = s.url("/customers", **{key: row.segment}) if row.customers and s.may("read_customers") else ""
        lines.append(
            Row(
                [
                    Cell(row.name, href=href, hint=row.explanation),
                    Cell(s.count(row.customers), hint=s.share(row.share)),
                    Cell(s.share(row.revenue_share), hint=s.money(row.revenue)),
                    Cell(s.money(row.revenue_per_customer)),
                    Cell(s.days(None if row.average_recency_days is None else round(row.average_recency_days))),
                    Cell(s.count(row.average_orders, 1) if row.average_orders is not None else "–"),
                    Cell(row.handling, sub=row.explanation),
                ],
                href=href,
            )
        )
    sheet(columns, lines, caption=s.t("Who they are and what to do"), kind="cards")


def _bands(s: Screen, thresholds: Thresholds, currency: str) -> None:
    def words(value: float) -> str:
        match thresholds.unit:
            case "days":
                return s.days(value)
            case "minor":
                return s.money(Money(round(value), currency))
            case _:
                return s.count(value)

    with parts.card(thresholds.name, thresholds.note or s.t("Equal values score equally."), classes="w-4", flush=True):
        columns = [
            Column(s.t("Score")),
            Column(s.t("From"), align="end"),
            Column(s.t("To"), align="end"),
            Column(s.t("Customers"), align="end"),
        ]
        rows = [
            Row([Cell(str(band.score)), Cell(words(band.lowest)), Cell(words(band.highest)), Cell(s.count(band.customers))])
            for band in thresholds.bands
        ]
        sheet(columns, rows, caption=thresholds.name)
