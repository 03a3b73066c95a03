"""The OpenAPI document: what FastAPI derives from the routes, with our errors, our ways to sign in, and numbers as sent."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any, get_args, get_type_hints

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts

from regulars.web.cookies import SAFE_NAME
from regulars.web.problems import PROBLEM_SCHEMA
from regulars.web.routes import GuardedRoute

_AS_NUMBERS = (Decimal, timedelta)


def describe(app: FastAPI) -> dict[str, Any]:
    """The document, made once."""
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
        parts = document.setdefault("components", {})
        schemas = parts.setdefault("schemas", {})
        schemas["ProblemDetails"] = PROBLEM_SCHEMA
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        parts["securitySchemes"] = {
            "api_key": {"type": "http", "scheme": "bearer", "description": "an API key, `rg_server_...`"},
            "session": {"type": "apiKey", "in": "cookie", "name": SAFE_NAME, "description": "an operator's session"},
        }
        document["security"] = [{"api_key": []}, {"session": []}]
        for path in document["paths"].values():
            for operation in path.values():
                operation["responses"].pop("422", None)
        routes = [route for context in iter_route_contexts(app.routes) if isinstance(route := context.original_route, GuardedRoute)]
        for route in routes:
            for method in route.methods or ():
                _show_examples(route, document["paths"][route.path_format][method.lower()])
        _numbers_as_sent(schemas, (route.response_model for route in routes))
        for door in getattr(app.state, "described", ()):  # what answers in front of the routes
            document["paths"].update(door["paths"])
            schemas.update(door["schemas"])
            parts["securitySchemes"].update(door["security"])
        app.openapi_schema = document
    return app.openapi_schema


def _show_examples(route: GuardedRoute, operation: dict[str, Any]) -> None:
    """Put the examples in. FastAPI's own way would leave their nulls out."""
    examples = route.examples
    if examples.answer is not None:
        operation["responses"][str(route.status_code)]["content"][examples.media_type]["example"] = examples.answer
    if examples.body is not None:
        operation["requestBody"]["content"]["application/json"]["example"] = examples.body


def _numbers_as_sent(schemas: dict[str, Any], answers: Iterable[Any]) -> None:
    """Pydantic says decimals and durations are sent as text; `to_json` sends numbers."""
    for kind in _dataclasses_in(answers):
        hints = get_type_hints(kind)
        wrong = [name for name, hint in hints.items() if {*_kinds_in(hint)} & {*_AS_NUMBERS} and str not in {*_kinds_in(hint)}]
        for known_as in (kind.__name__, f"{kind.__module__}.{kind.__qualname__}".replace(".", "__")):
            properties = schemas.get(known_as, {}).get("properties", {})
            for name in wrong:
                if name in properties:
                    _text_to_number(properties[name])


def _dataclasses_in(answers: Iterable[Any]) -> Iterator[type]:
    """Every dataclass an answer is made of."""
    waiting, seen = list(answers), set()
    while waiting:
        for kind in _kinds_in(waiting.pop()):
            if isinstance(kind, type) and dataclasses.is_dataclass(kind) and kind not in seen:
                seen.add(kind)
                yield kind
                waiting.extend(get_type_hints(kind).values())


def _kinds_in(hint: Any) -> Iterator[Any]:
    """The plain types a type hint is made of."""
    origin = getattr(hint, "__origin__", None)
    yield origin if isinstance(origin, type) else hint
    for inner in get_args(hint):
        yield from _kinds_in(inner)


def _text_to_number(schema: Any) -> None:
    if isinstance(schema, dict):
        if schema.get("type") == "string":
            schema["type"] = "number"
            schema.pop("format", None)
            schema.pop("pattern", None)
        for inner in schema.values():
            _text_to_number(inner)
    elif isinstance(schema, list):
        for inner in schema:
            _text_to_number(inner)
