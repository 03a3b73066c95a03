"""Group buys, their groups and the payments to be given back as tables."""

from __future__ import annotations

from collections.abc import Sequence

from regulars.offer.group_buys.reading import GroupBuy, GroupRefund, GroupState
from regulars.values.csv import Table
from regulars.values.money import Money

_OFFERS = (
    "offer_id",
    "name",
    "product_id",
    "phase",
    "starts_at",
    "ends_at",
    "size",
    "open_groups",
    "successes",
    "failures",
    "refunds_due",
)
_GROUPS = ("group_id", "status", "leader", "size", "paid", "held", "opened_at", "deadline_at", "closed_at")
_REFUNDS = ("refund_id", "offer_id", "group_id", "customer_id", "reason", "due_at", "done_at")


def offers_table(found: Sequence[GroupBuy]) -> Table:
    """One row per offer."""
    rows = ((*(getattr(one, name) for name in _OFFERS), Money(one.price_minor, one.currency), one.currency) for one in found)
    return Table((*_OFFERS, "price", "currency"), tuple(rows))


def groups_table(found: Sequence[GroupState]) -> Table:
    """One row per group."""
    return Table(_GROUPS, tuple(tuple(getattr(one, name) for name in _GROUPS) for one in found))


def refunds_table(found: Sequence[GroupRefund]) -> Table:
    """One row per payment."""
    rows = ((*(getattr(one, name) for name in _REFUNDS), Money(one.amount_minor, one.currency), one.currency) for one in found)
    return Table((*_REFUNDS, "amount", "currency"), tuple(rows))
