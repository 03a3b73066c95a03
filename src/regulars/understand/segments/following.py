"""Merges and erasures: members, changes and lists go to the customer their ids belong to now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import pyarrow as pa
from sqlalchemy import bindparam, delete, or_, update

from regulars.understand.segments.tables import segment_listed
from regulars.warehouse import TABLES, unbound
from regulars.warehouse.arrow import arrow_schema

if TYPE_CHECKING:
    from regulars.records import UnitOfWork
    from regulars.warehouse import Warehouse

_AT_ONCE = 1_000
_KEYS = {"segment_members": ("segment_id",), "segment_changes": ("segment_id", "run")}


def follow_lists(uow: UnitOfWork, shop_id: str, customers: Mapping[str, str]) -> None:
    """What identity calls when ids change customer (`MERGERS`): lists mean whom their ids mean now."""
    if customers:
        changed = update(segment_listed).where(segment_listed.c.shop_id == shop_id, segment_listed.c.told_as == bindparam("told"))
        changed = changed.where(segment_listed.c.customer_id != bindparam("owner")).values(customer_id=bindparam("owner"))
        uow.connection.execute(changed, [{"told": told, "owner": owner} for told, owner in customers.items()])


def follow_members(warehouse: Warehouse, shop_id: str, customers: Mapping[str, str] | None) -> Callable[[], object]:
    """What identity calls when events change customer (`MOVERS`): who was in is in under the new id, without coming or going.

    Members come before those that are merged into: of two memberships the one of the id that stays counts.
    """

    def nothing() -> None:
        return

    if not customers:
        return nothing
    old = [told for told, owner in customers.items() if told != owner]
    moved = {told: customers[told] for told in old}
    for name in _KEYS:
        for start in range(0, len(old), _AT_ONCE):
            _move(warehouse, name, shop_id, old[start : start + _AT_ONCE], moved)
    return nothing


def _move(warehouse: Warehouse, name: str, shop_id: str, old: list[str], moved: Mapping[str, str]) -> None:
    rows = unbound(name)
    mine = rows.filter(rows.shop_id == shop_id, rows.customer_id.isin(old))
    found = warehouse.rows(mine)
    if not found:
        return
    new = sorted({moved[row["customer_id"]] for row in found})
    there = {
        (row["customer_id"], *(row[key] for key in _KEYS[name]))
        for row in warehouse.rows(rows.filter(rows.shop_id == shop_id, rows.customer_id.isin(new)))
    }
    warehouse.delete(name, lambda t: (t.shop_id == shop_id) & t.customer_id.isin(old))
    kept = []
    for row in found:
        owner = moved[row["customer_id"]]
        place = (owner, *(row[key] for key in _KEYS[name]))
        if place not in there:
            there.add(place)
            kept.append({**row, "customer_id": owner})
    if kept:
        warehouse.append(name, pa.Table.from_pylist(kept, schema=arrow_schema(TABLES[name])))


def forget(uow: UnitOfWork, shop_id: str, customer_id: str, successor: str) -> int:
    """What privacy calls when somebody is erased (`ERASERS`): lists name them no more."""
    mine = or_(segment_listed.c.told_as == customer_id, segment_listed.c.customer_id.in_([customer_id, successor]))
    return uow.execute(delete(segment_listed).where(segment_listed.c.shop_id == shop_id, mine)).rowcount
