"""Every engine the suite runs on. A new engine adds one line here and is done when the folder passes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from regulars.warehouse import Warehouse


@pytest.fixture(params=["duckdb"])
def engine_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty store on each engine."""
    return f"duckdb:///{tmp_path}/warehouse.duckdb"


@pytest.fixture
def store(engine_url: str) -> Iterator[Warehouse]:
    """An empty warehouse on each engine."""
    opened = Warehouse.open(engine_url, memory_limit="1GB")
    yield opened
    opened.close()
