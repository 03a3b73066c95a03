"""How long each class of data is kept, and the daily job that deletes what is past, in both stores and in the archives."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ibis
from sqlalchemy import delete, insert, select, update

from regulars.access import audit, shops
from regulars.access.domain import Caller
from regulars.access.keys import Keyring
from regulars.errors import InvalidInput
from regulars.guard.privacy.overwriting import finish_overwriting, note_overwritten
from regulars.guard.privacy.shop_rules import decide, decided
from regulars.guard.privacy.tables import customer_request, retention_run
from regulars.guard.privacy.taken import forget_taken_out
from regulars.guard.privacy.traces import Expiry, rewrite_archives
from regulars.values import clock
from regulars.values.ids import new_id

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from regulars.records import Records, UnitOfWork
    from regulars.warehouse import Warehouse

log = logging.getLogger(__name__)

RULE = "retention."
SHORTEST_DAYS, LONGEST_DAYS = 1, 3650


@dataclass(frozen=True, slots=True)
class RetentionClass:
    """One class of data: what it is, where it lies, and by which time its rows grow old.

    `tables` are tables of the warehouse with their column of time (their archives are rewritten too); `records` deletes rows of the
    records older than an instant and tells how many; `files` the same for files under the data folder. `shared` deletes what belongs to
    all shops together: it is kept for as long as the shop that keeps it longest has decided.
    """

    name: str
    title: str
    title_zh: str
    default_days: int | None = None  # None: kept until erased
    tables: Mapping[str, str] | None = None
    records: Callable[[UnitOfWork, str, datetime], int] | None = None
    files: Callable[[UnitOfWork, Path, str, datetime], int] | None = None
    shared: Callable[[UnitOfWork, Path, datetime], int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long one class is kept in a shop; null: until the customer is erased."""

    name: str
    title: str
    title_zh: str
    days: int | None
    default_days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionRun:
    """One run of the job: what was deleted, class by class, store by store."""

    run_id: str
    began_at: datetime
    ended_at: datetime | None
    deleted: dict[str, dict[str, int]]
    error: str | None


def _old_requests(uow: UnitOfWork, shop_id: str, before: datetime) -> int:
    return uow.execute(
        delete(customer_request).where(customer_request.c.shop_id == shop_id, customer_request.c.asked_at < before)
    ).rowcount


def _old_acts(uow: UnitOfWork, home: Path, before: datetime) -> int:
    return audit.shorten(uow, Caller.system("retention", Keyring.open(home)), before)


#: Every class there is; rooms add their own.
CLASSES: dict[str, RetentionClass] = {
    one.name: one
    for one in (
        RetentionClass(
            "events",
            "Behaviour events",
            "行为事件",
            tables={"events": "timestamp", "sessions": "ended_at"},
            records=forget_taken_out,
        ),
        RetentionClass("event_log", "What regulars itself did", "系统动作日志", tables={"event_log": "timestamp"}),
        RetentionClass(
            "orders",
            "Orders and refunds",
            "订单和退款",
            tables={"orders": "ordered_at", "order_lines": "ordered_at", "refunds": "refunded_at"},
        ),
        RetentionClass("reviews", "Reviews without their words", "评价（不含文字）", tables={"reviews": "reviewed_at"}),
        RetentionClass("requests", "List of customers' requests", "客户请求记录", default_days=1095, records=_old_requests),
        RetentionClass("audit", "Audit trail, of all shops", "审计日志（所有店铺）", default_days=1095, shared=_old_acts),
    )
}


def retention(uow: UnitOfWork, shop_id: str) -> list[Retention]:
    """How long each class is kept."""
    known = decided(uow, shop_id, RULE)
    return [
        Retention(
            name=one.name,
            title=one.title,
            title_zh=one.title_zh,
            days=known.get(RULE + one.name, one.default_days),
            default_days=one.default_days,
        )
        for one in CLASSES.values()
    ]


def longest_days(uow: UnitOfWork, name: str) -> int | None:
    """For how many days a class is kept in the shop that keeps it longest; None: one keeps it until erased."""
    most = 0
    for one in shops.list_all(uow):
        days = decided(uow, one.shop_id, RULE + name).get(RULE + name, CLASSES[name].default_days)
        if days is None:
            return None
        most = max(most, int(days))
    return most or CLASSES[name].default_days


def change_retention(uow: UnitOfWork, caller: Caller, shop_id: str, days: Mapping[str, int | None]) -> list[Retention]:
    """Decide how many days classes are kept; None: until erased. The next daily run deletes what is past.

    Raises
    ------
    InvalidInput : an unknown class, or less than 1 or more than 3,650 days.
    """
    caller.demand("manage_shop")
    now = {one.name: one.days for one in retention(uow, shop_id)}
    for name, number in days.items():
        if name not in CLASSES:
            raise InvalidInput(f"there is no class '{name}'", mend=f"use one of {', '.join(CLASSES)}", code="no_such_class")
        if number is not None and not SHORTEST_DAYS <= number <= LONGEST_DAYS:
            raise InvalidInput(
                f"{name} cannot be kept for {number} days", mend=f"give {SHORTEST_DAYS} to {LONGEST_DAYS} days", code="bad_days"
            )
        if number != now[name]:
            decide(uow, caller, shop_id, RULE + name, number)
    return retention(uow, shop_id)


def expire(records: Records, warehouse: Warehouse, home: Path, shop_id: str) -> RetentionRun:
    """Delete what is past in a shop, and write down what; done twice it deletes nothing more.

    When customers were erased and the warehouse's file was not copied since, it is copied as well, however large it is.
    """
    began = clock.now()
    run_id = new_id("retention")
    with records.unit() as uow:
        rules = retention(uow, shop_id)
        uow.execute(insert(retention_run).values(run_id=run_id, shop_id=shop_id, began_at=began, deleted={}))
    deleted: dict[str, dict[str, int]] = {}
    error: str | None = None
    try:
        for rule in rules:
            if rule.days is not None:
                found = _expire_class(records, warehouse, home, shop_id, CLASSES[rule.name], began, rule.days)
                if any(found.values()):
                    deleted[rule.name] = {store: count for store, count in found.items() if count}
        if not any(store.startswith("warehouse.") for stores in deleted.values() for store in stores):
            finish_overwriting(records, warehouse)
        else:
            copied = clock.now()
            warehouse.overwrite_free(thorough=True)
            note_overwritten(records, copied)
    except Exception as fault:
        error = type(fault).__name__
        raise
    finally:
        with records.unit() as uow:
            done = update(retention_run).where(retention_run.c.run_id == run_id)
            uow.execute(done.values(ended_at=clock.now(), deleted=deleted, error=error))
    log.info("retention applied", extra={"shop_id": shop_id, "classes": sorted(deleted)})
    with records.reading() as uow:
        return next(run for run in retention_runs(uow, shop_id) if run.run_id == run_id)


def retention_runs(uow: UnitOfWork, shop_id: str, *, limit: int = 60) -> list[RetentionRun]:
    """What the last runs deleted, the newest first."""
    rows = uow.rows(
        select(retention_run)
        .where(retention_run.c.shop_id == shop_id)
        .order_by(retention_run.c.began_at.desc(), retention_run.c.run_id)
        .limit(limit)
    )
    return [RetentionRun(**{name: row[name] for name in RetentionRun.__slots__}) for row in rows]


def _expire_class(
    records: Records, warehouse: Warehouse, home: Path, shop_id: str, one: RetentionClass, now: datetime, days: int
) -> dict[str, int]:
    found: dict[str, int] = {}
    before = now - timedelta(days=days)
    if one.tables:
        limit = ibis.timestamp(before.astimezone(UTC).replace(tzinfo=None))
        # The archive first: cut off in between, a rebuilt warehouse would have too little and not too much.
        found["archive"] = rewrite_archives(
            home, shop_id, Expiry(shop_id, {table: (column, before) for table, column in one.tables.items()})
        )
        with warehouse.transaction():
            for table, column in one.tables.items():

                def past(t: ir.Table, column: str = column) -> Any:
                    return (t.shop_id == shop_id) & (t[column] < limit)

                found[f"warehouse.{table}"] = warehouse.delete(table, past)
    if one.records:
        with records.unit() as uow:
            found["records"] = one.records(uow, shop_id, before)
    if one.files:
        with records.unit() as uow:
            found["files"] = one.files(uow, home, shop_id, before)
    if one.shared:
        with records.unit() as uow:
            if (most := longest_days(uow, one.name)) is not None:
                found["shared"] = one.shared(uow, home, now - timedelta(days=most))
    return found
