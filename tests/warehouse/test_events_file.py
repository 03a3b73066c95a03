"""A file of events is asked as it is."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

from regulars.errors import InvalidInput
from regulars.understand.funnels import FUNNEL
from regulars.understand.questions import Desk
from regulars.understand.shopping import CART_ABANDONMENT, abandonment
from regulars.warehouse import Warehouse
from tests.support.happenings import shop_of
from tests.support.server import command, initialised

ROWS = pa.table(
    {
        "user_id": ["a", "a", "b"],
        "event": ["Viewed", "Bought", "Viewed"],
        "timestamp": pa.array([datetime(2026, 3, 1, hour, tzinfo=UTC) for hour in (1, 2, 3)], pa.timestamp("us", "UTC")),
        "price": [1.5, 2.5, 9.0],
        "plan": ["x", "x", "y's"],
    }
)


def steps(url: str) -> list[int]:
    """Customers by step of a small funnel."""
    store = Warehouse.open(url)
    desk = Desk(store, shop_of(shop_id="file"))
    query = FUNNEL.read(desk, {"steps": ["Viewed", "Bought"]})
    found = [step.customers for step in FUNNEL.answer(desk, query).steps]
    dear = FUNNEL.read(
        desk, {"steps": [{"event": "Viewed", "where": [{"key": "plan", "value": "y's"}, {"key": "price", "op": "gt", "value": 5}]}]}
    )
    found.append(FUNNEL.answer(desk, dear).steps[0].customers)
    store.close()
    return found


def test_parquet(tmp_path: Path) -> None:
    pyarrow.parquet.write_table(ROWS, tmp_path / "events.parquet")

    assert steps(f"file://{tmp_path}/events.parquet") == [2, 1, 1]


def test_csv_with_other_names_and_seconds(tmp_path: Path) -> None:
    seconds = [1772326800, 1772330400, 1772334000]
    table = (
        ROWS.drop(["timestamp"]).append_column("wann", pa.array(seconds)).rename_columns(["wer", "was", "price", "plan", "wann"])
    )
    pyarrow.csv.write_csv(table, tmp_path / "events 1.csv")

    assert steps(f"file://{tmp_path}/events%201.csv?customer=wer&event=was&at=wann") == [2, 1, 1]


def test_rows_of_nobody_are_left_out_and_orders_without_a_number_are_each_their_own(tmp_path: Path) -> None:
    # given a file with rows of nobody, and orders that have no number
    names = ["Product Added", "Order Completed", "Product Added", "Order Completed", "Product Added"]
    times = [datetime(2026, 3, day, tzinfo=UTC) for day in (1, 2, 3, 4, 5)]
    nobody = pa.table(
        {"user_id": ["a", "a", "b", "b", None], "event": names, "timestamp": pa.array(times, pa.timestamp("us", "UTC"))}
    )
    pyarrow.parquet.write_table(nobody, tmp_path / "events.parquet")
    store = Warehouse.open(f"file://{tmp_path}/events.parquet")
    desk = Desk(store, shop_of(shop_id="file"))
    # when carts are asked for
    query = CART_ABANDONMENT.read(desk, {"abandon_after_hours": 48})
    answers = [abandonment(desk, query, general=general) for general in (False, True)]
    store.close()
    # then each way sees two carts that became orders
    assert [(answer.total.carts, answer.total.converted) for answer in answers] == [(2, 2), (2, 2)]


def test_what_is_wrong_is_said(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no file"):
        Warehouse.open(f"file://{tmp_path}/none.parquet")
    (tmp_path / "broken.parquet").write_bytes(b"no")
    with pytest.raises(InvalidInput, match="cannot be read"):
        Warehouse.open(f"file://{tmp_path}/broken.parquet")
    pyarrow.parquet.write_table(ROWS.drop(["event"]), tmp_path / "events.parquet")
    with pytest.raises(InvalidInput, match="no column for the event") as caught:
        Warehouse.open(f"file://{tmp_path}/events.parquet")
    assert "plan" in caught.value.mend


def test_it_is_asked_from_the_shell_with_the_shop_s_own_days(home: Path, tmp_path: Path) -> None:
    pyarrow.parquet.write_table(ROWS, tmp_path / "events.parquet")
    initialised(home, "--shop", "tea", "--timezone", "Asia/Shanghai", "--currency", "CNY")
    question = ("funnel", "--event", "Viewed", "--event", "Bought", "--from", "2026-03-01", "--to", "2026-03-01", "--json")

    done = command(home, "report", "--on", f"file://{tmp_path}/events.parquet", *question)
    wrong = command(home, "report", "--on", f"file://{tmp_path}/none.parquet", *question)

    assert done.returncode == 0, done.stderr
    assert '"customers": 2' in done.stdout
    assert (wrong.returncode != 0, "there is no file" in wrong.stderr) == (True, True)
