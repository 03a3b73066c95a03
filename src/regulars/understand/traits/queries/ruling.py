"""Who has a tag by its rule, and which ids belong to somebody."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from regulars.understand.questions import Asked
from regulars.understand.questions.queries import belonging
from regulars.warehouse import unbound


def followers(asked: Asked, name: str, whom: ir.Table | None = None) -> ir.Table:
    """The rows of customer_tags that a rule makes; `asked` is the rule as a question's whose, `whom` those its tree holds (null: it has none)."""
    rows = unbound("customer_traits")
    rows = belonging(rows.filter(rows.shop_id == asked.shop_id), asked)
    if whom is not None:
        rows = rows.semi_join(whom, "customer_id")
    return rows.select("shop_id", "customer_id", tag=ibis.literal(name), by_rule=ibis.literal(True))


def known_among(shop_id: str, some: Sequence[str]) -> ir.Table:
    """Those of some ids that somebody has a profile or traits under."""
    tables = [unbound(name) for name in ("customer_profiles", "customer_traits", "customers")]
    found = [
        one.filter(one.shop_id == shop_id, one.customer_id.isin(list(some))).select(customer_id=one.customer_id.nullif(""))
        for one in tables
    ]
    return ibis.union(*found, distinct=True)
