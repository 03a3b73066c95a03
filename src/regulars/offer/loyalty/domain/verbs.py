"""What can be done with an account: earn, activate, spend, return, refund an order, hold, capture, release, adjust.

Every verb moves time on first, then checks, then moves points by entries that balance, and tells its answer as plain values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from regulars.errors import Conflict, InvalidInput, RegularsError
from regulars.offer.loyalty.domain.account import Account, Act, Hold, Lot, OrderEarn, OrderPoints, Take, Use
from regulars.offer.loyalty.domain.program import (
    MOST_POINTS,
    ON_EVENT,
    Program,
    Rate,
    checked_pending,
    checked_ttl,
    end_of_day_after,
)
from regulars.offer.loyalty.domain.wishes import Answer, Verb, Wish
from regulars.values.answers import to_json

_MOST_MINOR = 10**15
_MOST_MULTIPLIER_BPS = 1_000_000


def do(account: Account, program: Program, wish: Wish) -> Answer:
    """Do what is wished; the answer is kept with the act.

    Raises
    ------
    Conflict : too few points, a return or refund of more than there was, a hold that is over.
    InvalidInput : an amount nobody can mean.
    """
    at = account.settle(wish.at)
    try:
        act, answer = _VERBS[wish.verb](account, program, wish, at)
    finally:
        account.look_ahead()
    act.fingerprint, act.answer, act.source, act.note = wish.fingerprint(), answer, wish.source, wish.note
    return answer


# -- earning ----------------------------------------------------------------------------------------------------------


def _earn(account: Account, program: Program, wish: Wish, at: datetime) -> tuple[Act, Answer]:
    if (wish.amount_minor is None) == (wish.points is None):
        raise _invalid("an earn has either an amount or points", "give one of `amount_minor` and `points`")
    rate = program.rate(_within(wish.multiplier_bps, 0, _MOST_MULTIPLIER_BPS, "multiplier_bps"))
    if wish.amount_minor is None:
        points = _within(wish.points, 1, MOST_POINTS, "points")
    else:
        points = rate.of(_within(wish.amount_minor, 0, _MOST_MINOR, "amount_minor"))
        _within(points, 0, MOST_POINTS, "points")
    earned_at = wish.event_at or at
    pending = program.pending_days if wish.pending_days is None else checked_pending(wish.pending_days)
    activates_at = None if pending == ON_EVENT else earned_at + timedelta(days=pending)
    act = account.act("earn", at, key=wish.key, about=wish.order_id, points=points, detail={})
    assert act.detail is not None
    if points:
        expires_at = (wish.expiry or program.expiry).at(earned_at, program.tz)
        lot = _open(account, act, wish.key, points, earned_at, activates_at, expires_at, wish.order_id, at)
        act.detail["lot"] = lot_facts(lot)
    if wish.order_id is not None and wish.amount_minor is not None:
        told = (rate.points, rate.per_minor, rate.multiplier_bps)
        act.detail["order"] = {"amount_minor": wish.amount_minor, "rate": list(told)}
        order = account.orders.setdefault(wish.order_id, OrderPoints())
        order.earns.append(OrderEarn(wish.key if points else None, points, wish.amount_minor, told))
    _lapse_at_once(account, at)
    return act, {"points": points}


def _open(
    account: Account,
    act: Act,
    lot_id: str,
    points: int,
    earned_at: datetime,
    activates_at: datetime | None,
    expires_at: datetime | None,
    order_id: str | None,
    at: datetime,
) -> Lot:
    lot = Lot(lot_id, account.lot_count + 1, points, earned_at, activates_at, expires_at, order_id)
    if activates_at is not None and activates_at <= at:
        account.issue(act, lot, "active")
        if not lot.has_lapsed(at):
            account.repay(act, [lot])
    else:
        account.issue(act, lot, "pending")
    return lot


def _lapse_at_once(account: Account, at: datetime) -> None:
    """What was earned so long ago that it has lapsed already."""
    account.look_ahead()
    account.settle(at)


def lot_facts(lot: Lot) -> dict[str, Any]:
    """What of a lot never changes, for the journal; `activates_at` may be told later by an act `activate`."""
    return {
        "id": lot.lot_id,
        "sequence": lot.sequence,
        "points": lot.points,
        "earned_at": to_json(lot.earned_at),
        "activates_at": to_json(lot.activates_at),
        "expires_at": to_json(lot.expires_at),
        "order_id": lot.order_id,
    }


def _activate(account: Account, program: Program, wish: Wish, at: datetime) -> tuple[Act, Answer]:
    if wish.order_id is None:
        raise _invalid("no order is named", "give the order whose points become spendable")
    waiting = sorted(
        (lot for lot in account.lots.values() if lot.order_id == wish.order_id and lot.pending), key=lambda lot: lot.turn
    )
    act = account.act("activate", at, key=wish.key, about=wish.order_id, points=sum(lot.pending for lot in waiting))
    act.detail = {"lots": [lot.lot_id for lot in waiting]}
    for lot in waiting:
        lot.activates_at, lot.woken = at, True
        account.wake(act, lot)
    return act, {"activated": act.points}


# -- spending ---------------------------------------------------------------------------------------------------------


def _take(account: Account, points: int | None) -> tuple[Take, ...]:
    """L7: from which lots."""
    wanted = _within(points, 1, MOST_POINTS, "points")
    spendable = [lot for lot in account.lots.values() if lot.active]
    have = 0 if account.debt else sum(lot.active for lot in spendable)
    if have < wanted:
        raise Conflict(
            f"{wanted:,} points are wanted, {have:,} can be spent",
            mend="spend at most the balance; points that were earned lately may still be pending",
            code="insufficient_points",
            have=have,
            wanted=wanted,
        )
    takes = []
    for lot in sorted(spendable, key=lambda lot: lot.turn):
        part = min(wanted, lot.active)
        takes.append(Take(lot.lot_id, part))
        wanted -= part
        if not wanted:
            break
    return tuple(takes)


def _spend(account: Account, program: Program, wish: Wish, at: datetime) -> tuple[Act, Answer]:
    takes = _take(account, wish.points)
    act = account.act("spend", at, key=wish.key, about=wish.order_id, points=wish.points or 0)
    for take in takes:
        account.move(act, account.lots[take.lot], "active", "spent", take.points)
    account.uses[wish.key] = Use(takes)
    return act, {"consumed": _told(takes)}


def _return(account: Account, program: Program, wish: Wish, at: datetime) -> tuple[Act, Answer]:
    points = _within(wish.points, 1, MOST_POINTS, "points")
    use = account.uses.get(wish.refers_to or "")
    left = 0 if use is None else use.points - use.returned
    if use is None or points > left:
        raise Conflict(
            f"{points:,} points are to be returned, {left:,} of that spend can be",
            mend="return at most what the spend took and has not come back yet",
            code="return_exceeds_spend",
        )
    act = account.act("return", at, key=wish.key, about=wish.refers_to, points=points)
    back: list[Lot] = []
    told: list[Take] = []
    late, rest = 0, points
    for take in use.left_to_return():
        part = min(rest, take.points)
        rest -= part
        lot = account.lots[take.lot]
        if lot.has_lapsed(at) and program.expired_return_grace_days == 0:
            account.move(act, lot, "spent", "expired", part)
        elif lot.has_lapsed(at):
            late += part
        else:
            account.move(act, lot, "spent", "active", part)
            back.append(lot)
            told.append(Take(lot.lot_id, part))
        if not rest:
            break
    if late:
        expires_at = end_of_day_after(at, program.expired_return_grace_days, program.tz)
        grace = Lot(wish.key, account.lot_count + 1, late, at, at, expires_at)
        account.place(act, grace, late)
        act.detail = {"lot": lot_facts(grace)}
        back.append(grace)
        told.append(Take(grace.lot_id, late))
    use.returned += points
    account.repay(act, back)
    return act, {"returned": _told(told)}


def _hold(account: Account, program: Program, wish: Wish, at: datetime) -> tuple[Act, Answer]:
    takes = _take(account, wish.points)
    hold = Hold(wish.key, at + timedelta(seconds=checked_ttl(wish.ttl_s or program.hold_ttl_s)), takes)
    act = account.act("hold", at, key=wish.key, about=wish.order_id, points=hold.points)
    act.detail = {"expires_at": to_json(hold.expires_at), "takes": _told(takes)}
    for take in takes:
        account.move(act, account.lots[take.lot], "active", "held", take.points)
    account.holds[hold.hold_id] = hold
    return act, {"held": hold.points, "expires_at": to_json(hold.expires_at)}


def _held(account: Account, wish: Wish) -> Hold:
    hold = account.holds.get(wish.refers_to or "")
    if hold is None:
        raise Conflict(
            "this hold is not active",
            mend="it was captured, released or has run out; hold the points again",
            code="hold_not_active",
        )
    return hold


def _capture(account: Account, program: Program, wish: Wish, at: datetime) -> tuple[Act, Answer]:
    hold = _held(account, wish)
    act = account.act("capture", at, key=wish.key, about=hold.hold_id, points=hold.points)
    act.detail = {"takes": _told(hold.takes)}
    del account.holds[hold.hold_id]
    for take in hold.takes:
        account.move(act, account.lots[take.lot], "held", "spent", take.points)
    account.uses[hold.hold_id] = Use(hold.takes)
    return act, {"captured": hold.points}


def _release(account: Account, program: Program, wish: Wish, at: datetime) -> tuple[Act, Answer]:
    hold = _held(account, wish)
    act = account.act("release", at, key=wish.key, about=hold.hold_id, points=hold.points)
    account.let_go(act, hold, at)
    return act, {"released": hold.points}


# -- refunds and corrections ------------------------------------------------------------------------------------------


def _refund(account: Account, program: Program, wish: Wish, at: datetime) -> tuple[Act, Answer]:
    """L10, L11: take back what an order earned, as far as it was refunded."""
    order = account.orders.get(wish.order_id or "") or OrderPoints()
    total = sum(earn.amount_minor for earn in order.earns)
    if wish.amount_minor is not None:  # one more part of it, where nobody keeps the sum
        refunded = min(total, order.refunded_minor + _within(wish.amount_minor, 0, _MOST_MINOR, "amount_minor"))
    else:
        refunded = _within(wish.cum_refunded_minor, 0, _MOST_MINOR, "cum_refunded_minor")
    if refunded > total:
        raise Conflict(
            "more is refunded than the order earned points for",
            mend="tell the cumulative net goods amount refunded, at most that of the order",
            code="refund_exceeds_order",
            refunded_minor=refunded,
            order_minor=total,
        )
    kept, rest = 0, refunded
    for earn in order.earns:
        back = min(rest, earn.amount_minor)
        rest -= back
        kept += Rate(*earn.rate).of(earn.amount_minor - back)
    clawback = max(0, sum(earn.points for earn in order.earns) - kept - order.clawed)
    act = account.act("refund", at, key=wish.key, about=wish.order_id, points=clawback)
    own = [account.lots[earn.lot_id] for earn in order.earns if earn.lot_id is not None]
    left = clawback
    only_pending = program.return_policy == "only_pending"

    def take(lot: Lot, book: Literal["pending", "active"]) -> int:
        points = min(left, lot.pending if book == "pending" else lot.active)
        account.move(act, lot, book, "clawed", points)
        return points

    for lot in own:
        left -= take(lot, "pending")
        if not only_pending:
            left -= take(lot, "active")
    own_lot = clawback - left
    already = min(left, max(0, sum(lot.expired for lot in own) - order.expired_counted))
    left -= already
    others = 0
    if not only_pending:
        for lot in sorted((lot for lot in account.lots.values() if lot.active), key=lambda lot: lot.turn):
            taken = take(lot, "active")
            left -= taken
            others += taken
    debt = left if program.return_policy == "unlimited" else 0
    account.owe(act, debt)
    account.write_off(act, left - debt)
    order.clawed += clawback
    order.expired_counted += already
    order.refunded_minor = max(refunded, order.refunded_minor)
    act.detail = {"refunded_minor": order.refunded_minor}
    answer = {
        "clawback": clawback,
        "own_lot": own_lot,
        "already_expired": already,
        "other_lots": others,
        "debt": debt,
        "written_off": left - debt,
    }
    return act, answer


def _adjust(account: Account, program: Program, wish: Wish, at: datetime) -> tuple[Act, Answer]:
    """L14: up is a new lot, spendable at once; down stops at zero."""
    points = wish.points
    if not isinstance(points, int) or isinstance(points, bool) or points == 0 or abs(points) > MOST_POINTS:
        raise _invalid("points is not a usable number", "a whole number other than 0")
    act = account.act("adjust", at, key=wish.key)
    if points > 0:
        earned_at = wish.event_at or at
        expires_at = (wish.expiry or program.expiry).at(earned_at, program.tz)
        lot = _open(account, act, wish.key, points, earned_at, min(earned_at, at), expires_at, None, at)
        act.points, act.detail = points, {"lot": lot_facts(lot)}
        _lapse_at_once(account, at)
        return act, {"points": points}
    left = -points
    for lot in sorted((lot for lot in account.lots.values() if lot.active), key=lambda lot: lot.turn):
        part = min(left, lot.active)
        account.move(act, lot, "active", "adjusted_out", part)
        left -= part
    act.points = points + left
    return act, {"points": points + left}


def _told(takes: tuple[Take, ...] | list[Take]) -> list[dict[str, Any]]:
    return [{"lot": take.lot, "points": take.points} for take in takes]


def _within(value: Any, least: int, most: int, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise _invalid(f"{name} is not a usable number", f"a whole number from {least:,} to {most:,}")
    return value


def _invalid(message: str, mend: str) -> RegularsError:
    return InvalidInput(message, mend=mend, code="invalid_amount")


_VERBS: Mapping[Verb, Callable[[Account, Program, Wish, datetime], tuple[Act, Answer]]] = {
    "earn": _earn,
    "activate": _activate,
    "spend": _spend,
    "return": _return,
    "refund": _refund,
    "hold": _hold,
    "capture": _capture,
    "release": _release,
    "adjust": _adjust,
}
