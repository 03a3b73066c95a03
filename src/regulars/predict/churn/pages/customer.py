"""A customer's own page: the warning with its reasons, the changes of level, and what support said."""

from __future__ import annotations

from urllib.parse import unquote

from regulars.collect import identity
from regulars.console import panel, parts
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.predict.churn import reading
from regulars.predict.churn.answers import CustomerRisk, LevelChange, Warned
from regulars.predict.churn.levels import WARNING
from regulars.predict.churn.pages.dialogs import TONES, contest, run_words


@panel("customer", permission="read_customers", order=10)
def customer_risk_panel(s: Screen) -> None:
    """Why this customer may leave, and what to do."""
    customer_id = unquote(s.path["customer_id"])

    def ask() -> CustomerRisk:
        with s.records.reading() as uow:
            now = identity.customer_of(uow, s.shop.shop_id, customer_id)
            return reading.customer_risk(uow, s.warehouse, s.shop, now, language=s.language)

    s.load(ask, lambda found: _risk(s, found), skeleton="none")


def _risk(s: Screen, found: CustomerRisk) -> None:
    if found.run is None or (found.risk is None and not found.changes):
        return
    with parts.card(s.t("Churn warning"), run_words(s, found.run)) as card, parts.box("rg-stack"):
        if found.risk is None:
            parts.text(found.reason or "", "rg-muted rg-pretty", "p")
        else:
            _level(s, found.risk)
        if found.feedback:
            said = found.feedback[0]
            parts.text(
                s.t("Support said on {day}: {words}", day=s.day(said.said_at), words=said.wrong_because_name),
                "rg-small rg-muted",
                "p",
            )
        if len(found.changes) > 1:
            _changes(s, list(found.changes))
    if found.risk is not None and found.risk.level in WARNING:
        risk = found.risk
        with card.tools:
            parts.button(s.t("Wrong?"), lambda: contest(s, risk), icon="flag", kind="quiet")


def _level(s: Screen, risk: Warned) -> None:
    with parts.box("rg-row").style("flex-wrap: wrap; gap: 8px"):
        parts.badge(risk.level_name, TONES[risk.level])
        words = s.t(
            "{share} chance of leaving, {amount} expected loss",
            share=s.share(risk.probability, 0),
            amount=s.money(risk.expected_loss),
        )
        parts.text(words, "rg-num")
        if risk.level in WARNING:
            parts.text(s.t("since {day}", day=s.day(risk.since_on)), "rg-small rg-faint")
    for one in risk.reasons:
        with parts.box():
            kind = s.t("symptom") if one.is_symptom else s.t("cause")
            parts.text(f"{one.name} · {kind}", "rg-small rg-faint", "div")
            parts.text(one.text, "rg-pretty", "div")
            parts.text(one.action, "rg-small rg-muted rg-pretty", "div")


def _changes(s: Screen, changes: list[LevelChange]) -> None:
    rows = [
        Row(
            [
                Cell(s.day(one.day)),
                Cell(one.level_name, tone=TONES[one.level], badge=True),
                Cell("–" if one.expected_loss is None else s.money(one.expected_loss)),
            ]
        )
        for one in changes[:10]
    ]
    columns = [Column(s.t("Day")), Column(s.t("Level")), Column(s.t("Expected loss"), align="end")]
    sheet(columns, rows, caption=s.t("Changes of level"))
