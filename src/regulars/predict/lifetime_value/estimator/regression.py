"""A regression of money on eight numbers, through logarithms: it goes on beyond the dearest customer seen, where trees end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from regulars.predict.lifetime_value.estimator.known import Floats
from regulars.predict.snapshots import Snapshot

#: Between the variance of counts (1) and of sizes (2); the trees of money have the same.
POWER = 1.5
_WINDOWS = (30, 60, 90, 180)
_STEPS = 60
_FARTHEST = 20.0


@dataclass(frozen=True)
class LogLinear:
    """E(y | x) = mean of y x exp(intercept + coefficients . (x - mean) / scale).

    Maximum Tweedie quasi-likelihood (variance as the power 1.5 of the mean) with a log link, less `ridge` / 2 times the squared
    coefficients (not the intercept), by Fisher scoring (McCullagh & Nelder, Generalized Linear Models, 1989, 9.2; Jorgensen 1987).
    Nothing is forecast beyond the highest fitted value of the rows it was learned from.
    """

    mean: Floats  # (features,)
    scale: Floats  # (features,)
    level: float  # mean of y
    intercept: float
    coefficients: Floats  # (features,), of standardised columns
    most: float  # the highest fitted exponent

    @classmethod
    def fit(cls, x: Floats, y: Floats, *, ridge: float = 1.0) -> LogLinear:
        """Learn from rows.

        Parameters
        ----------
        x : shape (rows, features), finite.
        y : shape (rows,), 0 or more and not all 0.
        """
        mean, scale = x.mean(axis=0), x.std(axis=0)
        scale = np.where(scale > 0, scale, 1.0)
        z = np.column_stack([np.ones(len(x)), (x - mean) / scale])
        share = y / y.mean()
        penalty = np.r_[0.0, np.full(x.shape[1], ridge)]

        def loss(beta: Floats) -> float:
            mu = _exp(z @ beta)
            deviance = mu ** (2 - POWER) / (2 - POWER) - share * mu ** (1 - POWER) / (1 - POWER)
            return float(deviance.sum() + 0.5 * (penalty * beta * beta).sum())

        beta = np.zeros(z.shape[1])
        now = loss(beta)
        for _ in range(_STEPS):
            mu = _exp(z @ beta)
            gradient = z.T @ (mu ** (1 - POWER) * (mu - share)) + penalty * beta
            information = (z * (mu ** (2 - POWER))[:, None]).T @ z + np.diag(penalty + 1e-9)
            step, length = np.linalg.solve(information, gradient), 1.0
            while length > 1e-4 and loss(beta - length * step) > now:
                length /= 2
            then = loss(beta - length * step)
            if now - then < 1e-9 * abs(now):
                break
            beta, now = beta - length * step, then
        return cls(mean, scale, float(y.mean()), float(beta[0]), beta[1:], float((z @ beta).max()))

    def predict(self, x: Floats) -> Floats:
        """The expected value of each row, shape (rows,)."""
        told = self.intercept + (x - self.mean) / self.scale @ self.coefficients
        made: Floats = self.level * _exp(np.minimum(told, self.most))
        return made

    def to_dict(self) -> dict[str, Any]:
        """Everything learned, as JSON-able values."""
        numbers = {"level": self.level, "intercept": self.intercept, "most": self.most}
        return {
            **numbers,
            "mean": self.mean.tolist(),
            "scale": self.scale.tolist(),
            "coefficients": self.coefficients.tolist(),
        }

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> LogLinear:
        """The regression that `to_dict` wrote."""
        return cls(
            np.array(told["mean"]),
            np.array(told["scale"]),
            float(told["level"]),
            float(told["intercept"]),
            np.array(told["coefficients"]),
            float(told["most"]),
        )


def window_of(horizon_days: int) -> int:
    """The window of the features that is nearest to the horizon, days."""
    return min(_WINDOWS, key=lambda days: abs(days - horizon_days))


def eight(snapshot: Snapshot, horizon_days: int) -> Floats:
    """The regression's numbers as log(1 + x), shape (customers, 8); who ordered once has its age for a gap.

    Days since the last and the first order, purchase days and money, ever and in the window nearest to the horizon, the mean gap, and
    what a purchase day is worth.
    """
    days = window_of(horizon_days)
    names = (
        "recency_days",
        "purchase_days",
        "spent",
        "age_days",
        "gap_mean",
        f"days_in_{days}",
        f"spent_in_{days}",
        "spent_a_day_mean",
    )
    columns = {name: snapshot.column(name).astype(np.float64) for name in names}
    gap = columns["gap_mean"]
    columns["gap_mean"] = np.where(np.isnan(gap), columns["age_days"], gap)
    return np.column_stack([np.log1p(np.maximum(values, 0.0)) for values in columns.values()])


def _exp(told: Floats) -> Floats:
    made: Floats = np.exp(np.clip(told, -_FARTHEST, _FARTHEST))
    return made
