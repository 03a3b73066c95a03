"""Orders on offers: committed at the price that was quoted, cancelled, and returned piece by piece (rules P21 to P25)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from regulars.access.domain import Caller, Shop
from regulars.errors import Conflict, InvalidInput, NotFound
from regulars.events import CouponRedeemed, CouponReturned, PromotionApplied
from regulars.offer import loyalty
from regulars.offer.promotions import counting
from regulars.offer.promotions.domain.offers import Offer
from regulars.offer.promotions.domain.reading import frozen
from regulars.offer.promotions.domain.refunds import LineRefund, Policy
from regulars.offer.promotions.quoting import Asked, Quote, Reckoned, in_words, reckon
from regulars.offer.promotions.tables import coupon, order_offer, order_refund, priced_order
from regulars.values import clock
from regulars.values.answers import to_json

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

    from regulars.records import UnitOfWork

OrderState = Literal["committed", "cancelled", "refunded"]
#: What became of an offer that could still have a say in a smaller cart.
_HAD_A_SAY = frozenset(
    {None, "BETTER_OFFER", "NOT_STACKABLE", "COUPON_LIMIT_PER_SELLER", "PLATFORM_COUPON_LIMIT", "BUDGET_EXHAUSTED"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedOrder:
    """An order as it was committed: what is to be paid, the quote behind it, and what has come back since."""

    order_id: str
    customer_id: str | None
    state: OrderState
    currency: str
    payable: int
    quote: Quote | dict[str, Any]
    refunds: list[OrderRefund]
    refunded_cash: int
    refunded_points: int
    committed_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRefund:
    """What one return gave back, line by line, in minor units and points. Sending is refunded apart from this."""

    refund_id: str
    policy: Policy
    lines: list[LineRefund]
    cash: int
    points: int
    refunded_at: datetime


def commit(
    uow: UnitOfWork, caller: Caller, shop: Shop, order_id: str, asked: Asked, payable: int, *, language: str = "en"
) -> PricedOrder:
    """Take an order at the price that was quoted: the cart is priced anew, and usage, budgets and coupons are taken, all or nothing.

    The same order with the same body again is answered as it stands, and takes nothing more.

    Raises
    ------
    Conflict : `QUOTE_CHANGED`, the order costs something else now (`payable` tells what); the code of a limit that another order has
        reached in the same moment; `IDEMPOTENCY_CONFLICT`, the order is there with another body.
    """
    may_take(caller, shop.shop_id)
    if not 0 < len(order_id) <= 128:
        raise InvalidInput("an order has an id of 1 to 128 characters", mend="give the order's id", code="bad_order_id")
    body_hash = hash_of({"asked": _plain(asked), "customer": asked.customer_id, "payable": payable})
    held = _row(uow, shop.shop_id, order_id)
    if held is not None:
        return _same(uow, held, body_hash)
    found = reckon(uow, shop, asked)
    now_payable = found.priced.totals.payable
    if now_payable != payable:
        raise Conflict(
            f"the order costs {now_payable} minor units now, not {payable}",
            mend="show the customer the new quote, and commit with its `payable`",
            code="QUOTE_CHANGED",
            payable=now_payable,
            rejected=[to_json(one) for one in found.priced.rejected],
        )
    answer = to_json(in_words(found, language))
    values = {
        "shop_id": shop.shop_id,
        "order_id": order_id,
        "customer_id": asked.customer_id or None,
        "told_as": asked.customer_id or None,
        "state": "committed",
        "body_hash": body_hash,
        "currency": found.priced.currency,
        "payable_minor": now_payable,
        "asked": _plain(asked),
        "offers": _frozen(found),
        "answer": answer,
        "full_return": False,
        "committed_at": found.at,
        "changed_at": found.at,
    }
    make = postgresql.insert if uow.dialect == "postgresql" else sqlite.insert
    new = uow.execute(make(priced_order).values(values).on_conflict_do_nothing().returning(priced_order.c.order_id)).first()
    if new is None:  # another sender of the same order was first
        held = _row(uow, shop.shop_id, order_id)
        assert held is not None
        return _same(uow, held, body_hash)
    _take_all(uow, shop, order_id, found)
    used = found.priced.totals.points_used
    if used and asked.points is not None and asked.points.balance is None:
        by = f"{caller.kind}:{caller.id}"
        loyalty.paying.spend(uow, shop.shop_id, asked.customer_id, spend_key(order_id), used, order_id=order_id, by=by)
    row = _row(uow, shop.shop_id, order_id)
    assert row is not None
    return _order(uow, row)


def _take_all(uow: UnitOfWork, shop: Shop, order_id: str, found: Reckoned) -> None:
    """Take every offer that applied, in the order of their names, so that two orders never wait for each other in a ring."""
    customer_id, shop_id = found.asked.customer_id, shop.shop_id
    applied = sorted((one for one in found.priced.outcomes if one.reason is None), key=lambda one: (one.offer.counted_as, one.id))
    for one in applied:
        offer = one.offer
        reason = counting.take(uow, shop_id, offer, customer_id, found.day, one.amount)
        if reason is None and offer.code is not None and offer.promotion_id and offer.id != offer.promotion_id:
            reason = _take_coupon(uow, shop_id, offer, order_id, found.at)
        if reason is not None:
            raise Conflict(f"'{one.id}' cannot be used any more", mend="quote the cart again", code=reason, offer_id=one.id)
    if not applied:
        return
    uow.execute(
        insert(order_offer),
        [
            {
                "shop_id": shop_id,
                "order_id": order_id,
                "offer_id": one.id,
                "promotion_id": one.offer.counted_as,
                "code": one.offer.code,
                "amount_minor": one.amount,
                "day": found.day,
                "freed": False,
            }
            for one in applied
        ],
    )
    kinds = [CouponRedeemed if one.offer.code is not None else PromotionApplied for one in applied]
    uow.tell_all(
        [
            kind(
                shop_id=shop_id,
                customer_id=customer_id or None,
                promotion_id=one.offer.counted_as,
                order_id=order_id,
                amount_minor=one.amount,
                currency=found.priced.currency,
            )
            for kind, one in zip(kinds, applied, strict=True)
        ]
    )


def _take_coupon(uow: UnitOfWork, shop_id: str, offer: Offer, order_id: str, at: datetime) -> Literal["CODE_EXHAUSTED"] | None:
    """Use a coupon that can be used once; a code that everybody has is no row and is counted by its limits alone."""
    mine = (coupon.c.shop_id == shop_id) & (coupon.c.code == offer.code)
    used = uow.execute(
        update(coupon).where(mine, coupon.c.state == "open").values(state="used", order_id=order_id, used_at=at)
    ).rowcount
    if used or uow.one(select(coupon.c.code).where(mine)) is None:
        return None
    return "CODE_EXHAUSTED"


def cancel(uow: UnitOfWork, caller: Caller, shop: Shop, order_id: str) -> PricedOrder:
    """Take an order back whole: its coupons and its share of limits and budgets are free again. Doing it twice changes nothing.

    Raises
    ------
    Conflict : something of the order has been returned already; return the rest instead.
    """
    may_take(caller, shop.shop_id)
    row = locked(uow, shop.shop_id, order_id)
    if row["state"] == "cancelled":
        return _order(uow, row)
    if row["state"] != "committed" or refund_rows(uow, row):
        raise Conflict("the order has been returned in part", mend="return the rest of it instead", code="order_returned")
    free(uow, shop.shop_id, row)
    points_back(uow, row, f"{spend_key(order_id)}:cancelled", row["answer"]["totals"]["points_used"], caller)
    return ended(uow, row, "cancelled")


def spend_key(order_id: str) -> str:
    """Under which key an order's points are spent in the ledger."""
    return f"order:{order_id}"


def points_back(uow: UnitOfWork, row: RowMapping, key: str, points: int, caller: Caller) -> None:
    """Give points back to the ledger, where an order took them from there."""
    wanted = row["asked"]["points"]
    if points and wanted and wanted["balance"] is None and row["customer_id"]:
        by = f"{caller.kind}:{caller.id}"
        spent = spend_key(row["order_id"])
        loyalty.paying.give_back(uow, row["shop_id"], row["customer_id"], key, points, spend_key=spent, by=by)


def order(uow: UnitOfWork, shop_id: str, order_id: str) -> PricedOrder:
    """An order as it stands.

    Raises
    ------
    NotFound : none of that id was committed.
    """
    row = _row(uow, shop_id, order_id)
    if row is None:
        raise _no_such_order(order_id)
    return _order(uow, row)


def free(uow: UnitOfWork, shop_id: str, row: RowMapping) -> None:
    """Give back what the order took: counters, budgets, coupons."""
    mine = (order_offer.c.shop_id == shop_id) & (order_offer.c.order_id == row["order_id"])
    customer_id = row["customer_id"] or ""
    for one in uow.rows(select(order_offer).where(mine).order_by(order_offer.c.promotion_id, order_offer.c.offer_id)):
        counting.give_back(uow, shop_id, one["promotion_id"], customer_id, one["day"], one["amount_minor"])
        if one["code"] is None:
            continue
        held = (coupon.c.shop_id == shop_id) & (coupon.c.code == one["code"]) & (coupon.c.order_id == row["order_id"])
        uow.execute(update(coupon).where(held, coupon.c.state == "used").values(state="open", order_id=None, used_at=None))
        uow.tell(
            CouponReturned(
                shop_id=shop_id, customer_id=row["customer_id"], promotion_id=one["promotion_id"], order_id=row["order_id"]
            )
        )
    uow.execute(update(order_offer).where(mine).values(freed=True))


def ended(uow: UnitOfWork, row: RowMapping, state: OrderState) -> PricedOrder:
    """Write down how an order ended."""
    mine = (priced_order.c.shop_id == row["shop_id"]) & (priced_order.c.order_id == row["order_id"])
    uow.execute(update(priced_order).where(mine).values(state=state, changed_at=clock.now(), full_return=state == "refunded"))
    return order(uow, row["shop_id"], row["order_id"])


def locked(uow: UnitOfWork, shop_id: str, order_id: str) -> RowMapping:
    """The order's row, so that nobody else changes it before this transaction ends."""
    row = uow.one(
        select(priced_order).where(priced_order.c.shop_id == shop_id, priced_order.c.order_id == order_id).with_for_update()
    )
    if row is None:
        raise _no_such_order(order_id)
    return row


def _row(uow: UnitOfWork, shop_id: str, order_id: str) -> RowMapping | None:
    return uow.one(select(priced_order).where(priced_order.c.shop_id == shop_id, priced_order.c.order_id == order_id))


def refund_rows(uow: UnitOfWork, row: RowMapping) -> list[RowMapping]:
    """The returns of an order, in their order."""
    return uow.rows(
        select(order_refund)
        .where(order_refund.c.shop_id == row["shop_id"], order_refund.c.order_id == row["order_id"])
        .order_by(order_refund.c.sequence)
    )


def refund_of(row: RowMapping) -> OrderRefund:
    """A return out of its row."""
    answer = row["answer"]
    return OrderRefund(
        refund_id=row["refund_id"],
        policy=row["policy"],
        lines=[LineRefund(**one) for one in answer["lines"]],
        cash=answer["cash"],
        points=answer["points"],
        refunded_at=row["refunded_at"],
    )


def _same(uow: UnitOfWork, row: RowMapping, body_hash: str) -> PricedOrder:
    if row["body_hash"] != body_hash:
        raise conflict(f"the order '{row['order_id']}'")
    return _order(uow, row)


def _order(uow: UnitOfWork, row: RowMapping) -> PricedOrder:
    refunds = [refund_of(one) for one in refund_rows(uow, row)]
    return PricedOrder(
        order_id=row["order_id"],
        customer_id=row["customer_id"],
        state=row["state"],
        currency=row["currency"],
        payable=row["payable_minor"],
        quote=row["answer"],
        refunds=refunds,
        refunded_cash=sum(one.cash for one in refunds),
        refunded_points=sum(one.points for one in refunds),
        committed_at=row["committed_at"],
        changed_at=row["changed_at"],
    )


def _frozen(found: Reckoned) -> list[dict[str, Any]]:
    """The offers that had a say, as they were: what a later return is priced with."""
    kept = []
    for one in found.priced.outcomes:
        if one.reason in _HAD_A_SAY:
            budget, used = one.offer.budget, found.usage.get(one.offer.counted_as)
            left = None if budget is None else budget.total - (used.budget_used if used else 0)
            kept.append(frozen(one.offer, left))
    return kept


def _plain(asked: Asked) -> dict[str, Any]:
    """What was asked as JSON, without the customer."""
    return {
        "cart": to_json(replace(asked.cart, lines=list(asked.cart.lines))),
        "segments": None if asked.segments is None else sorted(asked.segments),
        "tier": asked.tier,
        "new_customer": asked.new_customer,
        "traits": dict(asked.traits),
        "channel": asked.channel,
        "mode": asked.mode,
        "codes": list(asked.codes),
        "points": to_json(asked.points),
    }


def hash_of(body: Any) -> str:
    """What tells one body from another."""
    return hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()


def conflict(what: str) -> Conflict:
    """The answer to a repeated id with another body."""
    return Conflict(
        f"{what} is there already with another body",
        mend="use a new id, or repeat the request unchanged",
        code="IDEMPOTENCY_CONFLICT",
    )


def _no_such_order(order_id: str) -> NotFound:
    return NotFound(f"no order '{order_id[:80]}' was committed", mend="commit it with `POST /v1/checkouts`", code="no_such_order")


def may_take(caller: Caller, shop_id: str) -> None:
    """Refuse who may not take orders."""
    caller.demand("take_orders")
    caller.demand_shop(shop_id)
