"""Which model answers: the registry's champion, learned anew every week; a new fit must be better on the newest closed cut-off."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from regulars import registry
from regulars.errors import NotEnoughData, NotFound
from regulars.predict.churn import scores
from regulars.predict.churn.domain import Backtest
from regulars.predict.churn.estimator import ChurnModel
from regulars.predict.churn.fallback import INSTEAD, PurchaseChurn, purchase_churn
from regulars.predict.churn.learning import Course, backtest, learn

if TYPE_CHECKING:
    from regulars.records import Records
    from regulars.registry import Version

MODEL = "churn"
#: A champion is good for so long; then the same recipe is fitted to what has come since.
FRESH_DAYS = 7
#: Past cut-offs a fit is judged by, and the days between them.
_FOLDS = 3
_FOLD_STEP_DAYS = 30


@dataclass(frozen=True, slots=True)
class Answering:
    """The model that answers as of an instant, and its number in the registry (null: learned for this question only)."""

    model: ChurnModel | PurchaseChurn
    number: int | None
    note: str  # why it is this one, in a sentence; empty: the champion as it stood


def answering(records: Records, course: Course, as_of: datetime, *, seed: int = 1, newest: bool = True) -> Answering:
    """The model to ask as of then.

    The champion answers while it was fitted for this horizon and currency, not after `as_of` and at most seven days before. Else the
    recipe is fitted again; at the newest edge of the data the fit is kept, and promoted if it would have been better.

    Raises
    ------
    NotEnoughData : nothing can be learned, and the purchase model has too little as well.
    """
    wanted = {"horizon_days": course.horizon_days, "seed": seed, "currency": course.span.currency}
    with records.reading() as uow:
        before = registry.champion(uow, course.shop.shop_id, MODEL)
        kept = None if before is None else _kept(uow, before, wanted, as_of)
    if kept is not None and before is not None and as_of - before.as_of < timedelta(days=FRESH_DAYS):
        return Answering(kept, before.number, "")
    try:
        model, rows = learn(course, as_of, seed=seed)
    except NotEnoughData as why:
        if why.code not in INSTEAD:
            raise
        fallback = purchase_churn(course.warehouse, course.shop, as_of, course.horizon_days, why)
        return Answering(fallback, None, why.message)
    if not newest:
        return Answering(model, None, "")
    judged = _judged(course, as_of, seed)
    fitted = registry.Fitted(
        model=MODEL,
        as_of=as_of,
        method=model.method,
        settings=wanted,
        fingerprint=fingerprint(course, as_of),
        trained_on=rows,
        scores=_figures(judged),
        folds=[] if judged is None else [{"as_of": fold.as_of, **asdict(fold.scores)} for fold in judged.folds],
        card={"features": list(model.trees.names) if model.trees else [], "excluded_customers": len(course.without)},
        body=json.dumps(model.to_dict(), sort_keys=True, separators=(",", ":")).encode(),
    )
    with records.unit() as uow:
        made = registry.keep(uow, course.shop.shop_id, fitted)
        if made.state == "champion" or before is None:
            return Answering(model, made.number, "")
        why_better = _better(course, judged, kept, as_of)
        if why_better:
            registry.promote(uow, course.shop.shop_id, MODEL, made.number, by="system", why=why_better)
            return Answering(model, made.number, why_better)
    assert kept is not None, "a champion that cannot answer is always replaced"
    return Answering(kept, before.number, f"version {made.number} was not better")


def fingerprint(course: Course, as_of: datetime) -> str:
    """SHA-256 of the snapshots and outcomes that are learned from."""
    told = hashlib.sha256()
    for cut in course.training_cuts(as_of):
        told.update(cut.isoformat().encode())
        told.update(course.snapshot(cut).matrix().tobytes())
        told.update(course.outcomes(cut).churned.tobytes())
    return told.hexdigest()


def _kept(uow: Any, version: Version, wanted: Mapping[str, Any], as_of: datetime) -> ChurnModel | None:
    """The champion's model, where it can answer this question: fitted for it, and not knowing more than was known then."""
    if dict(version.settings) != dict(wanted) or version.as_of > as_of:
        return None
    try:
        return ChurnModel.from_dict(json.loads(registry.body(uow, version.shop_id, MODEL, version.number)))
    except NotFound:
        return None


def _judged(course: Course, as_of: datetime, seed: int) -> Backtest | None:
    newest = as_of - timedelta(days=course.horizon_days)
    cuts = [newest - timedelta(days=_FOLD_STEP_DAYS * place) for place in range(_FOLDS)]
    found = []
    for cut in sorted(cuts):
        try:
            found.append(backtest(course, [cut], seed=seed))
        except NotEnoughData:  # too early in the shop's life for a fold of its own
            continue
    if not found:
        return None
    return Backtest(course.horizon_days, found[-1].method, tuple(fold for one in found for fold in one.folds))


def _figures(judged: Backtest | None) -> dict[str, Any]:
    if judged is None:
        return {}
    return {"auc": judged.auc, "brier": judged.brier, "ece": judged.ece, "customers": judged.folds[-1].scores.customers}


def _better(course: Course, judged: Backtest | None, champion: ChurnModel | None, as_of: datetime) -> str:
    """Why the new fit should answer from now on; empty: it should not.

    The new fit itself has learned from the newest closed cut-off, so its recipe stands in for it, fitted to what was known before.
    """
    if champion is None:
        return "the horizon or the currency changed, or the champion cannot be read"
    cut = as_of - timedelta(days=course.horizon_days)
    if judged is None or judged.folds[-1].as_of != cut:
        return ""
    mine = judged.folds[-1].scores.brier
    theirs = scores.brier(course.outcomes(cut).churned.astype(float), champion.predict(course.snapshot(cut)))
    return f"Brier {mine:.4f} against {theirs:.4f} at {cut:%Y-%m-%d}, the newest closed cut-off" if mine < theirs else ""
