"""One thin adapter per form: it loads a case's input into real stores, asks our verbs, and says the answer in the case's words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from regulars.access.keys import Keyring
from regulars.records import Records
from regulars.warehouse import Warehouse
from tests.cases import activity, carts, funnels, ingest, ledgers, orders, promotions, scarce, segments, touches, walks
from tests.cases.folder import Case

Adapter = Callable[[Case, Warehouse], dict[str, Any]]
#: Says what each `steps` of a case gave and, where the case asks for it, the `transitions`.
Walker = Callable[[Case, Records, Keyring], dict[str, list[Any]]]

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
    "quote": promotions.quoted,
    "refund": promotions.refunded,
}

#: By file: cases of several steps, each with what it expects, on the records of both kinds.
WALKERS: dict[str, Walker] = {
    "engage/flash_sales.json": lambda case, records, _: {"steps": scarce.flash_sale(case, records)},
    "engage/group_buys.json": lambda case, records, _: {"steps": scarce.group_buy(case, records)},
    "engage/ledger.json": ledgers.ledger,
    "engage/tiers.json": ledgers.tiers,
}

#: Files (or one kind in a file) whose room is not built yet; the test output lists them.
NOT_YET: dict[str, str] = {
    "engage/caps.json": "guard/contact_policy",
    "engage/journeys.json": "engage/journeys",
    "engage/service.json": "serve/support",
    "predict/ab_vectors.json": "measure/experiments",
    "predict/bucketing_vectors.json": "measure/experiments",
    "predict/uplift_vectors.json": "measure/uplift",
}


def waits_for(file: str, kind: str = "") -> str | None:
    """The room a case waits for; None when it is to be run."""
    if file in WALKERS or (kind in ADAPTERS and file not in NOT_YET):
        return None
    return NOT_YET.get(f"{file}:{kind}") or NOT_YET.get(file)
