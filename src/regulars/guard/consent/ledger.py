"""Writing into the ledger: once, whatever the order in which tellings arrive, and what holds now drawn from it at once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, case, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from regulars.access.keys import join
from regulars.events import ConsentChanged
from regulars.guard.consent.domain import (
    EVERY_CHANNEL,
    SWITCH,
    Channel,
    Source,
    Standing,
    State,
    Told,
    rank,
)
from regulars.guard.consent.tables import consent, consent_now
from regulars.values import clock

if TYPE_CHECKING:
    from regulars.records import UnitOfWork

_AT_ONCE = 400
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One telling, ready for the ledger. `explicit` ones are always written; others only where they change what holds."""

    told_as: str
    customer_id: str
    purpose: Told
    channel: Channel | None
    state: State
    source: Source
    happened_at: datetime
    proof: str
    wording_version: int | None = None
    explicit: bool = True

    @property
    def key(self) -> Key:
        """Whose, for what, where."""
        return self.told_as, self.purpose, self.channel or EVERY_CHANNEL

    def goes_before(self, state: str, told_at: datetime) -> bool:
        """Whether this holds against another telling: the later one does, at the same instant the more cautious."""
        return (self.happened_at, rank(self.purpose, self.state)) > (told_at, rank(self.purpose, state))


def write(uow: UnitOfWork, shop_id: str, entries: Sequence[Entry]) -> int:
    """Put tellings into the ledger; returns how many rows are new. The same telling twice is one row.

    What was told in the future, by a device's wrong clock, was told now: else it could not be withdrawn.
    """
    now = clock.now()
    timely = [_not_after(entry, now) for entry in entries]
    known = _standing(uow, shop_id, {entry.told_as for entry in timely})
    rows: list[dict[str, Any]] = []
    held: dict[Key, dict[str, Any]] = {}
    for entry in timely:
        before = held.get(entry.key) or known.get(entry.key)
        changes = before is None or before["state"] != entry.state
        if entry.explicit or changes:
            rows.append(_row(shop_id, entry, now))
        if before is None or entry.goes_before(before["state"], before["told_at"]):
            held[entry.key] = {"state": entry.state, "told_at": entry.happened_at, "proof": entry.proof, "entry": entry}
        elif changes and not entry.explicit:
            # It came late, and what came before it was not written because it seemed to change nothing: now it does.
            rows.append(_row(shop_id, _again(entry, before), now))
    if not rows and not held:
        return 0
    written = _insert(uow, rows)
    _hold(uow, shop_id, list(held.values()))
    for row in written:
        uow.tell(
            ConsentChanged(
                shop_id=shop_id,
                customer_id=row["customer_id"],
                purpose=row["purpose"],
                channel=row["channel"],
                state=row["state"],
                told_by=row["source"],
                happened_at=row["happened_at"],
            )
        )
    return len(written)


#: Built once: what a shopper permits is asked with every list they are shown.
_STANDINGS = select(consent_now).where(
    consent_now.c.shop_id == bindparam("shop"), consent_now.c.customer_id.in_(bindparam("ids", expanding=True))
)


def standings(uow: UnitOfWork, shop_id: str, customer_ids: Sequence[str]) -> dict[str, list[Standing]]:
    """All that these customers last said."""
    found: dict[str, list[Standing]] = {}
    wanted = list(dict.fromkeys(customer_ids))
    for start in range(0, len(wanted), _AT_ONCE):
        for row in uow.rows(_STANDINGS, {"shop": shop_id, "ids": wanted[start : start + _AT_ONCE]}):
            found.setdefault(row["customer_id"], []).append(
                Standing(purpose=row["purpose"], channel=row["channel"] or None, state=row["state"], told_at=row["told_at"])
            )
    return found


def move(uow: UnitOfWork, shop_id: str, old_id: str, new_id: str, told_as: Iterable[str] | None = None) -> int:
    """Let what `old_id` said (or only what it said under these ids) belong to `new_id`; returns how many rows of the ledger."""
    if old_id == new_id:
        return 0
    moved = 0
    for table in (consent, consent_now):
        which = and_(table.c.shop_id == shop_id, table.c.customer_id == old_id)
        if told_as is not None:
            which = and_(which, table.c.told_as.in_(list(told_as)))
        count = uow.execute(update(table).where(which).values(customer_id=new_id)).rowcount
        moved = count if table is consent else moved
    return moved


def follow(uow: UnitOfWork, shop_id: str, customers: Mapping[str, str]) -> None:
    """Let what was told under each id belong to the customer the id has now, after identities were merged or a merge undone."""
    for table in (consent, consent_now):
        changed = update(table).where(table.c.shop_id == shop_id, table.c.told_as == bindparam("told"))
        changed = changed.where(table.c.customer_id != bindparam("owner")).values(customer_id=bindparam("owner"))
        if customers:
            uow.connection.execute(changed, [{"told": told, "owner": owner} for told, owner in customers.items()])


def forget_ids(uow: UnitOfWork, shop_id: str, customer_id: str, successor: str) -> int:
    """Take the erased ids and the proofs out of the ledger; that somebody permitted or refused stays, for the counts."""
    uow.execute(
        delete(consent_now).where(
            consent_now.c.shop_id == shop_id,
            or_(consent_now.c.customer_id.in_([customer_id, successor]), consent_now.c.told_as == customer_id),
        )
    )
    mine = or_(consent.c.told_as == customer_id, consent.c.customer_id.in_([customer_id, successor]))
    gone = update(consent).where(consent.c.shop_id == shop_id, mine)
    return uow.execute(gone.values(customer_id=successor, told_as=successor, proof="")).rowcount


def owners(uow: UnitOfWork, shop_id: str, told_as: Sequence[str]) -> dict[str, str]:
    """To whom belongs what was told under these ids, where anything was."""
    found: dict[str, str] = {}
    for start in range(0, len(told_as), _AT_ONCE):
        some = list(told_as[start : start + _AT_ONCE])
        rows = select(consent_now.c.told_as, consent_now.c.customer_id).where(
            consent_now.c.shop_id == shop_id, consent_now.c.told_as.in_(some)
        )
        found.update({row["told_as"]: row["customer_id"] for row in uow.rows(rows)})
    return found


def _standing(uow: UnitOfWork, shop_id: str, told_as: Iterable[str]) -> dict[Key, dict[str, Any]]:
    wanted = sorted(set(told_as))
    found: dict[Key, dict[str, Any]] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        rows = select(consent_now).where(
            consent_now.c.shop_id == shop_id, consent_now.c.told_as.in_(wanted[start : start + _AT_ONCE])
        )
        found.update({(row["told_as"], row["purpose"], row["channel"]): dict(row) for row in uow.rows(rows)})
    return found


def _not_after(entry: Entry, now: datetime) -> Entry:
    if entry.happened_at <= now:
        return entry
    values = {name: getattr(entry, name) for name in Entry.__slots__}
    return Entry(**{**values, "happened_at": now})


def _again(late: Entry, before: Mapping[str, Any]) -> Entry:
    values = {name: getattr(late, name) for name in Entry.__slots__}
    return Entry(**{**values, "state": before["state"], "happened_at": before["told_at"], "proof": before["proof"]})


def _row(shop_id: str, entry: Entry, now: datetime) -> dict[str, Any]:
    at = entry.happened_at.astimezone(UTC).isoformat(timespec="microseconds")
    # A message tells one state of a purpose; its id alone makes the row one, also when its clock is corrected differently later.
    when = "" if entry.proof.startswith("message:") else at
    told = join(shop_id, entry.told_as, entry.purpose, entry.channel or "", entry.state, when, entry.proof)
    return {
        "consent_id": "consent_" + hashlib.sha256(told).hexdigest()[:40],
        "shop_id": shop_id,
        "customer_id": entry.customer_id,
        "told_as": entry.told_as,
        "purpose": entry.purpose,
        "channel": entry.channel or EVERY_CHANNEL,
        "state": entry.state,
        "source": entry.source,
        "wording_version": entry.wording_version,
        "happened_at": entry.happened_at,
        "recorded_at": now,
        "proof": entry.proof[:200],
    }


def _insert(uow: UnitOfWork, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows that were not there yet."""
    fresh = {row["consent_id"]: row for row in rows}
    ids = list(fresh)
    for start in range(0, len(ids), _AT_ONCE):
        known = select(consent.c.consent_id).where(consent.c.consent_id.in_(ids[start : start + _AT_ONCE]))
        for row in uow.rows(known):
            fresh.pop(row["consent_id"], None)
    if fresh:
        make = postgresql.insert if uow.dialect == "postgresql" else sqlite.insert
        uow.execute(make(consent).on_conflict_do_nothing(), list(fresh.values()))
    return list(fresh.values())


def _hold(uow: UnitOfWork, shop_id: str, held: list[dict[str, Any]]) -> None:
    """Bring what holds now up to date, unless something later has come in the meantime."""
    if not held:
        return
    make = postgresql.insert if uow.dialect == "postgresql" else sqlite.insert
    put = make(consent_now)
    cautious = case((consent_now.c.purpose == SWITCH, "given"), else_="withdrawn")
    later = or_(
        put.excluded.told_at > consent_now.c.told_at,
        and_(put.excluded.told_at == consent_now.c.told_at, put.excluded.state == cautious),
    )
    put = put.on_conflict_do_update(
        index_elements=["shop_id", "customer_id", "told_as", "purpose", "channel"],
        set_={name: put.excluded[name] for name in ("state", "told_at", "proof")},
        where=later,
    )
    uow.execute(
        put,
        [
            {
                "shop_id": shop_id,
                "customer_id": one["entry"].customer_id,
                "told_as": one["entry"].told_as,
                "purpose": one["entry"].purpose,
                "channel": one["entry"].channel or EVERY_CHANNEL,
                "state": one["state"],
                "told_at": one["told_at"],
                "proof": one["proof"][:200],
            }
            for one in held
        ],
    )
