"""Funnels: how many customers go all the way, where the others are lost, and how long it takes.

Question      of those who did the first step, who did the next ones in time?
Events heard  none
Events told   none
Tables owned  none; reads `events`
"""

from regulars.understand.funnels.domain import (
    FunnelAnswer,
    FunnelGroup,
    FunnelQuery,
    StepFigures,
    TimeAnswer,
    TimeQuery,
    TrendAnswer,
    TrendQuery,
    TrendRow,
)
from regulars.understand.funnels.reports import FUNNEL, FUNNEL_TIME, FUNNEL_TREND
from regulars.understand.funnels.service import funnel, funnel_time, funnel_trend

__all__ = [
    "FUNNEL",
    "FUNNEL_TIME",
    "FUNNEL_TREND",
    "FunnelAnswer",
    "FunnelGroup",
    "FunnelQuery",
    "StepFigures",
    "TimeAnswer",
    "TimeQuery",
    "TrendAnswer",
    "TrendQuery",
    "TrendRow",
    "funnel",
    "funnel_time",
    "funnel_trend",
]
