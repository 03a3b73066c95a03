"""Everything held about one customer, from both stores, as one JSON object (GDPR 15 and 20, PIPL 45)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from regulars.access import audit
from regulars.access.domain import Caller
from regulars.errors import NotFound, Unavailable
from regulars.guard.privacy import sealing
from regulars.guard.privacy.erasure import renamed_tables
from regulars.guard.privacy.people import audit_name, people_merged
from regulars.guard.privacy.same_person import ids_of
from regulars.guard.privacy.tables import sealed_text
from regulars.values import clock

if TYPE_CHECKING:
    from regulars.records import UnitOfWork
    from regulars.warehouse import Warehouse

#: What rooms add that has no `customer_id` column: fn(uow, shop_id, customer_id) -> values for JSON, by name.
EXPORTERS: dict[str, Callable[[UnitOfWork, str, str], Any]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerExport:
    """One customer's data: who they are, what they wrote, and every row of both stores that carries their id."""

    shop_id: str
    customer_id: str
    exported_at: datetime
    person: dict[str, Any]
    texts: dict[str, str]
    warehouse: dict[str, list[dict[str, Any]]]
    records: dict[str, list[dict[str, Any]]]
    more: dict[str, Any]


def export_customer(uow: UnitOfWork, warehouse: Warehouse, caller: Caller, shop_id: str, customer_id: str) -> CustomerExport:
    """Collect everything about a customer. Needs a write transaction: it is audited.

    Ids merged into the customer count as theirs. Tables of rooms to come are included by themselves when they have `shop_id` and `customer_id`.

    Raises
    ------
    NotAllowed : the caller may not see personal data.
    NotFound : neither store knows the customer.
    """
    caller.demand("see_personal_data")
    caller.demand_shop(shop_id)
    if caller.keyring is None:
        raise Unavailable("the caller carries no keyring", mend="act through a Door, a Screen or Caller.system")
    ids = ids_of(uow, shop_id, customer_id)
    known = people_merged(uow, caller.keyring, shop_id, [customer_id]).get(customer_id)
    texts_of = select(sealed_text).where(sealed_text.c.shop_id == shop_id, sealed_text.c.customer_id.in_(ids))
    keys = sealing.ciphers(uow, caller.keyring, shop_id, ids)
    texts = {
        row["subject"]: keys[row["customer_id"]].open(row["subject"], row["sealed"])
        for row in uow.rows(texts_of)
        if row["customer_id"] in keys
    }
    scans = {}
    for name, spec in warehouse.tables().items():
        if "customer_id" in spec.columns:
            table = warehouse.table(name)
            if rows := warehouse.rows(table.filter(table.shop_id == shop_id, table.customer_id.isin(ids)).order_by(list(spec.key))):
                scans[name] = rows
    kept = {}
    for one in renamed_tables():
        wanted = select(one).where(one.c.shop_id == shop_id, one.c.customer_id.in_(ids))
        if found := uow.rows(wanted):
            kept[one.name] = [dict(row) for row in found]
    more = {name: value for name, exporter in EXPORTERS.items() if (value := exporter(uow, shop_id, customer_id))}
    if known is None and not (texts or scans or kept or more):
        raise NotFound(f"there is no customer '{customer_id}'", mend="look the customer up first", code="no_such_customer")
    audit.record(uow, caller, "customer.exported", audit_name(caller.keyring, shop_id, customer_id), shop_id=shop_id)
    return CustomerExport(
        shop_id=shop_id,
        customer_id=customer_id,
        exported_at=clock.now(),
        person={name: value for name, value in asdict(known).items() if name != "customer_id"} if known else {},
        texts=texts,
        warehouse=scans,
        records=kept,
        more=more,
    )
