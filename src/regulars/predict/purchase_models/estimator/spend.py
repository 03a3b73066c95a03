"""Gamma-Gamma: what an order of a customer is worth."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from regulars.errors import InvalidInput, NotEnoughData
from regulars.predict.purchase_models.domain import Floats

#: From twice as many customers on, so many tell where the search begins.
_FIRST_ROWS = 20_000
_BOUNDS = (-6.0, 12.0)
_FEWEST = 10


class GammaGamma:
    """Values of one customer's orders are gamma(p, nu); nu is gamma(q, gamma) over customers, and independent of how often they order.

    Fader & Hardie, "The gamma-gamma model of monetary value" (2013). `correlation_`, between the number of orders and their mean value, is
    how far the independence holds: below 0.3 is usual.
    """

    names = ("p", "q", "gamma")

    def __init__(self, **parameters: float) -> None:
        if parameters and set(parameters) != set(self.names):
            raise InvalidInput("GammaGamma has the parameters p, q and gamma", mend="give all of them, or none", code="bad_model")
        self.parameters_: dict[str, float] = {name: float(parameters[name]) for name in self.names} if parameters else {}
        self.log_likelihood_: float | None = None
        self.correlation_: float | None = None

    def fit(self, x: npt.ArrayLike, mean: npt.ArrayLike) -> GammaGamma:
        """Find the parameters of greatest likelihood.

        Parameters
        ----------
        x : shape (customers,), orders of each customer that the mean is taken over; customers with none are left out.
        mean : shape (customers,), mean value of these orders; above 0.

        Raises
        ------
        NotEnoughData : fewer than ten customers with orders worth something.
        """
        from scipy.optimize import minimize

        orders, value = np.asarray(x, dtype=np.float64), np.asarray(mean, dtype=np.float64)
        known = (orders > 0) & (value > 0)
        orders, value = orders[known], value[known]
        if len(orders) < _FEWEST:
            raise NotEnoughData(
                f"{len(orders)} customers with orders worth something; Gamma-Gamma needs {_FEWEST}",
                mend="load a longer history",
                code="too_few_orders",
            )
        unit = float(value.mean())
        logs = np.log([1.0, 2.0, 1.0])
        in_order = np.lexsort((value, orders)) if len(orders) > _FIRST_ROWS else np.arange(len(orders))
        for step in sorted({max(1, len(orders) // _FIRST_ROWS), 1}, reverse=True):  # a few customers tell where to begin
            some = in_order[::step]
            x, mean_value = orders[some], value[some] / unit

            def loss(logs: Floats, x: Floats = x, mean_value: Floats = mean_value) -> tuple[float, Floats]:
                found, slope = _log_likelihood(np.exp(logs), x, mean_value, gradient=True)
                assert slope is not None
                return -float(found.mean()), -slope.mean(axis=1) * np.exp(logs)

            logs = minimize(
                loss,
                logs,
                jac=True,
                method="L-BFGS-B",
                bounds=[_BOUNDS] * 3,
                options={"ftol": 1e-13, "gtol": 1e-8, "maxiter": 500},
            ).x
        p, q, gamma = np.exp(logs)
        self.parameters_ = {"p": float(p), "q": float(q), "gamma": float(gamma) * unit}
        self.log_likelihood_ = float(self.log_likelihood(orders, value).sum())
        spread = orders.std() * value.std()
        self.correlation_ = float(np.corrcoef(orders, value)[0, 1]) if spread > 0 else 0.0
        return self

    def log_likelihood(self, x: npt.ArrayLike, mean: npt.ArrayLike) -> Floats:
        """Of each customer with at least one order, shape (customers,)."""
        orders, value = np.asarray(x, dtype=np.float64), np.asarray(mean, dtype=np.float64)
        return _log_likelihood(self._values(), orders, value, gradient=False)[0]

    def expected_value(self, x: npt.ArrayLike, mean: npt.ArrayLike) -> Floats:
        """The mean value to expect of a customer's coming orders, shape (customers,): p (gamma + x mean) / (p x + q - 1).

        Where x is 0 that is the mean of all customers.
        """
        orders, value = np.asarray(x, dtype=np.float64), np.asarray(mean, dtype=np.float64)
        p, q, gamma = self._values()
        if q <= 1 and bool((p * orders + q <= 1).any()):
            raise NotEnoughData(
                f"order values spread too widely to have a mean (q = {q:.2f})",
                mend="take the mean of the orders seen",
                code="no_mean",
            )
        made: Floats = p * (gamma + orders * value) / (p * orders + q - 1)
        return made

    def _values(self) -> Floats:
        if not self.parameters_:
            raise InvalidInput("this GammaGamma has no parameters yet", mend="call `fit` first, or give them", code="not_fitted")
        return np.array([self.parameters_[name] for name in self.names])


def _log_likelihood(values: Floats, x: Floats, mean: Floats, *, gradient: bool) -> tuple[Floats, Floats | None]:
    from scipy.special import digamma, gammaln

    p, q, gamma = values
    total = gamma + x * mean
    orders, kind = np.unique(x, return_inverse=True)  # many customers have as many orders
    shape = p * orders
    by_orders = gammaln(shape + q) - gammaln(shape) - gammaln(q) + q * np.log(gamma) + shape * np.log(orders)
    shapes, logs, whole = shape[kind], np.log(mean), np.log(total)
    found = by_orders[kind] + (shapes - 1) * logs - (shapes + q) * whole
    if not gradient:
        return found, None
    both = digamma(shape + q)
    by_shape = (both - digamma(shape) + np.log(orders))[kind] + logs - whole
    by_q = (both - digamma(q) + np.log(gamma))[kind] - whole
    return found, np.stack([x * by_shape, by_q, q / gamma - (shapes + q) / total])
