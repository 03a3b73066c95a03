"""Merges and erasures: points and tiers go to the customer their ids belong to now, or to the random pseudonym of an erased one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, update

from regulars.offer.loyalty import tiering
from regulars.offer.loyalty.domain.account import Act, Hold, Lot
from regulars.offer.loyalty.domain.verbs import lot_facts
from regulars.offer.loyalty.journal import Kept, bring, write
from regulars.offer.loyalty.tables import (
    points_account,
    points_act,
    points_request,
    reward_claim,
    tier_change,
    tier_member,
    tier_order,
)
from regulars.values import clock

if TYPE_CHECKING:
    from regulars.records import UnitOfWork

_AT_ONCE = 500


def follow(uow: UnitOfWork, shop_id: str, customers: Mapping[str, str]) -> None:
    """What identity calls when ids change customer (`MERGERS`).

    Points of the id that was merged are moved into the account of the customer it belongs to now; its holds end. A merge that is taken
    back moves nothing: which of the points would go back cannot be told, so a person decides.
    """
    moved = {told: owner for told, owner in customers.items() if told != owner}
    ids = sorted(moved)
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        asked = select(points_account.c.customer_id, points_account.c.currency_id).where(
            points_account.c.shop_id == shop_id, points_account.c.customer_id.in_(some), ~points_account.c.closed
        )
        for row in uow.rows(asked.order_by(points_account.c.account_id)):
            _merge(uow, shop_id, row["customer_id"], moved[row["customer_id"]], row["currency_id"])
        for table in (points_request, reward_claim, tier_change):
            there = select(table.c.customer_id).where(table.c.shop_id == shop_id, table.c.customer_id.in_(some)).distinct()
            for row in uow.rows(there):
                mine = (table.c.shop_id == shop_id, table.c.customer_id == row["customer_id"])
                uow.execute(update(table).where(*mine).values(customer_id=moved[row["customer_id"]]))
        there = select(tier_order.c.customer_id).where(tier_order.c.shop_id == shop_id, tier_order.c.customer_id.in_(some))
        for row in uow.rows(there.distinct()):
            _merge_orders(uow, shop_id, row["customer_id"], moved[row["customer_id"]])
        gone = (tier_member.c.shop_id == shop_id, tier_member.c.customer_id.in_(some))
        uow.execute(delete(tier_member).where(*gone))
        tiering.reconsider(uow, shop_id, sorted({moved[one] for one in some}))


def forget(uow: UnitOfWork, shop_id: str, customer_id: str, successor: str) -> int:
    """What privacy calls when somebody is erased (`ERASERS`): the journal keeps adding up under the random pseudonym, without words."""
    mine = select(points_account.c.account_id).where(
        points_account.c.shop_id == shop_id, points_account.c.customer_id.in_([customer_id, successor])
    )
    ids = [row["account_id"] for row in uow.rows(mine)]
    gone = 0
    if ids:
        told = points_act.c.note != ""
        gone += uow.execute(update(points_act).where(points_act.c.account_id.in_(ids), told).values(note="")).rowcount
    asked = (points_request.c.shop_id == shop_id, points_request.c.customer_id.in_([customer_id, successor]))
    return gone + uow.execute(update(points_request).where(*asked, points_request.c.note != "").values(note="")).rowcount


def _merge_orders(uow: UnitOfWork, shop_id: str, old: str, new: str) -> None:
    known = select(tier_order.c.order_id).where(tier_order.c.shop_id == shop_id, tier_order.c.customer_id == new)
    mine = (tier_order.c.shop_id == shop_id, tier_order.c.customer_id == old)
    uow.execute(delete(tier_order).where(*mine, tier_order.c.order_id.in_(known)))
    uow.execute(update(tier_order).where(*mine).values(customer_id=new))


def _merge(uow: UnitOfWork, shop_id: str, old: str, new: str, currency_id: str) -> None:
    both = bring(uow, shop_id, [(old, currency_id), (new, currency_id)])
    source, target = both[old, currency_id], both.get((new, currency_id))
    here = update(points_account).where(points_account.c.account_id == source.account_id)
    if target is None:
        uow.execute(here.values(customer_id=new))
        return
    at = clock.now()
    for kept in (source, target):
        kept.account.settle(at)
    at = max(source.account.clock, target.account.clock)
    _carry(source, target, at)
    for kept in (source, target):
        kept.account.look_ahead()
    write(uow, [source, target])
    uow.execute(here.values(closed=True, customer_id=new, due_at=None))


def _carry(source: Kept, target: Kept, at: Any) -> None:
    """All that is left of one account into another, lot by lot with its own dates; and its debt."""
    old, new = source.account, target.account
    for hold in list[Hold](old.holds.values()):
        old.let_go(old.act("hold_end", at, about=hold.hold_id, points=hold.points), hold, at)
    out: Act = old.act("moved_out", at, about=str(target.account_id), source="merge")
    into: Act = new.act("moved_in", at, about=str(source.account_id), source="merge", detail={"moved": []})
    assert into.detail is not None
    woken: list[Lot] = []
    for lot in sorted((one for one in old.lots.values() if one.left), key=lambda one: one.turn):
        points, pending = lot.left, lot.pending
        lot_id = f"{lot.lot_id[:180]}~{source.account_id}"  # the other account may have had one of that id
        copy = Lot(lot_id, new.lot_count + 1, points, lot.earned_at, lot.activates_at, lot.expires_at, lot.order_id)
        old.move(out, lot, "pending", "adjusted_out", pending)
        old.move(out, lot, "active", "adjusted_out", lot.active)
        new.issue(into, copy, "pending" if pending else "active")
        into.detail["moved"].append(lot_facts(copy))
        out.points += points
        into.points += points
        if not pending:
            woken.append(copy)
    if old.debt:
        owed = old.debt
        old.owe(out, -owed)
        new.owe(into, owed)
        woken = [lot for lot in new.lots.values() if lot.active]
    new.repay(into, sorted(woken, key=lambda lot: lot.turn))
