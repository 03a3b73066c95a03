"""A forecast as a table, for CSV."""

from __future__ import annotations

from regulars.predict.forecast.domain import ForecastAnswer
from regulars.values.csv import Table


def forecast_table(answer: ForecastAnswer) -> Table:
    """One row per day: first what was, then what is expected."""
    rows: list[tuple[object, ...]] = [(one.day, answer.metric, one.value, None, None, None, one.holiday) for one in answer.past]
    rows += [(one.day, answer.metric, None, one.expected, one.low, one.high, one.holiday) for one in answer.days]
    return Table(("day", "metric", "value", "expected", "low", "high", "holiday"), tuple(rows))
