"""Whether the first reason of a warning is the true one, on a simulated shop in which it is known.

python -m benchmarks reasons
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pyarrow as pa

from benchmarks.planted import CAUSES, SHOP, Planted, planted
from regulars.predict.churn.learning import Course, learn
from regulars.predict.churn.reasons import SYMPTOMS, medians, reasons
from regulars.predict.churn.service import rhythm
from regulars.understand.metrics import data_span

_RISKIEST = 0.2
_FIGURE = 0.90
_SEEDS = (11, 12, 13)


def measure() -> str:
    """The section of the benchmark page."""
    begun, hits, struck = time.process_time(), Counter[str](), Counter[str]()
    rows = []
    for seed in _SEEDS:
        shop = planted(seed=seed)
        right, all_of = first_reasons(shop)
        hits.update(right)
        struck.update(all_of)
        shop.warehouse.close()
        rows.append(f"| {seed} | {sum(all_of.values()):,} | {sum(right.values()) / sum(all_of.values()):.3f} ({_FIGURE:.2f}) |")
    guesses = len(CAUSES) + 1  # with the rhythm
    whole = f"| all | {sum(struck.values()):,} | {sum(hits.values()) / sum(struck.values()):.3f} ({_FIGURE:.2f}) |"
    by_cause = "; ".join(f"{cause} {hits[cause] / struck[cause]:.2f} of {struck[cause]}" for cause in CAUSES if struck[cause])
    return (
        _HEAD
        + "\n".join([*rows, whole])
        + f"\n\nBy cause: {by_cause}. A guess among {guesses} groups is right in {1 / guesses:.2f}. "
        + f"{time.process_time() - begun:.0f} CPU s with the making of the shops.\n"
    )


def first_reasons(shop: Planted) -> tuple[Counter[str], Counter[str]]:
    """Of the riskiest fifth, those struck within two horizons: how many there are by cause, and of how many it is named first."""
    span = data_span(shop.warehouse, SHOP)
    course = Course(shop.warehouse, SHOP, span, rhythm(shop.warehouse, SHOP).horizon_days)
    model, _ = learn(course, shop.ends_at)
    snapshot = course.snapshot(shop.ends_at)
    p = model.predict(snapshot)
    worst = np.sort(np.argsort(-p, kind="stable")[: round(_RISKIEST * len(p))])
    some = replace(snapshot, table=snapshot.table.take(pa.array(worst)))
    names, values = model.contributions(some)
    right, all_of = Counter[str](), Counter[str]()
    since = shop.ends_at - timedelta(days=2 * course.horizon_days)
    for customer, whys in zip(some.customers, reasons(names, values, some, medians(snapshot)), strict=True):
        cause = shop.cause.get(customer)
        if cause is None or shop.struck_at[customer] < since:
            continue
        all_of[cause] += 1
        first = next((why.group for why in whys if why.group not in SYMPTOMS), None)
        right[cause] += first == cause
    return right, all_of


_HEAD = """## Reasons of warnings: is the true cause named first?

Simulated shops of 6,000 customers: after one order in ten a cause is planted (a late parcel, a rating of 1, a return, no discount, tickets, visits that
stop, another category), and three of four it strikes never order again. Counted are the riskiest fifth at the end of the data who were
struck: how many have the planted cause as their first. Figure to meet in brackets.

| seed | customers | named first |
| --- | ---: | ---: |
"""
