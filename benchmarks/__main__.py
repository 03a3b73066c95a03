"""Measures everything and writes docs/reference/benchmarks.md: `python -m benchmarks [name ...]`.

A section that is not named keeps the text of its last run, with that run's date.
"""

from __future__ import annotations

import importlib
import re
import sys
from datetime import UTC, datetime

from benchmarks.measuring import ROOT, machine

PAGE = ROOT / "docs/reference/benchmarks.md"
SECTIONS = (
    "start_up",
    "loading",
    "ingest",
    "identity",
    "reports",
    "events",
    "events_beside",
    "events_long",
    "event_views",
    "segments",
    "pages",
    "customers",
    "next_purchase",
    "bought_again",
    "churn",
    "forecast",
    "anomalies",
    "root_cause",
    "reasons",
    "values",
    "lifetimes",
    "sentiment",
    "search",
    "recommend",
    "recommend_baskets",
    "recommend_speed",
    "recommend_serving",
    "points",
    "offers",
    "nightly",
)
HEAD = """# Benchmarks

Written by `make bench` (`python -m benchmarks`), one section a file in `benchmarks/`. Every figure is a ratio to a peer or the raw
limit, measured in the same run on the same machine; seconds alone say little about yours. Data that is made up is called simulated.
"""


def main(names: list[str]) -> None:
    """Run the named sections (all by default) and put them into the page."""
    unknown = set(names) - set(SECTIONS)
    if unknown:
        sys.exit(f"no section is named {', '.join(unknown)}; there are {', '.join(SECTIONS)}")
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    kept = dict(re.findall(r"<!-- section (\w+) -->\n(.*?)<!-- end -->", text, re.S))
    for name in names or SECTIONS:
        module = importlib.import_module(f"benchmarks.{name}")
        print(f"measuring: {name}", flush=True)
        body = module.measure().strip()
        kept[name] = f"{body}\n\n_Measured on {datetime.now(UTC):%Y-%m-%d}: {machine()}._\n"
        parts = [f"<!-- section {each} -->\n{kept[each]}<!-- end -->\n" for each in SECTIONS if each in kept]
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        PAGE.write_text(HEAD + "\n" + "\n".join(parts), encoding="utf-8")
    print(f"written: {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main(sys.argv[1:])
