"""Sixteen clients and a server that is killed again and again: nothing lost, nothing twice, nothing altered, nothing torn (P1, P3, P4)."""

from __future__ import annotations

import os
import random
import statistics
import time
from pathlib import Path

from regulars.app import House, examine
from regulars.settings import Settings
from tests.support.senders import Crowd, Sender, compare, new_source
from tests.support.server import initialised, serving

ROUNDS = int(os.environ.get("REGULARS_TEST_KILLS", "4"))


def test_answered_events_survive_every_kill(home: Path) -> None:
    initialised(home, "--shop", "tea", "--timezone", "Asia/Shanghai", "--currency", "CNY")
    _, key = new_source(home)
    chance = random.Random(11)
    crowd = Crowd([Sender(f"c{number}", key, random.Random(number)) for number in range(16)])
    threads = []
    starts = []

    for _ in range(ROUNDS):
        begun = time.monotonic()
        with serving(home) as server:
            starts.append(time.monotonic() - begun)
            crowd.url = server.url
            if not threads:
                threads = crowd.start()
            time.sleep(chance.uniform(0.05, 1.5))
            server.kill()
    with serving(home) as server:
        crowd.url = server.url
        time.sleep(0.5)
        crowd.stop(threads)

    house = House.open(Settings.load())
    house.loader.run_once()
    events = house.warehouse.table("events")
    rows = house.warehouse.rows(events.select("message_id", "properties"))
    answered, wrong = sum(len(sender.answered) for sender in crowd.senders), compare(crowd, rows)
    print(f"{ROUNDS} kills: {answered} events answered, {len(rows)} stored, {len(wrong)} lost, twice or altered")
    print(f"restarts: median {statistics.median(starts):.1f} s, longest {max(starts):.1f} s")
    assert answered > 100
    assert wrong == []
    assert [check.name for check in examine(house).checks if not check.ok] == []
    assert house.loader.backlog_bytes() == 0
    house.close()
    assert max(starts) < 60
