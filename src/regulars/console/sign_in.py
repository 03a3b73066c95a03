"""The screens in front of the console, as plain pages: signing in, the second step, one-time links, and "not here" pages.

They are rendered without NiceGUI, so that a stranger never makes the server build a client.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

import regulars
from regulars.access import links, operators, sessions, sign_in
from regulars.access.domain import Caller
from regulars.access.links import OpenLink
from regulars.access.sessions import ABSOLUTE
from regulars.console.preferences import Preferences, language_of
from regulars.console.texts import translate
from regulars.console.words import Words
from regulars.errors import NotAllowed, NotFound, RegularsError
from regulars.values import clock
from regulars.web.cookies import is_safe, session_cookie
from regulars.web.options import WebOptions
from regulars.web.origins import headers_of

_HALF = "regulars_half"
_HALF_LIFE = timedelta(minutes=5)
_pages = Environment(loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=select_autoescape(default=True))
_LANGUAGES = (("zh", "中文"), ("en", "English"))


@dataclass(frozen=True, slots=True)
class Field:
    """One input of a form."""

    name: str
    label: str = ""
    type: Literal["text", "email", "password", "hidden"] = "text"
    value: str = ""
    autocomplete: str = "off"
    inputmode: str = ""
    hint: str = ""
    least: int = 0
    most: int = 200
    required: bool = True
    focus: bool = False


def page(
    request: Request,
    title: str,
    lead: str = "",
    *,
    fields: tuple[Field, ...] = (),
    action: str = "",
    submit: str = "",
    error: RegularsError | None = None,
    way_on: tuple[str, str] | None = None,
    status: int = 200,
) -> HTMLResponse:
    """One small page with a form or a way on."""
    language = language_of(request)
    said, mend = Words(language, "UTC").error(error) if error else ("", "")
    words: dict[str, Any] = {
        "language": language,
        "languages": _LANGUAGES,
        "dark": Preferences.of(request).dark,
        "version": regulars.__version__,
        "title": title,
        "lead": lead,
        "fields": fields,
        "action": action,
        "submit": submit,
        "error": said,
        "mend": mend,
        "way_on": way_on,
    }
    return HTMLResponse(_pages.get_template("door.html").render(words), status, headers={"cache-control": "no-store"})


def message(request: Request, status: Literal[403, 404], *, kind: Literal["", "no_shop"] = "") -> HTMLResponse:
    """Nothing to show at this address, and where to go instead."""
    language = language_of(request)
    home = (translate(language, "To the overview"), "/")
    if kind == "no_shop":
        title = translate(language, "There is no shop yet")
        lead = translate(language, "Create one with `regulars init`, or load a file with `regulars load orders FILE`.")
        return page(request, title, lead, status=404)
    if status == 403:
        title = translate(language, "Your role does not include this page")
        return page(
            request, title, translate(language, "Ask an owner of this installation for the permission."), way_on=home, status=403
        )
    title = translate(language, "There is nothing at this address")
    return page(
        request, title, translate(language, "The link may be old, or the shop may be one you cannot see."), way_on=home, status=404
    )


# --- signing in


def _next_of(text: str) -> str:
    """Where to go after signing in: an address inside this console, or the overview."""
    inside = (
        text.startswith("/")
        and not text.startswith(("//", "/\\", "/sign-in", "/welcome/"))
        and text.isprintable()
        and "\\" not in text
    )
    return text if inside else "/"


def _form(request: Request, *, email: str = "", wanted: str = "/", error: RegularsError | None = None) -> HTMLResponse:
    language = language_of(request)
    fields = (
        Field("email", translate(language, "E-mail"), "email", email, "username", focus=not email),
        Field("password", translate(language, "Password"), "password", "", "current-password", most=1000, focus=bool(email)),
        Field("next", type="hidden", value=wanted),
    )
    status = error.http_status if error else 200
    lead = translate(language, "Retention and growth for your store.")
    return page(
        request,
        translate(language, "Sign in"),
        lead,
        fields=fields,
        action="/sign-in",
        submit=translate(language, "Sign in"),
        error=error,
        status=status,
    )


def _code_form(request: Request, wanted: str, error: RegularsError | None = None) -> HTMLResponse:
    language = language_of(request)
    fields = (
        Field(
            "code",
            translate(language, "Code"),
            "text",
            "",
            "one-time-code",
            "numeric",
            most=40,
            focus=True,
            hint=translate(language, "Lost the phone? A recovery code works too."),
        ),
        Field("next", type="hidden", value=wanted),
    )
    lead = translate(language, "Type the six digits your authenticator app shows now.")
    return page(
        request,
        translate(language, "Second step"),
        lead,
        fields=fields,
        action="/sign-in/code",
        submit=translate(language, "Go on"),
        error=error,
        status=error.http_status if error else 200,
    )


async def _show_sign_in(request: Request) -> Response:
    wanted = _next_of(request.query_params.get("next", "/"))
    if request.scope.get("regulars.caller") is not None:
        return RedirectResponse(wanted, 303)
    return _form(request, wanted=wanted)


async def _sign_in(request: Request) -> Response:
    form = await request.form(max_fields=8, max_files=0)
    email, password, wanted = (
        str(form.get("email", ""))[:300],
        str(form.get("password", ""))[:1000],
        _next_of(str(form.get("next", "/"))),
    )
    try:
        return await _begin(request, email, password, "", wanted)
    except NotAllowed as refusal:
        if refusal.code != "second_factor_needed":
            return _form(request, email=email, wanted=wanted, error=refusal)
        response = _code_form(request, wanted)
        response.headers.append("set-cookie", _half_cookie(request, email, password))
        return response
    except RegularsError as error:
        return _form(request, email=email, wanted=wanted, error=error)


async def _second_step(request: Request) -> Response:
    form = await request.form(max_fields=4, max_files=0)
    wanted = _next_of(str(form.get("next", "/")))
    half = _half_of(request)
    if half is None:
        return _form(request, wanted=wanted)
    try:
        response = await _begin(request, half[0], half[1], str(form.get("code", ""))[:40], wanted)
    except RegularsError as error:
        if error.code == "second_factor_needed":
            return _code_form(request, wanted)
        return (
            _code_form(request, wanted, error)
            if error.code in ("wrong_code", "too_many_guesses")
            else _form(request, email=half[0], wanted=wanted, error=error)
        )
    response.headers.append("set-cookie", f"{_HALF}=; Path=/sign-in; Max-Age=0; HttpOnly; SameSite=Strict")
    return response


async def _begin(request: Request, email: str, password: str, code: str, wanted: str) -> Response:
    house, scope = request.scope["regulars.house"], request.scope
    browser, network = request.headers.get("user-agent", ""), str(scope.get("regulars.network", ""))
    begun = await run_in_threadpool(
        sign_in.sign_in, house.records, house.keyring, email=email, password=password, code=code, network=network, browser=browser
    )
    response = RedirectResponse(wanted, 303)
    response.headers.append(
        "set-cookie",
        session_cookie(scope, headers_of(scope), _options(request), begun.token, seconds=int(ABSOLUTE.total_seconds())),
    )
    return response


async def _sign_out(request: Request) -> Response:
    caller: Caller | None = request.scope.get("regulars.caller")
    if caller is not None and caller.session_id is not None:
        await run_in_threadpool(_end_session, request.scope["regulars.house"], caller.session_id)
    response = RedirectResponse("/sign-in", 303)
    response.headers.append(
        "set-cookie", session_cookie(request.scope, headers_of(request.scope), _options(request), "", seconds=0)
    )
    return response


def _end_session(house: Any, session_id: str) -> None:
    with house.records.unit() as uow:
        sessions.end(uow, session_id)


def _options(request: Request) -> WebOptions:
    """How this installation is reached, as the web floor was told."""
    options: WebOptions = request.scope["regulars.options"]
    return options


# --- between password and code: what was typed waits in the browser, sealed with the master key, for five minutes


def _half_cookie(request: Request, email: str, password: str) -> str:
    until = (clock.now() + _HALF_LIFE).isoformat()
    sealed = request.scope["regulars.house"].keyring.seal("sign-in step", json.dumps([email, password, until]), bound_to="sign-in")
    secure = "; Secure" if is_safe(request.scope, headers_of(request.scope), _options(request)) else ""
    kept = base64.urlsafe_b64encode(sealed).decode()
    return f"{_HALF}={kept}; Path=/sign-in; Max-Age={int(_HALF_LIFE.total_seconds())}; HttpOnly; SameSite=Strict{secure}"


def _half_of(request: Request) -> tuple[str, str] | None:
    try:
        sealed = base64.urlsafe_b64decode(request.cookies.get(_HALF, ""))
        email, password, until = json.loads(
            request.scope["regulars.house"].keyring.unseal("sign-in step", sealed, bound_to="sign-in")
        )
    except (ValueError, RegularsError):
        return None
    return (email, password) if clock.now().isoformat() < until else None


# --- one-time links: the first owner, invitations, a new password


def _welcome_form(
    request: Request, link: OpenLink, email: str, *, name: str = "", typed: str = "", error: RegularsError | None = None
) -> HTMLResponse:
    language = language_of(request)
    joins = link.purpose != "new_password"
    titles = {
        "first_owner": (
            translate(language, "Welcome. Become the owner"),
            translate(language, "You are the first one here. This account may do everything and invite others."),
        ),
        "invitation": (
            translate(language, "Welcome to regulars"),
            translate(language, "You are invited. Choose a password and begin."),
        ),
        "new_password": (
            translate(language, "Choose a new password"),
            translate(language, "Everywhere you are signed in now, you will be signed out."),
        ),
    }
    title, lead = titles[link.purpose]
    fields: list[Field] = []
    if joins:
        fields.append(Field("name", translate(language, "Your name"), "text", name, "name", most=120, focus=True))
    if link.purpose == "first_owner":
        fields.append(Field("email", translate(language, "E-mail"), "email", typed, "username"))
    elif email:
        lead = f"{lead} ({email})"
    hint = translate(language, "At least 12 characters. A sentence of your own is good.")
    fields.append(
        Field(
            "password",
            translate(language, "Password"),
            "password",
            "",
            "new-password",
            hint=hint,
            least=12,
            most=1000,
            focus=not joins,
        )
    )
    submit = translate(language, "Join") if joins else translate(language, "Keep this password")
    return page(
        request,
        title,
        lead,
        fields=tuple(fields),
        action=request.url.path,
        submit=submit,
        error=error,
        status=error.http_status if error else 200,
    )


async def _welcome(request: Request) -> Response:
    house, token = request.scope["regulars.house"], request.path_params["token"]

    def look() -> tuple[OpenLink, str]:
        with house.records.reading() as uow:
            link = links.find(uow, token)
        return link, operators.link_email(link, house.keyring)

    try:
        link, email = await run_in_threadpool(look)
    except NotFound as gone:
        language = language_of(request)
        return page(
            request,
            translate(language, "This link opens nothing"),
            error=gone,
            way_on=(translate(language, "Sign in"), "/sign-in"),
            status=404,
        )
    if request.method != "POST":
        return _welcome_form(request, link, email)
    form = await request.form(max_fields=8, max_files=0)
    name, typed, password = str(form.get("name", ""))[:300], str(form.get("email", ""))[:300], str(form.get("password", ""))[:1000]

    def accept() -> None:
        with house.records.unit() as uow:
            operators.accept_link(
                uow, house.keyring, token, password=password, name=name, email=typed, language=language_of(request)
            )

    try:
        await run_in_threadpool(accept)
        address = email or typed
        if link.purpose == "new_password":
            return RedirectResponse("/sign-in", 303)
        return await _begin(request, address, password, "", "/")
    except RegularsError as error:
        return _welcome_form(request, link, email, name=name, typed=typed, error=error)


ROUTES: list[BaseRoute] = [
    Route("/sign-in", _show_sign_in, methods=["GET"]),
    Route("/sign-in", _sign_in, methods=["POST"]),
    Route("/sign-in/code", _second_step, methods=["POST"]),
    Route("/sign-in/code", _show_sign_in, methods=["GET"]),
    Route("/sign-in/out", _sign_out, methods=["POST"]),
    Route("/welcome/{token}", _welcome, methods=["GET", "POST"]),
]
