"""What a churn forecast is: its horizon, how it was learned and how good it was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np
import numpy.typing as npt

from regulars.predict.churn.scores import Scores

#: Horizons a shop can have; its own is the one nearest to the days within which three of four repeat orders come.
HORIZONS = (30, 60, 90, 120, 180, 365)
#: A customer is judged while its last order is at most so many horizons ago; later it has left already.
ACTIVE_HORIZONS = 2
#: From so many labelled rows of the newest training cut-off on, trees are learned beside the regression.
TREES_FROM = 2_000
#: Below so many customers with a known outcome nothing is learned.
LEARN_FROM = 200
#: Training snapshots, at most, and of how many rows together.
MOST_CUTS = 8
MOST_ROWS = 300_000
#: Customers of a past cut-off that are learned from and judged by, about: so many tell an AUC to a thousandth or two.
MOST_CUSTOMERS = 75_000
#: A single number that tells leavers from stayers better than this has seen the future.
TOO_GOOD_AUC = 0.98

Method = Literal["blend", "logistic"]


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How a shop's customers come back, and the horizon that follows."""

    horizon_days: int
    three_of_four_within_days: float  # the 75 % point of the gaps between purchase days
    gaps: int


@dataclass(frozen=True, slots=True)
class Fold:
    """One past cut-off: what a model that knew only what came before would have said, against what came."""

    as_of: datetime
    trained_on: int  # rows
    scores: Scores
    recency_auc: float | None  # of days since the last order alone, for comparison


@dataclass(frozen=True, slots=True)
class Backtest:
    """Rolling cut-offs, oldest first."""

    horizon_days: int
    method: Method
    folds: tuple[Fold, ...]

    @property
    def auc(self) -> float | None:
        """Mean over the cut-offs."""
        known = [fold.scores.auc for fold in self.folds if fold.scores.auc is not None]
        return float(np.mean(known)) if known else None

    @property
    def brier(self) -> float:
        """Mean over the cut-offs."""
        return float(np.mean([fold.scores.brier for fold in self.folds]))

    @property
    def ece(self) -> float:
        """Mean over the cut-offs."""
        return float(np.mean([fold.scores.ece for fold in self.folds]))


@dataclass(frozen=True, slots=True)
class Forecast:
    """P(no order in the horizon) of every customer who is still about."""

    as_of: datetime
    horizon_days: int
    method: Method
    customers: list[str]
    probability: npt.NDArray[np.float64]  # shape (customers,)


def horizon_for(three_of_four_within_days: float) -> int:
    """The horizon nearest to the days within which three of four repeat orders come, by ratio."""
    return min(HORIZONS, key=lambda days: abs(np.log(days / max(three_of_four_within_days, 1.0))))
