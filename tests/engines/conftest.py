"""Every engine the suite runs on. A new engine adds one line here and is done when the folder passes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from regulars.warehouse import Warehouse
from tests.support.spark import SparkCluster


@pytest.fixture(scope="session")
def spark_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkCluster]:
    """A cluster for the whole run, with one application that stays open: starting either takes long."""
    with SparkCluster.started() as cluster:
        held = Warehouse.open(cluster.url(tmp_path_factory.mktemp("held")))
        yield cluster
        held.close()


@pytest.fixture(params=["duckdb", pytest.param("spark", marks=pytest.mark.spark)])
def engine_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty store on each engine."""
    if request.param == "spark":
        cluster: SparkCluster = request.getfixturevalue("spark_cluster")
        return cluster.url(tmp_path / "tables")
    return f"duckdb:///{tmp_path}/warehouse.duckdb"


@pytest.fixture
def store(engine_url: str) -> Iterator[Warehouse]:
    """An empty warehouse on each engine."""
    opened = Warehouse.open(engine_url, memory_limit="1GB")
    yield opened
    opened.close()
