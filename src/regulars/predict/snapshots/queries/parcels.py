"""Features of deliveries: how long parcels took and whether they came as promised, as far as it was known by then."""

from __future__ import annotations

import ibis.expr.types as ir

from regulars.predict.snapshots.domain import SECONDS_A_DAY
from regulars.predict.snapshots.past import Past


def arrived(past: Past) -> ir.Table:
    """Orders of known customers that had arrived by then."""
    rows = past.purchases()
    return rows.filter(rows.delivered_at.notnull())


def deliveries(past: Past) -> ir.Table:
    """Days to arrive and days beyond the promise; a promise counts once its time is over."""
    rows = arrived(past)
    arrival = rows.delivered_at.epoch_seconds().cast("float64")
    rows = rows.mutate(
        arrived_ago=past.ago(rows.delivered_at),
        days=(arrival - rows.ordered_at.epoch_seconds().cast("float64")) / SECONDS_A_DAY,
        beyond=(arrival - rows.promised_at.epoch_seconds().cast("float64")) / SECONDS_A_DAY,
    )
    promised = rows.beyond.notnull()
    made = rows.group_by("customer_id").aggregate(
        delivery_days_mean=rows.days.mean(),
        delivery_days_last=rows.days.argmin(rows.arrived_ago),
        delivery_beyond_last=rows.beyond.argmin(rows.arrived_ago, where=promised),
        kept=rows.beyond.count(),
        late=rows.count(where=promised & (rows.beyond > 0)),
        late_deliveries_in_90=rows.count(where=promised & (rows.beyond > 0) & (rows.arrived_ago <= 90)),
    )
    return made.mutate(late_delivery_share=made.late / made.kept.nullif(0).cast("float64")).drop("kept", "late")
