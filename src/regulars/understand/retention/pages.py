"""Retention: the heat map of first-order cohorts, its curve, curves by how customers began, and lifetime value."""

from __future__ import annotations

from typing import get_args

from regulars.console import parts, screen
from regulars.console.charts import Line, Plot, plot_card, table_menu
from regulars.console.exports import csv_bytes
from regulars.console.history import as_of_words, report_page
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.understand import metrics
from regulars.understand.retention.domain import (
    Cell as CohortCell,
)
from regulars.understand.retention.domain import (
    CohortUnit,
    CurvePoint,
    GroupBy,
    GroupedRetentionAnswer,
    LtvAnswer,
    Measure,
    RetentionAnswer,
)
from regulars.understand.retention.service import ltv, retention, retention_by
from regulars.values.money import Money
from regulars.values.periods import Period

MEASURES: tuple[Measure, ...] = get_args(Measure)
COHORT_UNITS: tuple[CohortUnit, ...] = ("week", "month")
TRAITS: tuple[GroupBy, ...] = get_args(GroupBy)
_MEASURE_WORDS = {"customers": "Customers", "orders": "Orders", "revenue": "Revenue"}
_TRAIT_WORDS = {"category": "First category", "channel": "First channel", "region": "First region"}
_UNIT_WORDS = {"week": "Weeks", "month": "Months"}


@screen("/retention", permission="read_reports", nav="Retention", icon="grid_on", order=30, group="Understand")
def retention_page(s: Screen) -> None:
    """Do customers come back, and when?"""
    report_page(
        s,
        s.t("Retention"),
        s.t("Customers by the time of their first order, and how many of them ordered again in each period since."),
        lambda: metrics.data_span(s.warehouse, s.shop),
        lambda period: _view(s, period),
    )


def _view(s: Screen, period: Period) -> None:
    unit: CohortUnit = s.choice("unit", COHORT_UNITS, "month")  # type: ignore[assignment]
    measure: Measure = s.choice("measure", MEASURES, "customers")  # type: ignore[assignment]
    show = s.choice("show", ("share", "value"), "share")
    with parts.box("rg-filters"):
        parts.segmented(
            s.t("Measure"), ((value, s.t(_MEASURE_WORDS[value])) for value in MEASURES), measure, lambda value: s.go(measure=value)
        )
        parts.segmented(
            s.t("Cohorts by"), ((value, s.t(_UNIT_WORDS[value])) for value in COHORT_UNITS), unit, lambda value: s.go(unit=value)
        )
        parts.segmented(s.t("Show"), (("share", s.t("Share")), ("value", s.t("Value"))), show, lambda value: s.go(show=value))
    s.load(lambda: retention(s.warehouse, s.shop, period, unit, measure), lambda answer: _answer(s, answer, show), skeleton="page")
    with parts.box("rg-grid"):
        _by_trait(s, period, unit)
        s.load(lambda: ltv(s.warehouse, s.shop, period), lambda answer: _worth(s, answer))


def _answer(s: Screen, answer: RetentionAnswer, show: str) -> None:
    if not any(row.customers for row in answer.cohorts):
        with parts.card():
            parts.empty(
                "grid_on",
                s.t("No first orders in this period"),
                s.t("Choose a longer period, so that customers have had time to come back."),
            )
        return
    _headline(s, answer)
    title = {
        "customers": s.t("Customers who ordered again"),
        "orders": s.t("Orders of each cohort"),
        "revenue": s.t("Revenue of each cohort"),
    }[answer.measure]
    note = s.t("Hatched cells are not over yet and will still grow. {as_of}.", as_of=as_of_words(s, answer.as_of))
    with parts.card(title, note, flush=True) as card:
        _triangle(s, answer, show)
    with card.tools:
        parts.button("", lambda: _save(s, answer), icon="download", kind="quiet", title=s.t("Save data as CSV"))
    table_menu(s, card, title, file=False)
    _curve_chart(s, answer)


def _headline(s: Screen, answer: RetentionAnswer) -> None:
    points = {point.period: point for point in answer.curve}
    with parts.box("rg-tiles"):
        for k in [k for k in ((1, 2, 3, 6) if answer.unit == "month" else (1, 4, 8, 12)) if k in points]:
            point = points[k]
            words = s.plural(point.cohorts, "{n} cohort", "{n} cohorts")
            people = s.plural(point.customers, "{n} customer", "{n} customers")
            parts.tile(_period_name(s, answer.unit, k), s.share(point.share), notes=(("", f"{words} · {people}", "", ""),))


def _period_name(s: Screen, unit: CohortUnit, k: int) -> str:
    return s.t("Month {k}", k=k) if unit == "month" else s.t("Week {k}", k=k)


def _triangle(s: Screen, answer: RetentionAnswer, show: str) -> None:
    short = s.t("M{k}") if answer.unit == "month" else s.t("W{k}")
    width = len(answer.cohorts[0].cells) if answer.cohorts else 0
    columns = [
        Column(s.t("First order in")),
        Column(s.t("Customers"), align="end"),
        *(Column(short.format(k=k), align="mid", hint=_period_name(s, answer.unit, k)) for k in range(width)),
    ]
    top = max((cell.share or 0 for row in answer.cohorts for cell in row.cells[1:] if cell.complete), default=0) or 1
    rows = []
    for row in answer.cohorts:
        cells = [Cell(s.bucket(row.start_on, answer.unit)), Cell(s.count(row.customers))]
        cells += [_heat(s, answer, row.customers, cell, show, top) for cell in row.cells]
        rows.append(Row(cells))
    average = [
        Cell(s.t("All together"), hint=s.t("Weighted by customers, over the cohorts whose period is over")),
        Cell(s.count(sum(row.customers for row in answer.cohorts))),
    ]
    shares = {point.period: point.share for point in answer.curve}
    average += [Cell(s.share(shares.get(k)) if k in shares else "", heat=_strength(shares.get(k), k, top)) for k in range(width)]
    sheet(columns, [Row(average), *rows], caption=s.t("Retention by cohort"), kind="heat sticky")


def _heat(s: Screen, answer: RetentionAnswer, customers: int, cell: CohortCell, show: str, top: float) -> Cell:
    if not customers:
        return Cell("")
    value = s.money(cell.value) if isinstance(cell.value, Money) else s.count(cell.value)
    brief = s.short_money(cell.value) if isinstance(cell.value, Money) else s.short(cell.value)
    share = s.share(cell.share)
    hint = f"{_period_name(s, answer.unit, cell.period)}: {value} ({share})"
    if not cell.complete:
        hint += " · " + s.t("not over yet")
    return Cell(
        share if show == "share" else brief, hint=hint, heat=_strength(cell.share, cell.period, top), partial=not cell.complete
    )


def _strength(share: float | None, period: int, top: float) -> float | None:
    if share is None:
        return None
    return 0.55 if period == 0 else min(1.0, share / top) * 0.95


def _curve_chart(s: Screen, answer: RetentionAnswer) -> None:
    points = [point for point in answer.curve if point.period > 0]
    cohorts = [row for row in answer.cohorts if row.customers][:3]
    lines = [_curve_line(s, s.t("All together"), points, points, "area")]
    for row in cohorts:
        found = {cell.period: cell for cell in row.cells if cell.complete}
        shares = [found[point.period].share if point.period in found else None for point in points]
        lines.append(Line(s.bucket(row.start_on, answer.unit), shares, [s.share(share) for share in shares], "line", faint=True))
    plot_card(
        s,
        Plot(
            s.t("Retention curve"),
            [_period_name(s, answer.unit, point.period) for point in points],
            s.t("Period"),
            lines,
            axis="share",
        ),
        note=s.t(
            "Share against the first period, weighted over all cohorts that have lived through it; dashed: the oldest cohorts."
        ),
    )


def _curve_line(s: Screen, name: str, wanted: list[CurvePoint], points: list[CurvePoint], kind: str = "line") -> Line:
    found = {point.period: point for point in points}
    shares = [found[point.period].share if point.period in found else None for point in wanted]
    notes = [
        s.plural(found[point.period].customers, "{n} customer", "{n} customers") if point.period in found else ""
        for point in wanted
    ]
    return Line(name, shares, [s.share(share) for share in shares], "area" if kind == "area" else "line", notes=notes)


def _by_trait(s: Screen, period: Period, unit: CohortUnit) -> None:
    by: GroupBy = s.choice("by", TRAITS, "region")  # type: ignore[assignment]
    s.load(lambda: retention_by(s.warehouse, s.shop, period, by, unit, limit=5), lambda answer: _groups(s, answer))


def _choose_trait(s: Screen, card: parts.Card, by: GroupBy) -> None:
    with card.tools:
        chosen = parts.select(
            s.t("Compare by"), ((value, s.t(_TRAIT_WORDS[value])) for value in TRAITS), by, lambda value: s.go(by=value)
        )
        chosen.move(target_index=0)


def _groups(s: Screen, answer: GroupedRetentionAnswer) -> None:
    groups = [group for group in answer.groups if group.customers]
    longest = max((list(group.curve) for group in groups), key=len, default=[])
    wanted = [point for point in longest if point.period > 0]
    if not wanted or [group.name for group in groups] == ["(none)"]:
        with parts.card(s.t("Retention by how customers began"), classes="w-6") as card:
            parts.empty(
                "alt_route",
                s.t("The orders do not say"),
                s.t("No loaded order carries this. Load a file with that column, or a product list."),
            )
        _choose_trait(s, card, answer.by)
        return
    names = {"(none)": s.t("Not given"), "(other)": s.t("All others")}
    lines = [_curve_line(s, names.get(group.name, group.name), wanted, list(group.curve)) for group in groups]
    chart = plot_card(
        s,
        Plot(
            s.t("Retention by how customers began"),
            [_period_name(s, answer.unit, point.period) for point in wanted],
            s.t("Period"),
            lines,
            axis="share",
        ),
        note=s.t("Groups by the customer's first order; small groups swing widely."),
        classes="w-6",
    )
    _choose_trait(s, chart.card, answer.by)


def _worth(s: Screen, answer: LtvAnswer) -> None:
    average = answer.average
    lines = [
        Line(s.t("All together"), [float(cell.value.major) for cell in average], [s.money(cell.value) for cell in average], "area")
    ]
    for row in answer.cohorts[:3]:
        values = [cell.value if cell.complete else None for cell in row.ltv][: len(average)]
        values += [None] * (len(average) - len(values))
        lines.append(
            Line(
                s.bucket(row.start_on, "month"),
                [None if value is None else float(value.major) for value in values],
                [s.money(value) for value in values],
                faint=True,
            )
        )
    places = [_period_name(s, "month", cell.month) for cell in average]
    plot_card(
        s,
        Plot(s.t("Revenue per customer so far"), places, s.t("Period"), lines, axis="money"),
        note=s.t("Orders up to the end of each month since the first one, divided by all customers of the cohort."),
        classes="w-6",
    )


def _save(s: Screen, answer: RetentionAnswer) -> None:
    from nicegui import ui

    heads = ["cohort", "customers", "period", "value", "share", "complete"]
    rows = [
        [
            row.start_on.isoformat(),
            str(row.customers),
            str(cell.period),
            str(cell.value.major if isinstance(cell.value, Money) else cell.value),
            "" if cell.share is None else str(cell.share),
            "true" if cell.complete else "false",
        ]
        for row in answer.cohorts
        for cell in row.cells
    ]
    ui.download.content(csv_bytes(heads, rows), f"retention-{answer.measure}-{answer.unit}.csv", "text/csv")
