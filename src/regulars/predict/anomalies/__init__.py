"""Anomalies: which metric left its interval and is worth money, and why did a metric change?

Question      what needs a look today, and where does a change lie: products, sellers, channels, regions, devices, campaigns, prices, stock?
Events heard  Orders Loaded
Events told   Anomaly Found
Tables owned  anomaly, alarm_receiver, alarm_notice (records); reads orders, lines, refunds, costs, product snapshots, market prices and sessions
"""

from regulars.predict.anomalies.answers import Anomaly, AnomalyList, NotWatched
from regulars.predict.anomalies.causes import root_cause
from regulars.predict.anomalies.domain import Cause, Effects, Hypothesis, RootCause
from regulars.predict.anomalies.estimator import Part, search
from regulars.predict.anomalies.interval import Outside, outside
from regulars.predict.anomalies.service import answer, get, listing, receivers, report, watch

__all__ = [
    "Anomaly",
    "AnomalyList",
    "Cause",
    "Effects",
    "Hypothesis",
    "NotWatched",
    "Outside",
    "Part",
    "RootCause",
    "answer",
    "get",
    "listing",
    "outside",
    "receivers",
    "report",
    "root_cause",
    "search",
    "watch",
]
