"""The verbs of the models room: what is kept of each model, and who answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from regulars import registry
from regulars.access import audit
from regulars.errors import InvalidInput, NotFound
from regulars.predict.models import words
from regulars.predict.models.domain import (
    NOTHING_TO_COMPARE,
    Contest,
    Judgement,
    ModelAnswer,
    ModelCard,
    ModelChange,
    ModelCheck,
    Models,
    ModelVersion,
    Realised,
    RealisedMetric,
    judged,
)
from regulars.registry import Check, Fitted, Version
from regulars.understand.metrics import METRICS, Value
from regulars.values.money import Money

if TYPE_CHECKING:
    from regulars.access.domain import Caller
    from regulars.records import UnitOfWork

_MOST_WHY = 500


def listing(uow: UnitOfWork, shop_id: str, *, language: str = "en") -> Models:
    """The champion of every model of the shop."""
    return Models(models=[_card(uow, shop_id, one, language) for one in registry.models(uow, shop_id)])


def card(uow: UnitOfWork, shop_id: str, model: str, *, language: str = "en") -> ModelAnswer:
    """Everything kept of a model.

    Raises
    ------
    NotFound : nothing of that name was learned yet.
    """
    champion = registry.champion(uow, shop_id, model)
    if champion is None:
        raise NotFound(f"no model '{model[:60]}' was learned yet", mend="list them with `GET /v1/models`", code="no_such_model")
    return ModelAnswer(
        card=_card(uow, shop_id, champion, language),
        settings=champion.settings,
        fingerprint=champion.fingerprint,
        facts={name: fact for name, fact in champion.card.items() if name != "reference"},
        folds=champion.folds,
        versions=[_version(one, language) for one in registry.versions(uow, shop_id, model)],
        changes=[
            ModelChange(number=one.number, before=one.before, act=one.act, by=one.by, why=one.why, at=one.at)
            for one in registry.changes(uow, shop_id, model)
        ],
        checks=_checks(registry.checks(uow, shop_id, model), language, str(champion.settings.get("currency", ""))),
    )


def promote(
    uow: UnitOfWork, caller: Caller, shop_id: str, model: str, number: int, *, why: str = "", language: str = "en"
) -> ModelAnswer:
    """Make a version answer; the one before can be brought back."""
    caller.demand("manage_models")
    before = registry.champion(uow, shop_id, model)
    now = registry.promote(uow, shop_id, model, number, by=f"{caller.kind}:{caller.id}", why=_told(why))
    if before is None or before.number != now.number:
        audit.record(
            uow,
            caller,
            "model.promoted",
            model,
            before={"version": before.number if before else None},
            after={"version": now.number},
            shop_id=shop_id,
        )
    return card(uow, shop_id, model, language=language)


def roll_back(uow: UnitOfWork, caller: Caller, shop_id: str, model: str, *, why: str = "", language: str = "en") -> ModelAnswer:
    """Bring back the champion before this one."""
    caller.demand("manage_models")
    before = registry.champion(uow, shop_id, model)
    now = registry.roll_back(uow, shop_id, model, by=f"{caller.kind}:{caller.id}", why=_told(why))
    audit.record(
        uow,
        caller,
        "model.rolled_back",
        model,
        before={"version": before.number if before else None},
        after={"version": now.number},
        shop_id=shop_id,
    )
    return card(uow, shop_id, model, language=language)


def contest(uow: UnitOfWork, shop_id: str, fitted: Fitted, judge: Contest | None) -> Version:
    """Keep what a nightly run fitted, and let it answer if it was better than the champion on the newest closed cut-off.

    `judge` is None where the two cannot be compared (nothing is closed yet, or the champion cannot answer any more): then the newer one,
    which has seen more, answers.
    """
    kept = registry.keep(uow, shop_id, fitted)
    if kept.state != "challenger":
        return kept
    if judge is not None and not judge.won:
        return kept
    why = NOTHING_TO_COMPARE if judge is None else f"{judge.figure} {judge.challenger:.4f} against {judge.champion:.4f}"
    return registry.promote(uow, shop_id, fitted.model, kept.number, by="system", why=why)


def _card(uow: UnitOfWork, shop_id: str, champion: Version, language: str) -> ModelCard:
    seen = [one for one in _checks(registry.checks(uow, shop_id, champion.model)) if one.number == champion.number]
    waiting = [one for one in registry.versions(uow, shop_id, champion.model) if one.state == "challenger"]
    return ModelCard(
        model=champion.model,
        title=words.title(champion.model, language),
        tells=words.tells(champion.model, language),
        version=_version(champion, language),
        judgement=seen[0].judgement if seen else "unknown",
        checked_on=seen[0].day if seen else None,
        challengers=len(waiting),
    )


def _version(one: Version, language: str) -> ModelVersion:
    return ModelVersion(
        number=one.number,
        state=one.state,
        as_of=one.as_of,
        made_at=one.made_at,
        method=words.method(one.method, language),
        trained_on=one.trained_on,
        scores=words.figures(one.scores, language),
        kept=one.body_bytes > 0,
    )


def _checks(found: Sequence[Check], language: str = "en", currency: str = "") -> list[ModelCheck]:
    """Newest first; two closed cohorts in a row outside of what was forecast need a new model."""
    made: list[ModelCheck] = []
    outside: dict[datetime, bool] = {}
    for one in reversed(found):  # oldest first, so that cohorts are counted in their order
        told = one.figures.get("realised")
        came = None
        if told:
            came = Realised(
                as_of=datetime.fromisoformat(told["as_of"]),
                customers=told["customers"],
                forecast=told["forecast"],
                came=told["came"],
                low=told["low"],
                high=told["high"],
            )
            outside[came.as_of] = came.outside
        newest = [outside[at] for at in sorted(outside)][-2:]
        row = 0 if not newest or not newest[-1] else sum(newest)
        moved = [(str(name), float(index)) for name, index in one.figures.get("moved", [])]
        score = one.figures.get("score_psi")
        psis = [index for _, index in moved] + ([score] if score is not None else [])
        verdict: Judgement = "steady" if not psis and newest and not row else judged(psis, row)
        metrics = [_metric(told, language, currency) for told in one.figures.get("metrics", [])]
        made.append(
            ModelCheck(
                number=one.number, day=one.day, judgement=verdict, score_psi=score, moved=moved, realised=came, metrics=metrics
            )
        )
    return made[::-1]


def _metric(told: Mapping[str, Any], language: str, currency: str) -> RealisedMetric:
    metric = METRICS[told["metric"]]

    def value(number: float) -> Value:
        return Money(round(number), currency) if metric.unit == "money" else round(number, 4)

    return RealisedMetric(
        metric=metric.name,
        title=metric.title[language],
        days=told["days"],
        inside=round(told["inside"], 4),
        expected=value(told["expected"]),
        came=value(told["came"]),
        off=None if told["off"] is None else round(told["off"], 4),
    )


def _told(why: str) -> str:
    told = " ".join(why.split())
    if len(told) > _MOST_WHY:
        raise InvalidInput(f"the reason has {len(told)} characters", mend=f"at most {_MOST_WHY}", code="too_long")
    return told
