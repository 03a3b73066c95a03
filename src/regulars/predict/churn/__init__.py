"""Churn: who will not order again within the shop's horizon, and how good were such forecasts?

Hears: nothing. Tells: nothing. Owns: no table; learns from snapshots, each of which sees only what was known then.
"""

from regulars.predict.churn.domain import Backtest, Fold, Forecast, Rhythm
from regulars.predict.churn.scores import Scores
from regulars.predict.churn.service import forecast, judge, rhythm

__all__ = ["Backtest", "Fold", "Forecast", "Rhythm", "Scores", "forecast", "judge", "rhythm"]
