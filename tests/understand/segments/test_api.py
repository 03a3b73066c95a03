"""Segments over HTTP, from the shell and by webhook: what people do with them, on a real house."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from standardwebhooks.webhooks import Webhook

from regulars.access import Caller, api_keys, shops
from regulars.app import House
from regulars.cli.main import perform
from regulars.cli.running import Visit, visit
from regulars.settings import Settings
from regulars.understand.segments import drafting
from regulars.understand.segments.domain.library import LIBRARY
from tests.support.happenings import happened
from tests.support.server import command, initialised

VIEWED = "Product Viewed"
TREE = {"did": {"event": VIEWED}, "within_days": 7}


@pytest.fixture
def house(home: Path) -> Iterator[House]:
    opened = House.open(Settings.load())
    with opened.records.unit() as uow:
        shell = Caller.system("shell", opened.keyring)
        shops.create(uow, shell, shop_id="tea", name="Tea House", timezone="UTC", currency="CNY")
    _happened(opened, ("ann1", "2026-03-01T08:00:00Z"), ("ben1", "2026-03-02T08:00:00Z"))
    yield opened
    opened.close()


def _happened(house: House, *events: tuple[str, str]) -> None:
    with house.records.reading() as view:
        shop = shops.get(view, "tea")
    happened(house.warehouse, shop, [{"customer": who, "event": VIEWED, "ts": at, "props": {}} for who, at in events])


@pytest.fixture
def client_with(house: House) -> Callable[..., TestClient]:
    app = house.http()

    def client(*scopes: str) -> TestClient:
        with house.records.unit() as uow:
            key = api_keys.create(uow, Caller.system("shell", house.keyring), name="test", scopes=list(scopes))
        return TestClient(app, headers={"authorization": f"Bearer {key.secret}"}, base_url="http://localhost")

    return client


@pytest.fixture
def client(client_with: Callable[..., TestClient]) -> TestClient:
    return client_with("read_reports", "read_customers", "export", "manage_segments")


def made(client: TestClient, segment_id: str, **more: Any) -> dict[str, Any]:
    answer = client.put(f"/v1/segments/{segment_id}", json={"name": segment_id.title(), **more})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_segment_is_tried_made_read_and_removed(client: TestClient, house: House) -> None:
    tried = client.post("/v1/segment_previews", json={"where_tree": TREE}).json()
    assert (tried["customers"], tried["of_customers"], tried["sample"]) == (2, 2, ["ann1", "ben1"])
    made_ = client.post("/v1/segments", json={"segment_id": "lookers", "name": "Lookers", "where_tree": TREE})
    assert (made_.status_code, made_.json()["customers"]) == (201, None)
    assert client.post("/v1/segments", json={"segment_id": "lookers", "name": "L", "where_tree": TREE}).status_code == 409
    house.work_off()

    assert client.get("/v1/segments/lookers").json()["customers"] == 2
    first = client.get("/v1/segments/lookers/members", params={"limit": 1}).json()
    second = client.get("/v1/segments/lookers/members", params={"limit": 1, "cursor": first["next"]}).json()
    assert [one["customer_id"] for one in (*first["items"], *second["items"])] == ["ann1", "ben1"]
    assert second["next"] is None
    assert "ann1," in client.get("/v1/segments/lookers/members", params={"format": "csv"}).text
    why = client.get("/v1/segments/lookers/explanations/ann1").json()
    assert (why["is_member"], why["reason"]["value"]) == (True, 1.0)
    assert client.get("/v1/segments/lookers/explanations/zoe9").status_code == 404
    assert client.get("/v1/segments/lookers/sizes").json()["items"][0]["customers"] == 2
    assert client.delete("/v1/segments/lookers").status_code == 204
    assert client.get("/v1/segments/lookers").status_code == 404


def test_what_is_wrong_with_conditions_is_told_with_its_place(client: TestClient) -> None:
    answer = client.post("/v1/segment_previews", json={"where_tree": {"all": [{"did": VIEWED, "at_leest": 2}]}})

    assert answer.status_code == 422 or answer.status_code == 400
    assert answer.json()["detail"].startswith("where_tree.all[0].at_leest") or "at_leest" in answer.text


def test_files_are_applied_together_or_not_at_all(client: TestClient, house: House) -> None:
    files = [
        {"id": "b", "name": "B", "where_tree": {"not": {"segment": "a"}}},
        {"id": "a", "name": "A", "name_zh": "甲", "where_tree": TREE},
    ]

    assert client.post("/v1/segment_files", json={"segments": files}).status_code == 200
    house.work_off()
    told = client.get("/v1/segment_files").json()["segments"]
    assert {one["id"]: one for one in told} == {one["id"]: one for one in files}
    wrong = [{"id": "c", "name": "C", "where_tree": TREE}, {"id": "d", "name": "D", "where_tree": {"segment": "nobody"}}]
    assert client.post("/v1/segment_files", json={"segments": wrong}).status_code >= 400
    assert client.get("/v1/segments/c").status_code == 404


def test_lists_are_uploaded_as_csv_and_combined(client: TestClient, house: House) -> None:
    made(client, "vip", kind="uploaded", csv="\ufeff客户编号,note\nann1,x\nzoe9,y\n")
    made(client, "lookers", where_tree=TREE)
    house.work_off()

    overlap = client.post("/v1/segment_overlaps", json={"segments": ["vip", "lookers"]}).json()
    both = client.post("/v1/segment_combinations", json={"segments": ["vip", "lookers"], "operation": "intersection"}).json()
    flows = client.post(
        "/v1/segment_flows",
        json={"segments": ["vip", "lookers"], "first_at": "2026-03-01T00:00:00Z", "last_at": "2026-04-01T00:00:00Z"},
    ).json()

    assert overlap["sizes"] == [2, 2]
    assert [one["customer_id"] for one in both["items"]] == ["ann1"]
    assert {(one["source"], one["target"]): one["customers"] for one in flows["flows"]} == {("", "vip"): 2, ("", "lookers"): 1}
    assert client.post("/v1/segment_overlaps", json={"segments": ["vip", "nobody"]}).status_code == 404


def test_the_library_is_taken_over_once(client: TestClient) -> None:
    told = client.get("/v1/segment_library", params={"lang": "zh"}).json()["items"]
    assert {one["family"] for one in told} == {"attribute", "behaviour", "value", "need"}

    for _ in range(2):
        assert client.post("/v1/segment_library", json={"library_ids": ["sleeping"]}).json()["items"][0]["name_zh"] == "沉睡客户"


def test_only_those_who_may_change_segments(client_with: Callable[..., TestClient]) -> None:
    reader = client_with("read_reports")

    assert reader.get("/v1/segments").status_code == 200
    assert reader.put("/v1/segments/x", json={"name": "X", "where_tree": TREE}).status_code == 403
    assert reader.get("/v1/segments/x/members").status_code == 403
    assert reader.post("/v1/segment_previews", json={"where_tree": TREE}).status_code == 403


class _Receiver(http.server.BaseHTTPRequestHandler):
    taken: list[tuple[dict[str, str], bytes]]
    answers: list[int]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        type(self).taken.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(type(self).answers.pop(0) if type(self).answers else 200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        return


def test_a_webhook_is_signed_and_sent_again_until_it_is_taken(
    client: TestClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver = type("Receiver", (_Receiver,), {"taken": [], "answers": [503]})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr("regulars.understand.segments.hooks.PAUSES", (0,) * 10)
    made(client, "lookers", where_tree=TREE)
    house.work_off()
    hook = client.post("/v1/segments/lookers/webhooks", json={"url": f"http://127.0.0.1:{server.server_port}/in?x=1"}).json()

    _happened(house, ("cat1", "2026-03-08T20:00:00Z"))
    client.post("/v1/segment_evaluations")
    house.work_off()
    house.work_off()
    server.shutdown()

    taken = receiver.taken  # type: ignore[attr-defined]
    assert len(taken) == 2
    assert taken[0][0]["webhook-id"] == taken[1][0]["webhook-id"]
    for headers, body in taken:
        Webhook(hook["secret"]).verify(body, headers)
    data = json.loads(taken[1][1])["data"]
    assert (data["segment_id"], data["entered"], data["left"], data["customers"]) == ("lookers", ["cat1"], ["ann1"], 2)
    state = client.get("/v1/segments/lookers/webhooks").json()["items"][0]
    assert (state["failures"], state["error"]) == (0, None)
    assert hook["secret"] not in client.get("/v1/segments/lookers/webhooks").text


@pytest.mark.parametrize("url", ["ftp://x", "http://", "http://user:secret@host/", "http://169.254.169.254/latest", "//x"])
def test_an_address_that_may_not_be_sent_to_is_refused(client: TestClient, house: House, url: str) -> None:
    made(client, "lookers", where_tree=TREE)
    answer = client.post("/v1/segments/lookers/webhooks", json={"url": url})

    assert answer.status_code >= 400


def test_segments_live_in_files_under_version_control(home: Path) -> None:
    initialised(home, "--shop", "tea", "--name", "Tea", "--timezone", "UTC", "--currency", "CNY")
    file = home / "segments.yaml"
    file.write_text(
        "- id: lookers\n  name: Lookers\n  name_zh: 浏览者\n  where_tree:\n    did: {event: Product Viewed}\n    within_days: 7\n"
    )

    applied = command(home, "segment", "apply", str(file), "--json")
    exported = command(home, "segment", "export")
    again = home / "again.yaml"
    again.write_text(exported.stdout)

    assert json.loads(applied.stdout)["items"][0]["customers"] == 0, applied.stderr
    assert json.loads(command(home, "segment", "apply", str(again), "--json").stdout)["items"][0]["segment_id"] == "lookers"
    (home / "vip.csv").write_text("customer_id\nann1\nben1\n")
    uploaded = command(home, "segment", "upload", "vip", str(home / "vip.csv"), "--json")
    assert json.loads(uploaded.stdout)["customers"] == 2, uploaded.stderr
    assert "ann1" in command(home, "segment", "members", "vip").stdout
    assert "x" in command(home, "segment", "overlap", "vip", "lookers").stdout
    assert "沉睡客户" in command(home, "segment", "library", "--lang", "zh").stdout
    wrong = command(home, "segment", "explain", "vip", "nobody", "--json")
    assert json.loads(wrong.stdout)["is_member"] is False


@pytest.mark.parametrize("one", LIBRARY, ids=lambda one: one.library_id)
def test_what_is_clicked_together_is_the_text_that_was_read(one: Any) -> None:
    group = drafting.group_of(one.where_tree)
    tree = drafting.tree_of(group)

    assert drafting.tree_of(drafting.group_of(tree)) == tree


def test_webhooks_are_added_listed_and_removed_at_the_shell(
    house: House, client: TestClient, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made(client, "mine", where_tree=TREE)

    def run(*words: str) -> Any:
        capsys.readouterr()
        token = visit.set(Visit(house, tmp_path, {"LANG": "en_GB.UTF-8", "COLUMNS": "140"}, False))
        try:
            assert perform(["segment", *words]) == 0
        finally:
            visit.reset(token)
        said = capsys.readouterr().out.strip()
        return json.loads(said) if said else None

    added = run("hook", "mine", "https://crm.example.com/in", "--json")
    listed = run("hooks", "mine", "--json")["items"]
    run("unhook", "mine", added["hook"]["hook_id"])

    assert added["secret"].startswith("whsec_")
    assert [one["url"] for one in listed] == ["https://crm.example.com/in"]
    assert "whsec_" not in json.dumps(listed)
    assert run("hooks", "mine", "--json")["items"] == []
