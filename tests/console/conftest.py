"""A composed house with a small shop's orders, and visitors of every role who open its pages without a browser."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from nicegui import Client
from nicegui.testing import User

from regulars.access import Caller, operators, sessions, shops
from regulars.app import House
from regulars.collect import imports
from regulars.settings import Settings
from tests.access.people import colleague, owner

#: Eight customers over half a year; one buys often, one once and long ago, one writes scripts instead of names.
HEADS = "Order No,Order Date,Customer ID,SKU,Product,Quantity,Unit Price,Country"
ROGUE = "<script>alert(1)</script>"


def orders() -> list[str]:
    """The lines of the file."""
    lines = [HEADS]
    for month in range(1, 7):
        lines += [f"A{month}0{n},2025-0{month}-{3 + 7 * n:02d} 10:0{n},regular,K1,Black tea,2,12.50,Norway" for n in range(3)]
        lines.append(f"B{month},2025-0{month}-11 09:30,buyer{month},K2,Green tea,1,8.00,Sweden")
    lines.append(f"C1,2025-01-05 08:00,{ROGUE},K3,{ROGUE},3,20.00,{ROGUE}")
    lines.append("C2,2025-02-05 08:00,late,K1,Black tea,1,12.50,Norway")
    return lines


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Both stores with one shop and its orders, profiles and next orders refreshed."""
    home: Path = tmp_path_factory.mktemp("console")
    made = House.open(Settings.load({"REGULARS_HOME": str(home)}))
    shell = Caller.system("shell", made.keyring)
    with made.records.unit() as uow:
        shop = shops.create(uow, shell, shop_id="tea", name="Tea House", timezone="Asia/Shanghai", currency="CNY")
    file = home / "tea-house.csv"
    file.write_text("\n".join(orders()), encoding="utf-8")
    imports.load(made.records, made.warehouse, made.home, shop, "orders", [file], caller=shell)
    made.work_off()
    yield made
    made.close()


@pytest.fixture(scope="module")
def app(house: House) -> FastAPI:
    """The whole application around it."""
    return house.http()


@dataclass
class Visitor:
    """Somebody with a browser's cookies but without a browser."""

    user: User
    http: httpx.AsyncClient

    async def open(self, path: str) -> list[str]:
        """Every piece of text on a page, once nothing is loading any more."""
        client = await self.user.open(path)
        return await settled(client)


#: Stand where an answer will be: the shape of it at first, how far it is when it takes longer than a second.
_UNDER_WAY = {"rg-skeleton", "rg-waiting"}


async def settled(client: Client) -> list[str]:
    """The words of an open page, once nothing is loading any more."""
    for _ in range(400):
        if not any(_UNDER_WAY & set(element.classes) for element in client.elements.values()):
            break
        await asyncio.sleep(0.05)
    else:
        raise AssertionError("something is still loading after 20 s")
    return list(words(client))


def words(client: Client) -> Iterator[str]:
    """Text of elements, of table cells, and of what charts and tips say."""
    for element in list(client.elements.values()):
        if "rg-i" in element.classes:
            continue  # the name of a pictogram
        if text := getattr(element, "_text", None):
            yield text
        for name in ("title", "aria-label", "placeholder"):
            if text := element.props.get(name):
                yield str(text)
        yield from _inside(element.props.get("rows"))
        yield from (str(column["label"]) for column in element.props.get("columns") or [])
        yield from _inside(element.props.get("options"))


def _inside(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in (
                "text",
                "sub",
                "hint",
                "label",
                "name",
                "head",
                "note",
                "data",
                "cells",
                "series",
                "links",
                "lines",
                "xAxis",
            ):
                yield from _inside(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _inside(inner)
    elif isinstance(value, str):
        yield value


def person_of(house: House, role: str) -> str:
    """The operator of a role; who is missing joins first, the owner before all others."""
    with house.records.reading() as uow:
        known = {person.role.value: person.operator_id for person in operators.list_all(uow, Caller.system("shell", house.keyring))}
    if "owner" not in known:
        known["owner"] = owner(house.records, house.keyring).operator_id
    if role not in known:
        known[role] = colleague(house.records, house.keyring, role=role, email=f"{role}@example.com").operator_id
    return known[role]


@pytest.fixture
def visitor(app: FastAPI, house: House) -> Any:
    """`async with visitor("analyst", language="zh") as someone`."""

    @asynccontextmanager
    async def enter(role: str | None = "owner", language: str = "en") -> AsyncIterator[Visitor]:
        cookies = {"regulars_language": language}
        if role is not None:
            operator_id = person_of(house, role)
            with house.records.unit() as uow:
                cookies["__Host-regulars"] = sessions.begin(uow, operator_id, second_factor=False).token
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost", cookies=cookies) as http,
        ):
            yield Visitor(User(http), http)

    return enter
