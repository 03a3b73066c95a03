"""What `regulars doctor` asks of this room."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sqlalchemy import and_, func, select

from regulars.collect.identity import queries
from regulars.collect.identity.applying import resolve
from regulars.collect.identity.tables import identity_alias, identity_change
from regulars.work.checks import Check, CheckContext, Finding

if TYPE_CHECKING:
    from regulars.records import UnitOfWork

_SHOWN = 20
_IDS_AT_ONCE = 5_000
_MEND = "run `regulars run merges`, which brings the warehouse to what the ids resolve to"


def every_id_resolves(context: CheckContext) -> Iterator[Finding]:
    """An id that was merged leads to a customer that was not merged on."""
    onward = identity_alias.alias("onward")
    join = and_(onward.c.shop_id == identity_alias.c.shop_id, onward.c.id == identity_alias.c.customer_id)
    lost = select(identity_alias.c.shop_id, identity_alias.c.id).join(onward, join).limit(_SHOWN)
    with context.records.reading() as uow:
        for row in uow.rows(lost):
            yield Finding(
                "an id leads to a customer that leads on to another",
                "restore a backup of the records",
                f"identity_alias {row['shop_id']}/{row['id']}",
            )


def one_customer_for_one_cluster(context: CheckContext) -> Iterator[Finding]:
    """A device belongs to the same customer as the known id by which it belongs there."""
    via = identity_alias.alias("via_row")
    join = and_(via.c.shop_id == identity_alias.c.shop_id, via.c.id == identity_alias.c.via)
    two = (
        select(identity_alias.c.shop_id, identity_alias.c.id)
        .outerjoin(via, join)
        .where(func.coalesce(via.c.customer_id, identity_alias.c.via) != identity_alias.c.customer_id)
        .limit(_SHOWN)
    )
    with context.records.reading() as uow:
        for row in uow.rows(two):
            yield Finding(
                "one cluster of ids has two customers",
                "restore a backup of the records",
                f"identity_alias {row['shop_id']}/{row['id']}",
            )


def warehouse_agrees(context: CheckContext) -> Iterator[Finding]:
    """Events, orders and the rest belong to the customer their own ids resolve to."""
    from regulars.access import shops

    with context.records.reading() as uow:
        waiting = {row["shop_id"] for row in uow.rows(select(identity_change.c.shop_id).distinct())}
        for shop in shops.list_all(uow):
            if shop.shop_id not in waiting:  # what waits is applied at the next start, or by the loader
                yield from _of_shop(context, uow, shop.shop_id)


def _of_shop(context: CheckContext, uow: UnitOfWork, shop_id: str) -> Iterator[Finding]:
    warehouse = context.warehouse
    names = {name: warehouse.tables()[name].told for name in warehouse.relabelled()}
    found = 0
    for name, columns in names.items():
        moved = warehouse.rows(queries.moved(warehouse.table(name), shop_id, columns))
        should = resolve(uow, shop_id, [row["told"] for row in moved])
        for row in moved:
            if should[row["told"]] != row["customer_id"] and found < _SHOWN:
                found += 1
                yield Finding("rows belong to a customer their ids do not resolve to", _MEND, f"{name} {shop_id}/{row['told']}")
    last = ""
    while True:
        here = select(identity_alias.c.id).where(identity_alias.c.shop_id == shop_id, identity_alias.c.id > last)
        ids = [row["id"] for row in uow.rows(here.order_by(identity_alias.c.id).limit(_IDS_AT_ONCE))]
        if not ids or found >= _SHOWN:
            return
        last = ids[-1]
        for name, columns in names.items():
            for row in warehouse.rows(queries.unmoved(warehouse.table(name), shop_id, columns, ids)):
                found += 1
                yield Finding(
                    "rows were not given to the customer their ids were merged into", _MEND, f"{name} {shop_id}/{row['told']}"
                )


CHECKS = [
    Check("merged ids resolve", "P1", every_id_resolves),
    Check("clusters of ids have one customer", "P1", one_customer_for_one_cluster),
    Check("the warehouse follows merges", "P1", warehouse_agrees),
]
