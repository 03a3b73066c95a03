"""Forecast: what will any metric be in the days to come, how sure is that, and how right was it so far?

Question      what may be expected of a metric from day to day, with intervals, holidays seen?
Events heard  Orders Loaded: the registered forecast is held against what came; what is shown is fitted when asked
Events told   none
Tables owned  none; reads the daily sums of the metrics room
"""

from regulars.predict.forecast.calendar import Calendar, HolidayDay, calendar_of, holidays, title_of
from regulars.predict.forecast.domain import ForecastAnswer, ForecastDay, MarkedHoliday, PastDay, value_of
from regulars.predict.forecast.estimator import Forecaster, Predicted, Scored
from regulars.predict.forecast.exports import forecast_table
from regulars.predict.forecast.goals import expected_of_goal
from regulars.predict.forecast.registered import keep_up
from regulars.predict.forecast.service import forecast

__all__ = [
    "Calendar",
    "ForecastAnswer",
    "ForecastDay",
    "Forecaster",
    "HolidayDay",
    "MarkedHoliday",
    "PastDay",
    "Predicted",
    "Scored",
    "calendar_of",
    "expected_of_goal",
    "forecast",
    "forecast_table",
    "holidays",
    "keep_up",
    "title_of",
    "value_of",
]
