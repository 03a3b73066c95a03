"""Features of what customers say and send back: refunds and reviews."""

from __future__ import annotations

import ibis.expr.types as ir

from regulars.predict.snapshots.past import Past


def returns(past: Past, scale: float) -> ir.Table:
    """Money given back, how often, how lately; in major units."""
    rows = past.read("refunds")
    rows = rows.filter(rows.customer_id.notnull())
    if not past.scope.one_currency:
        rows = rows.filter(rows.currency == past.scope.currency)
    rows = rows.mutate(ago=past.ago(rows.refunded_at), amount=rows.amount_minor.cast("float64") / scale)
    return rows.group_by("customer_id").aggregate(
        refunds=rows.count(),
        refunded=rows.amount.sum(),
        refunded_in_90=rows.amount.sum(where=rows.ago <= 90).coalesce(0.0),
        refund_recency_days=rows.ago.min(),
    )


def reviews(past: Past) -> ir.Table:
    """How the customer rated."""
    rows = past.read("reviews")
    rows = rows.filter(rows.customer_id.notnull(), rows.rating.notnull())
    rows = rows.mutate(ago=past.ago(rows.reviewed_at), stars=rows.rating.cast("float64"))
    return rows.group_by("customer_id").aggregate(
        reviews=rows.count(),
        rating_mean=rows.stars.mean(),
        rating_last=rows.stars.argmin(rows.ago),
        low_ratings_in_180=rows.count(where=(rows.stars <= 2) & (rows.ago <= 180)),
        review_recency_days=rows.ago.min(),
    )
