"""What is bought again: the three things named first at past cut-offs of real stores, beside plain rules, by the product's own verb.

python -m benchmarks bought_again        # REGULARS_BENCHMARK_DATA names a folder with complete_journey/
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from benchmarks.stores import data_folder, filled, read
from regulars.predict import next_purchase
from regulars.predict.next_purchase import HitRate

#: Store -> the level its lines tell, and the cut-offs, each with 30 days after it.
STORES = {
    "online_retail": ("product", [(2011, 6, 10), (2011, 7, 10), (2011, 8, 10), (2011, 9, 10), (2011, 10, 10)]),
    "complete_journey": ("category", [(2017, 7, 1), (2017, 9, 1), (2017, 10, 1), (2017, 11, 1)]),
}


def measure(data: Path | None = None) -> str:
    """The section of the benchmark page."""
    folder = data or data_folder()
    rows = []
    for name, (level, days) in STORES.items():
        scratch = duckdb.connect(config={"threads": 1})
        if not read(scratch, name, folder):
            print(f"{name}: not in {folder}, left out", file=sys.stderr)
            continue
        warehouse, shop = filled(scratch, name)
        cuts = [datetime(*day, tzinfo=UTC) for day in days]
        found = next_purchase.judge_next_products(warehouse, shop, level, cuts=cuts)  # type: ignore[arg-type]
        warehouse.close()
        rows.append(_row(name, found))
    return f"""## What is bought again

At past cut-offs, from order lines before them only, three things ({", ".join(f"{level} of {name}" for name, (level, _) in STORES.items())}) are named of every
customer who bought before. Of those who bought within the next 30 days, the share who bought one of the three: by the probabilities of the product, by what the
customer had bought on most days, by its last purchase day, and by what most customers bought in the 90 days before.

| store | cut-offs | customers who bought | probabilities | own frequency | last basket | most popular | purchases expected / came |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
{chr(10).join(rows)}

"Expected / came" counts purchases of things bought before: the probabilities add up to the first.
"""


def _row(name: str, found: HitRate) -> str:
    shares = (found.probable, found.own_frequency, found.last_basket, found.popularity)
    told = " | ".join(f"{share:.3f}" for share in shares)
    return f"| {name} | {found.cut_offs} | {found.customers:,} | {told} | {found.expected:,.0f} / {found.came:,} |"
