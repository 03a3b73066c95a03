"""Reading a shop's own stream from NATS and Kafka: each message once, confirmed only when it is kept, whatever is killed."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from regulars.collect.platforms import connectors, streams, wishes
from regulars.collect.platforms.domain.streamed import messages_in
from regulars.collect.platforms.wishes import Wish
from regulars.errors import InvalidInput, Unavailable
from regulars.stream.brokers import parse
from regulars.stream.brokers.nats_feed import NatsFeed
from regulars.stream.brokers.nats_link import NatsLink
from tests.collect.track.streams import Stream, stream
from tests.support.kafka import KafkaBroker, kafka_broker
from tests.support.nats import NatsServer, nats_server

if TYPE_CHECKING:
    from nats.js import JetStreamContext

__all__ = ["stream"]


class Shop:
    """The shop's own side: a stream that its programs write to."""

    def __init__(self, broker: NatsServer | KafkaBroker) -> None:
        self.broker = broker
        self.name = f"shop{uuid4().hex[:6]}"
        self.url = broker.url(self.name)
        self.link: NatsLink | None = None
        if isinstance(broker, KafkaBroker):
            broker.topic(self.name, 3)
        else:
            self.link = NatsLink(parse(self.url))
            self.link.call(lambda js: js.add_stream(name=self.name, subjects=[f"{self.name}.*"]))

    def tell(self, *messages: Any) -> None:
        """Put messages into it."""
        raw = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in messages]
        if self.link is not None:
            for data in raw:
                self.link.call(lambda js, data=data: js.publish(f"{self.name}.x", data))  # type: ignore[misc]
            return
        from confluent_kafka import Producer

        producer = Producer({"bootstrap.servers": self.broker.host})
        for number, data in enumerate(raw):
            producer.produce(self.name, data, partition=number % 3)
        assert producer.flush(20) == 0


@pytest.fixture(params=["nats", "kafka"])
def shop(request: pytest.FixtureRequest) -> Iterator[Shop]:
    with nats_server() if request.param == "nats" else kafka_broker() as broker:
        made = Shop(broker)
        yield made
        if made.link is not None:
            made.link.close()


def seen(name: str, **more: Any) -> dict[str, Any]:
    """A message in Segment form."""
    return {"type": "track", "event": name, "userId": "17850", "timestamp": "2026-03-01T10:00:00Z", **more}


def connect(stream: Stream, url: str) -> str:
    """A connector to a stream."""
    house = stream.house
    wish = Wish(name="Shop events", takes="stream", url=url)
    with house.records.unit() as uow:
        return connectors.add(uow, house.records, house.home, stream.caller, stream.shop, wish).connector_id


def read(stream: Stream, connector_id: str, **more: Any) -> connectors.ConnectorRun:
    """One run until nothing more is there, and a load."""
    house = stream.house
    run = streams.read_stream(house.records, house.home, house.keyring, connector_id, **more)
    house.loader.run_once()
    return run


def state(stream: Stream, connector_id: str) -> connectors.Connector:
    """The connector as it is shown."""
    with stream.house.records.reading() as view:
        return connectors.get(view, stream.caller, connector_id)


def test_each_message_becomes_one_event_with_the_id_it_brings_or_one_of_its_place(stream: Stream, shop: Shop) -> None:
    shop.tell(*(seen("Viewed", messageId=f"m{number}") for number in range(7)), seen("Bare"), [seen("A"), seen("B")])
    connector_id = connect(stream, shop.url)

    first = read(stream, connector_id)
    again = read(stream, connector_id)
    shop.tell(seen("Viewed", messageId="m3"), seen("Viewed", messageId="m7"))
    third = read(stream, connector_id)

    assert (first.state, first.rows, first.messages) == ("done", 9, 10)
    assert again.rows == 0
    assert third.rows == 2
    rows = stream.rows("events", "event", "message_id", "source_id")
    assert sorted(row["event"] for row in rows) == ["A", "B", "Bare"] + ["Viewed"] * 8
    assert len({row["message_id"] for row in rows}) == 11
    assert {row["source_id"] for row in rows} == {connector_id}
    found = state(stream, connector_id)
    assert (found.lag, found.running, found.takes) == (0, False, "stream")
    assert stream.wrong() == []


def test_reading_everything_again_tells_nothing_twice(stream: Stream, shop: Shop) -> None:
    shop.tell(*(seen("Viewed") for _ in range(20)))
    connector_id = connect(stream, shop.url)
    read(stream, connector_id)
    house = stream.house
    with house.records.unit() as uow:
        connectors.change(uow, house.records, house.home, stream.caller, stream.shop, connector_id, {"from_the_start": True})

    again = read(stream, connector_id)

    assert again.rows == 20
    assert len(stream.rows()) == 20


def test_what_is_no_message_is_put_aside_with_its_reason_and_blocks_nothing(stream: Stream, shop: Shop) -> None:
    shop.tell(b"\xff\x00", b"17", b"[1]", b"", seen("Good", messageId="g1"))
    connector_id = connect(stream, shop.url)

    run = read(stream, connector_id)

    assert (run.rows, run.messages, run.quarantined) == (5, 1, 4)
    assert [row["event"] for row in stream.rows("events", "event")] == ["Good"]


class Cut(Exception):
    """The process ends here."""


class CutSink:
    """Takes messages into the real stream of events, then ends the process before anything is noted."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def accept(self, messages: Any) -> None:
        self.inner.accept(messages)
        raise Cut

    def refuse(self, raw: bytes, reason: str, detail: str) -> None:
        self.inner.refuse(raw, reason, detail)


def test_a_run_that_ends_between_journal_and_cursor_is_read_again_to_no_effect(stream: Stream, shop: Shop) -> None:
    shop.tell(*(seen("Viewed") for _ in range(9)))
    connector_id = connect(stream, shop.url)
    house = stream.house
    sink = CutSink(house.sink(house.records, stream.shop.shop_id, connector_id))

    with pytest.raises(Cut):
        read(stream, connector_id, sink=sink)
    assert state(stream, connector_id).cursor is None
    read(stream, connector_id)

    assert len(stream.rows()) == 9


def test_a_connected_stream_is_followed_until_it_is_paused(stream: Stream, shop: Shop) -> None:
    connector_id = connect(stream, shop.url)
    house = stream.house
    house.read_streams()
    deadline = time.monotonic() + 40
    for number in range(3):
        shop.tell(seen("Viewed", messageId=f"f{number}"))
        while len(stream.rows()) < number + 1:
            assert time.monotonic() < deadline
            time.sleep(0.1)
            house.loader.run_once()
    assert state(stream, connector_id).running

    with house.records.unit() as uow:
        connectors.change(uow, house.records, house.home, stream.caller, stream.shop, connector_id, {"paused": True})
    while state(stream, connector_id).running:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    shop.tell(seen("Viewed", messageId="later"))
    time.sleep(3)
    house.loader.run_once()

    assert len(stream.rows()) == 3


def test_a_broker_that_goes_away_fails_the_run_in_words_and_nothing_is_lost(stream: Stream) -> None:
    with nats_server() as server:
        shop = Shop(server)
        shop.tell(*(seen("Viewed") for _ in range(5)))
        connector_id = connect(stream, shop.url)
        server.kill()
        with pytest.raises(Unavailable):
            read(stream, connector_id)
        with stream.house.records.reading() as view:
            failed = connectors.newest_runs(view, [connector_id])[connector_id]
        assert (failed.state, failed.error_code) == ("failed", "broker_away")
        assert shop.url.partition("/shop")[0].removeprefix("nats://") in (failed.error or "")

        server.start()
        read(stream, connector_id)

        assert len(stream.rows()) == 5
        assert shop.link is not None
        shop.link.close()


def test_nats_is_told_what_is_kept_so_that_its_operators_see_how_far_we_are(stream: Stream) -> None:
    with nats_server() as server:
        shop = Shop(server)
        shop.tell(*(seen("Viewed") for _ in range(5)))
        connector_id = connect(stream, shop.url)
        read(stream, connector_id)
        assert shop.link is not None
        info = shop.link.call(lambda js: js.consumer_info(shop.name, f"regulars-{connector_id}"))

        assert info.ack_floor is not None
        assert info.ack_floor.stream_seq == 5
        assert (info.num_ack_pending, info.num_pending) == (0, 0)
        shop.link.close()


def test_a_wish_is_tried_before_it_is_made(stream: Stream, shop: Shop) -> None:
    shop.tell(seen("Viewed", messageId="m1"), b"nonsense")
    house = stream.house

    trial = wishes.dry_run(house.records, house.home, stream.caller, stream.shop, Wish(name="x", takes="stream", url=shop.url))

    assert trial.place == shop.url
    assert trial.rows == 2
    assert [message["event"] for message in trial.messages] == ["Viewed"]
    assert trial.problems == ["the message is not JSON"]


@pytest.mark.parametrize("url", ["nats://127.0.0.1:9/shop", "kafka://127.0.0.1:9/shop"])
def test_what_cannot_be_reached_is_said_when_it_is_connected(stream: Stream, url: str) -> None:
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1:9"):
        connect(stream, url)
    with pytest.raises(InvalidInput):
        connect(stream, "file:///etc/passwd")


def test_a_message_without_a_time_of_its_own_has_that_of_the_stream() -> None:
    assert messages_in(b'{"event":"x"}', "n", 1_772_359_200_000_000) == [
        {"event": "x", "messageId": "n", "timestamp": "2026-03-01T10:00:00.000Z"}
    ]
    assert messages_in(b'{"batch":[{"messageId":"a"},{}]}', "n", 0) == [{"messageId": "a"}, {"messageId": "n-1"}]


def test_two_readers_of_one_connector_exclude_each_other(stream: Stream) -> None:
    with nats_server() as server:
        shop = Shop(server)
        shop.tell(*(seen("Viewed") for _ in range(50)))
        connector_id = connect(stream, shop.url)
        house = stream.house
        codes: list[str] = []

        def one() -> None:
            try:
                streams.read_stream(house.records, house.home, house.keyring, connector_id)
                codes.append("read")
            except Exception as error:
                codes.append(getattr(error, "code", type(error).__name__))

        threads = [threading.Thread(target=one) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        house.loader.run_once()

        assert "read" in codes
        assert set(codes) <= {"read", "connector_running"}
        assert len(stream.rows()) == 50
        assert shop.link is not None
        shop.link.close()


def numbers(feed: NatsFeed, most: int = 10) -> list[int]:
    """The bodies of one fetch."""
    return [json.loads(one.data)["n"] for one in feed.fetch(most, 1.0)]


def test_what_a_dead_reader_had_taken_is_read_first_and_in_its_order() -> None:
    with nats_server() as broker:
        shop = Shop(broker)
        shop.tell(*({"n": n} for n in range(30)))
        dead = NatsFeed(parse(shop.url), "regulars")
        dead.begin({})
        assert numbers(dead) == [*range(10)]
        dead.confirm({"0": 10})
        assert numbers(dead) == [*range(10, 20)]  # and ends before it could keep them
        dead.close()

        feed = NatsFeed(parse(shop.url), "regulars")
        feed.begin({"0": 10})
        assert numbers(feed, 30) == [*range(10, 30)]
        feed.close()
        assert shop.link is not None
        shop.link.close()


def test_a_delivery_that_is_lost_on_its_way_is_asked_for_again_before_what_follows() -> None:
    with nats_server() as broker:
        shop = Shop(broker)
        shop.tell(*({"n": n} for n in range(30)))
        feed = NatsFeed(parse(shop.url), "regulars")
        feed.begin({})
        assert numbers(feed) == [*range(10)]
        thief = NatsLink(parse(shop.url))

        async def stolen(js: JetStreamContext) -> int:
            sub = await js.pull_subscribe_bind("regulars", shop.name)
            return len(await sub.fetch(5))

        assert thief.call(stolen) == 5
        assert numbers(feed, 30) == [*range(10, 30)]
        feed.confirm({"0": 30})
        assert feed.lag() == 0
        thief.close()
        feed.close()
        assert shop.link is not None
        shop.link.close()
