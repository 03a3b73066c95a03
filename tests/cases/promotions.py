"""Cases of promotions: the definitions as the form writes them, priced and refunded by our engine."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from regulars.offer.promotions.domain.carts import Buyer, Cart, CartLine, PointsAsked, Store, Usage
from regulars.offer.promotions.domain.quoting import Priced, price_cart
from regulars.offer.promotions.domain.reading import offer_of
from regulars.offer.promotions.domain.refunds import Returned, refunds
from regulars.values.answers import to_json
from regulars.warehouse import Warehouse
from tests.cases.folder import Case


def quoted(case: Case, _: Warehouse) -> dict[str, Any]:
    """The transparent price."""
    given = case.given["input"]
    found = to_json(_priced(given, _cart(given), with_points=True))
    assert isinstance(found, dict)
    return found


def refunded(case: Case, _: Warehouse) -> dict[str, Any]:
    """What comes back, return by return."""
    given = case.given["input"]
    cart = _cart(given)
    bought = _priced(given, cart, with_points=True)
    found = refunds(
        cart,
        bought,
        [Returned(one["line"], one["qty"]) for one in given["refunds"]],
        given.get("refund_policy", "keep"),
        lambda kept: _priced(given, kept, with_points=False),
    )
    return {
        "order_payable": bought.totals.payable,
        "refunds": to_json(found),
        "refunded_cash_total": sum(one.cash for one in found),
    }


def _cart(given: dict[str, Any]) -> Cart:
    cart = given["cart"]
    return Cart(
        currency=cart["currency"], shipping=cart.get("shipping", 0), lines=tuple(CartLine(**line) for line in cart["lines"])
    )


def _priced(given: dict[str, Any], cart: Cart, *, with_points: bool) -> Priced:
    who = given["customer"]
    points = given.get("points")
    return price_cart(
        cart,
        Buyer(
            id=who["id"],
            segments=frozenset(who.get("segments", ())),
            tier=who.get("tier"),
            new_customer=bool(who.get("new_customer")),
        ),
        Store(timezone=given["store"]["tz"], now=datetime.fromisoformat(given["now"])),
        promotions=[offer_of(one) for one in given.get("promotions", ())],
        coupons=[offer_of(one) for one in given.get("coupons", ())],
        mode=given.get("coupon_mode", "requested"),
        codes=given.get("apply_codes", ()),
        usage={offer_id: Usage(**used) for offer_id, used in given.get("usage", {}).items()},
        points=PointsAsked(**points) if points and with_points else None,
    )
