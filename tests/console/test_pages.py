"""Every page, opened by every role, in both languages: it is complete, allowed, and shows stored text as text."""

from __future__ import annotations

import re
from typing import Any

import pytest
from nicegui import Client

from regulars.access.domain import ROLE_PERMISSIONS, Role
from regulars.console import registry
from tests.console.conftest import ROGUE

PAGES = (
    "/",
    "/metrics",
    "/metrics/definitions",
    "/retention",
    "/rfm",
    "/lifecycle",
    "/customers",
    "/customers/regular",
    "/act-on",
    "/promotions",
    "/promotions/new",
    "/forecast",
    "/anomalies",
    "/root-cause",
    "/data",
    "/data/load",
    "/identity",
    "/privacy",
    "/privacy/policy",
    "/privacy/wordings",
    "/privacy/register",
    "/privacy/retention",
    "/privacy/requests",
    "/settings/shop",
    "/settings/operators",
    "/settings/keys",
    "/settings/audit",
    "/profile",
)


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_every_page_is_drawn_without_an_error(visitor: Any, language: str, caplog: pytest.LogCaptureFixture) -> None:
    async with visitor("owner", language) as someone:
        for page in PAGES:
            shown = await someone.open(page)

            assert len(shown) > 20, page
            assert not [text for text in shown if "went wrong" in text or "系统出错" in text], page

    assert [record for record in caplog.records if record.message in ("page failed", "text had no translation")] == []


async def test_chinese_pages_hold_no_english_words_of_ours(visitor: Any) -> None:
    ours = re.compile(r"\b(the|of|and|orders?|customers?|revenue|month|last|with)\b", re.IGNORECASE)

    async with visitor("owner", "zh") as someone:
        for page in (page for page in PAGES if page not in ("/settings/shop", "/settings/audit", "/metrics/definitions")):
            shown = await someone.open(page)

            assert [text for text in shown if ours.search(text)] == [], page


async def test_no_page_shows_stored_codes(visitor: Any) -> None:
    code = re.compile(r"^[a-z]+(_[a-z]+)+$")

    async with visitor("owner", "zh") as someone:
        for page in (page for page in PAGES if page != "/metrics/definitions"):
            shown = await someone.open(page)

            assert [text for text in shown if code.match(text)] == [], page


async def test_a_name_that_is_a_script_is_shown_as_it_is(visitor: Any) -> None:
    async with visitor("owner") as someone:
        assert ROGUE in await someone.open("/metrics?by=product&period=all")
        assert ROGUE in await someone.open("/customers")

        answer = await someone.http.get("/customers")
        assert ROGUE not in answer.text


@pytest.mark.parametrize("role", [role.value for role in Role])
async def test_a_role_reaches_exactly_the_screens_it_has_the_permission_for(visitor: Any, role: str) -> None:
    async with visitor(role) as someone:
        for spec in registry.SCREENS.values():
            path = spec.path.replace("{customer_id:path}", "regular").replace("{load_id}", "load_1")
            answer = await someone.http.get(path)

            allowed = spec.permission is None or spec.permission in ROLE_PERMISSIONS[Role(role)]
            assert answer.status_code == (200 if allowed else 403), path


async def test_a_stranger_is_led_to_the_sign_in_page_and_builds_no_page(visitor: Any) -> None:
    async with visitor(None) as nobody:
        before = set(Client.instances)
        for path in PAGES:
            answer = await nobody.http.get(path, headers={"accept": "text/html"})

            assert answer.status_code == 303
            assert answer.headers["location"].startswith("/sign-in?next=")
        assert set(Client.instances) <= before


async def test_a_stranger_cannot_send_files_or_open_a_socket(visitor: Any) -> None:
    async with visitor(None) as nobody:
        upload = await nobody.http.post(
            "/_nicegui/client/x/upload/1", files={"file": b"a,b"}, headers={"origin": "http://localhost"}
        )
        socket = await nobody.http.get("/_nicegui_ws/socket.io/?EIO=4&transport=polling")

    assert upload.status_code in (401, 403)
    assert socket.status_code in (401, 403)


async def test_scripts_run_only_with_the_answers_own_nonce(visitor: Any) -> None:
    async with visitor("owner") as someone:
        answer = await someone.http.get("/")
        again = await someone.http.get("/")

    policy = answer.headers["content-security-policy"]
    nonce = re.search(r"'nonce-([^']+)'", policy)
    assert nonce is not None
    assert "script-src 'self' 'nonce-" in policy
    assert "'unsafe-inline'" not in policy.split("script-src")[1]
    assert all(f'nonce="{nonce[1]}"' in tag for tag in re.findall(r"<script[^>]*>", answer.text))
    assert nonce[1] not in again.text


async def test_a_foreign_prefix_is_not_reflected_into_the_page(visitor: Any) -> None:
    async with visitor("owner") as someone:
        answer = await someone.http.get("/", headers={"x-forwarded-prefix": "//evil.example"})

    assert "evil.example" not in answer.text


async def test_an_unknown_address_and_a_foreign_shop_say_so(visitor: Any) -> None:
    async with visitor("owner") as someone:
        assert (await someone.http.get("/nothing-here")).status_code == 404
        assert (await someone.http.get("/?shop=coffee")).status_code == 404
