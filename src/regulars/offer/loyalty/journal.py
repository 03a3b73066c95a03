"""The journal of points and what is drawn from it: accounts are brought into memory many at a time, changed, and written down together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import or_, select
from sqlalchemy.dialects import postgresql, sqlite

from regulars.offer.loyalty.domain.account import (
    BEGINNING,
    TOTALS,
    Account,
    Act,
    Hold,
    Lot,
    OrderEarn,
    OrderPoints,
    Take,
    Use,
)
from regulars.offer.loyalty.domain.wishes import Wish
from regulars.offer.loyalty.tables import points_account, points_act, points_entry, points_lot
from regulars.records import insert_many, update_many
from regulars.values import clock

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

    from regulars.records import UnitOfWork

_AT_ONCE = 500
_NOTHING = "[]"
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


@dataclass(slots=True)
class Kept:
    """An account as it is stored, in memory with what wishes refer to."""

    account_id: int
    shop_id: str
    customer_id: str
    currency_id: str
    acts: int
    account: Account
    due_at: datetime | None = None  # as it is stored
    known: dict[str, tuple[str | None, dict[str, Any] | None]] = field(default_factory=dict)  # key -> fingerprint, answer


Owner = tuple[str, str]  # customer_id, currency_id


def bring(uow: UnitOfWork, shop_id: str, owners: Iterable[Owner], *, make: bool = False) -> dict[Owner, Kept]:
    """Accounts with their open lots and holds; on PostgreSQL their rows are locked, in one order, until the transaction ends.

    Parameters
    ----------
    make : whether missing accounts are opened.
    """
    wanted = list(dict.fromkeys(owners))
    found = _accounts(uow, shop_id, wanted)
    missing = [owner for owner in wanted if owner not in found]
    if missing and make:
        _open(uow, shop_id, missing)
        found |= _accounts(uow, shop_id, missing)
    by_id = {kept.account_id: kept for kept in found.values()}
    _lots(uow, by_id)
    return found


def bring_due(uow: UnitOfWork, at: datetime, most: int) -> list[Kept]:
    """Accounts of every shop in which time has something to do, the longest waiting first."""
    due = select(points_account).where(points_account.c.due_at <= at).order_by(points_account.c.due_at, points_account.c.account_id)
    kept = [_kept(row) for row in uow.rows(due.limit(most).with_for_update(skip_locked=True))]
    _lots(uow, {one.account_id: one for one in kept})
    return kept


def refer(uow: UnitOfWork, wishes: Sequence[tuple[Kept, Wish]]) -> None:
    """Bring what wishes refer to: keys that were used before, spends to be returned, orders to be refunded, and lots of both."""
    once = {f"{kept.account_id}:{wish.key}": kept for kept, wish in wishes if wish.key not in kept.known}
    abouts: dict[str, tuple[Kept, str]] = {}
    for kept, wish in wishes:
        account = kept.account
        if wish.verb == "return" and wish.refers_to and wish.refers_to not in account.uses:
            abouts[f"{kept.account_id}:{wish.refers_to}"] = (kept, wish.refers_to)
        elif wish.verb in ("refund", "earn") and wish.order_id and wish.order_id not in account.orders:
            abouts[f"{kept.account_id}:{wish.order_id}"] = (kept, wish.order_id)
    for some in _pieces(sorted(once)):
        rows = select(points_act.c.once, points_act.c.fingerprint, points_act.c.answer).where(points_act.c.once.in_(some))
        for row in uow.rows(rows):
            once[row["once"]].known[row["once"].partition(":")[2]] = (row["fingerprint"], json_of(row["answer"]))
    if not abouts:
        return
    acts: dict[str, list[RowMapping]] = defaultdict(list)
    for some in _pieces(sorted(abouts)):
        asked = or_(points_act.c.once.in_(some), points_act.c.about.in_(some))
        for row in uow.rows(select(points_act).where(asked).order_by(points_act.c.account_id, points_act.c.position)):
            for name in {row["once"], row["about"]} & abouts.keys():
                acts[name].append(row)
    needed: dict[int, tuple[Kept, set[str]]] = {}
    for name, (kept, ref) in abouts.items():
        lots = _use(kept, ref, name, acts[name]) | _order(kept, ref, name, acts[name])
        needed.setdefault(kept.account_id, (kept, set()))[1].update(lots - kept.account.lots.keys())
    for account_id, (kept, lots) in needed.items():
        for some in _pieces(sorted(lots)):
            rows = select(points_lot).where(points_lot.c.account_id == account_id, points_lot.c.lot_id.in_(some))
            for row in uow.rows(rows):
                kept.account.lots[row["lot_id"]] = _lot(row)


def write(uow: UnitOfWork, kepts: Iterable[Kept]) -> list[tuple[Kept, Act]]:
    """Write down what was done to accounts: acts and entries are added, lots and accounts brought up to it. Returns the new acts."""
    acts: list[dict[str, Any]] = []
    entries: list[dict[str, Any]] = []
    fresh: list[dict[str, Any]] = []
    touched: list[dict[str, Any]] = []
    woken: list[dict[str, Any]] = []
    accounts: list[dict[str, Any]] = []
    told: list[tuple[Kept, Act]] = []
    for kept in kepts:
        account = kept.account
        if not kept.account_id or (not account.acts and account.due_at == kept.due_at):
            continue
        kept.due_at = account.due_at
        for act in account.acts:
            kept.acts += 1
            _note(kept, act, acts, entries)
            told.append((kept, act))
        account.acts = []
        for lot in account.lots.values():
            if lot.fresh:
                fresh.append(_lot_row(kept, lot))
            elif lot.touched:
                touched.append(
                    {
                        "account_id": kept.account_id, "lot_id": lot.lot_id, "pending": lot.pending, "active": lot.active,
                        "held": lot.held, "expired": lot.expired,
                    }
                )  # fmt: skip
            if lot.woken and not lot.fresh:
                woken.append({"account_id": kept.account_id, "lot_id": lot.lot_id, "activates_at": lot.activates_at})
            lot.fresh = lot.touched = lot.woken = False
        accounts.append(sums_of(account) | {"account_id": kept.account_id, "acts": kept.acts})
    if not accounts:
        return told
    insert_many(uow.connection, points_act, acts)
    insert_many(uow.connection, points_entry, entries)
    insert_many(uow.connection, points_lot, fresh)
    update_many(uow.connection, points_lot, ("account_id", "lot_id"), touched)
    update_many(uow.connection, points_lot, ("account_id", "lot_id"), woken)
    update_many(uow.connection, points_account, ("account_id",), accounts)
    return told


def sums_of(account: Account) -> dict[str, Any]:
    """The columns of an account's row that follow from its journal."""
    pending = active = held = 0
    for lot in account.lots.values():
        pending += lot.pending
        active += lot.active
        held += lot.held
    holds = [[hold.hold_id, hold.expires_at, [[take.lot, take.points] for take in hold.takes]] for hold in account.holds.values()]
    return {
        "lots": account.lot_count, "clock_at": account.clock, "due_at": account.due_at, "pending": pending, "active": active,
        "held": held, "debt": account.debt, "earned": account.earned, **account.totals, "holds": _text(holds),
    }  # fmt: skip


def read_lots(uow: UnitOfWork, account_id: int) -> list[Lot]:
    """Every lot of an account, in the order of its making."""
    rows = select(points_lot).where(points_lot.c.account_id == account_id).order_by(points_lot.c.sequence)
    return [_lot(row) for row in uow.rows(rows)]


def _note(kept: Kept, act: Act, acts: list[dict[str, Any]], entries: list[dict[str, Any]]) -> None:
    account_id, shop_id = kept.account_id, kept.shop_id
    acts.append(
        {
            "account_id": account_id, "position": kept.acts, "shop_id": shop_id, "kind": act.kind, "at": act.at,
            "once": None if act.key is None else f"{account_id}:{act.key}",
            "about": None if act.about is None else f"{account_id}:{act.about}",
            "points": act.points, "fingerprint": act.fingerprint, "answer": _text(act.answer), "detail": _text(act.detail),
            "source": act.source, "note": act.note,
        }
    )  # fmt: skip
    for line, posting in enumerate(act.postings):
        entries.append(
            {
                "account_id": account_id, "position": kept.acts, "line": line, "shop_id": shop_id, "book": posting.book,
                "points": posting.points, "lot_id": posting.lot_id,
            }
        )  # fmt: skip


def _accounts(uow: UnitOfWork, shop_id: str, owners: Sequence[Owner]) -> dict[Owner, Kept]:
    by_currency: dict[str, list[str]] = defaultdict(list)
    for customer_id, currency_id in owners:
        by_currency[currency_id].append(customer_id)
    rows: list[RowMapping] = []
    for currency_id, customers in sorted(by_currency.items()):
        for some in _pieces(sorted(customers)):
            asked = select(points_account).where(
                points_account.c.shop_id == shop_id,
                points_account.c.customer_id.in_(some),
                points_account.c.currency_id == currency_id,
                ~points_account.c.closed,
            )
            if uow.writes:
                asked = asked.order_by(points_account.c.account_id).with_for_update()
            rows += uow.rows(asked)
    return {(row["customer_id"], row["currency_id"]): _kept(row) for row in rows}


def _open(uow: UnitOfWork, shop_id: str, owners: Sequence[Owner]) -> None:
    make = postgresql.insert if uow.dialect == "postgresql" else sqlite.insert
    zeros = dict.fromkeys(("acts", "lots", "pending", "active", "held", "debt", "earned", *TOTALS), 0)
    now = clock.now()
    rows = [
        {
            "shop_id": shop_id, "customer_id": customer_id, "currency_id": currency_id, "closed": False, "made_at": now,
            "clock_at": BEGINNING, "due_at": None, "holds": _NOTHING, **zeros,
        }
        for customer_id, currency_id in sorted(owners)
    ]  # fmt: skip
    uow.execute(make(points_account).on_conflict_do_nothing(), rows)


def _kept(row: RowMapping) -> Kept:
    account = Account()
    account.clock, account.due_at, account.lot_count = row["clock_at"], row["due_at"], row["lots"]
    account.debt, account.earned = row["debt"], row["earned"]
    account.totals = {name: row[name] for name in TOTALS}
    if row["holds"] != _NOTHING:
        for hold_id, expires_at, takes in json_of(row["holds"]):
            taken = tuple(Take(lot, points) for lot, points in takes)
            account.holds[hold_id] = Hold(hold_id, datetime.fromisoformat(expires_at), taken)
    return Kept(row["account_id"], row["shop_id"], row["customer_id"], row["currency_id"], row["acts"], account, row["due_at"])


def _lots(uow: UnitOfWork, by_id: Mapping[int, Kept]) -> None:
    """Open lots of accounts."""
    opened = points_lot.c.pending + points_lot.c.active + points_lot.c.held > 0
    for some in _pieces(sorted(by_id)):
        for row in uow.rows(select(points_lot).where(points_lot.c.account_id.in_(some), opened)):
            by_id[row["account_id"]].account.lots[row["lot_id"]] = _lot(row)


def _lot(row: RowMapping) -> Lot:
    return Lot(
        row["lot_id"], row["sequence"], row["points"], row["earned_at"], row["activates_at"], row["expires_at"], row["order_id"],
        row["pending"], row["active"], row["held"], row["expired"],
    )  # fmt: skip


def _lot_row(kept: Kept, lot: Lot) -> dict[str, Any]:
    return {
        "account_id": kept.account_id, "lot_id": lot.lot_id, "shop_id": kept.shop_id, "sequence": lot.sequence, "points": lot.points,
        "earned_at": lot.earned_at, "activates_at": lot.activates_at, "expires_at": lot.expires_at, "order_id": lot.order_id,
        "pending": lot.pending, "active": lot.active, "held": lot.held, "expired": lot.expired,
    }  # fmt: skip


def _use(kept: Kept, ref: str, name: str, acts: Sequence[RowMapping]) -> set[str]:
    """What a spend (or a captured hold) took, and how much of it came back; returns its lots."""
    use: Use | None = None
    for act in acts:
        if act["kind"] == "spend" and act["once"] == name:
            use = Use(tuple(Take(one["lot"], one["points"]) for one in json_of(act["answer"])["consumed"]))
        elif act["kind"] == "capture" and act["about"] == name:
            use = Use(tuple(Take(one["lot"], one["points"]) for one in json_of(act["detail"])["takes"]))
        elif act["kind"] == "return" and act["about"] == name and use is not None:
            use.returned += act["points"]
    if use is None:
        return set()
    kept.account.uses[ref] = use
    return {take.lot for take in use.takes}


def _order(kept: Kept, ref: str, name: str, acts: Sequence[RowMapping]) -> set[str]:
    """What an order earned, and what refunds claimed back; returns its lots."""
    order = OrderPoints()
    lots: set[str] = set()
    for act in acts:
        if act["about"] != name:
            continue
        detail = json_of(act["detail"]) or {}
        if act["kind"] == "earn" and detail.get("order"):
            told = detail["order"]
            lot = (detail.get("lot") or {}).get("id")
            points, per_minor, multiplier_bps = told["rate"]
            order.earns.append(OrderEarn(lot, act["points"], told["amount_minor"], (points, per_minor, multiplier_bps)))
            if lot is not None:
                lots.add(lot)
        elif act["kind"] == "refund":
            answer = json_of(act["answer"])
            order.clawed += answer["clawback"]
            order.expired_counted += answer["already_expired"]
            order.refunded_minor = max(order.refunded_minor, detail.get("refunded_minor", 0))
    if order.earns:
        kept.account.orders[ref] = order
    return lots


def json_of(text: str | None) -> Any:
    """What a column of JSON says."""
    return None if text is None else _decode(text)


def _text(value: Any) -> str | None:
    return None if value is None else _NOTHING if value == [] else _encode(value).decode()


def _pieces(values: Sequence[Any]) -> Iterable[list[Any]]:
    for start in range(0, len(values), _AT_ONCE):
        yield list(values[start : start + _AT_ONCE])
