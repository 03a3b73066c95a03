"""The screens in front of the console, as plain pages: signing in, the second step, one-time links, and "not here" pages.

They are rendered without NiceGUI, so that a stranger never makes the server build a client.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import BaseRoute

import regulars
from regulars.console.preferences import Preferences, language_of
from regulars.console.texts import translate
from regulars.console.words import Words
from regulars.errors import RegularsError

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
        return page(request, title, translate(language, "Ask an owner of this installation for the permission."), way_on=home, status=403)
    title = translate(language, "There is nothing at this address")
    return page(request, title, translate(language, "The link may be old, or the shop may be one you cannot see."), way_on=home, status=404)


ROUTES: list[BaseRoute] = []
