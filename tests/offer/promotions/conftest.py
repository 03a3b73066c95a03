"""A shop that gives promotions and coupons, on either database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from regulars.access import Caller, Shop
from regulars.offer.promotions import service
from regulars.offer.promotions.domain.carts import Cart, CartLine
from regulars.offer.promotions.quoting import Asked
from regulars.records import Records

Running = Callable[..., service.Promotion]


@pytest.fixture
def running(any_records: Records, shell: Caller, shop: Shop) -> Running:
    """Make and launch an offer."""

    def make(promotion_id: str, definition: dict[str, Any], **rest: Any) -> service.Promotion:
        with any_records.unit() as uow:
            service.make(uow, shell, shop, name=promotion_id, promotion_id=promotion_id, definition=definition, **rest)
            return service.act(uow, shell, shop.shop_id, promotion_id, "launch")

    return make


def asked(*prices: int, customer: str = "u1", **rest: Any) -> Asked:
    """A cart of one unit at each of these prices."""
    lines = tuple(CartLine(id=f"l{i}", sku=f"S{i}", unit_price=price, qty=1, seller="s1") for i, price in enumerate(prices))
    return Asked(cart=Cart(currency="CNY", lines=lines), customer_id=customer, **rest)


TEN_OFF = {"layer": "platform_coupon", "effect": {"kind": "amount", "minor": 1000}}
THRESHOLD = {"layer": "order", "effect": {"kind": "amount", "min_amount": 30_000, "minor": 5_000}}
