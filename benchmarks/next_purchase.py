"""How well the next-order rule would have called it: past cut-offs on three real stores, against what customers then did.

    python benchmarks/next_purchase.py DATA_FOLDER        # holds online_retail/, cdnow/ and complete_journey/

At each cut-off a warehouse is filled with the orders before it, profiles and next orders are rebuilt by the product's own code,
and every call is compared with the orders after it. No order after a cut-off is seen by the rule.

Read the answer as: of customers called overdue, how many stayed away for one more of their rhythms, against those called on time
or due; how well lateness ranks who stays away for good (AUC), beside plain recency; how much of the usual comeback is left by
how late they are, beside the rule's half-life; and how the yearly values add up.
"""

from __future__ import annotations

import argparse
import gzip
import sys
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from regulars.access import Shop
from regulars.predict import next_purchase
from regulars.predict.next_purchase.domain import HALF_LIFE_RHYTHMS
from regulars.understand import profiles
from regulars.warehouse import Warehouse

ONLINE_RETAIL = Path(__file__).parents[1] / "src/regulars/cli/demo/online_retail.parquet"


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="folder with online_retail/, cdnow/ and complete_journey/")
    folder = parser.parse_args().data
    for store in STORES:
        scratch = duckdb.connect()
        if not read(scratch, store.name, folder):
            print(f"{store.name}: not in {folder}, left out", file=sys.stderr)
            continue
        print(f"\n== {store.name} (stays away: no order for {store.horizon_days} days)")
        calls = [judged(scratch, store, cutoff) for cutoff in store.cutoffs]
        report(calls, store)


def read(scratch: duckdb.DuckDBPyConnection, name: str, folder: Path) -> bool:
    """Fill `sales` with (order_id, customer_id, sold_at, amount); false where the files are missing."""
    match name:
        case "online_retail":
            source = folder / "online_retail/online_retail.parquet"
            source = source if source.exists() else ONLINE_RETAIL
            scratch.execute(
                f"""CREATE TABLE sales AS SELECT InvoiceNo AS order_id, CAST(CAST(CustomerID AS BIGINT) AS VARCHAR) AS customer_id,
                min(InvoiceDate) AS sold_at, CAST(round(sum(Quantity * UnitPrice) * 100) AS BIGINT) AS amount
                FROM '{source}' WHERE CustomerID IS NOT NULL AND Quantity > 0 AND UnitPrice > 0 GROUP BY 1, 2"""
            )
        case "cdnow":
            source = folder / "cdnow/CDNOW_sample.txt.gz"
            if not source.exists():
                return False
            with gzip.open(source, "rt") as lines:
                rows = [line.split() for line in lines if line.strip()]
            table = pa.table(
                {
                    "order_id": [str(i) for i in range(len(rows))],
                    "customer_id": [row[1] for row in rows],
                    "sold_at": [datetime.strptime(row[2], "%Y%m%d") + timedelta(hours=12) for row in rows],
                    "amount": [round(float(row[4]) * 100) for row in rows],
                }
            )
            scratch.register("rows", table)
            scratch.execute("CREATE TABLE sales AS SELECT * FROM rows")
        case _:
            source = folder / "complete_journey/transactions.parquet"
            if not source.exists():
                return False
            scratch.execute(
                f"""CREATE TABLE sales AS
                SELECT CAST(basket_id AS VARCHAR) AS order_id, CAST(household_id AS VARCHAR) AS customer_id,
                min(CAST(transaction_timestamp AS TIMESTAMP) - INTERVAL 5 HOUR) AS sold_at,
                CAST(round(sum(sales_value) * 100) AS BIGINT) AS amount
                FROM '{source}' GROUP BY 1, 2"""
            )
    return True


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
        coalesce(min(date_diff('day', DATE '{cutoff}', CAST(s.sold_at AS DATE)) + 1), 100000) AS next_days,
        coalesce(sum(s.amount), 0)::DOUBLE AS later,
        (SELECT date_diff('day', DATE '{cutoff}', CAST(max(sold_at) AS DATE)) + 1 FROM sales) AS watched
        FROM calls c JOIN known k USING (customer_id)
        LEFT JOIN (SELECT * FROM sales WHERE sold_at >= DATE '{cutoff}') s USING (customer_id)
        GROUP BY ALL"""
    ).fetchnumpy()
    scratch.unregister("calls")
    scratch.unregister("known")
    return {name: np.asarray(column) for name, column in found.items()}


def report(calls: list[dict[str, np.ndarray]], store: Store) -> None:
    """Print what the calls were worth, summed over the cut-offs."""
    all_ = {name: np.concatenate([call[name] for call in calls]) for name in calls[0]}
    late = np.isin(all_["status"], ["overdue", "lost"])
    overdue = all_["status"] == "overdue"
    once = all_["purchase_days"] == 1
    seen = all_["rhythm_days"] <= all_["watched"]  # the next rhythm can be watched to its end
    away = all_["next_days"] > all_["rhythm_days"]
    print(
        f"calls {len(late):,} at {len(calls)} cut-offs; overdue {overdue.mean():.1%}, lost {(all_['status'] == 'lost').mean():.1%}"
    )
    for name, group in (("came back at least once", ~once), ("bought once so far", once)):
        print(
            f"  {name:24} stayed away one more rhythm: overdue {share(away, group & overdue & seen)}"
            f"  lost {share(away, group & (all_['status'] == 'lost') & seen)}"
            f"  on time or due {share(away, group & ~late & seen)}"
        )
    gone = all_["next_days"] > store.horizon_days
    for name, group in (("came back at least once", ~once), ("all buyers", np.ones_like(once))):
        row = {
            label: np.mean([auc(call[score], call["next_days"] > store.horizon_days, mask(call, name)) for call in calls])
            for label, score in (("recency alone", "recency"), ("lateness", "lateness"))
        }
        print(
            f"  AUC, {name:24} "
            + "  ".join(f"{label} {value:.3f}" for label, value in row.items())
            + f"  (base rate {gone[group].mean():.2f})"
        )
    came = (all_["next_days"] < 100000) & ~late & ~once
    on_time = all_["recency"] + all_["next_days"] <= all_["late_after"] + 1
    print(f"  of next orders that came, {on_time[came].mean():.1%} came by the latest usual day")
    past = all_["overdue_days"] / all_["rhythm_days"]
    within = all_["next_days"] <= 180
    base = within[~late & ~once].mean()
    parts = []
    for low, high in ((0, 1), (1, 2), (2, 4), (4, 8), (8, 99)):
        band = ~once & (past > low) & (past <= high)
        if band.sum() >= 30:
            rule = float(np.mean(0.5 ** (past[band] / HALF_LIFE_RHYTHMS)))
            parts.append(f"{low}-{high} rhythms late {within[band].mean() / base:.2f} (rule {rule:.2f}, n {band.sum():,})")
    print(f"  comeback within 180 days against not-late customers ({base:.2f}): " + ", ".join(parts))
    expected = all_["yearly"] * all_["watched"] / 365
    for name, group in (("all", np.ones_like(once)), ("bought once", once), ("late", late), ("not late", ~late)):
        ratio = expected[group].sum() / max(all_["later"][group].sum(), 1)
        ranking = gini(all_["yearly"][group], all_["later"][group])
        print(f"  yearly value, {name:12} expected / actual {ratio:.2f}   Gini {ranking:.3f}")


def mask(call: dict[str, np.ndarray], name: str) -> np.ndarray:
    return call["purchase_days"] > 1 if name.startswith("came") else np.ones(len(call["purchase_days"]), bool)


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
