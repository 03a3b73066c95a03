"""The journal in NATS JetStream and in Kafka: one suite for both, against real servers."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import pytest

from regulars.access.keys import Keyring
from regulars.errors import InvalidInput, RegularsError, Unavailable
from regulars.stream.brokers.addresses import parse
from regulars.stream.journal import Entry, Journal, JournalFull, Place, open_journal
from regulars.stream.journal.brokered import BrokerJournal
from regulars.stream.journal.lineage import Lineage
from regulars.stream.journal.sealing import Opener, Sealer
from tests.support.kafka import KafkaBroker, kafka_broker
from tests.support.nats import NatsServer, nats_server

BEGIN = Place(0, 0)
Open = Callable[..., BrokerJournal]


@pytest.fixture
def keyring() -> Keyring:
    return Keyring.random()


@pytest.fixture(params=["nats", "kafka"])
def broker(request: pytest.FixtureRequest) -> Iterator[NatsServer | KafkaBroker]:
    with nats_server() if request.param == "nats" else kafka_broker() as server:
        yield server


@pytest.fixture
def url(broker: NatsServer | KafkaBroker) -> str:
    name = f"journal{uuid4().hex[:8]}"
    if isinstance(broker, KafkaBroker):
        broker.topic(name, 1)
    return broker.url(name)


@pytest.fixture
def opened(url: str, tmp_path: Path, keyring: Keyring) -> Iterator[Open]:
    """Opens the journal; every one that was opened is closed in the end."""
    with ExitStack() as closing:

        def one(behind: Place = BEGIN, address: str = url, keys: Keyring = keyring) -> BrokerJournal:
            journal = open_journal(address, tmp_path / "journal", keys, behind=behind)
            assert isinstance(journal, BrokerJournal)
            closing.callback(journal.close)
            return journal

        yield one


def bodies(journal: Journal, start: Place = BEGIN) -> list[bytes]:
    """Everything that can be read, in order."""
    return [entry.body for _, entries in journal.blocks(start, journal.durable, most_bytes=1 << 40) for entry in entries]


def test_what_was_acknowledged_is_read_back_in_order_and_from_any_place(opened: Open) -> None:
    journal = opened()
    for number in range(50):
        journal.append_now(Entry(b"{}", b"body %d" % number))
        if number == 19:
            middle = journal.durable

    assert bodies(journal) == [b"body %d" % number for number in range(50)]
    assert bodies(journal, middle) == [b"body %d" % number for number in range(20, 50)]
    assert bodies(journal, journal.durable) == []


def test_many_waiting_requests_share_a_write(opened: Open) -> None:
    journal = opened()
    assert journal.durable.offset == 0

    async def all_at_once() -> None:
        await asyncio.gather(*(journal.append(Entry(b"{}", b"%d" % number)) for number in range(400)))

    asyncio.run(all_at_once())

    assert journal.acknowledged_writes < 100
    assert sorted(map(int, bodies(journal))) == list(range(400))


def test_a_body_larger_than_a_message_of_the_broker_comes_back_whole(opened: Open) -> None:
    journal = opened()
    large = os.urandom(3_000_000)
    journal.append_now(Entry(b"{}", b"before"))
    journal.append_now(Entry(b"{}", large))
    journal.append_now(Entry(b"{}", b"after"))

    assert bodies(journal) == [b"before", large, b"after"]


def test_another_process_goes_on_where_this_one_ended(opened: Open) -> None:
    first = opened()
    first.append_now(Entry(b"{}", b"one"))
    loaded = first.durable
    first.append_now(Entry(b"{}", b"two"))
    first.close()

    second = opened(loaded)
    second.append_now(Entry(b"{}", b"three"))

    assert second.durable > loaded
    assert bodies(second, loaded) == [b"two", b"three"]


def test_its_places_come_behind_all_that_was_loaded_from_elsewhere(opened: Open) -> None:
    loaded = Place(57, 12_345)
    journal = opened(loaded)
    journal.append_now(Entry(b"{}", b"one"))

    assert journal.durable > loaded
    assert bodies(journal, loaded) == [b"one"]


def test_the_broker_sees_nothing_of_what_was_sent(broker: NatsServer | KafkaBroker, url: str, opened: Open) -> None:
    journal = opened()
    secret = b'{"traits":{"email":"jane@x.test"}}' * 100
    journal.append_now(Entry(b'{"s":"source_1"}', secret))
    held = [data for _, data in journal._stream.read(0, journal.durable.offset)]

    assert held
    assert not any(word in data for data in held for word in (b"jane", b"email", b"source_1"))
    with pytest.raises(Unavailable):
        bodies(opened(keys=Keyring.random()))


def test_what_waits_has_a_limit(url: str, tmp_path: Path, keyring: Keyring) -> None:
    journal = open_journal(url, tmp_path / "journal", keyring, behind=BEGIN)
    assert isinstance(journal, BrokerJournal)
    _ = journal.durable
    journal._waiting_limit = 10_000
    refused = []

    async def flood() -> None:
        async def one() -> None:
            try:
                await journal.append(Entry(b"{}", b"x" * 1000))
            except JournalFull as full:
                refused.append(full.code)

        await asyncio.gather(*(one() for _ in range(500)))

    asyncio.run(flood())

    assert refused
    assert set(refused) == {"too_busy"}
    assert len(bodies(journal)) == 500 - len(refused)
    journal.close()


def test_a_url_says_no_secret_when_it_is_shown() -> None:
    address = parse("nats://jane:s3cret@10.0.0.1,10.0.0.2:4223/events?tls=true&replicas=3")

    assert address.shown == "nats://10.0.0.1:4222,10.0.0.2:4223/events"
    assert "s3cret" not in repr(address)
    assert address.nats_options() == {
        "servers": ["tls://10.0.0.1:4222", "tls://10.0.0.2:4223"],
        "user": "jane",
        "password": "s3cret",
    }
    assert parse("nats://t0ken@h/s").nats_options()["token"] == "t0ken"
    assert parse("kafka://u:p@h/t").kafka_options()["security.protocol"] == "sasl_plaintext"


@pytest.mark.parametrize(
    "url",
    ["http://h/s", "nats://", "nats://h", "nats://h/a b", "nats://h/s?file=/etc/passwd", "kafka://h/t?tls=maybe", "nats://h/s?replicas=x",
     "kafka://u:secret@/t", "nats://h:4222/s#x", "kafka://h/../t", "nats://[::1/s"],
)  # fmt: skip
def test_addresses_that_are_none_are_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse(url)

    assert "secret" not in str(refused.value)


def test_a_set_that_a_crash_cut_off_is_passed_over_and_the_next_one_is_whole(keyring: Keyring) -> None:
    sealer, opener = Sealer(keyring), Opener(keyring)
    cut = sealer.seal([Entry(b"{}", os.urandom(5000))], 2000)
    whole = sealer.seal([Entry(b"h", b"one"), Entry(b"", b"")], 2000)

    assert len(cut) > 2
    assert [opener.feed(message) for message in cut[:-1]] == [None] * (len(cut) - 1)
    assert [entry.body for message in whole for entry in opener.feed(message) or []] == [b"one", b""]
    assert opener.unreadable == 0


def test_the_pieces_of_a_set_may_come_in_any_order_among_those_of_others(keyring: Keyring) -> None:
    sealer, opener = Sealer(keyring), Opener(keyring)
    chance = random.Random(3)
    large = [chance.randbytes(20_000) for _ in range(3)]
    pieces = [piece for body in large for piece in sealer.seal([Entry(b"", body)], 2000)]
    chance.shuffle(pieces)

    found = [entry.body for piece in pieces for entry in opener.feed(piece) or []]

    assert sorted(found) == sorted(large)


def test_what_others_wrote_into_the_stream_is_named_and_passed_over(keyring: Keyring) -> None:
    sealer, opener = Sealer(keyring), Opener(keyring)
    good = sealer.seal([Entry(b"h", b"one")], 10_000)[0]
    altered = good[:-1] + bytes([good[-1] ^ 1])

    assert [opener.feed(one) for one in (b"", b"hello", good[:30], altered)] == [None] * 4
    assert opener.unreadable == 4
    assert opener.feed(good) == [Entry(b"h", b"one")]


def test_a_stream_keeps_its_segment_until_another_was_loaded_meanwhile(tmp_path: Path) -> None:
    lineage = Lineage(tmp_path)

    first = lineage.segment("a", 5)
    again = Lineage(tmp_path).segment("a", first)
    other = lineage.segment("b", first)
    back = lineage.segment("a", other)

    assert (first, again, other, back) == (6, 6, 7, 8)
    assert lineage.segment("a", 8, anew=True) == 9


def test_loaded_messages_are_purged_from_nats(tmp_path: Path, keyring: Keyring) -> None:
    with nats_server() as server:
        journal = open_journal(server.url("j"), tmp_path, keyring, behind=BEGIN)
        for number in range(10):
            journal.append_now(Entry(b"{}", b"%d" % number))
        place = journal.rotate()

        journal.remove_before(place)

        info = journal._stream.connect()  # type: ignore[attr-defined]
        assert (info.first, info.last) == (10, 10)
        assert bodies(journal) == []
        journal.append_now(Entry(b"{}", b"more"))
        assert bodies(journal, place) == [b"more"]
        assert list(journal.troubles()) == []
        journal.close()


def test_a_server_that_is_away_is_said_at_once_and_taken_up_again(tmp_path: Path, keyring: Keyring) -> None:
    with nats_server() as server:
        journal = open_journal(server.url("j"), tmp_path, keyring, behind=BEGIN)
        journal.append_now(Entry(b"{}", b"one"))
        server.kill()
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            begun = time.monotonic()
            with pytest.raises(RegularsError) as away:
                journal.append_now(Entry(b"{}", b"lost"))
            assert away.value.code == "broker_away"
            if time.monotonic() - begun < 0.1:
                break
        else:
            raise AssertionError("never said at once")
        with pytest.raises(Unavailable):
            _ = journal.durable
        assert [where for _, _, where in journal.troubles()] == [server.url("j")]

        server.start()
        deadline = time.monotonic() + 15
        while True:
            try:
                journal.append_now(Entry(b"{}", b"two"))
                break
            except RegularsError:
                assert time.monotonic() < deadline
                time.sleep(0.1)

        assert [one for one in bodies(journal) if one != b"lost"] == [b"one", b"two"]
        journal.close()


def test_a_stream_that_was_made_again_begins_anew_and_the_loss_is_named(tmp_path: Path, keyring: Keyring) -> None:
    with nats_server() as server:
        journal = open_journal(server.url("j"), tmp_path, keyring, behind=BEGIN)
        for number in range(5):
            journal.append_now(Entry(b"{}", b"%d" % number))
        before = journal.durable
        journal._stream._link.call(lambda js: js.delete_stream("j"))  # type: ignore[attr-defined]
        deadline = time.monotonic() + 10
        while True:
            try:
                journal.append_now(Entry(b"{}", b"new"))
                break
            except RegularsError:
                assert time.monotonic() < deadline
                time.sleep(0.2)

        assert journal.durable > before
        assert bodies(journal, before)[-1:] == [b"new"]
        journal.close()


def test_a_full_stream_refuses_and_drops_nothing(tmp_path: Path, keyring: Keyring) -> None:
    with nats_server() as server:
        journal = open_journal(server.url("j"), tmp_path, keyring, behind=BEGIN)
        journal.append_now(Entry(b"{}", b"one"))
        journal._stream._link.call(lambda js: _limited(js))  # type: ignore[attr-defined]

        taken = []

        def fill() -> None:
            for number in range(100):
                journal.append_now(Entry(b"{}", os.urandom(10_000)))
                taken.append(number)

        with pytest.raises(RegularsError) as refused:
            fill()

        assert refused.value.code == "storage_full", refused.value
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                assert len(bodies(journal)) == 1 + len(taken)
                break
            except Unavailable:
                time.sleep(0.1)
        journal.close()


async def _limited(js: object) -> None:
    info = await js.stream_info("j")  # type: ignore[attr-defined]
    await js.update_stream(info.config.evolve(max_bytes=100_000))  # type: ignore[attr-defined]


def test_a_topic_with_several_partitions_is_refused_in_words(tmp_path: Path, keyring: Keyring) -> None:
    with kafka_broker() as broker:
        broker.topic("many", 3)
        journal = open_journal(broker.url("many"), tmp_path, keyring, behind=BEGIN)

        with pytest.raises(InvalidInput, match="3 partitions"):
            _ = journal.durable
        journal.close()


def test_a_kafka_broker_that_does_not_answer_is_said_and_taken_up_again(tmp_path: Path, keyring: Keyring) -> None:
    with kafka_broker() as broker:
        broker.topic("j", 1)
        journal = open_journal(broker.url("j"), tmp_path, keyring, behind=BEGIN)
        journal.append_now(Entry(b"{}", b"one"))
        broker.freeze()

        with pytest.raises(RegularsError) as away:
            journal.append_now(Entry(b"{}", b"unsure"), timeout=30)
        assert away.value.code == "broker_away"
        broker.thaw()
        deadline = time.monotonic() + 60
        while True:
            try:
                journal.append_now(Entry(b"{}", b"two"))
                break
            except RegularsError:
                assert time.monotonic() < deadline
                time.sleep(0.2)

        assert {one for one in bodies(journal) if one != b"unsure"} == {b"one", b"two"}
        journal.close()
