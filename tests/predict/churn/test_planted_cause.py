"""A cause that was planted is named first, and the shop's other reasons are as they were told."""

from __future__ import annotations

from benchmarks.planted import CAUSES, planted
from benchmarks.reasons import first_reasons


def test_a_planted_cause_is_named_first() -> None:
    shop = planted(customers=2_500, days=300, seed=3)

    right, struck = first_reasons(shop)
    shop.warehouse.close()

    assert set(struck) == set(CAUSES)
    assert sum(struck.values()) > 100
    assert sum(right.values()) / sum(struck.values()) >= 0.88
