"""The console stands at the root, and still the API's addresses are refused in the API's words, to programs and strangers alike."""

from __future__ import annotations

from typing import Any

import pytest

_OWN = {"origin": "http://localhost"}


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/nothing", 404, "no_such_path"),
        ("DELETE", "/v1/metrics", 405, "method_not_allowed"),
        ("POST", "/v1/metrics", 405, "method_not_allowed"),
        ("PATCH", "/healthz", 405, "method_not_allowed"),
        ("GET", "/nothing", 404, "no_such_path"),
        ("POST", "/nothing", 404, "no_such_path"),
    ],
)
async def test_an_address_without_an_answer_is_a_problem_and_not_a_page(
    visitor: Any, method: str, path: str, status: int, code: str
) -> None:
    async with visitor("owner") as someone:
        answer = await someone.http.request(method, path, headers=_OWN)

    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["code"] == code
    assert answer.json()["mend"]


@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/nothing"), ("DELETE", "/v1/metrics"), ("GET", "/nothing")])
async def test_strangers_are_told_the_same_everywhere(visitor: Any, method: str, path: str) -> None:
    async with visitor(None) as nobody:
        answer = await nobody.http.request(method, path, headers=_OWN)

    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
    assert answer.json()["code"] == "not_signed_in"


async def test_a_person_at_a_wrong_address_sees_a_page(visitor: Any) -> None:
    async with visitor("owner") as someone:
        answer = await someone.http.get("/nothing", headers={"accept": "text/html"})

    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (404, "text/html")
