"""A real `regulars load`, killed with -9 at random instants: after a restart the load is whole or not there, never a part of it (P1, P3)."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from pathlib import Path

import duckdb
import pytest

from tests.conftest import ONLINE_RETAIL
from tests.support.server import BIN, command, initialised

ROUNDS = int(os.environ.get("REGULARS_TEST_KILLS", "5"))


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    """A good part of Online Retail with some bad rows, so that every step of a load has something to do."""
    path = tmp_path / "orders.csv"
    duckdb.sql(
        f"COPY (SELECT * FROM (SELECT InvoiceNo, StockCode, Description, Quantity, CAST(InvoiceDate AS VARCHAR) AS InvoiceDate, UnitPrice, CustomerID, Country"
        f" FROM '{ONLINE_RETAIL}' WHERE InvoiceDate < '2011-02-01') UNION ALL SELECT '9' || range, 'X', 'bad', 1, 'no date', 1, 17850, 'UK' FROM range(50)) TO '{path}' (HEADER)"
    )
    return path


def state(home: Path) -> dict[str, object]:
    """What the warehouse holds, as one fingerprint per table."""
    found: dict[str, object] = {}
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as store:
        for table in ("orders", "order_lines", "refunds"):
            found[table] = store.sql(f"SELECT count(*), bit_xor(hash(COLUMNS(* EXCLUDE (load_id)))) FROM {table}").fetchall()
    return found


def doctor(home: Path) -> list[str]:
    answer = json.loads(command(home, "doctor", "--json").stdout)
    return [f"{check['name']}: {finding['what']} {finding['where']}" for check in answer["checks"] for finding in check["findings"]]


def test_a_load_killed_at_any_instant_is_whole_or_undone(home: Path, tmp_path: Path, orders: Path) -> None:
    reference = tmp_path / "reference"
    for folder in (reference, home):
        initialised(folder, "--shop", "gifts", "--timezone", "Europe/London", "--currency", "GBP")
    begun = time.monotonic()
    assert command(reference, "load", "orders", str(orders)).returncode == 0
    whole_seconds = time.monotonic() - begun
    whole = state(reference)
    empty = state(home)
    chance = random.Random(int(os.environ.get("REGULARS_TEST_SEED", "7")))
    seen = set()

    for _ in range(ROUNDS):
        process = subprocess.Popen(
            [str(BIN / "regulars"), "load", "orders", str(orders)],
            env={**os.environ, "REGULARS_HOME": str(home)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        time.sleep(chance.uniform(0.3, whole_seconds))
        process.send_signal(signal.SIGKILL)
        process.wait()

        assert doctor(home) == []  # opening the house recovers
        held = state(home)
        assert held in (empty, whole)
        seen.add("whole" if held == whole else "empty")
        assert not list((home / "scratch").glob("*"))
        assert not list((home / "imports").glob("*/*.part"))

    assert command(home, "load", "orders", str(orders)).returncode == 0
    assert state(home) == whole
    assert doctor(home) == []
    assert seen, "no round was told"
