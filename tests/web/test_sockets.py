"""A socket that is open when its session ends is closed; pings keep no session alive, acts do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from regulars.access import sessions
from regulars.values import clock
from regulars.web import Stores, WebOptions, doorkeeper
from regulars.web.doorkeeper import Doorkeeper
from tests.web.conftest import ORIGIN


async def echo(socket: WebSocket) -> None:
    await socket.accept()
    try:
        while True:
            await socket.send_text(f"{socket.scope['regulars.caller'].name}: {await socket.receive_text()}")
    except WebSocketDisconnect:
        pass


@pytest.fixture
def visitor(stores: Stores, session: Callable[[str], dict[str, str]], monkeypatch: pytest.MonkeyPatch) -> TestClient:
    monkeypatch.setattr(doorkeeper, "_LOOK_AGAIN_S", 0.0)
    app = Doorkeeper(Starlette(routes=[WebSocketRoute("/socket", echo)]), stores=stores, options=WebOptions())
    return TestClient(app, base_url="http://localhost", cookies=session("owner"))


def test_a_socket_is_closed_when_the_session_is_ended(visitor: TestClient, stores: Stores) -> None:
    with visitor.websocket_connect("ws://localhost/socket", headers=ORIGIN) as socket:
        socket.send_text("4hello")
        assert socket.receive_text() == "Mei: 4hello"
        with stores.records.unit() as uow:
            found = sessions.recognise(uow, visitor.cookies["__Host-regulars"], stores.keyring)
            assert found is not None
            sessions.end(uow, found.caller.session_id or "")

        socket.send_text("4again")
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_text()
    assert closed.value.code == 4401


@pytest.mark.parametrize(("packet", "alive"), [("3", False), ('42["click"]', True)])
def test_acts_keep_a_session_alive_and_pings_do_not(visitor: TestClient, packet: str, alive: bool) -> None:
    with (
        time_machine.travel(clock.now(), tick=False) as travel,
        visitor.websocket_connect("ws://localhost/socket", headers=ORIGIN) as socket,
    ):
        travel.shift(timedelta(minutes=20))
        socket.send_text(packet)
        socket.receive_text()
        travel.shift(timedelta(minutes=20))
        socket.send_text('42["click"]')
        if alive:
            assert socket.receive_text()
        else:
            with pytest.raises(WebSocketDisconnect):
                socket.receive_text()
