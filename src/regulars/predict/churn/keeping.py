"""Which model answers: the registry's champion, learned anew every week; a new fit must be better on the newest closed cut-off."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from regulars import registry
from regulars.errors import NotEnoughData, NotFound
from regulars.predict.churn import scores
from regulars.predict.churn.domain import Backtest, Fold
from regulars.predict.churn.estimator import ChurnModel
from regulars.predict.churn.estimator.blend import SIX, window_of
from regulars.predict.churn.fallback import INSTEAD, PurchaseChurn, purchase_churn
from regulars.predict.churn.learning import Course, fold_at, learn
from regulars.predict.churn.levels import Cuts, levels_of, upper_loss
from regulars.predict.churn.margins import MarginRate, yearly_margins
from regulars.predict.churn.settings import Settings
from regulars.predict.models import Contest, Reference, contest, drift_figures
from regulars.predict.snapshots import Snapshot

if TYPE_CHECKING:
    from regulars.records import Records, UnitOfWork
    from regulars.registry import Version

MODEL = "churn"
_SCORE = "score"
#: A champion is good for so long; then the same recipe is fitted to what has come since.
FRESH_DAYS = 7
#: Past cut-offs a fit is judged by, and the days between them.
_FOLDS = 3
_FOLD_STEP_DAYS = 30


@dataclass(frozen=True, slots=True)
class Money:
    """What a customer is worth and where levels begin: with these a backtest says who would have been warned."""

    rate: MarginRate
    wished: Settings
    currency: str

    def cuts(self, loss_minor: npt.NDArray[np.int64]) -> Cuts:
        """Where levels begin among customers with these expected losses."""
        return self.wished.cuts(self.currency, self.rate.average_order_minor, upper_loss(loss_minor))

    def margins(self, snapshot: Snapshot) -> npt.NDArray[np.int64]:
        """Of each customer over 12 months, minor units."""
        return yearly_margins(snapshot, self.rate)


@dataclass(frozen=True, slots=True)
class Answering:
    """The model that answers as of an instant, and its number in the registry (null: learned for this question only)."""

    model: ChurnModel | PurchaseChurn
    number: int | None
    note: str  # why it is this one, in a sentence; empty: the champion as it stood


def answering(records: Records, course: Course, as_of: datetime, money: Money, *, seed: int = 1, newest: bool = True) -> Answering:
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
    judged = _judged(course, as_of, money, seed)
    fitted = registry.Fitted(
        model=MODEL,
        as_of=as_of,
        method=model.method,
        settings=wanted,
        fingerprint=fingerprint(course, as_of),
        trained_on=rows,
        scores=_figures(judged),
        folds=[{"as_of": one.fold.as_of, **asdict(one.fold.scores), **one.hindsight} for one in judged],
        card={
            "features": list(model.trees.names) if model.trees else [],
            "excluded_customers": len(course.without),
            "reference": _reference(model, course.snapshot(course.training_cuts(as_of)[0])).to_dict(),
        },
        body=json.dumps(model.to_dict(), sort_keys=True, separators=(",", ":")).encode(),
    )
    with records.unit() as uow:
        made = contest(uow, course.shop.shop_id, fitted, _contest(course, judged, kept, as_of))
    if made.state == "champion":
        return Answering(model, made.number, "")
    assert kept is not None, "a champion that cannot answer is always replaced"
    assert before is not None
    return Answering(kept, before.number, f"version {made.number} was not better")


def note_drift(uow: UnitOfWork, shop_id: str, answering: Answering, snapshot: Snapshot, day: date) -> None:
    """Note on a day how far the shop has moved from what the model in use learned from."""
    if answering.number is None or isinstance(answering.model, PurchaseChurn):
        return
    told = registry.version(uow, shop_id, MODEL, answering.number).card.get("reference")
    if told:
        names = (*_watched(answering.model), _SCORE)
        moved = Reference.from_dict(told).moved(names, _matrix(answering.model, snapshot))
        registry.note(uow, shop_id, MODEL, answering.number, day, drift_figures(moved, _SCORE))


def fingerprint(course: Course, as_of: datetime) -> str:
    """SHA-256 of the snapshots and outcomes that are learned from."""
    told = hashlib.sha256()
    for cut in course.training_cuts(as_of):
        told.update(cut.isoformat().encode())
        told.update(course.snapshot(cut).matrix().tobytes())
        told.update(course.outcomes(cut).churned.tobytes())
    return told.hexdigest()


def _kept(uow: UnitOfWork, version: Version, wanted: Mapping[str, Any], as_of: datetime) -> ChurnModel | None:
    """The champion's model, where it can answer this question: fitted for it, and not knowing more than was known then."""
    if dict(version.settings) != dict(wanted) or version.as_of > as_of:
        return None
    try:
        return ChurnModel.from_dict(json.loads(registry.body(uow, version.shop_id, MODEL, version.number)))
    except NotFound:
        return None


@dataclass(frozen=True, slots=True)
class _Judged:
    fold: Fold
    hindsight: Mapping[str, Any]  # who would have been warned then, against who left; money is the yearly margin


def _judged(course: Course, as_of: datetime, money: Money, seed: int) -> list[_Judged]:
    """Oldest first; a cut-off too early in the shop's life for a model of its own is left out."""
    newest = as_of - timedelta(days=course.horizon_days)
    found = []
    for cut in sorted(newest - timedelta(days=_FOLD_STEP_DAYS * place) for place in range(_FOLDS)):
        try:
            fold, model = fold_at(course, cut, seed=seed)
        except NotEnoughData:
            continue
        snapshot, left = course.snapshot(cut), course.outcomes(cut).churned
        p, margin = model.predict(snapshot), money.margins(snapshot)
        loss = np.round(p * margin).astype(np.int64)
        warned = levels_of(p, loss, money.cuts(loss)) > 0
        hindsight = {
            "warned_left": int((warned & left).sum()),
            "warned_stayed": int((warned & ~left).sum()),
            "missed": int((~warned & left).sum()),
            "warned_left_minor": int(margin[warned & left].sum()),
            "missed_minor": int(margin[~warned & left].sum()),
        }
        found.append(_Judged(fold, hindsight))
    return found


def _figures(judged: Sequence[_Judged]) -> dict[str, Any]:
    if not judged:
        return {}
    whole = Backtest(0, "logistic", tuple(one.fold for one in judged))
    return {"auc": whole.auc, "brier": whole.brier, "ece": whole.ece, "customers": judged[-1].fold.scores.customers}


def _contest(course: Course, judged: Sequence[_Judged], champion: ChurnModel | None, as_of: datetime) -> Contest | None:
    """Champion and new fit at the newest closed cut-off, by Brier score; None where they cannot be compared.

    The new fit itself has learned from that cut-off, so its recipe stands in for it, fitted to what was known before.
    """
    cut = as_of - timedelta(days=course.horizon_days)
    if champion is None or not judged or judged[-1].fold.as_of != cut:
        return None
    theirs = scores.brier(course.outcomes(cut).churned.astype(np.float64), champion.predict(course.snapshot(cut)))
    return Contest(figure="brier", champion=theirs, challenger=judged[-1].fold.scores.brier)


def _watched(model: ChurnModel) -> tuple[str, ...]:
    return model.trees.names if model.trees else (*SIX, window_of(model.horizon_days))


def _matrix(model: ChurnModel, snapshot: Snapshot) -> npt.NDArray[np.float64]:
    """The features it reads, and its score."""
    features = snapshot.matrix(_watched(model)).astype(np.float64)
    made: npt.NDArray[np.float64] = np.column_stack([features, model.predict(snapshot)])
    return made


def _reference(model: ChurnModel, snapshot: Snapshot) -> Reference:
    return Reference.of((*_watched(model), _SCORE), _matrix(model, snapshot))
