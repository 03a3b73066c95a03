"""Building the HTTP application: routes, their guard, the middleware around them, and the OpenAPI document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

import regulars
from regulars.web import account_api, problems, session_api
from regulars.web.doorkeeper import Doorkeeper
from regulars.web.options import Stores, WebOptions
from regulars.web.routes import Api, check_every_route_has_permission

health = Api(tags=["System"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """That the server answers, and its version."""

    status: str
    version: str


@health.get(
    "/healthz", public="asked by load balancers; tells nothing but that the server runs", answer=Health, summary="Is the server up?"
)
def get_health() -> Health:
    """Answers as soon as the server runs; `regulars doctor` looks deeper."""
    return Health(status="ok", version=regulars.__version__)


def build(stores: Stores, options: WebOptions, apis: Sequence[Api]) -> FastAPI:
    """The application: every room's routes behind the doorkeeper; start-up fails when a route has no permission.

    A mount added afterwards says why it needs no guard of ours with `guards_itself`; then check again.
    """
    app = FastAPI(
        title="regulars",
        version=regulars.__version__,
        summary="Retention and growth system for online stores",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.stores = stores
    app.state.options = options
    problems.install(app)
    app.add_middleware(Doorkeeper, stores=stores, options=options)
    for api in (health, session_api.api, account_api.api, *apis):
        app.include_router(api)
    app.openapi = lambda: describe(app)  # type: ignore[method-assign]
    check_every_route_has_permission(app)
    return app


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, with the errors' form, the two ways to sign in, and decimals as the numbers they are sent as."""
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
        parts = document.setdefault("components", {})
        schemas = parts.setdefault("schemas", {})
        schemas["Problem"] = problems.PROBLEM_SCHEMA
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        parts["securitySchemes"] = {
            "api_key": {"type": "http", "scheme": "bearer", "description": "an API key, `rg_server_...`"},
            "session": {"type": "apiKey", "in": "cookie", "name": "__Host-regulars", "description": "an operator's session"},
        }
        document["security"] = [{"api_key": []}, {"session": []}]
        for path in document["paths"].values():
            for operation in path.values():
                operation.get("responses", {}).pop("422", None)
        _plain_numbers(document)
        app.openapi_schema = document
    return app.openapi_schema


def _plain_numbers(node: Any) -> None:
    """Pydantic says decimals are sent as patterned text and durations as ISO text; we send numbers."""
    if isinstance(node, dict):
        if node.get("type") == "string" and (
            str(node.get("pattern", "")).startswith("^(?!^[-+.]*$)") or node.get("format") == "duration"
        ):
            node["type"] = "number"
            node.pop("pattern", None)
            node.pop("format", None)
        for value in node.values():
            _plain_numbers(value)
    elif isinstance(node, list):
        for value in node:
            _plain_numbers(value)
