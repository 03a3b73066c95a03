"""`regulars serve`: nothing runs beside the building of the web application."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn

from regulars.app import House
from regulars.server import run_server
from regulars.settings import Settings


def test_worker_loader_and_commands_start_once_the_application_is_built(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    house = House.open(Settings.load({"REGULARS_HOME": str(home)}))
    story: list[str] = []
    build = house.http

    def beside() -> list[str]:
        return [thread.name for thread in threading.enumerate() if thread.name in ("regulars-worker", "regulars-loader")]

    def building() -> object:
        app = build()
        story.extend(["built", *beside()])
        return app

    @contextmanager
    def commands(_: House) -> Iterator[None]:
        story.extend(["commands", *beside()])
        yield

    monkeypatch.setattr(house, "http", building)
    monkeypatch.setattr(uvicorn.Server, "run", lambda _self: story.extend(["serving", *sorted(beside())]))

    run_server(house, announce=lambda _: None, meanwhile=commands)
    house.close()

    assert story == ["built", "commands", "serving", "regulars-loader", "regulars-worker"]
