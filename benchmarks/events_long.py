"""Reports over a hundred million simulated events: memory, and how cost grows with events and steps."""

from __future__ import annotations

import itertools
import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.events import MAKE, OURS, QUESTIONS, run
from benchmarks.events_beside import ASKED as BESIDE
from benchmarks.events_beside import MORE

SIZES = (1_000_000, 10_000_000, 100_000_000)
FUNNEL_STEPS = (2, 5, 10, 20, 30)
NAMES = ("Product Viewed", "Page Viewed", "Product Added", "Checkout Started", "Order Completed", "Products Searched")
ASKED = {**QUESTIONS, **BESIDE}


def measure() -> str:
    """The section's text."""
    with tempfile.TemporaryDirectory(prefix="regulars-events-") as place:
        return _measure(Path(place))


def _measure(place: Path) -> str:
    files = []
    for rows in SIZES:
        file = place / f"{rows}.parquet"
        subprocess.run([sys.executable, "-c", MAKE, str(rows), str(file)], check=True)
        more = place / f"{rows}_more.parquet"
        subprocess.run([sys.executable, "-c", MORE, str(file), str(more)], check=True)
        file.unlink()
        files.append(more)
    lines = [_growth(kind, told, files) for kind, told in ASKED.items()]
    steps = {count: _took("funnel", _funnel(count), files[1])[0] for count in FUNNEL_STEPS}
    grown = "\n".join(lines)
    counts = " | ".join(str(count) for count in steps)
    figures = " | ".join(f"{one:.2f}" for one in steps.values())
    each = (steps[FUNNEL_STEPS[-1]] - steps[FUNNEL_STEPS[0]]) / (FUNNEL_STEPS[-1] - FUNNEL_STEPS[0])
    share = each / steps[FUNNEL_STEPS[0]]
    return f"""## Reports over a hundred million events

Simulated events in Parquet files, one report a process, one run each, DuckDB with 2 threads and 3 GB before it spills. Processor
seconds; the exponent tells by which power of the number of events the cost grew over the last tenfold (1: linear).

| report | {SIZES[0]:,} | {SIZES[1]:,} | {SIZES[2]:,} | exponent, 1M to 10M | exponent, 10M to 100M | peak at {SIZES[2]:,}, MB |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
{grown}

Figure to meet: below 6 GB at a hundred million events.

A funnel of so many steps over {SIZES[1]:,} events; a step more costs {share:.1%} of the funnel with {FUNNEL_STEPS[0]}:

| steps | {counts} |
| --- |{" ---: |" * len(steps)}
| seconds | {figures} |
"""


def _growth(kind: str, told: dict[str, object], files: list[Path]) -> str:
    found = [_took(kind, told, file) for file in files]
    took = [seconds for seconds, _ in found]
    powers = [math.log10(after / before) for before, after in itertools.pairwise(took)]
    print(kind, took, found[-1][1], flush=True)
    return f"| {kind} | " + " | ".join(f"{one:.2f}" for one in (*took, *powers)) + f" | {found[-1][1]:,.0f} |"


def _took(kind: str, told: dict[str, object], file: Path) -> tuple[float, float]:
    """Processor seconds of one report, and the peak memory of its process in MB."""
    done: dict[str, Any] = run(sys.executable, OURS, str(file), "3GB", json.dumps({kind: told}), "2")
    return done["took"][kind], done["peak_mb"]


def _funnel(count: int) -> dict[str, object]:
    return {**QUESTIONS["funnel"], "steps": [NAMES[k % len(NAMES)] for k in range(count)], "window": "30d"}
