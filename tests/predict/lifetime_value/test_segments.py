"""Segments by expected value: tier, money, and days to the next order."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from regulars.predict import lifetime_value
from regulars.predict.lifetime_value import service
from regulars.understand import profiles
from regulars.understand.questions import Desk
from regulars.understand.segments import definition, members_of
from regulars.warehouse import Warehouse
from tests.predict.lifetime_value.stores import SHOP, drawn


def test_segments_ask_for_tier_value_and_next_order(warehouse: Warehouse) -> None:
    drawn(120).load(warehouse)
    profiles.refresh(warehouse, SHOP)
    service.refresh(warehouse, SHOP, service.learned(warehouse, SHOP, whole=False).model, {})
    answer = lifetime_value.listing(warehouse, SHOP, limit=1_000)

    def found(*tests: dict[str, Any]) -> list[str]:
        asked = members_of(Desk(warehouse, SHOP), definition({"all": list(tests)}, "UTC"), at=answer.as_of)
        return sorted(row["customer_id"] for row in warehouse.rows(asked))

    soon = answer.as_of + timedelta(days=30)
    assert found({"prediction": "value_tier", "op": "eq", "value": "top"}) == sorted(
        row.customer_id for row in answer.rows if row.tier == "top"
    )
    assert found(
        {"prediction": "predicted_value", "op": "gte", "value": 200}, {"prediction": "next_order_in_days", "op": "lte", "value": 30}
    ) == sorted(
        row.customer_id for row in answer.rows if row.value.minor >= 20_000 and row.next_order_at and row.next_order_at <= soon
    )
    assert (
        len(found({"prediction": "no_order_probability", "op": "lt", "value": 0.5}, {"prediction": "status", "op": "is_set"})) == 0
    )
