"""Returns of an order: what comes back for it, piece by piece, so that the parts add up to what was paid (rules P22 to P25)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert

from regulars.access.domain import Caller, Shop
from regulars.errors import Conflict, InvalidInput
from regulars.offer.promotions.domain.carts import Buyer, Cart, CartLine, Store
from regulars.offer.promotions.domain.quoting import LineDiscount, Priced, PricedLine, PricedShipping, Rejection, Totals, price_cart
from regulars.offer.promotions.domain.reading import offer_of
from regulars.offer.promotions.domain.refunds import Policy, Refunding, Returned
from regulars.offer.promotions.ordering import (
    OrderRefund,
    conflict,
    ended,
    free,
    hash_of,
    locked,
    may_take,
    points_back,
    refund_of,
    refund_rows,
    spend_key,
)
from regulars.offer.promotions.tables import order_refund
from regulars.values import clock
from regulars.values.answers import to_json

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

    from regulars.records import UnitOfWork


def refund(
    uow: UnitOfWork,
    caller: Caller,
    shop: Shop,
    order_id: str,
    refund_id: str,
    returned: Sequence[Returned],
    *,
    policy: Policy = "keep",
) -> OrderRefund:
    """Return units of an order. The same return with the same body again is answered as it stands, and gives back nothing more.

    When every unit has come back, coupons and limits are free again; before that they stay used.

    Raises
    ------
    InvalidInput : a line or a number of units that the order does not hold.
    Conflict : the order was cancelled, its policy differs from that of an earlier return, or the return is there with another body.
    """
    may_take(caller, shop.shop_id)
    if not 0 < len(refund_id) <= 128 or not returned:
        raise InvalidInput(
            "a return has an id of 1 to 128 characters and at least one line", mend="name what comes back", code="bad_refund"
        )
    body_hash = hash_of({"lines": to_json(list(returned)), "policy": policy})
    row = locked(uow, shop.shop_id, order_id)
    earlier = refund_rows(uow, row)
    same = next((one for one in earlier if one["refund_id"] == refund_id), None)
    if same is not None:
        if same["body_hash"] != body_hash:
            raise conflict(f"the return '{refund_id}'")
        return refund_of(same)
    if row["state"] != "committed":
        raise Conflict(f"the order was {row['state']}", mend="nothing of it is left to return", code="order_state")
    if any(one["policy"] != policy for one in earlier):
        raise Conflict(
            f"earlier returns of this order were by the policy '{earlier[0]['policy']}'", mend="go on with it", code="other_policy"
        )
    order = refunding(row, policy)
    for one in earlier:
        for back in one["returned"]:
            order.give_back(Returned(**back))
    given = [order.give_back(back) for back in returned]
    answer = {"lines": to_json(given), "cash": sum(one.cash for one in given), "points": sum(one.points for one in given)}
    now = clock.now()
    uow.execute(
        insert(order_refund).values(
            shop_id=shop.shop_id,
            order_id=order_id,
            refund_id=refund_id,
            sequence=len(earlier) + 1,
            body_hash=body_hash,
            policy=policy,
            returned=to_json(list(returned)),
            answer=answer,
            refunded_at=now,
        )
    )
    points_back(uow, row, f"{spend_key(order_id)}:{refund_id}", answer["points"], caller)
    if order.complete:
        free(uow, shop.shop_id, row)
        ended(uow, row, "refunded")
    return OrderRefund(
        refund_id=refund_id, policy=policy, lines=given, cash=answer["cash"], points=answer["points"], refunded_at=now
    )


def refunding(row: Mapping[str, Any] | RowMapping, policy: Policy) -> Refunding:
    """An order out of its row, nothing of it returned yet."""
    asked, at = row["asked"], row["committed_at"]
    cart = _cart(asked["cart"])
    offers = [offer_of(one) for one in row["offers"]]
    coupons = [offer for offer in offers if offer.code is not None]

    def reprice(kept: Cart) -> Priced:
        return price_cart(
            kept,
            Buyer(),
            Store(timezone="UTC", now=at),
            promotions=[offer for offer in offers if offer.code is None],
            coupons=coupons,
            codes=[offer.id for offer in coupons],
        )

    return Refunding(cart, _priced(row["answer"]), policy, reprice)


def _cart(given: Mapping[str, Any]) -> Cart:
    return Cart(currency=given["currency"], shipping=given["shipping"], lines=tuple(CartLine(**line) for line in given["lines"]))


def _priced(answer: Mapping[str, Any]) -> Priced:
    """A stored quote as far as returns need it."""
    return Priced(
        currency=answer["currency"],
        lines=tuple(
            PricedLine(
                line["id"],
                line["list"],
                tuple(LineDiscount(one["source"], one["amount"]) for one in line["discounts"]),
                line["discount"],
                line["net"],
            )
            for line in answer["lines"]
        ),
        shipping=PricedShipping(**answer["shipping"]),
        totals=Totals(**answer["totals"]),
        applied=tuple(answer["applied"]),
        rejected=tuple(Rejection(one["id"], one["reason"]) for one in answer["rejected"]),
        outcomes=(),
    )
