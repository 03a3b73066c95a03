"""What a browser remembers of its reader: language and theme, in cookies; the language also with the operator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from regulars.access.domain import Caller

LANGUAGE_COOKIE = "regulars_language"
THEME_COOKIE = "regulars_theme"
SCHEME_COOKIE = "regulars_scheme"
_YEAR_S = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Preferences:
    """Theme as chosen, and whether that is dark right now."""

    theme: str  # auto | light | dark
    dark: bool

    @classmethod
    def of(cls, request: HTTPConnection) -> Preferences:
        """From the cookies."""
        theme = request.cookies.get(THEME_COOKIE, "auto")
        theme = theme if theme in ("auto", "light", "dark") else "auto"
        return cls(theme, theme == "dark" or (theme == "auto" and request.cookies.get(SCHEME_COOKIE) == "dark"))

    @staticmethod
    async def change(request: Request, wishes: Mapping[str, str]) -> Response:
        """Set what is named in `wishes` (`language`, `theme`) and is a known value."""
        response = Response(status_code=204)
        if wishes.get("theme") in ("auto", "light", "dark"):
            response.set_cookie(THEME_COOKIE, wishes["theme"], max_age=_YEAR_S, samesite="lax")
        if wishes.get("language") in ("zh", "en"):
            response.set_cookie(LANGUAGE_COOKIE, wishes["language"], max_age=_YEAR_S, samesite="lax")
            caller: Caller | None = request.scope.get("regulars.caller")
            if caller is not None and caller.kind == "operator":
                await run_in_threadpool(_keep_language, request, caller, wishes["language"])
        return response


def _keep_language(request: HTTPConnection, caller: Caller, language: str) -> None:
    from regulars.access import operators

    with request.scope["regulars.house"].records.unit() as uow:
        operators.set_language(uow, caller, language)


def language_of(request: HTTPConnection, own: str | None = None) -> str:
    """`zh` or `en`: `?lang=` of a shared address, then the cookie, the operator's own, the browser's, English."""
    accepted = request.headers.get("accept-language", "").lower().split(",")
    for wish in (request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE), own, *accepted):
        short = (wish or "").strip()[:2]
        if short in ("zh", "en"):
            return short
    return "en"
