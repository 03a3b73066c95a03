"""The ingest door: plain ASGI in front of everything else, so that an event costs as little as it can until it is on disk."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl
from uuid import uuid4

import msgspec
from starlette.concurrency import run_in_threadpool

from regulars.collect.track import answers
from regulars.collect.track.domain.addresses import Address, address_of
from regulars.collect.track.domain.requests import (
    REQUEST_BYTES,
    BadRequest,
    key_in_header,
    key_inside,
    look,
    too_large,
    unpacked,
)
from regulars.collect.track.shapes import Head, encode_head
from regulars.collect.track.sources import Source, recognise
from regulars.errors import RegularsError, StorageFull
from regulars.stream.intake import Refusals
from regulars.stream.journal import Entry, JournalFull

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from regulars.records import Records
    from regulars.stream.journal import Journal

log = logging.getLogger(__name__)

_KEY_KEPT_SECONDS = 2.0
_KEYS_KEPT = 10_000
_BODY_SECONDS = 30.0
_LONGEST_KEY = 200


class Gate:
    """Takes the paths that SDKs send events to; passes everything else on, and notes in `refusals` what it turned away.

    `backlog_bytes` tells how much of the journal waits to be loaded; beyond `most_backlog_bytes` senders are asked to wait.
    `region_of` tells a request's region from its scope and headers; only that is kept of where it came from.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        records: Records,
        journal: Journal,
        backlog_bytes: Any = lambda: 0,
        most_backlog_bytes: int = 8 << 30,
        refusals: Refusals | None = None,
        region_of: Callable[[Scope, Mapping[str, str]], str | None] = lambda _scope, _headers: None,
    ) -> None:
        self.app = app
        self._region_of = region_of
        self._records = records
        self._journal = journal
        self._backlog_bytes = backlog_bytes
        self._most_backlog_bytes = most_backlog_bytes
        self._refusals = refusals or Refusals()
        self._behind_at = 0.0
        self._behind = False
        self._keys: dict[str, tuple[float, Source | None]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or (address := address_of(scope["path"])) is None:
            await self.app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        origin = headers.get("origin", "")
        if scope["method"] == "OPTIONS":
            await answers.preflight(send, origin, headers.get("access-control-request-headers", ""))
            return
        try:
            answer = await self._answer(scope, receive, headers, address)
        except BadRequest as wrong:
            answer = answers.refused(wrong.status, wrong.code, wrong.message, wrong.mend)
        except JournalFull as full:
            answer = answers.busy(address.dialect, full.code, full.message, full.mend)
        except RegularsError as fault:
            answer = answers.refused(
                503, "disk_full" if isinstance(fault, StorageFull) else fault.code, fault.message, fault.mend, retry_after_s=5
            )
        except TimeoutError:
            answer = answers.refused(408, "too_slow", "the body did not arrive in time", "send it again")
        except Exception:
            log.exception("an event request failed", extra={"path": scope["path"][:100]})
            answer = answers.refused(
                503, "unexpected", "the request could not be taken", "send it again in a moment", retry_after_s=5
            )
        if answer.code:
            self._refusals.note(answer.code)
        await answers.give(send, answer, origin)

    async def _answer(self, scope: Scope, receive: Receive, headers: Mapping[str, str], address: Address) -> answers.Answer:
        query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        told = key_in_header(headers.get("authorization", "")) or address.key
        told = told or next((query[name] for name in ("writeKey", "write_key", "api_key", "token", "_k") if query.get(name)), "")
        match address.kind:
            case "tracker":
                return answers.tracker("gzip" in headers.get("accept-encoding", ""))
            case "settings" | "source_config" | "config" | "config_js":
                source = await self._demand(told)
                return answers.configuration(address.kind, told, source.source_id, _host(scope, headers))
            case "flags":
                body = unpacked(await _read(receive, headers), headers.get("content-encoding", "").strip().lower(), query)
                await self._demand(told or key_inside(body))
                return answers.FLAGS
            case "nothing":
                await _drained(receive)
                return answers.taken(0)
        if scope["method"] not in ("POST", "GET") or (scope["method"] == "GET" and address.kind != "pixel" and "data" not in query):
            raise BadRequest(405, "method", "events are sent with POST", "send the message as the body of a POST")
        if scope["method"] == "GET" and address.kind == "events":
            body = unpacked(b"data=" + query["data"].encode("latin-1"), "", query)
        elif address.kind == "pixel":
            body = _pixel(query, address.call)
        else:
            body = unpacked(await _read(receive, headers), headers.get("content-encoding", "").strip().lower(), query)
        if address.kind == "webhook":
            body = _wrapped(body)
        count, inside = look(body, address)
        source = await self._demand(told or inside)
        if source.origins and headers.get("origin") and headers["origin"].lower() not in source.origins:
            raise BadRequest(
                403, "foreign_origin", "this source takes no events from that site", "add the site to the source's origins"
            )
        self._mind_the_backlog()
        agent = _browser(headers.get("user-agent", ""))
        head = Head(
            source_id=source.source_id,
            shop_id=source.shop_id,
            received_us=time.time_ns() // 1000,
            dialect=address.dialect,
            call=address.call,
            user_agent=agent,
            region=self._region_of(scope, headers) if agent or source.kind == "browser" else None,  # a server's own tells nothing
        )
        await self._journal.append(Entry(encode_head(head), body))
        return answers.PIXEL if address.kind == "pixel" else answers.taken(count)

    async def _demand(self, key: str) -> Source:
        """The source of a write key, remembered for two seconds."""
        if not key or len(key) > _LONGEST_KEY:
            raise BadRequest(
                401,
                "no_key",
                "the request carries no write key",
                "send the source's write key as Basic user, `writeKey` or `api_key`",
            )
        now = time.monotonic()
        kept = self._keys.get(key)
        if kept is None or now - kept[0] > _KEY_KEPT_SECONDS:
            if len(self._keys) > _KEYS_KEPT:
                self._keys.clear()
            kept = self._keys[key] = (now, await run_in_threadpool(self._recognise, key))
        if kept[1] is None:
            raise BadRequest(401, "bad_key", "the write key is not valid here", "copy it from the page of the source")
        return kept[1]

    def _recognise(self, key: str) -> Source | None:
        with self._records.reading() as uow:
            return recognise(uow, key)

    def _mind_the_backlog(self) -> None:
        now = time.monotonic()
        if now - self._behind_at > 1.0:
            self._behind_at = now
            self._behind = self._backlog_bytes() > self._most_backlog_bytes
        if self._behind:
            raise JournalFull("events come faster than they can be loaded", mend="send it again in a minute", code="behind")


def _browser(user_agent: str) -> str:
    """The sender's program, where it is a browser or says so; programs of the shop's own tell nothing of customers."""
    return user_agent[:500] if user_agent.startswith("Mozilla/") else ""


async def _read(receive: Receive, headers: Mapping[str, str]) -> bytes:
    told = headers.get("content-length", "")
    if told.isdecimal() and int(told) > REQUEST_BYTES:
        raise too_large()
    parts, size = [], 0
    async with asyncio.timeout(_BODY_SECONDS):
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise BadRequest(400, "cut_off", "the connection ended before the body did", "send it again")
            chunk = message.get("body", b"")
            size += len(chunk)
            if size > REQUEST_BYTES:
                raise too_large()
            parts.append(chunk)
            if not message.get("more_body", False):
                return parts[0] if len(parts) == 1 else b"".join(parts)


async def _drained(receive: Receive) -> None:
    await _read(receive, {})


def _pixel(query: Mapping[str, str], call: str) -> bytes:
    """A message in the query of a picture's address: reserved names are its fields, all others its properties."""
    fields = ("userId", "anonymousId", "event", "name", "messageId", "timestamp", "originalTimestamp", "sentAt", "channel")
    message: dict[str, Any] = {"type": call, **{name: query[name] for name in fields if query.get(name)}}
    if query.get("properties"):
        try:
            message["properties"] = json.loads(query["properties"])
        except ValueError:
            raise BadRequest(400, "bad_json", "`properties` is not JSON", "send the properties as JSON") from None
    else:
        message["properties"] = {name: text for name, text in query.items() if name not in (*fields, "writeKey", "write_key")}
    message.setdefault("anonymousId", None if query.get("userId") else str(uuid4()))
    return msgspec.json.encode(message)


def _wrapped(body: bytes) -> bytes:
    """Any JSON a webhook sends, as the properties of one event."""
    try:
        told = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, ValueError):
        raise BadRequest(400, "bad_json", "the body is not JSON", "send one JSON object in UTF-8") from None
    if isinstance(told, dict) and told.get("type") in ("track", "identify", "page", "screen", "group", "alias"):
        return body
    properties = told if isinstance(told, dict) else {"body": told}
    anonymous = properties.get("anonymousId") or str(uuid4())
    return msgspec.json.encode({"type": "track", "event": "Webhook Received", "anonymousId": anonymous, "properties": properties})


def _host(scope: Scope, headers: Mapping[str, str]) -> tuple[str, str]:
    """The address by which the asker reached us. What a proxy says of it is believed from anybody: it changes only the asker's answer.

    A page under https could not have asked over plain HTTP, save on its own machine.
    """
    name = headers.get("host", "localhost")
    scheme = headers.get("x-forwarded-proto", "").split(",")[0].strip().lower() or str(scope.get("scheme", "http"))
    if headers.get("origin", "").startswith("https://") and name.partition(":")[0] not in ("localhost", "127.0.0.1"):
        scheme = "https"
    return ("https" if scheme == "https" else "http"), name
