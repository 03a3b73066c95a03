"""Anomalies: which metric left its interval and is worth money, and why did a metric change?

Question      what needs a look today, and where does a change lie: products, categories, sellers, channels, regions, prices, stock?
Events heard  Orders Loaded
Events told   Anomaly Found
Tables owned  anomaly (records); reads orders, order lines, product snapshots, market prices and sessions
"""

from regulars.predict.anomalies.answers import Anomaly, AnomalyList
from regulars.predict.anomalies.causes import root_cause
from regulars.predict.anomalies.domain import Cause, Effects, Hypothesis, RootCause
from regulars.predict.anomalies.estimator import Part, search
from regulars.predict.anomalies.service import answer, get, listing, watch

__all__ = [
    "Anomaly",
    "AnomalyList",
    "Cause",
    "Effects",
    "Hypothesis",
    "Part",
    "RootCause",
    "answer",
    "get",
    "listing",
    "root_cause",
    "search",
    "watch",
]
