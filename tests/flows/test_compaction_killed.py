"""A compaction that is killed with -9 at each of its steps: the next start finishes it or undoes it, and nothing is lost, double or back (P1, P19, P20)."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from regulars.access.domain import Caller
from regulars.app import House, examine
from regulars.collect import track
from regulars.collect.track import accept, archive, sources
from regulars.collect.track.compaction import running
from regulars.guard import privacy
from regulars.settings import Settings
from regulars.values import clock
from regulars.warehouse import Warehouse
from tests.support.server import command, serving

#: Where the process dies: a function of the product, the how-manieth call of it, and whether before or after it does its work.
STEPS = [
    ("running._plan", 1, "after"),
    ("merging.draft", 1, "after"),
    ("merging._write", 2, "before"),
    ("merging.place", 1, "before"),
    ("archive.force", 1, "before"),
    ("archive.force", 1, "after"),
    ("merging.place", 1, "after"),
    ("running._settle", 1, "before"),
    ("settling.one_mark", 1, "after"),
    ("settling.one_row", 1, "after"),
    ("running._settle", 1, "after"),
    ("running._delete_merged_of", 1, "before"),
    ("archive.is_sound", 1, "after"),
    ("running._delete_merged_of", 1, "after"),
]

DYING = """
import os, signal, sys
from datetime import timedelta
from regulars.app import House
from regulars.collect import track
from regulars.collect.track import archive
from regulars.collect.track.compaction import merging, running, settling
from regulars.settings import Settings
from regulars.values import clock

step, number, when = sys.argv[1:]
module, name = step.split(".")
owner = {"archive": archive, "merging": merging, "running": running, "settling": settling}[module]
real, calls = getattr(owner, name), []

def dying(*given, **told):
    calls.append(name)
    if len(calls) == int(number) and when == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    answer = real(*given, **told)
    if len(calls) == int(number):
        os.kill(os.getpid(), signal.SIGKILL)
    return answer

setattr(owner, name, dying)
house = House.open(Settings.load())
for days in (2, 3):
    track.compact(house.records, house.warehouse, house.home, now=clock.now() + timedelta(days=days))
"""


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two shops with parts in common and parts of their own, and messages that came twice."""
    home = tmp_path_factory.mktemp("filled") / "home"
    for shop in ("tea", "coffee"):
        assert command(home, "init", "--shop", shop, "--timezone", "Asia/Shanghai", "--currency", "CNY").returncode == 0
    house = House.open(Settings.load({"REGULARS_HOME": str(home)}))
    caller = Caller.system("test", house.keyring)
    with house.records.unit() as uow:
        named = {shop: sources.create(uow, caller, shop_id=shop, name="Web", kind="browser").source for shop in ("tea", "coffee")}
    for number in range(6):
        for shop in ("tea", "coffee") if number % 2 else ("tea",):
            told = [message(f"m{one}", f"Kunde-{one}", number) for one in range(number, number + 3)]
            accept(house.journal, shop, named[shop].source_id, [*told, message("same", "Kunde-0", number)])
        house.loader.run_once()
    house.loader.empty()
    house.close()
    return home


def message(message_id: str, user: str, what: int) -> dict[str, Any]:
    return {
        "type": "track",
        "event": "Product Viewed",
        "userId": user,
        "messageId": message_id,
        "timestamp": "2026-03-01T10:00:00Z",
        "properties": {"product_id": f"p{what}"},
    }


def held(warehouse: Warehouse) -> list[Any]:
    table = warehouse.table("events")
    return [warehouse.rows(table.order_by(["shop_id", "source_id", "message_id"])), sorted(sums(warehouse).items())]


def sums(warehouse: Warehouse) -> dict[str, tuple[int, int]]:
    table = warehouse.table("event_parts")
    found = warehouse.rows(table.group_by("shop_id").aggregate(events=table.events.sum(), duplicates=table.duplicates.sum()))
    return {row["shop_id"]: (int(row["events"]), int(row["duplicates"])) for row in found}


def rebuilt(house: House) -> list[Any]:
    fresh = Warehouse.open("duckdb:///:memory:", memory_limit="1GB")
    try:
        track.rebuild(house.records, fresh, house.home, house.keyring)
        return held(fresh)
    finally:
        fresh.close()


def wrong(house: House) -> list[str]:
    return [f"{check.name}: {finding}" for check in examine(house).checks for finding in check.findings]


@pytest.mark.parametrize(("step", "number", "when"), STEPS, ids=[f"{when}-{step}-{number}" for step, number, when in STEPS])
def test_a_compaction_killed_at_any_step_is_finished_or_undone_at_the_next_start(
    home: Path, filled: Path, step: str, number: int, when: str
) -> None:
    shutil.copytree(filled, home, dirs_exist_ok=True)
    house = House.open(Settings.load())
    before, parts = held(house.warehouse), len(list((home / "events" / "tea").iterdir()))
    house.close()

    dead = subprocess.run([sys.executable, "-c", DYING, step, str(number), when], env=os.environ, capture_output=True, check=False)
    assert dead.returncode == -signal.SIGKILL, dead.stderr
    house = House.open(Settings.load())

    with house.records.reading() as uow:
        assert running.unfinished(uow) == []
    assert not list(home.glob("events/*/*.merging"))
    assert len(list(archive.parts(home, "tea"))) in (1, parts)
    assert wrong(house) == []
    assert held(house.warehouse) == rebuilt(house) == before
    privacy.erase(house.records, house.warehouse, home, Caller.system("test", house.keyring), "tea", "Kunde-3")
    after = held(house.warehouse)
    for _ in range(2):
        finish(house)
    assert [len(list((home / "events" / shop).iterdir())) for shop in ("tea", "coffee")] == [1, 1]
    assert wrong(house) == []
    assert held(house.warehouse) == rebuilt(house) == after
    assert named(home, "tea", "Kunde-3") == []
    assert len(named(home, "coffee", "Kunde-3")) == 1
    house.close()


@pytest.mark.parametrize(("step", "number", "when"), [STEPS[2], STEPS[3], STEPS[5], STEPS[6]], ids=lambda value: str(value))
def test_who_is_erased_before_anybody_takes_up_a_killed_compaction_does_not_come_back(
    home: Path, filled: Path, step: str, number: int, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The erasure comes first: what the dead process left half written still names the customer."""
    shutil.copytree(filled, home, dirs_exist_ok=True)
    subprocess.run([sys.executable, "-c", DYING, step, str(number), when], env=os.environ, capture_output=True, check=False)
    with monkeypatch.context() as patch:
        patch.setattr(running, "recover", lambda *_: None)
        house = House.open(Settings.load())

    privacy.erase(house.records, house.warehouse, home, Caller.system("test", house.keyring), "tea", "Kunde-3")

    assert named(home, "tea", "Kunde-3") == []
    after = held(house.warehouse)
    for _ in range(2):
        finish(house)
    assert named(home, "tea", "Kunde-3") == []
    assert held(house.warehouse) == rebuilt(house) == after
    assert wrong(house) == []
    house.close()


def test_a_server_that_runs_compacts_when_it_is_asked_to(home: Path, filled: Path) -> None:
    shutil.copytree(filled, home, dirs_exist_ok=True)
    with serving(home):
        answer = command(home, "warehouse", "compact", "--json")
        status = command(home, "journal", "status", "--json")

    assert json.loads(answer.stdout) == {"merged_parts": 0, "into": 0, "deleted_files": 0}  # the newest hour stays as it is
    assert json.loads(status.stdout)["archive_files"] == len(list(home.glob("events/*/*.parquet")))


def finish(house: House) -> None:
    for days in (4, 8):
        track.compact(house.records, house.warehouse, house.home, now=clock.now() + timedelta(days=days))


def named(home: Path, shop_id: str, customer_id: str) -> list[str]:
    """Files of a shop that name a customer, unfinished ones too."""
    found = []
    for path in sorted((home / "events" / shop_id).iterdir()):
        is_whole = path.suffix == ".parquet"
        found += [path.name] if not is_whole or customer_id in str(pq.read_table(path).to_pylist()) else []
    return found
