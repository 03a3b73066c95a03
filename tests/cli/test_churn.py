"""`regulars run churn`, `show warnings` and `show churn`: the API's objects with --json, one screen for people in both languages."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from regulars.app import House
from regulars.cli.main import perform
from regulars.cli.running import Visit, visit
from regulars.predict import churn
from regulars.settings import Settings
from regulars.values.answers import to_json
from tests.predict.churn.test_churn import simulated

Do = Callable[..., str]


@pytest.fixture
def house(home: Path) -> Iterator[House]:
    """A house with one shop of 420 customers."""
    from regulars.access import Caller, shops

    opened = House.open(Settings.load())
    shell = Caller.system("shell", opened.keyring)
    with opened.records.unit() as uow:
        shop = shops.create(uow, shell, shop_id="shop_1", name="Tea House", timezone="UTC", currency="CNY")
        churn.set_levels(uow, opened.warehouse, shell, shop, {"horizon_days": 30})
    simulated(420, days=160).load(opened.warehouse)
    yield opened
    opened.close()


@pytest.fixture
def do(house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Do:
    """Run a command as a terminal would see it."""

    def run(*words: str, exit_code: int = 0) -> str:
        capsys.readouterr()
        token = visit.set(Visit(house, tmp_path, {"LANG": "en_GB.UTF-8", "COLUMNS": "160"}, False))
        try:
            assert perform(list(words)) == exit_code
        finally:
            visit.reset(token)
        said = capsys.readouterr()
        return said.out if exit_code == 0 else said.err

    return run


def test_the_warning_at_the_shell(do: Do, house: House, tmp_path: Path) -> None:
    assert "no run yet" in do("show", "warnings")

    early = json.loads(do("run", "churn", "--as-of", "2024-05-01", "--json"))
    told = do("run", "churn")
    listed = json.loads(do("show", "warnings", "--limit", "3", "--json"))

    assert early["as_of"] == "2024-05-01T00:00:00Z"
    assert "changes of level were told" in told
    from regulars.access import shops

    with house.records.reading() as uow:
        shop = shops.get(uow, "shop_1")
        assert listed == to_json(churn.warned(uow, house.warehouse, shop, limit=3))
    worst = listed["items"][0]["customer_id"]
    assert worst in do("show", "warnings", "--level", "orange", "--lang", "zh")
    assert "·" in do("show", "warnings", worst)
    for what in ("trend", "views", "quality"):
        assert do("show", "churn", what, "--lang", "zh").strip()
        assert json.loads(do("show", "churn", what, "--json"))
    assert "100" in do("run", "churn-levels", "--red", "300", "--orange", "100", "--yellow", "40", "--capacity", "77")
    assert json.loads(do("run", "churn-levels", "--json"))["capacity"] == 77
    file = tmp_path / "warned.csv"
    do("show", "warnings", "--csv", str(file))
    with file.open(encoding="utf-8-sig", newline="") as lines:
        assert worst in {row["customer_id"] for row in csv.DictReader(lines)}
    assert "there is no level" in do("show", "warnings", "--level", "purple", exit_code=1)
    assert "lies after the data" in do("run", "churn", "--as-of", "2034-01-01", exit_code=1)
