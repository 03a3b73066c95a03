"""Which picture the answer of each kind has; one without a picture of its own is a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from regulars.understand.reports.pages import of_events, of_market, of_orders, of_rivals, of_service, of_things, over_time
from regulars.understand.reports.pages.picture import Drawn, Place, table

__all__ = ["Place", "draw", "plots"]

_DRAWN: Mapping[str, Callable[[Place], None]] = {
    "metric": of_orders.metric,
    "sales_by": of_orders.sales_by,
    "visits": of_orders.visits,
    "reviews": of_orders.reviews,
    "delivery": of_service.delivery,
    "reasons": of_service.reasons,
    "response_time": of_service.response_time,
    "price_bands": of_things.price_bands,
    "inventory": of_things.inventory,
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
    "affinity": of_things.affinity,
    "hot_products": of_things.hot_products,
    "attribution": of_events.attribution,
    "campaigns": of_market.campaigns,
    "market_prices": of_rivals.prices,
    "price_changes": of_rivals.changes,
    "market_share": of_rivals.shares,
}

#: Pictures that are something else than lines and bars.
_OTHERS = ("week_hours", "paths", "price_changes")
_PLOTTED = frozenset(_DRAWN) - frozenset(_OTHERS)


def draw(place: Place) -> None:
    """The answer's picture."""
    _DRAWN.get(place.answered.kind, table)(place)


def plots(place: Place) -> list[Drawn]:
    """The answer's plots instead of its picture, to be drawn together with those of another; empty where it is no plot."""
    kept: list[Drawn] = []
    if place.answered.kind in _PLOTTED:
        draw(replace(place, kept=kept))
    return kept
