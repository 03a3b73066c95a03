"""Recounting: accounts and lots drawn from the journal anew, and compared with those that are kept (P7)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select

from regulars.offer.loyalty.domain.account import BEGINNING, TOTALS, Account, Hold, Lot, Take
from regulars.offer.loyalty.journal import json_of, sums_of
from regulars.offer.loyalty.tables import points_account, points_act, points_entry, points_lot
from regulars.records import insert_many, update_many
from regulars.work.checks import Check, CheckContext, Finding

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import RowMapping

    from regulars.records import Records, UnitOfWork

_ACCOUNTS_AT_ONCE = 2_000
_SHOWN = 20
#: Acts whose details say what became of lots or holds; the others are told by their entries alone.
_TELLING = ("earn", "adjust", "return", "activate", "hold", "capture", "release", "hold_end", "moved_in")
_LOT_BOOKS = ("pending", "active", "held", "expired")


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """An account that is not what its journal says: which figure, what is kept and what the journal makes it."""

    account_id: int
    shop_id: str
    what: str
    kept: str
    counted: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RebuildAnswer:
    """How much was counted anew, and what differed (and is mended, unless only compared)."""

    accounts: int
    acts: int
    entries: int
    differences: list[Difference]
    written: bool


def rebuild(records: Records, *, only_compare: bool = False, progress: Callable[[int], None] | None = None) -> RebuildAnswer:
    """Count every account and lot from the journal, some thousand accounts a transaction.

    Parameters
    ----------
    only_compare : say what differs and leave it.
    """
    done = acts = entries = 0
    differences: list[Difference] = []
    last = 0
    while True:
        with records.reading() if only_compare else records.unit() as uow:
            ids = _next(uow, last, _ACCOUNTS_AT_ONCE)
            if not ids:
                break
            counted, sizes = count(uow, ids)
            differences += _differences(uow, ids, counted)
            if not only_compare:
                _put(uow, ids, counted)
        last = ids[-1]
        done, acts, entries = done + len(ids), acts + sizes[0], entries + sizes[1]
        if progress is not None:
            progress(done)
    return RebuildAnswer(accounts=done, acts=acts, entries=entries, differences=differences, written=not only_compare)


@dataclass(slots=True)
class Counted:
    """An account as its journal makes it."""

    account: Account
    acts: int = 0


def count(uow: UnitOfWork, ids: list[int]) -> tuple[dict[int, Counted], tuple[int, int]]:
    """These accounts (a run of ids, in order) from their journal; and how many acts and entries that were."""
    found = {account_id: Counted(Account()) for account_id in ids}
    between = (ids[0], ids[-1])
    here = points_act.c.account_id.between(*between)
    heads = (
        select(points_act.c.account_id, func.max(points_act.c.position).label("acts"), func.count().label("n"))
        .where(here)
        .group_by(points_act.c.account_id)
    )
    act_count = 0
    for row in uow.rows(heads):
        found[row["account_id"]].acts = row["acts"]
        act_count += row["n"]
    for act in _streamed(uow, select(points_act).where(here, points_act.c.kind.in_(_TELLING)).order_by(*_IN_ORDER)):
        _hear(found[act["account_id"]].account, act)
    sums = (
        select(
            points_entry.c.account_id,
            points_entry.c.lot_id,
            points_entry.c.book,
            func.sum(points_entry.c.points).label("points"),
            func.count().label("n"),
        )
        .where(points_entry.c.account_id.between(*between))
        .group_by(points_entry.c.account_id, points_entry.c.lot_id, points_entry.c.book)
    )
    entry_count = 0
    for row in _streamed(uow, sums):
        entry_count += row["n"]
        _add(found[row["account_id"]].account, row["lot_id"], row["book"], int(row["points"]))
    return found, (act_count, entry_count)


_IN_ORDER = (points_act.c.account_id, points_act.c.position)


def _hear(account: Account, act: RowMapping) -> None:
    detail = json_of(act["detail"]) or {}
    about = (act["about"] or "").partition(":")[2]
    for told in [detail["lot"]] if "lot" in detail else detail.get("moved", ()):
        lot = Lot(
            told["id"], told["sequence"], told["points"], _instant(told["earned_at"]) or BEGINNING, _instant(told["activates_at"]),
            _instant(told["expires_at"]), told["order_id"],
        )  # fmt: skip
        account.lots[lot.lot_id] = lot
        account.lot_count = max(account.lot_count, lot.sequence)
    match act["kind"]:
        case "activate":
            for lot_id in detail.get("lots", ()):
                account.lots[lot_id].activates_at = act["at"]
        case "hold":
            hold_id = act["once"].partition(":")[2]
            takes = tuple(Take(one["lot"], one["points"]) for one in detail["takes"])
            account.holds[hold_id] = Hold(hold_id, _instant(detail["expires_at"]) or BEGINNING, takes)
        case "capture" | "release" | "hold_end":
            account.holds.pop(about, None)


def _add(account: Account, lot_id: str | None, book: str, points: int) -> None:
    lot = account.lots.get(lot_id or "")
    if lot is not None and book in _LOT_BOOKS:
        setattr(lot, book, points)
    if book in TOTALS:
        account.totals[book] += points
    elif book == "issued":
        account.earned -= points
    elif book == "debt":
        account.debt -= points


def _next(uow: UnitOfWork, after: int, most: int) -> list[int]:
    asked = select(points_account.c.account_id).where(points_account.c.account_id > after).order_by(points_account.c.account_id)
    asked = asked.limit(most)
    return [row["account_id"] for row in uow.rows(asked.with_for_update() if uow.writes else asked)]


_COMPARED = ("acts", "lots", "pending", "active", "held", "debt", "earned", *TOTALS, "holds")


def _columns(counted: Counted) -> dict[str, Any]:
    counted.account.look_ahead()
    return sums_of(counted.account) | {"acts": counted.acts}


def _differences(uow: UnitOfWork, ids: list[int], counted: Mapping[int, Counted]) -> Iterator[Difference]:
    lots: dict[int, dict[str, tuple[int, ...]]] = defaultdict(dict)
    for row in _streamed(uow, select(points_lot).where(points_lot.c.account_id.between(ids[0], ids[-1]))):
        lots[row["account_id"]][row["lot_id"]] = tuple(row[name] for name in _LOT_BOOKS)
    for row in uow.rows(select(points_account).where(points_account.c.account_id.between(ids[0], ids[-1]))):
        account_id = row["account_id"]
        one = counted[account_id]
        now = _columns(one)
        for name in _COMPARED:
            mine = json_of(row[name]) if name == "holds" else row[name]
            right = json_of(now[name]) if name == "holds" else now[name]
            if sorted(mine) != sorted(right) if name == "holds" else mine != right:
                yield _difference(row, name, mine, right)
        made = {lot.lot_id: tuple(getattr(lot, name) for name in _LOT_BOOKS) for lot in one.account.lots.values()}
        for lot_id in sorted(made.keys() | lots[account_id].keys()):
            if made.get(lot_id) != lots[account_id].get(lot_id):
                yield _difference(row, f"lot {lot_id}", lots[account_id].get(lot_id), made.get(lot_id))


def _difference(row: RowMapping, what: str, kept: object, counted: object) -> Difference:
    return Difference(account_id=row["account_id"], shop_id=row["shop_id"], what=what, kept=str(kept), counted=str(counted))


def _put(uow: UnitOfWork, ids: list[int], counted: Mapping[int, Counted]) -> None:
    """The counted figures in the place of those kept. When an account's time stands is not in the journal, and stays."""
    shops = {
        row["account_id"]: row["shop_id"]
        for row in uow.rows(
            select(points_account.c.account_id, points_account.c.shop_id).where(
                points_account.c.account_id.between(ids[0], ids[-1])
            )
        )
    }
    names = [name for name in (*_COMPARED, "due_at") if name != "clock_at"]
    rows = []
    lots: list[dict[str, Any]] = []
    for account_id, one in counted.items():
        now = _columns(one)
        rows.append({name: now[name] for name in names} | {"account_id": account_id})
        lots += [
            {
                "account_id": account_id, "lot_id": lot.lot_id, "shop_id": shops[account_id], "sequence": lot.sequence,
                "points": lot.points, "earned_at": lot.earned_at, "activates_at": lot.activates_at, "expires_at": lot.expires_at,
                "order_id": lot.order_id, "pending": lot.pending, "active": lot.active, "held": lot.held, "expired": lot.expired,
            }
            for lot in one.account.lots.values()
        ]  # fmt: skip
    update_many(uow.connection, points_account, ("account_id",), rows)
    uow.execute(delete(points_lot).where(points_lot.c.account_id.between(ids[0], ids[-1])))
    insert_many(uow.connection, points_lot, lots)


def _streamed(uow: UnitOfWork, statement: Any) -> Iterator[RowMapping]:
    yield from uow.connection.execute(statement.execution_options(yield_per=5_000)).mappings()


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


# -- what `regulars doctor` asks ----------------------------------------------------------------------------------------


def _entries_balance(context: CheckContext) -> Iterable[Finding]:
    total = func.sum(points_entry.c.points)
    wrong = (
        select(points_entry.c.account_id, points_entry.c.position, total.label("points"))
        .group_by(points_entry.c.account_id, points_entry.c.position)
        .having(total != 0)
        .limit(_SHOWN)
    )
    with context.records.reading() as uow:
        for row in uow.rows(wrong):
            yield Finding(
                f"the entries of an act add up to {row['points']} in the place of 0",
                "put the last backup of the records in place",
                f"points_entry {row['account_id']}/{row['position']}",
            )


def _accounts_counted(context: CheckContext) -> Iterable[Finding]:
    for one in rebuild(context.records, only_compare=True).differences[:_SHOWN]:
        yield Finding(
            f"{one.what} is kept as {one.kept}, the journal makes it {one.counted}",
            "run `regulars ledger rebuild`",
            f"points_account {one.account_id} of shop {one.shop_id}",
        )


def _earned_is_somewhere(context: CheckContext) -> Iterable[Finding]:
    """L15, and nothing below zero."""
    books = ("pending", "active", "held", "spent", "expired", "clawed", "repaid", "adjusted_out")
    account = points_account.c
    whole = sum((account[name] for name in books[1:]), start=account.pending)
    wrong = (whole != account.earned) | (account.pending < 0) | (account.active < 0) | (account.held < 0) | (account.debt < 0)
    with context.records.reading() as uow:
        for row in uow.rows(select(account.account_id, account.shop_id).where(wrong).limit(_SHOWN)):
            yield Finding(
                "earned points are not where they should be, or some are below zero",
                "run `regulars ledger rebuild`",
                f"points_account {row['account_id']} of shop {row['shop_id']}",
            )


CHECKS = [
    Check("entries of points add up to 0", "P7", _entries_balance),
    Check("points are what their journal makes them", "P7", _accounts_counted),
    Check("earned points are somewhere, none below zero", "P7", _earned_is_somewhere),
]
