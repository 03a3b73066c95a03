"""Laws: loading twice changes nothing, a split file equals the whole, the newest file has the last word, the archive can rebuild."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.access import Keyring, shops
from regulars.access.domain import Caller
from regulars.collect.imports import service
from regulars.collect.imports.domain import LoadOptions
from regulars.records import Records, metadata
from regulars.rooms import import_tables
from regulars.warehouse import Warehouse
from tests.collect.imports.conftest import Desk, shared

HEAD = "order_id,ordered_at,customer_id,product_id,quantity,unit_price,status\n"


def test_the_same_file_again_changes_nothing_and_says_so(desk: Desk) -> None:
    path = desk.file("a.csv", HEAD + "1,2024-01-01,c1,p,1,5,paid\n")
    first = desk.load(path)
    before = desk.rows("orders")

    again = desk.load(path)

    assert again.already_loaded == first.load_id
    assert again.changed_rows == 0
    assert desk.rows("orders") == before


def test_the_same_rows_in_another_form_change_nothing(desk: Desk) -> None:
    desk.load_text(HEAD + "1,2024-01-01,c1,p,1,5,paid\n2,2024-01-02,c2,p,2,5.50,paid\n")
    before = {table: desk.rows(table) for table in ("orders", "order_lines")}

    other = desk.load_text(
        (HEAD + "2,02/01/2024,c2,p,2,5.5000,paid\n1,01/01/2024,c1,p,1.0,5.00,paid\n").replace(",", ";"), "b.csv", date_order="dmy"
    )

    assert other.already_loaded is None
    assert other.changed_rows == 0
    assert {table: desk.rows(table) for table in ("orders", "order_lines")} == before


def test_a_later_file_moves_an_order_on(desk: Desk) -> None:
    row = "1,2024-01-01,c1,p,1,5,{}\n2,2024-01-02,c2,p,2,5,paid\n"
    desk.load_text(HEAD + row.format("unpaid"), "monday.csv")
    assert [order["status"] for order in desk.rows("orders")] == ["unpaid", "placed"]

    report = desk.load_text(HEAD + row.format("paid"), "tuesday.csv")
    assert [order["status"] for order in desk.rows("orders")] == ["placed", "placed"]
    assert {order["status"] for order in desk.rows("order_lines")} == {"placed"}
    assert (report.changes["orders"].inserted, report.changes["orders"].updated, report.changes["orders"].unchanged) == (0, 1, 1)

    desk.load_text(HEAD + row.format("cancelled"), "friday.csv")
    assert [order["status"] for order in desk.rows("orders")] == ["cancelled", "placed"]
    assert desk.findings() == []


def test_overlapping_exports_given_together_count_each_line_once(desk: Desk) -> None:
    monday = desk.file("monday.csv", HEAD + "1,2024-01-01,c1,p,1,5,unpaid\n")
    tuesday = desk.file("tuesday.csv", HEAD + "1,2024-01-01,c1,p,1,5,paid\n2,2024-01-02,c1,p,1,5,paid\n")

    report = desk.load(monday, tuesday)

    assert [(row["order_id"], row["status"], row["total_minor"]) for row in desk.rows("orders")] == [
        ("1", "placed", 500),
        ("2", "placed", 500),
    ]
    assert report.rows_by_outcome == {"loaded": 2, "duplicate": 1, "set_aside": 0, "quarantined": 0}
    assert desk.findings() == []


def test_an_order_in_two_files_is_added_up_from_both(desk: Desk) -> None:
    desk.load_text(HEAD + "1,2024-01-01 12:00,c1,p,1,5,paid\n1,2024-01-01 12:00,c1,POST,1,2,paid\n", "first.csv")
    desk.load_text(HEAD + "1,2024-01-01 11:00,,q,2,7,cancelled\n", "second.csv")

    [order] = desk.rows("orders")
    assert (order["items_minor"], order["shipping_minor"], order["total_minor"], order["line_count"]) == (1_900, 200, 2_100, 3)
    assert (order["status"], order["customer_id"]) == ("cancelled", "c1")
    assert {(line["status"], line["customer_id"], line["ordered_at"]) for line in desk.rows("order_lines")} == {
        ("cancelled", "c1", order["ordered_at"])
    }
    assert desk.findings() == []


def test_replacing_orders_removes_lines_the_file_does_not_hold(desk: Desk) -> None:
    desk.load_text(HEAD + "1,2024-01-01,c1,p,1,5,paid\n1,2024-01-01,c1,q,1,5,paid\n2,2024-01-01,c1,q,1,5,paid\n", "wrong.csv")

    report = desk.load_text(HEAD + "1,2024-01-01,c1,p,1,6,paid\n", "right.csv", replace_orders=True)

    assert {row["order_id"]: row["total_minor"] for row in desk.rows("orders")} == {"1": 600, "2": 500}
    assert report.changes["order_lines"].removed == 2
    assert desk.findings() == []


def test_the_archive_rebuilds_the_warehouse(desk: Desk) -> None:
    desk.load_text(HEAD + "1,2024-01-01,c1,p,1,5,paid\n1,2024-01-01,c1,q,1,5,paid\n2,2024-01-03,c2,q,1,5,unpaid\n", "a.csv")
    desk.load_text(HEAD + "1,2024-01-01,,r,1,7,cancelled\nC9,2024-01-09,c1,p,-1,5,paid\n", "b.csv")
    desk.load_text(HEAD + "2,2024-01-03,c2,q,4,5,paid\n", "c.csv", replace_orders=True)
    tables = ("orders", "order_lines", "refunds", "loads")
    before = {table: desk.rows(table) for table in tables}

    fresh = Warehouse.open(f"duckdb:///{desk.folder}/fresh.duckdb")
    loads, rows = service.rebuild(desk.records, fresh, desk.home)

    desk.warehouse, old = fresh, desk.warehouse
    after = {table: desk.rows(table) for table in tables}
    for table in ("orders", "order_lines", "refunds"):
        assert after[table] == before[table]
    assert (loads, rows) == (3, 6)
    assert desk.findings() == []
    desk.warehouse = old
    fresh.close()


@pytest.mark.parametrize("seed", [1, 2])
def test_complete_journey_split_in_two_equals_the_whole(desk: Desk, seed: int, tmp_path: Path) -> None:
    import duckdb

    source = shared("complete_journey/transactions.parquet")
    whole, one, two = (tmp_path / name for name in ("whole.parquet", "one.parquet", "two.parquet"))
    duckdb.sql(f"COPY (SELECT * FROM '{source}' WHERE household_id < 120) TO '{whole}'")
    duckdb.sql(f"COPY (SELECT * FROM '{whole}' WHERE hash(basket_id, product_id, {seed}) % 2 = 0) TO '{one}'")
    duckdb.sql(f"COPY (SELECT * FROM '{whole}' WHERE hash(basket_id, product_id, {seed}) % 2 = 1) TO '{two}'")
    other = desk.another_shop("split")

    desk.load(whole)
    desk.load(one, shop=other)
    desk.load(two, shop=other)

    for table in ("orders", "order_lines"):
        rows = desk.rows(table)
        assert [row | {"shop_id": ""} for row in rows if row["shop_id"] == "tea"] == [
            row | {"shop_id": ""} for row in rows if row["shop_id"] == "split"
        ]
    assert desk.findings() == []


_LINES = st.lists(
    st.tuples(
        st.integers(1, 6), st.integers(0, 30), st.sampled_from(["c1", "c2", "", "x@y.cn"]), st.sampled_from(["p", "q", "POST", "D"]),
        st.integers(-2, 4), st.integers(0, 400), st.sampled_from(["paid", "unpaid", "cancelled"]),
    ),
    min_size=1,
    max_size=25,
)  # fmt: skip


@given(lines=_LINES, seed=st.integers(0, 10_000))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_split_of_any_file_equals_the_whole(
    lines: list[tuple[object, ...]], seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Orders cut anywhere, also inside: lines by their keys, headers from the union."""
    rows, facts = [], {}
    for number, day, customer, product, quantity, cents, status in lines:
        day, customer, status = facts.setdefault(number, (day, customer, status))
        rows.append(
            f"{number},{date(2024, 1, 1) + timedelta(days=int(str(day)))},{customer},{product},{quantity},{int(str(cents)) / 100},{status}\n"
        )  # type: ignore[call-overload]
    rows = list(dict.fromkeys(rows))
    chance = random.Random(seed)
    half = [row for row in rows if chance.random() < 0.5]
    rest = [row for row in rows if row not in half]

    whole, parts = (_loaded(tmp_path_factory.mktemp("law"), files) for files in ([rows], [half, rest, rows]))

    assert parts == whole


def _loaded(folder: Path, files: list[list[str]]) -> dict[str, list[dict[str, object]]]:
    """The warehouse after loading these rows, file by file, in an installation of its own."""
    records = Records.open(f"sqlite:///{folder}/records.sqlite")
    import_tables()
    metadata.create_all(records.engine)
    warehouse = Warehouse.open(f"duckdb:///{folder}/warehouse.duckdb")
    caller = Caller.system("shell", Keyring(b"k" * 32))
    with records.unit() as uow:
        shop = shops.create(uow, caller, shop_id="tea", name="Tea", timezone="Asia/Shanghai", currency="CNY")
    for place, rows in enumerate(files):
        if rows:
            path = folder / f"{place}.csv"
            path.write_text(HEAD + "".join(rows))
            service.load(records, warehouse, folder, shop, "orders", [path], LoadOptions(date_order="ymd"), caller=caller)
    desk = Desk(records, warehouse, folder, shop, caller, folder)
    found = {table: desk.rows(table) for table in ("orders", "order_lines", "refunds")}
    assert desk.findings() == []
    warehouse.close()
    records.close()
    return found
