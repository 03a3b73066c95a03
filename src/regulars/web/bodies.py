"""Reading what strangers send: JSON that cannot exhaust us or poison a store, and the fingerprint of a body."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from starlette.requests import Request
from starlette.types import Message, Receive

from regulars.errors import InvalidInput

DEEPEST = 64
LARGEST_INTEGER = 2**63 - 1
_SURROGATE_OR_NUL = re.compile("[\x00\ud800-\udfff]")


class StrictRequest(Request):
    """A request whose JSON is read by `strict_json`."""

    async def json(self) -> Any:
        return strict_json(await self.body())


def strict_json(body: bytes, *, exact: bool = False) -> Any:
    """The JSON value of a body; `exact` gives numbers with a point as Decimal, as they were written.

    Raises
    ------
    InvalidInput : for anything that is not UTF-8 JSON, is nested deeper than 64, holds NUL or half a surrogate pair (no store
        takes them), a name twice in one object, NaN or Infinity, or an integer beyond 64 bits.
    """
    _check_depth(body)
    try:
        value = json.loads(
            body.decode(),
            object_pairs_hook=_no_name_twice,
            parse_constant=_no_constant,
            parse_int=_bounded,
            parse_float=_exact if exact else None,
        )
    except UnicodeDecodeError:
        raise InvalidInput("the body is not UTF-8", mend="send JSON in UTF-8", code="bad_json") from None
    except json.JSONDecodeError as error:
        raise InvalidInput(
            f"the body is not JSON: {error.msg.lower()} at character {error.pos}", mend="send well-formed JSON", code="bad_json"
        ) from None
    _check_text(value)
    return value


def _check_depth(body: bytes) -> None:
    depth = deepest = 0
    for bracket in re.findall(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]', body, re.DOTALL):
        if bracket in (b"[", b"{"):
            depth += 1
            deepest = max(deepest, depth)
            if deepest > DEEPEST:
                raise InvalidInput(f"the JSON is nested deeper than {DEEPEST}", mend="send flatter values", code="bad_json")
        elif bracket in (b"]", b"}"):
            depth -= 1


def _no_name_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise InvalidInput("an object has a name twice", mend="send each name once", code="bad_json")
    return found


def _no_constant(text: str) -> Any:
    raise InvalidInput(f"{text} is not a JSON number", mend="send null where there is no number", code="bad_json")


def _bounded(text: str) -> int:
    if len(text) > 20 or abs(int(text)) > LARGEST_INTEGER:
        raise InvalidInput("an integer is beyond 64 bits", mend="send it as text if it is an identifier", code="bad_json")
    return int(text)


def _exact(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise InvalidInput("a number is beyond reason", mend="send a shorter number", code="bad_json") from None


def _check_text(value: Any) -> None:
    """Walk the value without recursion."""
    waiting = [value]
    while waiting:
        match waiting.pop():
            case str(text):
                if _SURROGATE_OR_NUL.search(text):
                    raise InvalidInput(
                        "a text holds a NUL or half a surrogate pair",
                        mend="send text that is valid Unicode without NUL",
                        code="bad_json",
                    )
            case dict(members):
                waiting.extend(members)
                waiting.extend(members.values())
            case list(items):
                waiting.extend(items)


class Body:
    """A body as it streams by: refused beyond its limit, and hashed.

    A multipart body is hashed without its boundary, which differs at every sending.
    """

    def __init__(self, receive: Receive, headers: Mapping[str, str], *, limit: int) -> None:
        self._receive = receive
        self._told = int(headers["content-length"]) if headers.get("content-length", "").isdecimal() else 0
        self._read = 0
        self._limit = limit
        self._hash = hashlib.sha256()
        kind = headers.get("content-type", "")
        found = re.search(r'boundary="?([^";,\s]+)', kind) if kind.startswith("multipart/") else None
        self._boundary = found.group(1).encode("latin-1") if found else b""
        self._tail = b""

    def allow(self, limit: int) -> None:
        """Set how many bytes may come; refuse at once where more are announced."""
        self._limit = limit
        self._check(self._told)

    async def __call__(self) -> Message:
        """The next part, as ASGI's `receive`."""
        message = await self._receive()
        if message["type"] == "http.request":
            chunk = message.get("body", b"")
            self._read += len(chunk)
            self._check(self._read)
            self._feed(chunk)
        return message

    def _check(self, size: int) -> None:
        if size > self._limit:
            raise InvalidInput(
                f"the body is larger than {self._limit:,} bytes, the most this address takes",
                mend="send less at a time, or load the file with `regulars load`",
                code="too_large",
                status=413,
                limit=self._limit,
            )

    def _feed(self, chunk: bytes) -> None:
        if not self._boundary:
            self._hash.update(chunk)
            return
        seen = (self._tail + chunk).replace(self._boundary, b"")
        keep = len(self._boundary) - 1
        self._hash.update(seen[: max(0, len(seen) - keep)])
        self._tail = seen[max(0, len(seen) - keep) :]

    def fingerprint(self) -> str:
        """SHA-256 of what has been read so far."""
        whole = self._hash.copy()
        whole.update(self._tail)
        return whole.hexdigest()
