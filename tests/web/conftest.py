"""An application with a few routes of its own, the real middleware around it, and callers of every kind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from regulars.access import Caller, Keyring, Role, api_keys, sessions, shops
from regulars.records import Records
from regulars.warehouse import Warehouse
from regulars.web import Stores, WebOptions, build
from tests.access.people import colleague, owner
from tests.web.counter import api

ORIGIN = {"origin": "http://localhost"}
Client = Callable[..., TestClient]


@pytest.fixture
def keyring(home: Path) -> Keyring:
    return Keyring.open(home)


@pytest.fixture
def shell(keyring: Keyring) -> Caller:
    return Caller.system("shell", keyring)


@pytest.fixture
def stores(records: Records, warehouse: Warehouse, home: Path, keyring: Keyring, shell: Caller) -> Stores:
    """Both stores with two shops, the older of which is `tea`."""
    with records.unit() as uow:
        for shop_id in ("tea", "coffee"):
            shops.create(uow, shell, shop_id=shop_id, name=shop_id, timezone="Asia/Shanghai", currency="CNY")
    return Stores(records=records, warehouse=warehouse, home=home, keyring=keyring)


@pytest.fixture
def client(stores: Stores) -> Client:
    """A client of a new application: `client()`, or with options, headers, cookies."""

    def made(options: WebOptions | None = None, **more: Any) -> TestClient:
        app = build(stores, options or WebOptions(), [api])
        return TestClient(app, base_url=more.pop("base_url", "http://localhost"), raise_server_exceptions=False, **more)

    return made


@pytest.fixture
def key(stores: Stores, shell: Caller) -> Callable[..., dict[str, str]]:
    """Headers with an API key of these scopes."""

    def made(*scopes: str, shop_id: str = "tea") -> dict[str, str]:
        with stores.records.unit() as uow:
            secret = api_keys.create(uow, shell, name="test", scopes=list(scopes), shop_id=shop_id).secret
        return {"authorization": f"Bearer {secret}"}

    return made


@pytest.fixture
def session(stores: Stores) -> Callable[..., dict[str, str]]:
    """The cookie of an operator of this role, signed in."""

    def made(role: str) -> dict[str, str]:
        if role == Role.OWNER:
            person = owner(stores.records, stores.keyring)
        else:
            person = colleague(stores.records, stores.keyring, role=role, email=f"{role}@example.com")
        with stores.records.unit() as uow:
            return {"__Host-regulars": sessions.begin(uow, person.operator_id, second_factor=False).token}

    return made
