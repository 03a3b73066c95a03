"""Forgetting a customer: the key is destroyed, the pseudonym becomes a random one everywhere, and the totals stay right."""

from __future__ import annotations

import base64
import json
import logging
import os
from collections import Counter
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
from regulars.guard.privacy.erasure_list import append_to_list
from regulars.guard.privacy.likeness import Likeness, likeness_of
from regulars.guard.privacy.overwriting import KIND as OVERWRITE
from regulars.guard.privacy.requests import note_request
from regulars.guard.privacy.same_person import ids_of
from regulars.guard.privacy.sealing import batches
from regulars.guard.privacy.tables import contact_lookup, customer_key, customer_request, erasure, person, sealed_text
from regulars.guard.privacy.traces import ABOUT_A_PERSON, ID_COLUMNS, Renaming, rewrite_archives
from regulars.records import metadata
from regulars.values import clock
from regulars.values.ids import new_id
from regulars.web.tables import idempotency_key
from regulars.work import enqueue

if TYPE_CHECKING:
    from sqlalchemy import RowMapping, Table

    from regulars.records import Records, UnitOfWork
    from regulars.warehouse import Warehouse

log = logging.getLogger(__name__)

#: What rooms do beyond the renaming below, in the transaction that destroys the key: fn(uow, shop_id, old_id, successor) -> rows.
ERASERS: list[Callable[[UnitOfWork, str, str, str], int]] = []

#: What rooms derive in the warehouse from rows of an erased customer, made anew in the transaction that renames them:
#: fn(warehouse, shop_id, successors).
REDERIVERS: list[Callable[[Warehouse, str, Sequence[str]], object]] = []

#: Called before ids are renamed, with the wish written down already: bring what is on its way (the journal, a load) into the stores
#: and the archive, and return when nothing that was begun before bears the old ids any more: fn(home, shop_id).
BEFORE_ERASURE: list[Callable[[Path, str], None]] = []

#: Raw rows that rooms have put aside, sealed: fn(uow, home, keyring, shop_id, likeness) -> rows emptied. What `likeness.has(texts)` is theirs.
QUARANTINES: list[Callable[[UnitOfWork, Path, Keyring, str, Likeness], int]] = []

PURPOSE = "erasure"
_OWN = ("customer_key", "person", "contact_lookup", "sealed_text")


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """That a customer was erased, when, and how many rows were destroyed or renamed; it does not say who it was.

    `overwritten_at`: since when nothing that was deleted can be read in the warehouse's file with any tool. A large file is copied
    for it in the background, so it may come minutes after `erased_at`.
    """

    erasure_id: str
    shop_id: str
    asked_at: datetime
    erased_at: datetime | None
    rows: dict[str, int]
    overwritten_at: datetime | None = None


def erase(records: Records, warehouse: Warehouse, home: Path, caller: Caller, shop_id: str, customer_id: str) -> Certificate:
    """Destroy what makes a customer a person, in both stores and all files; asking twice gives the same certificate.

    It is done in two steps that a crash may part: first the key, the person, the look-ups and the texts go, and the wish is written
    down; then the pseudonym is renamed in the warehouse and in the archived files, and what the files still hold of deleted rows is
    overwritten. `recover` finishes what was cut off. Every id merged into the customer goes with them (`SAME_PERSON`).

    Raises
    ------
    NotAllowed : the caller may not erase customers.
    NotFound : neither store knows the customer.
    """
    caller.demand("erase_customers")
    caller.demand_shop(shop_id)
    assert caller.keyring is not None, "callers come from a Door, a Screen or Caller.system, and carry a keyring"
    keyring = caller.keyring
    with records.reading() as uow:
        row = _find(uow, keyring, shop_id, customer_id)
    if row is None:
        _come_to_rest(home, shop_id)
        with records.unit() as uow:
            row = _find(uow, keyring, shop_id, customer_id)
            if row is None:
                row = begin(uow, warehouse, keyring, caller, home, shop_id, customer_id)
    if row["erased_at"] is None:
        finish_erasures(records, warehouse, home, keyring)
        with records.reading() as uow:
            row = _find(uow, keyring, shop_id, customer_id)
            assert row is not None
    return certificate_of(row)


def erased(uow: UnitOfWork, keyring: Keyring, shop_id: str, customer_ids: Sequence[str]) -> dict[str, str]:
    """Which of these customers were erased, and the random pseudonym each has now.

    A load asks this, so that files from before the erasure do not bring anybody back.
    """
    if not anybody_erased(uow, shop_id):
        return {}
    by_digest = {_digest(keyring, shop_id, customer_id): customer_id for customer_id in customer_ids}
    found = {}
    for some in batches(by_digest):
        rows = select(erasure.c.digest, erasure.c.successor).where(erasure.c.shop_id == shop_id, erasure.c.digest.in_(some))
        found.update({by_digest[row["digest"]]: row["successor"] for row in uow.rows(rows)})
    return found


def certificates(uow: UnitOfWork, shop_id: str, *, limit: int = 200) -> list[Certificate]:
    """The certificates of a shop, the newest first; one for each customer, however many ids they had."""
    rows = select(erasure).where(erasure.c.shop_id == shop_id, erasure.c.rows.is_not(None)).order_by(erasure.c.asked_at.desc())
    return [certificate_of(row) for row in uow.rows(rows.limit(limit))]


def anybody_erased(uow: UnitOfWork, shop_id: str) -> bool:
    """Whether any customer of the shop was erased: most shops can leave out `erased`."""
    return uow.one(select(erasure.c.digest).where(erasure.c.shop_id == shop_id).limit(1)) is not None


def finish_erasures(records: Records, warehouse: Warehouse, home: Path, keyring: Keyring) -> int:
    """Finish erasures that wait, or that a crash or an unreachable warehouse cut off; returns how many. Several cost little more than one."""
    with records.reading() as uow:
        rows = uow.rows(select(erasure).where(erasure.c.erased_at.is_(None)))
    for shop_id in sorted({row["shop_id"] for row in rows}):
        # Whatever was being loaded when the wish was written down may still bear the old id; from here on loads rename it.
        _come_to_rest(home, shop_id)
        _finish(records, warehouse, home, keyring, shop_id, [row for row in rows if row["shop_id"] == shop_id])
    if rows:
        whole = _overwrite(records, warehouse)
        _say_done(records, home, [row["erasure_id"] for row in rows], overwritten=whole)
    return len(rows)


def recover(records: Records, warehouse: Warehouse, home: Path) -> None:
    """Called at start."""
    with records.reading() as uow:
        waiting = uow.one(select(erasure.c.digest).where(erasure.c.erased_at.is_(None)).limit(1))
    if waiting is not None:
        finish_erasures(records, warehouse, home, Keyring.open(home))


def renamed_tables() -> list[Table]:
    """The tables of the records, of whatever room, whose `customer_id` is renamed."""
    return [
        table for table in metadata.sorted_tables if "customer_id" in table.c and "shop_id" in table.c and table.name not in _OWN
    ]


def begin(
    uow: UnitOfWork,
    warehouse: Warehouse,
    keyring: Keyring,
    caller: Caller,
    home: Path,
    shop_id: str,
    customer_id: str,
    *,
    successor: str = "",
) -> RowMapping:
    """Destroy key, person, look-ups and texts, rename the pseudonyms in the records, and write the wish down.

    Raises
    ------
    NotFound : neither store knows the customer.
    """
    successor = successor or "x_" + os.urandom(10).hex()
    known_ids = ids_of(uow, shop_id, customer_id)
    rows: Counter[str] = Counter()
    likeness = likeness_of(uow, keyring, shop_id, known_ids)
    for put_aside in QUARANTINES:
        rows[f"{put_aside.__module__}.{put_aside.__name__}"] += put_aside(uow, home, keyring, shop_id, likeness)
    for one in known_ids:
        _out_of_records(uow, shop_id, one, successor, rows)
    if len(known_ids) == 1 and not any(rows.values()) and not _in_warehouse(warehouse, shop_id, known_ids):
        raise NotFound(f"there is no customer '{customer_id}'", mend="look the customer up first", code="no_such_customer")
    now = clock.now()
    gone = erased(uow, keyring, shop_id, known_ids)
    for one in known_ids:
        digest = _digest(keyring, shop_id, one)
        if one in gone:
            continue
        uow.execute(
            insert(erasure).values(
                shop_id=shop_id,
                digest=digest,
                erasure_id=new_id("erasure"),
                successor=successor,
                old_id_sealed=keyring.seal(PURPOSE, one, bound_to=digest),
                rows={name: count for name, count in rows.items() if count} if one == customer_id else None,
                asked_at=now,
            )
        )
    row = _find(uow, keyring, shop_id, customer_id)
    assert row is not None
    audit.record(uow, caller, "customer.erased", row["erasure_id"], shop_id=shop_id)
    note_request(uow, caller, shop_id, "erasure", customer_id, now)
    return row


def _out_of_records(uow: UnitOfWork, shop_id: str, customer_id: str, successor: str, rows: Counter[str]) -> None:
    for table in (contact_lookup, person, sealed_text, customer_key):
        gone = uow.execute(delete(table).where(table.c.shop_id == shop_id, table.c.customer_id == customer_id))
        rows[table.name] += gone.rowcount
    for table in renamed_tables():
        renamed = update(table).where(table.c.shop_id == shop_id, table.c.customer_id == customer_id)
        rows[table.name] += uow.execute(renamed.values(customer_id=successor)).rowcount
    for eraser in ERASERS:
        rows[f"{eraser.__module__}.{eraser.__name__}"] += eraser(uow, shop_id, customer_id, successor)
    rows["idempotency_key"] += _forget_answers(uow, customer_id)


def _forget_answers(uow: UnitOfWork, customer_id: str) -> int:
    """Answers kept for an Idempotency-Key that name the customer; most are of other routes and are read past quickly."""
    named = json.dumps(customer_id, ensure_ascii=False).encode()
    rows = uow.rows(select(idempotency_key.c.key_hash, idempotency_key.c.body).where(idempotency_key.c.body.is_not(None)))
    gone = [row["key_hash"] for row in rows if named in base64.b64decode(row["body"])]
    for some in batches(gone):
        uow.execute(delete(idempotency_key).where(idempotency_key.c.key_hash.in_(some)))
    return len(gone)


def _finish(records: Records, warehouse: Warehouse, home: Path, keyring: Keyring, shop_id: str, rows: Sequence[RowMapping]) -> None:
    """Rename pseudonyms in the warehouse and the archived files. Doing it twice changes nothing."""
    successors = {keyring.unseal(PURPOSE, row["old_id_sealed"], bound_to=row["digest"]).decode(): row["successor"] for row in rows}
    counts: dict[str, Counter[str]] = {row["successor"]: Counter() for row in rows}
    with warehouse.transaction():
        for name, spec in warehouse.tables().items():
            for column in ID_COLUMNS:
                if column not in spec.columns or "shop_id" not in spec.columns:
                    continue
                for old, successor in successors.items():
                    about = ABOUT_A_PERSON.get(name, {}) if column == "customer_id" else {}
                    changed = warehouse.update(
                        name,
                        {column: successor, **about},
                        lambda t, old=old, column=column: (t.shop_id == shop_id) & (t[column] == old),  # type: ignore[misc]
                    )
                    if column == "customer_id":
                        counts[successor][f"warehouse.{name}"] += changed
        for rederive in REDERIVERS:
            rederive(warehouse, shop_id, sorted(set(successors.values())))
    archived = rewrite_archives(home, shop_id, Renaming(shop_id, successors))
    with records.unit() as uow:
        for row in rows:
            if row["rows"] is None:
                continue  # another id of the same customer
            found = Counter(row["rows"]) + counts[row["successor"]]
            found["archive"] += archived if len(counts) == 1 else 0
            done = update(erasure).where(erasure.c.erasure_id == row["erasure_id"])
            uow.execute(done.values(rows={name: count for name, count in sorted(found.items()) if count}))


def _overwrite(records: Records, warehouse: Warehouse) -> bool:
    """Make what the stores' files still hold of deleted rows unreadable; whether that is all of it already."""
    whole = warehouse.copied_at_once()
    warehouse.overwrite_free(thorough=whole)
    _overwrite_log(records)
    return whole


def _say_done(records: Records, home: Path, erasure_ids: Sequence[str], *, overwritten: bool) -> None:
    """The end of erasures: their old ids are forgotten, the list for restored backups grows, and it is told.

    What is left in a large file of the warehouse is overwritten by a job, at once.
    """
    with records.reading() as uow:
        rows = uow.rows(select(erasure).where(erasure.c.erasure_id.in_(list(erasure_ids))))
    now = clock.now()
    append_to_list(home, [(row["shop_id"], row["digest"], row["erasure_id"], row["successor"], now) for row in rows])
    told = set()
    with records.unit() as uow:
        for row in rows:
            done = (
                update(erasure)
                .where(erasure.c.erasure_id == row["erasure_id"], erasure.c.erased_at.is_(None))
                .values(erased_at=now, overwritten_at=now if overwritten else None, old_id_sealed=None)
            )
            if uow.execute(done).rowcount and row["successor"] not in told:
                told.add(row["successor"])
                uow.tell(CustomerErased(shop_id=row["shop_id"]))
                log.info("customer erased", extra={"erasure_id": row["erasure_id"], "shop_id": row["shop_id"]})
        uow.execute(
            update(customer_request)
            .where(customer_request.c.kind == "erasure", customer_request.c.done_at.is_(None))
            .values(done_at=now)
        )
        if not overwritten:
            enqueue(uow, OVERWRITE, {}, shop_id=rows[0]["shop_id"], key=OVERWRITE)
    _overwrite_log(records)


def _come_to_rest(home: Path, shop_id: str) -> None:
    for settle in BEFORE_ERASURE:
        settle(home, shop_id)


def _find(uow: UnitOfWork, keyring: Keyring, shop_id: str, customer_id: str) -> RowMapping | None:
    digest = _digest(keyring, shop_id, customer_id)
    return uow.one(select(erasure).where(erasure.c.shop_id == shop_id, erasure.c.digest == digest))


def _in_warehouse(warehouse: Warehouse, shop_id: str, customer_ids: Sequence[str]) -> bool:
    for name, spec in warehouse.tables().items():
        for column in ID_COLUMNS:
            if column in spec.columns and "shop_id" in spec.columns:
                table = warehouse.table(name)
                mine = table.filter(table.shop_id == shop_id, table[column].isin(list(customer_ids)))
                if warehouse.rows(mine.select("shop_id").limit(1)):
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


def certificate_of(row: RowMapping) -> Certificate:
    return Certificate(
        erasure_id=row["erasure_id"],
        shop_id=row["shop_id"],
        asked_at=row["asked_at"],
        erased_at=row["erased_at"],
        rows=dict(row["rows"] or {}),
        overwritten_at=row["overwritten_at"],
    )


def _digest(keyring: Keyring, shop_id: str, customer_id: str) -> str:
    return keyring.mac(PURPOSE, shop_id, customer_id)
