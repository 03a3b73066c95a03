"""What every model of order counts shares: fitting by maximum likelihood, and what follows from a likelihood alone."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, TypeVar

import numpy as np

from regulars.errors import InvalidInput, NotEnoughData
from regulars.predict.purchase_models.domain import Floats, Histories

Self = TypeVar("Self", bound="PurchaseModel")

#: From so many different histories on the parameters are fitted on a sample of about as many: those that many customers share are all in it.
MOST_ROWS = 200_000
#: From more than so many on, a sample of as many tells where to begin.
FIRST_ROWS = 20_000
#: Fewer repeat customers than this say nothing about a shop.
FEWEST_REPEATERS = 10
_BOUNDS = (-9.0, 9.0)  # of the logarithms of the parameters, with times in mean ages
_INSIDE = 5.0  # the search begins no farther out: near the bounds a likelihood is flat


class PurchaseModel(ABC):
    """A model of how many orders customers make, after their first one.

    Parameters are named in `names`; those in `times` are times, in the unit of the histories. After `fit`, `parameters_` has them and
    `log_likelihood_` is that of the histories, in their own unit of time (as papers print it).
    """

    names: ClassVar[tuple[str, ...]]
    times: ClassVar[tuple[str, ...]]
    start: ClassVar[tuple[float, ...]]  # parameters to start from, with times in mean ages

    def __init__(self, *, seed: int = 1, **parameters: float) -> None:
        unknown = set(parameters) - set(self.names)
        if unknown or (parameters and len(parameters) != len(self.names)):
            raise InvalidInput(
                f"{type(self).__name__} has the parameters {', '.join(self.names)}",
                mend="give all of them, or none",
                code="bad_model",
            )
        if any(not np.isfinite(value) or value <= 0 for value in parameters.values()):
            raise InvalidInput("a parameter is not above 0", mend="parameters of purchase models are positive", code="bad_model")
        self.seed = seed
        self.parameters_: dict[str, float] = {name: float(parameters[name]) for name in self.names} if parameters else {}
        self.log_likelihood_: float | None = None

    def get_params(self, deep: bool = True) -> dict[str, float]:
        """What the model was made with, as scikit-learn asks for it."""
        return {"seed": self.seed}

    def set_params(self: Self, **parameters: int) -> Self:
        """Change what the model was made with."""
        self.seed = parameters.pop("seed", self.seed)
        if parameters:
            raise InvalidInput(f"there is no setting '{min(parameters)}'", mend="there is `seed`", code="bad_model")
        return self

    # -- what a model says of itself --------------------------------------------------------------------------------

    @abstractmethod
    def _log_likelihood(self, values: Floats, given: Histories, *, gradient: bool) -> tuple[Floats, Floats | None]:
        """Of each history, shape (customers,), and its gradient by the parameters, shape (parameters, customers)."""

    @abstractmethod
    def probability_alive(self, given: Histories) -> Floats:
        """P(the customer has not left for good), shape (customers,)."""

    @abstractmethod
    def expected_orders(self, time: float, given: Histories | None = None) -> Floats:
        """Orders to expect in the next `time`, shape (customers,); without histories, of a new customer after its first order, shape (1,)."""

    # -- fitting ---------------------------------------------------------------------------------------------------

    def fit(self: Self, given: Histories) -> Self:
        """Find the parameters of greatest likelihood (L-BFGS-B over their logarithms, with exact gradients).

        The same histories give the same parameters to the last bit, whatever their order.

        Raises
        ------
        NotEnoughData : fewer than ten customers came back.
        """
        repeaters = int((given.x > 0).sum())
        if repeaters < FEWEST_REPEATERS:
            raise NotEnoughData(
                f"{repeaters} customers came back; a purchase model needs {FEWEST_REPEATERS}",
                mend="load a longer history",
                code="too_few_repeaters",
                have=repeaters,
                need=FEWEST_REPEATERS,
            )
        unit = float(given.T.mean())
        scale = np.array([unit if name in self.times else 1.0 for name in self.names])
        every, counts = given.collapsed()
        logs = np.log(np.array(self.start))
        for most in (FIRST_ROWS, MOST_ROWS):  # a few rows tell where to begin
            if most == MOST_ROWS or len(every) > most:
                begin = np.clip(logs, -_INSIDE, _INSIDE)
                logs = self._most_likely(begin, scale, *_sampled(every, counts, most, self.seed))
        self.parameters_ = {name: float(value) for name, value in zip(self.names, np.exp(logs) * scale, strict=True)}
        self.log_likelihood_ = float((counts * self.log_likelihood(every)).sum())
        return self

    def _most_likely(self, begin: Floats, scale: Floats, rows: Histories, weights: Floats) -> Floats:
        """The logarithms of the parameters, over `scale`, of greatest likelihood."""
        from scipy.optimize import minimize

        total = float(weights.sum())

        def loss(logs: Floats) -> tuple[float, Floats]:
            values = np.exp(logs) * scale
            found, slope = self._log_likelihood(values, rows, gradient=True)
            assert slope is not None
            # sums, not products of matrices: threads that wait for each other cost more than they save here
            return -float((weights * found).sum()) / total, -(slope * weights).sum(axis=1) * values / total

        found = minimize(
            loss,
            begin,
            jac=True,
            method="L-BFGS-B",
            bounds=[_BOUNDS] * len(begin),
            options={"ftol": 1e-13, "gtol": 1e-8, "maxiter": 500},
        )
        made: Floats = found.x
        return made

    def score(self, given: Histories) -> float:
        """The log-likelihood of histories under the fitted parameters."""
        rows, weights = given.collapsed()
        return float(weights @ self.log_likelihood(rows))

    def log_likelihood(self, given: Histories) -> Floats:
        """Of each history, shape (customers,)."""
        return self._log_likelihood(self._values(), given, gradient=False)[0]

    # -- what follows from the likelihood --------------------------------------------------------------------------

    def probability_of_no_order(self, time: float | Floats, given: Histories) -> Floats:
        """P(no order in the next `time`), shape (customers,): L(x, t_x, T + time) / L(x, t_x, T)."""
        later = Histories(given.x, given.t_x, given.T + np.asarray(time, dtype=np.float64))
        ratio: Floats = np.exp(np.minimum(self.log_likelihood(later) - self.log_likelihood(given), 0.0))
        return ratio

    def time_of_next_order(self, given: Histories, *, quantile: float = 0.5, longest: float = 3_650.0) -> Floats:
        """The time within which the next order comes with probability `quantile`, shape (customers,); infinite where that is beyond `longest`."""
        if not 0 < quantile < 1:
            raise InvalidInput(f"a quantile of {quantile}", mend="give one between 0 and 1", code="bad_quantile")
        low, high = np.zeros(len(given)), np.full(len(given), float(longest))
        never = self.probability_of_no_order(high, given) > 1 - quantile
        for _ in range(60):
            middle = (low + high) / 2
            waits = self.probability_of_no_order(middle, given) > 1 - quantile
            low, high = np.where(waits, middle, low), np.where(waits, high, middle)
        made: Floats = np.where(never, np.inf, high)
        return made

    def _values(self) -> Floats:
        if not self.parameters_:
            raise InvalidInput(
                f"this {type(self).__name__} has no parameters yet", mend="call `fit` first, or give them", code="not_fitted"
            )
        return np.array([self.parameters_[name] for name in self.names])


def _sampled(rows: Histories, weights: Floats, most: int, seed: int) -> tuple[Histories, Floats]:
    """About `most` of the rows, each by a chance that goes by its weight (Horvitz & Thompson 1952); all where they are as few."""
    if len(rows) <= most:
        return rows, weights
    low, high = 0.0, float(most)
    for _ in range(60):
        middle = (low + high) / 2
        if float(np.minimum(1.0, middle * weights).sum()) < most:
            low = middle
        else:
            high = middle
    chance = np.minimum(1.0, high * weights)
    some = np.flatnonzero(np.random.default_rng(seed).random(len(rows)) < chance)
    return rows.take(some), weights[some] / chance[some]
