"""What strangers send: hostile bodies and addresses get a 4xx with words, errors show no insides, limits hold."""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.errors import InvalidInput
from regulars.web import Stores, WebOptions
from regulars.web.bodies import Body, strict_json
from regulars.web.problems import problem_of
from tests.web.conftest import Client

Key = Callable[..., dict[str, str]]
JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"x"',
        b"{}",
        b'{"by": 1e999}',
        b'{"by": NaN}',
        b'{"by": Infinity}',
        b'{"by": 99999999999999999999999999}',
        b'{"by": ' + b"9" * 10_000 + b"}",
        b'{"by": -9223372036854775809}',
        b'{"by": 1, "note": "\\u0000"}',
        b'{"by": 1, "note": "\\ud800"}',
        b'{"by": 1, "\\udfff": 1}',
        b'{"by": 1, "note": "\xff\xfe"}',
        b'{"by": 1, "by": 2}',
        b'{"by": 1, "note": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
        b'{"by": "' + b"1" * 20_000 + b'"}',
        b'{"by": 1, "note": "' + b"x" * 10_001 + b'"}',
        b"\xef\xbb\xbf{",
        '{"by": 1}'.encode("utf-16"),
        b"\x00" * 1000,
        b"{" + b" " * 900_000,
    ],
)
def test_a_hostile_body_is_refused_with_words(client: Client, key: Key, body: bytes, stores: Stores) -> None:
    answer = client().post("/v1/counts", headers=key("manage_shop") | JSON, content=body)

    assert 400 <= answer.status_code < 500
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["status"] == answer.status_code
    assert problem["detail"]
    assert problem["mend"]
    assert len(answer.content) < 5000


@pytest.mark.parametrize(
    "path",
    [
        "/v1/seen?from=x",
        "/v1/seen?by=year",
        "/v1/seen?shop=" + "x" * 65,
        "/v1/seen?shop=%00",
        "/v1/s%00een",
        "/v1/seen?lang=fr",
        "/v1/seen?from=9999-99-99",
        "/v1/seen?shop=%ff%fe",
        "/v1/seen?shop=%ed%a0%80",
        "/v1/shops/" + "x" * 65,
        "/v1/audit?limit=0",
        "/v1/audit?limit=1001",
        "/v1/audit?limit=" + "9" * 5000,
        "/v1/audit?cursor=x",
        "/v1/audit?cursor=bnVsbA",
        "/v1/audit?cursor=" + "W" * 900,
    ],
)
def test_a_hostile_address_is_refused_with_words(client: Client, key: Key, path: str) -> None:
    answer = client().get(path, headers=key("read_reports", "read_audit"))

    assert 400 <= answer.status_code < 500
    assert answer.json()["mend"]


def test_validation_says_where_but_never_repeats_what_was_sent(client: Client, key: Key) -> None:
    answer = client().post("/v1/counts", headers=key("manage_shop"), json={"by": "4111-secret", "note": 7})

    assert answer.status_code == 422
    assert [error["where"] for error in answer.json()["errors"]] == ["body.by", "body.note"]
    assert "4111-secret" not in answer.text


def test_a_body_beyond_the_limit_is_refused_unread(client: Client, key: Key) -> None:
    small = client(WebOptions(body_bytes=1000, upload_bytes=2_000_000))
    headers = key("manage_shop", "load_data")

    told = small.post("/v1/counts", headers=headers | JSON, content=b'{"by":0,"note":"' + b"x" * 2000 + b'"}')
    chunked = small.post("/v1/counts", headers=headers | JSON, content=(b"x" * 100 for _ in range(100)))
    upload = small.post("/v1/files", headers=headers, files={"file": ("a", b"x" * 1_000_000)})

    assert [told.status_code, chunked.status_code] == [413, 413]
    assert told.json()["code"] == "too_large"
    assert upload.status_code == 200  # this route takes more
    assert small.post("/v1/files", headers=headers, files={"file": ("a", b"x" * 3_000_000)}).status_code == 413


def test_our_errors_keep_their_words_and_values(client: Client, key: Key) -> None:
    visitor, headers = client(), key("read_reports")

    ours = visitor.get("/v1/seen?fail=ours", headers=headers)
    full = visitor.get("/v1/seen?fail=full", headers=headers)

    assert (ours.status_code, ours.json()["have"], ours.json()["need"], ours.json()["code"]) == (422, 3, 8, "not_enough_data")
    assert (full.status_code, full.json()["retriable"]) == (507, True)


def test_a_bug_shows_an_incident_and_no_insides(client: Client, key: Key, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        answer = client().get("/v1/seen?fail=bug", headers=key("read_reports"))

    assert answer.status_code == 500
    assert "4711" not in answer.text
    assert "Traceback" not in answer.text
    incident = answer.json()["incident"]
    assert [record for record in caplog.records if getattr(record, "incident", None) == incident]


def test_unknown_addresses_and_methods_are_told_in_the_same_form(client: Client, key: Key) -> None:
    visitor, headers = client(), key("read_reports")

    missing = visitor.get("/v1/none", headers=headers)
    method = visitor.delete("/v1/seen", headers=headers)

    assert (missing.status_code, missing.json()["code"]) == (404, "no_such_path")
    assert (method.status_code, method.json()["code"], method.headers["allow"]) == (405, "method_not_allowed", "GET")


def test_a_key_that_asks_too_often_is_told_when_to_go_on(client: Client, key: Key) -> None:
    visitor = client(WebOptions(requests_per_minute_key=5))
    busy, calm = key("read_reports"), key("read_reports")

    answers = [visitor.get("/v1/seen", headers=busy) for _ in range(8)]

    assert [answer.status_code for answer in answers].count(200) == 5
    assert answers[-1].status_code == 429
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
    assert visitor.get("/v1/seen", headers=calm).status_code == 200


def test_a_network_that_asks_too_often_is_stopped_before_its_key_is_looked_up(client: Client) -> None:
    visitor = client(WebOptions(requests_per_minute_network=5))

    codes = [visitor.get("/v1/seen", headers={"x-forwarded-for": f"203.0.113.{number}"}).status_code for number in range(8)]

    assert codes == [401] * 5 + [429] * 3


def test_answers_have_their_neutral_form(client: Client, key: Key) -> None:
    answer = client().get("/v1/seen?from=2026-02-28", headers=key("read_reports") | {"accept-language": "zh-CN,en;q=0.5"})

    assert answer.json() == {
        "shop_id": "tea",
        "caller": answer.json()["caller"],
        "language": "zh",
        "network": "testclient",
        "day": "2026-02-28",
        "money": {"minor": 1999, "currency": "CNY"},
        "share": 0.25,
        "wait": 2.0,
    }


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63) + 1, 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(values)
def test_honest_json_is_read_as_it_was_written(value: object) -> None:
    body = json.dumps(value).encode()
    try:
        assert strict_json(body) == value
    except InvalidInput:
        assert b"\\u0000" in body or b"\\ud8" in body.lower() or b"\\ud" in body.lower()


@given(st.binary(max_size=200))
def test_any_bytes_are_json_or_are_refused(body: bytes) -> None:
    with contextlib.suppress(InvalidInput):
        strict_json(body)


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
async def test_the_fingerprint_does_not_depend_on_how_a_body_is_cut(size: int) -> None:
    def sent(boundary: bytes, text: bytes) -> bytes:
        return b"--" + boundary + b"\r\n\r\n" + text + b"\r\n--" + boundary + b"--\r\n"

    async def fingerprint(boundary: bytes, text: bytes) -> str:
        body = sent(boundary, text)
        chunks = [body[at : at + size] for at in range(0, len(body), size)]

        async def receive() -> dict[str, object]:
            return {"type": "http.request", "body": chunks.pop(0), "more_body": bool(chunks)}

        read = Body(receive, {"content-type": f'multipart/form-data; boundary="{boundary.decode()}"'}, limit=10_000)
        while chunks:
            await read()
        return read.fingerprint()

    assert await fingerprint(b"one-boundary", b"text") == await fingerprint(b"another-boundary", b"text")
    assert await fingerprint(b"one-boundary", b"text") != await fingerprint(b"one-boundary", b"texts")


def test_no_value_of_an_error_takes_the_place_of_the_answers_own_words() -> None:
    error = InvalidInput("it is broken", mend="mend it", detail="inner", title="x", code="broken", headers={"x": "y"}, row=3)

    body = json.loads(problem_of(error).body)

    assert (body["status"], body["detail"], body["code"], body["title"], body["row"]) == (
        400,
        "it is broken",
        "broken",
        "Bad Request",
        3,
    )
