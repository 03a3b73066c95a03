"""The forecaster as goals use it: any line of days or weeks, with the covariance that totals need."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from regulars.errors import NotEnoughData
from regulars.predict.forecast.calendar import calendar_of, holidays
from regulars.predict.forecast.estimator import Forecaster
from regulars.understand.reports import Expected

#: Goals tell four days of five.
SHARE = 0.8


def expected_of_goal(
    values: Sequence[float], last_on: date, count: int, *, daily: bool, zone: str, currency: str
) -> Expected | None:
    """What the next `count` buckets are expected to be; None where the history carries no forecast."""
    marked = {}
    first_on = last_on - timedelta(days=len(values) - 1)
    if daily:
        marked = holidays(calendar_of(zone, currency), first_on, last_on + timedelta(days=count))
    days = [marked.get(first_on + timedelta(days=i)) for i in range(len(values) + count)]
    try:
        fitted = Forecaster(season=7 if daily else 1).fit(np.asarray(values, dtype=np.float64), days)
        made = fitted.predict(count, SHARE)
    except NotEnoughData:
        return None
    return Expected(made.expected, made.covariance * made.reach**2, fitted.least_)
