"""Purchase models: how many orders will a customer make, when is the next one, and what is it worth?

Hears: nothing. Tells: nothing. Owns: no table; a library of estimators that stands on its own.
"""

from regulars.predict.purchase_models.domain import Histories
from regulars.predict.purchase_models.estimator import BGNBD, MBGNBD, NBD, GammaGamma, ParetoNBD, PurchaseModel
from regulars.predict.purchase_models.service import choose, lifetime_value

__all__ = ["BGNBD", "MBGNBD", "NBD", "GammaGamma", "Histories", "ParetoNBD", "PurchaseModel", "choose", "lifetime_value"]
