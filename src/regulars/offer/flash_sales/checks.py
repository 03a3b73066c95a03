"""What `regulars doctor` asks of flash sales: counts are what the reservations add up to, and nothing is oversold."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import and_, func, or_, select

from regulars.offer.flash_sales.reading import sums
from regulars.offer.flash_sales.tables import flash_reservation, flash_sale
from regulars.work.checks import Check, CheckContext, Finding

_SHOWN = 20


def counts_are_the_reservations(context: CheckContext) -> Iterator[Finding]:
    """Sold and reserved of each sale are the sums of its reservations, and together at most its stock (F1)."""
    with context.records.reading() as uow:
        for row in sums(uow):
            where = f"flash_sale {row['shop_id']}/{row['sale_id']}"
            if (row["reserved"], row["sold"]) != (row["open_units"], row["bought_units"]):
                yield Finding(
                    f"counts of reserved {row['reserved']} and sold {row['sold']}, but the reservations add up to "
                    f"{row['open_units']} and {row['bought_units']}",
                    "tell us how it came about; set the counts to what the reservations add up to",
                    where,
                )
            if row["reserved"] + row["sold"] > row["stock"]:
                yield Finding("more units are taken than there are", "raise the sale's stock, or refund the last buyers", where)


def nobody_has_more_than_the_limit(context: CheckContext) -> Iterator[Finding]:
    """No customer holds or has bought more units than one may have (F3); customers that were merged since may."""
    r, s = flash_reservation.c, flash_sale.c
    units = func.sum(r.quantity)
    same = and_(r.shop_id == s.shop_id, r.sale_id == s.sale_id)
    asked = (
        select(r.shop_id, r.sale_id, units.label("units"), s.per_customer)
        .select_from(flash_reservation.join(flash_sale, same))
        .where(or_(r.counted, r.status == "reserved"), s.per_customer.is_not(None))
        .group_by(r.shop_id, r.sale_id, r.named_as, s.per_customer)
        .having(units > s.per_customer)
        .limit(_SHOWN)
    )
    with context.records.reading() as uow:
        for row in uow.rows(asked):
            yield Finding(
                f"one customer has {row['units']} units of a sale that gives {row['per_customer']}",
                "tell us how it came about",
                f"flash_sale {row['shop_id']}/{row['sale_id']}",
            )


CHECKS = [
    Check("flash sales are not oversold", "P9", counts_are_the_reservations),
    Check("nobody has more of a flash sale than one may have", "P9", nobody_has_more_than_the_limit),
]
