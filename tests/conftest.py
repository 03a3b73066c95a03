"""Fixtures that every test may use: real stores in a temporary folder, a real PostgreSQL, a real shop."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from xdist.scheduler import LoadScopeScheduling

from regulars.records import Records
from regulars.rooms import import_tables
from regulars.warehouse import Warehouse
from tests.support.postgres import PostgresServer

ROOT = Path(__file__).parents[1]
ONLINE_RETAIL = ROOT / "src/regulars/cli/demo/online_retail.parquet"

os.environ.setdefault("REGULARS_LOG_LEVEL", "WARNING")
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder; `REGULARS_HOME` points to it and nothing else of the environment leaks in."""
    for name in [
        name for name in os.environ if name.startswith("REGULARS_") and not name.startswith(("REGULARS_TEST_", "REGULARS_CASES"))
    ]:
        monkeypatch.delenv(name)
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("REGULARS_HOME", str(folder))
    return folder


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Records on SQLite as the migrations leave them. Tests get copies, which take next to no time."""
    file = tmp_path_factory.mktemp("migrated") / "records.sqlite"
    _migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def migrated_database(postgres: PostgresServer) -> str:
    """The same on PostgreSQL; returns the name of the database."""
    url = postgres.fresh_database()
    _migrate(url)
    return url.rpartition("/")[2]


def _migrate(url: str) -> None:
    store = Records.open(url)
    import_tables()
    store.migrate()
    store.close()


@pytest.fixture
def records(home: Path, migrated_file: Path) -> Iterator[Records]:
    """Migrated records on SQLite."""
    shutil.copyfile(migrated_file, home / "records.sqlite")
    store = Records.open(f"sqlite:///{home}/records.sqlite")
    yield store
    store.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server: the one in REGULARS_TEST_POSTGRES_URL, or one started for this run."""
    with PostgresServer.started_or_found() as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def any_records(request: pytest.FixtureRequest, home: Path) -> Iterator[Records]:
    """Migrated records on SQLite, then on PostgreSQL."""
    if request.param == "sqlite":
        shutil.copyfile(request.getfixturevalue("migrated_file"), home / "records.sqlite")
        store = Records.open(f"sqlite:///{home}/records.sqlite")
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        store = Records.open(server.fresh_database(like=request.getfixturevalue("migrated_database")))
    yield store
    store.close()


@pytest.fixture
def warehouse(home: Path) -> Iterator[Warehouse]:
    """An empty DuckDB warehouse."""
    store = Warehouse.open(f"duckdb:///{home}/warehouse.duckdb", memory_limit="1GB")
    yield store
    store.close()


#: Folders whose files run for minutes: real servers, kills, browsers, a Spark cluster.
_LONG = ("tests/flows/", "tests/engines/", "tests/browser/", "tests/sdks/", "tests/predict/")


class ByFile(LoadScopeScheduling):
    """Of several processes one has all tests of a file, and one those of all engines, which share a Spark cluster."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "engines" if file.startswith("tests/engines/") else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    """Hand tests out by file, in the order they are collected in."""
    config.option.loadscopereorder = False
    return ByFile(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of several processes none is left alone with a long file in the end: long ones come first, then those with many tests."""
    if not hasattr(config, "workerinput"):
        return
    files = [item.nodeid.partition("::")[0] for item in items]
    tests = Counter(files)

    def place(file: str) -> tuple[int, int]:
        long = next((place for place, folder in enumerate(_LONG) if file.startswith(folder)), len(_LONG))
        return long, -tests[file]

    order = sorted(range(len(items)), key=lambda at: place(files[at]))
    items[:] = [items[at] for at in order]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name what was skipped, so that nobody takes a run for more than it was."""
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        terminalreporter.write_line(f"not run: {report.nodeid}: {reason}")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """In CI a skipped test is a failed run: a component is missing."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and exitstatus == 0 and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
