"""One thin adapter per form: it loads a case's input into real stores, asks our verbs, and says the answer in the case's words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from regulars.warehouse import Warehouse
from tests.cases import activity, carts, funnels, ingest, orders, segments, touches, walks
from tests.cases.folder import Case

Adapter = Callable[[Case, Warehouse], dict[str, Any]]

#: By kind of case.
ADAPTERS: dict[str, Adapter] = {
    "active": activity.active,
    "attribution": touches.attributed,
    "cart_abandonment": carts.abandoned,
    "ecommerce": orders.ecommerce,
    "funnel": funnels.funnels,
    "funnel_time": funnels.funnel_time,
    "funnel_trend": funnels.funnel_trend,
    "identity": ingest.ingest,
    "ingest": ingest.ingest,
    "lifecycle": activity.lifecycle,
    "ltv": orders.ltv,
    "retention": activity.retention,
    "retention_rolling": activity.retention_rolling,
    "segment": segments.segments,
    "stickiness": activity.stickiness,
    "paths": walks.walked,
}

#: Files (or one kind in a file) whose room is not built yet; the test output lists them.
NOT_YET: dict[str, str] = {
    "engage/caps.json": "guard/contact_policy",
    "engage/flash_sales.json": "offer/flash_sales",
    "engage/group_buys.json": "offer/group_buys",
    "engage/journeys.json": "engage/journeys",
    "engage/promotions.json": "offer/promotions",
    "engage/service.json": "serve/support",
    "predict/ab_vectors.json": "measure/experiments",
    "predict/bucketing_vectors.json": "measure/experiments",
    "predict/uplift_vectors.json": "measure/uplift",
}

#: Files that have a test of their own beside `test_cases.py`, as their steps go to records of either kind.
OWN_TEST = frozenset({"engage/ledger.json", "engage/tiers.json"})


def waits_for(file: str, kind: str = "") -> str | None:
    """The room a case waits for; None when it is to be run."""
    if file in OWN_TEST or (kind in ADAPTERS and file not in NOT_YET):
        return None
    return NOT_YET.get(f"{file}:{kind}") or NOT_YET.get(file)
