"""Trends: how often something happens, to how many, and when in the week.

Question      what do series of events look like over time, by group, beside an earlier time?
Events heard  none
Events told   none
Tables owned  none; reads `events`
"""

from regulars.understand.trends.domain import HoursAnswer, HoursQuery, Series, TrendAnswer, TrendLine, TrendQuery
from regulars.understand.trends.reports import TREND, WEEK_HOURS
from regulars.understand.trends.service import trend, week_hours

__all__ = [
    "TREND",
    "WEEK_HOURS",
    "HoursAnswer",
    "HoursQuery",
    "Series",
    "TrendAnswer",
    "TrendLine",
    "TrendQuery",
    "trend",
    "week_hours",
]
