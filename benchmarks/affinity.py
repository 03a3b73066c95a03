"""What is bought together, beside SQL written by hand for the same answer; part of the section `events_beside`."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.reports import SHOP, cpu_of_each, simulated
from regulars.understand.questions import Desk
from regulars.understand.shopping import AFFINITY
from regulars.warehouse import Warehouse

LINES = 2_000_000
_RUNS = 3
_LIMIT, _LEAST = 50, 5
_BY_HAND = f"""WITH b AS (SELECT DISTINCT order_id, product_id FROM order_lines
        WHERE shop_id = 'simulated' AND status IN ('placed', 'cancelled') AND kind = 'product' AND product_id IS NOT NULL),
    n AS (SELECT count(DISTINCT order_id) AS baskets FROM b),
    s AS (SELECT product_id, count(*) AS size FROM b GROUP BY 1 HAVING size >= {_LEAST}),
    p AS (SELECT x.product_id AS a, y.product_id AS b, count(*) AS met FROM b x JOIN b y ON x.order_id = y.order_id AND x.product_id < y.product_id
        GROUP BY ALL HAVING met >= {_LEAST})
    SELECT a, p.b, met, met * baskets / (sa.size * sb.size) AS lift FROM p JOIN s sa ON sa.product_id = a JOIN s sb ON sb.product_id = p.b, n
    ORDER BY lift DESC, met DESC, a, p.b LIMIT {_LIMIT}"""


def measured(place: Path) -> tuple[float, float]:
    """Processor seconds of the report and of the SQL, once their pairs were found to be the same."""
    store = simulated(place, LINES)
    desk = Desk(store, SHOP)
    query = AFFINITY.read(desk, {"of": "product", "basket": "order", "min_baskets": _LEAST, "limit": _LIMIT})
    ours = [(pair.a, pair.b, pair.baskets) for pair in AFFINITY.answer(desk, query).pairs]
    hand = [(row["a"], row["b"], row["met"]) for row in store.engine.query(_BY_HAND).to_pylist()]
    assert ours == hand, f"{ours[:3]} is not {hand[:3]}"
    found = cpu_of_each(_RUNS, partial(_anew, store, desk, query), partial(store.engine.query, _BY_HAND))
    store.close()
    return found


def _anew(store: Warehouse, desk: Desk, query: Any) -> object:
    store._answers.clear()
    return AFFINITY.answer(desk, query)
