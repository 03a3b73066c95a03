"""Everything held about one customer, from both stores, as one JSON object and as CSV files (GDPR 15 and 20, PIPL 45)."""

from __future__ import annotations

import io
import json
import zipfile
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
from regulars.guard.privacy.requests import note_request
from regulars.guard.privacy.same_person import ids_of
from regulars.guard.privacy.tables import sealed_text
from regulars.guard.privacy.taken import in_their_places
from regulars.guard.privacy.traces import ID_COLUMNS
from regulars.values import clock
from regulars.values.answers import to_json
from regulars.values.csv import csv_lines

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

    from regulars.access.keys import Keyring
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
    known_as: list[str]
    person: dict[str, Any]
    texts: dict[str, str]
    warehouse: dict[str, list[dict[str, Any]]]
    records: dict[str, list[dict[str, Any]]]
    more: dict[str, Any]


def export_customer(uow: UnitOfWork, warehouse: Warehouse, caller: Caller, shop_id: str, customer_id: str) -> CustomerExport:
    """Collect everything about a customer. Needs a write transaction: it is audited.

    Tables of rooms to come are included by themselves when they have `shop_id` and `customer_id`.

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
    person = _person(uow, caller.keyring, shop_id, ids)
    texts = _texts(uow, caller.keyring, shop_id, ids)
    scans = _scans(warehouse, shop_id, ids)
    in_their_places(texts, scans.get("events", []))
    kept = {}
    for one in renamed_tables():
        wanted = select(one).where(one.c.shop_id == shop_id, one.c.customer_id.in_(ids))
        if found := uow.rows(wanted):
            kept[one.name] = [_plain(row) for row in found]
    more = {name: value for name, exporter in EXPORTERS.items() if (value := exporter(uow, shop_id, customer_id))}
    if not (person or texts or scans or kept or more):
        raise NotFound(f"there is no customer '{customer_id}'", mend="look the customer up first", code="no_such_customer")
    audit.record(uow, caller, "customer.exported", audit_name(caller.keyring, shop_id, customer_id), shop_id=shop_id)
    now = clock.now()
    note_request(uow, caller, shop_id, "export", customer_id, now, done_at=now)
    return CustomerExport(
        shop_id=shop_id,
        customer_id=customer_id,
        exported_at=now,
        known_as=ids[1:],
        person=person,
        texts=texts,
        warehouse=scans,
        records=kept,
        more=more,
    )


def as_zip(answer: CustomerExport) -> bytes:
    """The export as `customer.json` and one CSV file for each table, packed."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("customer.json", json.dumps(to_json(answer), ensure_ascii=False, indent=2))
        person = [{"field": name, "value": _cell(value)} for name, value in answer.person.items()]
        texts = [{"subject": subject, "text": text} for subject, text in answer.texts.items()]
        tables: dict[str, list[dict[str, Any]]] = {"person": person, "texts": texts, **answer.warehouse}
        tables |= {name if name not in tables else f"{name}_records": rows for name, rows in answer.records.items()}
        for name, rows in tables.items():
            if rows:
                columns = list(dict.fromkeys(column for row in rows for column in row))
                lines = csv_lines(columns, ([_cell(row.get(column)) for column in columns] for row in rows))
                packed.writestr(f"{name}.csv", "".join(lines))
    return file.getvalue()


def _person(uow: UnitOfWork, keyring: Keyring, shop_id: str, ids: list[str]) -> dict[str, Any]:
    """Who the customer is, with what is known under every id merged into them."""
    found = people_merged(uow, keyring, shop_id, ids[:1]).get(ids[0])
    return {name: value for name, value in asdict(found).items() if name != "customer_id"} if found else {}


def _texts(uow: UnitOfWork, keyring: Keyring, shop_id: str, ids: list[str]) -> dict[str, str]:
    rows = uow.rows(select(sealed_text).where(sealed_text.c.shop_id == shop_id, sealed_text.c.customer_id.in_(ids)))
    keys = sealing.ciphers(uow, keyring, shop_id, ids)
    return {
        row["subject"]: keys[row["customer_id"]].open(row["subject"], row["sealed"]) for row in rows if row["customer_id"] in keys
    }


def _scans(warehouse: Warehouse, shop_id: str, ids: list[str]) -> dict[str, list[dict[str, Any]]]:
    scans = {}
    for name, spec in warehouse.tables().items():
        table = warehouse.table(name)
        held = [column for column in ID_COLUMNS if column in spec.columns]
        if not held or "shop_id" not in spec.columns:
            continue
        mine = table[held[0]].isin(ids)
        if held[0] != "customer_id":  # else that one decides: on a shared device others have events too
            for column in held[1:]:
                mine = mine | table[column].isin(ids)
        if rows := warehouse.rows(table.filter(table.shop_id == shop_id, mine).order_by(list(spec.key))):
            scans[name] = rows
    return scans


def _plain(row: RowMapping) -> dict[str, Any]:
    """A row of the records; what is sealed and unreadable without its key is told by its length."""
    return {name: f"({len(value)} bytes)" if isinstance(value, bytes) else value for name, value in row.items()}


def _cell(value: Any) -> object:
    return json.dumps(to_json(value), ensure_ascii=False) if isinstance(value, dict | list | tuple) else value
