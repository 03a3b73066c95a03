"""Cases of segments: events and customers into the warehouse, the tree as people write it, and its members."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from regulars.understand.segments import definition, members_of
from regulars.warehouse import Warehouse
from tests.cases.folder import Case
from tests.cases.funnels import desk_of


def segments(case: Case, warehouse: Warehouse) -> dict[str, Any]:
    """Who is in, judged at the case's moment."""
    desk = desk_of(case, warehouse)
    query = case.given["query"]
    at = datetime.fromisoformat(query["as_of"]) if "as_of" in query else None
    wanted = definition(query["where_tree"], desk.shop.timezone)
    return {"members": sorted(row["customer_id"] for row in warehouse.rows(members_of(desk, wanted, at=at)))}
