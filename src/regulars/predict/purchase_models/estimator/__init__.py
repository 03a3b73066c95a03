"""Estimators of order counts and order values, for products and as a library of their own."""

from regulars.predict.purchase_models.estimator.base import PurchaseModel
from regulars.predict.purchase_models.estimator.geometric import BGNBD, MBGNBD
from regulars.predict.purchase_models.estimator.nbd import NBD
from regulars.predict.purchase_models.estimator.pareto import ParetoNBD
from regulars.predict.purchase_models.estimator.spend import GammaGamma

__all__ = ["BGNBD", "MBGNBD", "NBD", "GammaGamma", "ParetoNBD", "PurchaseModel"]
