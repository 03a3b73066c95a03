"""The journal: durable before it answers, whole or not there, honest about its disk, unreadable without the key."""

from __future__ import annotations

import asyncio
import errno
import os
import random
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from regulars.access.keys import Keyring
from regulars.errors import StorageFull, Unavailable
from regulars.stream.journal import Entry, FileJournal, JournalFull, Place, Reader

BEGIN = Place(0, 0)


@pytest.fixture
def keyring() -> Keyring:
    return Keyring.random()


@pytest.fixture
def journal(tmp_path: Path, keyring: Keyring) -> Iterator[FileJournal]:
    made = FileJournal(tmp_path / "journal", keyring)
    yield made
    made.close()


def bodies(folder: Path, keyring: Keyring, until: Place) -> list[bytes]:
    """Everything that can be read, in order."""
    found = Reader(folder, keyring).blocks(BEGIN, until, most_bytes=1 << 40)
    return [entry.body for _, entries in found for entry in entries]


def test_what_was_answered_is_read_back_in_order(journal: FileJournal, keyring: Keyring) -> None:
    for number in range(50):
        journal.append_now(Entry(b"{}", b"body %d" % number))

    assert bodies(journal.folder, keyring, journal.durable) == [b"body %d" % number for number in range(50)]


def test_many_waiting_requests_share_a_forced_write(journal: FileJournal) -> None:
    async def all_at_once() -> None:
        await asyncio.gather(*(journal.append(Entry(b"{}", b"x" * 100)) for _ in range(400)))

    asyncio.run(all_at_once())

    assert journal.forced_writes < 100


def test_every_answer_follows_a_forced_write(journal: FileJournal, monkeypatch: pytest.MonkeyPatch) -> None:
    """P2: between asking and answering there is a forced write."""
    forced = []
    real = os.fdatasync
    monkeypatch.setattr(os, "fdatasync", lambda handle: (real(handle), forced.append(handle))[0])

    for number in range(60):
        before = len(forced)
        journal.append_now(Entry(b"{}", b"%d" % number))
        assert len(forced) > before


def test_the_file_tells_nothing_without_the_key(journal: FileJournal) -> None:
    journal.append_now(Entry(b'{"s":"source_1"}', b'{"traits":{"email":"a@x.test"}}'))
    raw = b"".join(path.read_bytes() for path in journal.folder.iterdir())

    assert b"a@x.test" not in raw
    assert b"source_1" not in raw
    with pytest.raises(Unavailable):
        bodies(journal.folder, Keyring.random(), journal.durable)


def test_a_torn_end_is_cut_off_at_the_next_start_and_what_was_answered_stays(tmp_path: Path, keyring: Keyring) -> None:
    """P3: a block is whole or not there, wherever the write was cut."""
    chance = random.Random(5)
    folder = tmp_path / "journal"
    answered: list[bytes] = []
    for round_ in range(20):
        journal = FileJournal(folder, keyring)
        for number in range(3):
            journal.append_now(Entry(b"{}", b"%d/%d" % (round_, number)))
            answered.append(b"%d/%d" % (round_, number))
        durable = journal.durable
        journal.append_now(Entry(b"{}", b"never answered " * 20))
        journal.close()
        path = folder / f"{durable.segment:012d}.seg"
        whole = path.stat().st_size
        os.truncate(path, chance.randrange(durable.offset, whole))

        opened = FileJournal(folder, keyring)
        assert opened.damaged == []
        assert bodies(folder, keyring, Place(1 << 40, 0)) == answered
        opened.close()


def test_a_damaged_block_in_the_middle_is_named_and_the_others_are_read(tmp_path: Path, keyring: Keyring) -> None:
    """P19: never silently less."""
    journal = FileJournal(tmp_path / "journal", keyring)
    places = []
    for number in range(5):
        places.append(journal.durable)
        journal.append_now(Entry(b"{}", b"body %d" % number))
    until = journal.durable
    journal.close()
    path = tmp_path / "journal" / f"{until.segment:012d}.seg"
    data = bytearray(path.read_bytes())
    data[places[2].offset + 40] ^= 0xFF
    path.write_bytes(data)

    opened = FileJournal(tmp_path / "journal", keyring)

    assert [(one.segment, one.offset) for one in opened.damaged] == [(until.segment, places[2].offset)]
    assert bodies(opened.folder, keyring, until) == [b"body 0", b"body 1", b"body 3", b"body 4"]
    opened.close()


@pytest.mark.parametrize(("number", "kind"), [(errno.ENOSPC, StorageFull), (errno.EROFS, Unavailable), (errno.EIO, Unavailable)])
def test_a_failing_disk_is_told_and_writing_goes_on_when_it_is_well_again(
    journal: FileJournal, keyring: Keyring, monkeypatch: pytest.MonkeyPatch, number: int, kind: type[Exception]
) -> None:
    """P18: nothing answered is lost, nothing refused is kept."""
    journal.append_now(Entry(b"{}", b"before"))
    real = os.fdatasync
    ill = [True]

    def fail(handle: int) -> None:
        if ill[0]:
            raise OSError(number, os.strerror(number))
        real(handle)

    monkeypatch.setattr(os, "fdatasync", fail)
    for _ in range(3):
        with pytest.raises(kind):
            journal.append_now(Entry(b"{}", b"refused"))
    ill[0] = False
    journal.append_now(Entry(b"{}", b"after"))

    assert bodies(journal.folder, keyring, journal.durable) == [b"before", b"after"]


def test_a_forced_write_whose_length_may_not_have_been_noted_is_no_answer(
    journal: FileJournal, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when ext4 gives up its own journal in this moment: the force succeeds, and what needs that journal next does not (P18)."""
    journal.append_now(Entry(b"{}", b"before"))
    real, faults = os.ftruncate, [OSError(errno.EROFS, os.strerror(errno.EROFS))]

    def given_up(handle: int, length: int) -> None:
        if faults:
            raise faults.pop()
        real(handle, length)

    monkeypatch.setattr(os, "ftruncate", given_up)
    with pytest.raises(Unavailable, match="cannot be written"):
        journal.append_now(Entry(b"{}", b"refused"))
    journal.append_now(Entry(b"{}", b"after"))

    assert bodies(journal.folder, keyring, journal.durable) == [b"before", b"after"]


def test_more_than_may_wait_is_refused_at_once(tmp_path: Path, keyring: Keyring, monkeypatch: pytest.MonkeyPatch) -> None:
    hold = threading.Event()
    real = os.fdatasync
    monkeypatch.setattr(os, "fdatasync", lambda handle: (hold.wait(10), real(handle))[1])
    journal = FileJournal(tmp_path / "journal", keyring, waiting_bytes=10_000)
    told: list[Future[None]] = [Future() for _ in range(10)]

    for one in told[:9]:
        journal._enqueue(Entry(b"{}", b"x" * 1000), one)
    with pytest.raises(JournalFull):
        journal._enqueue(Entry(b"{}", b"x" * 1000), told[9])
    hold.set()
    journal.append_now(Entry(b"{}", b"later"))

    assert [one.result(0) for one in told[:9]] == [None] * 9
    assert journal.waiting_bytes == 0
    journal.close()


def test_a_closed_and_loaded_segment_is_deleted_and_its_key_with_it(journal: FileJournal, keyring: Keyring) -> None:
    journal.append_now(Entry(b"{}", b"first"))
    begin = journal.rotate()
    journal.append_now(Entry(b"{}", b"second"))

    assert journal.remove_before(begin) == 1
    assert bodies(journal.folder, keyring, journal.durable) == [b"second"]
    assert journal.backlog_bytes(journal.durable) == 0


def test_segments_are_closed_at_their_size_and_read_across(tmp_path: Path, keyring: Keyring) -> None:
    journal = FileJournal(tmp_path / "journal", keyring, segment_bytes=2_000)
    for _ in range(60):
        journal.append_now(Entry(b"{}", os.urandom(200)))

    assert len(Reader(journal.folder, keyring).numbers()) > 3
    assert len(bodies(journal.folder, keyring, journal.durable)) == 60
    journal.close()
