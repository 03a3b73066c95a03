"""Putting the console into the application: one mount, sign-in screens and files for strangers, all else for operators.

The web floor's doorkeeper has recognised the caller before a request comes here, checked its origin, and closed sockets whose
session ended. What is added here: no NiceGUI page or upload is reached without a caller, each screen asks for its permission,
and scripts run only with the answer's own nonce.
"""

from __future__ import annotations

import copy
import logging
import secrets
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from fastapi import FastAPI, Request
from nicegui import Client, core, ui
from starlette.applications import Starlette
from starlette.requests import HTTPConnection
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import regulars
from regulars.access import shops
from regulars.access.domain import Caller
from regulars.console import profile_pages, registry, settings_pages, shell, sign_in
from regulars.console.preferences import Preferences, language_of
from regulars.console.registry import ScreenSpec
from regulars.console.view import Screen, Stores
from regulars.web import problems
from regulars.web.door import not_signed_in
from regulars.web.options import WebOptions
from regulars.web.routes import guards_itself

log = logging.getLogger(__name__)

STATIC = Path(__file__).parent / "static"
#: NiceGUI's own files: scripts, styles and fonts, the same for everybody.
_OPEN_FILES = ("static", "libraries", "components", "resources", "esm", "dynamic_resources")
_QUASAR_LANGUAGE: dict[str, Literal["zh-CN", "en-GB"]] = {"zh": "zh-CN", "en": "en-GB"}
_HEAD = (
    '<link rel="stylesheet" href="/console-static/regulars.css?{version}">'
    '<script src="/console-static/regulars.js?{version}"></script>'
    '<meta name="theme-color" content="{ground}">'
)


def mount(app: FastAPI, house: Stores) -> None:
    """Register every announced screen and mount the console at the root, behind all other routes."""
    _ = settings_pages, profile_pages  # imported for the screens they announce
    for spec in registry.SCREENS.values():
        _register(spec)
    core.app.middleware_stack = None  # a second application in one process (tests) starts with a clean pile
    core.app.user_middleware.clear()
    ui.run_with(
        app,
        title="regulars",
        favicon=STATIC / "mark.svg",
        tailwind=False,
        dark=None,
        show_welcome_message=False,
        reconnect_timeout=20.0,
        gzip_middleware_factory=None,  # the web floor compresses, if anybody
    )
    outer = next(route for route in reversed(app.routes) if isinstance(route, Mount) and route.app is core.app)
    guards_itself(app, outer.path, "the console asks for a session, then for each screen's permission")
    outer.app = Guard(
        Starlette(
            routes=[
                Mount("/console-static", _Files(directory=STATIC)),
                Route(
                    "/favicon.ico",
                    lambda request: FileResponse(STATIC / "mark.svg", headers={"cache-control": "public, max-age=86400"}),
                ),
                *sign_in.ROUTES,
                Route("/preferences", _set_preferences, methods=["POST"]),
                Mount("/", core.app),
            ]
        ),
        house,
        app.state.options,
    )


class _Files(StaticFiles):
    """Our own scripts and styles; their addresses carry the release, so browsers may keep them."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["cache-control"] = "public, max-age=86400"
        return response


class Guard:
    """Pure ASGI: lets strangers see files and sign-in screens only, and gives every page its script nonce."""

    def __init__(self, app: ASGIApp, house: Stores, options: WebOptions) -> None:
        self.app = app
        self.house = house
        self.options = options

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        scope["regulars.house"] = self.house
        scope["regulars.options"] = self.options
        scope["headers"] = [pair for pair in scope["headers"] if pair[0] != b"x-forwarded-prefix"]
        if scope.get("regulars.caller") is None and not _is_open(scope["path"]):
            await self._refuse(scope, receive, send)
            return
        if scope["type"] == "websocket" or scope["path"].startswith(("/_nicegui", "/console-static", "/favicon.ico")):
            await self.app(scope, receive, send)
            return
        spec = registry.at(scope["path"])
        caller: Caller | None = scope.get("regulars.caller")
        nowhere = spec is None and scope["path"] != "/preferences" and not _is_sign_in(scope["path"])
        if caller is not None and nowhere and not _wants_a_page(scope):
            await problems.no_such_path()(scope, receive, send)
            return
        if scope["method"] in ("GET", "HEAD") and caller is not None and not _is_sign_in(scope["path"]):
            if spec is None:
                await sign_in.message(Request(scope), 404)(scope, receive, _with_nonce(send))
                return
            if spec.permission is not None and not caller.may(spec.permission):
                await sign_in.message(Request(scope), 403)(scope, receive, _with_nonce(send))
                return
        await self.app(scope, receive, _with_nonce(send))

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 4403})
            return
        response: Response = problems.problem_of(not_signed_in())
        if scope["method"] == "GET" and _wants_a_page(scope):
            query = scope["query_string"].decode("latin-1")
            response = RedirectResponse("/sign-in?next=" + quote(scope["path"] + ("?" + query if query else ""), safe="/"), 303)
        await response(scope, receive, send)


def _wants_a_page(scope: Scope) -> bool:
    """Whether a person's browser asks, and not a program."""
    return b"text/html" in dict(scope["headers"]).get(b"accept", b"")


def _is_open(path: str) -> bool:
    if path.startswith(f"/_nicegui/{ui_version()}/"):
        return path.split("/")[3] in _OPEN_FILES
    return path.startswith("/console-static/") or path == "/favicon.ico" or _is_sign_in(path)


def _is_sign_in(path: str) -> bool:
    return path == "/sign-in" or path.startswith(("/sign-in/", "/welcome/"))


def ui_version() -> str:
    """NiceGUI's version, which stands in the addresses of its files."""
    from nicegui import __version__

    return str(__version__)


def _with_nonce(send: Send) -> Send:
    """Give every script tag of an HTML answer a nonce, and allow scripts with that nonce only.

    The page's data stand in the answer with `<` escaped, so no stored text can bring a tag of its own into this.
    """
    start: Message | None = None
    body = bytearray()

    async def answer(message: Message) -> None:
        nonlocal start
        if message["type"] == "http.response.start":
            kind = next((value for name, value in message["headers"] if name.lower() == b"content-type"), b"")
            if kind.startswith(b"text/html"):
                start = message
                return
        elif start is not None and message["type"] == "http.response.body":
            body.extend(message.get("body", b""))
            if message.get("more_body"):
                return
            nonce = secrets.token_urlsafe(16)
            page = bytes(body).replace(b"<script", f'<script nonce="{nonce}"'.encode())
            headers = [pair for pair in start["headers"] if pair[0].lower() not in (b"content-length", b"content-security-policy")]
            headers += [(b"content-length", str(len(page)).encode()), (b"content-security-policy", _policy(nonce).encode())]
            await send({**start, "headers": headers})
            await send({"type": "http.response.body", "body": page})
            return
        await send(message)

    return answer


def _policy(nonce: str) -> str:
    """Scripts: our files and the answer's own. Vue compiles templates in the browser, hence `unsafe-eval`; no data gets there."""
    return (
        "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'none'; "
        f"style-src 'self' 'unsafe-inline'; script-src 'self' 'nonce-{nonce}' 'unsafe-eval'"
    )


def _register(spec: ScreenSpec) -> None:
    async def build(request: Request) -> Response | None:
        return await _open(spec, request)

    ui.page(spec.path, response_timeout=30, reconnect_timeout=20)(build)


async def _open(spec: ScreenSpec, request: Request) -> Response | None:
    """Build one page for the caller the doorkeeper recognised."""
    caller: Caller = request.scope["regulars.caller"]
    house: Stores = request.scope["regulars.house"]
    options: WebOptions = request.scope["regulars.options"]
    with house.records.reading() as uow:
        seen = shops.seen_by(uow, caller)
    if not seen:
        return sign_in.message(request, 404, kind="no_shop")
    wanted = request.query_params.get("shop")
    shop = next((shop for shop in seen if shop.shop_id == wanted), None if wanted else seen[0])
    if shop is None:
        return sign_in.message(request, 404)
    chosen = Preferences.of(request)
    language = language_of(request, caller.language)
    s = Screen(
        spec,
        house=house,
        caller=caller,
        shop=shop,
        shops=tuple(seen),
        language=language,
        dark=chosen.dark,
        theme=chosen.theme,
        address=request.url.path,
        base_url=(options.public_url or str(request.base_url)).rstrip("/"),
        query={name: value for name, value in request.query_params.items() if len(value) <= 6000},
        path={name: str(value) for name, value in request.path_params.items()},
    )
    client = ui.context.client
    _dress(client, s)
    shell.draw(s)
    await s.settle()
    return None


def _dress(client: Client, s: Screen) -> None:
    """Language, theme and title of this one answer; the page object is shared by all, so it is copied first."""
    page = copy.copy(client.page)
    page.language = _QUASAR_LANGUAGE[s.language]
    page.dark = s.dark
    client.page = page
    client.title = f"{s.t(s.spec.title)} · {s.shop.name} · regulars" if s.spec.title else "regulars"
    accent, ground = ("#35b8a3", "#111312") if s.dark else ("#0d7a6b", "#f7f7f5")
    ui.colors(
        primary=accent,
        positive="#11734b",
        negative="#b3261e",
        warning="#8a5700",
        info="#2a5fa5",
        dark="#181a19",
        dark_page="#111312",
    )
    ui.add_head_html(_HEAD.format(version=regulars.__version__, ground=ground))


async def _set_preferences(request: Request) -> Response:
    """Keep language and theme in cookies, and the language with the operator."""
    form = await request.form(max_fields=4, max_files=0)
    return await Preferences.change(request, {name: str(value) for name, value in form.items()})


def caller_of(connection: HTTPConnection) -> Caller | None:
    """Who asks."""
    caller: Caller | None = connection.scope.get("regulars.caller")
    return caller
