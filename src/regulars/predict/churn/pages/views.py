"""Why they leave: satisfaction, product quality, service experience, brand and price; and what leavers answered."""

from __future__ import annotations

from urllib.parse import urlencode

from regulars.console import parts, screen, shell
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.predict.churn.answers import Views, ViewSum
from regulars.predict.churn.pages.dialogs import run_words
from regulars.predict.churn.views import BEHIND_DAYS, views
from regulars.predict.churn.words import REASON_NAMES, word


@screen("/churn/views", permission="read_reports", title="Why they leave", parent="/churn")
def churn_views_page(s: Screen) -> None:
    """The four views."""
    note = s.t("What the warned customers' reasons say about the shop, and what stands behind it.")
    place = shell.head(s, s.t("Why they leave"), note, back=(s.t("Churn warnings"), s.url("/churn")))

    def show(answer: Views) -> None:
        if answer.run is None:
            with parts.card():
                parts.empty("hourglass_empty", s.t("Nobody has been judged yet"), s.t("Reasons follow with the first run."))
            return
        s.currency = answer.run.currency
        if s.may("export"):
            with place:
                asked = {"format": "csv", "shop": s.shop.shop_id, "lang": s.language}
                parts.button(s.t("Export CSV"), icon="download", href="/v1/churn/views?" + urlencode(asked))
        _answer(s, answer)

    s.load(lambda: views(s.warehouse, s.shop, language=s.language), show, skeleton="page")


def _answer(s: Screen, answer: Views) -> None:
    assert answer.run is not None
    with parts.box("rg-tiles"):
        for view in answer.views:
            parts.tile(
                view.name,
                s.short(view.customers),
                exact=s.count(view.customers),
                href=s.url("/churn", view=view.view) if s.may("read_customers") else "",
                notes=(
                    ("", s.t("{amount} expected loss", amount=s.short_money(view.expected_loss)), "", s.money(view.expected_loss)),
                    ("", s.t("{share} of the warned", share=s.share(view.share, 0)), "", ""),
                ),
            )
    parts.text(
        s.t(
            "Of {n} warned customers {m} show no cause in the data, only that they have gone quiet.",
            n=s.count(answer.warned),
            m=s.count(answer.without_cause),
        ),
        "rg-small rg-muted rg-pretty",
        "p",
    )
    with parts.box("rg-grid"):
        for view in answer.views:
            _view(s, view)
    _survey(s, answer)
    parts.text(run_words(s, answer.run), "rg-small rg-faint", "p")


def _view(s: Screen, view: ViewSum) -> None:
    with parts.card(view.name, flush=True, classes="w-6"):
        rows = [
            Row(
                [
                    Cell(one.name),
                    Cell(s.count(one.customers)),
                    Cell(s.money(one.expected_loss)),
                    Cell(s.count(one.survey_answers)),
                ]
            )
            for one in view.groups
        ]
        columns = [
            Column(s.t("Reason")),
            Column(s.t("Customers"), align="end"),
            Column(s.t("Expected loss"), align="end"),
            Column(s.t("Said in surveys"), align="end", hint=s.t("Leavers who answered so")),
        ]
        sheet(columns, rows, caption=view.name)
        if view.behind:
            _behind(s, view)


def _behind(s: Screen, view: ViewSum) -> None:
    names = {"product": s.t("Product"), "category": s.t("Category"), "seller": s.t("Seller")}
    columns = [
        Column(
            s.t("Behind it"), hint=s.t("Bought more often by these customers than by all, last {n} days", n=s.count(BEHIND_DAYS))
        ),
        Column(s.t("Customers"), align="end"),
        Column(s.t("As often as all"), align="end"),
        Column(s.t("Returned"), align="end", width="drop"),
        Column(s.t("Rating"), align="end", width="drop"),
    ]
    rows = [
        Row(
            [
                Cell(one.name, sub=names[one.dimension]),
                Cell(s.count(one.customers)),
                Cell(f"{one.lift:.1f} ×"),
                Cell(s.count(one.refunds)),
                Cell("–" if one.mean_rating is None else f"{one.mean_rating:.1f}"),
            ]
        )
        for one in view.behind
    ]
    sheet(columns, rows, caption=s.t("Behind it"))


def _survey(s: Screen, answer: Views) -> None:
    with parts.card(
        s.t("What leavers say"), s.t("Answers to your survey: the event Survey Answered with a reason, last {n} days.", n=s.count(BEHIND_DAYS)),
        flush=True,
    ):  # fmt: skip
        if not answer.survey:
            parts.empty(
                "rule",
                s.t("No answers yet"),
                s.t("Send Survey Answered with a reason, and answers are counted beside the model's reasons."),
            )
            return
        rows = [
            Row(
                [
                    Cell(one.answer),
                    Cell(word(REASON_NAMES, one.group, s.language) if one.group else "–"),
                    Cell(s.count(one.customers)),
                ]
            )
            for one in answer.survey
        ]
        columns = [Column(s.t("Answer"), width="long"), Column(s.t("Taken as")), Column(s.t("Customers"), align="end")]
        sheet(columns, rows, caption=s.t("What leavers say"))
