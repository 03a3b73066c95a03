"""A company's Spark gives the reports of the shop's own DuckDB, to the last digit, from a copy of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from regulars.understand.questions import Report
from regulars.understand.reports import every_report
from regulars.warehouse import TABLES, Warehouse
from regulars.warehouse.copies import copy_to, counted
from tests.engines.reports import VERBS, ask, fill
from tests.support.spark import SparkCluster

pytestmark = pytest.mark.spark


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Warehouse, Path]]:
    """A small shop on DuckDB, and the folder of its copy."""
    folder = tmp_path_factory.mktemp("reports")
    own = Warehouse.open(f"duckdb:///{folder}/warehouse.duckdb", memory_limit="1GB")
    fill(own)
    yield own, folder / "copy"
    own.close()


@pytest.fixture(scope="module")
def copy(shop: tuple[Warehouse, Path], spark_cluster: SparkCluster) -> Iterator[Warehouse]:
    """The copy, asked through the cluster."""
    own, folder = shop
    copied = copy_to(own, folder)
    url = spark_cluster.url(folder)
    counted(copied, url)
    there = Warehouse.open(url, create=False)
    yield there
    there.close()


@pytest.mark.parametrize("report", every_report(), ids=lambda report: report.kind)
def test_a_report_of_any_kind_is_the_same(report: Report, shop: tuple[Warehouse, Path], copy: Warehouse) -> None:
    assert ask(report, copy) == ask(report, shop[0])


@pytest.mark.parametrize("name", VERBS)
def test_what_else_is_asked_is_the_same(name: str, shop: tuple[Warehouse, Path], copy: Warehouse) -> None:
    assert VERBS[name](copy) == VERBS[name](shop[0])


def test_every_row_of_every_table_is_the_same(shop: tuple[Warehouse, Path], copy: Warehouse) -> None:
    for name, table in TABLES.items():
        rows = copy.table(name).order_by(list(table.key))

        assert copy.rows(rows) == shop[0].rows(rows), name
