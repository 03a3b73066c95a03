"""Forecast: any metric in the days to come, with its interval, the holidays in it, and how right such forecasts were."""

from __future__ import annotations

from urllib.parse import urlencode

from regulars.console import parts, screen, shell
from regulars.console.charts import ChartCard
from regulars.console.history import no_orders
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.errors import NotEnoughData
from regulars.predict.forecast import service
from regulars.predict.forecast.domain import ForecastAnswer, ForecastScore
from regulars.predict.forecast.pages.fan import fan
from regulars.understand import metrics
from regulars.understand.metrics import DAILY_METRICS, METRICS, Value
from regulars.understand.metrics.pages.words import brief, full, said

_DAYS = (7, 14, 28, 56, 91)
_SHARES = ("0.5", "0.8", "0.95")
CALENDAR_WORDS = {"chinese": "Chinese holidays", "western": "Western holidays", "none": "No holidays"}


@screen("/forecast", permission="read_reports", nav="Forecast", icon="trending_up", order=25, group="Predict")
def forecast_page(s: Screen) -> None:
    """Any metric in the days to come."""
    tools = shell.head(
        s, s.t("Forecast"), s.t("What may be expected of a metric day by day, how sure that is, and how right it was so far.")
    )

    def show(span: metrics.DataSpan) -> None:
        s.currency = span.currency
        if span.empty:
            no_orders(s)
            return
        name = s.choice("metric", DAILY_METRICS, "net_revenue")
        days = int(s.choice("days", tuple(str(one) for one in _DAYS), "28"))
        share = float(s.choice("share", _SHARES, "0.8"))
        if s.may("export"):
            asked = {"format": "csv", "shop": s.shop.shop_id, "metric": name, "days": days, "share": share}
            with tools:
                parts.button(s.t("Export CSV"), icon="download", href="/v1/forecasts?" + urlencode(asked))
        with parts.box("rg-filters"):
            parts.select(
                s.t("Metric"),
                ((one, said(s, METRICS[one].title)) for one in DAILY_METRICS),
                name,
                lambda value: s.go(metric=value),
            )
            parts.segmented(
                s.t("Days ahead"), ((str(one), s.count(one)) for one in _DAYS), str(days), lambda value: s.go(days=value)
            )
            parts.segmented(
                s.t("Width of the interval"),
                ((one, s.share(float(one))) for one in _SHARES),
                str(share),
                lambda value: s.go(share=value),
            )
        s.load(lambda: _asked(s, name, days, share), lambda answer: _shown(s, answer), skeleton="page")

    s.load(lambda: metrics.data_span(s.warehouse, s.shop), show, skeleton="page")


def _asked(s: Screen, name: str, days: int, share: float) -> ForecastAnswer | NotEnoughData:
    try:
        return service.forecast(s.warehouse, s.shop, name, days=days, share=share)
    except NotEnoughData as error:
        return error


def _shown(s: Screen, answer: ForecastAnswer | NotEnoughData) -> None:
    if isinstance(answer, NotEnoughData):
        with parts.card():
            parts.empty("hourglass_empty", *s.error_words(answer))
        return
    metric = METRICS[answer.metric]
    s.currency = answer.currency

    def words(value: Value) -> str:
        return full(s, metric, value)

    with parts.box("rg-tiles five" if answer.total is not None else "rg-tiles"):
        if answer.total is not None:
            parts.tile(
                s.plural(len(answer.days), "The next day", "The next {n} days in all"),
                brief(s, metric, answer.total.expected),
                exact=words(answer.total.expected),
                notes=[("", s.t("between {low} and {high}", low=words(answer.total.low), high=words(answer.total.high)), "", "")],
            )
        first = next((one for one in answer.days if one.expected is not None), answer.days[0])  # a ratio has closed days
        parts.tile(
            s.day(first.day),
            brief(s, metric, first.expected),
            exact=words(first.expected),
            notes=[("", s.t("between {low} and {high}", low=words(first.low), high=words(first.high)), "", "")],
        )
        _score_tiles(s, answer.score, answer.share)
    options, table = fan(s, answer)
    ChartCard(
        s,
        said(s, metric.title),
        options,
        table,
        note=s.t(
            "{share} of days are to lie inside; {calendar}, history from {day}",
            share=s.share(answer.share),
            calendar=s.t(CALENDAR_WORDS[answer.calendar]),
            day=s.day(answer.history_from),
        ),
        height="tall",
    )
    _holidays(s, answer)
    with parts.card(s.t("How this is worked out")), parts.box("rg-stack"):
        for line in (
            s.t(
                "A day is the level, times its weekday, times the holiday it falls on. Holidays not seen in the history change nothing."
            )
            if answer.method == "weekday_level"
            else s.t("The history is too short for the shape of a week: every day is expected at the level of the latest ones."),
            s.t("The interval is made of the errors that such forecasts made before, each without knowing what came later."),
            s.t("An error against last week below 1 means: nearer than taking the same weekday of a week ago."),
        ):
            parts.text(line, "rg-small rg-muted rg-pretty", "p")


def _score_tiles(s: Screen, score: ForecastScore, share: float) -> None:
    checked = s.plural(score.folds, "checked once", "checked {n} times, {days} days each", days=score.days)
    parts.tile(
        s.t("Usual error"),
        s.share(score.wape),
        notes=[("", checked, "", "")],
    )
    parts.tile(
        s.t("Error against last week"),
        "–" if score.mase is None else s.count(round(score.mase, 2)),
        notes=[
            (
                "",
                "" if score.naive_mase is None else s.t("the naive way: {value}", value=s.count(round(score.naive_mase, 2))),
                "",
                "",
            )
        ],
    )
    parts.tile(
        s.t("Days inside the interval"),
        s.share(score.coverage),
        notes=[("", s.t("meant to be {share}", share=s.share(share)), "", "")],
    )


def _holidays(s: Screen, answer: ForecastAnswer) -> None:
    coming = {one.day for one in answer.days}
    marked = [one for one in answer.holidays if any(day in coming for day in one.days)]
    if not marked:
        return
    columns = [Column(s.t("Holiday")), Column(s.t("On days")), Column(s.t("What it did before"), align="end"), Column(s.t("Seen"))]
    rows = [
        Row(
            [
                Cell(said(s, one.title)),
                Cell(s.span(one.days[0], one.days[-1])),
                Cell(s.change(one.effect) if one.effect is not None else "–"),
                Cell(s.plural(one.years, "once", "{n} times") if one.years else s.t("not in this history")),
            ]
        )
        for one in marked
    ]
    with parts.card(s.t("Holidays ahead"), flush=True):
        sheet(columns, rows, caption=s.t("Holidays ahead"), kind="cards")
