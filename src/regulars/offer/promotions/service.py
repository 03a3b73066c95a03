"""The verbs of promotions and coupons in one place: what edges and other rooms call."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from regulars.collect import identity
from regulars.guard import privacy
from regulars.offer.promotions.approving import approval_above, most_cost, set_approval
from regulars.offer.promotions.batches import (
    MAKE,
    Batch,
    batch,
    batches,
    export,
    generate,
    make_all,
    open_for_claims,
    page,
    void,
)
from regulars.offer.promotions.checks import CHECKS
from regulars.offer.promotions.coupons import Claimed, Coupon, claim, issue, wallet
from regulars.offer.promotions.following import follow, forget
from regulars.offer.promotions.giving import ISSUE, issue_all, issue_to_segment
from regulars.offer.promotions.importing import import_codes
from regulars.offer.promotions.in_force import in_force
from regulars.offer.promotions.ordering import OrderRefund, PricedOrder, cancel, commit, order
from regulars.offer.promotions.performing import Performance, performance
from regulars.offer.promotions.quoting import Asked, Quote, quote
from regulars.offer.promotions.returning import refund
from regulars.offer.promotions.shelf import (
    Promotion,
    act,
    change,
    get,
    listing,
    make,
)
from regulars.understand import segments
from regulars.understand.questions import Desk

if TYPE_CHECKING:
    from regulars.access.domain import Shop
    from regulars.records import Records
    from regulars.warehouse import Warehouse

__all__ = [
    "CHECKS",
    "ISSUE",
    "MAKE",
    "Asked",
    "Batch",
    "Claimed",
    "Coupon",
    "OrderRefund",
    "Performance",
    "PricedOrder",
    "Promotion",
    "Quote",
    "act",
    "approval_above",
    "batch",
    "batches",
    "cancel",
    "change",
    "claim",
    "commit",
    "export",
    "generate",
    "get",
    "import_codes",
    "issue",
    "issue_all",
    "issue_to_segment",
    "known",
    "listing",
    "make",
    "make_all",
    "most_cost",
    "open_for_claims",
    "order",
    "page",
    "performance",
    "quote",
    "refund",
    "set_approval",
    "void",
    "wallet",
]

if follow not in identity.MERGERS:
    identity.MERGERS.append(follow)
if forget not in privacy.ERASERS:
    privacy.ERASERS.append(forget)


def known(records: Records, warehouse: Warehouse, shop: Shop, asked: Asked) -> Asked:
    """The same with the customer's segments looked up, where offers in force ask for them and nobody told them.

    It is done before the transaction of a commit begins, so that no store waits for the other.
    """
    if asked.segments is not None or not asked.customer_id:
        return asked
    with records.reading() as uow:
        asks = in_force(uow, shop.shop_id).asks_segments
    if not asks:
        return asked
    found = segments.of_customer(Desk(warehouse, shop), asked.customer_id)
    return replace(asked, segments=frozenset(found))
