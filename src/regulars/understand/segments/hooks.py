"""Webhooks: who came into a segment and who left, sent signed (Standard Webhooks) to an address of the shop's, in order and again until taken.

A delivery is one run of a segment, or a part of a large one. Its id is the same each time it is sent, so that the receiver knows a
repeated one. What nobody takes is tried again for about a day.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, update

from regulars.access import audit
from regulars.access.keys import Keyring
from regulars.errors import InvalidInput, NotFound
from regulars.understand.segments import shelf
from regulars.understand.segments.tables import segment_hook
from regulars.values import clock
from regulars.values.answers import to_json
from regulars.values.ids import new_id
from regulars.warehouse import unbound
from regulars.work import enqueue
from regulars.work.webhooks import NOT_TAKEN, PAUSES, checked_url, new_secret, send

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

    from regulars.access.domain import Caller
    from regulars.records import Records, UnitOfWork
    from regulars.warehouse import Warehouse

log = logging.getLogger(__name__)

DELIVER = "segments.deliver"
PURPOSE = "segment webhooks"
MOST_HOOKS = 20
_CUSTOMERS_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """An address that is told of a segment's changes; the secret is shown once, when it is made."""

    hook_id: str
    segment_id: str
    url: str
    created_at: datetime
    sent_at: datetime | None
    failures: int
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewHook:
    """A webhook just made, with the secret its deliveries are signed with: told this once."""

    hook: Hook
    secret: str


def add(uow: UnitOfWork, warehouse: Warehouse, caller: Caller, shop_id: str, segment_id: str, url: str) -> NewHook:
    """Let an address be told of a segment's changes from now on.

    Raises
    ------
    InvalidInput : the address is none that can be sent to, or the segment has too many.
    """
    caller.demand("manage_segments")
    caller.demand("export")
    caller.demand_shop(shop_id)
    shelf.get(uow, shop_id, segment_id)
    assert caller.keyring is not None, "callers come from a Door, a Screen or Caller.system, and carry a keyring"
    if len(listing(uow, shop_id, segment_id)) >= MOST_HOOKS:
        raise InvalidInput(f"a segment may have {MOST_HOOKS} webhooks", mend="remove one first", code="too_many")
    address = checked_url(url)
    hook_id, secret = new_id("hook"), new_secret()
    values = {
        "hook_id": hook_id, "shop_id": shop_id, "segment_id": segment_id, "url": address,
        "secret_sealed": caller.keyring.seal(PURPOSE, secret, bound_to=hook_id), "created_by": f"{caller.kind}:{caller.id}",
        "created_at": clock.now(), "sent_run": _last_run(warehouse, shop_id), "failures": 0,
    }  # fmt: skip
    uow.execute(insert(segment_hook).values(**values))
    audit.record(uow, caller, "segment.webhook_made", hook_id, after={"segment_id": segment_id}, shop_id=shop_id)
    return NewHook(hook=_get(uow, shop_id, hook_id), secret=secret)


def listing(uow: UnitOfWork, shop_id: str, segment_id: str) -> list[Hook]:
    """The webhooks of a segment, the oldest first."""
    rows = select(segment_hook).where(segment_hook.c.shop_id == shop_id, segment_hook.c.segment_id == segment_id)
    return [_hook(row) for row in uow.rows(rows.order_by(segment_hook.c.created_at, segment_hook.c.hook_id))]


def remove(uow: UnitOfWork, caller: Caller, shop_id: str, segment_id: str, hook_id: str) -> None:
    """Send there no more."""
    caller.demand("manage_segments")
    caller.demand_shop(shop_id)
    here = (segment_hook.c.shop_id == shop_id, segment_hook.c.segment_id == segment_id, segment_hook.c.hook_id == hook_id)
    if uow.execute(delete(segment_hook).where(*here)).rowcount == 0:
        raise NotFound(f"there is no webhook '{hook_id}'", mend="list them first", code="no_such_webhook")
    audit.record(uow, caller, "segment.webhook_removed", hook_id, before={"segment_id": segment_id}, shop_id=shop_id)


def hooks_behind(uow: UnitOfWork, warehouse: Warehouse, shop_id: str) -> list[str]:
    """Those that have not been sent everything."""
    last = _last_run(warehouse, shop_id)
    rows = select(segment_hook.c.hook_id).where(segment_hook.c.shop_id == shop_id, segment_hook.c.sent_run < last)
    return [row["hook_id"] for row in uow.rows(rows)]


def ask_delivery(uow: UnitOfWork, shop_id: str, hook_id: str, *, run_at: datetime | None = None) -> None:
    """Ask for one delivery."""
    enqueue(uow, DELIVER, {"hook_id": hook_id}, shop_id=shop_id, key=f"{DELIVER}:{hook_id}", run_at=run_at)


def deliver(records: Records, warehouse: Warehouse, home: Path, shop_id: str, hook_id: str) -> int:
    """Send what was not sent yet, run by run; returns how many deliveries were taken. A failure is tried again later."""
    with records.reading() as uow:
        row = uow.one(select(segment_hook).where(segment_hook.c.shop_id == shop_id, segment_hook.c.hook_id == hook_id))
        if row is None:
            return 0
        one = shelf.get(uow, shop_id, row["segment_id"])
    secret = Keyring.open(home).unseal(PURPOSE, row["secret_sealed"], bound_to=hook_id).decode()
    runs = unbound("segment_runs")
    waiting = runs.filter(runs.shop_id == shop_id, runs.segment_id == one.segment_id, runs.run > row["sent_run"], ~runs.is_baseline)
    taken = 0
    for run in warehouse.rows(waiting.order_by("run")):
        for part, body in enumerate(_bodies(warehouse, shop_id, one.segment_id, one.name, run)):
            try:
                send(row["url"], secret, f"{hook_id}_{run['run']}_{part}", body)
            except NOT_TAKEN as error:
                _failed(records, shop_id, row, str(getattr(error, "message", None) or type(error).__name__))
                return taken
            taken += 1
        _sent(records, hook_id, int(run["run"]))
    _sent(records, hook_id, _last_run(warehouse, shop_id), quiet=True)
    return taken


def _bodies(warehouse: Warehouse, shop_id: str, segment_id: str, name: str, run: Mapping[str, Any]) -> list[bytes]:
    changes = unbound("segment_changes")
    rows = changes.filter(changes.shop_id == shop_id, changes.segment_id == segment_id, changes.run == run["run"])
    found = warehouse.rows(rows.select("customer_id", "entered").order_by("customer_id"))
    made = []
    for start in range(0, len(found), _CUSTOMERS_AT_ONCE):
        some = found[start : start + _CUSTOMERS_AT_ONCE]
        body = {
            "type": "segment.changed",
            "timestamp": run["at"].replace(tzinfo=UTC),
            "data": {
                "shop_id": shop_id,
                "segment_id": segment_id,
                "segment": name,
                "run": run["run"],
                "entered": [one["customer_id"] for one in some if one["entered"]],
                "left": [one["customer_id"] for one in some if not one["entered"]],
                "customers": run["customers"],
            },
        }
        made.append(json.dumps(to_json(body), ensure_ascii=False, separators=(",", ":")).encode())
    return made


def _sent(records: Records, hook_id: str, run: int, *, quiet: bool = False) -> None:
    with records.unit() as uow:
        values: dict[str, Any] = {"sent_run": run, "failures": 0, "error": None}
        if not quiet:
            values["sent_at"] = clock.now()
        uow.execute(update(segment_hook).where(segment_hook.c.hook_id == hook_id).values(**values))


def _failed(records: Records, shop_id: str, row: RowMapping, error: str) -> None:
    hook_id = row["hook_id"]
    with records.unit() as uow:
        failures = int(uow.value(select(segment_hook.c.failures).where(segment_hook.c.hook_id == hook_id)) or 0) + 1
        uow.execute(update(segment_hook).where(segment_hook.c.hook_id == hook_id).values(failures=failures, error=error[:300]))
        if failures <= len(PAUSES):
            ask_delivery(uow, shop_id, hook_id, run_at=clock.now() + timedelta(seconds=PAUSES[failures - 1]))
    log.warning("a segment's webhook was not taken", extra={"hook_id": hook_id, "failures": failures})


def _last_run(warehouse: Warehouse, shop_id: str) -> int:
    runs = unbound("segment_runs")
    return int(warehouse.value(runs.filter(runs.shop_id == shop_id).aggregate(run=runs.run.max())) or 0)


def _get(uow: UnitOfWork, shop_id: str, hook_id: str) -> Hook:
    row = uow.one(select(segment_hook).where(segment_hook.c.shop_id == shop_id, segment_hook.c.hook_id == hook_id))
    assert row is not None
    return _hook(row)


def _hook(row: RowMapping) -> Hook:
    return Hook(**{name: row[name] for name in Hook.__slots__})
