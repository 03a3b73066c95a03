"""Features of visits: how often and how lately a customer comes by, and what it does there."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from regulars.predict.snapshots.past import Past


def visits(past: Past) -> ir.Table:
    """Visits to the shop: how often, how lately, what was done in them."""
    rows = past.read("sessions")
    rows = rows.filter(rows.is_known, ~rows.is_bot)
    rows = rows.mutate(ago=past.ago(rows.ended_at))
    ago = rows.ago
    made = rows.group_by("customer_id").aggregate(
        visits_in_7=rows.count(where=ago <= 7),
        visits_in_30=rows.count(where=ago <= 30),
        visits_in_90=rows.count(where=ago <= 90),
        visits_30_before=rows.count(where=(ago > 30) & (ago <= 60)),
        visit_recency_days=ago.min(),
        views_in_30=rows.product_views.sum(where=ago <= 30).coalesce(0),
        carts_in_30=rows.carts.sum(where=ago <= 30).coalesce(0),
        idle_carts_in_30=rows.carts.sum(where=(ago <= 30) & (rows.orders == 0)).coalesce(0),
        bounces_share=rows.is_bounce.cast("float64").mean(),
        dwell_mean_s=rows.duration_s.cast("float64").mean(where=ago <= 90),
    )
    return made.mutate(
        visits_trend_30=made.visits_in_30 / (made.visits_30_before + 1.0),
        carts_share_30=made.carts_in_30 / ibis.greatest(made.views_in_30, 1),
    )
