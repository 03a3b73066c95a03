"""The forecast of a daily series, usable on its own: numpy and SciPy, no state but the fitted one."""

from regulars.predict.forecast.estimator.forecaster import Forecaster, Predicted, Scored
from regulars.predict.forecast.estimator.week import Array

__all__ = ["Array", "Forecaster", "Predicted", "Scored"]
