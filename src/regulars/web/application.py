"""Building the HTTP application: routes, their guard, the middleware around them, and the OpenAPI document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import FastAPI

import regulars
from regulars.web import account_api, problems, session_api
from regulars.web.doorkeeper import Doorkeeper
from regulars.web.openapi import describe
from regulars.web.options import Stores, WebOptions
from regulars.web.routes import Api, check_every_route_has_permission, guards_itself
from regulars.web.unanswered import Unanswered

health = Api(tags=["System"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """That the server answers, and its version."""

    status: str
    version: str


@health.get(
    "/healthz",
    public="asked by load balancers; tells nothing but that the server runs",
    answer=Health,
    summary="Is the server up?",
    example=Health(status="ok", version="1.0.0"),
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
    own = (health, session_api.api, account_api.api)
    for api in (*own, *(api for api in apis if not any(api is mine for mine in own))):
        app.router.routes.extend(api.routes)  # as they are: to include a router is to analyse each of its routes once more
    app.router.routes.append(Unanswered(app.routes))
    guards_itself(app, Unanswered.path, "it answers nothing but refusals")
    app.openapi = lambda: describe(app)  # type: ignore[method-assign]
    check_every_route_has_permission(app)
    return app
