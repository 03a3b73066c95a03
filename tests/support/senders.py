"""Clients that send events to a real server, send again what was not answered, and know what must be in the warehouse."""

from __future__ import annotations

import base64
import json
import random
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import httpx

from regulars.access.domain import Caller
from regulars.app import House
from regulars.collect.track import sources
from regulars.settings import Settings

_FIRST_PAUSE_SECONDS = 0.05
_LONGEST_PAUSE_SECONDS = 0.4


def new_source(home: Any, *, kind: str = "server", shop_id: str = "tea", name: str = "test") -> tuple[str, str]:
    """A source and its write key; the server must not run yet."""
    house = House.open(Settings.load({"REGULARS_HOME": str(home)}))
    try:
        with house.records.unit() as uow:
            made = sources.create(uow, Caller.system("test", house.keyring), shop_id=shop_id, name=name, kind=kind)
        return made.source.source_id, made.write_key
    finally:
        house.close()


@dataclass
class Sender:
    """One client: batches of events with ids of their own, each sent until it is answered."""

    name: str
    key: str
    chance: random.Random
    answered: dict[str, dict[str, Any]] = field(default_factory=dict)  # message_id -> properties
    batches: list[list[str]] = field(default_factory=list)  # ids of each batch that was sent at all
    waiting: list[dict[str, Any]] | None = None
    number: int = 0
    refusals: list[int] = field(default_factory=list)

    def batch(self) -> list[dict[str, Any]]:
        """The batch that waits for its answer, or a new one."""
        if self.waiting is None:
            self.waiting = []
            for _ in range(self.chance.randrange(1, 8)):
                self.number += 1
                self.waiting.append(
                    {
                        "type": "track",
                        "event": "Product Viewed",
                        "anonymousId": f"{self.name}-{self.chance.randrange(50)}",
                        "messageId": f"{self.name}-{self.number}",
                        "timestamp": "2026-11-21T20:13:01.828Z",
                        "properties": {
                            "product_id": f"p{self.chance.randrange(100)}",
                            "n": self.number,
                            "text": "茶" * self.chance.randrange(20),
                        },
                    }
                )
            self.batches.append([message["messageId"] for message in self.waiting])
        return self.waiting

    def send(self, client: httpx.Client, url: str) -> bool:
        """Send the batch; True when it was answered with 200."""
        batch = self.batch()
        body = json.dumps({"batch": batch, "sentAt": "2026-11-21T20:13:02Z"}).encode()
        basic = base64.b64encode(f"{self.key}:".encode()).decode()
        answer = client.post(f"{url}/v1/batch", content=body, headers={"authorization": f"Basic {basic}"})
        if answer.status_code != 200:
            self.refusals.append(answer.status_code)
            return False
        self.answered.update({message["messageId"]: message["properties"] for message in batch})
        self.waiting = None
        return True


@dataclass
class Crowd:
    """Many senders at once, over servers that come and go."""

    senders: list[Sender]
    url: str = ""
    _stop: threading.Event = field(default_factory=threading.Event)

    def start(self) -> list[threading.Thread]:
        """Every sender in a thread of its own."""
        threads = [threading.Thread(target=self._run, args=(sender,), daemon=True) for sender in self.senders]
        for thread in threads:
            thread.start()
        return threads

    def stop(self, threads: list[threading.Thread]) -> None:
        """Let everybody finish the batch that waits, then end."""
        self._stop.set()
        for thread in threads:
            thread.join(60)
            assert not thread.is_alive()

    def _run(self, sender: Sender) -> None:
        pause = _FIRST_PAUSE_SECONDS
        with httpx.Client(timeout=10) as client:
            while not self._stop.is_set() or sender.waiting is not None:
                try:
                    taken = sender.send(client, self.url)
                except httpx.HTTPError:
                    taken = False
                if not taken:  # sixteen clients that ask all the time would keep a server from starting
                    time.sleep(pause)
                pause = _FIRST_PAUSE_SECONDS if taken else min(pause * 2, _LONGEST_PAUSE_SECONDS)


def compare(crowd: Crowd, rows: list[dict[str, Any]]) -> list[str]:
    """What is lost, twice, altered or torn, in sentences; `rows` have message_id and properties (JSON)."""
    wrong = []
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row["message_id"], []).append(json.loads(row["properties"]))
    for sender in crowd.senders:
        for message_id, properties in sender.answered.items():
            held = found.get(message_id, [])
            if not held:
                wrong.append(f"lost: {message_id}")
            elif len(held) > 1:
                wrong.append(f"twice: {message_id}")
            elif held[0] != properties:
                wrong.append(f"altered: {message_id}: {held[0]} for {properties}")
        for ids in sender.batches:
            here = sum(message_id in found for message_id in ids)
            if here not in (0, len(ids)):
                wrong.append(f"torn: {here} of {len(ids)} of {ids}")
    return wrong
