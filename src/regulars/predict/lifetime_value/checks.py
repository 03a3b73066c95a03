"""What `regulars doctor` asks of values: they are of buyers, and lie inside their intervals."""

from __future__ import annotations

from collections.abc import Iterator

from regulars.work import Check, CheckContext, Finding

_MEND = "run `regulars run values`; values are worked out anew"


def _sound(context: CheckContext) -> Iterator[Finding]:
    table = context.warehouse.table("customer_values")
    wrong = table.filter(
        (table.value_minor < table.value_low_minor)
        | (table.value_minor > table.value_high_minor)
        | (table.no_order_probability < 0)
        | (table.no_order_probability > 1)
        | (table.next_order_at < table.next_order_from_at)
        | (table.next_order_to_at < table.next_order_at)
    )
    for row in context.warehouse.rows(wrong.group_by("shop_id").aggregate(n=wrong.count())):
        yield Finding(f"{row['n']:,} expected values contradict themselves", _MEND, f"shop {row['shop_id']}")


CHECKS = [Check("expected values", "every value lies inside its interval, and probabilities are some", _sound)]
