"""BG/NBD and MBG/NBD: customers who may leave after an order, each with a chance of its own."""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar

import numpy as np

from regulars.predict.purchase_models.domain import Floats, Histories, pairs
from regulars.predict.purchase_models.estimator.base import PurchaseModel

_NODES = 64


class BGNBD(PurchaseModel):
    """Orders are Poisson with gamma rates (shape r, rate alpha); after each repeat order the customer leaves with its own chance p, beta(a, b).

    Fader, Hardie & Lee, "Counting your customers the easy way" (2005). Who has ordered once is alive for certain here, so P(alive)
    cannot warn about one-time buyers; P(no order) can.
    """

    names: ClassVar = ("r", "alpha", "a", "b")
    times: ClassVar = ("alpha",)
    start: ClassVar = (1.0, 1.0, 1.0, 1.0)
    _first_chance: ClassVar = 0  # 1: a customer may leave after its first order, too

    def _log_likelihood(self, values: Floats, given: Histories, *, gradient: bool) -> tuple[Floats, Floats | None]:
        from scipy.special import betaln, digamma, gammaln

        r, alpha, a, b = values
        x, more = given.x, self._first_chance
        stays, left = b + x + more, np.maximum(b + x + more - 1, 1e-300)
        leaves = (x > 0) | (more == 1)
        shared = gammaln(r + x) - gammaln(r) + r * np.log(alpha) - betaln(a, b)
        log_alive = betaln(a, stays) - (r + x) * np.log(alpha + given.T)
        log_left = np.where(leaves, betaln(a + 1, np.where(leaves, left, 1.0)) - (r + x) * np.log(alpha + given.t_x), -np.inf)
        either = np.logaddexp(log_alive, log_left)
        found = shared + either
        if not gradient:
            return found, None
        alive, gone = np.exp(log_alive - either), np.exp(log_left - either)
        both = digamma(a + stays)  # a + stays = (a + 1) + left
        by_a_alive, by_b_alive = digamma(a) - both, digamma(stays) - both
        by_a_left = digamma(a + 1) - both
        by_b_left = np.where(leaves, digamma(np.where(leaves, left, 1.0)) - both, 0.0)
        early, late = np.log(alpha + given.t_x), np.log(alpha + given.T)
        return found, np.stack(
            [
                digamma(r + x) - digamma(r) + np.log(alpha) - alive * late - gone * early,
                r / alpha - (r + x) * (alive / (alpha + given.T) + gone / (alpha + given.t_x)),
                digamma(a + b) - digamma(a) + alive * by_a_alive + gone * by_a_left,
                digamma(a + b) - digamma(b) + alive * by_b_alive + gone * by_b_left,
            ]
        )

    def probability_alive(self, given: Histories) -> Floats:
        """The share of the likelihood in which the customer has not left."""
        from scipy.special import expit

        r, alpha, a, b = self._values()
        x, more = given.x, self._first_chance
        leaves = (x > 0) | (more == 1)
        odds = (
            np.log(a) - np.log(np.where(leaves, b + x + more - 1, 1.0)) + (r + x) * np.log((alpha + given.T) / (alpha + given.t_x))
        )
        made: Floats = np.where(leaves, expit(-odds), 1.0)
        return made

    def expected_orders(self, time: float, given: Histories | None = None) -> Floats:
        """P(alive) times the mean over p of (1 - (1 + p time / (alpha + T)) ** -(r + x)) / p.

        p of a customer who is alive is beta(a, b + x) distributed (b + x + 1 in MBG/NBD). The mean is taken by Gauss-Jacobi quadrature
        for that beta, which equals the papers' hypergeometric function and stays finite for thousands of orders.
        """
        r, alpha, a, b = self._values()
        new = given is None
        rows = Histories(np.zeros(1), np.zeros(1), np.zeros(1)) if given is None else given
        place, back = pairs(rows.x, rows.T)
        x, late = rows.x[place], rows.T[place]
        told = np.empty(len(place))
        for orders in np.unique(x):
            mine = x == orders
            p, weight = _beta_nodes(a, b + orders + self._first_chance)
            base = alpha + late[mine][:, None]
            told[mine] = (-np.expm1(-(r + orders) * np.log1p(p * time / base)) / p) @ weight
        made = told[back]
        alive = np.full(1, b / (a + b) if self._first_chance else 1.0) if new else self.probability_alive(rows)
        return made * alive


class MBGNBD(BGNBD):
    """BG/NBD in which a customer may leave after its very first order, too.

    Batislam, Denizel & Filiztekin, "Empirical validation and comparison of models for customer base analysis" (2007).
    """

    _first_chance: ClassVar = 1


@lru_cache(maxsize=4_096)
def _beta_nodes(a: float, b: float) -> tuple[Floats, Floats]:
    """Nodes in (0, 1) and weights that sum to 1: the Gauss rule of the beta(a, b) distribution (Golub & Welsch 1969)."""
    from scipy.linalg import eigh_tridiagonal

    up, down = a - 1.0, b - 1.0  # Jacobi exponents at 0 and at 1
    n = np.arange(_NODES, dtype=np.float64)
    total = up + down
    first = (up - down) / (total + 2.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        diagonal = (up * up - down * down) / ((2 * n + total) * (2 * n + total + 2.0))
    diagonal[0] = first
    k = n[1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        beside = 4 * k * (k + up) * (k + down) * (k + total) / ((2 * k + total) ** 2 * (2 * k + total + 1) * (2 * k + total - 1))
    beside[0] = 4 * (1 + up) * (1 + down) / ((2 + total) ** 2 * (3 + total))
    nodes, vectors = eigh_tridiagonal(diagonal, np.sqrt(beside))
    return np.clip((nodes + 1) / 2, 1e-300, 1.0), vectors[0] ** 2
