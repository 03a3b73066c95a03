"""UCI Online Retail in a warehouse, loaded once for all tests that only read it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from regulars.warehouse import Warehouse
from tests.understand.metrics import online_retail
from tests.understand.metrics.second import SecondCount


@pytest.fixture(scope="session")
def online_retail_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """The whole data set as orders, lines and refunds of the shop `uk`. Read only."""
    store = Warehouse.open(f"duckdb:///{tmp_path_factory.mktemp('online_retail')}/warehouse.duckdb", memory_limit="2GB")
    online_retail.load(store)
    yield store
    store.close()


@pytest.fixture(scope="session")
def second_count(online_retail_warehouse: Warehouse) -> SecondCount:
    """The same rows, counted in plain Python."""
    orders = online_retail_warehouse.table("orders")
    refunds = online_retail_warehouse.table("refunds")
    return SecondCount(
        online_retail_warehouse.rows(
            orders.select("order_id", "customer_id", "ordered_at", "status", "total_minor", "items_minor", "units")
        ),
        online_retail_warehouse.rows(refunds.select("refunded_at", "amount_minor")),
        "Europe/London",
    )
