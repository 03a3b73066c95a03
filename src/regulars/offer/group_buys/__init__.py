"""Group buys: a product at the price of a group, when as many have paid as the group needs.

Question: may this customer have a seat, is the group complete, and whose money is to be given back?
Hears: nothing.
Tells: Group Buy Arranged, Group Buy Opened, Group Buy Joined, Group Buy Paid, Group Buy Lapsed, Group Buy Succeeded, Group Buy Failed,
Group Buy Leader Changed, Group Buy Refund Due, Group Buy Refunded.
Owns: group_buy, group_buy_group, group_buy_seat, group_buy_refund.
"""

from regulars.offer.group_buys.reading import GroupBuy, GroupRefund, GroupState, Member
from regulars.offer.group_buys.service import (
    SeatAnswer,
    arrange,
    end,
    get,
    group,
    groups,
    join,
    leave,
    listing,
    open_group,
    pay,
    refunded,
    refunds,
    settle,
)

__all__ = [
    "GroupBuy",
    "GroupRefund",
    "GroupState",
    "Member",
    "SeatAnswer",
    "arrange",
    "end",
    "get",
    "group",
    "groups",
    "join",
    "leave",
    "listing",
    "open_group",
    "pay",
    "refunded",
    "refunds",
    "settle",
]
