"""What is Spark's own: the folder under it, commits of others, files that went, and what it refuses."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from regulars.cli.main import perform
from regulars.errors import Conflict, InvalidInput, Unavailable
from regulars.warehouse import TABLES, Warehouse
from regulars.warehouse.arrow import arrow_rows
from tests.engines.test_engine import names, products
from tests.support.spark import SparkCluster

pytestmark = pytest.mark.spark

FOLDER = "my tables, 100% [tea]"


@pytest.fixture
def pair(spark_cluster: SparkCluster, tmp_path: Path) -> tuple[Warehouse, Warehouse]:
    """Two stores over one folder, as two processes have them."""
    url = spark_cluster.url(tmp_path / FOLDER)
    return Warehouse.open(url), Warehouse.open(url)


def test_a_commit_of_another_is_seen_and_what_was_kept_of_before_is_forgotten(pair: tuple[Warehouse, Warehouse]) -> None:
    writer, reader = pair
    before = reader.cached("names", lambda: names(reader))

    writer.append("products", products(("a", "tea", 1)))

    assert (before, reader.cached("names", lambda: names(reader))) == ({}, {"a": "tea"})


def test_of_two_who_write_at_once_the_second_is_refused_and_leaves_nothing(pair: tuple[Warehouse, Warehouse]) -> None:
    one, other = pair

    with pytest.raises(Conflict, match="another process"), one.transaction():  # noqa: PT012
        one.append("products", products(("a", "tea", 1)))
        thread = threading.Thread(target=lambda: other.append("products", products(("b", "cup", 2))))
        thread.start()
        thread.join()

    assert names(one) == names(other) == {"b": "cup"}


def test_changed_and_deleted_rows_are_in_no_file_after_cleaning(pair: tuple[Warehouse, Warehouse], tmp_path: Path) -> None:
    writer, reader = pair
    writer.append("products", products(("a", "a-secret-name", 1), ("b", "cup", 2)))
    assert len(names(reader)) == 2
    writer.update("products", {"name": "gone"}, lambda t: t.product_id == "a")

    removed = writer.overwrite_free()

    assert removed > 0
    assert names(reader) == {"a": "gone", "b": "cup"}  # whose files were removed under it
    assert len(list((tmp_path / FOLDER / "products").glob("**/*.parquet"))) == 1


def test_shops_with_any_signs_are_kept_apart(pair: tuple[Warehouse, Warehouse]) -> None:
    writer, reader = pair
    shops = ["tea", "a=b/c", "50%", "茶 店", "01", "it's"]
    rows = [{"shop_id": shop, "product_id": "p", "name": shop, "load_id": "l"} for shop in shops]
    writer.append("products", arrow_rows(TABLES["products"], rows))
    table = writer.table("products")

    for shop in shops:
        writer.replace("products", table.filter(table.shop_id == shop).mutate(name=table.name.upper()), shop_id=shop)

    assert writer.update("products", {"price_minor": 1}, lambda t: t.name.notnull()) == len(shops)
    assert {row["shop_id"]: row["name"] for row in reader.rows(table)} == {shop: shop.upper() for shop in shops}


def test_a_question_is_stopped(pair: tuple[Warehouse, Warehouse]) -> None:
    store, _ = pair
    found: list[Exception] = []

    def ask() -> None:
        try:
            store.engine.query("SELECT sum(sqrt(a.id * b.id)) AS s FROM range(10000000) a CROSS JOIN range(100000) b")
        except Unavailable as error:
            found.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    deadline = time.monotonic() + 90
    while asking.is_alive() and time.monotonic() < deadline:
        time.sleep(1)
        store.interrupt()
    asking.join(timeout=1)

    assert [error.code for error in found] == ["interrupted"]


def test_what_spark_refuses_is_one_sentence(pair: tuple[Warehouse, Warehouse]) -> None:
    with pytest.raises(Exception, match="Spark refused") as refused:
        pair[0].engine.query("SELECT nothing_like_it FROM products")

    assert len(str(refused.value)) < 800


def test_another_master_in_one_process_is_refused(spark_cluster: SparkCluster, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="one master per process"):
        Warehouse.open(f"spark+local://1/{tmp_path}/tables")


def test_reports_at_the_shell_are_asked_of_a_copy(
    spark_cluster: SparkCluster, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    orders = "order id,date,customer,product,quantity,price\n" + "".join(
        f"{number},2025-0{1 + number % 6}-1{number % 9},c{number % 7},tea {number % 3},1,19.90\n" for number in range(1, 41)
    )
    (tmp_path / "orders.csv").write_text(orders)
    url = spark_cluster.url(tmp_path / "copy")
    assert perform(["init", "--shop", "tea"]) == 0
    assert perform(["load", "orders", str(tmp_path / "orders.csv")]) == 0
    assert perform(["warehouse", "copy", "--to", url, "--check"]) == 0
    assert "Spark counts the same" in capsys.readouterr().out

    asked = [perform(["show", *on, "retention", "--json"]) or capsys.readouterr().out for on in ([], ["--on", url])]

    assert asked[0] == asked[1] != ""
