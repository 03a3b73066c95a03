"""The churn model: the mean of trees on all features and a logistic regression on six, or the regression alone where rows are few."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from regulars.predict.churn.estimator.logistic import LogisticRegression
from regulars.predict.churn.estimator.trees import Trees
from regulars.predict.snapshots import Snapshot

#: The six numbers of the regression, all as log(1 + value); the last is the window nearest to the horizon.
SIX = ("recency_days", "purchase_days", "spent", "age_days", "gap_mean")
WINDOWS = (30, 60, 90, 180)


@dataclass(frozen=True)
class ChurnModel:
    """P(no order in the horizon) of customers in a snapshot."""

    horizon_days: int
    logistic: LogisticRegression
    trees: Trees | None

    @property
    def method(self) -> Literal["blend", "logistic"]:
        """`blend`, or `logistic` where rows were too few for trees."""
        return "logistic" if self.trees is None else "blend"

    @classmethod
    def fit(
        cls, snapshots: Sequence[Snapshot], churned: Sequence[npt.NDArray[np.bool_]], *, horizon_days: int, seed: int, trees: bool
    ) -> ChurnModel:
        """Learn from snapshots and what came after each of them; columns are those of the first."""
        y = np.concatenate(churned).astype(np.float64)
        few = LogisticRegression.fit(np.concatenate([six(one, horizon_days) for one in snapshots]), y)
        if not trees:
            return cls(horizon_days, few, None)
        names = _telling(snapshots)
        x = np.concatenate([one.matrix(names) for one in snapshots])
        return cls(horizon_days, few, Trees.fit(x, y, names, seed=seed))

    def predict(self, snapshot: Snapshot) -> npt.NDArray[np.float64]:
        """P(no order) of each customer, shape (customers,)."""
        few = self.logistic.predict(six(snapshot, self.horizon_days))
        if self.trees is None:
            return few
        made: npt.NDArray[np.float64] = (few + self.trees.predict(snapshot.matrix(self.trees.names))) / 2
        return made

    def contributions(self, snapshot: Snapshot) -> tuple[tuple[str, ...], npt.NDArray[np.float64]]:
        """Feature names, and what each adds to the log odds of each customer, shape (customers, features).

        Of the trees where there are trees: they see every cause, the regression only the rhythm.
        """
        if self.trees is not None:
            return self.trees.names, self.trees.contributions(snapshot.matrix(self.trees.names))
        return (*SIX, window_of(self.horizon_days)), self.logistic.contributions(six(snapshot, self.horizon_days))

    def to_dict(self) -> dict[str, Any]:
        """Everything learned, as JSON-able values."""
        few = self.logistic
        return {
            "horizon_days": self.horizon_days,
            "logistic": {
                "mean": few.mean.tolist(),
                "scale": few.scale.tolist(),
                "intercept": few.intercept,
                "coefficients": few.coefficients.tolist(),
            },
            "trees": None if self.trees is None else {"text": self.trees.text, "names": list(self.trees.names)},
        }

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> ChurnModel:
        """The model that `to_dict` wrote."""
        few, trees = told["logistic"], told["trees"]
        return cls(
            told["horizon_days"],
            LogisticRegression(
                np.array(few["mean"]), np.array(few["scale"]), float(few["intercept"]), np.array(few["coefficients"])
            ),
            None if trees is None else Trees(trees["text"], tuple(trees["names"])),
        )


def window_of(horizon_days: int) -> str:
    """The count of purchase days in the window nearest to the horizon."""
    return f"days_in_{min(WINDOWS, key=lambda days: abs(days - horizon_days))}"


def six(snapshot: Snapshot, horizon_days: int) -> npt.NDArray[np.float64]:
    """The regression's numbers, shape (customers, 6); who ordered once has its age for a gap."""
    columns = {name: snapshot.column(name).astype(np.float64) for name in (*SIX, window_of(horizon_days))}
    gap = columns["gap_mean"]
    columns["gap_mean"] = np.where(np.isnan(gap), columns["age_days"], gap)
    return np.column_stack([np.log1p(np.maximum(values, 0.0)) for values in columns.values()])


def contributions_by_group(
    names: Sequence[str], values: npt.NDArray[np.float64], groups: Mapping[str, str]
) -> dict[str, npt.NDArray[np.float64]]:
    """Contributions summed over the features of each group: group -> shape (customers,)."""
    made: dict[str, npt.NDArray[np.float64]] = {}
    for place, name in enumerate(names):
        group = groups[name]
        made[group] = made[group] + values[:, place] if group in made else values[:, place].copy()
    return made


def _telling(snapshots: Sequence[Snapshot]) -> tuple[str, ...]:
    """The features all snapshots have that are not the same for everybody."""
    shared = [feature.name for feature in snapshots[0].features]
    for one in snapshots[1:]:
        there = {feature.name for feature in one.features}
        shared = [name for name in shared if name in there]
    return tuple(name for name in shared if any(_varies(one.column(name)) for one in snapshots))


def _varies(values: npt.NDArray[np.float32]) -> bool:
    known = values[~np.isnan(values)]
    return known.size > 0 and (known.size < values.size or bool((known != known[0]).any()))
