"""NBD: customers who order at their own steady rates and never leave."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from regulars.predict.purchase_models.domain import Floats, Histories
from regulars.predict.purchase_models.estimator.base import PurchaseModel


class NBD(PurchaseModel):
    """Orders are Poisson with a rate of the customer's own; rates are gamma distributed with shape r and rate alpha.

    Ehrenberg, "The pattern of consumer purchases" (1959). What is left where no customer is seen to leave.
    """

    names: ClassVar = ("r", "alpha")
    times: ClassVar = ("alpha",)
    start: ClassVar = (1.0, 1.0)

    def _log_likelihood(self, values: Floats, given: Histories, *, gradient: bool) -> tuple[Floats, Floats | None]:
        from scipy.special import digamma, gammaln

        r, alpha = values
        found = gammaln(r + given.x) - gammaln(r) + r * np.log(alpha) - (r + given.x) * np.log(alpha + given.T)
        if not gradient:
            return found, None
        by_r = digamma(r + given.x) - digamma(r) + np.log(alpha) - np.log(alpha + given.T)
        return found, np.stack([by_r, r / alpha - (r + given.x) / (alpha + given.T)])

    def probability_alive(self, given: Histories) -> Floats:
        """1: nobody leaves."""
        return np.ones(len(given))

    def expected_orders(self, time: float, given: Histories | None = None) -> Floats:
        """(r + x) / (alpha + T) times `time`."""
        r, alpha = self._values()
        if given is None:
            return np.array([r / alpha * time])
        made: Floats = (r + given.x) / (alpha + given.T) * time
        return made
