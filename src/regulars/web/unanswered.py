"""What is left of the API's addresses where no route takes a request: refused in the API's words, never with a page."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from regulars.web.door import not_signed_in

_OPEN = ("/healthz", "/openapi.json")


class Unanswered(BaseRoute):
    """Stands behind the API's routes and before whatever is mounted at the root, which would answer with a page of its own."""

    path = "/v1"

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self.routes = tuple(routes)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Every HTTP request to an address of the API; routes that come earlier were asked before."""
        path = scope.get("path", "")
        ours = scope["type"] == "http" and (path in _OPEN or path == self.path or path.startswith(self.path + "/"))
        return (Match.FULL if ours else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse: 401 for strangers, 405 where another method would do, else 404."""
        if scope.get("regulars.caller") is None and scope["path"] not in _OPEN:
            raise scope.get("regulars.refusal") or not_signed_in()
        allowed: set[str] = set()
        for context in iter_route_contexts(self.routes):
            if context.original_route.matches(scope)[0] is Match.PARTIAL:
                allowed |= set(getattr(context.original_route, "methods", None) or ())
        if allowed:
            raise HTTPException(405, headers={"Allow": ", ".join(sorted(allowed))})
        raise HTTPException(404)
