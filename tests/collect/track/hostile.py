"""Inputs made to hurt: messages, bodies, headers and addresses; each with a name."""

from __future__ import annotations

import gzip
import json
import zlib
from typing import Any

DEEP = "[" * 2000 + "]" * 2000
GOOD = {"type": "track", "event": "Product Viewed", "userId": "u1", "properties": {"product_id": "p1"}}

_IDS: list[Any] = [
    None, "", " ", "null", "undefined", "NaN", "0", 0, -1, True, False, [], {}, [1], {"a": 1}, "[object Object]", "x" * 201, "x" * 100_000,
    "\u0000", "a\u0000b", "guest", "Anonymous", "00000000-0000-0000-0000-000000000000", 1.5, 10**30, "<script>", "'; drop table events; --", "../../etc",
    "\u202e", "😀" * 50, "\n", "{{7*7}}", "%00", "v_0000000000000000000a", "c_ffffffffffffffffffff",
]  # fmt: skip
_TIMES: list[Any] = [
    "yesterday", "", "2099-01-01T00:00:00Z", "1900-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", -1, 10**18, 1e308, "2026-02-30T00:00:00Z",
    "2026-11-21", "2026-11-21T24:00:00Z", "2026-11-21T20:13:01.828999999Z", "2026-11-21T20:13:01+99:00", "2026-W01-1", [], {}, True, "１２", 1795291981573, 1795291981, 0.5,
    "2026-11-21T20:13:01.828Z; drop", "٢٠٢٦-١١-٢١",
]  # fmt: skip
_NAMES: list[Any] = [
    None,
    "",
    " ",
    5,
    [],
    {},
    True,
    "x" * 201,
    "x" * 40_000,
    "a\nb",
    "a\u0000b",
    "\u202eabc",
    "$",
    "=cmd|' /C calc'!A0",
    "😀",
    "Order Completed ",
]
_PROPERTIES: list[Any] = [
    [], "text", 5, True, {"": 1}, {"a" * 10_000: 1}, {"price": "abc"}, {"price": "1,2,3,4"}, {"price": 1e308}, {"price": -1e300}, {"price": "1e999"}, {"price": []},
    {"price": {"a": 1}}, {"quantity": "NaN"}, {"quantity": 10**40}, {"total": "Infinity"}, {"revenue": "1.234,50"}, {"currency": 5}, {"currency": "x" * 1000},
    {"products": "none"}, {"products": [1, 2]}, {"products": [[]]}, {"position": -5}, {"position": 10**12}, {"duration_ms": "long"}, {"duration_ms": -1e20}, {"duration_ms": 1e300},
    {"__proto__": {"x": 1}}, {"constructor": 1}, {"product_id": None}, {"product_id": []}, {"product_id": "x" * 5000}, {"url": "http://[::1"}, {"url": "javascript:alert(1)"},
    {"query": "a@b.test 13800000001"}, {"email": "a@x.test"}, {"password": "secret"}, {"n": 2**70}, {"n": -(2**70)}, {"t": "\u0000"}, {"t": "\ufffe\uffff"}, {"t": "=1+1"},
]  # fmt: skip
_CONTEXTS: list[Any] = [
    [], "x", 5, {"page": []}, {"page": "x"}, {"page": {"url": 5}}, {"page": {"url": "x" * 20_000}}, {"page": {"url": "http://a.test:99999/"}}, {"page": {"url": "http://[bad"}},
    {"page": {"title": []}}, {"page": {"referrer": {}}}, {"userAgent": 5}, {"userAgent": []}, {"userAgent": "x" * 50_000}, {"userAgent": "(" * 5000}, {"library": "x"}, {"library": {"name": 5}},
    {"campaign": "x"}, {"campaign": {"source": 5}}, {"campaign": {"source": "x" * 5000}}, {"sessionId": []}, {"sessionId": -1}, {"sessionId": "x" * 5000}, {"traits": "x"}, {"locale": 5},
    {"ip": "1.2.3.4"}, {"ip": []}, {"a": {"b": {"c": {"d": "e"}}}},
]  # fmt: skip


def messages() -> list[tuple[str, Any]]:
    """Messages, each wrong or odd in one way."""
    found: list[tuple[str, Any]] = []
    for number, value in enumerate(_IDS):
        found.append((f"userId {number}", {**GOOD, "userId": value}))
        found.append((f"anonymousId {number}", {"type": "track", "event": "A", "anonymousId": value}))
        found.append((f"alias {number}", {"type": "alias", "userId": "u1", "previousId": value}))
        found.append((f"messageId {number}", {**GOOD, "messageId": value}))
    for number, value in enumerate(_TIMES):
        found += [(f"{name} {number}", {**GOOD, name: value}) for name in ("timestamp", "originalTimestamp", "sentAt")]
    found += [(f"event {number}", {**GOOD, "event": value}) for number, value in enumerate(_NAMES)]
    found += [
        (f"type {number}", {**GOOD, "type": value}) for number, value in enumerate((None, "", "TRACK", 5, [], {}, "x" * 1000))
    ]
    found += [(f"properties {number}", {**GOOD, "properties": value}) for number, value in enumerate(_PROPERTIES)]
    found += [
        (f"order {number}", {**GOOD, "event": "Order Completed", "properties": value}) for number, value in enumerate(_PROPERTIES)
    ]
    found += [
        (f"traits {number}", {"type": "identify", "userId": "u1", "traits": value}) for number, value in enumerate(_PROPERTIES)
    ]
    found += [(f"context {number}", {**GOOD, "context": value}) for number, value in enumerate(_CONTEXTS)]
    found += [(f"piece {number}", value) for number, value in enumerate((None, 5, "x", [], [[]], True, {}, 1.5))]
    found.append(("33 KB", {**GOOD, "properties": {"t": "x" * 33_000}}))
    found.append(("1 MB", {**GOOD, "properties": {"t": "x" * 1_000_000}}))
    found.append(("5,000 properties", {**GOOD, "properties": {f"p{number}": number for number in range(5000)}}))
    return found


def raw_pieces() -> list[tuple[str, bytes]]:
    """Pieces of a batch that are no JSON that json.dumps would write."""
    track = b'{"type":"track","event":"A","userId":"u1","properties":{"t":%s}}'
    return [
        ("surrogate", track % b'"\\ud800"'),
        ("half pair", track % b'"\\udc00x"'),
        ("nul", track % b'"\\u0000"'),
        ("latin-1", track % b'"\xe4"'),
        ("overlong", track % b'"\xc0\xaf"'),
        ("1e999", track % b"1e999"),
        ("-1e999", track % b"-1e999"),
        ("long integer", track % (b"9" * 5000)),
        ("deep", track % DEEP.encode()),
        ("twice the name", b'{"type":"track","type":"page","event":"A","userId":"u1","userId":"u2"}'),
        ("escaped name", b'{"\\u0074ype":"track","event":"A","userId":"u1"}'),
    ]


def bodies() -> list[tuple[str, bytes, dict[str, str]]]:
    """Bodies that are wrong as a whole, with headers of their own."""
    good = json.dumps({"batch": [GOOD]}).encode()
    zipped = gzip.compress(good)
    bomb = gzip.compress(b" " * 200_000_000, 9)
    plain: dict[str, str] = {}
    packed = {"content-encoding": "gzip"}
    return [
        ("nothing", b"", plain), ("blanks", b"   \n", plain), ("open brace", b"{", plain), ("text", b"hello", plain), ("null", b"null", plain), ("number", b"5", plain),
        ("string", b'"x"', plain), ("true", b"true", plain), ("empty list", b"[]", plain), ("empty object", b"{}", plain), ("list of lists", b"[[[]]]", plain), ("empty batch", b'{"batch":[]}', plain),
        ("batch is an object", b'{"batch":{}}', plain), ("batch is text", b'{"batch":"x"}', plain), ("batch is null", b'{"batch":null}', plain), ("half", good[: len(good) // 2], plain),
        ("two objects", good + good, plain), ("comma at the end", b'{"batch":[{"type":"track"},]}', plain), ("single quotes", b"{'batch':[]}", plain), ("nan", b'{"batch":[NaN]}', plain),
        ("byte order mark", b"\xef\xbb\xbf" + good, plain), ("utf-16", good.decode().encode("utf-16"), plain), ("latin-1", b'{"batch":[{"type":"track","event":"\xe4","userId":"u1"}]}', plain),
        ("zeros", b"\x00" * 1000, plain), ("deep", DEEP.encode(), plain), ("deep objects", b'{"a":' * 3000 + b"1" + b"}" * 3000, plain), ("deep batch", b'{"batch":[' + DEEP.encode() + b"]}", plain),
        ("many empty", b'{"batch":[' + b",".join([b"{}"] * 50_000) + b"]}", plain), ("many numbers", b"[" + b",".join([b"1"] * 200_000) + b"]", plain), ("5 MB", b'{"batch":["' + b"x" * 5_000_000 + b'"]}', plain),
        ("gzip cut off", zipped[: len(zipped) // 2], packed), ("gzip garbage", b"\x1f\x8b" + b"garbage" * 20, packed), ("gzip of nothing", gzip.compress(b""), packed), ("gzip said, plain sent", good, packed),
        ("gzip twice", gzip.compress(zipped), packed), ("gzip and more", zipped + b"tail", packed), ("bomb", bomb, packed), ("bomb without a word", bomb, plain), ("deflate", zlib.compress(good), {"content-encoding": "deflate"}),
        ("brotli said", good, {"content-encoding": "br"}), ("two encodings", zipped, {"content-encoding": "gzip, gzip"}), ("strange encoding", good, {"content-encoding": "x" * 3000}),
        ("form", b"data=" + b"!" * 50, {"content-type": "application/x-www-form-urlencoded"}), ("form without data", b"data=", plain), ("xml", b"<a/>", {"content-type": "text/xml"}),
        ("multipart", b"--x\r\n\r\n--x--", {"content-type": "multipart/form-data; boundary=x"}), ("key is a list", b'{"batch":[{}],"writeKey":[1]}', plain), ("key is long", b'{"batch":[{}],"writeKey":"' + b"k" * 100_000 + b'"}', plain),
    ]  # fmt: skip


def keys(good: str) -> list[tuple[str, dict[str, str], str]]:
    """Wrong ways to say who sends: headers, and the query."""
    return [
        ("none", {}, ""), ("empty basic", {"authorization": "Basic"}, ""), ("no base64", {"authorization": "Basic ###"}, ""), ("no colon", {"authorization": "Basic YWJj"}, ""), ("binary", {"authorization": "Basic //79"}, ""),
        ("unknown scheme", {"authorization": "Digest x"}, ""), ("scheme only", {"authorization": "Bearer"}, ""), ("long", {"authorization": "Bearer " + "x" * 5000}, ""), ("wrong key", {}, "?writeKey=nobody"),
        ("cut key", {}, f"?writeKey={good[:-1]}"), ("key and more", {}, f"?writeKey={good}x"), ("other case", {}, f"?writeKey={good.upper()}"), ("like", {}, "?writeKey=rg_write_%25"), ("sql", {}, "?writeKey=' or 1=1 --"),
        ("nul", {}, "?writeKey=%00"), ("empty", {}, "?writeKey="), ("blank", {}, "?writeKey=%20"), ("percent", {}, "?writeKey=%ZZ"), ("cookie", {"cookie": f"writeKey={good}"}, ""), ("api key of the API", {"authorization": "Bearer rg_server_aaaaaaaa_" + "b" * 32}, ""),
    ]  # fmt: skip
