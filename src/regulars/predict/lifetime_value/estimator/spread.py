"""How far a value can be off: customers' futures drawn from what the model says of each of them."""

from __future__ import annotations

import numpy as np

from regulars.predict.lifetime_value.domain import HIGH_QUANTILE, LOW_QUANTILE
from regulars.predict.lifetime_value.estimator.known import Floats, Known
from regulars.predict.lifetime_value.estimator.model import ValueModel

DRAWS = 200
_AT_ONCE = 10_000


def spread_of(model: ValueModel, known: Known, days: float, *, seed: int, draws: int = DRAWS) -> tuple[Floats, Floats]:
    """The 10 % and 90 % points of what each customer orders for in the next days, two arrays of shape (customers,).

    Each future is drawn from the posteriors: whether the customer is still there, its rate (gamma, r + x and alpha + T), when it leaves
    (gamma rate, s and beta + T), then a Poisson count of orders, and their sum: gamma with shape p times the count, at a scale that is
    gamma with shape q + p x and rate gamma + x mean (Fader & Hardie 2013). Parameters are taken as known.
    """
    low, high = np.empty(len(known)), np.empty(len(known))
    alive = model.purchases.probability_alive(known.histories)
    for place, begin in enumerate(range(0, len(known), _AT_ONCE)):
        chance = np.random.default_rng([seed, place])
        some = slice(begin, begin + _AT_ONCE)
        totals = _futures(model, known.take(np.arange(len(known))[some]), alive[some], days, draws, chance)
        low[some], high[some] = np.quantile(totals, [LOW_QUANTILE, HIGH_QUANTILE], axis=0)
    return low, high


def _futures(model: ValueModel, known: Known, alive: Floats, days: float, draws: int, chance: np.random.Generator) -> Floats:
    given, parameters = known.histories, model.purchases.parameters_
    size = (draws, len(known))
    rate = chance.gamma(parameters["r"] + given.x, 1.0 / (parameters["alpha"] + given.T), size)
    there = np.full(size, float(days))
    if "s" in parameters:
        leaving = chance.gamma(parameters["s"], 1.0 / (parameters["beta"] + given.T), size)
        with np.errstate(divide="ignore"):
            there = np.minimum(there, chance.exponential(1.0, size) / leaving)
    there *= chance.random(size) < alive
    orders = chance.poisson(rate * there * model.worth_share).astype(np.float64)
    if model.spend is None:
        flat: Floats = orders * model.mean_value
        return flat
    p, q, gamma = (model.spend.parameters_[name] for name in ("p", "q", "gamma"))
    nu = chance.gamma(q + p * known.worth_days, 1.0 / (gamma + known.worth_days * known.worth_mean), size)
    with np.errstate(divide="ignore", invalid="ignore"):
        made: Floats = np.where(orders > 0, chance.gamma(np.maximum(p * orders, 1e-12)) / nu, 0.0)
    return made
