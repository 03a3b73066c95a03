"""A real server on a disk that fills up, turns read-only or rots: told in a sentence, reading goes on, nothing answered is lost (P18, P19)."""

from __future__ import annotations

import random
import secrets
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from regulars.access import Caller, api_keys, sessions
from regulars.app import House, examine
from regulars.settings import Settings
from tests.access.people import owner
from tests.support.disks import ReadOnlyAtTimes, failing_disk, fill, small_disk
from tests.support.senders import Crowd, Sender, compare, new_source
from tests.support.server import RunningServer, command, serving

PAGES = ("/", "/metrics", "/events", "/events/sources", "/events/quarantine", "/customers")


def shop(home: Path) -> tuple[str, dict[str, str], dict[str, str]]:
    """A shop with one source: its write key, the headers of a program and those of a person who read."""
    made = command(home, "init", "--shop", "tea", "--timezone", "Asia/Shanghai", "--currency", "CNY")
    assert made.returncode == 0, made.stderr
    _, write_key = new_source(home)
    house = opened(home)
    person = owner(house.records, house.keyring)
    with house.records.unit() as uow:
        caller = Caller.system("test", house.keyring)
        key = api_keys.create(uow, caller, name="reader", scopes=["read_reports", "read_customers", "load_data", "manage_consents"])
        session = sessions.begin(uow, person.operator_id, second_factor=False)
    house.close()
    return write_key, {"authorization": f"Bearer {key.secret}"}, {"cookie": f"__Host-regulars={session.token}"}


def opened(home: Path) -> House:
    return House.open(Settings.load({"REGULARS_HOME": str(home)}))


def senders(key: str) -> Crowd:
    return Crowd([Sender(f"c{number}", key, random.Random(number)) for number in range(16)])


def unread(server: RunningServer, program: dict[str, str], person: dict[str, str]) -> list[str]:
    """What of the API and the console does not answer."""
    wrong = []
    with httpx.Client(base_url=server.url, timeout=30) as client:
        for path in ("/v1/events", "/v1/event_stream", "/v1/overview", "/v1/sources", "/v1/quarantine"):
            answer = client.get(path, headers=program)
            if (
                answer.status_code == 503
            ):  # a connection that met the fault in this instant; what is worth asking again is asked again
                time.sleep(2)
                answer = client.get(path, headers=program)
            if answer.status_code != 200:
                wrong.append(f"{path}: {answer.status_code} {answer.text[:300]}")
        for path in PAGES:
            page = client.get(path, headers={**person, "accept": "text/html"}, follow_redirects=True)
            if page.status_code != 200:
                wrong.append(f"{path}: {page.status_code}")
    return wrong


def consent(server: RunningServer, program: dict[str, str]) -> httpx.Response:
    """A change of the records."""
    told = {"customer_id": "17850", "purpose": "marketing", "channel": "email", "state": "given"}
    key = {"idempotency-key": secrets.token_hex(8)}
    return httpx.post(f"{server.url}/v1/consents", json={"consents": [told]}, headers={**program, **key}, timeout=30)


def answered(crowd: Crowd) -> int:
    return sum(len(sender.answered) for sender in crowd.senders)


def until(what: Any, seconds: float) -> float:
    """How long it took until it was so."""
    begun = time.monotonic()
    while not what():
        assert time.monotonic() - begun < seconds, "it did not come"
        time.sleep(0.1)
    return time.monotonic() - begun


def held(home: Path) -> tuple[list[dict[str, Any]], list[str]]:
    """The events of the warehouse once everything is loaded, and what the doctor finds."""
    house = opened(home)
    try:
        house.loader.run_once()
        rows = house.warehouse.rows(house.warehouse.table("events").select("message_id", "properties"))
        found = [f"{check.name}: {finding.what}" for check in examine(house).checks for finding in check.findings]
    finally:
        house.close()
    return rows, found


def test_a_disk_that_fills_up_under_sixteen_clients_loses_nothing_and_writing_comes_back(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", megabytes=64) as disk:
        home = disk / "home"
        write_key, program, person = shop(home)
        crowd = senders(write_key)
        with serving(home) as server:
            crowd.url = server.url
            threads = crowd.start()
            until(lambda: answered(crowd) > 300, 30)
            ballast = fill(disk)
            until(lambda: (fill(disk), any(sender.refusals for sender in crowd.senders))[1], 30)
            time.sleep(8)  # what the loader and the worker want to write meets the full disk too
            fill(disk)
            refused = httpx.post(
                f"{server.url}/v1/track", json={"userId": "u", "event": "E", "messageId": "refused", "writeKey": write_key}
            )
            not_read = unread(server, program, person)
            before = answered(crowd)
            ballast.unlink()
            back = until(lambda: answered(crowd) > before + 100, 30)
            crowd.stop(threads)
            last = max(sender.number for sender in crowd.senders)
            loaded = until(lambda: httpx.get(f"{server.url}/v1/event_stream", headers=program).json()["backlog_bytes"] == 0, 90)
            lines = "\n".join(server.lines)

        rows, found = held(home)

    assert refused.status_code in (503, 507), refused.text
    assert refused.json()["code"] == "disk_full"
    assert "full" in refused.json()["message"]
    assert not_read == []
    assert back < 30
    assert loaded < 60
    assert last > 0
    assert compare(crowd, rows) == []
    assert found == [], lines
    assert not any(sender.refusals and set(sender.refusals) - {503, 507, 429} for sender in crowd.senders)
    assert "Traceback" not in lines, lines


def test_a_disk_that_turns_read_only_is_told_reading_goes_on_and_nothing_answered_is_lost(tmp_path: Path) -> None:
    with failing_disk(tmp_path, megabytes=96) as disk:
        home = disk.place / "home"
        write_key, program, person = shop(home)
        crowd = senders(write_key)
        with serving(home) as server:
            crowd.url = server.url
            threads = crowd.start()
            until(lambda: answered(crowd) > 300, 30)
            time.sleep(2)
            disk.fail()
            until(lambda: all(sender.refusals for sender in crowd.senders), 30)
            refused = httpx.post(
                f"{server.url}/v1/track", json={"userId": "u", "event": "E", "messageId": "refused", "writeKey": write_key}
            )
            not_read = unread(server, program, person)
            server.kill()
        started = command(home, "show", "overview")
        disk.detach()
        disk.attach()
        with serving(home) as server:
            crowd.url = server.url
            crowd.stop(threads)

        rows, found = held(home)

    assert refused.status_code == 503, refused.text
    assert refused.json()["code"] == "journal_read_only"
    assert not_read == []
    assert started.returncode == 1
    assert "cannot be written" in started.stderr
    assert compare(crowd, rows) == []
    assert found == []


def test_writing_goes_on_without_a_restart_once_a_read_only_disk_is_writable_again(tmp_path: Path, home: Path) -> None:
    write_key, program, person = shop(home)
    disk = ReadOnlyAtTimes(tmp_path, home)
    crowd = senders(write_key)
    with serving(home, disk.environment) as server:
        crowd.url = server.url
        threads = crowd.start()
        until(lambda: answered(crowd) > 300, 30)
        time.sleep(2)
        disk.fail()
        until(lambda: all(sender.refusals for sender in crowd.senders), 30)
        with ThreadPoolExecutor(8) as many:  # so that connections are opened now, too
            not_read = [one for found in many.map(lambda _: unread(server, program, person), range(8)) for one in found]
        refused = consent(server, program)
        time.sleep(8)  # what the loader and the worker want to write is refused
        not_read += unread(server, program, person)
        before = answered(crowd)
        disk.come_back()
        back = until(lambda: answered(crowd) > before + 100, 30)
        crowd.stop(threads)
        loaded = until(lambda: httpx.get(f"{server.url}/v1/event_stream", headers=program).json()["backlog_bytes"] == 0, 90)
        written = [consent(server, program).status_code for _ in range(30)]
        lines = "\n".join(server.lines)

    rows, found = held(home)

    assert not_read == []
    assert (refused.status_code, refused.json()["code"]) == (503, "records_read_only")
    assert back < 60
    assert loaded < 90
    assert written == [200] * 30
    assert compare(crowd, rows) == []
    assert found == [], lines
    assert "Traceback" not in lines, lines


@pytest.fixture(scope="module")
def once_loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop with events of two parts in the warehouse, and some in the journal that are not loaded yet."""
    home = tmp_path_factory.mktemp("loaded") / "home"
    write_key, _, _ = shop(home)
    crowd = senders(write_key)
    with serving(home) as server:
        crowd.url = server.url
        threads = crowd.start()
        until(lambda: answered(crowd) > 200 and len(list(home.glob("events/tea/*.parquet"))) > 2, 60)
        crowd.stop(threads)
        server.kill()
    return home


@pytest.fixture
def loaded_home(home: Path, once_loaded: Path) -> Path:
    """A copy of it, to be damaged."""
    return shutil.copytree(once_loaded, home, dirs_exist_ok=True)


def damage(file: Path, *, at: float) -> None:
    """Turn some bytes in the middle of a file round."""
    data = bytearray(file.read_bytes())
    begin = int(len(data) * at)
    for place in range(begin, min(begin + 64, len(data))):
        data[place] ^= 0xFF
    file.write_bytes(bytes(data))


def findings(home: Path) -> str:
    shown = command(home, "doctor")
    assert shown.returncode == 1, shown.stdout
    return shown.stdout + shown.stderr


def test_a_damaged_segment_of_the_journal_is_named_at_start_and_by_the_doctor(loaded_home: Path) -> None:
    segment = max(loaded_home.glob("journal/*.seg"), key=lambda path: path.stat().st_size)
    damage(segment, at=0.5)

    found = findings(loaded_home)
    with serving(loaded_home) as server:
        lines = "\n".join(server.lines)

    assert segment.stem.lstrip("0") in found
    assert "journal" in found
    assert "journal" in lines


def test_a_segment_without_its_head_is_named_and_does_not_keep_the_server_from_starting(loaded_home: Path) -> None:
    segment = max(loaded_home.glob("journal/*.seg"), key=lambda path: path.stat().st_size)
    damage(segment, at=0.0)

    found = findings(loaded_home)

    assert segment.stem.lstrip("0") in found
    assert "journal" in found


def test_a_damaged_part_of_the_archive_is_named_by_the_doctor(loaded_home: Path) -> None:
    done = sorted(loaded_home.glob("events/tea/*.parquet"))[:-1]  # the kill may have met the last one before it was noted
    part = max(done, key=lambda path: path.stat().st_size)
    damage(part, at=0.3)

    found = findings(loaded_home)

    assert part.stem in found
    assert "archive" in found


def test_a_damaged_warehouse_is_named_at_start(loaded_home: Path) -> None:
    command(loaded_home, "show", "overview")  # closes the file after the kill
    file = loaded_home / "warehouse.duckdb"
    file.write_bytes(b"\0" * 4096 + file.read_bytes()[4096:])

    started = command(loaded_home, "serve", "--port", "1")
    found = findings(loaded_home)

    assert started.returncode == 1
    assert "warehouse rebuild" in started.stderr
    assert "warehouse rebuild" in found
