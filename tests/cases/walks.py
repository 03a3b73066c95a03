"""Cases of paths, asked of the paths room on both of its routes."""

from __future__ import annotations

from typing import Any

from regulars.understand.paths.reading import read_paths
from regulars.understand.paths.service import paths
from regulars.understand.questions import Desk
from regulars.warehouse import Warehouse
from tests.cases.folder import Case
from tests.support.happenings import happened, shop_of


def walked(case: Case, warehouse: Warehouse) -> dict[str, Any]:
    """The edges of the drawing."""
    shop = shop_of(case.given.get("settings"))
    happened(warehouse, shop, case.given["events"], case.given.get("customers"))
    desk = Desk(warehouse, shop)
    query = read_paths(desk, case.given["query"])
    general, quick = (paths(desk, query, route) for route in ("general", "fast"))  # type: ignore[arg-type]
    assert general == quick
    return {
        "paths": general.paths,
        "customers": general.customers,
        "edges": [
            {
                "from": f"{edge.step}_{edge.from_node}",
                "to": f"{edge.step + 1}_{edge.to_node}",
                "paths": edge.paths,
                "customers": edge.customers,
                "avg_seconds": edge.avg_seconds,
            }
            for edge in general.edges
        ],
    }
