"""Who may call what (P22): every route has a rule, refusals come before anything is parsed, roles hold what their table says."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.testclient import TestClient

from regulars.access import PERMISSIONS, ROLE_PERMISSIONS, Role
from regulars.web import Api, Door, Stores, WebOptions, build, check_every_route_has_permission, guards_itself
from regulars.web.routes import GuardedRoute
from tests.web.conftest import ORIGIN, Client
from tests.web.counter import api as counter


def routes_of(app: FastAPI) -> list[tuple[str, str, GuardedRoute]]:
    """Method, a concrete path, and the route, of everything that asks for a permission."""
    found = []
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, GuardedRoute) and route.permission:
            path = route.path
            for name in route.param_convertors:
                path = path.replace("{" + name + "}", "x")
            found += [(method, path, route) for method in sorted(route.methods or ())]
    return found


def test_a_route_without_a_rule_cannot_be_declared() -> None:
    room = Api(tags=["Room"])

    with pytest.raises(TypeError, match="permission"):
        room.get("/v1/things", summary="Things")
    with pytest.raises(TypeError, match="permission"):
        room.get("/v1/things", summary="Things", permission="read_reports", public="both")
    with pytest.raises(TypeError, match="unknown permission"):
        room.get("/v1/things", summary="Things", permission="fly")


def test_start_up_fails_when_a_route_has_no_permission(stores: Stores) -> None:
    app = build(stores, WebOptions(), [counter])

    @app.get("/v1/hole")
    def hole() -> str:
        return "open"

    with pytest.raises(RuntimeError, match="GET /v1/hole"):
        check_every_route_has_permission(app)
    guards_itself(app, "/v1/hole", "a test says so")
    assert any("guards itself" in line for line in check_every_route_has_permission(app))


def test_start_up_fails_when_a_mount_is_not_accounted_for(stores: Stores) -> None:
    app = build(stores, WebOptions(), [])
    app.mount("/console", FastAPI())

    with pytest.raises(RuntimeError, match="/console"):
        check_every_route_has_permission(app)


def test_handlers_must_be_plain_functions() -> None:
    room = Api(tags=["Room"])

    with pytest.raises(TypeError, match="plain functions"):

        @room.get("/v1/things", summary="Things", permission="read_reports")
        async def things(door: Door) -> None: ...


def test_strangers_get_401_on_every_route_whatever_they_send(client: Client) -> None:
    visitor = client()
    app = visitor.app
    assert isinstance(app, FastAPI)
    tried = routes_of(app)

    answers = {
        f"{method} {path}": visitor.request(
            method, path + "?limit=none&from=x", content=b"{not json", headers={**ORIGIN, "content-type": "application/json"}
        )
        for method, path, _ in tried
    }

    assert len(tried) >= 25
    assert {name: answer.status_code for name, answer in answers.items() if answer.status_code != 401} == {}
    assert all(answer.json()["code"] == "not_signed_in" for answer in answers.values())


@pytest.mark.parametrize("role", list(Role))
def test_each_role_is_refused_exactly_what_its_table_lacks(
    client: Client, session: Callable[[str], dict[str, str]], role: Role
) -> None:
    signed_in = client(cookies=session(role))
    app = signed_in.app
    assert isinstance(app, FastAPI)

    for method, path, route in routes_of(app):
        if (method, path) == ("DELETE", "/v1/session"):
            continue
        answer = signed_in.request(
            method, path + "?limit=none&from=x", content=b"{", headers={**ORIGIN, "content-type": "application/json"}
        )
        allowed = route.permission in ROLE_PERMISSIONS[role]
        assert (answer.status_code == 403) == (not allowed), f"{role} {method} {path}: {answer.status_code} {answer.text}"
        assert answer.status_code != 500


def test_a_viewer_can_neither_change_nor_export_nor_see_who_somebody_is() -> None:
    assert ROLE_PERMISSIONS[Role.VIEWER] == {"own_account", "read_reports"}
    changing = {"load_data", "manage_segments", "erase_customers", "manage_shop", "manage_operators", "manage_keys", "export"}
    assert not changing & ROLE_PERMISSIONS[Role.VIEWER]
    assert set().union(*ROLE_PERMISSIONS.values()) == set(PERMISSIONS)


def test_a_key_may_do_what_its_scopes_say_in_its_shop(client: Client, key: Callable[..., dict[str, str]]) -> None:
    visitor = client()
    reader = key("read_reports")

    assert visitor.get("/v1/seen", headers=reader).json()["shop_id"] == "tea"
    assert visitor.get("/v1/seen?shop=tea", headers=reader).status_code == 200
    foreign, missing = (visitor.get(f"/v1/seen?shop={shop}", headers=reader) for shop in ("coffee", "cocoa"))
    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert foreign.json()["detail"].replace("coffee", "cocoa") == missing.json()["detail"]
    assert visitor.post("/v1/counts", headers=reader, json={"by": 1}).status_code == 403
    assert [shop["shop_id"] for shop in visitor.get("/v1/shops", headers=reader).json()["items"]] == ["tea"]


def test_a_wrong_key_is_told_so_and_is_not_helped_by_a_session(client: Client, session: Callable[[str], dict[str, str]]) -> None:
    signed_in = client(cookies=session("owner"))

    for value in ("Bearer rg_server_00000000_" + "x" * 32, "Bearer", "Basic eDp5", "Bearer \x7f", "bearer  "):
        answer = signed_in.get("/v1/seen", headers={"authorization": value})
        assert (answer.status_code, answer.json()["code"]) == (401, "bad_api_key")
        assert answer.headers["www-authenticate"] == "Bearer"


def test_no_page_is_built_for_strangers(client: Client) -> None:
    visitor = client()

    page = visitor.get("/customers?q=x&shop=tea", headers={"accept": "text/html"}, follow_redirects=False)
    program = visitor.get("/customers")

    assert (page.status_code, page.headers["location"]) == (303, "/sign-in?next=/customers%3Fq%3Dx%26shop%3Dtea")
    assert program.status_code == 401


def test_a_disabled_operators_session_is_nobodys(client: Client, session: Callable[[str], dict[str, str]], stores: Stores) -> None:
    from regulars.access import Caller, operators

    signed_in = client(cookies=session("viewer"))
    assert signed_in.get("/v1/seen").status_code == 200
    with stores.records.unit() as uow:
        shell = Caller.system("shell", stores.keyring)
        operators.disable(uow, shell, operators.list_all(uow, shell)[0].operator_id)

    assert signed_in.get("/v1/seen").status_code == 401


def test_open_paths_do_not_open_their_neighbours(client: Client) -> None:
    visitor: TestClient = client()

    for path in itertools.chain(("/sign-in-x", "/_niceguix", "/healthzz", "/welcomed"), ("/v1", "/v1x/seen")):
        assert visitor.get(path).status_code == 401
