"""Gradient boosted trees (LightGBM), always the same for the same rows and seed."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

from regulars.errors import Unavailable

#: Small trees: on two stores as good as 250 of 15 leaves (docs/decisions/0023), and far fewer leaves to explain.
SMALL: Mapping[str, Any] = {
    "objective": "binary",
    "num_leaves": 7,
    "learning_rate": 0.05,
    "min_data_in_leaf": 40,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
}
ROUNDS = 150
#: From so many rows on, forecasts use every core. Learning never does: for trees this small, threads that wait for each other burn more
#: processor time than they save (300,000 rows: 9 s alone, 23 s with two), and the trees are the same.
_MANY_ROWS = 100_000


@dataclass(frozen=True)
class Trees:
    """A fitted forest as LightGBM writes it, and the names of its columns."""

    text: str
    names: tuple[str, ...]

    @classmethod
    def fit(
        cls,
        x: npt.NDArray[np.float32],
        y: npt.NDArray[np.float64],
        names: tuple[str, ...],
        *,
        seed: int,
        parameters: Mapping[str, Any] = SMALL,
        rounds: int = ROUNDS,
    ) -> Trees:
        """Learn from rows.

        Parameters
        ----------
        x : shape (rows, features); NaN is a value of its own.
        y : shape (rows,), 0 or 1.
        """
        lightgbm = _library()
        fixed = {"seed": seed, "deterministic": True, "force_row_wise": True, "verbose": -1, "num_threads": 1}
        smallest = min(int(parameters["min_data_in_leaf"]), max(1, len(x) // 20))
        data = lightgbm.Dataset(x, y, feature_name=list(names), free_raw_data=True)
        model = lightgbm.train({**parameters, "min_data_in_leaf": smallest, **fixed}, data, rounds)
        return cls(model.model_to_string(), names)

    @cached_property
    def _booster(self) -> Any:
        return _library().Booster(model_str=self.text)

    def predict(self, x: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """P(y = 1) of each row, shape (rows,)."""
        made: npt.NDArray[np.float64] = np.asarray(self._booster.predict(x, num_threads=_threads(x)), dtype=np.float64)
        return made

    def contributions(self, x: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """What each feature adds to the log odds, shape (rows, features): exact Shapley values of the trees.

        Lundberg, Erion & Lee, "Consistent individualized feature attribution for tree ensembles" (2018), as LightGBM computes them.
        """
        found = np.asarray(self._booster.predict(x, pred_contrib=True, num_threads=_threads(x)), dtype=np.float64)
        made: npt.NDArray[np.float64] = found[:, :-1]
        return made


def _library() -> ModuleType:
    """LightGBM, imported when it is first needed.

    Raises
    ------
    Unavailable : the system lacks the OpenMP runtime that its wheel expects.
    """
    try:
        return importlib.import_module("lightgbm")
    except OSError as fault:
        raise Unavailable(
            f"LightGBM cannot start ({fault})",
            mend="install the OpenMP runtime (Debian and Ubuntu: apt-get install libgomp1; macOS: brew install libomp)",
            code="no_openmp",
        ) from None


def _threads(x: npt.NDArray[np.float32]) -> int:
    """0 is every core."""
    return 0 if len(x) >= _MANY_ROWS else 1
