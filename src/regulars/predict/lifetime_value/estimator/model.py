"""The value model: orders to expect times what an order is worth, averaged with what was learned of horizons that are over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from regulars.errors import NotEnoughData
from regulars.predict.churn import SMALL_TREES, Trees
from regulars.predict.lifetime_value.domain import DISCOUNT_A_MONTH, MONTH_DAYS, MONTHS, SpendMethod
from regulars.predict.lifetime_value.estimator.known import Floats, Known
from regulars.predict.lifetime_value.estimator.regression import LogLinear, eight
from regulars.predict.purchase_models import NBD, GammaGamma, ParetoNBD, PurchaseModel, choose, lifetime_value
from regulars.predict.snapshots import Snapshot

#: For money that is mostly 0: Tweedie deviance (Jorgensen 1987); the trees are as small as those of the churn model.
TWEEDIE: Mapping[str, Any] = {**SMALL_TREES, "objective": "tweedie", "tweedie_variance_power": 1.5}
#: For numbers of purchase days, which say more of a customer than money that one dear order makes.
POISSON: Mapping[str, Any] = {**SMALL_TREES, "objective": "poisson"}
#: A mean of all customers under Gamma-Gamma that is so many times the one seen comes from a tail that is not in the data.
_MOST_MEAN = 1.5
_MODELS: dict[str, type[PurchaseModel]] = {"ParetoNBD": ParetoNBD, "NBD": NBD}


@dataclass(frozen=True)
class ValueModel:
    """What customers will order for, net, in major units of `currency`.

    `mean_value` is what an order is expected to be worth where `spend` is null: too few were seen, or they spread too widely.
    `worth_share` is the share of purchase days that are worth something in the end.
    """

    currency: str
    horizon_days: int
    purchases: PurchaseModel
    spend: GammaGamma | None
    mean_value: float
    worth_share: float
    trees: Trees | None = None  # of money in the horizon
    counts: Trees | None = None  # of purchase days in it; there where `trees` are
    regression: LogLinear | None = None  # of money in it; there where `trees` are, but for models kept before there was one

    @property
    def spend_method(self) -> SpendMethod:
        """How the value of an order is told."""
        return "gamma_gamma" if self.spend is not None else "shop_mean"

    @classmethod
    def fit(
        cls,
        known: Known,
        *,
        currency: str,
        horizon_days: int,
        trees: Trees | None = None,
        counts: Trees | None = None,
        regression: LogLinear | None = None,
    ) -> ValueModel:
        """Fit the purchase model and the values of orders.

        Raises
        ------
        NotEnoughData : fewer than ten customers came back, or nothing they ordered was worth anything.
        """
        purchases = choose(known.histories)
        spend, mean = fit_spend(known)
        return cls(currency, horizon_days, purchases, spend, mean, known.worth_share, trees, counts, regression)

    def order_value(self, known: Known) -> Floats:
        """What a coming purchase day is expected to be worth, shape (customers,)."""
        if self.spend is None:
            return np.full(len(known), self.mean_value * self.worth_share)
        return self.spend.expected_value(known.worth_days, known.worth_mean) * self.worth_share

    def value_in(self, days: float, known: Known) -> Floats:
        """Net value of the next days under the purchase model alone, shape (customers,)."""
        rows, back = known.histories.distinct()
        return self.purchases.expected_orders(days, rows)[back] * self.order_value(known)

    def value_of_year(self, known: Known) -> Floats:
        """Net value of the next twelve months under the purchase model, discounted monthly, shape (customers,)."""
        rows, back = known.histories.distinct()
        orders = lifetime_value(
            self.purchases, rows, np.ones(len(rows)), periods=MONTHS, period=MONTH_DAYS, discount=DISCOUNT_A_MONTH
        )
        return orders[back] * self.order_value(known)

    def learned_in_horizon(self, snapshot: Snapshot) -> list[tuple[Floats, bool]]:
        """What was learned of the next horizon of the snapshot's customers: money, and purchase days (true: times what one is worth)."""
        told = [
            (trees.predict(snapshot.matrix(trees.names)), trees is self.counts)
            for trees in (self.trees, self.counts)
            if trees is not None
        ]
        if self.regression is not None:
            told.append((self.regression.predict(eight(snapshot, self.horizon_days)), False))
        return told

    def to_dict(self) -> dict[str, Any]:
        """Everything learned, as JSON-able values."""
        return {
            "currency": self.currency,
            "horizon_days": self.horizon_days,
            "purchases": {"model": type(self.purchases).__name__, **self.purchases.parameters_},
            "spend": None if self.spend is None else dict(self.spend.parameters_),
            "correlation": None if self.spend is None else self.spend.correlation_,
            "mean_value": self.mean_value,
            "worth_share": self.worth_share,
            "trees": _told(self.trees),
            "counts": _told(self.counts),
            "regression": None if self.regression is None else self.regression.to_dict(),
        }

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> ValueModel:
        """The model that `to_dict` wrote."""
        purchases, spend = dict(told["purchases"]), told["spend"]
        regression = told.get("regression")
        made = None if spend is None else GammaGamma(**spend)
        if made is not None:
            made.correlation_ = told["correlation"]
        return cls(
            told["currency"],
            int(told["horizon_days"]),
            _MODELS[purchases.pop("model")](**purchases),
            made,
            float(told["mean_value"]),
            float(told["worth_share"]),
            _read(told["trees"]),
            _read(told.get("counts")),
            None if regression is None else LogLinear.from_dict(regression),
        )


def _told(trees: Trees | None) -> dict[str, Any] | None:
    return None if trees is None else {"text": trees.text, "names": list(trees.names)}


def _read(told: Mapping[str, Any] | None) -> Trees | None:
    return None if told is None else Trees(told["text"], tuple(told["names"]))


def fit_spend(known: Known) -> tuple[GammaGamma | None, float]:
    """The values of orders after the first: Gamma-Gamma where it holds, and their mean over customers.

    Raises
    ------
    NotEnoughData : nobody ever came back for something of worth.
    """
    some = known.worth_days > 0
    if not some.any():
        raise NotEnoughData(
            "nobody has come back for an order that was worth something",
            mend="load a longer history; orders given back in full are worth nothing",
            code="no_worth",
        )
    mean = float(known.worth_mean[some].mean())
    try:
        spend = GammaGamma().fit(known.worth_days, known.worth_mean)
        everybody = float(spend.expected_value(np.zeros(1), np.zeros(1))[0])
    except NotEnoughData:
        return None, mean
    return (spend if mean / _MOST_MEAN <= everybody <= mean * _MOST_MEAN else None), mean
