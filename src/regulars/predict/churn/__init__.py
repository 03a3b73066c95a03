"""Churn: who will not order again within the shop's horizon, why, what that costs, and how good were such forecasts?

Hears: Profiles Refreshed. Tells: Churn Scored, Churn Warned.
Owns: churn_setting, churn_warning, churn_feedback (records); churn_scores, churn_runs (warehouse, derived). Learns from snapshots, each
of which sees only what was known then; the fitted model is kept in the registry as `churn`.
"""

from regulars.predict.churn.domain import Backtest, Fold, Forecast, Rhythm
from regulars.predict.churn.estimator import SMALL_TREES, Trees
from regulars.predict.churn.learning import Course
from regulars.predict.churn.reading import Filters, customer_risk, every_warned, levels, quality, trend, warned
from regulars.predict.churn.scores import Scores
from regulars.predict.churn.scoring import Scored, score
from regulars.predict.churn.service import ask, contest, forecast, judge, rhythm, set_levels
from regulars.predict.churn.views import views

__all__ = [
    "SMALL_TREES",
    "Backtest",
    "Course",
    "Filters",
    "Fold",
    "Forecast",
    "Rhythm",
    "Scored",
    "Scores",
    "Trees",
    "ask",
    "contest",
    "customer_risk",
    "every_warned",
    "forecast",
    "judge",
    "levels",
    "quality",
    "rhythm",
    "score",
    "set_levels",
    "trend",
    "views",
    "warned",
]
