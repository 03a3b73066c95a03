"""The verbs of the lifetime-value room: learn, work out everybody's value, and tell other rooms what a customer is expected to bring."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from regulars import registry
from regulars.errors import NotEnoughData, RegularsError
from regulars.predict import churn
from regulars.predict.churn import Course
from regulars.predict.lifetime_value.cautions import cautions_of
from regulars.predict.lifetime_value.checks import CHECKS
from regulars.predict.lifetime_value.domain import LEAST_HISTORY_DAYS, Backtest, Basis, Floats, Values, tiers_of
from regulars.predict.lifetime_value.estimator import Known, ValueModel
from regulars.predict.lifetime_value.learning import Past, backtest, learn
from regulars.predict.lifetime_value.scoring import expected, margin_of, score
from regulars.understand.metrics import DataSpan, data_span
from regulars.values.money import minor_digits
from regulars.warehouse import Warehouse
from regulars.warehouse.derived import CUSTOMER_VALUES, SHOP_VALUES

if TYPE_CHECKING:
    from regulars.access import Shop
    from regulars.records import UnitOfWork

__all__ = ["CHECKS", "MODEL", "Learned", "expected_margin", "fresh", "judge", "keep", "learned", "refresh", "usable", "values"]

MODEL = "lifetime_value"
#: A champion answers for so long after its cut-off; then a model is learned anew.
_CHAMPION_DAYS = 30
#: So old, the same recipe is learned anew from what has come since.
_FRESH_DAYS = 7
#: A challenger that ranks customers worse than the champion by more than this stays one.
_WORSE = 0.005
#: Past cut-offs a model is judged by, and the days between them.
_FOLDS, _FOLD_STEP_DAYS = 3, 30
_ARROW = {
    "string": pa.string(), "int64": pa.int64(), "float64": pa.float64(), "timestamp(6)": pa.timestamp("us"),
}  # fmt: skip


@dataclass(frozen=True)
class Learned:
    """A model with what it was learned from and how it did at past cut-offs (null: not judged)."""

    as_of: datetime
    model: ValueModel
    rows: int  # labelled rows of its trees
    fingerprint: str
    backtest: Backtest | None


@dataclass(frozen=True, slots=True)
class Expected:
    """What customers are expected to bring in twelve months, discounted; arrays in the order of `customers` (ascending)."""

    as_of: datetime
    currency: str
    basis: Basis  # margin, or revenue where costs are not known
    customers: list[str]
    value: Floats  # major units


def expected_margin(warehouse: Warehouse, shop: Shop, *, as_of: datetime | None = None) -> Expected:
    """The value of the next twelve months of every buyer as of an instant, under the purchase model: what a lost customer costs.

    Nothing after `as_of` (default: the end of the data) is seen.

    Raises
    ------
    NotEnoughData : fewer than ten customers came back, or the history is shorter than 90 days.
    """
    span, at = _asked(warehouse, shop, as_of)
    known = Past(warehouse, shop).known(at)
    model = ValueModel.fit(known, currency=span.currency, horizon_days=1)
    basis, rate = margin_of(warehouse, shop, at)
    return Expected(at, span.currency, basis, known.customers.to_pylist(), expected(model, known) * rate)


def learned(
    warehouse: Warehouse,
    shop: Shop,
    *,
    as_of: datetime | None = None,
    horizon_days: int | None = None,
    seed: int = 1,
    whole: bool = True,
) -> Learned:
    """The model of an instant: with trees and judged by rolling cut-offs, or (`whole` false) the purchase model alone, at once.

    Raises
    ------
    NotEnoughData : fewer than ten customers came back, or the history is shorter than 90 days.
    """
    span, at = _asked(warehouse, shop, as_of)
    days = horizon_days or churn.rhythm(warehouse, shop).horizon_days
    course, past = Course(warehouse, shop, span, days), Past(warehouse, shop)
    model, rows = learn(course, past, at, seed=seed, trees=whole)
    found = backtest(course, past, _cuts(course, at), seed=seed) if whole else None
    return Learned(at, model, rows, _fingerprint(past.known(at)), found if found is not None and found.folds else None)


def judge(
    warehouse: Warehouse,
    shop: Shop,
    *,
    horizon_days: int | None = None,
    cuts: list[datetime] | None = None,
    seed: int = 1,
    trees: bool = True,
) -> Backtest:
    """How good values of the horizon would have been at past cut-offs; by default the last three whose horizon is over.

    Raises
    ------
    NotEnoughData : no cut-off leaves a horizon before and after it.
    """
    span = data_span(warehouse, shop)
    course = Course(warehouse, shop, span, horizon_days or churn.rhythm(warehouse, shop).horizon_days)
    chosen = cuts if cuts is not None else _cuts(course, span.as_of)
    if not chosen:
        raise NotEnoughData(
            f"no past cut-off has a horizon of {course.horizon_days} days before and after it",
            mend="load older orders, or take a shorter horizon",
            code="history_too_short",
        )
    return backtest(course, Past(warehouse, shop), chosen, seed=seed, trees=trees)


def values(
    warehouse: Warehouse, shop: Shop, model: ValueModel, *, as_of: datetime | None = None, seed: int = 1
) -> tuple[Values, Known]:
    """Everybody's value as of an instant under a model."""
    span, at = _asked(warehouse, shop, as_of)
    known = Past(warehouse, shop).known(at)
    snapshot = None
    if model.trees is not None:
        snapshot = Course(warehouse, shop, span, model.horizon_days).everybody(at)
    return score(warehouse, shop, model, known, snapshot, as_of=at, seed=seed), known


def keep(uow: UnitOfWork, shop: Shop, found: Learned, *, by: str = "system") -> registry.Version:
    """Put what was learned on the shelf; it becomes champion unless the present one ranks customers better and still fits.

    A champion that somebody rolled back to stays until it is 30 days old.
    """
    before = registry.champion(uow, shop.shop_id, MODEL)
    version = registry.keep(uow, shop.shop_id, _fitted(found), by=by)
    if before is None or version.number == before.number:
        return version
    mine, its = version.scores.get("gini"), before.scores.get("gini")
    better = its is None or (mine is not None and mine >= its - _WORSE)
    stale = before.settings.get("currency") != found.model.currency or found.as_of - before.as_of > timedelta(days=_CHAMPION_DAYS)
    held = next((one.act for one in registry.changes(uow, shop.shop_id, MODEL)), None) == "rolled_back"
    if stale or (better and not held):
        why = "the champion is too old or in another currency" if stale else "it ranks customers at least as well"
        return registry.promote(uow, shop.shop_id, MODEL, version.number, by=by, why=why)
    return version


def usable(uow: UnitOfWork, shop: Shop, span: DataSpan) -> tuple[registry.Version, ValueModel] | None:
    """The champion, if it still answers: in the currency of the orders, and not older than 30 days."""
    found = registry.champion(uow, shop.shop_id, MODEL)
    if found is None or found.settings.get("currency") != span.currency:
        return None
    if not timedelta(0) <= span.as_of - found.as_of <= timedelta(days=_CHAMPION_DAYS):
        return None
    return found, ValueModel.from_dict(json.loads(registry.body(uow, shop.shop_id, MODEL, found.number)))


def fresh(uow: UnitOfWork, shop: Shop, span: DataSpan) -> bool:
    """Whether the champion answers, was judged, and is younger than a week: nothing has to be learned yet."""
    found = usable(uow, shop, span)
    if found is None or not found[0].settings.get("judged"):
        return False
    return span.as_of - found[0].as_of < timedelta(days=_FRESH_DAYS)


def refresh(
    warehouse: Warehouse, shop: Shop, model: ValueModel, scores: dict[str, Any], *, as_of: datetime | None = None, seed: int = 1
) -> int:
    """Put everybody's value as of an instant in the place of the values before; returns how many customers have one.

    Where there is too little data, nobody has a value and the reason is kept.
    """
    try:
        found, known = values(warehouse, shop, model, as_of=as_of, seed=seed)
    except NotEnoughData as problem:
        return forget(warehouse, shop, problem)
    span = data_span(warehouse, shop)
    cautions = cautions_of(warehouse, shop, span, found, model, scores)
    with warehouse.transaction():
        warehouse.replace("shop_values", _shop_row(shop, found, model, scores, cautions), shop_id=shop.shop_id)
        return warehouse.replace("customer_values", _rows(shop, found, known), shop_id=shop.shop_id)


def forget(warehouse: Warehouse, shop: Shop, problem: RegularsError) -> int:
    """Nobody has a value, for the reason told."""
    told = {"problem": problem.message, "mend": problem.mend, "code": problem.code, "values": problem.values}
    row = {
        "shop_id": shop.shop_id,
        "as_of": _plain(data_span(warehouse, shop).as_of),
        "currency": shop.currency,
        "told": json.dumps(told),
    }
    with warehouse.transaction():
        warehouse.replace("shop_values", _arrow(SHOP_VALUES.columns, [row]), shop_id=shop.shop_id)
        return warehouse.replace("customer_values", _arrow(CUSTOMER_VALUES.columns, []), shop_id=shop.shop_id)


def scores_of(found: Backtest | None) -> dict[str, Any]:
    """The figures of a backtest, over its cut-offs."""
    if found is None:
        return {}

    def mean(name: str) -> float | None:
        known = [getattr(fold, name) for fold in found.folds if getattr(fold, name) is not None]
        return float(np.mean(known)) if known else None

    return {
        "gini": found.gini,
        "last_period_gini": mean("last_period_gini"),
        "decile_error": mean("decile_error"),
        "total_error": mean("total_error"),
        "coverage": mean("coverage"),
        "tracking": found.tracking,
    }


def _asked(warehouse: Warehouse, shop: Shop, as_of: datetime | None) -> tuple[DataSpan, datetime]:
    """The reach of the data and the instant asked for, if there is enough before it."""
    span = data_span(warehouse, shop)
    at = as_of or span.as_of
    if span.first_at is None:
        raise NotEnoughData("nobody has ordered yet", mend="load orders", code="no_orders")
    if at > span.as_of:
        raise NotEnoughData(
            f"orders are known until {span.as_of:%Y-%m-%d}, not until {at:%Y-%m-%d}",
            mend="load newer orders, or take an earlier instant",
            code="not_known_yet",
        )
    days = (at - span.first_at).days
    if days < LEAST_HISTORY_DAYS:
        raise NotEnoughData(
            f"{max(days, 0)} days of orders; a value of twelve months needs {LEAST_HISTORY_DAYS}",
            mend="load older orders, or wait",
            code="too_short_for_value",
            have=max(days, 0),
            need=LEAST_HISTORY_DAYS,
        )
    return span, at


def _cuts(course: Course, at: datetime) -> list[datetime]:
    newest = at - timedelta(days=course.horizon_days)
    oldest = (course.span.first_at or at) + timedelta(days=course.horizon_days)
    cuts = [newest - timedelta(days=_FOLD_STEP_DAYS * place) for place in range(_FOLDS)]
    return [cut for cut in cuts if cut >= oldest]


def _fingerprint(known: Known) -> str:
    """Of the histories and values a model was fitted to."""
    digest = hashlib.sha256()
    for one in (known.histories.x, known.histories.t_x, known.histories.T, known.worth_days, known.worth_mean):
        digest.update(np.ascontiguousarray(one).tobytes())
    return digest.hexdigest()


def _fitted(found: Learned) -> registry.Fitted:
    model = found.model
    told = model.to_dict()
    return registry.Fitted(
        model=MODEL,
        as_of=found.as_of,
        method="average" if model.trees is not None else "purchase_model",
        settings={"horizon_days": model.horizon_days, "currency": model.currency, "judged": found.backtest is not None},
        fingerprint=found.fingerprint,
        trained_on=found.rows,
        scores=scores_of(found.backtest),
        folds=[]
        if found.backtest is None
        else [{**asdict(fold), "as_of": f"{fold.as_of:%Y-%m-%d}"} for fold in found.backtest.folds],
        card={
            "purchases": told["purchases"],
            "spend": told["spend"],
            "correlation": told["correlation"],
            "worth_share": told["worth_share"],
        },
        body=json.dumps(told, sort_keys=True).encode(),
    )


def _rows(shop: Shop, found: Values, known: Known) -> pa.Table:
    scale = float(10 ** minor_digits(found.currency))
    at = found.as_of.timestamp()
    count = len(found.customers)

    def money(amounts: Floats) -> pa.Array:
        return pa.array(np.rint(np.maximum(amounts, 0.0) * scale).astype(np.int64))

    def moment(days: Floats) -> pa.Array:
        reachable = np.isfinite(days)
        micros = (at + np.where(reachable, days, 0.0) * 86_400).round().astype(np.int64) * 1_000_000
        return pa.array(micros, mask=~reachable).cast(pa.timestamp("us"))

    columns: dict[str, Any] = {
        "shop_id": pa.array([shop.shop_id] * count, pa.string()),
        "customer_id": pa.array(found.customers, pa.string()),
        "as_of": pa.array([_plain(found.as_of)] * count, pa.timestamp("us")),
        "currency": pa.array([found.currency] * count, pa.string()),
        "purchase_days": pa.array((known.histories.x + 1).astype(np.int64)),
        "no_order_probability": pa.array(found.no_order),
        "expected_orders": pa.array(found.orders),
        "next_order_from_at": moment(found.next_days[0]),
        "next_order_at": moment(found.next_days[1]),
        "next_order_to_at": moment(found.next_days[2]),
        "order_value_minor": money(found.order_value),
        "value_minor": money(found.value),
        "value_low_minor": money(np.minimum(found.low, found.value)),
        "value_high_minor": money(np.maximum(found.high, found.value)),
        "retained_gain_minor": money(found.retained_gain),
        "value_tier": pa.array(tiers_of(found.value), pa.string()),
    }
    return pa.table({name: columns[name] for name in CUSTOMER_VALUES.columns})


def _shop_row(shop: Shop, found: Values, model: ValueModel, scores: dict[str, Any], cautions: list[dict[str, Any]]) -> pa.Table:
    told = {
        "basis": found.basis,
        "margin_rate": found.margin_rate,
        "method": found.method,
        "purchases": type(model.purchases).__name__,
        "spend": model.spend_method,
        "horizon_days": found.horizon_days,
        "retained_gain": float(found.retained_gain.mean()) if len(found.customers) else None,
        "gini": scores.get("gini"),
        "coverage": scores.get("coverage"),
        "tracking": scores.get("tracking"),
        "cautions": cautions,
    }
    row = {"shop_id": shop.shop_id, "as_of": _plain(found.as_of), "currency": found.currency, "told": json.dumps(told)}
    return _arrow(SHOP_VALUES.columns, [row])


def _arrow(columns: dict[str, str], rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(rows, pa.schema([(name, _ARROW[kind.lstrip("!")]) for name, kind in columns.items()]))


def _plain(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None)
