"""Errors as problem+json (RFC 9457): our code, what happened and how to mend it; never anything of the inside."""

from __future__ import annotations

import http
import json
import logging
import os
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from regulars.errors import RegularsError
from regulars.values.answers import to_json

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
_OWN_WORDS = {
    400: ("bad_request", "the request cannot be read", "send well-formed JSON in UTF-8"),
    404: ("no_such_path", "there is nothing at this address", "look the address up in /openapi.json"),
    405: ("method_not_allowed", "this address does not take that method", "use one of the methods in the Allow header"),
    413: ("too_large", "the body is larger than this address takes", "send less at a time, or load a file with `regulars load`"),
    415: ("media_type", "this address does not take that kind of body", "send application/json"),
}

_REF = {"content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}}
PROBLEM_RESPONSES: dict[int | str, dict[str, Any]] = {
    401: {"description": "Nobody is signed in", **_REF},
    403: {"description": "The caller lacks the permission", **_REF},
    "4XX": {"description": "Refused; `detail` and `mend` say why and what to do", **_REF},
    "5XX": {"description": "Our fault or a store's; `retriable` says whether to try again", **_REF},
}
PROBLEM_SCHEMA: dict[str, Any] = {
    "title": "ProblemDetails",
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "mend"],
    "properties": {
        "type": {"type": "string", "description": "names the code as a URN"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "what happened"},
        "code": {"type": "string", "description": "stable, for programs"},
        "mend": {"type": "string", "description": "how to mend it"},
        "retriable": {"type": "boolean", "description": "whether the same request may succeed later"},
        "incident": {"type": "string", "description": "what to look for in the log, where we failed"},
    },
    "additionalProperties": True,
    "example": {
        "type": "urn:regulars:missing_permission",
        "title": "Forbidden",
        "status": 403,
        "detail": "the role viewer may not export",
        "code": "missing_permission",
        "mend": "ask an owner of this installation for the permission",
        "retriable": False,
        "permission": "export",
    },
}


def problem(
    status: int, code: str, detail: str, mend: str = "", /, *, headers: Mapping[str, str] | None = None, **values: Any
) -> Response:
    """A problem+json answer; a value named like a member of its own gives way to it."""
    body = {
        "type": f"urn:regulars:{code}",
        "title": http.HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "mend": mend,
        "retriable": status in (429, 503, 507),
    }
    body.update((name, value) for name, value in values.items() if name not in body)
    text = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    return Response(text, status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def problem_of(error: RegularsError) -> Response:
    """The answer to one of our own errors."""
    values = {name: _plain(value) for name, value in error.values.items() if name != "headers"}
    headers = {"Retry-After": str(max(1, round(error.values["retry_after_s"])))} if "retry_after_s" in error.values else {}
    if error.http_status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return problem(error.http_status, error.code, error.message, error.mend, headers=headers, **values)


def no_such_path() -> Response:
    """The answer at an address where there is nothing."""
    return problem(404, *_OWN_WORDS[404])


def unexpected(error: BaseException, *, where: str) -> Response:
    """The answer to what nobody foresaw: an incident number here, the trace in the log."""
    incident = os.urandom(6).hex()
    log.error("request failed", exc_info=error, extra={"incident": incident, "where": where})
    return problem(
        500,
        "unexpected",
        "something went wrong on our side; nothing was changed",
        f"look for incident {incident} in the log of the server, and report it",
        incident=incident,
    )


def install(app: FastAPI) -> None:
    """Answer every error of the application in this form."""
    app.add_exception_handler(RegularsError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


async def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, RegularsError)
    return problem_of(error)


async def _invalid(request: Request, error: Exception) -> Response:
    """Where and what, never the value that was sent."""
    assert isinstance(error, RequestValidationError)
    found = [{"where": ".".join(str(part) for part in item["loc"]), "what": str(item["msg"])} for item in error.errors()[:20]]
    first = f"{found[0]['where']}: {found[0]['what']}" if found else "a parameter does not fit"
    return problem(422, "invalid_request", first[:500], "correct the named parameters; /openapi.json describes them", errors=found)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if isinstance(error.__cause__, RegularsError):  # FastAPI wraps what our JSON reader says about a body
        return problem_of(error.__cause__)
    fallback = ("refused", http.HTTPStatus(error.status_code).phrase, "")
    code, detail, mend = _OWN_WORDS.get(error.status_code, fallback)
    return problem(error.status_code, code, detail, mend, headers=error.headers)


def _plain(value: Any) -> Any:
    try:
        return to_json(value)
    except TypeError:
        return str(value)
