"""Cases of funnels: events into the warehouse as they are shaped at the ingest door, the funnel, and who is behind each step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from regulars.understand.funnels import FUNNEL, FUNNEL_TIME, FUNNEL_TREND, StepFigures, funnel
from regulars.understand.funnels.queries.outcomes import outcomes
from regulars.understand.questions import Desk
from regulars.warehouse import Warehouse
from tests.cases.folder import Case
from tests.support.happenings import happened, shop_of


def desk_of(case: Case, warehouse: Warehouse) -> Desk:
    """A shop with the case's events and customers."""
    shop = shop_of(case.given.get("settings"))
    happened(warehouse, shop, case.given["events"], case.given.get("customers"))
    return Desk(warehouse, shop)


def who(desk: Desk, report: Any, query: Any, cell: Mapping[str, Any]) -> list[str]:
    """The customers behind a cell, sorted."""
    return sorted(row["customer_id"] for row in desk.warehouse.rows(report.customers(desk, query, cell)))


def funnels(case: Case, warehouse: Warehouse) -> dict[str, Any]:
    """Steps, or groups of steps; each the same by the general and by the fast way."""
    desk = desk_of(case, warehouse)
    query = FUNNEL.read(desk, case.given["query"])
    answer = funnel(desk, query)
    assert answer == funnel(desk, query, general=True)
    if query.breakdown is None:
        return {"steps": [_step(desk, query, step, {}) for step in answer.steps]}
    groups = [
        {"value": group.value, "steps": [_step(desk, query, step, {"group": group.value}) for step in group.steps]}
        for group in answer.groups
    ]
    return {"groups": groups}


def funnel_trend(case: Case, warehouse: Warehouse) -> dict[str, Any]:
    """Rows by bucket."""
    desk = desk_of(case, warehouse)
    answer = FUNNEL_TREND.answer(desk, FUNNEL_TREND.read(desk, case.given["query"]))
    names = ("bucket", "entered", "converted", "rate_percent")
    return {"rows": [{name: getattr(row, name) for name in names} for row in answer.rows]}


def funnel_time(case: Case, warehouse: Warehouse) -> dict[str, Any]:
    """The distribution, and each customer's seconds."""
    desk = desk_of(case, warehouse)
    query = FUNNEL_TIME.read(desk, case.given["query"])
    answer = FUNNEL_TIME.answer(desk, query)
    found = outcomes(replace(query.funnel, breakdown=None))
    found = found.filter(found.depth >= query.to_step)
    rows = warehouse.rows(found.select("customer_id", a=found[f"t{query.from_step}"], b=found[f"t{query.to_step}"]))
    return {
        "seconds_by_customer": {row["customer_id"]: (row["b"] - row["a"]) / 1_000_000 for row in rows},
        "average_seconds": answer.average_seconds,
        "median_seconds": answer.median_seconds,
        "bins": [list(one) for one in answer.bins],
    }


def _step(desk: Desk, query: Any, step: StepFigures, more: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "step": step.step,
        "customers": step.customers,
        "who": who(desk, FUNNEL, query, {"step": step.step, **more}),
        "avg_seconds_from_previous": step.avg_seconds_from_previous,
        "median_seconds_from_previous": step.median_seconds_from_previous,
    }
