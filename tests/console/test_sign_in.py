"""Signing in, the second step, and one-time links, as a browser does them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pyotp
import pytest

from regulars.access import Caller, operators, second_factor, sessions, shops
from regulars.app import House
from regulars.settings import Settings
from tests.access.people import PASSWORD, owner

ORIGIN = {"origin": "https://localhost"}


@pytest.fixture
async def house(home: Path) -> AsyncIterator[House]:
    made = House.open(Settings.load({"REGULARS_HOME": str(home)}))
    with made.records.unit() as uow:
        shops.create(
            uow, Caller.system("shell", made.keyring), shop_id="tea", name="Tea House", timezone="Asia/Shanghai", currency="CNY"
        )
    yield made
    made.close()


@pytest.fixture
async def browser(house: House) -> AsyncIterator[httpx.AsyncClient]:
    """A browser's cookies and address bar, on the real application."""
    app = house.http()
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://localhost", headers=ORIGIN) as client,
    ):
        yield client


async def test_the_first_one_becomes_the_owner_by_the_printed_link(house: House, browser: httpx.AsyncClient) -> None:
    with house.records.unit() as uow:
        token = operators.first_owner_link(uow)

    shown = await browser.get(f"/welcome/{token}")
    joined = await browser.post(f"/welcome/{token}", data={"name": "Mei", "email": "mei@example.com", "password": PASSWORD})

    assert "Become the owner" in shown.text
    assert joined.status_code == 303
    assert joined.headers["location"] == "/"
    assert "HttpOnly" in joined.headers["set-cookie"]
    assert "SameSite=Lax" in joined.headers["set-cookie"]
    assert (await browser.get(f"/welcome/{token}")).status_code == 404


async def test_a_weak_password_is_refused_and_what_was_typed_stays(house: House, browser: httpx.AsyncClient) -> None:
    with house.records.unit() as uow:
        token = operators.first_owner_link(uow)

    refused = await browser.post(f"/welcome/{token}", data={"name": "Mei <b>", "email": "mei@example.com", "password": "short"})

    assert refused.status_code == 400
    assert "Mei &lt;b&gt;" in refused.text
    assert "short" not in re.sub(r"<small.*?</small>", "", refused.text).split("<form")[1]


async def test_a_wrong_password_and_an_unknown_address_read_alike(house: House, browser: httpx.AsyncClient) -> None:
    owner(house.records, house.keyring)

    wrong = await browser.post("/sign-in", data={"email": "mei@example.com", "password": "another garden word"})
    unknown = await browser.post("/sign-in", data={"email": "who@example.com", "password": "another garden word"})

    assert wrong.status_code == unknown.status_code == 401
    assert _plain(wrong).replace("mei@", "who@") == _plain(unknown)


async def test_signing_in_leads_to_where_one_wanted_to_go(house: House, browser: httpx.AsyncClient) -> None:
    owner(house.records, house.keyring)

    led = await browser.get("/retention?measure=orders", headers={"accept": "text/html"})
    done = await browser.post(
        "/sign-in", data={"email": "Mei@Example.com ", "password": PASSWORD, "next": "/retention?measure=orders"}
    )

    assert led.headers["location"] == "/sign-in?next=/retention%3Fmeasure%3Dorders"
    assert done.headers["location"] == "/retention?measure=orders"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/sign-in"]
)
async def test_signing_in_never_leads_out_of_the_console(house: House, browser: httpx.AsyncClient, elsewhere: str) -> None:
    owner(house.records, house.keyring)

    done = await browser.post("/sign-in", data={"email": "mei@example.com", "password": PASSWORD, "next": elsewhere})

    assert done.headers["location"] == "/"


async def test_the_second_step_asks_for_the_code_and_never_shows_the_password(house: House, browser: httpx.AsyncClient) -> None:
    secret, _ = _with_second_factor(house)

    half = await browser.post("/sign-in", data={"email": "mei@example.com", "password": PASSWORD, "next": "/rfm"})
    wrong = await browser.post("/sign-in/code", data={"code": "000000", "next": "/rfm"})
    done = await browser.post("/sign-in/code", data={"code": pyotp.TOTP(secret).at(_next_step()), "next": "/rfm"})

    assert "authenticator app" in half.text
    assert PASSWORD not in half.text
    assert PASSWORD not in half.headers["set-cookie"]
    assert "__Host-regulars" not in half.headers["set-cookie"]
    assert wrong.status_code == 401
    assert done.status_code == 303
    assert done.headers["location"] == "/rfm"


async def test_a_recovery_code_opens_when_the_phone_is_lost(house: House, browser: httpx.AsyncClient) -> None:
    _, codes = _with_second_factor(house)

    await browser.post("/sign-in", data={"email": "mei@example.com", "password": PASSWORD})
    done = await browser.post("/sign-in/code", data={"code": codes[0]})

    assert done.status_code == 303


async def test_a_code_without_a_password_before_it_begins_anew(browser: httpx.AsyncClient) -> None:
    shown = await browser.post("/sign-in/code", data={"code": "123456"})

    assert "Password" in shown.text


async def test_signing_out_ends_the_session(house: House, browser: httpx.AsyncClient) -> None:
    person = owner(house.records, house.keyring)
    with house.records.unit() as uow:
        browser.cookies.set("__Host-regulars", sessions.begin(uow, person.operator_id, second_factor=False).token)
    assert (await browser.get("/profile")).status_code == 200

    out = await browser.post("/sign-in/out")

    assert "Max-Age=0" in out.headers["set-cookie"]
    with house.records.reading() as uow:
        assert sessions.live(uow, person.operator_id) == []


async def test_a_form_sent_from_another_site_is_refused(house: House, browser: httpx.AsyncClient) -> None:
    owner(house.records, house.keyring)

    sent = await browser.post(
        "/sign-in", data={"email": "mei@example.com", "password": PASSWORD}, headers={"origin": "https://evil.example"}
    )

    assert sent.status_code == 403
    assert "set-cookie" not in sent.headers


async def test_the_language_follows_the_browser_and_then_the_choice(house: House, browser: httpx.AsyncClient) -> None:
    chinese = await browser.get("/sign-in", headers={"accept-language": "zh-CN,zh;q=0.9"})
    browser.cookies.set("regulars_language", "en")
    chosen = await browser.get("/sign-in", headers={"accept-language": "zh-CN,zh;q=0.9"})

    assert 'lang="zh-CN"' in chinese.text
    assert "登录" in chinese.text
    assert 'lang="en-GB"' in chosen.text


def _plain(answer: httpx.Response) -> str:
    """A page without the nonce, which differs in every answer."""
    return re.sub(r' nonce="[^"]+"', "", answer.text)


def _with_second_factor(house: House) -> tuple[str, list[str]]:
    person = owner(house.records, house.keyring)
    caller = Caller(kind="operator", id=person.operator_id, scopes=frozenset(), role=person.role, keyring=house.keyring)
    with house.records.unit() as uow:
        secret = second_factor.begin(uow, caller).secret
    with house.records.unit() as uow:
        return secret, second_factor.confirm(uow, caller, pyotp.TOTP(secret).now())


def _next_step() -> int:
    """The code after the one that confirmed: each opens once, and one step of drift is allowed."""
    from regulars.values import clock

    return int(clock.now().timestamp()) + 30
