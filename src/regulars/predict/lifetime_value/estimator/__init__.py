"""What is learned of values: the purchase model with order values, trees beside it, and how far both can be off."""

from regulars.predict.lifetime_value.estimator.known import Known, known_of
from regulars.predict.lifetime_value.estimator.model import ValueModel, fit_spend
from regulars.predict.lifetime_value.estimator.spread import spread_of

__all__ = ["Known", "ValueModel", "fit_spend", "known_of", "spread_of"]
