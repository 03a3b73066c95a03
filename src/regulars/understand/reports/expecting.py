"""Who says what may be expected of a goal: a room of a later stage, as the composition root connects it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from regulars.understand.reports.domain.forecasting import Expected


class Forecaster(Protocol):
    """Goes on from a line of days or weeks; None where its history carries no forecast."""

    def __call__(
        self, values: Sequence[float], last_on: date, count: int, *, daily: bool, zone: str, currency: str
    ) -> Expected | None: ...


_connected: list[Forecaster] = []


def connect_forecaster(forecaster: Forecaster) -> None:
    """Say who forecasts the lines of goals. Called by the composition root."""
    _connected[:] = [forecaster]


def expected(values: Sequence[float], last_on: date, count: int, *, daily: bool, zone: str, currency: str) -> Expected | None:
    """What the next `count` buckets may be; None without a forecaster, or where the history carries no forecast."""
    if not _connected or not values or count < 1:
        return None
    return _connected[0](values, last_on, count, daily=daily, zone=zone, currency=currency)
