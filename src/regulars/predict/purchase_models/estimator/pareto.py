"""Pareto/NBD: customers who order at their own rates and leave at times of their own."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from regulars.errors import InvalidInput
from regulars.predict.purchase_models.domain import Floats, Histories
from regulars.predict.purchase_models.estimator.base import PurchaseModel
from regulars.predict.purchase_models.estimator.days import integrals, told_of

_PANELS = 7
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(12)
_ROWS_AT_ONCE = 20_000
_FEW_NODES, _FEW_WEIGHTS = np.polynomial.legendre.leggauss(8)
_WAITS = 16  # stretches of waiting that the search for the next order is cut into
_STEPS = 8  # of Newton's method


class ParetoNBD(PurchaseModel):
    """Orders are Poisson with gamma rates (shape r, rate alpha); lifetimes are exponential with gamma rates (shape s, rate beta).

    Schmittlein, Morrison & Colombo, "Counting your customers: who are they and what will they do next?" (1987); Fader & Hardie, "A note
    on deriving the Pareto/NBD model" (2005). The likelihood is kept as what it is,

        Gamma(r + x) alpha^r beta^s / Gamma(r) [ (alpha + T)^-(r + x) (beta + T)^-s + s int_{t_x}^T (alpha + u)^-(r + x) (beta + u)^-(s + 1) du ]

    and the integral taken by Gauss-Legendre rules over stretches that grow from where the integrand falls fastest, in logarithms: the
    hypergeometric functions of the papers overflow for busy customers, and their derivatives are not at hand.
    """

    names: ClassVar = ("r", "alpha", "s", "beta")
    times: ClassVar = ("alpha", "beta")
    start: ClassVar = (1.0, 1.0, 1.0, 1.0)

    def _log_likelihood(self, values: Floats, given: Histories, *, gradient: bool) -> tuple[Floats, Floats | None]:
        shared = self._of_whole_days(values, given, gradient)
        if shared is not None:
            return shared
        pieces = [
            self._of_some(values, given.take(np.arange(begin, min(begin + _ROWS_AT_ONCE, len(given)))), gradient)
            for begin in range(0, len(given), _ROWS_AT_ONCE)
        ]
        if not pieces:
            return np.zeros(0), np.zeros((4, 0)) if gradient else None
        found = np.concatenate([one for one, _ in pieces])
        return found, np.concatenate([slope for _, slope in pieces if slope is not None], axis=1) if gradient else None

    def _of_whole_days(self, values: Floats, given: Histories, gradient: bool) -> tuple[Floats, Floats | None] | None:
        """The same of customers whose times are whole days, who share integrals; None where they do not, or the integrand is too steep."""
        from scipy.special import digamma, gammaln

        days = given.whole_days
        if days is None or not days.worth(_PANELS * len(_NODES)):
            return None
        r, alpha, s, beta = values
        first_day = None
        if days.orders[0] == 0:
            u, width = _stretches(values, Histories(np.zeros(1), np.zeros(1), np.ones(1)))
            parts = width[0] * np.exp(-r * np.log1p(u[0] / alpha) - (s + 1) * np.log1p(u[0] / beta))
            first_day = np.array([parts.sum(), *(parts @ one for one in told_of(u[0], float(alpha), float(beta)))])
        found = integrals(values, days, first_day, gradient=gradient)
        if found is None:
            return None
        by_orders = (gammaln(r + days.orders) - gammaln(r) + r * np.log(alpha) + s * np.log(beta))[days.kind]
        left = beta + given.T
        with np.errstate(divide="ignore"):
            gone = np.log(s * found.size) + found.log_first
        still = found.log_last + np.log(left)
        either = np.logaddexp(gone, still)
        likelihood = by_orders + either
        if not gradient:
            return likelihood, None
        alive = np.exp(still - either)
        gone = 1 - alive
        grown, by_alpha, stayed, by_beta = found.means
        late_alpha, late_beta = np.log1p(given.T / alpha), np.log1p(given.T / beta)
        x = r + given.x
        return likelihood, np.stack(
            [
                (digamma(r + days.orders) - digamma(r))[days.kind] - alive * late_alpha - gone * grown,
                r / alpha - x * (alive / (alpha + given.T) + gone * by_alpha),
                gone / s - alive * late_beta - gone * stayed,
                s / beta - alive * s / left - (s + 1) * gone * by_beta,
            ]
        )

    def _of_some(self, values: Floats, given: Histories, gradient: bool) -> tuple[Floats, Floats | None]:
        from scipy.special import digamma, gammaln

        r, alpha, s, beta = values
        x, late = given.x, given.T
        shared = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta)
        log_alive = -(r + x) * np.log(alpha + late) - s * np.log(beta + late)
        u, width = _stretches(values, given)
        by_alpha, by_beta = np.log(alpha + u), np.log(beta + u)
        with np.errstate(divide="ignore"):
            inside = np.log(s) + np.log(width) - (r + x)[:, None] * by_alpha - (s + 1) * by_beta
        peak = np.maximum(inside.max(axis=1), log_alive)
        parts, alive = np.exp(inside - peak[:, None]), np.exp(log_alive - peak)
        whole = alive + parts.sum(axis=1)
        found = shared + peak + np.log(whole)
        if not gradient:
            return found, None
        parts, alive = parts / whole[:, None], alive / whole
        return found, np.stack(
            [
                digamma(r + x) - digamma(r) + np.log(alpha) - alive * np.log(alpha + late) - (parts * by_alpha).sum(axis=1),
                r / alpha - (r + x) * (alive / (alpha + late) + (parts / (alpha + u)).sum(axis=1)),
                np.log(beta) - alive * np.log(beta + late) + (parts * (1 / s - by_beta)).sum(axis=1),
                s / beta - alive * s / (beta + late) - (s + 1) * (parts / (beta + u)).sum(axis=1),
            ]
        )

    def probability_alive(self, given: Histories) -> Floats:
        """The share of the likelihood in which the customer has not left."""
        from scipy.special import gammaln

        r, alpha, s, beta = self._values()
        shared = gammaln(r + given.x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta)
        log_alive = shared - (r + given.x) * np.log(alpha + given.T) - s * np.log(beta + given.T)
        made: Floats = np.exp(np.minimum(log_alive - self.log_likelihood(given), 0.0))
        return made

    def expected_orders(self, time: float, given: Histories | None = None) -> Floats:
        """(r + x) / (alpha + T) times the time the customer is still there in the next `time`, times P(alive)."""
        r, alpha, s, beta = self._values()
        if given is None:
            new: Floats = r / alpha * _stay(np.array([beta]), float(s), time)
            return new
        made: Floats = (r + given.x) / (alpha + given.T) * _stay(beta + given.T, float(s), time) * self.probability_alive(given)
        return made

    def time_of_next_order(self, given: Histories, *, quantile: float = 0.5, longest: float = 3_650.0) -> Floats:
        """The time within which the next order comes with probability `quantile`, shape (customers,); infinite where that is beyond `longest`.

        Of a customer who is still there, rate and dropout rate are gamma distributed (r + x and alpha + T, s and beta + T), so the next order has
        the density (r + x) / (alpha + T) (1 + u / (alpha + T))^-(r + x + 1) (1 + u / (beta + T))^-s. Its integral reaches quantile / P(alive)
        at the time looked for, which Newton's method finds.
        """
        if not 0 < quantile < 1:
            raise InvalidInput(f"a quantile of {quantile}", mend="give one between 0 and 1", code="bad_quantile")
        r, alpha, s, beta = self._values()
        made = np.full(len(given), np.inf)
        for begin in range(0, len(given), _ROWS_AT_ONCE):
            some = given.take(np.arange(begin, min(begin + _ROWS_AT_ONCE, len(given))))
            with np.errstate(divide="ignore"):
                wanted = quantile / self.probability_alive(some)
            shape, a, b = r + some.x, alpha + some.T, beta + some.T
            made[begin : begin + len(some)] = _reached(wanted, shape, a, float(s), b, longest)
        return made


def _density(u: Floats, shape: Floats, a: Floats, s: float, b: Floats) -> Floats:
    """Of the time to the next order of somebody who is still there; all arrays broadcast."""
    made: Floats = shape / a * np.exp(-(shape + 1) * np.log1p(u / a) - s * np.log1p(u / b))
    return made


def _reached(wanted: Floats, shape: Floats, a: Floats, s: float, b: Floats, longest: float) -> Floats:
    """Where the integral of the density from 0 reaches `wanted`, shape (customers,); infinite beyond `longest`."""
    first = np.minimum(0.05 / ((shape + 1) / a + s / b), longest / _WAITS)
    growth = (longest / first) ** (1 / (_WAITS - 1))
    edges = np.column_stack([np.zeros(len(a)), first[:, None] * growth[:, None] ** np.arange(_WAITS)])
    half, middle = np.diff(edges) / 2, (edges[:, 1:] + edges[:, :-1]) / 2
    u = middle[:, :, None] + half[:, :, None] * _FEW_NODES
    parts = (_density(u, shape[:, None, None], a[:, None, None], s, b[:, None, None]) @ _FEW_WEIGHTS) * half
    by_then = np.column_stack([np.zeros(len(a)), np.cumsum(parts, axis=1)])
    never = by_then[:, -1] < wanted
    panel = np.clip((by_then < wanted[:, None]).sum(axis=1) - 1, 0, _WAITS - 1)
    rows = np.arange(len(a))
    start, end, missing = edges[rows, panel], edges[rows, panel + 1], wanted - by_then[rows, panel]
    low, high = start.copy(), end.copy()
    with np.errstate(invalid="ignore"):
        time = start + (end - start) * np.clip(missing / parts[rows, panel], 0.0, 1.0)
    for _ in range(_STEPS):
        wide = (time - start)[:, None] / 2
        u = start[:, None] + wide * (1 + _FEW_NODES)
        over = (_density(u, shape[:, None], a[:, None], s, b[:, None]) @ _FEW_WEIGHTS) * wide[:, 0] - missing
        low, high = np.where(over < 0, time, low), np.where(over < 0, high, time)
        step = time - over / _density(time, shape, a, s, b)
        time = np.where((step >= low) & (step <= high), step, (low + high) / 2)
    return np.where(never, np.inf, time)


def _stay(beta: Floats, s: float, time: float) -> Floats:
    """Expected part of the next `time` in which somebody who is alive now is still there: int_0^time (beta / (beta + u))^s du."""
    longer = np.log1p(time / beta)
    z = (s - 1) * longer
    small = np.abs(z) < 1e-8
    made: Floats = beta * longer * np.where(small, 1 - z / 2, -np.expm1(-z) / np.where(small, 1.0, z))
    return made


def _stretches(values: Floats, given: Histories) -> tuple[Floats, Floats]:
    """Where the integrand is looked at between t_x and T, and how much each place counts; shape (customers, places)."""
    r, alpha, s, beta = values
    length = given.T - given.t_x
    fall = (r + given.x) / (alpha + given.t_x) + (s + 1) / (beta + given.t_x)  # of the integrand's logarithm, at t_x
    first = np.minimum(1.0 / fall, length / _PANELS)
    with np.errstate(divide="ignore", invalid="ignore"):
        growth = np.where(first > 0, (length / first) ** (1 / (_PANELS - 1)), 1.0)
    edges = first[:, None] * growth[:, None] ** np.arange(_PANELS)
    edges = np.column_stack([np.zeros(len(first)), edges[:, :-1], length])
    half, middle = np.diff(edges) / 2, (edges[:, 1:] + edges[:, :-1]) / 2
    u = given.t_x[:, None, None] + middle[:, :, None] + half[:, :, None] * _NODES
    width = half[:, :, None] * _WEIGHTS
    shape = (len(first), -1)
    return u.reshape(shape), np.broadcast_to(width, u.shape).reshape(shape)
