"""How well the next-order rule would have called it: past cut-offs on real stores, against what customers then did.

    python -m benchmarks next_purchase               # REGULARS_BENCHMARK_DATA names a folder with cdnow/ and complete_journey/
    python -m benchmarks.next_purchase DATA_FOLDER

At each cut-off a warehouse is filled with the orders before it, profiles and next orders are rebuilt by the product's own code,
and every call is compared with the orders after it. No order after a cut-off is seen by the rule. Online Retail comes with the
package; the other two stores are left out where their files are missing.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import numpy as np

from benchmarks.stores import data_folder, read
from regulars.access import Shop
from regulars.predict import next_purchase
from regulars.predict.next_purchase.domain import HALF_LIFE_RHYTHMS
from regulars.understand import profiles
from regulars.warehouse import Warehouse

#: Stands for an order that never came.
NEVER = 100_000


@dataclass(frozen=True)
class Store:
    name: str
    currency: str
    cutoffs: tuple[date, ...]
    horizon_days: int  # "stays away": no order for so long


STORES = (
    Store("online_retail", "GBP", (date(2011, 6, 10), date(2011, 7, 10), date(2011, 8, 10), date(2011, 9, 10)), 90),
    Store("cdnow", "USD", (date(1997, 7, 1), date(1997, 10, 1), date(1998, 1, 1), date(1998, 4, 1)), 90),
    Store("complete_journey", "USD", (date(2017, 7, 1), date(2017, 9, 1), date(2017, 11, 1), date(2017, 12, 1)), 30),
)


_HEAD = """## Whom to act on: what became of the calls

Customers were called on time, due, overdue or lost at four past cut-offs of each store, from the orders before the cut-off only.

"""
_NOTES = """
"Stayed away" is no order within one more of the customer's own rhythms. The AUC is the chance that a customer who stays away for
the horizon ranks above one who does not: **plain recency ranks better than lateness**, because short rhythms belong to customers
who come back anyway. The list answers another question, who breaks its own habit and what that is worth; who leaves for good is
for the learned model. "Comeback left" is the share that ordered within 180 days, against customers who were not late, by how many
rhythms late they were; the rule halves it every six.
"""


def main() -> None:
    """Print the section."""
    parser = argparse.ArgumentParser(description="How well the next-order rule would have called it.")
    parser.add_argument("data", type=Path, nargs="?", help="folder with cdnow/ and complete_journey/")
    print(measure(parser.parse_args().data))


def measure(data: Path | None = None) -> str:
    """The section of the benchmark page."""
    folder = data or data_folder()
    columns: list[list[str]] = []
    names: list[str] = []
    for store in STORES:
        scratch = duckdb.connect()
        if not read(scratch, store.name, folder):
            print(f"{store.name}: not in {folder}, left out", file=sys.stderr)
            continue
        scratch.execute(
            """CREATE TABLE sales AS SELECT order_id, customer_id, min(sold_at) AS sold_at,
            CAST(round(sum(amount) * 100) AS BIGINT) AS amount FROM lines GROUP BY 1, 2"""
        )
        found = report([judged(scratch, store, cutoff) for cutoff in store.cutoffs], store)
        names = list(found)
        columns.append([store.name, *found.values()])
    rows = ["| | " + " | ".join(column[0] for column in columns) + " |", "| --- |" + " ---: |" * len(columns)]
    rows += [f"| {name} | " + " | ".join(column[k] for column in columns) + " |" for k, name in enumerate(names, start=1)]
    return _HEAD + "\n".join(rows) + "\n" + _NOTES


def judged(scratch: duckdb.DuckDBPyConnection, store: Store, cutoff: date) -> dict[str, np.ndarray]:
    """Every call made at a cut-off, with what came after."""
    shop = Shop(shop_id="shop", name=store.name, timezone="UTC", currency=store.currency)
    warehouse = Warehouse.open("duckdb://:memory:")
    orders = scratch.execute(
        f"""SELECT 'shop' AS shop_id, order_id, customer_id, sold_at AS ordered_at, 'placed' AS status,
        '{store.currency}' AS currency, amount AS total_minor, amount AS items_minor,
        0::BIGINT AS shipping_minor, 0::BIGINT AS tax_minor, 0::BIGINT AS discount_minor,
        1::DECIMAL(18, 3) AS units, 1::INTEGER AS line_count, NULL::TIMESTAMP AS cancelled_at, NULL::VARCHAR AS channel,
        NULL::VARCHAR AS region, NULL::VARCHAR AS seller_id, NULL::VARCHAR AS coupon_code, 'benchmark' AS "source", 'l' AS load_id
        FROM sales WHERE sold_at < DATE '{cutoff}'"""
    ).to_arrow_table()
    warehouse.append("orders", orders)
    profiles.refresh(warehouse, shop)
    next_purchase.refresh(warehouse, shop)
    table = warehouse.query(warehouse.table("next_orders"))
    known = warehouse.query(warehouse.table("customer_profiles"))
    warehouse.close()
    scratch.register("calls", table)
    scratch.register("known", known)
    found = scratch.execute(
        f"""SELECT c.customer_id, k.purchase_days, k.days_since_last AS recency, c.rhythm_days, c.lateness, c.overdue_days,
        c.status, c.yearly_value_minor AS yearly, date_diff('day', k.last_order_at, c.late_after_at) AS late_after,
        coalesce(min(date_diff('day', DATE '{cutoff}', CAST(s.sold_at AS DATE)) + 1), {NEVER}) AS next_days,
        coalesce(sum(s.amount), 0)::DOUBLE AS later,
        (SELECT date_diff('day', DATE '{cutoff}', CAST(max(sold_at) AS DATE)) + 1 FROM sales) AS watched
        FROM calls c JOIN known k USING (customer_id)
        LEFT JOIN (SELECT * FROM sales WHERE sold_at >= DATE '{cutoff}') s USING (customer_id)
        GROUP BY ALL"""
    ).fetchnumpy()
    scratch.unregister("calls")
    scratch.unregister("known")
    return {name: np.asarray(column) for name, column in found.items()}


def report(calls: list[dict[str, np.ndarray]], store: Store) -> dict[str, str]:
    """What the calls of one store were worth, over its cut-offs."""
    every = {name: np.concatenate([call[name] for call in calls]) for name in calls[0]}
    status, once = every["status"], every["purchase_days"] == 1
    overdue, late = status == "overdue", np.isin(status, ["overdue", "lost"])
    seen = every["rhythm_days"] <= every["watched"]  # the next rhythm can be watched to its end
    away = every["next_days"] > every["rhythm_days"]
    found = {
        "calls": f"{len(late):,}",
        "called overdue / lost": f"{overdue.mean():.1%} / {(status == 'lost').mean():.1%}",
    }
    for who, group in (("repeat customers", ~once), ("one-time buyers", once)):
        found[f"{who} called overdue: stayed away"] = share(away, overdue & group & seen)
        found[f"{who} called lost: stayed away"] = share(away, (status == "lost") & group & seen)
        found[f"{who} called on time or due: stayed away"] = share(away, ~late & group & seen)
    gone = [call["next_days"] > store.horizon_days for call in calls]
    for score, name in (("lateness", "lateness"), ("recency", "recency alone")):
        values = [auc(call[score], truth, call["purchase_days"] > 1) for call, truth in zip(calls, gone, strict=True)]
        found[f"AUC of {name}, repeat customers, no order for the horizon"] = f"{np.mean(values):.3f} ({store.horizon_days} d)"
    came = (every["next_days"] < NEVER) & ~late & ~once
    found["orders of not-late repeat customers that came by the latest usual day"] = (
        f"{(every['recency'] + every['next_days'] <= every['late_after'] + 1)[came].mean():.1%}"
    )
    past, within = every["overdue_days"] / every["rhythm_days"], every["next_days"] <= 180
    usual = within[~late & ~once].mean()
    for low, high in ((0, 1), (1, 2), (2, 4), (4, 8), (8, 99)):
        band = ~once & (past > low) & (past <= high)
        rule = float(np.mean(0.5 ** (past[band] / HALF_LIFE_RHYTHMS))) if band.any() else 0.0
        name = (
            f"comeback left, {low} to {high} rhythms late (rule)" if high < 99 else f"comeback left, over {low} rhythms late (rule)"
        )
        found[name] = f"{within[band].mean() / usual:.2f} ({rule:.2f})" if band.sum() >= 30 else "-"
    expected = every["yearly"] * every["watched"] / 365
    for name, group in (("all", np.ones_like(once)), ("late ones", late)):
        ratio = expected[group].sum() / max(every["later"][group].sum(), 1)
        ranking = gini(every["yearly"][group], every["later"][group])
        found[f"yearly value of {name}: expected / actual, normalised Gini"] = f"{ratio:.2f}, {ranking:.3f}"
    return found


def share(flag: np.ndarray, group: np.ndarray) -> str:
    return f"{flag[group].mean():.1%} of {group.sum():,}" if group.any() else "-"


def auc(score: np.ndarray, truth: np.ndarray, group: np.ndarray) -> float:
    """The chance that one who stayed away has the higher score than one who came (ties count half)."""
    score, truth = score[group], truth[group]
    _, place, counts = np.unique(score, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    positives = truth.sum()
    negatives = len(truth) - positives
    return (
        float((ranks[truth].sum() - positives * (positives + 1) / 2) / (positives * negatives))
        if positives and negatives
        else float("nan")
    )


def gini(score: np.ndarray, value: np.ndarray) -> float:
    """Normalised Gini: how much of the value the ranking finds first, 1 for the perfect order."""

    def area(order: np.ndarray) -> float:
        cumulated = np.cumsum(value[order]) / max(value.sum(), 1)
        return float(cumulated.mean() - 0.5)

    best = area(np.argsort(-value, kind="stable"))
    return area(np.argsort(-score, kind="stable")) / best if best else float("nan")


if __name__ == "__main__":
    main()
