"""What `regulars doctor` asks of group buys: no seat too many, and nobody's money forgotten."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import exists, select

from regulars.offer.group_buys.reading import unfit
from regulars.offer.group_buys.tables import group_buy_refund, group_buy_seat
from regulars.work.checks import Check, CheckContext, Finding

_SHOWN = 20


def seats_are_within_the_size(context: CheckContext) -> Iterator[Finding]:
    """Paid and held seats of each group are what it counts, at most its size, and a success has exactly that many (B2, B5)."""
    with context.records.reading() as uow:
        for row in unfit(uow):
            yield Finding(
                f"a group of {row['size']} counts {row['paid']} paid and {row['held']} held seats; it has {row['paid_seats']} and "
                f"{row['held_seats']}, and is {row['status']}",
                "tell us how it came about",
                f"group_buy_group {row['shop_id']}/{row['group_id']}",
            )


def every_payment_is_kept_or_owed(context: CheckContext) -> Iterator[Finding]:
    """Each payment whose seat is not kept has a refund, due or done (B4, B7, B8)."""
    s, r = group_buy_seat.c, group_buy_refund.c
    owed = exists().where(r.shop_id == s.shop_id, r.refund_id == "refund_" + s.seat_id)
    asked = select(s.shop_id, s.seat_id).where(s.status.in_(["refunded", "refund_required"]), ~owed).limit(_SHOWN)
    with context.records.reading() as uow:
        for row in uow.rows(asked):
            yield Finding(
                "a payment that is to be given back is on no list", "give it back by hand", f"group_buy_seat {row['seat_id']}"
            )


CHECKS = [
    Check("groups have no seat too many", "P9", seats_are_within_the_size),
    Check("payments of groups are kept or given back", "P9", every_payment_is_kept_or_owed),
]
