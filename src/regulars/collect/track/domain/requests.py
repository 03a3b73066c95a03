"""What a request to the ingest addresses is: whose key it carries, and whether its body is sound."""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from regulars.collect.track.domain.addresses import Address
from regulars.collect.track.domain.ids import is_illegal, told_id
from regulars.collect.track.domain.pieces import pieces_of

REQUEST_BYTES = 4 * 1024 * 1024
#: A request holds no more messages than this; 4 MB of the smallest are fewer than twice as many.
MESSAGES = 100_000


class BadRequest(Exception):
    """The request is wrong as a whole: an HTTP status, a code, and a sentence."""

    def __init__(self, status: int, code: str, message: str, mend: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.mend = status, code, message, mend


def unpacked(body: bytes, encoding: str, query: Mapping[str, str]) -> bytes:
    """The plain JSON of a body: gzip by its header or by its first bytes, base64 forms, whatever the content type says.

    Raises
    ------
    BadRequest : it cannot be unpacked, or is larger than 4 MB unpacked.
    """
    if encoding in ("gzip", "x-gzip") or body[:2] == b"\x1f\x8b":
        body = _inflated(body, 31) if body[:2] == b"\x1f\x8b" else body
    elif encoding == "deflate":
        body = _inflated(body, 15)
    elif encoding not in ("", "identity"):
        raise BadRequest(415, "bad_encoding", f"the encoding '{encoding[:20]}' is not taken", "send the body plain or as gzip")
    if body[:5] == b"data=":
        form = dict(parse_qsl(body.decode("latin-1")))
        body = _from_base64(form.get("data", "").encode("latin-1"))
    elif query.get("compression") == "base64":
        body = _from_base64(body)
    return body


def _inflated(body: bytes, window: int) -> bytes:
    stream = zlib.decompressobj(window)
    try:
        plain = stream.decompress(body, REQUEST_BYTES + 1)
    except zlib.error:
        raise BadRequest(400, "bad_gzip", "the body is not whole gzip", "compress it again and send it whole") from None
    if len(plain) > REQUEST_BYTES:
        raise too_large()
    if not stream.eof:
        raise BadRequest(400, "bad_gzip", "the body ends before its gzip does", "compress it again and send it whole")
    return plain


def _from_base64(text: bytes) -> bytes:
    try:
        plain = base64.b64decode(text.replace(b" ", b"+"), validate=False)
    except (binascii.Error, ValueError):
        raise BadRequest(400, "bad_base64", "the data is not base64", "send JSON, or JSON in base64 as `data`") from None
    return _inflated(plain, 31) if plain[:2] == b"\x1f\x8b" else plain


def too_large() -> BadRequest:
    """A body beyond the limit."""
    return BadRequest(413, "too_large", "the request is larger than 4 MB", "send fewer messages at a time")


def key_in_header(authorization: str) -> str:
    """The write key of `Basic base64(key:)` or `Bearer key`; "" where there is none."""
    scheme, _, rest = authorization.partition(" ")
    match scheme.lower():
        case "basic":
            try:
                return base64.b64decode(rest.strip(), validate=True).decode("latin-1").partition(":")[0]
            except (binascii.Error, ValueError):
                return ""
        case "bearer":
            return rest.strip()
        case _:
            return ""


class _Looked(msgspec.Struct):
    """As much of a body as must be known before it is taken."""

    batch: list[msgspec.Raw] | msgspec.UnsetType = msgspec.UNSET
    writeKey: Any = None  # noqa: N815 (as clients name it)
    api_key: Any = None
    token: Any = None
    properties: msgspec.Raw = msgspec.Raw(b"null")


_look = msgspec.json.Decoder(_Looked).decode
_look_list = msgspec.json.Decoder(list[msgspec.Raw]).decode
_anything: Callable[[bytes], Any] = msgspec.json.Decoder().decode


def look(body: bytes, address: Address) -> tuple[int, str]:
    """How many messages a body holds, and the write key in it ("" for none).

    Raises
    ------
    BadRequest : no JSON, an empty batch, a batch that is no list, or one message without an identity.
    """
    if not body.strip():
        raise BadRequest(400, "empty_body", "the request has no body", "send a message or a batch of messages as JSON")
    try:
        if body.lstrip()[:1] == b"[":
            pieces = _look_list(body)
            return _counted(len(pieces)), _key_of_first(pieces)
        looked = _look(body)
    except msgspec.ValidationError:
        raise _bad_batch(body) from None
    except (msgspec.DecodeError, RecursionError):
        return _look_at_pieces(body)
    key = _key_told(looked)
    if looked.batch is not msgspec.UNSET:
        return _counted(len(looked.batch)), key or _key_of_first(looked.batch)
    if address.dialect == "segment" and address.call == "batch":
        raise BadRequest(
            400, "no_batch", "the body has no `batch`", 'send {"batch": [...]}, or use the path of one call such as /v1/track'
        )
    _check_one(body, address)
    return 1, key or _key_of_first([msgspec.Raw(body)])


def _look_at_pieces(body: bytes) -> tuple[int, str]:
    """A batch in which some message is no JSON: the others are not to suffer."""
    pieces = pieces_of(body)
    if pieces is None or len(pieces.messages) < 2:
        raise BadRequest(400, "bad_json", "the body is not JSON", "send one JSON object in UTF-8")
    try:
        outer = _look(pieces.envelope)
    except (msgspec.DecodeError, RecursionError):
        raise BadRequest(400, "bad_json", "the body is not JSON", "send one JSON object in UTF-8") from None
    return _counted(len(pieces.messages)), _key_told(outer) or _key_of_first([msgspec.Raw(piece) for piece in pieces.messages])


def key_inside(body: bytes) -> str:
    """The write key in a body that holds no messages ("" for none)."""
    try:
        looked = _look(body)
    except (msgspec.DecodeError, RecursionError):
        return ""
    return _key_told(looked)


def _key_told(looked: _Looked) -> str:
    return next((value for value in (looked.writeKey, looked.api_key, looked.token) if value and isinstance(value, str)), "")


def _bad_batch(body: bytes) -> BadRequest:
    try:
        whole = _anything(body)
    except (msgspec.DecodeError, RecursionError, ValueError):
        return BadRequest(400, "bad_json", "the body is not JSON", "send one JSON object in UTF-8")
    if isinstance(whole, dict):
        return BadRequest(400, "bad_batch", "`batch` is not a list", 'send {"batch": [...]}')
    return BadRequest(400, "bad_json", "the body is not a JSON object", "send one JSON object in UTF-8")


def _counted(count: int) -> int:
    if count == 0:
        raise BadRequest(400, "empty_batch", "the batch is empty", "send at least one message")
    if count > MESSAGES:
        raise BadRequest(413, "too_many", f"the batch holds {count:,} messages", f"send at most {MESSAGES:,} at a time")
    return count


def _key_of_first(pieces: list[msgspec.Raw]) -> str:
    """PostHog's libraries may put the key into the events."""
    try:
        first = _anything(bytes(pieces[0]))
    except (msgspec.DecodeError, RecursionError, ValueError):
        return ""
    if not isinstance(first, dict):
        return ""
    properties = first.get("properties")
    inner = properties.get("token") if isinstance(properties, dict) else None
    return next(
        (value for value in (first.get("api_key"), first.get("writeKey"), first.get("token"), inner) if isinstance(value, str)), ""
    )


def _check_one(body: bytes, address: Address) -> None:
    """One message alone is the request: without an identity the whole is wrong."""
    try:
        message = _anything(body)
    except (msgspec.DecodeError, RecursionError, ValueError):
        raise BadRequest(400, "bad_json", "the body holds text that is not valid", "send one JSON object in UTF-8") from None
    if address.dialect == "posthog":
        properties = message.get("properties")
        inner = properties if isinstance(properties, dict) else {}
        if not told_id(message.get("distinct_id") or inner.get("distinct_id") or message.get("$distinct_id")):
            raise BadRequest(400, "no_identity", "the event has no distinct_id", "send distinct_id")
        return
    if address.call == "group" or message.get("type") == "group" or address.call == "merge":
        return
    ids = [told_id(message.get(name)) for name in ("userId", "anonymousId")]
    if not any(one and not is_illegal(one) for one in ids):
        raise BadRequest(400, "no_identity", "the message has neither userId nor anonymousId", "send one of them")
