"""`Api`: routes that cannot be declared without saying who may call them, and whose answers have one neutral form."""

from __future__ import annotations

import functools
import inspect
import json
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from regulars.access.domain import PERMISSIONS, Permission
from regulars.values.answers import to_json
from regulars.web import idempotency
from regulars.web.bodies import Body, StrictRequest
from regulars.web.door import RequestDoor, admit, door_of
from regulars.web.downloads import Format
from regulars.web.problems import PROBLEM_RESPONSES

Handler = TypeVar("Handler", bound=Callable[..., Any])
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
_UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True, slots=True)
class Examples:
    """What the documentation shows of a route: an answer of that media type, and a body; None where there is none."""

    media_type: str
    answer: Any
    body: Any


class GuardedRoute(APIRoute):
    """A route that refuses before anything of the request is parsed."""

    @property
    def permission(self) -> Permission | None:
        """Who may call it; None: anybody, for the reason in `public`."""
        rule: Permission | None = getattr(self.endpoint, "permission", None)
        return rule

    @property
    def public(self) -> str:
        """Why anybody may call it."""
        return str(getattr(self.endpoint, "public", ""))

    @property
    def takes_uploads(self) -> bool:
        """Whether a body may be as large as an upload."""
        return bool(getattr(self.endpoint, "takes_uploads", False))

    @property
    def body_bytes(self) -> int:
        """How large a body may be; 0 for what the installation lets bodies be."""
        return int(getattr(self.endpoint, "body_bytes", 0))

    @property
    def examples(self) -> Examples:
        """An answer and a body for the documentation."""
        found: Examples = getattr(self.endpoint, "examples", Examples("", None, None))
        return found

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            admit(request, self.permission)
            body: Body = request.scope["regulars.body"]
            options = request.app.state.options
            body.allow(options.upload_bytes if self.takes_uploads else self.body_bytes or options.body_bytes)
            return await inner(StrictRequest(request.scope, request.receive))

        return handle


class Api(APIRouter):
    """A room's routes. Each names `permission=` (or `public="the reason"`), its `answer` dataclass and a `summary`.

    A handler is a plain function: it takes a `Door` and typed parameters, calls one verb and returns the answer, which
    `to_json` turns into JSON. A Response (a file, a stream) is passed on as it is. Errors of the tree become problem+json.
    """

    def __init__(self, *, tags: Sequence[str]) -> None:
        super().__init__(tags=list(tags), route_class=GuardedRoute)

    def get(self, path: str, **rules: Any) -> Callable[[Handler], Handler]:
        """Declare a reading route; see `declare`."""
        return self.declare("GET", path, **rules)

    def post(self, path: str, **rules: Any) -> Callable[[Handler], Handler]:
        """Declare a route that makes or does something; see `declare`."""
        return self.declare("POST", path, **rules)

    def put(self, path: str, **rules: Any) -> Callable[[Handler], Handler]:
        """Declare a route that sets something whole; see `declare`."""
        return self.declare("PUT", path, **rules)

    def patch(self, path: str, **rules: Any) -> Callable[[Handler], Handler]:
        """Declare a route that changes a part; see `declare`."""
        return self.declare("PATCH", path, **rules)

    def delete(self, path: str, **rules: Any) -> Callable[[Handler], Handler]:
        """Declare a route that takes something away; see `declare`."""
        return self.declare("DELETE", path, **rules)

    def declare(
        self,
        method: Method,
        path: str,
        *,
        summary: str,
        permission: Permission | None = None,
        public: str = "",
        answer: Any = None,
        example: Any = None,
        sends: Any = None,
        description: str | None = None,
        status: int = 200,
        media_type: str | None = None,
        takes_uploads: bool = False,
        body_bytes: int = 0,
        replayable: bool = True,
    ) -> Callable[[Handler], Handler]:
        """Declare a route.

        Parameters
        ----------
        permission : what the caller must hold; checked before parameters and body are looked at.
        public : why anybody may call it, where there is no `permission`.
        answer : the dataclass that is returned; documents the route.
        example : an answer for the documentation; anything `to_json` takes.
        sends : a body for the documentation; a dataclass, a model or plain values.
        media_type : of answers that are not JSON (`text/csv`). A handler that takes a `Format` answers CSV beside JSON.
        takes_uploads : the body may be as large as the installation lets files be; other bodies stay under 1 MB.
        body_bytes : how large a body may be where 1 MB is too little and a file is not meant.
        replayable : False where an answer must not be stored for an Idempotency-Key (it holds a secret).
        """
        if (permission is None) == (not public):
            raise TypeError(f"{method} {path} must name either a permission or the reason why it is public")
        if permission is not None and permission not in PERMISSIONS:
            raise TypeError(f"{method} {path} names an unknown permission '{permission}'")

        def register(handler: Handler) -> Handler:
            endpoint = _answering(handler, status=status, stored=method in _UNSAFE and replayable)
            endpoint.permission = permission  # type: ignore[attr-defined]
            endpoint.public = public  # type: ignore[attr-defined]
            endpoint.takes_uploads = takes_uploads  # type: ignore[attr-defined]
            endpoint.body_bytes = body_bytes  # type: ignore[attr-defined]
            endpoint.examples = Examples(  # type: ignore[attr-defined]
                media_type or "application/json",
                None if example is None else to_json(example),
                sends.model_dump(mode="json", exclude_unset=True) if isinstance(sends, BaseModel) else to_json(sends),
            )
            also_csv = Format in inspect.get_annotations(handler, eval_str=True).values()
            responses: dict[int | str, dict[str, Any]] = dict(PROBLEM_RESPONSES)
            if also_csv:
                responses[status] = {"content": {"text/csv": {"schema": {"type": "string"}}}}
            extra: dict[str, Any] = {"x-permission": permission} if permission else {"x-public": public, "security": []}
            if method in _UNSAFE and replayable:
                extra["parameters"] = [idempotency.PARAMETER]
            self.add_api_route(
                path,
                endpoint,
                methods=[method],
                response_model=None if media_type else answer,
                response_class=_response_of(media_type) if media_type else JSONResponse,
                status_code=status,
                operation_id=handler.__name__,
                summary=summary,
                description=description or inspect.getdoc(handler),
                responses=responses,
                openapi_extra=extra,
            )
            return handler

        return register


def _answering(handler: Callable[..., Any], *, status: int, stored: bool) -> Callable[..., Any]:
    """The handler inside its transaction: what it returns as JSON, committed; what it raises, undone."""
    signature = inspect.signature(handler)
    if "request" in signature.parameters:
        raise TypeError(f"{handler.__qualname__}: take the request from `door.request`, not as a parameter")

    def finish(door: RequestDoor, value: Any) -> Response:
        response = value if isinstance(value, Response) else JsonAnswer(to_json(value), status_code=status)
        response.headers.raw.extend((name.lower().encode("latin-1"), text.encode("latin-1")) for name, text in door.answer_headers)
        return response

    def run(request: Request, arguments: dict[str, Any]) -> Response:
        door = door_of(request)
        try:
            if stored and (key := idempotency.asked(request)) is not None:
                response = idempotency.once(door, key, lambda: finish(door, handler(**arguments)))
            else:
                response = finish(door, handler(**arguments))
        except BaseException as error:
            door.close(error)
            raise
        door.close(None)
        return response

    @functools.wraps(handler)
    async def endpoint(request: Request, **arguments: Any) -> Response:
        return await run_in_threadpool(run, request, arguments)

    if inspect.iscoroutinefunction(handler):
        raise TypeError(f"{handler.__qualname__}: handlers are plain functions; they run in a thread of their own")
    hints = inspect.get_annotations(handler, eval_str=True)
    own = [p.replace(annotation=hints.get(p.name, p.annotation)) for p in signature.parameters.values()]
    asked = inspect.Parameter("request", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Request)
    keyword = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own]
    endpoint.__signature__ = inspect.Signature([asked, *keyword])  # type: ignore[attr-defined]
    del endpoint.__wrapped__
    return endpoint


def _response_of(kind: str) -> type[Response]:
    """A response class whose answers are documented as that media type."""
    return type("FileAnswer", (Response,), {"media_type": kind})


class JsonAnswer(Response):
    """Compact UTF-8 JSON of values that are plain already."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def guards_itself(app: FastAPI, path: str, because: str) -> None:
    """Tell that a mount or foreign route asks for permission in its own way (the console does so per screen)."""
    if not hasattr(app.state, "guarded"):
        app.state.guarded = {"/openapi.json": "the description of the routes holds no data"}
    app.state.guarded[path] = because


def check_every_route_has_permission(app: FastAPI) -> list[str]:
    """Fail at start-up when a route says neither who may call it nor why everybody may.

    Returns the checked routes as lines, `GET /v1/shops read_reports`.
    """
    own: dict[str, str] = getattr(app.state, "guarded", {"/openapi.json": "the description of the routes holds no data"})
    lines, holes = [], []
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        path = getattr(context, "path", None) or getattr(route, "path", "?")
        methods = ",".join(sorted(getattr(route, "methods", None) or {"*"}))
        if isinstance(route, GuardedRoute) and (route.permission or route.public):
            lines.append(f"{methods} {path} {route.permission or 'public: ' + route.public}")
        elif path in own:
            lines.append(f"{methods} {path} guards itself: {own[path]}")
        else:
            holes.append(f"{methods} {path}")
    if holes:
        raise RuntimeError("these routes do not say who may call them: " + "; ".join(sorted(holes)))
    return lines
