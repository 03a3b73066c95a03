"""Alarms on the real series of the Numenta Anomaly Benchmark, beside two plain rules under the same two-of-three condition."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import duckdb
import numpy as np

from benchmarks.measuring import ROOT
from regulars.predict.anomalies import outside

DATA = ROOT.parent / "shared/data/nab"
#: The first part of each series belongs to nobody: NAB's probation.
PROBATION = 0.15
Array = np.ndarray[Any, np.dtype[np.float64]]
Window = tuple[datetime, datetime]


@dataclass(frozen=True)
class Grain:
    """How series are looked at: points of so many hours, a season, points between looks and of history, and when alarms are one."""

    name: str
    hours: int
    season: int
    step: int
    seen: int
    one: int  # points

    @property
    def least(self) -> int:
        """Points before the first look."""
        return 4 * self.season


HOURLY = Grain("hour", 1, 24, 3, 14 * 24, 24)
DAILY = Grain("day", 24, 7, 1, 400, 2)
#: Series of fewer days than this are not looked at by the day.
LONG = 56


@dataclass(frozen=True)
class Series:
    """Means of a series by the hour or the day, gaps filled with the point before, and the labelled windows."""

    name: str
    grain: Grain
    at: list[datetime]
    values: Array
    windows: list[Window]

    @property
    def begin(self) -> int:
        """The first point that is judged."""
        return min(max(int(PROBATION * len(self.values)), self.grain.least), len(self.values) - 1)

    def judged(self) -> list[Window]:
        """Windows that are not over before the first look, up to one step longer."""
        more = timedelta(hours=self.grain.hours * self.grain.step)
        return [(start, end + more) for start, end in self.windows if end > self.at[self.begin]]


def every_series(grain: Grain) -> list[Series]:
    """All 25 by the hour, the long ones by the day."""
    rows = duckdb.connect(config={"threads": 1}).execute(
        f"""select series, date_trunc('{grain.name}', cast("timestamp" as timestamp)) as at, avg(value) from '{DATA}/series.parquet'
        group by 1, 2 order by 1, 2"""
    )
    found: dict[str, dict[datetime, float]] = {}
    for name, at, value in rows.fetchall():
        found.setdefault(name, {})[datetime(at.year, at.month, at.day, getattr(at, "hour", 0))] = value
    labels = json.loads((DATA / "anomaly_windows.json").read_text(encoding="utf-8"))
    made, step = [], timedelta(hours=grain.hours)
    for name, known in found.items():
        first, last = min(known), max(known)
        count = (last - first) // step + 1
        if count * grain.hours < LONG * 24 and grain is DAILY:
            continue
        points = [first + i * step for i in range(count)]
        values, value = np.empty(count), known[first]
        for i, at in enumerate(points):
            value = known.get(at, value)
            values[i] = value
        windows = [(datetime.fromisoformat(a), datetime.fromisoformat(b)) for a, b in labels[name]["windows"]]
        made.append(Series(name, grain, points, values, windows))
    return made


def ours(values: Array, season: int) -> bool:
    """The product's rule."""
    return outside(values, [None] * len(values), season=season) is not None


def three_sigma(values: Array, season: int) -> bool:
    """Beyond three deviations of all that was seen before."""
    past = values[:-3]
    return _two_of_three((values[-3:] - past.mean()) / max(float(past.std()), 1e-12))


def seasonal(values: Array, season: int) -> bool:
    """The change against one season ago, beyond three deviations of such changes (by their median distance)."""
    change = values[season:] - values[:-season]
    past = change[:-3]
    middle = float(np.median(past))
    usual = 1.4826 * float(np.median(np.abs(past - middle)))
    return _two_of_three((change[-3:] - middle) / max(usual, 1e-12))


def _two_of_three(z: Array) -> bool:
    return any(bool(side[-1]) and int(side.sum()) >= 2 for side in (z > 3, z < -3))


METHODS: dict[str, Callable[[Array, int], bool]] = {
    "ours (forecast, 99.5 %)": ours,
    "3 deviations of the past": three_sigma,
    "one season ago, 3 robust deviations": seasonal,
}


def alarms(one: Series, rule: Callable[[Array, int], bool]) -> list[datetime]:
    """When the rule speaks, look by look after probation; what follows soon is the same alarm."""
    grain, told = one.grain, list[datetime]()
    for end in range(one.begin + 3, len(one.values) + 1, grain.step):
        if rule(one.values[max(end - grain.seen, 0) : end], grain.season):
            at = one.at[end - 1]
            if not told or at - told[-1] >= timedelta(hours=grain.hours * grain.one):
                told.append(at)
    return told


def _table(series: list[Series]) -> tuple[str, int, float]:
    """Rows of every rule, the labelled windows, and the weeks of all series."""
    grain = series[0].grain
    weeks = sum((one.at[-1] - one.at[one.begin]).total_seconds() for one in series) / (7 * 86_400)
    labelled = sum(len(one.judged()) for one in series)
    lines = []
    for name, rule in METHODS.items():
        begun = time.process_time()
        hits = false = 0
        for one in series:
            told, windows = alarms(one, rule), one.judged()
            reach = timedelta(hours=grain.hours)
            hits += sum(any(start - reach < at <= end for at in told) for start, end in windows)
            false += sum(not any(start - reach < at <= end for start, end in windows) for at in told)
        f1 = 2 * hits / (2 * hits + false + labelled - hits)
        took = time.process_time() - begun
        lines.append(f"| {name} | {hits} of {labelled} | {false} | {false / weeks:.2f} | **{f1:.3f}** | {took:.1f} |")
    return "\n".join(lines), labelled, weeks


def measure() -> str:
    """The section of the page."""
    heads = "| rule | windows hit | false alarms | a week and series | F1 | s of processor |\n| --- | --- | --- | --- | --- | --- |"
    hourly, daily = every_series(HOURLY), every_series(DAILY)
    by_hour, _, weeks = _table(hourly)
    by_day, _, more = _table(daily)
    return f"""## Alarms

Real series of the Numenta Anomaly Benchmark (machines, traffic, taxis, tweets, prices of advertising clicks) and its labelled windows. Every rule sees only
what came before, and speaks when the last point and one more of the last three lie outside on the same side; alarms soon after each other are one. The
first {PROBATION:.0%} of each series, and the first four seasons, are not judged. A hit is a window with an alarm in it or one look later; every alarm outside is false.

**By the hour**, all {len(hourly)} series ({weeks:.0f} weeks): a day for a season, {HOURLY.seen // 24} days of history, a look every third hour.

{heads}
{by_hour}

**By the day**, as the product looks at a shop: the {len(daily)} series of at least {LONG} days ({more:.0f} weeks), a week for a season. Windows of a few hours hardly show in a day's mean.

{heads}
{by_day}

No setting was chosen on these series. They have no money in them: the product also asks that an alarm be worth a tenth of a usual day's sales, so of a shop it tells
fewer. The labels are NAB's; its own score, which rewards early alarms, is not computed here.
"""
