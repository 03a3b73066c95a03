"""Forgetting a customer: the key is destroyed, the pseudonym becomes a random one everywhere, and the totals stay right."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update

from regulars.access import audit
from regulars.access.domain import Caller
from regulars.access.keys import Keyring
from regulars.errors import NotFound
from regulars.events import CustomerErased
from regulars.guard.privacy.same_person import ids_of
from regulars.guard.privacy.sealing import batches
from regulars.guard.privacy.tables import contact_lookup, customer_key, erasure, person, sealed_text
from regulars.records import metadata
from regulars.values import clock
from regulars.values.ids import new_id

if TYPE_CHECKING:
    from sqlalchemy import RowMapping, Table

    from regulars.records import Records, UnitOfWork
    from regulars.warehouse import Warehouse

log = logging.getLogger(__name__)

#: What rooms do beyond the renaming below, in the transaction that destroys the key: fn(uow, shop_id, old_id, successor) -> rows.
ERASERS: list[Callable[[UnitOfWork, str, str, str], int]] = []

PURPOSE = "erasure"
#: Columns of the warehouse that say something about a person beside the pseudonym.
_ABOUT_A_PERSON: dict[str, dict[str, str | int | bool | None]] = {
    "customers": {"city": None, "gender": None, "birth_year": None, "tags": None},
}
_OWN = ("customer_key", "person", "contact_lookup", "sealed_text")


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """That a customer was erased, when, and how many rows were destroyed or renamed; it does not say who it was."""

    erasure_id: str
    shop_id: str
    asked_at: datetime
    erased_at: datetime | None
    rows: dict[str, int]


def erase(records: Records, warehouse: Warehouse, caller: Caller, shop_id: str, customer_id: str) -> Certificate:
    """Destroy what makes a customer a person, in both stores; asking twice gives the same certificate.

    Takes both stores, because it is done in two steps that a crash may part: first the key, the person, the look-ups and the
    texts go, and the wish is written down; then the pseudonym is renamed in the warehouse. `recover` finishes what was cut off.

    Raises
    ------
    NotAllowed : the caller may not erase customers.
    NotFound : neither store knows the customer.
    """
    caller.demand("erase_customers")
    caller.demand_shop(shop_id)
    assert caller.keyring is not None, "callers come from a Door, a Screen or Caller.system, and carry a keyring"
    keyring = caller.keyring
    with records.unit() as uow:
        row = _find(uow, keyring, shop_id, customer_id)
        merged: list[RowMapping] = []
        if row is None:
            ids = ids_of(uow, shop_id, customer_id)
            successor = "x_" + os.urandom(10).hex()
            row, *merged = [_begin(uow, warehouse, keyring, caller, shop_id, one, successor, told=len(ids) > 1) for one in ids]
    if row["erased_at"] is None:
        for one in (*(one for one in merged if one["erased_at"] is None), row):
            _finish(records, warehouse, keyring, one)
        with records.reading() as uow:
            row = _find(uow, keyring, shop_id, customer_id)
            assert row is not None
    return _certificate(row)


def erased(uow: UnitOfWork, keyring: Keyring, shop_id: str, customer_ids: Sequence[str]) -> dict[str, str]:
    """Which of these customers were erased, and the random pseudonym each has now.

    A load asks this, so that files from before the erasure do not bring anybody back.
    """
    if uow.one(select(erasure.c.digest).where(erasure.c.shop_id == shop_id).limit(1)) is None:
        return {}
    by_digest = {_digest(keyring, shop_id, customer_id): customer_id for customer_id in customer_ids}
    found = {}
    for some in batches(by_digest):
        rows = select(erasure.c.digest, erasure.c.successor).where(erasure.c.shop_id == shop_id, erasure.c.digest.in_(some))
        found.update({by_digest[row["digest"]]: row["successor"] for row in uow.rows(rows)})
    return found


def finish_erasures(records: Records, warehouse: Warehouse, keyring: Keyring) -> int:
    """Finish erasures that a crash or an unreachable warehouse cut off; returns how many."""
    with records.reading() as uow:
        rows = uow.rows(select(erasure).where(erasure.c.erased_at.is_(None)))
    for row in rows:
        _finish(records, warehouse, keyring, row)
    return len(rows)


def recover(records: Records, warehouse: Warehouse, home: Path) -> None:
    """Called at start."""
    with records.reading() as uow:
        waiting = uow.one(select(erasure.c.digest).where(erasure.c.erased_at.is_(None)).limit(1))
    if waiting is not None:
        finish_erasures(records, warehouse, Keyring.open(home))


def renamed_tables() -> list[Table]:
    """The tables of the records, of whatever room, whose `customer_id` is renamed."""
    return [
        table for table in metadata.sorted_tables if "customer_id" in table.c and "shop_id" in table.c and table.name not in _OWN
    ]


def _begin(
    uow: UnitOfWork,
    warehouse: Warehouse,
    keyring: Keyring,
    caller: Caller,
    shop_id: str,
    customer_id: str,
    successor: str,
    *,
    told: bool,
) -> RowMapping:
    """Destroy key, person, look-ups and texts, rename the pseudonym in the records, and write the wish down.

    `told`: merges tell that the id is there, so that it need not be looked for. All ids of one customer get one successor.
    """
    digest = _digest(keyring, shop_id, customer_id)
    if (before := _find(uow, keyring, shop_id, customer_id)) is not None:
        return before
    rows = {}
    for table in (contact_lookup, person, sealed_text, customer_key):
        gone = uow.execute(delete(table).where(table.c.shop_id == shop_id, table.c.customer_id == customer_id))
        rows[table.name] = gone.rowcount
    for table in renamed_tables():
        renamed = update(table).where(table.c.shop_id == shop_id, table.c.customer_id == customer_id)
        rows[table.name] = uow.execute(renamed.values(customer_id=successor)).rowcount
    for eraser in ERASERS:
        label = f"{eraser.__module__}.{eraser.__name__}"
        rows[label] = eraser(uow, shop_id, customer_id, successor)
    if not told and not any(rows.values()) and not _in_warehouse(warehouse, shop_id, customer_id):
        raise NotFound(f"there is no customer '{customer_id}'", mend="look the customer up first", code="no_such_customer")
    uow.execute(
        insert(erasure).values(
            shop_id=shop_id,
            digest=digest,
            erasure_id=new_id("erasure"),
            successor=successor,
            old_id_sealed=keyring.seal(PURPOSE, customer_id, bound_to=digest),
            rows={name: count for name, count in rows.items() if count},
            asked_at=clock.now(),
        )
    )
    row = _find(uow, keyring, shop_id, customer_id)
    assert row is not None
    audit.record(uow, caller, "customer.erased", row["erasure_id"], shop_id=shop_id)
    return row


def _finish(records: Records, warehouse: Warehouse, keyring: Keyring, row: RowMapping) -> None:
    """Rename the pseudonym in the warehouse, then forget what it was. Doing it twice changes nothing."""
    old = keyring.unseal(PURPOSE, row["old_id_sealed"], bound_to=row["digest"]).decode()
    rows = dict(row["rows"] or {})
    with warehouse.transaction():
        for name, spec in warehouse.tables().items():
            if "customer_id" in spec.columns:
                values = {"customer_id": row["successor"], **_ABOUT_A_PERSON.get(name, {})}
                changed = warehouse.update(name, values, lambda t: (t.shop_id == row["shop_id"]) & (t.customer_id == old))
                rows[f"warehouse.{name}"] = rows.get(f"warehouse.{name}", 0) + changed
            for column in set(spec.told) - {"customer_id"}:
                told = None if column == "named_as" else row["successor"]
                warehouse.update(name, {column: told}, lambda t, c=column: (t.shop_id == row["shop_id"]) & (t[c] == old))  # type: ignore[misc]
    with records.unit() as uow:
        done = (
            update(erasure)
            .where(erasure.c.shop_id == row["shop_id"], erasure.c.digest == row["digest"], erasure.c.erased_at.is_(None))
            .values(erased_at=clock.now(), old_id_sealed=None, rows={name: count for name, count in rows.items() if count})
        )
        if uow.execute(done).rowcount:
            uow.tell(CustomerErased(shop_id=row["shop_id"]))
    _overwrite_log(records)
    log.info("customer erased", extra={"erasure_id": row["erasure_id"], "shop_id": row["shop_id"]})


def _find(uow: UnitOfWork, keyring: Keyring, shop_id: str, customer_id: str) -> RowMapping | None:
    digest = _digest(keyring, shop_id, customer_id)
    return uow.one(select(erasure).where(erasure.c.shop_id == shop_id, erasure.c.digest == digest))


def _in_warehouse(warehouse: Warehouse, shop_id: str, customer_id: str) -> bool:
    for name, spec in warehouse.tables().items():
        if "customer_id" in spec.columns:
            table = warehouse.table(name)
            if warehouse.rows(table.filter(table.shop_id == shop_id, table.customer_id == customer_id).select("shop_id").limit(1)):
                return True
    return False


def _overwrite_log(records: Records) -> None:
    """Deleted rows are zeroed in SQLite's file at once (secure_delete); its write-ahead log still has them until it is emptied."""
    if records.is_sqlite:
        raw = records.engine.raw_connection()
        try:
            raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            raw.close()


def _certificate(row: RowMapping) -> Certificate:
    return Certificate(
        erasure_id=row["erasure_id"],
        shop_id=row["shop_id"],
        asked_at=row["asked_at"],
        erased_at=row["erased_at"],
        rows=dict(row["rows"] or {}),
    )


def _digest(keyring: Keyring, shop_id: str, customer_id: str) -> str:
    return keyring.mac(PURPOSE, shop_id, customer_id)
