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
#: Hours of a day, hours between two looks, hours of history seen, and hours within which alarms are one.
DAY, STEP, SEEN, ONE = 24, 3, 14 * 24, 24
#: The first part of each series belongs to nobody: NAB's probation.
PROBATION = 0.15
LEAST = 4 * DAY
Array = np.ndarray[Any, np.dtype[np.float64]]
Window = tuple[datetime, datetime]


@dataclass(frozen=True)
class Series:
    """Hourly means of one series, gaps filled with the hour before, and the labelled windows."""

    name: str
    hours: list[datetime]
    values: Array
    windows: list[Window]


def every_series() -> list[Series]:
    """All 25, by the hour."""
    rows = duckdb.connect(config={"threads": 1}).execute(
        f"""select series, date_trunc('hour', cast("timestamp" as timestamp)) as at, avg(value) from '{DATA}/series.parquet'
        group by 1, 2 order by 1, 2"""
    )
    found: dict[str, dict[datetime, float]] = {}
    for name, at, value in rows.fetchall():
        found.setdefault(name, {})[at] = value
    labels = json.loads((DATA / "anomaly_windows.json").read_text(encoding="utf-8"))
    made = []
    for name, known in found.items():
        first, last = min(known), max(known)
        count = int((last - first).total_seconds() // 3600) + 1
        hours = [first + timedelta(hours=i) for i in range(count)]
        values, value = np.empty(count), known[first]
        for i, at in enumerate(hours):
            value = known.get(at, value)
            values[i] = value
        windows = [(datetime.fromisoformat(a), datetime.fromisoformat(b)) for a, b in labels[name]["windows"]]
        made.append(Series(name, hours, values, windows))
    return made


def ours(values: Array) -> bool:
    """The product's rule, with a day of hours for a week of days."""
    return outside(values, [None] * len(values), season=DAY) is not None


def three_sigma(values: Array) -> bool:
    """Beyond three deviations of all that was seen before."""
    past = values[:-STEP]
    return _two_of_three((values[-STEP:] - past.mean()) / max(past.std(), 1e-12))


def seasonal(values: Array) -> bool:
    """The change against the same hour yesterday, beyond three deviations of such changes (from their median distance)."""
    change = values[DAY:] - values[:-DAY]
    past = change[:-STEP]
    middle = float(np.median(past))
    usual = 1.4826 * float(np.median(np.abs(past - middle)))
    return _two_of_three((change[-STEP:] - middle) / max(usual, 1e-12))


def _two_of_three(z: Array) -> bool:
    return any(bool(side[-1]) and int(side.sum()) >= 2 for side in (z > 3, z < -3))


METHODS: dict[str, Callable[[Array], bool]] = {
    "ours (forecast, 99.5 %)": ours,
    "3 deviations of the past": three_sigma,
    "same hour yesterday, 3 deviations": seasonal,
}


def alarms(one: Series, rule: Callable[[Array], bool]) -> list[datetime]:
    """When the rule speaks, every third hour after probation; what follows within a day is the same alarm."""
    begin = max(int(PROBATION * len(one.values)), LEAST)
    told: list[datetime] = []
    for end in range(begin + STEP, len(one.values) + 1, STEP):
        if rule(one.values[max(end - SEEN, 0) : end]):
            at = one.hours[end - 1]
            if not told or (at - told[-1]).total_seconds() >= ONE * 3600:
                told.append(at)
    return told


def measure() -> str:
    """The section of the page."""
    series = every_series()
    judged = {one.name: [w for w in one.windows if w[1] > _begin(one)] for one in series}
    weeks = sum((one.hours[-1] - _begin(one)).total_seconds() for one in series) / (7 * 86_400)
    labelled = sum(len(windows) for windows in judged.values())
    lines = []
    for name, rule in METHODS.items():
        begun = time.process_time()
        hits = false = 0
        for one in series:
            told = alarms(one, rule)
            hits += sum(any(start <= at <= _grace(end) for at in told) for start, end in judged[one.name])
            false += sum(not any(start <= at <= _grace(end) for start, end in judged[one.name]) for at in told)
        f1 = 2 * hits / (2 * hits + false + labelled - hits)
        lines.append(
            f"| {name} | {hits} of {labelled} | {false} | {false / weeks:.2f} | **{f1:.3f}** | {time.process_time() - begun:.0f} |"
        )
    return f"""## Alarms

The {len(series)} real series of the Numenta Anomaly Benchmark that we hold (machines, traffic, taxis, tweets, prices of advertising clicks), by the hour,
a day for a season where a shop has a week. Every rule sees the last {SEEN // DAY} days, looks every third hour, and speaks when the last hour and one more of the
last three lie outside on the same side; alarms within a day are one. The first {PROBATION:.0%} of each series, or four days, are not judged. A hit is a labelled window with an
alarm in it (or within {STEP} hours after it), everything else is a false alarm; {weeks:.0f} weeks of series in all.

| rule | windows hit | false alarms | per week and series | F1 | s |
| --- | --- | --- | --- | --- | --- |
{chr(10).join(lines)}

No setting was chosen on these series. They have no money in them: the product also asks that an alarm be worth a tenth of a usual day's sales, which these series cannot show,
so its alarms about a shop are fewer. The labels are NAB's own; its score, which rewards early alarms, is not computed here.
"""


def _begin(one: Series) -> datetime:
    return one.hours[min(max(int(PROBATION * len(one.values)), LEAST), len(one.hours) - 1)]


def _grace(end: datetime) -> datetime:
    return end + timedelta(hours=STEP)
