"""Why did it change: any searchable metric, a period against the one before, with parts, effects and explanations."""

from __future__ import annotations

from regulars.console import parts, screen
from regulars.console.history import report_page
from regulars.console.parts import Tone
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.errors import NotEnoughData
from regulars.predict.anomalies import service
from regulars.predict.anomalies.bases import BASES
from regulars.predict.anomalies.domain import RootCause
from regulars.predict.anomalies.words import part, said
from regulars.understand import metrics
from regulars.understand.metrics import METRICS
from regulars.values.periods import Period

FINDING_WORDS = {"found": "Found", "not_found": "Not found", "no_data": "No data"}
HYPOTHESIS_WORDS = {
    "own_price": "Own price change",
    "competitor": "Competitor's offer",
    "stock": "Stock-out",
    "traffic": "Traffic source",
    "discounts": "Discounts",
    "holiday": "Holiday",
}
_TONES: dict[str, Tone] = {"found": "warn", "not_found": "good", "no_data": ""}


@screen("/root-cause", permission="read_reports", title="Why it changed", parent="/anomalies")
def root_cause_page(s: Screen) -> None:
    """Where the change of a metric lies, and what explains it."""
    report_page(
        s,
        s.t("Why it changed"),
        s.t("A period against as many days just before it: where the change lies, and which explanations the data bear out."),
        lambda: metrics.data_span(s.warehouse, s.shop),
        lambda period: _view(s, period),
        usual="30d",
        back=(s.t("Alarms"), s.url("/anomalies")),
    )


def _view(s: Screen, period: Period) -> None:
    name = s.choice("metric", tuple(BASES), "item_revenue")
    with parts.box("rg-filters"):
        parts.select(
            s.t("Metric"), ((one, METRICS[one].title[s.language]) for one in BASES), name, lambda value: s.go(metric=value)
        )
    s.load(lambda: _asked(s, name, period), lambda answer: _shown(s, answer), skeleton="page")


def _asked(s: Screen, name: str, period: Period) -> RootCause | NotEnoughData:
    try:
        return service.root_cause(s.warehouse, s.shop, name, period)
    except NotEnoughData as error:
        return error


def _shown(s: Screen, answer: RootCause | NotEnoughData) -> None:
    if isinstance(answer, NotEnoughData):
        with parts.card():
            parts.empty("hourglass_empty", *s.error_words(answer))
        return
    lines = answer.text["zh" if s.language == "zh" else "en"]
    against = s.t("against {span}", span=s.span(answer.before.start_on, answer.before.last_on))
    with parts.card(METRICS[answer.metric].title[s.language], against), parts.box("rg-stack"):
        for line in lines:
            parts.text(line, "rg-pretty", "p")
    if answer.causes:
        columns = [
            Column(s.t("Which part")),
            Column(s.t("Share of the change"), align="end"),
            Column(s.t("Had it gone as before"), align="end"),
            Column(s.t("In this period"), align="end"),
        ]
        rows = [
            Row(
                [
                    Cell(part(one, s.language)),
                    Cell(s.share(one.share), bar=min(max(one.share, 0.0), 1.0)),
                    Cell(said(one.expected, answer.unit)),
                    Cell(said(one.actual, answer.unit)),
                ]
            )
            for one in answer.causes
        ]
        with parts.card(s.t("Where the change lies"), flush=True):
            sheet(columns, rows, caption=s.t("Where the change lies"), kind="cards")
    columns = [Column(s.t("Explanation")), Column(s.t("Finding")), Column(s.t("Evidence"), width="long")]
    rows = [
        Row(
            [
                Cell(s.t(HYPOTHESIS_WORDS[one.name])),
                Cell(s.t(FINDING_WORDS[one.finding]), badge=True, tone=_TONES[one.finding]),
                Cell(one.text["zh" if s.language == "zh" else "en"]),
            ]
        )
        for one in answer.hypotheses
    ]
    with parts.card(s.t("Explanations checked"), flush=True):
        sheet(columns, rows, caption=s.t("Explanations checked"), kind="cards")
