"""Lifecycle: how many customers are new, active, dormant or churned, at every month's end, and how they moved between."""

from __future__ import annotations

from collections import Counter

from regulars.console import parts, screen
from regulars.console.charts import ChartCard, Line, Plot, plot_card, sankey, table_menu
from regulars.console.history import as_of_words, report_page
from regulars.console.parts import Tone
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.understand import metrics
from regulars.understand.lifecycle.domain import NOT_YET, PROSPECT, STAGES, LifecycleAnswer, LifecycleMonth, StageNow
from regulars.understand.lifecycle.service import report
from regulars.understand.lifecycle.words import stage_name
from regulars.values.periods import Period

_COLORS = {"new": 4, "active": 0, "dormant": 1, "churned": 7, NOT_YET: 2}


@screen("/lifecycle", permission="read_reports", nav="Lifecycle", icon="timeline", order=50, group="Understand")
def lifecycle_page(s: Screen) -> None:
    """Is the base of customers growing or leaking?"""
    report_page(
        s,
        s.t("Lifecycle"),
        s.t("Each buyer's stage by the days since the last order, at the end of every month."),
        lambda: metrics.data_span(s.warehouse, s.shop),
        lambda period: _view(s, period),
    )


def _view(s: Screen, period: Period) -> None:
    s.load(
        lambda: report(s.warehouse, s.shop, period=period, language=s.language), lambda answer: _answer(s, answer), skeleton="page"
    )


def _answer(s: Screen, answer: LifecycleAnswer) -> None:
    s.currency = answer.currency
    stages = [stage for stage in answer.now if stage.stage != PROSPECT or stage.customers]
    with parts.box(f"rg-tiles {'five' if len(stages) == 5 else ''}".strip()):
        for stage in stages:
            _tile(s, stage)
    with parts.box("rg-grid"):
        if answer.months:
            _stock(s, answer.months)
            _cuts(s, answer)
            _flows(s, answer.months)
            _matrix(s, answer.months)
            _months(s, answer.months)
        else:
            _cuts(s, answer)


def _tile(s: Screen, stage: StageNow) -> None:
    notes: list[tuple[str, str, Tone, str]] = []
    if stage.share is not None:
        notes.append(("", s.t("{share} of buyers", share=s.share(stage.share)), "", ""))
    if stage.revenue_share is not None:
        notes.append(("", s.t("{share} of revenue", share=s.share(stage.revenue_share)), "", s.money(stage.revenue)))
    tile = parts.tile(
        stage.name,
        s.short(stage.customers),
        exact=s.count(stage.customers),
        href=s.url("/customers", stage=stage.stage) if s.may("read_customers") else "",
        notes=notes,
    )
    tile.props["title"] = stage.explanation


def _stock(s: Screen, months: list[LifecycleMonth]) -> None:
    lines = [
        Line(
            stage_name(stage, s.language),
            [getattr(month, stage) for month in months],
            [s.count(getattr(month, stage)) for month in months],
            "bar",
            stack="stock",
            color=_COLORS[stage],
        )
        for stage in STAGES
    ]
    plot_card(
        s,
        Plot(
            s.t("Customers by stage at each month's end"),
            [s.bucket(month.month, "month") for month in months],
            s.t("Month"),
            lines,
            unfinished=[i for i, month in enumerate(months) if not month.complete],
        ),
        note=s.t("Hatched bars are not over yet."),
        classes="w-8",
        height="tall",
    )


def _cuts(s: Screen, answer: LifecycleAnswer) -> None:
    cuts = answer.cuts
    sources = {"setting": s.t("set by you"), "rhythm": s.t("from the shop's own rhythm"), "default": s.t("usual value")}
    with parts.card(s.t("Where the stages are cut"), as_of_words(s, answer.as_of), classes="w-4"), parts.box("rg-stack"):
        parts.facts(
            (
                (s.t("New: first order within"), s.days(cuts.new_within_days)),
                (s.t("Dormant: no order for more than"), s.days(cuts.dormant_after_days)),
                (s.t("Churned: no order for more than"), s.days(cuts.churned_after_days)),
            )
        )
        words = s.t("Dormant: {source}; churned: {other}.", source=sources[cuts.dormant_source], other=sources[cuts.churned_source])
        if cuts.dormant_source == cuts.churned_source:
            words = s.t("Dormant and churned: {source}.", source=sources[cuts.dormant_source])
        parts.text(words, "rg-small rg-muted rg-pretty", "p")
        if answer.suggestion is not None:
            parts.text(answer.suggestion.text, "rg-small rg-muted rg-pretty", "p")
        if s.may("manage_shop"):
            with parts.box():
                parts.button(s.t("Change the cuts"), icon="tune", href=s.url("/settings/shop") + "#lifecycle")


def _latest(months: list[LifecycleMonth]) -> LifecycleMonth:
    return next((month for month in reversed(months) if month.complete), months[-1])


def _chosen(s: Screen, months: list[LifecycleMonth]) -> LifecycleMonth:
    wanted = s.date("month")
    return next((month for month in months if month.month == wanted), _latest(months))


def _flows(s: Screen, months: list[LifecycleMonth]) -> None:
    """Movement of one month, as a flow from the stages before to the stages after."""
    month = _chosen(s, months)
    moves = [move for move in month.movements if move.customers]
    before = s.t("before")
    after = s.t("after")
    nodes = []
    totals_from, totals_to = Counter[str](), Counter[str]()
    for move in moves:
        totals_from[move.from_stage] += move.customers
        totals_to[move.to_stage] += move.customers
    for side, totals in ((before, totals_from), (after, totals_to)):
        nodes += [
            {
                "name": f"{side} {stage}",
                "label_text": f"{stage_name(stage, s.language)} {s.short(totals[stage])}",
                "text": s.count(totals[stage]),
                "head": stage_name(stage, s.language),
                "color": _COLORS[stage],
            }
            for stage in (NOT_YET, *STAGES)
            if totals[stage]
        ]
    links = [
        {
            "source": f"{before} {move.from_stage}",
            "target": f"{after} {move.to_stage}",
            "value": move.customers,
            "text": s.count(move.customers),
            "label": s.t("Customers"),
            "head": f"{stage_name(move.from_stage, s.language)} → {stage_name(move.to_stage, s.language)}",
        }
        for move in moves
    ]
    heads = [s.t("From"), s.t("To"), s.t("Customers")]
    table = [
        [stage_name(move.from_stage, s.language), stage_name(move.to_stage, s.language), s.count(move.customers)] for move in moves
    ]
    name = s.bucket(month.month, "month")
    chart = ChartCard(
        s,
        s.t("Movement in {month}", month=name),
        sankey(s, nodes, links),
        (heads, table),
        note=s.t("Left: the stage at the month before's end; right: at this month's end."),
        height="tall",
        classes="w-7",
        filled=bool(moves),
    )
    with chart.card.tools:
        chosen = parts.select(
            s.t("Month"),
            ((each.month.isoformat(), s.bucket(each.month, "month")) for each in reversed(months)),
            month.month.isoformat(),
            lambda value: s.go(month=value),
        )
        chosen.move(target_index=0)


def _matrix(s: Screen, months: list[LifecycleMonth]) -> None:
    month = _chosen(s, months)
    counts = {(move.from_stage, move.to_stage): move.customers for move in month.movements}
    sums = {stage: sum(counts.get((stage, to), 0) for to in STAGES) for stage in (NOT_YET, *STAGES)}
    columns = [Column(s.t("From")), *(Column(stage_name(stage, s.language), align="mid") for stage in STAGES)]
    rows = []
    for stage in (NOT_YET, *STAGES):
        cells = [Cell(stage_name(stage, s.language))]
        for to in STAGES:
            customers = counts.get((stage, to), 0)
            share = customers / sums[stage] if sums[stage] else 0.0
            cells.append(
                Cell(
                    s.count(customers) if customers else "",
                    hint=s.share(share) if customers else "",
                    heat=share * 0.9 if customers else None,
                )
            )
        rows.append(Row(cells))
    with parts.card(
        s.t("From stage to stage"),
        s.t("{month}: customers; shade by share of the line.", month=s.bucket(month.month, "month")),
        classes="w-5",
        flush=True,
    ) as card:
        sheet(columns, rows, caption=s.t("From stage to stage"), kind="heat roomy")
    table_menu(s, card, s.t("From stage to stage"))


def _months(s: Screen, months: list[LifecycleMonth]) -> None:
    columns = [
        Column(s.t("Month")),
        Column(s.t("Buyers so far"), align="end", hint=s.t("Everyone who had ordered by then")),
        Column(s.t("Joined"), align="end", hint=s.t("First order in this month")),
        Column(s.t("Became dormant"), align="end"),
        Column(s.t("Became churned"), align="end"),
        Column(s.t("Reawakened"), align="end", hint=s.t("From dormant back to active")),
        Column(s.t("Won back"), align="end", hint=s.t("From churned back to active")),
        Column(s.t("Churn rate"), align="end", hint=s.t("Became churned / not churned at the month's start")),
        Column(s.t("Win-back rate"), align="end", hint=s.t("Won back / churned at the month's start")),
    ]
    rows = []
    for month in reversed(months):
        name = s.bucket(month.month, "month")
        rows.append(
            Row(
                [
                    Cell(name, sub="" if month.complete else s.t("not over yet")),
                    *(
                        Cell(s.count(value))
                        for value in (
                            month.customers,
                            month.joined,
                            month.became_dormant,
                            month.became_churned,
                            month.reawakened,
                            month.won_back,
                        )
                    ),
                    Cell(s.share(month.churn_rate, 2)),
                    Cell(s.share(month.win_back_rate, 2)),
                ]
            )
        )
    with parts.card(s.t("Month by month"), flush=True) as card:
        sheet(columns, rows, caption=s.t("Month by month"), kind="sticky")
    table_menu(s, card, s.t("Month by month"))
