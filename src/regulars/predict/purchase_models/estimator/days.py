"""The integral of Pareto/NBD for histories in whole days: worked out once for all customers with as many orders."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from regulars.predict.purchase_models.domain import Floats, WholeDays

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(10)
_WITHIN_A_DAY = (1 + _NODES) / 2
_SHARE = _WEIGHTS / 2
#: How fast the integrand's logarithm may fall in a day: ten nodes then leave an error of 1e-14 of the day's part.
_FASTEST = 5.0
#: Days from which singularities are far enough away for ten nodes; the first day is taken by the rule for any history.
_FIRST = 1


@dataclass(frozen=True)
class Integrals:
    """Of every customer: int_{t_x}^T (alpha + u)^-(r + x) (beta + u)^-(s + 1) du over the integrand at t_x, and four means.

    `means` are those of log(1 + u / alpha), 1 / (alpha + u), log(1 + u / beta) and 1 / (beta + u) under the integrand; shape
    (4, customers), or empty where no gradient is wanted.
    """

    log_first: Floats  # (customers,), the integrand's logarithm at t_x
    log_last: Floats  # (customers,), at T
    size: Floats  # (customers,)
    means: Floats


def integrals(values: Floats, days: WholeDays, first_day: Floats | None, *, gradient: bool) -> Integrals | None:
    """The integrals, added up from the last day backwards: R(t) = int over day t + f(t + 1) / f(t) R(t + 1), each over the integrand f
    at its t, so nothing overflows; the customer's is R(t_x) - f(T) / f(t_x) R(T), all of whose terms are positive.

    `first_day` is what (x = 0, t_x = 0, T = 1) has, shape (1 + 4,): its integral over the integrand at 0, and that times the four means.
    None where the integrand falls too fast for this within a day.
    """
    r, alpha, s, beta = values
    x = r + days.orders
    end = int(days.last.max())
    if float((x / (alpha + np.maximum(days.earliest, _FIRST))).max()) + (s + 1) / (beta + _FIRST) > _FASTEST:
        return None
    begin = np.arange(_FIRST, end)[:, None]
    u = begin + _WITHIN_A_DAY
    falls = np.log((alpha + u) / (alpha + begin))[:, :, None] * -x - ((s + 1) * np.log((beta + u) / (beta + begin)))[:, :, None]
    parts = np.exp(falls)  # (days, nodes, kinds)
    weights = np.broadcast_to(_SHARE, u.shape)[:, None, :]
    if gradient:
        weights = np.stack([_SHARE * one for one in (np.ones_like(u), *told_of(u, alpha, beta))], axis=1)
    of_days = weights @ parts  # (days, 1 + 4, kinds)
    by_alpha, by_beta = (np.log(one + np.arange(end + 1)) for one in (alpha, beta))
    log_f = -np.outer(by_alpha, x) - ((s + 1) * by_beta)[:, None]  # (days + 1, kinds)
    next_ = np.exp(np.diff(log_f, axis=0))
    rest = np.zeros((end + 1, of_days.shape[1], len(x)))
    for day in range(end - 1, _FIRST - 1, -1):
        np.multiply(next_[day], rest[day + 1], out=rest[day])
        rest[day] += of_days[day - _FIRST]
    if first_day is not None:
        rest[0] = next_[0] * rest[1] + first_day[: of_days.shape[1], None]
    table = np.ascontiguousarray(rest.transpose(0, 2, 1))
    log_first, log_last = log_f[days.first, days.kind], log_f[days.last, days.kind]
    found = table[days.first, days.kind] - np.exp(log_last - log_first)[:, None] * table[days.last, days.kind]
    size = np.maximum(found[:, 0], 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        means = np.where(size > 0, found[:, 1:].T / size, 0.0)
    return Integrals(log_first, log_last, size, means)


def told_of(u: Floats, alpha: float, beta: float) -> tuple[Floats, ...]:
    """What the gradient's means are of."""
    return np.log1p(u / alpha), 1.0 / (alpha + u), np.log1p(u / beta), 1.0 / (beta + u)
