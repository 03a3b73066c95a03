"""After a backup was put back: whoever was erased since is looked for in both stores by digest, and erased again."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from regulars.access.domain import Caller
from regulars.errors import NotFound
from regulars.guard.privacy.erasure import PURPOSE, begin, erased, finish_erasures, renamed_tables
from regulars.guard.privacy.tables import customer_key, erasure, person, sealed_text
from regulars.guard.privacy.traces import ID_COLUMNS

if TYPE_CHECKING:
    from regulars.access.keys import Keyring
    from regulars.records import Records, UnitOfWork
    from regulars.warehouse import Warehouse

log = logging.getLogger(__name__)


def replay_erasures(records: Records, warehouse: Warehouse, home: Path, caller: Caller, listed: Iterable[dict[str, Any]]) -> int:
    """Erase again everybody on a list whom the stores know under their old id; returns how many ids.

    The list holds digests only: each id the stores know is digested and compared.
    """
    caller.demand("erase_customers")
    assert caller.keyring is not None
    wanted: dict[str, dict[str, str]] = {}
    for one in listed:
        wanted.setdefault(one["shop_id"], {})[one["digest"]] = one["successor"]
    again = 0
    for shop_id, successors in wanted.items():
        with records.reading() as uow:
            known = set(_known_ids(uow, warehouse, shop_id))
        found = {
            customer_id: successors[digest]
            for customer_id in sorted(known)
            if (digest := caller.keyring.mac(PURPOSE, shop_id, customer_id)) in successors
        }
        for customer_id, successor in found.items():
            with records.unit() as uow:
                if erased(uow, caller.keyring, shop_id, [customer_id]):
                    again += _reopen(uow, caller.keyring, shop_id, customer_id)
                    continue
                try:
                    begin(uow, warehouse, caller.keyring, caller, home, shop_id, customer_id, successor=successor)
                    again += 1
                except NotFound:
                    log.warning("a customer on the list of erasures went away meanwhile", extra={"shop_id": shop_id})
        log.info("erasures replayed", extra={"shop_id": shop_id, "found": len(found)})
    finish_erasures(records, warehouse, home, caller.keyring)
    return again


def _reopen(uow: UnitOfWork, keyring: Keyring, shop_id: str, customer_id: str) -> int:
    """The records know of the erasure, but a store or an archive was put back from before it: do its second half again."""
    digest = keyring.mac(PURPOSE, shop_id, customer_id)
    sealed = keyring.seal(PURPOSE, customer_id, bound_to=digest)
    mine = (erasure.c.shop_id == shop_id) & (erasure.c.digest == digest)
    return uow.execute(erasure.update().where(mine).values(erased_at=None, overwritten_at=None, old_id_sealed=sealed)).rowcount


def _known_ids(uow: UnitOfWork, warehouse: Warehouse, shop_id: str) -> Iterator[str]:
    for table in (customer_key, person, sealed_text, *renamed_tables()):
        rows = select(table.c.customer_id).where(table.c.shop_id == shop_id, table.c.customer_id.is_not(None)).distinct()
        yield from (row["customer_id"] for row in uow.rows(rows))
    for name, spec in warehouse.tables().items():
        for column in ID_COLUMNS:
            if column in spec.columns and "shop_id" in spec.columns:
                scan = warehouse.table(name)
                ids = scan.filter(scan.shop_id == shop_id, scan[column].notnull()).select(column).distinct()
                yield from (row[column] for row in warehouse.rows(ids))
