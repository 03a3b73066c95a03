"""The warehouse follows: rows are given to the customer that their own ids resolve to, so that a merge taken back restores them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
from sqlalchemy import delete, insert, select

from regulars.collect.identity import rows
from regulars.collect.identity.tables import identity_alias, identity_change
from regulars.events import CustomersMerged
from regulars.guard.privacy.naming import is_visitor
from regulars.values import clock
from regulars.values.ids import new_id

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from regulars.records import Records, UnitOfWork
    from regulars.warehouse import Warehouse

#: What rooms do with their records when ids change customer, in the transaction that decides it: fn(uow, shop_id, {id: customer_id now}).
#: Rows kept by customer are to be found by the id they were kept under first, as a merge can be taken back.
MERGERS: list[Callable[[UnitOfWork, str, Mapping[str, str]], object]] = []

#: What rooms derive in the warehouse from events, and what they do when events change customer, in that transaction: fn(warehouse, shop_id,
#: {id: customer_id from now on}) is called before, and what it returns afterwards. None instead of ids: many changed, and have already.
MOVERS: list[Callable[[Warehouse, str, Mapping[str, str] | None], Callable[[], object]]] = []

_ALIASES_AT_ONCE = 100_000
_CHANGES_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Applied:
    """How many ids the warehouse was told about, and how many rows of which table got another customer."""

    ids: int = 0
    rows: dict[str, int] = field(default_factory=dict)


def resolve(uow: UnitOfWork, shop_id: str, ids: Sequence[str]) -> dict[str, str]:
    """The customer_id of each stored id; an id that nothing is known of is its own customer."""
    found = dict.fromkeys(ids, "")
    known = rows.alias_rows(uow, shop_id, found)
    return {one: known[one]["customer_id"] if one in known else one for one in found}


def customer_of(uow: UnitOfWork, shop_id: str, one: str) -> str:
    """The customer_id of one stored id."""
    return resolve(uow, shop_id, [one])[one]


def note_changes(uow: UnitOfWork, shop_id: str, changed: Mapping[str, str]) -> None:
    """Write down which ids changed customer, so that the warehouse follows whatever happens; and let other rooms follow."""
    if changed:
        row = {"change_id": new_id("change"), "shop_id": shop_id, "ids": sorted(changed), "created_at": clock.now()}
        uow.execute(insert(identity_change).values(**row))
        for merger in MERGERS:
            merger(uow, shop_id, changed)


def rewrite(warehouse: Warehouse, shop_id: str, changed: Mapping[str, str], tables: Sequence[str] | None = None) -> dict[str, int]:
    """Give all rows of these ids to their customers; one transaction. Doing it twice changes nothing. Returns rows by table.

    `tables` are those to look at, such as the ones that were just written under ids as told; by default all that have customers.
    An event goes by its own user_id, else its anonymous_id; other rows by the id their source named (`named_as`).
    """
    if not changed:
        return {}
    labels = pa.table({"told": pa.array(list(changed), pa.string()), "label": pa.array(list(changed.values()), pa.string())})
    names = tables or warehouse.relabelled()
    with warehouse.transaction():
        moving = [mover(warehouse, shop_id, changed) for mover in MOVERS] if "events" in names else []
        counts = {name: warehouse.relabel(name, labels, shop_id=shop_id) for name in names}
        for moved in moving:
            moved()
    return {name: count for name, count in counts.items() if count}


def apply(records: Records, warehouse: Warehouse, shop_id: str) -> Applied:
    """Let the warehouse follow everything that changed since the last time; what a crash cuts off is done at the next call."""
    ids, total = 0, dict[str, int]()
    while True:
        with records.reading() as uow:
            waiting = select(identity_change).where(identity_change.c.shop_id == shop_id).order_by(identity_change.c.change_id)
            some = uow.rows(waiting.limit(_CHANGES_AT_ONCE))
            changed = resolve(uow, shop_id, [one for row in some for one in row["ids"]])
        if not some:
            return Applied(ids, total)
        for name, count in rewrite(warehouse, shop_id, changed).items():
            total[name] = total.get(name, 0) + count
        ids += len(changed)
        with records.unit() as uow:
            done = [row["change_id"] for row in some]
            uow.execute(delete(identity_change).where(identity_change.c.change_id.in_(done)))
            if customers := sum(not is_visitor(one) for one in changed):
                uow.tell(CustomersMerged(shop_id=shop_id, customers=customers))


def settle_warehouse(records: Records, warehouse: Warehouse, shop_id: str) -> int:
    """Bring every row of a shop to the customer its ids resolve to: after a load of files, or when the warehouse was made anew.

    Returns how many rows changed.
    """
    total = 0
    with records.reading() as uow, warehouse.transaction():
        labels: list[pa.Table] = []
        last = ""
        while True:
            here = select(identity_alias.c.id, identity_alias.c.customer_id).where(
                identity_alias.c.shop_id == shop_id, identity_alias.c.id > last
            )
            found = uow.execute(here.order_by(identity_alias.c.id).limit(_ALIASES_AT_ONCE)).all()
            if not found:
                break
            last = found[-1].id
            told, label = zip(*found, strict=True)
            labels.append(pa.table({"told": pa.array(told, pa.string()), "label": pa.array(label, pa.string())}))
        known = (
            pa.concat_tables(labels)
            if labels
            else pa.table({"told": pa.array([], pa.string()), "label": pa.array([], pa.string())})
        )
        for name in warehouse.relabelled():
            changed = warehouse.relabel(name, known, shop_id=shop_id, others_too=True)
            total += changed
            if changed and name == "events":
                for mover in MOVERS:
                    mover(warehouse, shop_id, None)()
    return total


def recover(records: Records, warehouse: Warehouse, home: Path) -> None:
    """Called at start: what a crash left between the records and the warehouse is finished."""
    with records.reading() as uow:
        shop_ids = [row["shop_id"] for row in uow.rows(select(identity_change.c.shop_id).distinct())]
    for shop_id in shop_ids:
        apply(records, warehouse, shop_id)
