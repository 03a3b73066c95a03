"""Models: which one answers, how good it was, whether it still fits, and the one before brought back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from regulars.console import parts, screen, shell
from regulars.console.forms import Dialog, choice_field, text_field
from regulars.console.parts import Tone
from regulars.console.sheet import Cell, Column, Row, sheet
from regulars.console.view import Screen
from regulars.predict import snapshots
from regulars.predict.models import service, words
from regulars.predict.models.domain import (
    NOTHING_TO_COMPARE,
    RETRAIN_PSI,
    WATCH_PSI,
    ModelAnswer,
    ModelCard,
    ModelCheck,
    Models,
    ModelVersion,
)
from regulars.registry import FIRST
from regulars.understand.metrics import METRICS, Value
from regulars.values.money import Money

_JUDGEMENT_WORDS = {
    "unknown": "Not checked yet",
    "steady": "Still fits",
    "watch": "Worth a look",
    "retrain": "Needs a new model",
}
_JUDGEMENT_TONES: dict[str, Tone] = {"unknown": "", "steady": "good", "watch": "warn", "retrain": "bad"}
_STATE_WORDS = {"champion": "Answers", "challenger": "Waits", "retired": "Retired"}
_STATE_TONES: dict[str, Tone] = {"champion": "good", "challenger": "info", "retired": ""}
_WHY_WORDS = {FIRST: "the first of its name", NOTHING_TO_COMPARE: "nothing to compare by: the newer one has seen more"}
_CAME_WORDS = {
    "customers": "Of {n} customers scored on {day}, {forecast} were expected to leave and {came} did; chance allows {low} to {high}.",
    "days": "Of the {n} days from {day} on, {forecast} were to lie inside the interval and {came} did; chance allows {low} to {high}.",
}
_ACT_WORDS = {"first": "The first of its name", "promoted": "Took over", "rolled_back": "Brought back"}


@screen("/models", permission="read_reports", nav="Models", icon="model_training", order=40, group="Predict")
def models_page(s: Screen) -> None:
    """The champion of every model."""
    shell.head(
        s, s.t("Models"), s.t("What was learned from the shop's past, how good it was there, and whether it still fits today.")
    )

    def ask() -> Models:
        with s.records.reading() as uow:
            return service.listing(uow, s.shop.shop_id, language=s.language)

    s.load(ask, lambda found: _champions(s, found), skeleton="table")


def _champions(s: Screen, found: Models) -> None:
    if not found.models:
        with parts.card():
            parts.empty(
                "model_training",
                s.t("Nothing learned yet"),
                s.t("Models learn every night from the orders that are loaded. They need customers whose outcome is known."),
                action=s.t("Load orders"),
                href=s.url("/data"),
            )
        return
    columns = [
        Column(s.t("Model"), width="long"),
        Column(s.t("Today")),
        Column(s.t("Version"), align="end"),
        Column(s.t("Nothing seen after")),
        Column(s.t("Learned by"), width="long"),
        Column(s.t("Backtest"), width="long"),
    ]
    rows = [
        Row(
            [
                Cell(one.title, sub=one.tells, href=s.url(f"/models/{one.model}")),
                Cell(s.t(_JUDGEMENT_WORDS[one.judgement]), tone=_JUDGEMENT_TONES[one.judgement], badge=True),
                Cell(s.count(one.version.number)),
                Cell(s.day(one.version.as_of)),
                Cell(one.version.method),
                Cell(" · ".join(f"{score.label} {score.text}" for score in one.version.scores[:2]) or "–"),
            ],
            href=s.url(f"/models/{one.model}"),
        )
        for one in found.models
    ]
    with parts.card(flush=True):
        sheet(columns, rows, caption=s.t("Models"), kind="cards")


@screen("/models/{model}", permission="read_reports", title="Model", parent="/models")
def model_page(s: Screen) -> None:
    """One model's card."""
    model = unquote(s.path["model"])
    tools = shell.head(s, words.title(model, s.language), words.tells(model, s.language), back=(s.t("Models"), s.url("/models")))
    with tools:
        place = parts.box("rg-row")

    def ask() -> ModelAnswer:
        with s.records.reading() as uow:
            return service.card(uow, s.shop.shop_id, model, language=s.language)

    def show(answer: ModelAnswer) -> None:
        place.clear()
        if s.may("manage_models") and any(one.before is not None for one in answer.changes):
            with place:
                parts.button(s.t("Roll back"), lambda: _roll_back(s, answer), icon="undo")
        _whole(s, answer)

    s.load(ask, show, skeleton="page")


def _whole(s: Screen, answer: ModelAnswer) -> None:
    card = answer.card
    _tiles(s, card)
    with parts.box("rg-grid"):
        with parts.box("w-6"):
            _about(s, answer)
        with parts.box("w-6"):
            _today(s, answer)
    _by_metric(s, answer)
    _folds(s, answer)
    _versions(s, answer)
    _changes(s, answer)


def _tiles(s: Screen, card: ModelCard) -> None:
    with parts.box("rg-tiles"):
        for score in card.version.scores:
            tile = parts.tile(score.label, score.text)
            tile.props["title"] = score.meaning


def _about(s: Screen, answer: ModelAnswer) -> None:
    version = answer.card.version
    told = [
        (s.t("Version"), s.count(version.number)),
        (s.t("Nothing seen after"), s.instant(version.as_of)),
        (s.t("Learned on"), s.instant(version.made_at)),
        (s.t("Learned by"), version.method),
        (s.t("Rows learned from"), s.count(version.trained_on)),
        *((s.word("model setting", name), _plain(s, value)) for name, value in answer.settings.items() if _short(value)),
        *((s.word("model fact", name), _plain(s, value)) for name, value in answer.facts.items() if _short(value)),
        (s.t("Fingerprint of the data"), answer.fingerprint[:12]),
    ]
    with parts.card(s.t("Card"), s.t("The same data and settings give the same model, byte by byte.")):
        parts.facts(told)


def _short(value: Any) -> bool:
    return isinstance(value, str | int | float | bool) and len(str(value)) <= 60


def _plain(s: Screen, value: Any) -> str:
    if isinstance(value, bool):
        return s.t("yes") if value else s.t("no")
    return s.count(value) if isinstance(value, int) else f"{value:g}" if isinstance(value, float) else str(value)


def _today(s: Screen, answer: ModelAnswer) -> None:
    newest = next((one for one in answer.checks if one.number == answer.card.version.number), None)
    with parts.card(s.t("Does it still fit?"), flush=newest is not None and bool(newest.moved)) as card:
        if newest is None:
            parts.empty(
                "monitor_heart",
                s.t("Not checked yet"),
                s.t("Every nightly run compares the shop of today with what the model learned from."),
            )
        else:
            _drift(s, newest)
    with card.tools:
        parts.badge(s.t(_JUDGEMENT_WORDS[answer.card.judgement]), _JUDGEMENT_TONES[answer.card.judgement])


def _drift(s: Screen, newest: ModelCheck) -> None:
    if newest.realised is not None:
        came, counted = newest.realised, "days" if newest.metrics else "customers"
        words_ = s.t(
            _CAME_WORDS[counted],
            n=s.count(came.customers),
            day=s.day(came.as_of),
            forecast=s.share(came.forecast),
            came=s.share(came.came),
            low=s.share(came.low),
            high=s.share(came.high),
        )
        parts.notice(words_, tone="warn" if came.outside else "good")
    psis = ([(s.t("The score itself"), newest.score_psi)] if newest.score_psi is not None else []) + [
        (snapshots.meaning(name, s.language), index) for name, index in newest.moved[:8]
    ]
    if not psis:
        return
    top = max(max(index for _, index in psis), RETRAIN_PSI)
    rows = [
        Row(
            [
                Cell(name),
                Cell(f"{index:.3f}", bar=index / top, tone="bad" if index >= RETRAIN_PSI else "warn" if index >= WATCH_PSI else ""),
            ]
        )
        for name, index in psis
    ]
    columns = [
        Column(s.t("What has moved")),
        Column(s.t("Index"), align="end", hint=s.t("Population stability index; 0.1 is worth a look, 0.25 a new model")),
    ]
    sheet(columns, rows, caption=s.t("What has moved"))


def _by_metric(s: Screen, answer: ModelAnswer) -> None:
    newest = next((one for one in answer.checks if one.number == answer.card.version.number and one.metrics), None)
    if newest is None or newest.realised is None:
        return
    columns = [
        Column(s.t("Metric"), width="long"),
        Column(s.t("Forecast of a day"), align="end"),
        Column(s.t("Came"), align="end"),
        Column(s.t("Error as a share"), align="end"),
        Column(s.t("Days inside the interval"), align="end"),
    ]
    rows = [
        Row(
            [
                Cell(one.title, href=s.url("/forecast", metric=one.metric)),
                Cell(_of_metric(s, one.metric, one.expected)),
                Cell(_of_metric(s, one.metric, one.came)),
                Cell("–" if one.off is None else s.share(one.off)),
                Cell(s.share(one.inside), bar=one.inside),
            ]
        )
        for one in newest.metrics
    ]
    span = s.t("{days} days from {day} on", days=s.count(newest.realised.customers), day=s.day(newest.realised.as_of))
    with parts.card(s.t("Forecast and what came"), span, flush=True):
        sheet(columns, rows, caption=s.t("Forecast and what came"), kind="cards")


def _of_metric(s: Screen, name: str, value: Value) -> str:
    if isinstance(value, Money):
        return s.money(value)
    if value is None:
        return "–"
    return s.share(value) if METRICS[name].unit == "ratio" else s.count(value)


def _folds(s: Screen, answer: ModelAnswer) -> None:
    if not answer.folds:
        return
    known = [
        score for score in answer.card.version.scores if any(isinstance(fold.get(score.name), int | float) for fold in answer.folds)
    ]
    if not known:
        return
    columns = [
        Column(s.t("Metric") if "metric" in answer.folds[0] else s.t("Cut-off")),
        *(Column(score.label, align="end", hint=score.meaning) for score in known),
    ]
    rows = [
        Row([Cell(_fold(s, fold)), *(Cell(words.figure(score.name, fold.get(score.name))) for score in known)])
        for fold in answer.folds
    ]
    with parts.card(
        s.t("Backtest over past cut-offs"), s.t("At each cut-off the model knew only what had happened before."), flush=True
    ):
        sheet(columns, rows, caption=s.t("Backtest over past cut-offs"))


def _fold(s: Screen, fold: Mapping[str, Any]) -> str:
    name = str(fold.get("metric", ""))
    return METRICS[name].title[s.language] if name in METRICS else str(fold.get("as_of", ""))[:10]


def _versions(s: Screen, answer: ModelAnswer) -> None:
    columns = [
        Column(s.t("Version"), align="end"),
        Column(s.t("State")),
        Column(s.t("Nothing seen after")),
        Column(s.t("Learned by"), width="long"),
        Column(s.t("Rows learned from"), align="end"),
        Column(s.t("Backtest"), width="long"),
    ]
    may = s.may("manage_models")
    rows = [
        Row(
            [
                Cell(s.count(one.number)),
                Cell(
                    s.t(_STATE_WORDS[one.state]),
                    tone=_STATE_TONES[one.state],
                    badge=True,
                    sub="" if one.kept else s.t("only its card is kept"),
                ),
                Cell(s.day(one.as_of)),
                Cell(one.method),
                Cell(s.count(one.trained_on)),
                Cell(" · ".join(f"{score.label} {score.text}" for score in one.scores[:3]) or "–"),
            ]
        )
        for one in answer.versions
    ]
    with parts.card(s.t("Versions"), flush=True) as card:
        sheet(columns, rows, caption=s.t("Versions"), kind="cards")
    others = [one for one in answer.versions if one.kept and one.state != "champion"]
    if may and others:
        with card.tools:
            parts.button(s.t("Let another answer"), lambda: _promote(s, answer, others), icon="swap_horiz")


def _changes(s: Screen, answer: ModelAnswer) -> None:
    columns = [
        Column(s.t("When")),
        Column(s.t("What")),
        Column(s.t("Version"), align="end"),
        Column(s.t("Before"), align="end"),
        Column(s.t("Who")),
        Column(s.t("Why"), width="long"),
    ]
    rows = [
        Row(
            [
                Cell(s.instant(one.at)),
                Cell(s.t(_ACT_WORDS[one.act])),
                Cell(s.count(one.number)),
                Cell("–" if one.before is None else s.count(one.before)),
                Cell(_who(s, one.by)),
                Cell(s.t(_WHY_WORDS[one.why]) if one.why in _WHY_WORDS else one.why or "–"),
            ]
        )
        for one in answer.changes
    ]
    with parts.card(s.t("Who answered when"), flush=True):
        sheet(columns, rows, caption=s.t("Who answered when"), kind="cards")


def _who(s: Screen, by: str) -> str:
    kind = by.partition(":")[0]
    return {"system": s.t("The nightly run"), "operator": s.t("An operator"), "api_key": s.t("A program")}.get(kind, by)


def _promote(s: Screen, answer: ModelAnswer, others: list[ModelVersion]) -> None:
    values: dict[str, Any] = {"number": str(others[0].number), "why": ""}
    dialog = Dialog(s, s.t("Let another version answer"))
    with dialog, parts.box("rg-form"):
        choice_field(
            values,
            "number",
            s.t("Version"),
            [(str(one.number), f"{one.number} · {s.day(one.as_of)} · {one.method}") for one in others],
        )
        text_field(values, "why", s.t("Why"), most=500)

    def act() -> ModelAnswer:
        with s.records.unit() as uow:
            return service.promote(uow, s.caller, s.shop.shop_id, answer.card.model, int(values["number"]), why=values["why"])

    _perform(s, dialog, s.t("Let it answer"), act)


def _roll_back(s: Screen, answer: ModelAnswer) -> None:
    values: dict[str, Any] = {"why": ""}
    dialog = Dialog(s, s.t("Bring back the version before?"))
    with dialog, parts.box("rg-form"):
        parts.text(s.t("It answers from its next run on. The version of now is kept."), "rg-muted rg-pretty", "p")
        text_field(values, "why", s.t("Why"), most=500)

    def act() -> ModelAnswer:
        with s.records.unit() as uow:
            return service.roll_back(uow, s.caller, s.shop.shop_id, answer.card.model, why=values["why"])

    _perform(s, dialog, s.t("Roll back"), act)


def _perform(s: Screen, dialog: Dialog, label: str, act: Any) -> None:
    perform = s.act(act, lambda _: s.go())

    async def go() -> None:
        dialog.dialog.close()
        await perform()

    dialog.buttons(label, go)
    dialog.open()
