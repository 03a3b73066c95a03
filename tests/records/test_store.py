"""One transaction per unit, on SQLite and PostgreSQL."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.exc import OperationalError, StatementError

from regulars.errors import InvalidInput, StorageFull, Unavailable
from regulars.events import LoadUndone
from regulars.records import Records, outbox
from regulars.records.store import explain
from regulars.work.tables import schedule

T0 = datetime(2025, 1, 1, tzinfo=UTC)


def plan(kind: str, at: datetime = T0) -> dict[str, object]:
    return {"kind": kind, "shop_id": "s", "next_at": at}


def kinds(records: Records) -> set[str]:
    with records.reading() as view:
        return {row["kind"] for row in view.rows(select(schedule.c.kind))}


def test_a_unit_commits_whole(any_records: Records) -> None:
    done: list[str] = []

    with any_records.unit() as uow:
        uow.execute(insert(schedule), [plan("a"), plan("b")])
        uow.tell(LoadUndone(shop_id="s", load_id="l"))
        uow.after_commit(lambda: done.append("after"))
        assert done == []

    assert kinds(any_records) == {"a", "b"}
    assert done == ["after"]
    with any_records.reading() as view:
        assert view.value(select(func.count()).select_from(outbox)) == 1


def test_a_unit_that_raises_leaves_nothing_and_tells_nobody(any_records: Records) -> None:
    done: list[str] = []

    def broken() -> None:
        with any_records.unit() as uow:
            uow.execute(insert(schedule).values(plan("a")))
            uow.tell(LoadUndone(shop_id="s", load_id="l"))
            uow.after_commit(lambda: done.append("after"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken()

    assert kinds(any_records) == set()
    assert done == []
    with any_records.reading() as view:
        assert view.value(select(func.count()).select_from(outbox)) == 0


def test_instants_keep_their_microseconds_and_come_back_in_utc(any_records: Records) -> None:
    at = datetime(2025, 3, 30, 9, 30, 0, 123_456, tzinfo=timezone(timedelta(hours=8)))

    with any_records.unit() as uow:
        uow.execute(insert(schedule).values(plan("a", at)))

    with any_records.reading() as view:
        found = view.value(select(schedule.c.next_at))
    assert found == at
    assert found.utcoffset() == timedelta(0)


def test_an_instant_without_zone_is_refused(any_records: Records) -> None:
    with pytest.raises(StatementError, match="no time zone"), any_records.unit() as uow:
        uow.execute(insert(schedule).values(plan("a", datetime(2025, 1, 1))))


def test_a_reader_sees_one_instant_and_does_not_wait_for_a_writer(any_records: Records) -> None:
    with any_records.reading() as view:
        before = view.value(select(func.count()).select_from(schedule))
        with any_records.unit() as uow:
            uow.execute(insert(schedule).values(plan("a")))
        after = view.value(select(func.count()).select_from(schedule))

    assert (before, after) == (0, 0)
    assert kinds(any_records) == {"a"}


def test_a_conditional_update_never_passes_its_limit_under_many_writers(any_records: Records) -> None:
    limit = T0 + timedelta(days=20)
    with any_records.unit() as uow:
        uow.execute(insert(schedule).values(plan("count")))
    won: list[int] = []

    def take() -> None:
        for _ in range(5):
            with any_records.unit() as uow:
                current = uow.value(select(schedule.c.next_at))
                step = update(schedule).where(schedule.c.next_at == current, schedule.c.next_at < limit)
                won.append(uow.execute(step.values(next_at=current + timedelta(days=1))).rowcount)

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with any_records.reading() as view:
        assert view.value(select(schedule.c.next_at)) == T0 + timedelta(days=sum(won))
    assert sum(won) <= 20


def test_sqlite_forces_every_commit_to_disk(records: Records) -> None:
    with records.unit() as uow:
        assert uow.value(text("PRAGMA synchronous")) == 2  # FULL
        assert uow.value(text("PRAGMA journal_mode")) == "wal"
        assert uow.value(text("PRAGMA secure_delete")) == 1


def test_a_full_disk_is_told_reading_goes_on_and_writing_comes_back(records: Records) -> None:
    with records.unit() as uow:
        uow.execute(insert(schedule).values(plan("kept")))
        pages = uow.value(text("PRAGMA page_count"))
        uow.execute(text(f"PRAGMA max_page_count = {pages}"))

    def fill() -> None:
        for number in range(2000):
            with records.unit() as uow:
                uow.execute(text(f"PRAGMA max_page_count = {pages}"))
                uow.execute(insert(schedule).values(plan(f"{number}-{'x' * 50}")))

    with pytest.raises(StorageFull, match="Free some space"):
        fill()

    assert "kept" in kinds(records)
    with records.unit() as uow:
        uow.execute(text("PRAGMA max_page_count = 1000000"))
        uow.execute(insert(schedule).values(plan("afterwards")))
    assert "afterwards" in kinds(records)


@pytest.mark.parametrize("url", ["mysql://x/y", "nonsense", "", "sqlite", "oracle://u:secret@h/d"])
def test_a_wrong_url_is_told_without_its_password(url: str) -> None:
    with pytest.raises(InvalidInput) as told:
        Records.open(url)

    assert "sqlite:////" in str(told.value)
    assert "secret" not in str(told.value)


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "records.sqlite").write_bytes(b"not a database at all, but long enough to be looked at" * 40)
    store = Records.open(f"sqlite:///{tmp_path}/records.sqlite")

    with pytest.raises(Unavailable, match="damaged"), store.reading() as view:
        view.value(select(func.count()).select_from(schedule))


WRITER = """
import sys
from regulars.records import Records
from regulars.work.tables import schedule
from sqlalchemy import insert
from datetime import datetime, UTC
store = Records.open(sys.argv[1])
number = int(sys.argv[2])
while True:
    with store.unit() as uow:
        for part in range(3):
            uow.execute(insert(schedule).values(kind=f"{number}/{part}", shop_id="s", next_at=datetime.now(UTC)))
    print(number, flush=True)
    number += 1
"""


@pytest.mark.parametrize("words", ["database is locked", "database schema is locked: main", "locking protocol"])
def test_whoever_meets_a_lock_is_told_to_come_again(words: str) -> None:
    told = explain(OperationalError("SELECT 1", None, sqlite3.OperationalError(words)))

    assert isinstance(told, Unavailable)
    assert told.code == "records_busy"


def test_what_was_committed_survives_kill_9_and_nothing_half(any_records: Records) -> None:
    url = any_records.engine.url.render_as_string(hide_password=False)
    acknowledged: set[int] = set()
    for round_ in range(4):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, url, str(round_ * 100_000)], stdout=subprocess.PIPE, text=True)
        assert writer.stdout is not None
        acknowledged.add(int(writer.stdout.readline()))
        time.sleep(0.05 + 0.03 * round_)
        os.kill(writer.pid, signal.SIGKILL)
        acknowledged |= {int(line) for line in writer.stdout if line.endswith("\n")}
        writer.wait()

    stored: dict[int, int] = {}
    for kind in kinds(any_records):
        number = int(kind.split("/")[0])
        stored[number] = stored.get(number, 0) + 1

    assert acknowledged <= set(stored)
    assert set(stored.values()) == {3}
    assert any_records.check() == []


def test_answers_are_kept_until_anybody_commits(any_records: Records) -> None:
    asked: list[int] = []

    def ask(uow: object) -> set[str]:
        asked.append(1)
        return kinds(any_records)

    def answer() -> set[str]:
        return any_records.cached("kinds", ask)

    assert answer() == answer() == set()
    if any_records.is_sqlite:
        assert len(asked) == 1
        assert any_records.is_cached("kinds")
    with any_records.unit() as uow:
        uow.execute(insert(schedule).values(plan("a")))
    assert not any_records.is_cached("kinds")
    assert answer() == {"a"}
    elsewhere = Records.open(any_records.engine.url.render_as_string(hide_password=False))  # as another process would
    with elsewhere.unit() as uow:
        uow.execute(insert(schedule).values(plan("b")))
    elsewhere.close()
    assert answer() == {"a", "b"}
    for number in range(2_000):
        any_records.cached(number, lambda _: 1)
    assert not any_records.is_cached("kinds")
