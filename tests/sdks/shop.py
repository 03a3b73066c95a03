"""A shop whose events the SDKs send: one data folder, a source for every sender, and a server that can be killed and started again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from regulars.access.domain import Caller
from regulars.app import House
from regulars.collect.track import sources
from regulars.guard import privacy
from regulars.guard.privacy import Person
from regulars.settings import Settings
from tests.support.server import RunningServer, free_port, initialised, serving

SHOP = "tea"


@dataclass
class Landed:
    """What is in the stores after everything was loaded."""

    rows: dict[str, list[dict[str, Any]]]  # by the name of the source, in order of time
    people: dict[str, Person]
    refused: list[dict[str, Any]]
    archived: str  # every text of the archive, to look for what must not be there
    known: dict[str, str]
    visitors: dict[str, str]

    def of(self, source: str, kind: str = "", event: str = "") -> list[dict[str, Any]]:
        """The rows of a source, of one type and event."""
        return [row for row in self.rows.get(source, []) if kind in ("", row["type"]) and event in ("", row["event"])]

    def one(self, source: str, kind: str, event: str = "") -> dict[str, Any]:
        """The only row of that type and event, its JSON read."""
        found = self.of(source, kind, event)
        assert len(found) == 1, (
            f"{len(found)} of {kind} {event} from {source}; there are {[(r['type'], r['event']) for r in self.of(source)]}"
        )
        return found[0]


@dataclass
class Shop:
    """The data folder, the write keys by the names of the sources, and the running server."""

    home: Path
    keys: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    _stack: ExitStack = field(default_factory=ExitStack)
    server: RunningServer | None = None

    @property
    def url(self) -> str:
        """The host that is told to an SDK."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start the server, on the same port as before."""
        self.server = self._stack.enter_context(serving(self.home, port=self.port))

    def kill(self) -> None:
        """kill -9."""
        assert self.server is not None
        self.server.kill()

    def stop(self) -> None:
        """End the server as a service manager does."""
        self._stack.close()

    def house(self) -> House:
        """The stores, while no server runs."""
        return House.open(Settings.load({"REGULARS_HOME": str(self.home)}))

    def landed(self, known: Iterable[str] = (), visitors: Iterable[str] = ()) -> Landed:
        """Stop the server, load what is left of the journal, and read everything.

        `known` and `visitors` are ids whose kept form is asked for.
        """
        self.stop()
        house = self.house()
        try:
            house.loader.run_once()
            table = house.warehouse.table("events")
            names = {source_id: name for name, source_id in self.ids.items()}
            rows: dict[str, list[dict[str, Any]]] = {}
            for row in sorted(house.warehouse.rows(table), key=lambda row: (row["timestamp"], row["message_id"])):
                row["properties"] = json.loads(row["properties"])
                row["context"] = json.loads(row["context"] or "{}")
                rows.setdefault(names[row["source_id"]], []).append(row)
            forms = {told: privacy.known_id(house.keyring, SHOP, told) for told in known}
            with house.records.unit() as uow:
                caller = Caller.system("test", house.keyring)
                people = privacy.reveal(uow, caller, SHOP, sorted(set(forms.values())))
                refused = _refused(uow)
            return Landed(
                rows,
                people,
                refused,
                "\n".join(_texts(self.home)),
                forms,
                {told: privacy.visitor_id(house.keyring, SHOP, told) for told in visitors},
            )
        finally:
            house.close()


def _refused(uow: Any) -> list[dict[str, Any]]:
    from sqlalchemy import select

    from regulars.collect.track.tables import quarantined_event

    return [dict(row) for row in uow.rows(select(quarantined_event))]


def _texts(home: Path) -> Iterator[str]:
    for path in sorted((home / "events").rglob("*.parquet")):
        for row in pq.read_table(path).to_pylist():
            yield json.dumps(row, ensure_ascii=False, default=str)


def open_shop(home: Path, names: Iterable[str], kind: str = "server") -> Shop:
    """A new shop with a source for each name; no server runs yet."""
    initialised(home, "--shop", SHOP, "--timezone", "Asia/Shanghai", "--currency", "CNY")
    shop = Shop(home)
    house = shop.house()
    with house.records.unit() as uow:
        caller = Caller.system("test", house.keyring)
        for name in names:
            new = sources.create(uow, caller, shop_id=SHOP, name=name, kind=kind)
            shop.keys[name], shop.ids[name] = new.write_key, new.source.source_id
    house.close()
    return shop


def utc(text: str) -> datetime:
    """An instant as the warehouse keeps it: UTC without a zone."""
    return datetime.fromisoformat(text)
