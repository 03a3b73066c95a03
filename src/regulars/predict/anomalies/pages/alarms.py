"""Alarms: metrics that left their interval and are worth money, with the chart, the causes, and what is said of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import quote, unquote

from regulars.console import parts, screen, shell
from regulars.console.charts import Line, Plot, plot_card
from regulars.console.forms import Dialog, text_field
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.errors import NotEnoughData
from regulars.predict import forecast
from regulars.predict.anomalies import service
from regulars.predict.anomalies.answers import Anomaly, State
from regulars.predict.anomalies.bases import BASES
from regulars.predict.anomalies.interval import POINTS
from regulars.predict.anomalies.pages.words import LEVEL_TONES, LEVEL_WORDS
from regulars.predict.anomalies.words import said
from regulars.understand.metrics import METRICS
from regulars.understand.metrics.pages.words import axis_of, number

STATE_WORDS = {"open": "Open", "acknowledged": "Acknowledged", "expected": "Was expected", "muted": "Muted"}
_DAYS = 56


@screen("/anomalies", permission="read_reports", nav="Alarms", icon="crisis_alert", order=30, group="Predict")
def anomalies_page(s: Screen) -> None:
    """Which metrics need a look."""
    tools = shell.head(
        s,
        s.t("Alarms"),
        s.t("Every metric is watched daily; an alarm is outside its interval, on two of three days, and worth money."),
    )
    with tools:
        if s.may("manage_reports"):
            parts.button(s.t("Who is told"), icon="notifications", href=s.url("/alarm-receivers"))
        parts.button(s.t("Why it changed"), icon="travel_explore", href=s.url("/root-cause"))
    with s.records.reading() as uow:
        answer = service.report(uow, s.shop.shop_id)
    if answer.anomalies:
        _table(s, answer.anomalies)
    else:
        with parts.card():
            parts.empty("task_alt", s.t("No alarm"), s.t("No metric has left its interval by enough to matter."))
    language = "zh" if s.language == "zh" else "en"
    with parts.card(s.t("Not watched"), s.t("Metrics that raise no alarm, and why")), parts.box("rg-stack"):
        why: dict[str, list[str]] = {}
        for one in answer.not_watched:
            why.setdefault(one.because[language], []).append(METRICS[one.metric].title[language])
        for because, titles in why.items():
            parts.text(
                s.t("{metrics}: {because}", metrics=("、" if language == "zh" else ", ").join(titles), because=because),
                "rg-small rg-pretty",
                "p",
            )


def _table(s: Screen, found: Sequence[Anomaly]) -> None:
    columns = [
        Column(s.t("Metric")),
        Column(s.t("Level")),
        Column(s.t("Money effect"), align="end", hint=s.t("Of the days outside, against what was expected")),
        Column(s.t("That day"), align="end"),
        Column(s.t("Expected value"), align="end"),
        Column(s.t("Cause"), width="long"),
        Column(s.t("State")),
    ]
    rows = []
    for one in found:
        causes = one.causes.get(s.language, ())
        rows.append(
            Row(
                [
                    Cell(METRICS[one.metric].title[s.language], href=_address(s, one), sub=s.day(one.day)),
                    Cell(s.t(LEVEL_WORDS[one.level]), badge=True, tone=LEVEL_TONES[one.level]),
                    Cell(s.money(one.effect)),
                    Cell(said(one.value, one.unit)),
                    Cell(said(one.expected, one.unit)),
                    Cell(causes[1] if len(causes) > 1 else s.t("No cause found")),
                    Cell(s.t(STATE_WORDS[one.state])),
                ],
                href=_address(s, one),
            )
        )
    with parts.card(flush=True):
        sheet(columns, rows, caption=s.t("Alarms"), kind="cards")


def _address(s: Screen, one: Anomaly) -> str:
    return s.url("/anomalies/" + quote(one.anomaly_id))


@screen("/anomalies/{anomaly_id}", permission="read_reports", title="Alarm", parent="/anomalies")
def anomaly_page(s: Screen) -> None:
    """One alarm."""
    with s.records.reading() as uow:
        one = service.get(uow, s.shop.shop_id, unquote(s.path["anomaly_id"]))
    s.currency = one.effect.currency
    tools = shell.head(s, METRICS[one.metric].title[s.language], s.day(one.day), back=(s.t("Alarms"), s.url("/anomalies")))
    with tools:
        if one.metric in BASES:
            first = (one.day - timedelta(days=POINTS - 1)).isoformat()
            asked: dict[str, Any] = {"metric": one.metric, "from": first, "to": one.day.isoformat()}
            parts.button(s.t("Why it changed"), icon="travel_explore", href=s.url("/root-cause", **asked))
        if s.may("manage_reports"):
            parts.button(s.t("Acknowledge"), _answer(s, one, "acknowledged"), icon="done")
            parts.button(s.t("Was expected"), lambda: _expected(s, one), icon="event_available")
            parts.button(s.t("Mute for 14 days"), _answer(s, one, "muted"), icon="notifications_off")
    with parts.box("rg-tiles"):
        between = s.t("between {low} and {high}", low=said(one.low, one.unit), high=said(one.high, one.unit))
        parts.tile(s.t("That day"), said(one.value, one.unit))
        parts.tile(s.t("Expected value"), said(one.expected, one.unit), notes=[("", between, "", "")])
        parts.tile(s.t("Money effect"), s.short_money(one.effect), exact=s.money(one.effect))
        parts.tile(s.t("State"), s.t(STATE_WORDS[one.state]), notes=[("", one.because or "", "", "")])
    s.load(lambda: _seen(s, one), lambda seen: _chart(s, one, seen))
    if lines := one.causes.get(s.language, ()):
        with parts.card(s.t("Why it changed"), s.t("The last two days against the four weeks before")), parts.box("rg-stack"):
            for line in lines:
                parts.text(line, "rg-pretty", "p")


def _answer(s: Screen, one: Anomaly, state: State, because: str = "") -> Any:
    def keep() -> Anomaly:
        with s.records.unit() as uow:
            return service.answer(uow, s.caller, s.shop.shop_id, one.anomaly_id, state=state, because=because)

    return s.act(keep, lambda _: s.redraw(), permission="manage_reports")


def _expected(s: Screen, one: Anomaly) -> None:
    values: dict[str, Any] = {"because": ""}
    dialog = Dialog(s, s.t("Was expected"))
    with dialog, parts.box("rg-form"):
        text_field(values, "because", s.t("Because"))

    def keep() -> Anomaly:
        with s.records.unit() as uow:
            return service.answer(uow, s.caller, s.shop.shop_id, one.anomaly_id, state="expected", because=values["because"])

    def done(_: Anomaly) -> None:
        dialog.close()
        s.redraw()

    dialog.buttons(s.t("Keep"), s.act(keep, done, permission="manage_reports"))
    dialog.open()


def _seen(s: Screen, one: Anomaly) -> tuple[forecast.ForecastAnswer, forecast.ForecastAnswer] | None:
    """The days up to the alarm, and what was expected of its last three without seeing them."""
    try:
        now = forecast.forecast(s.warehouse, s.shop, one.metric, days=1, last_on=one.day)
        then = forecast.forecast(s.warehouse, s.shop, one.metric, days=POINTS, share=0.99, last_on=one.day - timedelta(days=POINTS))
    except NotEnoughData:
        return None
    return now, then


def _chart(s: Screen, one: Anomaly, seen: tuple[forecast.ForecastAnswer, forecast.ForecastAnswer] | None) -> None:
    if seen is None:
        return
    metric = METRICS[one.metric]
    past = seen[0].past[-_DAYS:]
    expected = {day.day: day for day in seen[1].days}

    def line(name: str, title: str) -> Line:
        found = [getattr(expected[each.day], name) if each.day in expected else None for each in past]
        words = [said(value, one.unit) if value is not None else "" for value in found]
        return Line(title, [number(value) for value in found], words, color=1, faint=name != "expected")

    lines = [
        Line(
            metric.title[s.language], [number(each.value) for each in past], [said(each.value, one.unit) for each in past], color=0
        ),
        line("expected", s.t("Expected value")),
        line("low", s.t("At least")),
        line("high", s.t("At most")),
    ]
    plot = Plot(metric.title[s.language], [s.day(each.day) for each in past], s.t("Day"), lines, axis_of(metric))
    plot_card(s, plot, note=s.t("The last days with the interval that holds 99% of days"), height="tall")
