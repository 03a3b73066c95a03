"""Whether today still looks like what a model learned from, and whether what came is what was forecast."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from regulars.predict.models.domain import Realised

Floats = npt.NDArray[np.float64]

_BINS = 10
_LEAST_SHARE = 1e-4  # of an empty bin, so that its logarithm is a number
_Z_99 = 2.5758293035489004


@dataclass(frozen=True)
class Reference:
    """How each column was spread when a model learned: cuts between deciles, shares of the bins, and last the share of missing values."""

    names: tuple[str, ...]
    cuts: tuple[tuple[float, ...], ...]
    shares: tuple[tuple[float, ...], ...]

    @classmethod
    def of(cls, names: Sequence[str], matrix: npt.NDArray[np.floating[Any]]) -> Reference:
        """From the rows a model learned from; `matrix` has shape (rows, names), NaN where a value is missing."""
        cuts, shares = [], []
        for place in range(len(names)):
            column = matrix[:, place].astype(np.float64)
            cut = _cuts(column)
            cuts.append(tuple(float(at) for at in cut))
            shares.append(tuple(float(part) for part in _shares(column, cut)))
        return cls(tuple(names), tuple(cuts), tuple(shares))

    def moved(self, names: Sequence[str], matrix: npt.NDArray[np.floating[Any]]) -> dict[str, float]:
        """Population stability index of each column that both have; `matrix` has shape (rows, names)."""
        found = {}
        places = {name: place for place, name in enumerate(names)}
        for name, cut, shares in zip(self.names, self.cuts, self.shares, strict=True):
            if name in places and len(matrix):
                column = matrix[:, places[name]].astype(np.float64)
                found[name] = _index(np.array(shares), _shares(column, np.array(cut)))
        return found

    def to_dict(self) -> dict[str, Any]:
        """JSON-able values."""
        return {
            "names": list(self.names),
            "cuts": [list(cut) for cut in self.cuts],
            "shares": [[round(part, 6) for part in share] for share in self.shares],
        }

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Reference:
        """The reference that `to_dict` wrote."""
        return cls(tuple(told["names"]), tuple(tuple(cut) for cut in told["cuts"]), tuple(tuple(share) for share in told["shares"]))


def stability_index(expected: Floats, actual: Floats) -> float:
    """Population stability index of two samples: sum of (a - e) ln(a / e) over deciles of the first; missing values are a bin of their own.

    0.1 is worth a look, 0.25 a new model (Siddiqi, Credit Risk Scorecards, 2006).
    """
    if not (~np.isnan(expected)).any() or not actual.size:
        return 0.0
    cuts = _cuts(expected)
    return _index(_shares(expected, cuts), _shares(actual, cuts))


def realised(as_of: datetime, probability: Floats, happened: npt.NDArray[np.bool_]) -> Realised | None:
    """A forecast against what came, with the interval that 99 % of such groups fall into; None where nobody was forecast.

    Each customer has a probability of its own, so the number it happens to is Poisson-binomial: mean sum p, variance sum p (1 - p); the
    interval is its normal approximation with half a customer of continuity (Hong 2013, Computational Statistics & Data Analysis 59).
    """
    n = len(probability)
    if not n:
        return None
    mean, spread = float(probability.sum()), float(np.sqrt((probability * (1 - probability)).sum()))
    far = _Z_99 * spread + 0.5
    return Realised(
        as_of=as_of,
        customers=n,
        forecast=mean / n,
        came=float(happened.mean()),
        low=max(0.0, (mean - far) / n),
        high=min(1.0, (mean + far) / n),
    )


def drift_figures(moved: Mapping[str, float], score: str = "score", came: Realised | None = None, most: int = 20) -> dict[str, Any]:
    """What a room notes of its champion on a day (`registry.note`): the index of the score, of the features that moved most, and a closed cohort."""
    features = sorted(((name, index) for name, index in moved.items() if name != score), key=lambda pair: (-pair[1], pair[0]))
    figures: dict[str, Any] = {
        "score_psi": round(moved[score], 4) if score in moved else None,
        "moved": [[name, round(index, 4)] for name, index in features[:most]],
    }
    if came is not None:
        figures["realised"] = {
            "as_of": came.as_of.isoformat(),
            "customers": came.customers,
            "forecast": came.forecast,
            "came": came.came,
            "low": came.low,
            "high": came.high,
        }
    return figures


def _cuts(column: Floats) -> Floats:
    known = column[~np.isnan(column)]
    return np.unique(np.quantile(known, np.linspace(0, 1, _BINS + 1)[1:-1])) if known.size else np.empty(0)


def _shares(column: Floats, cuts: Floats) -> Floats:
    there = column[~np.isnan(column)]
    counts = np.bincount(np.searchsorted(cuts, there, side="right"), minlength=len(cuts) + 1)
    made: Floats = np.r_[counts, len(column) - len(there)] / max(len(column), 1)
    return made


def _index(expected: Floats, actual: Floats) -> float:
    e, a = np.maximum(expected, _LEAST_SHARE), np.maximum(actual, _LEAST_SHARE)
    return float(((a - e) * np.log(a / e)).sum())
