"""A full disk, a read-only folder, a damaged or missing file: named in a sentence, never silently less data (P18, P19)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.server import command, initialised

ORDERS = "order id,date,customer,product,quantity,price\n1,2025-01-01,a,tea,1,10\n2,2025-02-01,a,tea,1,10\n"


@pytest.fixture(scope="module")
def once_filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with one small load."""
    folder = tmp_path_factory.mktemp("filled")
    (folder / "orders.csv").write_text(ORDERS)
    initialised(folder / "home", "--shop", "tea")
    assert command(folder / "home", "load", "orders", str(folder / "orders.csv")).returncode == 0
    return folder / "home"


@pytest.fixture
def filled(home: Path, once_filled: Path) -> Path:
    """A copy of it, to be damaged."""
    return shutil.copytree(once_filled, home, dirs_exist_ok=True)


def doctor(home: Path) -> list[str]:
    """What the doctor finds."""
    answer = json.loads(command(home, "doctor", "--json").stdout)
    return [finding["what"] for check in answer["checks"] for finding in check["findings"]]


def test_a_healthy_installation_is_called_healthy(filled: Path) -> None:
    assert doctor(filled) == []


def test_a_damaged_warehouse_is_named_and_can_be_rebuilt_from_the_archive(filled: Path) -> None:
    before = json.loads(command(filled, "show", "overview", "--json").stdout)
    file = filled / "warehouse.duckdb"
    file.write_bytes(b"\0" * 4096 + file.read_bytes()[4096:])

    broken = command(filled, "show", "overview", "--json")
    rebuilt = command(filled, "warehouse", "rebuild")
    after = json.loads(command(filled, "show", "overview", "--json").stdout)

    assert broken.returncode == 1
    assert "warehouse rebuild" in broken.stderr
    assert rebuilt.returncode == 0, rebuilt.stderr
    assert after == before
    assert doctor(filled) == []


def test_a_missing_warehouse_is_named_not_taken_for_an_empty_shop(filled: Path) -> None:
    (filled / "warehouse.duckdb").unlink()

    found = doctor(filled)

    assert found
    assert command(filled, "warehouse", "rebuild").returncode == 0
    assert doctor(filled) == []


def test_a_missing_archive_file_is_named(filled: Path) -> None:
    next((filled / "imports").rglob("*.parquet")).unlink()

    assert doctor(filled)


def test_damaged_records_are_named(filled: Path) -> None:
    file = filled / "records.sqlite"
    for leftover in filled.glob("records.sqlite-*"):
        leftover.unlink()
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])

    shown = command(filled, "doctor", "--json")

    assert shown.returncode == 1


def test_another_master_key_is_named(filled: Path) -> None:
    (filled / "master.key").unlink()

    verified = command(filled, "audit", "verify")

    assert verified.returncode == 1


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 24 MB of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", place], capture_output=True, check=False)
    if mounted.returncode:
        if os.environ.get("CI"):
            pytest.fail("a disk cannot be mounted: run the tests as root")
        pytest.skip("mounting a small disk needs root")
    yield place
    subprocess.run(["umount", "-l", place], check=False)


def test_a_full_disk_is_told_and_reading_and_writing_come_back(small_disk: Path, tmp_path: Path) -> None:
    home = small_disk / "home"
    (tmp_path / "orders.csv").write_text(ORDERS)
    (tmp_path / "more.csv").write_text(
        "order id,date,customer,product,quantity,price\n"
        + "".join(f"{n},2025-03-{1 + n % 28:02d},c{n},tea number {n * 7919},1,{n % 90}.95\n" for n in range(10, 60_000))
    )
    initialised(home, "--shop", "tea")
    command(home, "load", "orders", str(tmp_path / "orders.csv"))
    before = json.loads(command(home, "show", "overview", "--json").stdout)
    filler = small_disk / "filler"
    with filler.open("wb") as file:
        try:
            while True:
                file.write(b"x" * 65536)
                file.flush()
        except OSError:
            pass

    refused = command(home, "load", "orders", str(tmp_path / "more.csv"))
    filler.unlink()
    between = json.loads(command(home, "show", "overview", "--json").stdout)

    assert refused.returncode == 1
    assert "disk" in refused.stderr, refused.stderr
    assert between == before
    assert doctor(home) == []
