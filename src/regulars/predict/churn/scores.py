"""How good a warning was: discrimination, calibration and lift, in plain numpy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scores:
    """The figures of one set of predictions against what came."""

    customers: int
    churn_rate: float
    auc: float | None  # null: everybody did the same
    brier: float
    ece: float  # expected calibration error over ten bins of equal size
    top_decile_lift: float | None


def score(churned: npt.NDArray[np.bool_], p: Floats) -> Scores:
    """All figures; `churned` and `p` have shape (customers,)."""
    y = churned.astype(np.float64)
    return Scores(len(y), float(y.mean()), auc(y, p), brier(y, p), calibration_error(y, p), lift(y, p))


def auc(y: Floats, p: Floats) -> float | None:
    """The chance that a customer who left ranks above one who stayed; ties count half (Hanley & McNeil 1982)."""
    gone = int(y.sum())
    stayed = len(y) - gone
    if not gone or not stayed:
        return None
    _, place, counts = np.unique(p, return_inverse=True, return_counts=True)
    rank = (np.cumsum(counts) - (counts - 1) / 2)[place]
    return float((rank[y == 1].sum() - gone * (gone + 1) / 2) / (gone * stayed))


def brier(y: Floats, p: Floats) -> float:
    """Mean squared difference of probability and outcome (Brier 1950)."""
    return float(np.mean((p - y) ** 2))


def calibration_error(y: Floats, p: Floats, bins: int = 10) -> float:
    """Mean distance of forecast and observed share over bins of equal size (Naeini, Cooper & Hauskrecht 2015)."""
    parts = [part for part in np.array_split(np.argsort(p, kind="stable"), bins) if len(part)]
    return float(sum(abs(float(y[part].mean() - p[part].mean())) * len(part) for part in parts) / len(y))


def lift(y: Floats, p: Floats, share: float = 0.1) -> float | None:
    """How many times the average churn the riskiest share has."""
    if not y.any():
        return None
    most = np.argsort(-p, kind="stable")[: max(1, round(share * len(y)))]
    return float(y[most].mean() / y.mean())
