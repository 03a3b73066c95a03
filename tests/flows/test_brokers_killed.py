"""Sixteen clients, a server and a broker that are killed again and again: nothing lost, nothing twice, nothing altered (P1, P3, P4)."""

from __future__ import annotations

import json
import os
import random
import time
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select, update

from regulars.app import House, examine
from regulars.collect.platforms.streams import read_stream
from regulars.collect.platforms.tables import connector
from regulars.errors import RegularsError
from regulars.settings import Settings
from regulars.stream.brokers import parse
from regulars.stream.brokers.nats_link import NatsLink
from tests.support.kafka import kafka_broker
from tests.support.nats import nats_server
from tests.support.senders import Crowd, Sender, compare, new_source
from tests.support.server import RunningServer, command, initialised, serving

ROUNDS = int(os.environ.get("REGULARS_TEST_KILLS", "2"))
INIT = ("--shop", "tea", "--timezone", "Asia/Shanghai", "--currency", "CNY")


def loaded(home: Path, url: str, crowd: Crowd, server: RunningServer | None = None) -> list[str]:
    """What is wrong once everything is loaded."""
    house = House.open(Settings.load({"REGULARS_HOME": str(home), "REGULARS_JOURNAL_URL": url}))
    try:
        house.loader.empty()
        rows = house.warehouse.rows(house.warehouse.table("events").select("message_id", "properties"))
        wrong = compare(crowd, rows)
        wrong += [f"{check.name}: {finding}" for check in examine(house).checks for finding in check.findings]
        assert house.loader.backlog_bytes() == 0
        return wrong
    finally:
        house.close()


def crowd_of(home: Path) -> Crowd:
    """Sixteen senders of a new shop's source."""
    initialised(home, *INIT)
    _, key = new_source(home)
    return Crowd([Sender(f"c{number}", key, random.Random(number)) for number in range(16)])


def test_our_server_is_killed_and_the_journal_is_in_nats(home: Path) -> None:
    crowd, chance, threads = crowd_of(home), random.Random(11), []
    with nats_server() as nats:
        url = nats.url("events")
        for _ in range(ROUNDS):
            with serving(home, {"REGULARS_JOURNAL_URL": url}) as server:
                crowd.url = server.url
                threads = threads or crowd.start()
                time.sleep(chance.uniform(0.3, 2.0))
                server.kill()
        with serving(home, {"REGULARS_JOURNAL_URL": url}) as server:
            crowd.url = server.url
            time.sleep(0.5)
            crowd.stop(threads)

        assert sum(len(sender.answered) for sender in crowd.senders) > 100
        assert loaded(home, url, crowd) == []


def test_the_broker_is_killed_while_our_server_goes_on(home: Path) -> None:
    crowd, chance = crowd_of(home), random.Random(12)
    with nats_server() as nats, serving(home, {"REGULARS_JOURNAL_URL": nats.url("events")}) as server:
        crowd.url = server.url
        threads = crowd.start()
        for _ in range(ROUNDS):
            time.sleep(chance.uniform(0.3, 2.0))
            nats.kill()
            gone = time.monotonic()
            while not any(sender.refusals for sender in crowd.senders) and time.monotonic() - gone < 20:
                time.sleep(0.05)  # the first time it stays away until somebody has noticed
            time.sleep(chance.uniform(0.1, 1.0))
            nats.start()
        time.sleep(3)
        crowd.stop(threads)
        server.process.terminate()
        server.process.wait(30)

        refusals = {status for sender in crowd.senders for status in sender.refusals}
        assert sum(len(sender.answered) for sender in crowd.senders) > 100
        assert refusals <= {429, 503}
        assert refusals
        assert loaded(home, nats.url("events"), crowd) == []


def test_our_server_is_killed_and_the_journal_is_in_kafka(home: Path) -> None:
    """The broker is librdkafka's mock cluster, which cannot delete records; all else is as with a real one."""
    crowd, chance, threads = crowd_of(home), random.Random(13), []
    with kafka_broker() as kafka:
        kafka.topic("events", 1)
        url = kafka.url("events")
        for number in range(ROUNDS):
            with serving(home, {"REGULARS_JOURNAL_URL": url}) as server:
                crowd.url = server.url
                threads = threads or crowd.start()
                time.sleep(chance.uniform(0.3, 2.0))
                if number % 2:
                    kafka.down()
                    time.sleep(chance.uniform(0.1, 1.0))
                    kafka.up()
                    time.sleep(1)
                server.kill()
        with serving(home, {"REGULARS_JOURNAL_URL": url}) as server:
            crowd.url = server.url
            time.sleep(3)
            crowd.stop(threads)

        assert sum(len(sender.answered) for sender in crowd.senders) > 100
        wrong = loaded(home, url, crowd)
        assert [one for one in wrong if "DeleteRecords" not in one] == []


def test_what_waits_in_files_is_loaded_when_the_journal_moves_to_a_broker_and_back(home: Path) -> None:
    crowd = crowd_of(home)
    sender = crowd.senders[0]
    with nats_server() as nats:
        url = nats.url("events")
        for address in ("", url, "", url):
            with serving(home, {"REGULARS_JOURNAL_URL": address}) as server, httpx.Client() as client:
                for _ in range(5):
                    deadline = time.monotonic() + 10
                    while not sender.send(client, server.url):
                        assert time.monotonic() < deadline
                        time.sleep(0.1)
                if address:
                    time.sleep(2)  # what is in the stream is loaded before it is left; see `regulars journal empty`
                server.kill()

        assert loaded(home, url, Crowd([sender])) == []


@pytest.mark.parametrize("url", ["nats://127.0.0.1:9/events", "kafka://127.0.0.1:9/events"])
def test_a_broker_that_was_never_there_leaves_the_console_and_says_503(home: Path, url: str) -> None:
    crowd = crowd_of(home)
    with serving(home, {"REGULARS_JOURNAL_URL": url}) as server, httpx.Client(timeout=30) as client:
        sender = crowd.senders[0]
        assert sender.send(client, server.url) is False
        assert sender.refusals == [503]
        assert client.get(server.url + "/healthz").status_code == 200


def test_a_stream_of_the_shop_is_read_while_reader_and_broker_are_killed(home: Path) -> None:
    """Messages without ids, so that only their place in the stream can tell one from another."""
    initialised(home, *INIT)
    chance, sent = random.Random(14), 0
    with nats_server() as nats:
        link = NatsLink(parse(nats.url("shop")))
        link.call(lambda js: js.add_stream(name="shop", subjects=["shop"]))
        assert command(home, "connect", "stream", "shop", "--url", nats.url("shop"), "--batch", "20").returncode == 0
        for number in range(ROUNDS):
            with serving(home) as server:
                deadline = time.monotonic() + chance.uniform(2.5, 4.5)
                while time.monotonic() < deadline:
                    data = json.dumps({"type": "track", "event": "Viewed", "userId": "17850", "properties": {"n": sent}}).encode()
                    try:
                        link.call(lambda js, data=data, name=str(sent): js.publish("shop", data, headers={"Nats-Msg-Id": name}))  # type: ignore[misc]
                        sent += 1
                    except RegularsError:
                        time.sleep(0.1)
                    if number % 3 == 1 and chance.random() < 0.002:
                        nats.kill()
                        nats.start()
                server.kill()
        link.close()
        house = House.open(Settings.load({"REGULARS_HOME": str(home)}))
        with house.records.reading() as view:
            connector_id = view.value(select(connector.c.connector_id))
        with house.records.unit() as uow:
            uow.execute(update(connector).values(running_until=None))
        read_stream(house.records, house.home, house.keyring, connector_id)
        house.loader.empty()
        rows = house.warehouse.rows(house.warehouse.table("events").select("properties"))
        wrong = [f"{check.name}: {finding}" for check in examine(house).checks for finding in check.findings]
        house.close()

    assert sent > 100
    assert sorted(json.loads(row["properties"])["n"] for row in rows) == list(range(sent))
    assert wrong == []
