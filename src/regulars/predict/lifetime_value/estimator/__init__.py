"""What is learned of values: the purchase model with order values, trees and a regression beside it, and how far both can be off."""

from regulars.predict.lifetime_value.estimator.known import Known, known_of
from regulars.predict.lifetime_value.estimator.model import ValueModel, fit_spend
from regulars.predict.lifetime_value.estimator.regression import LogLinear, eight, window_of
from regulars.predict.lifetime_value.estimator.spread import spread_of

__all__ = ["Known", "LogLinear", "ValueModel", "eight", "fit_spend", "known_of", "spread_of", "window_of"]
