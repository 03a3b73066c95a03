"""A load's report on screen: what was recognised, where every row ended, and each kind of problem with the way to mend it."""

from __future__ import annotations

from regulars.collect.imports.domain.chinese import say
from regulars.collect.imports.domain.report import FileReport, LoadReport, Problem
from regulars.collect.imports.domain.rules import OUTCOMES, RULES
from regulars.collect.imports.pages.listing import field_name
from regulars.console import parts
from regulars.console.parts import Tone
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen

_OUTCOME_WORDS = {"loaded": "Loaded", "duplicate": "Counted once", "set_aside": "Set aside", "quarantined": "To repair"}
_OUTCOME_TONES: dict[str, Tone] = {"loaded": "good", "duplicate": "", "set_aside": "", "quarantined": "warn"}
_OUTCOME_NOTE_WORDS = {
    "loaded": "taken as they are",
    "duplicate": "equal to another row",
    "set_aside": "understood, and not a sale",
    "quarantined": "could not be read",
}


def report_view(s: Screen, report: LoadReport) -> None:
    """Everything a report says but the mapping of columns."""
    s.currency = report.currency
    with parts.box("rg-tiles five"):
        parts.tile(
            s.t("Rows"),
            s.short(report.rows),
            exact=s.count(report.rows),
            notes=(("", s.plural(len(report.files), "in {n} file", "in {n} files"), "", ""),),
        )
        for outcome in OUTCOMES:
            ended = report.rows_by_outcome.get(outcome, 0)
            planned = outcome == "loaded" and report.dry_run and not report.already_loaded
            parts.tile(
                s.t("To be loaded") if planned else s.t(_OUTCOME_WORDS[outcome]),
                s.short(ended),
                exact=s.count(ended),
                notes=(("", s.t(_OUTCOME_NOTE_WORDS[outcome]), "", ""),),
            )
    with parts.box("rg-grid"):
        with parts.card(s.t("What is in it"), classes="w-6"):
            parts.facts(_found(s, report))
        with parts.card(s.t("How it is read"), classes="w-6"), parts.box("rg-stack"):
            parts.facts(
                (
                    (s.t("Currency"), _with_why(s, report.currency, report.currency_why)),
                    (s.t("Time zone"), _with_why(s, report.timezone, report.timezone_why)),
                    *(
                        (file.name, _with_why(s, say(file.form, s.language), file.layout_title or file.layout))
                        for file in report.files
                    ),
                )
            )
            for line in dict.fromkeys((*report.assumptions, *(notice for file in report.files for notice in file.notices))):
                parts.text(say(line, s.language), "rg-small rg-muted rg-pretty", "p")
        if report.shops:
            with parts.card(s.t("Shops in these files"), flush=True):
                columns = [Column(s.t("Shop")), Column(s.t("Orders"), align="end"), Column(s.t("Rows"), align="end"), Column("")]
                rows = [
                    Row(
                        [
                            Cell(share.name or share.shop_id),
                            Cell(s.count(share.orders)),
                            Cell(s.count(share.rows)),
                            Cell(s.t("will be opened") if share.new else ""),
                        ]
                    )
                    for share in report.shops
                ]
                sheet(columns, rows, caption=s.t("Shops in these files"))
        with parts.card(
            s.t("What the rules say"), s.t("Every row ends in one of four ways; nothing is dropped silently."), flush=True
        ):
            if report.problems:
                problems(s, report.problems)
            else:
                parts.empty("task_alt", s.t("Nothing to remark"), s.t("Every row was read as it stands."))


def _with_why(s: Screen, what: str, why: str) -> str:
    return f"{what} · {say(why, s.language)}" if why else what


def _found(s: Screen, report: LoadReport) -> list[tuple[str, str]]:
    found = report.found
    lines: list[tuple[str, str]] = [(s.t("Kind"), s.word("kind", report.kind))]
    for words, number in (
        (s.t("Orders"), found.orders),
        (s.t("Order lines"), found.order_lines),
        (s.t("Refunds"), found.refunds),
        (s.t("Customers"), found.customers),
        (s.t("Products"), found.products),
        (s.t("Reviews"), found.reviews),
        (s.t("Events"), found.events),
        (s.t("Days of campaigns"), found.cost_days),
        (s.t("Rows about competitors"), found.market_rows),
        (s.t("Cancelled orders"), found.cancelled_orders),
        (s.t("Unpaid orders"), found.unpaid_orders),
    ):
        if number:
            lines.append((words, s.count(number)))
    if found.first_at and found.last_at:
        lines.append((s.t("From"), s.instant(found.first_at)))
        lines.append((s.t("To"), s.instant(found.last_at)))
    if found.gmv is not None:
        lines.append((s.t("GMV"), s.money(found.gmv)))
    if found.spent is not None:
        lines.append((s.t("Spent"), s.money(found.spent)))
    if found.refunded is not None and found.refunded.minor:
        lines.append((s.t("Refunded"), s.money(found.refunded)))
    return lines


def problems(s: Screen, found: tuple[Problem, ...]) -> None:
    """Each rule that rows met, the gravest first."""
    columns = [
        Column(s.t("Outcome")),
        Column(s.t("Rows"), align="end"),
        Column(s.t("What"), width="long"),
        Column(s.t("What to do"), width="long"),
        Column(s.t("Examples"), width="long"),
    ]
    rows = []
    for problem in sorted(found, key=lambda one: (-OUTCOMES.index(one.outcome), -one.rows)):
        says, mend = rule_words(s, problem.rule, problem.says, problem.mend)
        examples = "; ".join(
            s.t("row {row}: {value}", row=s.count(one.row), value=one.value or "–") for one in problem.examples[:3]
        )
        rows.append(
            Row(
                [
                    Cell(s.t(_OUTCOME_WORDS[problem.outcome]), tone=_OUTCOME_TONES[problem.outcome], badge=True),
                    Cell(s.count(problem.rows)),
                    Cell(says),
                    Cell(mend),
                    Cell(examples, tone="faint"),
                ]
            )
        )
    sheet(columns, rows, caption=s.t("What the rules say"), kind="cards")


def rule_words(s: Screen, rule_id: str, says: str, mend: str) -> tuple[str, str]:
    """A rule in the reader's language."""
    rule = RULES.get(rule_id)
    if rule is not None:
        says, mend = rule.words(s.language)
    return _sentence(says), _sentence(mend)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def columns_of(s: Screen, file: FileReport) -> None:
    """Which column stood for which field, of a load that is done."""
    columns = [Column(s.t("Column")), Column(s.t("Stands for")), Column(s.t("Read as"), width="long"), Column(s.t("Found by"))]
    rows = [
        Row(
            [
                Cell(one.column),
                Cell(field_name(s, file.kind, one.field)),
                Cell(_sentence(say(one.reads_as, s.language))),
                Cell(s.word("found by", one.found_by)),
            ]
        )
        for one in file.columns
    ]
    rows += [Row([Cell(name), Cell(s.t("not read"), tone="faint"), Cell(""), Cell("")]) for name in file.unmapped]
    sheet(columns, rows, caption=s.t("Columns of {file}", file=file.name), kind="cards")
