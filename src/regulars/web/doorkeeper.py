"""The middleware every request passes: who asks, from where, how often; refusals before anything is parsed."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Mapping
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from regulars.access import api_keys, sessions
from regulars.access.domain import Caller
from regulars.errors import NotAllowed, RegularsError
from regulars.web import problems
from regulars.web.bodies import Body
from regulars.web.cookies import cookie_name, token_in
from regulars.web.door import not_signed_in
from regulars.web.headers import browser_headers
from regulars.web.options import Stores, WebOptions
from regulars.web.origins import headers_of, is_foreign, network_of, scheme_of
from regulars.web.rates import Rates

log = logging.getLogger(__name__)

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_LOOK_AGAIN_S = 30.0


class Doorkeeper:
    """Pure ASGI. Sets `scope["regulars.caller"]` (a Caller or None) and `scope["regulars.network"]` for what lies behind."""

    def __init__(self, app: ASGIApp, *, stores: Stores, options: WebOptions) -> None:
        self.app = app
        self.stores = stores
        self.options = options
        self.rates = Rates(options)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = headers_of(scope)
        https = scheme_of(scope, headers, self.options) == "https"
        started = False

        async def answer(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                raw = [(name.lower(), value) for name, value in message.get("headers", [])]
                kept = {name for name, _ in raw}
                kind = next((value for name, value in raw if name == b"content-type"), b"")
                more = browser_headers(scope["path"], kind, https=https, options=self.options)
                message = {**message, "headers": raw + [pair for pair in more if pair[0] not in kept]}
            await send(message)

        try:
            refusal = await self._admit(scope, headers)
            if refusal is not None:
                await refusal(scope, receive, answer)
                return
            known = scope["regulars.caller"] is not None
            body = scope["regulars.body"] = Body(receive, headers, limit=self._limit(scope["path"], known=known))
            await self.app(scope, body, answer)
        except RegularsError as error:
            if started:
                raise
            await problems.problem_of(error)(scope, receive, answer)
        except Exception as error:
            if started:
                raise
            where = f"{scope['method']} {scope.get('route').path if scope.get('route') else 'no route'}"  # type: ignore[union-attr]
            await problems.unexpected(error, where=where)(scope, receive, answer)

    async def _admit(self, scope: Scope, headers: Mapping[str, str]) -> Response | None:
        """Recognise the caller; an answer where the request must not go on."""
        if b"%00" in scope.get("raw_path", b"") or b"%00" in scope["query_string"] or "\x00" in scope["path"]:
            return problems.problem(400, "bad_request", "the address holds a NUL", "send an address without %00")
        network = network_of(scope, headers, self.options)
        scope["regulars.network"] = network
        scope["regulars.caller"] = None
        self.rates.check_network(network)
        name = cookie_name(scope, headers, self.options)
        cookie = token_in(headers, name)
        if scope["method"] not in _SAFE_METHODS and is_foreign(scope, headers, self.options, cookie=cookie is not None):
            return problems.problem(
                403,
                "foreign_origin",
                "the request was sent from another site",
                "send it from this installation's own pages, or with an API key",
            )
        bearer = headers.get("authorization")
        try:
            if bearer is not None and self._at_hand(bearer):
                scope["regulars.caller"] = self._recognise(bearer, cookie)
            else:
                scope["regulars.caller"] = await run_in_threadpool(self._recognise, bearer, cookie)
        except NotAllowed as refusal:
            scope["regulars.refusal"] = refusal
        caller: Caller | None = scope["regulars.caller"]
        if caller is not None and caller.kind == "api_key":
            self.rates.count_key(caller.id)
        else:
            self.rates.count_network(network)
        return None if caller is not None or self._is_open(scope["path"]) else self._turn_away(scope, headers)

    def _recognise(self, bearer: str | None, cookie: str | None) -> Caller | None:
        """The caller of an API key or, where none is sent, of a session."""
        records, keyring = self.stores.records, self.stores.keyring
        if bearer is not None:
            secret, named = _key_in(bearer)
            row = None if named is None else records.cached(("api_key", named), lambda uow: api_keys.row_of(uow, named))
            key = api_keys.recognised(row, secret, keyring)
            if key is None:
                raise NotAllowed(
                    "the API key is not valid here",
                    mend="check that it is whole, not expired and not revoked",
                    code="bad_api_key",
                    status=401,
                )
            if key.stale:
                self._note(lambda: self._touch_key(key.caller.id))
            return key.caller
        if cookie is None:
            return None
        with records.reading() as uow:
            session = sessions.recognise(uow, cookie, keyring)
        if session is None:
            return None
        if session.stale:
            self._note(lambda: self._touch_session(session.token_hash))
        return session.caller

    def _at_hand(self, bearer: str) -> bool:
        """Whether nobody has to be asked for this key."""
        _, named = _key_in(bearer)
        return named is not None and self.stores.records.is_cached(("api_key", named))

    def _limit(self, path: str, *, known: bool) -> int:
        """How large a body may be until a route says otherwise: the console takes files, strangers bring none."""
        return self.options.upload_bytes if known and not path.startswith("/v1/") else self.options.body_bytes

    def _touch_key(self, key_id: str) -> None:
        with self.stores.records.unit() as uow:
            api_keys.touch(uow, key_id)

    def _touch_session(self, token_hash: str) -> None:
        with self.stores.records.unit() as uow:
            sessions.touch(uow, token_hash)

    @staticmethod
    def _note(write: Callable[[], None]) -> None:
        """Last use is worth noting, but not worth refusing a reader when the disk is full."""
        try:
            write()
        except RegularsError as error:
            log.warning("last use was not noted", extra={"code": error.code})

    def _is_open(self, path: str) -> bool:
        """Routes under /v1 ask for themselves; the few open paths need nobody to be signed in."""
        return path.startswith("/v1/") or any(path == base or path.startswith(base + "/") for base in self.options.open_paths)

    def _turn_away(self, scope: Scope, headers: Mapping[str, str]) -> Response:
        """To the sign-in page where a person is looking for a page, else 401. No page is built for strangers."""
        if scope["method"] == "GET" and "text/html" in headers.get("accept", "") and "authorization" not in headers:
            wanted = quote(
                scope["path"] + ("?" + scope["query_string"].decode("latin-1") if scope["query_string"] else ""), safe="/"
            )
            return RedirectResponse(f"{self.options.sign_in_path}?next={wanted}", 303)
        return problems.problem_of(scope.get("regulars.refusal") or not_signed_in())

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A socket is opened from our own pages only, and closed when its session has ended meanwhile."""
        headers = headers_of(scope)
        network = network_of(scope, headers, self.options)
        cookie = token_in(headers, cookie_name(scope, headers, self.options))
        scope["regulars.network"] = network
        try:
            self.rates.count_network(network)
            foreign = headers.get("origin") is None or is_foreign(scope, headers, self.options, cookie=True)
            caller = None if foreign else await run_in_threadpool(self._recognise, None, cookie)
        except RegularsError:
            foreign, caller = True, None
        scope["regulars.caller"] = caller
        if foreign or (caller is None and not self._is_open(scope["path"])):
            await receive()
            await send({"type": "websocket.close", "code": 4403, "reason": "not from here"})
            return
        if caller is None:
            await self.app(scope, receive, send)
            return
        looked = time.monotonic()

        async def watched() -> Message:
            nonlocal looked
            message = await receive()
            if message["type"] == "websocket.receive" and time.monotonic() - looked > _LOOK_AGAIN_S:
                looked = time.monotonic()
                if not await run_in_threadpool(self._still_open, cookie or "", _is_an_act(message)):
                    with contextlib.suppress(RuntimeError):
                        await send({"type": "websocket.close", "code": 4401, "reason": "signed out"})
                    return {"type": "websocket.disconnect", "code": 4401}
            return message

        await self.app(scope, watched, send)

    def _still_open(self, token: str, act: bool) -> bool:
        try:
            with self.stores.records.reading() as uow:
                session = sessions.recognise(uow, token, self.stores.keyring)
        except RegularsError:
            return True  # the store does not answer; whatever the socket asks for will say so
        if session is not None and session.stale and act:
            self._note(lambda: self._touch_session(session.token_hash))
        return session is not None


def _key_in(bearer: str) -> tuple[str, str | None]:
    """The key in an `Authorization` header, and the id in it."""
    kind, _, told = bearer.partition(" ")
    secret = told.strip()
    return secret, api_keys.key_named(secret) if kind.lower() == "bearer" else None


def _is_an_act(message: Message) -> bool:
    """Whether a person did something: Engine.IO message packets begin with 4; its pings and pongs keep no session alive."""
    text = message.get("text")
    return text is None or text.startswith("4")
