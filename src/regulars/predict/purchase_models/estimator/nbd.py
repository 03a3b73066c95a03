"""NBD: customers who order at their own steady rates and never leave."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from regulars.errors import InvalidInput
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

    def time_of_next_order(self, given: Histories, *, quantile: float = 0.5, longest: float = 3_650.0) -> Floats:
        """(alpha + T) ((1 - quantile)^(-1 / (r + x)) - 1), shape (customers,); infinite where that is beyond `longest`."""
        if not 0 < quantile < 1:
            raise InvalidInput(f"a quantile of {quantile}", mend="give one between 0 and 1", code="bad_quantile")
        r, alpha = self._values()
        with np.errstate(over="ignore"):
            found = (alpha + given.T) * np.expm1(-np.log1p(-quantile) / (r + given.x))
        made: Floats = np.where(found <= longest, found, np.inf)
        return made
