"""A shop, and a stream that keeps what it is given on disk and counts each message once, as the real one does."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from regulars.access import Caller, Keyring, shops
from regulars.access.domain import Shop
from regulars.collect.platforms import sink
from regulars.records import Records


@dataclass
class Stream:
    """Lines in one file, each forced to disk before the writer goes on."""

    path: Path
    source_id: str = ""

    def of(self, source_id: str) -> Stream:
        """The stream as one source sees it."""
        return Stream(self.path, source_id)

    def accept(self, messages: Sequence[dict[str, Any]]) -> None:
        self._append([{"source": self.source_id, "message": message} for message in messages])

    def refuse(self, raw: bytes, reason: str, detail: str) -> None:
        self._append([{"source": self.source_id, "raw": base64.b64encode(raw).decode(), "reason": reason, "detail": detail}])

    def _append(self, lines: list[dict[str, Any]]) -> None:
        data = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(handle, data)
            os.fsync(handle)
        finally:
            os.close(handle)

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Everything that was ever handed over whole."""
        if not self.path.exists():
            return []
        return [json.loads(line) for line in self.path.read_text("utf-8").splitlines()]

    @property
    def handed(self) -> list[dict[str, Any]]:
        """Every message, repetitions included."""
        return [line["message"] for line in self.lines if "message" in line]

    @property
    def messages(self) -> list[dict[str, Any]]:
        """Each message once by source and messageId, the first one wins."""
        found: dict[tuple[str, str], dict[str, Any]] = {}
        for line in self.lines:
            if "message" in line:
                found.setdefault((line["source"], line["message"]["messageId"]), line["message"])
        return list(found.values())

    @property
    def refused(self) -> list[dict[str, Any]]:
        """What was put aside, each once."""
        found = {(line["source"], line["raw"]): line for line in self.lines if "raw" in line}
        return list(found.values())

    def named(self, event: str) -> list[dict[str, Any]]:
        """The messages of one event, each once."""
        return [message for message in self.messages if message.get("event") == event]


@pytest.fixture
def stream(home: Path) -> Iterator[Stream]:
    """The stream every source of this test writes to."""
    made = Stream(home / "stream.jsonl")
    sink.connect(home, lambda records, shop_id, source_id: made.of(source_id))
    yield made
    sink.connect(home, None)


@pytest.fixture
def keyring(home: Path) -> Keyring:
    """The installation's own keys."""
    return Keyring.open(home)


@pytest.fixture
def shell(keyring: Keyring) -> Caller:
    """The installation itself."""
    return Caller.system("shell", keyring)


def open_shop(records: Records, shell: Caller, shop_id: str = "tea") -> Shop:
    """A shop in Shanghai."""
    with records.unit() as uow:
        return shops.create(uow, shell, shop_id=shop_id, name="Tea House", timezone="Asia/Shanghai", currency="CNY")


@pytest.fixture
def shop(any_records: Records, shell: Caller) -> Shop:
    """A shop in Shanghai, on SQLite and on PostgreSQL."""
    return open_shop(any_records, shell)
