"""What `regulars doctor` asks of next orders: they are of customers with a profile, and nothing is at stake before it is late."""

from __future__ import annotations

from collections.abc import Iterator

from regulars.work import Check, CheckContext, Finding

_MEND = "run `regulars run jobs`; next orders are rebuilt after the profiles"


def _sound(context: CheckContext) -> Iterator[Finding]:
    table = context.warehouse.table("next_orders")
    profiles = context.warehouse.table("customer_profiles")
    strangers = table.anti_join(profiles.filter(profiles.orders > 0), ["shop_id", "customer_id"])
    for row in context.warehouse.rows(strangers.group_by("shop_id").aggregate(n=strangers.count())):
        yield Finding(f"{row['n']:,} next orders belong to nobody with a profile", _MEND, f"shop {row['shop_id']}")
    late = table.status.isin(["overdue", "lost"])
    wrong = table.filter(
        (table.value_at_stake_minor > table.yearly_value_minor)
        | (~late & (table.value_at_stake_minor != 0))
        | (table.late_after_at < table.expected_at)
    )
    for row in context.warehouse.rows(wrong.group_by("shop_id").aggregate(n=wrong.count())):
        yield Finding(f"{row['n']:,} next orders contradict themselves", _MEND, f"shop {row['shop_id']}")


CHECKS = [Check("next orders", "every expected order is of a buyer, and no more is at stake than the customer is worth", _sound)]
