"""How far off a forecast may be: three parts of its error, fitted to the errors of past forecasts.

The errors of one forecast, in units of their scales, are taken as `noise of each day + one error of the level + a level that drifts`,
so that `Cov(e_h, e_k) = noise [h = k] + level + drift min(h, k)`. The three parts are the non-negative least-squares fit to the mean
products of past errors, so days, and sums of days, get their intervals from the same three numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from regulars.predict.forecast.estimator.line import PastErrors
from regulars.predict.forecast.estimator.week import Array

#: Errors count up to so many times the usual one, so that one odd fortnight does not widen every interval.
CLIP = 4.0
#: Fewer past errors than this say nothing about the tails by themselves.
ENOUGH = 100
#: Then the tails are those of Student's t of so many degrees of freedom.
FREEDOM = 5.0


@dataclass(frozen=True)
class Spread:
    """The parts of the error's variance, in units of the scales."""

    noise: float
    level: float
    drift: float
    standard: Array  # past errors over their deviation, sorted, absolute

    def covariance(self, count: int) -> Array:
        """Shape (count, count)."""
        ahead = np.arange(1, count + 1)
        return self.noise * np.eye(count) + self.level + self.drift * np.minimum.outer(ahead, ahead)

    def reach(self, level: float) -> float:
        """So many deviations either way hold the share `level`: what past errors show, beyond them a t's tail."""
        from scipy.special import stdtrit

        count = len(self.standard)
        tail = float(stdtrit(FREEDOM, 0.5 + level / 2))
        if not count:
            return tail
        if (1 - level) * count >= 3 and count >= ENOUGH:
            return float(np.quantile(self.standard, level))
        inner = float(np.quantile(self.standard, 0.8)) / float(stdtrit(FREEDOM, 0.9))
        return tail * (max(inner, 0.5) if count >= 20 else max(inner, 1.0))


def spread_of(past: PastErrors) -> Spread | None:
    """The parts fitted to past errors; None without any."""
    from scipy.optimize import nnls

    errors = past.errors
    known = np.isfinite(errors)
    if not known.any():
        return None
    usual = 1.4826 * float(np.median(np.abs(errors[known])))
    usual = usual if usual > 0 else float(np.mean(np.abs(errors[known])))
    if usual <= 0:
        return Spread(0.0, 0.0, 0.0, np.zeros(int(known.sum())))
    clipped = np.where(known, np.clip(errors, -CLIP * usual, CLIP * usual), 0.0)
    pairs = known.astype(np.float64).T @ known.astype(np.float64)
    products = clipped.T @ clipped
    some = pairs > 0
    ahead = np.arange(1, errors.shape[1] + 1)
    columns = np.stack([np.eye(len(ahead))[some], np.ones(int(some.sum())), np.minimum.outer(ahead, ahead)[some]], axis=1)
    weight = np.sqrt(pairs[some] * np.where(np.eye(len(ahead), dtype=bool)[some], len(ahead), 1.0))
    (noise, level, drift), _ = nnls(columns * weight[:, None], products[some] / pairs[some] * weight)
    deviation = np.sqrt(np.maximum(noise + level + drift * ahead, 1e-12))
    standard = np.sort(np.abs((errors / deviation)[known]))
    return Spread(float(noise), float(level), float(drift), standard)
