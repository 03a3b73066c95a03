"""How good a list of products is by what people thought of them, and how sure a difference of two settings is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

TOP, DEEP = 10, 100
_SEED, _TIMES = 7, 1_000


def ndcg(listed: Sequence[str], gains: Mapping[str, float], at: int = TOP) -> float:
    """The gains of the first products, later ones counted less, against the best list that there could be."""
    best = _worth(sorted(gains.values(), reverse=True)[:at])
    return _worth([gains.get(one, 0.0) for one in listed[:at]]) / best if best else 0.0


def recall(listed: Sequence[str], gains: Mapping[str, float], at: int = DEEP) -> float:
    """Which share of the good products is among the first ones."""
    good = {one for one, gain in gains.items() if gain > 0}
    return len(good.intersection(listed[:at])) / len(good) if good else 0.0


def reciprocal_rank(listed: Sequence[str], gains: Mapping[str, float], at: int = DEEP) -> float:
    """1 / place of the first good product; 0 where none is among the first ones."""
    return next((1 / place for place, one in enumerate(listed[:at], 1) if gains.get(one, 0.0) > 0), 0.0)


def interval(differences: Sequence[float]) -> tuple[float, float] | None:
    """The middle 95 % of the means of queries drawn again; None where there are too few to tell."""
    values = np.asarray(differences, np.float64)
    if len(values) < 2:
        return None
    drawn = np.random.default_rng(_SEED).integers(0, len(values), (_TIMES, len(values)))
    low, high = np.percentile(values[drawn].mean(axis=1), [2.5, 97.5])
    return float(low), float(high)


def _worth(gains: Sequence[float]) -> float:
    discounts: npt.NDArray[np.float64] = 1 / np.log2(np.arange(2, len(gains) + 2))
    return float(np.dot(gains, discounts)) if gains else 0.0
