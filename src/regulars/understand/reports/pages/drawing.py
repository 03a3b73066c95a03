"""Which picture the answer of each kind has; one without a picture of its own is a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from regulars.understand.reports.pages import of_events, of_orders, over_time
from regulars.understand.reports.pages.picture import Place, table

__all__ = ["Place", "draw"]

_DRAWN: Mapping[str, Callable[[Place], None]] = {
    "metric": of_orders.metric,
    "sales_by": of_orders.sales_by,
    "visits": of_orders.visits,
    "reviews": of_orders.reviews,
    "trend": over_time.trend,
    "week_hours": over_time.week_hours,
    "funnel": of_events.funnel,
    "funnel_trend": of_events.funnel_trend,
    "funnel_time": of_events.funnel_time,
    "retention": of_events.retention,
    "retention_rolling": of_events.rolling,
    "lifecycle": of_events.lifecycle,
    "stickiness": of_events.stickiness,
    "active": of_events.active,
    "paths": of_events.paths,
    "sessions": of_events.sessions,
    "cart_abandonment": of_events.carts,
    "new_customer_journey": of_events.journey,
    "attribution": of_events.attribution,
}


def draw(place: Place) -> None:
    """The answer's picture."""
    _DRAWN.get(place.answered.kind, table)(place)
