"""The verbs of the purchase models: choose one that fits, and the lifetime value that follows."""

from __future__ import annotations

import numpy as np

from regulars.errors import InvalidInput
from regulars.predict.purchase_models.domain import Floats, Histories
from regulars.predict.purchase_models.estimator import NBD, ParetoNBD, PurchaseModel

#: The gain in log-likelihood that leaving must bring for its two parameters: a likelihood ratio test at 1 %.
_WORTH = 4.6


def choose(given: Histories) -> PurchaseModel:
    """Pareto/NBD, or NBD where customers are not seen to leave (the likelihood gains less than 4.6 by it).

    Raises
    ------
    NotEnoughData : fewer than ten customers came back.
    """
    steady, leaving = NBD().fit(given), ParetoNBD().fit(given)
    assert steady.log_likelihood_ is not None
    assert leaving.log_likelihood_ is not None
    return leaving if leaving.log_likelihood_ > steady.log_likelihood_ + _WORTH else steady


def lifetime_value(
    model: PurchaseModel,
    given: Histories,
    order_value: Floats,
    *,
    periods: int = 12,
    period: float = 30.4375,
    discount: float = 0.01,
    margin: float = 1.0,
) -> Floats:
    """What customers are worth from now on, shape (customers,): discounted margins of the orders to expect.

    The sum over periods k = 1 .. `periods` of (orders expected until k - orders expected until k - 1) x `order_value` x `margin` /
    (1 + `discount`)^k.

    Parameters
    ----------
    order_value : shape (customers,), value of a coming order, of `GammaGamma.expected_value`.
    period : length of a period, in the unit of the histories; 30.4375 days are a month.
    discount : by period.
    """
    if periods < 1 or period <= 0 or discount <= -1:
        raise InvalidInput("no period to count", mend="give periods >= 1, period > 0 and discount > -1", code="bad_periods")
    orders = np.stack([model.expected_orders(period * k, given) for k in range(1, periods + 1)])
    gained = np.diff(orders, axis=0, prepend=0.0)
    weight = (1 + discount) ** -np.arange(1.0, periods + 1)
    made: Floats = (weight @ gained) * order_value * margin
    return made
