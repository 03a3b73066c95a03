"""Compaction of the events archive: few large files instead of many small ones, and nothing else is different afterwards."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select

from regulars.access import shops
from regulars.app import House, rebuild_warehouse
from regulars.collect import track
from regulars.collect.track import archive, loading, sources
from regulars.collect.track.compaction import merging, running, settling
from regulars.collect.track.tables import event_part
from regulars.errors import Conflict
from regulars.guard import privacy
from regulars.records import Records
from regulars.settings import Settings
from regulars.values import clock
from regulars.warehouse import Warehouse
from regulars.work import Worker
from tests.collect.track.streams import Stream

DAY = timedelta(days=1)
LATER = timedelta(days=2)


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    """No midnight falls into a test."""
    with time_machine.travel("2026-11-10T04:00:00Z", tick=True):
        yield


@pytest.fixture
def two(stream: Stream) -> tuple[Stream, Stream]:
    """Two shops of one installation."""
    with stream.house.records.unit() as uow:
        shop = shops.create(uow, stream.caller, shop_id="coffee", name="Coffee", timezone="Asia/Shanghai", currency="CNY")
        made = sources.create(uow, stream.caller, shop_id="coffee", name="Web", kind="browser")
    return stream, replace(stream, shop=shop, source_id=made.source.source_id, write_key=made.write_key)


def compact(stream: Stream, **more: Any) -> running.Compacted:
    more.setdefault("now", clock.now() + LATER)
    return track.compact(stream.house.records, stream.house.warehouse, stream.house.home, **more)


def files(home: Path, shop_id: str = "tea") -> list[str]:
    return sorted(path.stem for path in (home / "events" / shop_id).iterdir() if path.suffix == ".parquet")


def held(warehouse: Warehouse) -> dict[str, Any]:
    """What a warehouse holds of the stream, shop by shop; marks are added up, without the time when they were set."""
    found: dict[str, Any] = {}
    for name in ("events", "orders", "order_lines", "refunds", "products", "sessions"):
        table = warehouse.table(name)
        found[name] = warehouse.rows(table.order_by(list(warehouse.tables()[name].key)))
    marks = warehouse.table("event_parts")
    sums = marks.group_by("shop_id").aggregate(events=marks.events.sum(), duplicates=marks.duplicates.sum())
    found["event_parts"] = warehouse.rows(sums.order_by("shop_id"))
    return found


def rebuilt(stream: Stream) -> tuple[dict[str, Any], list[tuple[Any, ...]]]:
    """What a warehouse made anew from the archive holds, and its marks one by one."""
    with_records = stream.house
    fresh = Warehouse.open("duckdb:///:memory:", memory_limit="1GB")
    try:
        track.rebuild(with_records.records, fresh, with_records.home, with_records.keyring)
        return held(fresh), marks(fresh)
    finally:
        fresh.close()


def marks(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    table = warehouse.table("event_parts").order_by(["shop_id", "part_id"])
    columns = ("shop_id", "part_id", "last_part", "events", "duplicates")
    return [tuple(row[name] for name in columns) for row in warehouse.rows(table.select(*columns))]


def viewed(message_id: str, user: str = "17850", product: str = "p1") -> dict[str, Any]:
    return {"event": "Product Viewed", "userId": user, "messageId": message_id, "properties": {"product_id": product}}


def test_many_small_files_become_one_and_the_warehouse_made_anew_is_the_same(stream: Stream, home: Path) -> None:
    for number in range(6):
        stream.send(viewed(f"m{number}"), viewed("again", product=f"p{number}"))
    stream.send({"event": "Order Completed", "userId": "17850", "properties": {"order_id": "o1", "total": 12, "currency": "CNY"}})
    before, place = held(stream.house.warehouse), loading.reached(stream.house.records)
    first, *_, last = files(home)

    done = compact(stream)

    assert (done.merged_parts, done.into) == (7, 1)
    assert marks(stream.house.warehouse) == [("tea", first, last, 8, 5)]
    assert held(stream.house.warehouse) == before
    assert loading.reached(stream.house.records) == loading.begun(stream.house.records) == place
    with stream.house.records.reading() as uow:
        [row] = uow.rows(select(event_part))
    assert (row["part_id"], row["last_part"], row["shops"], row["events"]) == (first, last, {"tea": 13}, 13)
    assert stream.wrong() == []
    assert rebuilt(stream) == (before, marks(stream.house.warehouse))
    stream.house.close()
    rebuild_warehouse(Settings.load())
    stream.house = House.open(Settings.load())
    assert held(stream.house.warehouse) == before
    assert stream.wrong() == []


def test_small_files_stay_for_an_hour_so_that_a_copy_under_way_is_whole(stream: Stream, home: Path, tmp_path: Path) -> None:
    for number in range(4):
        stream.send(viewed(f"m{number}"))
    names = files(home)
    copy = tmp_path / "copy"
    copy.mkdir()
    shutil.copy(archive.path_of(home, "tea", names[0]), copy)  # a backup has come so far when the parts are merged

    compact(stream)
    assert files(home) == names
    for name in names[1:]:
        shutil.copy(archive.path_of(home, "tea", name), copy)
    assert sum(pq.read_metadata(path).num_rows for path in copy.iterdir()) == 4
    assert compact(stream, now=clock.now() + timedelta(minutes=59)).deleted_files == 0

    assert compact(stream, now=clock.now() + timedelta(minutes=61)).deleted_files == 3
    assert files(home) == names[:1]
    assert archive.read(archive.path_of(home, "tea", names[0])).column("part_id").to_pylist() == names
    assert stream.wrong() == []


def test_a_shop_that_sent_nothing_at_first_has_its_file_under_the_first_part_too(two: tuple[Stream, Stream], home: Path) -> None:
    tea, coffee = two
    tea.send(viewed("a"))
    coffee.send(viewed("b"))
    tea.send(viewed("c"))
    coffee.send(viewed("d"), viewed("b"))
    before = held(tea.house.warehouse)
    first = files(home)[0]

    compact(tea)
    compact(tea, now=clock.now() + LATER + DAY)

    assert files(home, "tea") == files(home, "coffee") == [first]
    assert tea.wrong() == []
    assert rebuilt(tea) == (before, marks(tea.house.warehouse))
    tea.send(viewed("a"), viewed("e"))
    coffee.send(viewed("d"))
    assert len(tea.rows()) == 5
    assert tea.wrong() == []


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    parts=st.lists(
        st.lists(st.tuples(st.integers(0, 1), st.integers(0, 12), st.integers(0, 3)), min_size=1, max_size=6),
        min_size=2,
        max_size=8,
    ),
    most_bytes=st.sampled_from([1, 2_000, 10_000_000]),
    sweep=st.booleans(),
)
def test_whatever_parts_there_are_the_archive_makes_the_same_warehouse(
    two: tuple[Stream, Stream], parts: list[list[tuple[int, int, int]]], most_bytes: int, sweep: bool
) -> None:
    """Law: parts of two shops, with the same messages told differently in several; examples follow each other in one archive."""
    for told in parts:
        for shop in (0, 1):
            messages = [viewed(f"m{number}", f"u{number % 3}", f"p{what}") for which, number, what in told if which == shop]
            if messages:
                two[shop].send(*messages, load=False)
        two[0].house.loader.run_once()
    before, as_they_are = held(two[0].house.warehouse), rebuilt(two[0])
    assert as_they_are[0] == before

    compact(two[0], most_bytes=most_bytes)
    if sweep:
        compact(two[0], now=clock.now() + 2 * LATER, most_bytes=most_bytes)

    assert held(two[0].house.warehouse) == before
    assert rebuilt(two[0]) == (before, marks(two[0].house.warehouse))
    assert two[0].wrong() == []


def test_who_is_erased_between_two_compactions_is_in_no_file(two: tuple[Stream, Stream], home: Path) -> None:
    tea, coffee = two
    for number in range(4):
        tea.send(viewed(f"m{number}", "Kunde-4711"), viewed(f"n{number}", "other"))
        coffee.send(viewed(f"m{number}", "Kunde-4711"))
    compact(tea)

    privacy.erase(tea.house.records, tea.house.warehouse, home, tea.caller, "tea", "Kunde-4711")

    def named(shop_id: str) -> list[str]:
        folder = home / "events" / shop_id
        return [path.name for path in folder.glob("*.parquet") if "Kunde-4711" in str(pq.read_table(path).to_pylist())]

    assert len(files(home)) > 1
    assert named("tea") == []
    assert len(named("coffee")) == len(files(home, "coffee"))
    after = held(tea.house.warehouse)
    assert rebuilt(tea)[0] == after
    compact(tea, now=clock.now() + LATER + DAY)
    assert (named("tea"), len(files(home))) == ([], 1)
    assert rebuilt(tea) == (after, marks(tea.house.warehouse))
    assert tea.wrong() == []


def test_what_an_old_copy_brings_back_beside_a_merged_file_is_not_read_and_goes(stream: Stream, home: Path, tmp_path: Path) -> None:
    """A copy that only ever grew holds small files from before an erasure."""
    for number in range(4):
        stream.send(viewed(f"m{number}", "Kunde-4711"))
    folder = home / "events" / "tea"
    shutil.copytree(folder, tmp_path / "copy")
    compact(stream)
    compact(stream, now=clock.now() + LATER + DAY)
    privacy.erase(stream.house.records, stream.house.warehouse, home, stream.caller, "tea", "Kunde-4711")
    for path in sorted((tmp_path / "copy").iterdir())[1:]:
        shutil.copy(path, folder)

    assert rebuilt(stream)[0] == held(stream.house.warehouse)
    assert compact(stream).deleted_files == 3
    assert len(files(home)) == 1
    assert stream.wrong() == []


def test_an_erasure_waits_for_its_turn_and_then_finds_the_merged_file(
    stream: Stream, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        stream.send(viewed(f"m{number}", "Kunde-4711"))
    place, erasing = merging.place, threading.Event()
    erasure = threading.Thread(
        target=lambda: privacy.erase(stream.house.records, stream.house.warehouse, home, stream.caller, "tea", "Kunde-4711")
    )

    def slowly(drafts: list[Path]) -> None:
        """The draft is written, with the customer in it; then the erasure comes, and has time to rewrite the small files."""
        erasure.start()
        erasing.wait(1.5)
        place(drafts)

    monkeypatch.setattr(merging, "place", slowly)
    compact(stream)
    erasure.join(30)

    assert not erasure.is_alive()
    for path in (home / "events" / "tea").iterdir():
        assert "Kunde-4711" not in str(pq.read_table(path).to_pylist()), path
    assert stream.wrong() == []


def test_rows_that_grow_too_old_leave_merged_files(stream: Stream, home: Path) -> None:
    for number in range(4):
        stream.send({**viewed(f"m{number}"), "timestamp": f"2026-0{number + 1}-01T10:00:00Z"})
    compact(stream)
    with stream.house.records.unit() as uow:
        privacy.change_retention(uow, stream.caller, "tea", {"events": 230})  # since 25 March

    privacy.expire(stream.house.records, stream.house.warehouse, home, "tea")
    compact(stream, now=clock.now() + LATER + DAY)

    [name] = files(home)
    path = archive.path_of(home, "tea", name)
    assert archive.read(path).num_rows == 1
    assert archive.last_part_of(path) > name
    assert rebuilt(stream)[0]["events"] == stream.rows()
    assert stream.wrong() == []


def test_a_part_that_is_missing_or_damaged_keeps_only_itself_from_being_merged(stream: Stream, home: Path) -> None:
    for number in range(7):
        stream.send(viewed(f"m{number}"))
    names = files(home)
    gone, hurt = archive.path_of(home, "tea", names[3]), archive.path_of(home, "tea", names[5])
    kept = gone.read_bytes()
    gone.unlink()
    sound = hurt.read_bytes()
    middle = len(sound) // 2
    hurt.write_bytes(sound[:middle] + bytes([sound[middle] ^ 0xFF]) + sound[middle + 1 :])

    assert compact(stream).merged_parts == 3
    assert [finding.split(":")[0] for finding in stream.wrong()] == ["events archive is complete"] * 2
    assert not list(home.glob("events/*/*.merging"))

    gone.write_bytes(kept)
    hurt.write_bytes(sound)
    assert compact(stream).merged_parts == 5  # the three merged ones are one
    assert stream.wrong() == []
    assert rebuilt(stream)[0] == held(stream.house.warehouse)


def test_a_part_that_the_warehouse_lacks_is_not_hidden_by_merging(stream: Stream, home: Path) -> None:
    for number in range(4):
        stream.send(viewed(f"m{number}"))
    second = files(home)[1]
    stream.house.warehouse.delete("event_parts", lambda t: t.part_id == second)

    compact(stream)

    assert any(second in finding for finding in stream.wrong())


def test_a_mark_that_goes_away_during_a_merging_is_not_hidden_either(
    stream: Stream, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        stream.send(viewed(f"m{number}"))
    second, place = files(home)[1], merging.place

    def and_lose_a_mark(drafts: list[Path]) -> None:
        place(drafts)
        stream.house.warehouse.delete("event_parts", lambda t: t.part_id == second)

    monkeypatch.setattr(merging, "place", and_lose_a_mark)
    compact(stream)

    assert any(second in finding for finding in stream.wrong())


def test_records_put_back_from_before_a_merging_go_with_the_merged_archive(stream: Stream, home: Path, tmp_path: Path) -> None:
    """A backup takes the records first and the archive after them."""
    for number in range(4):
        stream.send(viewed(f"m{number}"))
    before = held(stream.house.warehouse)
    stream.house.close()
    shutil.copy(home / "records.sqlite", tmp_path / "records.sqlite")
    stream.house = House.open(Settings.load())
    compact(stream)
    compact(stream, now=clock.now() + LATER + DAY)
    stream.house.close()

    shutil.copy(tmp_path / "records.sqlite", home / "records.sqlite")
    rebuild_warehouse(Settings.load())
    stream.house = House.open(Settings.load())

    assert held(stream.house.warehouse) == before
    assert stream.wrong() == []
    assert compact(stream).merged_parts == 4
    assert stream.wrong() == []
    assert rebuilt(stream) == (before, marks(stream.house.warehouse))
    with stream.house.records.reading() as uow:
        assert len(settling.kept(uow)) == 1


def test_rows_of_a_big_file_are_never_all_in_memory(stream: Stream, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "_BLOCK_ROWS", 50)
    for number in range(5):
        stream.send(*(viewed(f"m{number}-{one}") for one in range(40)))
    before = held(stream.house.warehouse)

    compact(stream)

    [path] = [part.path for part in archive.in_force(archive.listed(home, "tea"))]
    groups = pq.read_metadata(path)
    assert groups.num_rows == 200
    assert max(groups.row_group(number).num_rows for number in range(groups.num_row_groups)) <= 50 + 40
    privacy.erase(stream.house.records, stream.house.warehouse, home, stream.caller, "tea", "17850")
    assert pq.read_metadata(path).num_row_groups == groups.num_row_groups
    assert rebuilt(stream)[0]["event_parts"] == before["event_parts"]


def test_a_merging_that_lies_unfinished_is_named_by_the_doctor(stream: Stream, home: Path) -> None:
    for number in range(3):
        stream.send(viewed(f"m{number}"))
    first, _, last = files(home)
    with time_machine.travel(clock.now() - timedelta(minutes=11), tick=True):
        running._plan(stream.house.records, first, last, 3)

    [finding] = stream.wrong()
    assert finding.startswith("parts of the events archive are merged or not")
    assert first in finding
    compact(stream)
    assert stream.wrong() == []


def test_two_compactions_at_once_are_refused_and_the_job_passes_over(stream: Stream) -> None:
    stream.send(viewed("a"))
    with privacy.held(stream.house.home, what="compaction"), pytest.raises(Conflict):
        compact(stream)


def test_the_worker_compacts_by_itself_every_hour(stream: Stream, home: Path) -> None:
    from regulars import rooms
    from regulars.work import enqueue_due

    for number in range(3):
        stream.send(viewed(f"m{number}"))
    worker = Worker(stream.house.records, stream.house.warehouse, home, rooms.job_handlers())
    with stream.house.records.unit() as uow:
        enqueue_due(uow, rooms.schedules(), ["tea"])
    with time_machine.travel(clock.now() + LATER, tick=True):
        with stream.house.records.unit() as uow:
            enqueue_due(uow, rooms.schedules(), ["tea"])
        worker.run_until_idle()

    assert len(list(archive.parts(home, "tea"))) == 1
    with stream.house.records.reading() as uow:
        assert running.compacted_at(uow) is not None
    assert stream.wrong() == []


def test_rows_of_merged_parts_become_one_on_both_databases(any_records: Records) -> None:
    """Parts of two segments, whose ids are compared as text."""
    at = clock.now()
    ids = ["000000000009-000000000900", "000000000009-000000001000", "000000000010-000000000000", "000000000010-000000000090"]
    with any_records.unit() as uow:
        for number, part_id in enumerate(ids):
            segment, offset = map(int, part_id.split("-"))
            uow.execute(
                insert(event_part).values(
                    part_id=part_id,
                    shop_id="*",
                    begin_segment=segment,
                    begin_offset=offset,
                    end_segment=segment,
                    end_offset=offset + 10,
                    state="done",
                    events=number,
                    quarantined=1,
                    shops={"tea": number},
                    created_at=at,
                    done_at=at + timedelta(seconds=number),
                )
            )
    with any_records.reading() as uow:
        assert [part.part_id for part in settling.kept(uow)] == ids
        assert [part.part_id for part in settling.kept(uow, ids[1], ids[2])] == ids[1:3]

    with any_records.unit() as uow:
        settling.one_row(uow, ids[0], ids[2])
    with any_records.unit() as uow:
        settling.one_row(uow, ids[0], ids[2])

    with any_records.reading() as uow:
        first, last = uow.rows(select(event_part).order_by(event_part.c.part_id))
    assert (first["last_part"], first["end_segment"], first["end_offset"], first["events"]) == (ids[2], 10, 10, 3)
    assert (first["shops"], first["quarantined"], first["done_at"]) == ({"tea": 3}, 3, at + timedelta(seconds=2))
    assert last["part_id"] == ids[3]
    assert loading.reached(any_records) == (10, 100)
