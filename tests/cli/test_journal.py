"""`regulars journal` and `regulars connect stream`, as people type them: while a server runs and while none does."""

from __future__ import annotations

import json
import random
from pathlib import Path

import httpx

from regulars.stream.brokers import parse
from regulars.stream.brokers.nats_link import NatsLink
from tests.support.nats import nats_server
from tests.support.senders import Sender, new_source
from tests.support.server import command, initialised, serving

INIT = ("--shop", "tea", "--timezone", "Asia/Shanghai", "--currency", "CNY")


def test_the_journal_says_where_it_is_without_its_secret(home: Path) -> None:
    initialised(home, *INIT)
    _, key = new_source(home)
    with nats_server("", users='authorization { users: [ {user: "jane", password: "s3cret"} ] }') as server:
        url = {"REGULARS_JOURNAL_URL": f"nats://jane:s3cret@{server.host}/events"}
        sender = Sender("c", key, random.Random(1))
        with serving(home, url) as running, httpx.Client() as client:
            assert sender.send(client, running.url)
            during = command(home, "journal", "status", environment=url)
            emptied = command(home, "journal", "empty", environment=url)
        after = command(home, "journal", "status", "--json", environment=url)
        said = json.loads(after.stdout)

        assert f"nats://{server.host}/events" in during.stdout
        assert emptied.returncode == 0, emptied.stderr
        assert said["durable_until"] == said["loaded_until"]
        assert (said["backlog_bytes"], said["troubles"]) == (0, [])
        assert "s3cret" not in during.stdout + after.stdout + during.stderr + after.stderr + "".join(running.lines)
        assert command(home, "doctor", environment=url).returncode == 0

        wrong = {"REGULARS_JOURNAL_URL": f"nats://jane:wr0ng@{server.host}/events"}
        refused = command(home, "doctor", environment=wrong)
        assert refused.returncode == 1
        assert "refuses this user" in refused.stdout
        assert "wr0ng" not in refused.stdout + refused.stderr


def test_a_stream_is_read_while_the_server_runs(home: Path) -> None:
    initialised(home, *INIT)
    with nats_server() as server:
        link = NatsLink(parse(server.url("shop")))
        link.call(lambda js: js.add_stream(name="shop", subjects=["shop"]))
        with serving(home):
            made = command(home, "connect", "stream", "shop-events", "--url", server.url("shop"))
            for number in range(20):
                data = json.dumps({"type": "track", "event": "Viewed", "userId": str(number)}).encode()
                link.call(lambda js, data=data: js.publish("shop", data))  # type: ignore[misc]
            for _ in range(100):
                listed = command(home, "connect", "list")
                if "20 messages" in listed.stdout:
                    break
        counted = command(home, "doctor")
        link.close()

    assert made.returncode == 0, made.stderr
    assert f"stream  shop-events ({server.url('shop')}): running, 20 messages" in listed.stdout
    assert counted.returncode == 0, counted.stdout
