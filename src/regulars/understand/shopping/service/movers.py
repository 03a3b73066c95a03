"""The verb of hot products: what rises and what fades, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping
from math import erfc, sqrt
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa

from regulars.understand.metrics import ratio
from regulars.understand.questions import Desk, Report, told
from regulars.understand.questions.queries import belonging
from regulars.understand.shopping.domain import SIGNIFICANT, Mover, MoversAnswer, MoversQuery
from regulars.understand.shopping.queries import things as expressions
from regulars.understand.shopping.reading import judged_at, read_movers
from regulars.understand.shopping.service.affinity import SOLD
from regulars.understand.shopping.service.naming import names_of


def movers(desk: Desk, query: MoversQuery) -> MoversAnswer:
    """Things whose orders (units, views, carts) changed most surely against an equally long time before.

    Counts are taken as Poisson. Without a change, of `now + before` each falls into either range with equal chance; `z` is how
    many standard deviations `now` lies off. Against the shop, the chance is the whole shop's share of `now`.

    References
    ----------
    Przyborowski & Wilenski (1940), "Homogeneity of Results in Testing Samples from Poisson Series".
    """
    return desk.warehouse.cached(("hot_products", query), lambda: _answer(desk, query), of=SOLD)


def customers(desk: Desk, query: MoversQuery, cell: Mapping[str, Any]) -> ir.Table:
    """Who bought (looked at, put into the cart) `{key}` in the range; without a key anything."""
    given = told.object_of(cell, "cell", ("key",))
    if query.measure in ("views", "carts"):
        rows = expressions.looked(query)
    else:
        rows = belonging(expressions.bought(query.asked.shop_id, query.of, query.moments), query.asked)
    if "key" in given:
        rows = rows.filter(rows.thing == told.text(given["key"], "cell.key"))
    return rows.select("customer_id").distinct()


def table(answer: MoversAnswer) -> pa.Table:
    """One row per thing, the rising ones first."""
    names = Mover.__dataclass_fields__
    kinds = {"int": pa.int64(), "float": pa.float64(), "float | None": pa.float64(), "bool": pa.bool_()}
    return pa.Table.from_pylist(
        [{name: getattr(one, name) for name in names} for one in (*answer.rising, *answer.fading)],
        schema=pa.schema([(name, kinds.get(str(one.type), pa.string())) for name, one in names.items()]),
    )


REPORT = Report(
    kind="hot_products",
    read=read_movers,
    answer=movers,
    table=table,
    customers=customers,
    example={"of": "product", "measure": "orders"},
)


def _answer(desk: Desk, query: MoversQuery) -> MoversAnswer:
    found = expressions.counts(query)
    total = desk.warehouse.rows(expressions.moved_totals(found))[0]
    now, before = int(total["now"] or 0), int(total["before"] or 0)
    up, down = (desk.warehouse.rows(expressions.moved(found, query, up=one)) for one in (True, False))
    names = names_of(desk, query.of, {row["thing"] for row in (*up, *down)})
    share = now / (now + before) if now + before else 0.5
    assert query.moments.end is not None
    return MoversAnswer(
        of=query.of,
        measure=query.measure,
        now=now,
        before=before,
        complete=query.moments.end <= judged_at(desk),
        rising=tuple(_mover(row, names, share) for row in up),
        fading=tuple(_mover(row, names, share) for row in down),
    )


def _mover(row: Mapping[str, Any], names: Mapping[str, str], share: float) -> Mover:
    now, before = int(row["now"]), int(row["before"])
    both = now + before
    z = (now - before) / sqrt(both)
    spread = sqrt(both * share * (1 - share))
    against = (now - both * share) / spread if spread else 0.0
    return Mover(
        key=row["thing"],
        name=names.get(row["thing"]),
        now=now,
        before=before,
        change=ratio(now - before, before),
        z=round(z, 4),
        z_against_shop=round(against, 4),
        p=round(erfc(abs(z) / sqrt(2)), 6),
        significant=abs(z) >= SIGNIFICANT,
    )
