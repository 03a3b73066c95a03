"""The whole UCI Online Retail file against its published and hand-counted numbers."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pyarrow.parquet as pq
import pytest

from regulars.collect.imports.domain import LoadReport
from tests.collect.imports.conftest import Desk, rules
from tests.conftest import ONLINE_RETAIL


@pytest.fixture
def loaded(british: Desk) -> LoadReport:
    return british.load(ONLINE_RETAIL)


def test_every_row_of_online_retail_is_accounted_for(british: Desk, loaded: LoadReport) -> None:
    assert loaded.rows == 541_909
    assert sum(loaded.rows_by_outcome.values()) == 541_909
    assert loaded.rows_by_outcome == {"loaded": 534_019, "duplicate": 5_268, "set_aside": 2_622, "quarantined": 0}
    assert rules(loaded)["missing_customer"] == 135_080
    assert rules(loaded)["duplicate_row"] == 5_268
    assert (loaded.found.credit_notes, loaded.found.credit_note_rows) == (3_836, 9_288)
    assert loaded.found.customers == 4_372
    assert loaded.files[0].layout == "online_retail"
    assert british.findings() == []

    # 534,019 loaded rows are lines of orders or refunds, nothing else.
    assert loaded.found.order_lines + loaded.found.refunds == 534_019
    assert loaded.changes["order_lines"].inserted == loaded.found.order_lines
    assert loaded.found.first_at == datetime(2010, 12, 1, 8, 26, tzinfo=UTC)
    assert loaded.found.last_at == datetime(2011, 12, 9, 12, 50, tzinfo=UTC)


def test_what_was_sold_and_refunded_is_the_sum_of_the_file(british: Desk, loaded: LoadReport) -> None:
    """A second count in plain Python over the Arrow table, row by row."""
    table = pq.read_table(ONLINE_RETAIL)
    rows = set(zip(*(table.column(name).to_pylist() for name in table.column_names), strict=True))
    aside = {"BANK CHARGES", "AMAZONFEE", "CRUK", "S", "B"}
    sold = refunded = 0
    for number, code, _, quantity, _, price, _, _ in rows:
        if code.upper() in aside:
            continue
        exact = Decimal(quantity) * Decimal(str(price))
        minor = int((exact * 100).to_integral_value("ROUND_HALF_EVEN"))
        if number.startswith("C"):
            refunded -= minor
        else:
            sold += minor

    assert loaded.found.gmv and loaded.found.gmv.minor == sold
    assert loaded.found.refunded and loaded.found.refunded.minor == refunded
    assert sum(row["total_minor"] for row in british.rows("orders", "total_minor")) == sold


def test_summer_time_is_taken_off(british: Desk, loaded: LoadReport) -> None:
    orders = british.warehouse.table("orders")
    july, december = (
        british.warehouse.value(orders.filter(orders.order_id == number).select("ordered_at")) for number in ("559000", "581587")
    )

    assert july == datetime(2011, 7, 5, 11, 15)  # 12:15 on the shop's clock
    assert december == datetime(2011, 12, 9, 12, 50)


def test_postage_counts_in_the_total_but_not_in_units(british: Desk, loaded: LoadReport) -> None:
    order = british.warehouse.table("orders")
    [header] = british.warehouse.rows(order.filter(order.order_id == "536370"))

    assert header["shipping_minor"] == 5_400
    assert header["total_minor"] == header["items_minor"] + 5_400
    assert header["units"] == 449 - 3
