"""The migrated schema is the schema of the code, on both databases, whatever happens on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from regulars.records import Records, metadata
from regulars.records.migrate import configuration
from regulars.records.revisions import is_newest, newest


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, tmp_path: object) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/empty.sqlite"
    return str(request.getfixturevalue("postgres").fresh_database())


def test_history_is_one_line() -> None:
    assert ScriptDirectory.from_config(configuration()).get_heads() == [newest()]


def test_migrating_gives_the_tables_of_the_code(any_records: Records) -> None:
    with any_records.reading() as view:
        context = MigrationContext.configure(view.connection, opts={"compare_type": False})
        differences = compare_metadata(context, metadata)

    assert [difference for difference in differences if "alembic_version" not in str(difference)] == []
    assert any_records.migrate() == []


def test_a_migration_killed_in_the_middle_finishes_on_restart(empty_url: str) -> None:
    code = (
        "import sys; from regulars.records import Records; from regulars.rooms import import_tables; import_tables();"
        "print('go', flush=True); Records.open(sys.argv[1]).migrate()"
    )
    for wait in (0.0, 0.02, 0.05, 0.1):
        process = subprocess.Popen([sys.executable, "-c", code, empty_url], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(wait)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()

    records = Records.open(empty_url)
    records.migrate()

    with records.reading() as view:
        assert is_newest(view)
        assert view.value(text("SELECT count(*) FROM outbox")) == 0
    records.close()
