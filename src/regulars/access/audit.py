"""The audit trail: who did what to what, before and after; append-only, chained and sealed, so that tampering shows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from regulars.access.domain import EVERY_SHOP, Caller
from regulars.access.tables import audit_entry, audit_head
from regulars.errors import Unavailable
from regulars.values import clock
from regulars.values.answers import to_json

if TYPE_CHECKING:
    from regulars.access.keys import Keyring
    from regulars.records import UnitOfWork

PURPOSE = "audit"
BEGINNING = "0" * 64
SHORTENED = "audit.shortened"
_VERIFY_AT_ONCE = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One act: who (`caller_kind`, `caller_id`), what (`action`) to what (`subject`), before and after."""

    sequence: int
    shop_id: str
    at: datetime
    caller_kind: str
    caller_id: str
    action: str
    subject: str
    before: Any
    after: Any
    seal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditHead:
    """The newest entry's number and seal. Kept elsewhere (printed, mailed), it proves that nothing before it was changed."""

    sequence: int
    seal: str
    head_seal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditVerdict:
    """Whether the trail is whole; if not, the first damaged entry and what is wrong with it."""

    ok: bool
    entries: int
    head: AuditHead
    damaged_sequence: int | None = None
    reason: str = ""


def record(
    uow: UnitOfWork,
    caller: Caller,
    action: str,
    subject: str,
    *,
    before: Any = None,
    after: Any = None,
    shop_id: str = EVERY_SHOP,
) -> int:
    """Add an entry in the transaction of the act itself; returns its number.

    Parameters
    ----------
    action : what was done, `thing.verb in the past`: `shop.updated`, `load.undone`.
    subject : the identifier of what it was done to.
    before, after : what changed, as values `to_json` takes. No names, addresses or secrets.
    """
    keyring = caller.keyring
    if keyring is None:
        raise Unavailable(
            "this act cannot be audited: the caller carries no keyring", mend="act through a Door, a Screen or Caller.system"
        )
    head = _locked_head(uow, keyring)
    entry = {
        "sequence": head.sequence + 1,
        "shop_id": shop_id,
        "at": clock.now(),
        "caller_kind": caller.kind,
        "caller_id": caller.id,
        "action": action,
        "subject": subject,
        "before": _text(before),
        "after": _text(after),
        "previous_seal": head.seal,
    }
    seal = _seal(keyring, entry)
    uow.execute(insert(audit_entry).values(**entry, seal=seal))
    uow.execute(
        update(audit_head)
        .where(audit_head.c.head == 1)
        .values(sequence=entry["sequence"], seal=seal, head_seal=_head_seal(keyring, int(str(entry["sequence"])), seal))
    )
    return int(str(entry["sequence"]))


def entries(
    uow: UnitOfWork,
    *,
    shop_ids: Sequence[str] | None = None,
    before_sequence: int | None = None,
    action: str = "",
    subject: str = "",
    limit: int = 100,
) -> list[AuditEntry]:
    """The newest entries first, of the given shops (None: all), below `before_sequence`; `action` may be a prefix (`shop.`)."""
    wanted = select(audit_entry).order_by(audit_entry.c.sequence.desc()).limit(limit)
    if shop_ids is not None:
        wanted = wanted.where(audit_entry.c.shop_id.in_(shop_ids))
    if before_sequence is not None:
        wanted = wanted.where(audit_entry.c.sequence < before_sequence)
    if action:
        wanted = wanted.where(audit_entry.c.action.startswith(action, autoescape=True))
    if subject:
        wanted = wanted.where(audit_entry.c.subject == subject)
    return [
        AuditEntry(
            **{name: row[name] for name in ("sequence", "shop_id", "at", "caller_kind", "caller_id", "action", "subject", "seal")},
            before=_value(row["before"]),
            after=_value(row["after"]),
        )
        for row in uow.rows(wanted)
    ]


def head(uow: UnitOfWork) -> AuditHead:
    """The head of the trail, to be kept outside of this installation."""
    row = uow.one(select(audit_head).where(audit_head.c.head == 1))
    if row is None:
        return AuditHead(sequence=0, seal=BEGINNING, head_seal="")
    return AuditHead(sequence=row["sequence"], seal=row["seal"], head_seal=row["head_seal"])


def verify(uow: UnitOfWork, keyring: Keyring, *, known: AuditHead | None = None) -> AuditVerdict:
    """Whether every entry is as it was written, none is missing, moved or added, and the tail is there.

    `known` is a head exported earlier: the trail must still contain it, which a holder of the master key cannot forge away.
    """
    top = head(uow)
    (sequence, seal), count = _begin(uow, keyring), 0
    begin, first_seal = sequence, seal

    def damaged(number: int, reason: str) -> AuditVerdict:
        return AuditVerdict(ok=False, entries=count, damaged_sequence=number, reason=reason, head=top)

    while True:
        page = uow.rows(
            select(audit_entry).where(audit_entry.c.sequence > sequence).order_by(audit_entry.c.sequence).limit(_VERIFY_AT_ONCE)
        )
        for row in page:
            if row["sequence"] != sequence + 1:
                return damaged(sequence + 1, f"entry {sequence + 1} was removed")
            if row["previous_seal"] != seal:
                return damaged(row["sequence"], f"entry {row['sequence']} does not follow the entry before it")
            if row["seal"] != _seal(keyring, row):
                return damaged(row["sequence"], f"entry {row['sequence']} was changed")
            sequence, seal, count = row["sequence"], row["seal"], count + 1
            if known is not None and known.sequence == sequence and known.seal != seal:
                return damaged(sequence, f"entry {sequence} is not the one whose head was exported")
        if len(page) < _VERIFY_AT_ONCE:
            break
    if top.sequence == 0 and not top.head_seal:
        return AuditVerdict(ok=True, entries=0, head=top) if count == 0 else damaged(1, "the head of the trail was removed")
    if top.head_seal != _head_seal(keyring, top.sequence, top.seal):
        return damaged(top.sequence, "the head of the trail was changed")
    if top.sequence > sequence:
        return damaged(sequence + 1, f"entry {sequence + 1} was removed from the end")
    if top.sequence < sequence or top.seal != seal:
        return damaged(top.sequence + 1, f"entry {top.sequence + 1} was added without the head")
    if known is not None and begin and known.sequence <= begin and (known.sequence, known.seal) != (begin, first_seal):
        return damaged(known.sequence, f"entry {known.sequence} is past its retention time: compare with a newer head")
    if known is not None and known.sequence > sequence:
        return damaged(sequence + 1, f"entry {sequence + 1} was removed: the exported head is entry {known.sequence}")
    return AuditVerdict(ok=True, entries=count, head=top)


def shorten(uow: UnitOfWork, caller: Caller, before: datetime) -> int:
    """Delete the entries at the beginning that are older than an instant; returns how many.

    That is an entry itself, with the number and the seal of the last one that went: the trail goes on from there, and what anybody
    else takes away still shows.
    """
    old = uow.value(select(func.min(audit_entry.c.sequence)).where(audit_entry.c.at >= before))
    last = uow.one(
        select(audit_entry.c.sequence, audit_entry.c.seal)
        .where(audit_entry.c.at < before, *(() if old is None else (audit_entry.c.sequence < old,)))
        .order_by(audit_entry.c.sequence.desc())
        .limit(1)
    )
    if last is None:
        return 0
    record(uow, caller, SHORTENED, str(last["sequence"]), after={"sequence": last["sequence"], "seal": last["seal"]})
    return uow.execute(delete(audit_entry).where(audit_entry.c.sequence <= last["sequence"])).rowcount


def _begin(uow: UnitOfWork, keyring: Keyring) -> tuple[int, str]:
    """Behind which entry the trail begins, and that one's seal, as the newest `shorten` tells."""
    first = uow.one(select(audit_entry).order_by(audit_entry.c.sequence).limit(1))
    if first is None or first["sequence"] == 1:
        return 0, BEGINNING
    told = uow.one(select(audit_entry).where(audit_entry.c.action == SHORTENED).order_by(audit_entry.c.sequence.desc()).limit(1))
    if told is None:
        return 0, BEGINNING
    if told["seal"] != _seal(keyring, told):  # changed: the walk along the trail is to name that one
        return first["sequence"] - 1, first["previous_seal"]
    found = _value(told["after"])
    return found["sequence"], found["seal"]


def _locked_head(uow: UnitOfWork, keyring: Keyring) -> AuditHead:
    """The head, held until this transaction ends, so that entries are numbered without gaps."""
    row = uow.one(select(audit_head).where(audit_head.c.head == 1).with_for_update())
    if row is None:
        make = postgresql.insert if uow.dialect == "postgresql" else sqlite.insert
        first = {"head": 1, "shop_id": EVERY_SHOP, "sequence": 0, "seal": BEGINNING, "head_seal": _head_seal(keyring, 0, BEGINNING)}
        uow.execute(make(audit_head).values(first).on_conflict_do_nothing())
        row = uow.one(select(audit_head).where(audit_head.c.head == 1).with_for_update())
        assert row is not None
    return AuditHead(sequence=row["sequence"], seal=row["seal"], head_seal=row["head_seal"])


def _seal(keyring: Keyring, entry: Any) -> str:
    at: datetime = entry["at"]
    return keyring.mac(
        PURPOSE,
        str(entry["sequence"]),
        entry["shop_id"],
        at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry["caller_kind"],
        entry["caller_id"],
        entry["action"],
        entry["subject"],
        "-" if entry["before"] is None else "=" + entry["before"],
        "-" if entry["after"] is None else "=" + entry["after"],
        entry["previous_seal"],
    )


def _head_seal(keyring: Keyring, sequence: int, seal: str) -> str:
    return keyring.mac(PURPOSE, "head", str(sequence), seal)


def _text(value: Any) -> str | None:
    return None if value is None else json.dumps(to_json(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _value(text: str | None) -> Any:
    return None if text is None else json.loads(text)
