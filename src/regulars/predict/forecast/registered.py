"""Forecasts of every metric written down in the registry with their backtest, and held against what came, day by day.

One registered forecast stands until its 28 days are over; then the next is registered. What the page *Forecast* shows is made anew
from the newest day, by the same method.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from regulars import registry
from regulars.errors import NotEnoughData
from regulars.predict import models
from regulars.predict.forecast.calendar import calendar_of, holidays
from regulars.predict.forecast.service import fitted_to
from regulars.registry import Fitted, Version
from regulars.understand.metrics import DAILY_METRICS, DailySums, daily_sums
from regulars.values.zones import day_start
from regulars.warehouse import Warehouse

if TYPE_CHECKING:
    from regulars.access import Shop
    from regulars.records import Records

MODEL = "forecast"
#: Days that a registered forecast reaches, and the share of them that its interval is to hold.
AHEAD, SHARE = 28, 0.8
#: Days that must have passed before a forecast is held against them.
LEAST_PASSED = 7
#: A metric's value of a day counts from this share of its days on.
_HALF = 0.5


def keep_up(records: Records, warehouse: Warehouse, shop: Shop) -> Version | None:
    """Hold the registered forecast against the days that have passed since; register the next one when all have. None: nothing to forecast.

    Called each night and after loads: what is there already is left as it is.
    """
    sums = daily_sums(warehouse, shop)
    if sums is None:
        return None
    with records.reading() as uow:
        standing = registry.champion(uow, shop.shop_id, MODEL)
        told = None if standing is None else json.loads(registry.body(uow, shop.shop_id, MODEL, standing.number))
    figures = None if told is None else held_against(told, sums)
    fresh = told is not None and told["currency"] == sums.currency and _last_of(told) > sums.last_on
    made = None if fresh else _fitted(shop, sums)
    with records.unit() as uow:
        if standing is not None and figures is not None:
            registry.note(uow, shop.shop_id, MODEL, standing.number, sums.last_on, figures)
        if made is None:
            return standing
        kept = models.contest(uow, shop.shop_id, made, None)
        if figures is not None:
            registry.note(uow, shop.shop_id, MODEL, kept.number, sums.last_on, figures)
        return kept


def held_against(told: dict[str, Any], sums: DailySums) -> dict[str, Any] | None:
    """How a registered forecast did on the days that have passed since: over all metrics, and of each. None: too few have passed."""
    first = date.fromisoformat(told["first_on"])
    passed = min((sums.last_on - first).days + 1, AHEAD)
    if passed < LEAST_PASSED or told["currency"] != sums.currency:
        return None
    rows, inside, counted = [], 0, 0
    for name in DAILY_METRICS:
        ahead = told["metrics"].get(name)
        if ahead is None:
            continue
        real = _values(sums.known_for(name), name, first, passed)
        known = np.isfinite(real)
        if known.sum() < max(LEAST_PASSED, _HALF * passed):
            continue
        low, high, expected = (np.array(ahead[key], dtype=np.float64)[:passed] for key in ("low", "high", "expected"))
        held = ((real >= low - 1e-9) & (real <= high + 1e-9))[known]
        inside, counted = inside + int(held.sum()), counted + int(known.sum())
        size = float(np.abs(real[known]).sum())
        rows.append(
            {
                "metric": name,
                "days": int(known.sum()),
                "inside": float(held.mean()),
                "expected": float(expected[known].mean()),
                "came": float(real[known].mean()),
                "off": float(np.abs(expected - real)[known].sum()) / size if size > 0 else None,
            }
        )
    if not rows:
        return None
    # Metrics move together, so the days count once each, however many metrics there are.
    far = 2.576 * (SHARE * (1 - SHARE) / passed) ** 0.5
    return {
        "score_psi": None,
        "moved": [],
        "realised": {
            "as_of": told["as_of"], "customers": passed, "forecast": SHARE, "came": inside / counted, "low": max(SHARE - far, 0.0),
            "high": 1.0,
        },
        "metrics": rows,
    }  # fmt: skip


def _fitted(shop: Shop, sums: DailySums) -> Fitted | None:
    """Every metric's forecast with its backtest; None where none carries one."""
    calendar = calendar_of(shop.timezone, sums.currency)
    marked = holidays(calendar, sums.first_on, sums.last_on + timedelta(days=AHEAD))
    ahead, folds, methods, digest = {}, [], [], hashlib.sha256()
    for name in DAILY_METRICS:
        known = sums.known_for(name)
        if known.last_on != sums.last_on:
            continue
        try:
            fitted, values = fitted_to(known, name, marked, AHEAD)
            made = fitted.predict(AHEAD, SHARE)
        except NotEnoughData:
            continue
        if len(values) - fitted.start_ < AHEAD:
            continue
        digest.update(name.encode() + np.ascontiguousarray(values).tobytes())
        low, high = made.interval(fitted.least_)
        ahead[name] = {
            key: [_plain(one) for one in column] for key, column in (("expected", made.expected), ("low", low), ("high", high))
        }
        scored = fitted.score(AHEAD, SHARE)
        methods.append(fitted.method_)
        told = {"mase": scored.mase, "naive_mase": scored.naive_mase, "wape": scored.wape, "coverage": scored.coverage}
        folds.append({"metric": name, **{key: None if one is None else round(one, 4) for key, one in told.items()}})
    if not ahead:
        return None
    first = sums.last_on + timedelta(days=1)
    as_of = day_start(first, shop.timezone)
    body = {"as_of": as_of.isoformat(), "first_on": first.isoformat(), "currency": sums.currency, "metrics": ahead}
    scores = {key: _mean([fold[key] for fold in folds]) for key in ("mase", "naive_mase", "coverage")}
    return Fitted(
        model=MODEL,
        as_of=as_of,
        method=max(sorted(set(methods)), key=methods.count),
        settings={"horizon_days": AHEAD, "share": SHARE, "currency": sums.currency, "calendar": calendar},
        fingerprint=digest.hexdigest(),
        trained_on=len(sums.days),
        body=json.dumps(body, sort_keys=True).encode(),
        scores=scores,
        folds=folds,
        card={"metrics": len(ahead)},
    )


def _values(sums: DailySums, name: str, first: date, passed: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The metric's values of the days that passed; NaN where it is over nothing or not known yet."""
    above, below = sums.of(name)
    begin = (first - sums.first_on).days
    top = np.full(passed, np.nan)
    got = np.array(above[max(begin, 0) : begin + passed], dtype=np.float64)
    if below is not None:
        under = np.array(below[max(begin, 0) : begin + passed], dtype=np.float64)
        got = np.where(under > 0, got / np.where(under > 0, under, 1.0), np.nan)
    top[: len(got)] = got
    return top


def _last_of(told: dict[str, Any]) -> date:
    return date.fromisoformat(told["first_on"]) + timedelta(days=AHEAD - 1)


def _plain(number: float) -> float | None:
    return round(float(number), 6) if np.isfinite(number) else None


def _mean(values: list[Any]) -> float | None:
    known = [one for one in values if one is not None]
    return round(float(np.mean(known)), 4) if known else None
