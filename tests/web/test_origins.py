"""Foreign sites cannot act through an operator's browser, forged addresses do not help, and browsers are told to be careful."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from starlette.websockets import WebSocketDisconnect

from regulars.errors import InvalidInput
from regulars.web import Stores, WebOptions
from tests.access.people import PASSWORD, owner
from tests.web.conftest import ORIGIN, Client

Session = Callable[[str], dict[str, str]]
Key = Callable[..., dict[str, str]]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "http://localhost"}, 201),
        ({"origin": "http://LOCALHOST:80"}, 201),
        ({"sec-fetch-site": "same-origin"}, 201),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "https://localhost"}, 403),
        ({"origin": "http://localhost:8080"}, 403),
        ({"origin": "http://localhost.evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": ""}, 403),
        ({"origin": "http://localhost, http://evil.example"}, 403),
        ({"origin": "http://localhost@evil.example"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({}, 403),
    ],
)
def test_a_browsers_write_must_come_from_our_own_pages(
    client: Client, session: Session, headers: dict[str, str], status: int
) -> None:
    answer = client(cookies=session("owner")).post("/v1/counts", json={"by": 1}, headers=headers)

    assert answer.status_code == status


def test_a_program_with_a_key_has_no_origin_but_a_page_of_another_site_is_refused(client: Client, key: Key) -> None:
    visitor, headers = client(), key("manage_shop")

    assert visitor.post("/v1/counts", json={"by": 1}, headers=headers).status_code == 201
    assert visitor.post("/v1/counts", json={"by": 1}, headers=headers | {"origin": "http://evil.example"}).status_code == 403


def test_with_a_public_address_only_that_one_is_ours(client: Client, session: Session) -> None:
    options = WebOptions(public_url="https://growth.example.com")
    signed_in = client(options, cookies=session("owner"), base_url="https://growth.example.com")

    ours = signed_in.post("/v1/counts", json={"by": 1}, headers={"origin": "https://growth.example.com"})
    forged_host = signed_in.post("/v1/counts", json={"by": 1}, headers={"origin": "http://evil.example", "host": "evil.example"})

    assert (ours.status_code, forged_host.status_code) == (201, 403)


def test_a_forged_forwarded_address_is_believed_of_configured_proxies_only(client: Client, key: Key) -> None:
    headers = key("read_reports") | {"x-forwarded-for": "1.2.3.4, 203.0.113.9, 10.0.0.2"}
    plain = client()
    behind = client(WebOptions(proxies=("10.0.0.0/8",)), client=("10.0.0.1", 5000))
    other = client(WebOptions(proxies=("10.0.0.0/8",)), client=("192.0.2.5", 5000))

    assert plain.get("/v1/seen", headers=headers).json()["network"] == "testclient"
    assert behind.get("/v1/seen", headers=headers).json()["network"] == "203.0.113.9"
    assert other.get("/v1/seen", headers=headers).json()["network"] == "192.0.2.5"


@pytest.mark.parametrize("wrong", [{"proxies": ("nginx",)}, {"public_url": "growth.example.com"}])
def test_options_that_cannot_be_are_refused_at_start(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        WebOptions(**wrong)


def test_forged_addresses_do_not_give_more_guesses(client: Client, stores: Stores) -> None:
    owner(stores.records, stores.keyring)
    visitor = client()

    codes = [
        visitor.post(
            "/v1/session",
            json={"email": "mei@example.com", "password": f"guess number {number}"},
            headers=ORIGIN | {"x-forwarded-for": f"203.0.113.{number}", "forwarded": f"for=203.0.113.{number}"},
        ).status_code
        for number in range(13)
    ]
    right = visitor.post("/v1/session", json={"email": "mei@example.com", "password": PASSWORD}, headers=ORIGIN)

    assert codes == [401] * 10 + [429] * 3
    assert right.status_code == 429


def test_the_session_cookie_is_as_safe_as_the_address_allows(client: Client, stores: Stores) -> None:
    owner(stores.records, stores.keyring)
    body = {"email": "mei@example.com", "password": PASSWORD}
    cookies = {}
    for base in ("http://localhost", "https://growth.example.com", "http://127.0.0.1:8000", "http://192.0.2.9:8000"):
        answer = client(base_url=base).post("/v1/session", json=body, headers={"origin": base})
        cookies[base] = answer.headers["set-cookie"]
        assert "token" not in answer.json()

    for base in ("http://localhost", "https://growth.example.com", "http://127.0.0.1:8000"):
        assert cookies[base].startswith("__Host-regulars=")
        assert cookies[base].endswith("; Path=/; Max-Age=43200; HttpOnly; SameSite=Lax; Secure")
    assert cookies["http://192.0.2.9:8000"].startswith("regulars=")
    assert "Secure" not in cookies["http://192.0.2.9:8000"]


def test_every_answer_tells_the_browser_to_be_careful(client: Client) -> None:
    for path in ("/healthz", "/v1/seen", "/none", "/openapi.json"):
        headers = client().get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "default-src 'none'" in headers["content-security-policy"]
    secure = client(base_url="https://growth.example.com").get("/healthz").headers
    assert "strict-transport-security" in secure
    assert client().get("/v1/seen").headers["cache-control"] == "no-store"


@pytest.mark.parametrize("origin", [None, "http://evil.example", "null", "https://localhost"])
def test_a_socket_of_another_site_is_closed_even_with_the_cookie(client: Client, session: Session, origin: str | None) -> None:
    signed_in = client(cookies=session("owner"))
    headers = {"origin": origin} if origin else {}

    with pytest.raises(WebSocketDisconnect) as closed, signed_in.websocket_connect("ws://localhost/socket", headers=headers):
        pass
    assert closed.value.code == 4403


def test_a_socket_of_a_stranger_is_closed(client: Client) -> None:
    with pytest.raises(WebSocketDisconnect) as closed, client().websocket_connect("ws://localhost/socket", headers=ORIGIN):
        pass
    assert closed.value.code == 4403
