"""The room's answers as tables, for CSV: what came of recommendations, and how they are spread."""

from __future__ import annotations

from collections.abc import Sequence

from regulars.serve.recommend.domain.spread import Spread
from regulars.serve.recommend.performing import RecommendPerformance
from regulars.values.csv import Table

_FIGURES = (
    "placement", "position", "model", "arm", "shown_by", "on", "lists", "served", "seen", "clicks", "click_through", "measured_by", "orders",
    "revenue",
)  # fmt: skip
_SPREAD = ("placement", "start_on", "last_on", "impressions", "products", "coverage", "gini", "novelty", "head_share")


def performance_table(found: RecommendPerformance) -> Table:
    """One row for what was told apart."""
    rows = tuple((*(getattr(one, name) for name in _FIGURES), one.revenue.currency) for one in found.rows)
    return Table((*_FIGURES, "currency"), rows)


def spread_table(found: Sequence[Spread]) -> Table:
    """One row for a placement and part of the period."""
    return Table(_SPREAD, tuple(tuple(getattr(one, name) for name in _SPREAD) for one in found))
