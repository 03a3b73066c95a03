"""The one list of reports: which rooms have them, and in which order people are offered them."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping
from functools import cache

from regulars.errors import NotFound
from regulars.understand.questions import Report

#: Rooms whose faces export reports, `REPORT` or several.
_ROOMS = (
    "regulars.understand.trends",
    "regulars.understand.funnels",
    "regulars.understand.activity",
    "regulars.understand.paths",
    "regulars.understand.shopping",
    "regulars.understand.attribution",
    "regulars.understand.marketing",
    "regulars.understand.competition",
    "regulars.understand.reports.numbers",
)
#: In this order; a kind that is not named here comes last.
_ORDER = (
    "trend", "funnel", "funnel_trend", "funnel_time", "retention", "retention_rolling", "lifecycle", "stickiness", "active",
    "paths", "sessions", "week_hours", "cart_abandonment", "new_customer_journey", "affinity", "hot_products", "attribution",
    "campaigns", "market_prices", "price_changes", "market_share",
    "metric", "sales_by", "price_bands", "inventory", "visits", "reviews", "reasons", "response_time", "delivery",
)  # fmt: skip


@cache
def _of(room: str) -> Mapping[str, Report]:
    """The reports of one room, which is loaded when first asked."""
    if importlib.util.find_spec(room) is None:
        return {}
    found: dict[str, Report] = {}
    for exported in vars(importlib.import_module(room)).values():
        several = exported if isinstance(exported, tuple) else (exported,)
        found |= {one.kind: one for one in several if isinstance(one, Report)}
    return found


@cache
def _known() -> Mapping[str, Report]:
    found = {kind: report for room in _ROOMS for kind, report in _of(room).items()}
    places = {kind: place for place, kind in enumerate(_ORDER)}
    return dict(sorted(found.items(), key=lambda pair: (places.get(pair[0], len(places)), pair[0])))


def every_report() -> tuple[Report, ...]:
    """Every report there is."""
    return tuple(_known().values())


def report_of(kind: str) -> Report:
    """The report of a kind.

    Raises
    ------
    NotFound : there is none of that kind.
    """
    for room in _ROOMS:  # a question of one kind needs no other's rooms
        if kind in _of(room):
            return _of(room)[kind]
    raise NotFound(f"there is no report '{kind[:40]}'", mend=f"use one of {', '.join(_known())}", code="no_such_report")
