"""What a customer has: balance, lots and statement, as of an instant, without anything being written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from regulars.offer.loyalty.currencies import POINTS, currency
from regulars.offer.loyalty.domain.account import Account
from regulars.offer.loyalty.journal import bring, json_of, read_lots
from regulars.offer.loyalty.tables import points_account, points_act, points_entry
from regulars.values import clock
from regulars.values.money import Money

if TYPE_CHECKING:
    from regulars.access.domain import Shop
    from regulars.records import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsLot:
    """Points that were earned together. `activates_at` null: they wait for an event; `expires_at` null: they never lapse."""

    lot: str
    remaining: int
    held: int
    state: str
    earned_at: datetime
    activates_at: datetime | None
    expires_at: datetime | None
    order_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsTotals:
    """Everything that ever happened to an account: earned = pending + active + held + all of these but `written_off`."""

    earned: int
    spent: int
    expired: int
    clawed: int
    repaid: int
    adjusted_out: int
    written_off: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsBalance:
    """What a customer has. `balance` is what can be spent (`active`) less debt; `worth` what it is worth in money."""

    customer_id: str
    currency_id: str
    as_of: datetime
    balance: int
    active: int
    pending: int
    held: int
    debt: int
    worth: Money
    next_expiry_at: datetime | None
    next_expiry_points: int
    lots: list[PointsLot]
    totals: PointsTotals


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsLine:
    """One act of the journal as a statement tells it: what it changed, and the balance after it."""

    position: int
    at: datetime
    kind: str
    points: int
    pending_change: int
    balance_change: int
    balance_after: int
    key: str | None
    about: str | None
    source: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsStatement:
    """A customer's statement, the newest act first; `next` leads to older ones."""

    customer_id: str
    currency_id: str
    lines: list[PointsLine]
    next: list[int] | None


def balance(
    uow: UnitOfWork, shop: Shop, customer_id: str, currency_id: str = POINTS, *, at: datetime | None = None
) -> PointsBalance:
    """What a customer has at an instant; what fell due until then counts as done (L6).

    Raises
    ------
    NotFound : the shop has no such points currency.
    """
    rules = currency(uow, shop, currency_id)
    kept = bring(uow, shop.shop_id, [(customer_id, currency_id)]).get((customer_id, currency_id))
    account = kept.account if kept else Account()
    as_of = account.settle(at or clock.now())
    lots = sorted((lot for lot in account.lots.values() if lot.is_open), key=lambda lot: lot.sequence)
    lapsing = [lot for lot in lots if lot.expires_at is not None and lot.active]
    first = min((lot.expires_at for lot in lapsing if lot.expires_at is not None), default=None)
    return PointsBalance(
        customer_id=customer_id,
        currency_id=currency_id,
        as_of=as_of,
        balance=account.balance,
        active=account.active,
        pending=account.sum_of("pending"),
        held=account.sum_of("held"),
        debt=account.debt,
        worth=Money(max(0, account.balance) * rules.worth.minor // rules.worth_points, rules.worth.currency),
        next_expiry_at=first,
        next_expiry_points=sum(lot.active for lot in lapsing if lot.expires_at == first),
        lots=[
            PointsLot(
                lot=lot.lot_id,
                remaining=lot.left,
                held=lot.held,
                state=lot.state(as_of),
                earned_at=lot.earned_at,
                activates_at=lot.activates_at,
                expires_at=lot.expires_at,
                order_id=lot.order_id,
            )
            for lot in lots
        ],
        totals=PointsTotals(earned=account.earned, **account.totals),
    )


def statement(
    uow: UnitOfWork,
    shop: Shop,
    customer_id: str,
    currency_id: str = POINTS,
    *,
    limit: int = 50,
    place: Sequence[int] | None = None,
) -> PointsStatement:
    """What happened to a customer's points, the newest first.

    Parameters
    ----------
    place : `next` of the page before.
    """
    currency(uow, shop, currency_id)
    owned = (points_account.c.customer_id == customer_id, points_account.c.currency_id == currency_id)
    row = uow.one(select(points_account).where(points_account.c.shop_id == shop.shop_id, *owned, ~points_account.c.closed))
    if row is None:
        return PointsStatement(customer_id=customer_id, currency_id=currency_id, lines=[], next=None)
    before, after = place if place is not None else (row["acts"] + 1, row["active"] - row["debt"])
    mine = select(points_act).where(points_act.c.account_id == row["account_id"], points_act.c.position < before)
    acts = uow.rows(mine.order_by(points_act.c.position.desc()).limit(limit + 1))
    more, acts = len(acts) > limit, acts[:limit]
    changes = _changes(uow, row["account_id"], [act["position"] for act in acts])
    lines: list[PointsLine] = []
    for act in acts:
        changed = changes[act["position"]]
        moved = changed["active"] + changed["debt"]
        lines.append(
            PointsLine(
                position=act["position"],
                at=act["at"],
                kind=act["kind"],
                points=act["points"],
                pending_change=changed["pending"],
                balance_change=moved,
                balance_after=after,
                key=_own(act["once"]),
                about=_own(act["about"]),
                source=act["source"],
                note=act["note"],
            )
        )
        after -= moved
    following = [lines[-1].position, after] if more else None
    return PointsStatement(customer_id=customer_id, currency_id=currency_id, lines=lines, next=following)


def owned_currencies(uow: UnitOfWork, shop_id: str, customer_id: str) -> list[str]:
    """In which currencies a customer has an account."""
    asked = select(points_account.c.currency_id).where(
        points_account.c.shop_id == shop_id, points_account.c.customer_id == customer_id, ~points_account.c.closed
    )
    return sorted(row["currency_id"] for row in uow.rows(asked))


def exported(uow: UnitOfWork, shop_id: str, customer_id: str) -> list[dict[str, Any]]:
    """What privacy adds to a customer's export: the whole journal of their points."""
    accounts = uow.rows(
        select(points_account).where(points_account.c.shop_id == shop_id, points_account.c.customer_id == customer_id)
    )
    return [
        {
            "currency_id": account["currency_id"],
            "at": act["at"],
            "kind": act["kind"],
            "points": act["points"],
            "key": _own(act["once"]),
            "about": _own(act["about"]),
            "answer": json_of(act["answer"]),
            "note": act["note"],
        }
        for account in accounts
        for act in uow.rows(
            select(points_act).where(points_act.c.account_id == account["account_id"]).order_by(points_act.c.position)
        )
    ]


def exported_lots(uow: UnitOfWork, shop_id: str, customer_id: str) -> list[dict[str, Any]]:
    """And every lot, with what is left of it."""
    accounts = uow.rows(
        select(points_account).where(points_account.c.shop_id == shop_id, points_account.c.customer_id == customer_id)
    )
    return [
        {
            "currency_id": account["currency_id"],
            "lot": lot.lot_id,
            "points": lot.points,
            "earned_at": lot.earned_at,
            "expires_at": lot.expires_at,
            "left": lot.left + lot.held,
        }
        for account in accounts
        for lot in read_lots(uow, account["account_id"])
    ]


def _changes(uow: UnitOfWork, account_id: int, positions: Sequence[int]) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = defaultdict(lambda: {"active": 0, "pending": 0, "debt": 0})
    if not positions:
        return found
    books = points_entry.c.book.in_(("active", "pending", "debt"))
    between = points_entry.c.position.between(min(positions), max(positions))
    for row in uow.rows(select(points_entry).where(points_entry.c.account_id == account_id, between, books)):
        found[row["position"]][row["book"]] += row["points"]
    return found


def _own(text: str | None) -> str | None:
    """A key or a reference without the account's number before it."""
    return None if text is None else text.partition(":")[2]
