"""How good the warnings are: the model at past cut-offs, and what support says of them."""

from __future__ import annotations

from regulars.console import forms, parts, screen, shell
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.predict.churn import feedback, reading
from regulars.predict.churn.answers import Judged, Quality
from regulars.predict.churn.feedback import Feedback
from regulars.predict.churn.pages.dialogs import INSTANT
from regulars.predict.churn.words import LEVEL_NAMES, REASON_NAMES, word

_SHOWN = 50


@screen("/churn/quality", permission="read_customers", title="How good the warnings are", parent="/churn")
def churn_quality_page(s: Screen) -> None:
    """Figures at past cut-offs, and what support says."""
    note = s.t("What the model would have said at past cut-offs, against what came; and what support says of its warnings.")
    shell.head(s, s.t("How good the warnings are"), note, back=(s.t("Churn warnings"), s.url("/churn")))

    def ask() -> tuple[Quality, list[Feedback]]:
        with s.records.reading() as uow:
            found = reading.quality(uow, s.warehouse, s.shop, language=s.language)
            said = feedback.listing(uow, s.shop.shop_id, limit=_SHOWN, language=s.language)
        return found, said

    s.load(ask, lambda answers: _answer(s, *answers), skeleton="page")


def _answer(s: Screen, found: Quality, said: list[Feedback]) -> None:
    with parts.box("rg-tiles"):
        parts.tile(
            s.t("Ranking (AUC)"),
            "–" if found.auc is None else f"{found.auc:.3f}",
            notes=(("", s.t("0.5 is a coin, 1 knows everything"), "", ""),),
        )
        parts.tile(
            s.t("Error of the probability (Brier)"),
            "–" if found.brier is None else f"{found.brier:.3f}",
            notes=(("", s.t("0.25 says 50 % of everybody"), "", ""),),
        )
        parts.tile(
            s.t("Said against seen (ECE)"),
            "–" if found.ece is None else s.share(found.ece),
            notes=(("", s.t("mean distance of said and seen shares"), "", ""),),
        )
        share = found.contested / found.warned if found.warned else None
        parts.tile(
            s.t("Called wrong by support"),
            s.count(found.contested),
            notes=(("", s.t("of {n} warnings ({share})", n=s.count(found.warned), share=s.share(share)), "", ""),),
        )
    if found.folds:
        _plainly(s, found.folds[-1])
    with parts.box("rg-grid"):
        _folds(s, found)
        _wrong(s, found)
    _said(s, said)


def _plainly(s: Screen, fold: Judged) -> None:
    """The newest closed cut-off in plain words."""
    warned, left = fold.warned_left + fold.warned_stayed, fold.warned_left + fold.missed
    lost = fold.warned_left_margin.minor + fold.missed_margin.minor
    with (
        parts.card(
            s.t("In plain words"),
            s.t("Had everybody been judged on {day}, knowing only what was known then:", day=s.day(fold.as_of - INSTANT)),
        ),
        parts.box("rg-stack"),
    ):
        for line in (
            s.t(
                "Of {n} warned customers {left} left and {stayed} stayed.",
                n=s.count(warned),
                left=s.count(fold.warned_left),
                stayed=s.count(fold.warned_stayed),
            ),
            s.t("{missed} of the {left} who left had not been warned of.", missed=s.count(fold.missed), left=s.count(left)),
            s.t(
                "Of the yearly margin that left with them, {share} had been warned of ({amount}).",
                share=s.share(fold.warned_left_margin.minor / lost if lost else None, 0),
                amount=s.money(fold.warned_left_margin),
            ),
        ):
            parts.text(line, "rg-pretty", "p")


def _folds(s: Screen, found: Quality) -> None:
    with parts.card(s.t("At past cut-offs"), s.t("Models that knew only what came before."), flush=True, classes="w-12"):
        if not found.folds:
            parts.empty(
                "hourglass_empty", s.t("No past cut-off yet"), s.t("The history is too short, or no model has been learned.")
            )
            return
        columns = [
            Column(s.t("Cut-off")),
            Column(s.t("Customers"), align="end"),
            Column(s.t("Share that left"), align="end"),
            Column("AUC", align="end"),
            Column("Brier", align="end"),
            Column("ECE", align="end", width="drop"),
            Column(s.t("Warned and left"), align="end"),
            Column(s.t("Warned and stayed"), align="end"),
            Column(s.t("Left unwarned"), align="end"),
            Column(s.t("Top tenth"), align="end", hint=s.t("How many times the usual churn the riskiest tenth has")),
        ]
        rows = [
            Row(
                [
                    Cell(s.day(fold.as_of - INSTANT)),
                    Cell(s.count(fold.customers)),
                    Cell(s.share(fold.churn_rate, 0)),
                    Cell("–" if fold.auc is None else f"{fold.auc:.3f}"),
                    Cell(f"{fold.brier:.3f}"),
                    Cell(f"{fold.ece:.3f}"),
                    Cell(s.count(fold.warned_left), sub=s.short_money(fold.warned_left_margin)),
                    Cell(s.count(fold.warned_stayed)),
                    Cell(s.count(fold.missed), sub=s.short_money(fold.missed_margin)),
                    Cell("–" if fold.top_decile_lift is None else f"{fold.top_decile_lift:.2f} ×"),
                ]
            )
            for fold in found.folds
        ]
        sheet(columns, rows, caption=s.t("At past cut-offs"))


def _wrong(s: Screen, found: Quality) -> None:
    with parts.card(s.t("Why warnings were wrong"), flush=True, classes="w-12"):
        if not found.wrong:
            parts.empty("rule", s.t("Nobody has objected"), s.t("Support can say of each warning why it was wrong."))
            return
        rows = [Row([Cell(one.name), Cell(s.count(one.times))]) for one in found.wrong]
        sheet(
            [Column(s.t("Reason"), width="long"), Column(s.t("Times"), align="end")], rows, caption=s.t("Why warnings were wrong")
        )


def _said(s: Screen, said: list[Feedback]) -> None:
    if not said:
        return
    with parts.card(s.t("What support said"), s.t("The newest {n}.", n=s.count(len(said))), flush=True) as card:
        _sheet(s, said, {})
    if s.may("see_personal_data") and any(one.has_text for one in said):
        with card.foot():
            parts.button(
                s.t("Show the words"), s.act(lambda: _words(s, said), lambda words: _shown(s, said, words)), icon="visibility"
            )


def _words(s: Screen, said: list[Feedback]) -> dict[str, str]:
    with s.records.unit() as uow:
        return feedback.words_of(uow, s.caller, s.shop.shop_id, [one.feedback_id for one in said if one.has_text])


def _shown(s: Screen, said: list[Feedback], words: dict[str, str]) -> None:
    dialog = forms.Dialog(s, s.t("What support said"), wide=True)
    with dialog:
        _sheet(s, [one for one in said if one.has_text], words)
    dialog.open()


def _sheet(s: Screen, said: list[Feedback], words: dict[str, str]) -> None:
    columns = [
        Column(s.t("Customer")),
        Column(s.t("Warning")),
        Column(s.t("Wrong because"), width="long"),
        Column(s.t("When"), align="end"),
    ]
    rows = [
        Row(
            [
                Cell(one.customer_id, href=s.customer_url(one.customer_id)),
                Cell(word(LEVEL_NAMES, one.level, s.language), sub=word(REASON_NAMES, one.cause or "rhythm", s.language)),
                Cell(one.wrong_because_name, sub=words.get(one.feedback_id, "")),
                Cell(s.day(one.said_at)),
            ],
            key=one.feedback_id,
        )
        for one in said
    ]
    sheet(columns, rows, caption=s.t("What support said"))
