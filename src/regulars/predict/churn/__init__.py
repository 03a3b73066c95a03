"""Churn: who will not order again within the shop's horizon, and how good were such forecasts?

Hears: nothing. Tells: nothing. Owns: no table; learns from snapshots, each of which sees only what was known then.
"""

from regulars.predict.churn.domain import Backtest, Fold, Forecast, Rhythm
from regulars.predict.churn.estimator import SMALL_TREES, Trees
from regulars.predict.churn.learning import Course
from regulars.predict.churn.scores import Scores
from regulars.predict.churn.service import forecast, judge, rhythm

__all__ = ["SMALL_TREES", "Backtest", "Course", "Fold", "Forecast", "Rhythm", "Scores", "Trees", "forecast", "judge", "rhythm"]
