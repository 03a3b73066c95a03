"""Alarms are told: one letter with all of them to those who want it, a signed webhook each until it is taken, from a level on."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from standardwebhooks.webhooks import Webhook

from regulars.access import Caller, api_keys, shops
from regulars.app import House
from regulars.predict.anomalies import receivers
from regulars.predict.anomalies.api import api
from regulars.predict.anomalies.service import keep
from regulars.predict.anomalies.tables import alarm_notice
from regulars.predict.anomalies.telling import tell
from regulars.predict.anomalies.watching import Alarm
from regulars.settings import Settings
from regulars.web import Stores, WebOptions, build
from regulars.work import JobContext
from tests.access.people import colleague, owner
from tests.support.mailbox import Mailbox, mail_server


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


class Office:
    """A house with a mail server and two operators; each test has a shop of its own."""

    def __init__(self, home: Any, box: Mailbox) -> None:
        self.box = box
        self.house = House.open(Settings.load({"REGULARS_HOME": str(home), "REGULARS_SMTP_URL": box.url}))
        self.shell = Caller.system("shell", self.house.keyring)
        with self.house.records.unit() as uow:
            self.key = api_keys.create(uow, self.shell, name="test", scopes=["manage_reports", "read_reports"]).secret
        self.owner = owner(self.house.records, self.house.keyring)
        self.viewer = colleague(self.house.records, self.house.keyring, role="viewer")
        stores = Stores(
            records=self.house.records, warehouse=self.house.warehouse, home=self.house.home, keyring=self.house.keyring
        )
        self.app = build(stores, WebOptions(), [api])

    def begin(self, shop_id: str) -> None:
        """A new shop, and an empty mailbox."""
        self.shop_id = shop_id
        with self.house.records.unit() as uow:
            shops.create(uow, self.shell, shop_id=shop_id, name="Tea House", timezone="Asia/Shanghai", currency="CNY")
        headers = {"authorization": f"Bearer {self.key}"}
        self.client = TestClient(self.app, headers=headers, base_url="http://localhost")
        self.client.params = {"shop": shop_id}  # type: ignore[assignment]
        self.box.taken.clear()
        self.box.moods.clear()

    def add(self, **whom: Any) -> Any:
        return self.client.post("/v1/alarm_receivers", json=whom).json()

    def found(self, day: date = date(2026, 3, 10)) -> None:
        """Two alarms of a look: GMV red, orders orange."""
        causes = {"en": ["All of it lies in product Tea."], "zh": ["全部来自商品 Tea。"]}
        gmv = Alarm("gmv", day, "down", "red", 1e5, 9e5, 7e5, 11e5, -16e5, "CNY")
        orders = Alarm("orders", day, "down", "orange", 3, 30, 20, 40, -5e5, "CNY")
        with self.house.records.unit() as uow:
            for one in (orders, gmv):
                keep(uow, self.shop_id, one, causes)
        self.work()

    def work(self) -> None:
        """Tell everybody what they were not told, as the worker does."""
        house = self.house
        with house.records.reading() as uow:
            everybody = [one.receiver_id for one in receivers.listing(uow, self.shop_id)]
        for receiver_id in everybody:
            tell(JobContext("j", self.shop_id, {"receiver_id": receiver_id}, house.records, house.warehouse, house.home, "w"))

    def states(self) -> list[str]:
        with self.house.records.reading() as uow:
            mine = select(alarm_notice.c.state).where(alarm_notice.c.shop_id == self.shop_id)
            return [row["state"] for row in uow.rows(mine)]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with mail_server() as box:
        made = Office(tmp_path_factory.mktemp("office") / "home", box)
        try:
            yield made
        finally:
            made.house.close()


@pytest.fixture
def office(place: Office, request: pytest.FixtureRequest) -> Office:
    place.begin(f"tea-{abs(hash(request.node.name)) % 10**6}")
    return place


def test_all_alarms_of_a_look_go_out_in_one_letter_once(office: Office) -> None:
    office.add(operator_id=office.owner.operator_id)
    office.add(operator_id=office.viewer.operator_id, least_level="red")

    office.found()
    office.found()  # the same day again tells nothing new

    letters = dict(office.box.taken)
    assert len(office.box.taken) == 2
    letter = letters[office.owner.email]
    body = letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert letter["Subject"] == "Alarm: GMV and 1 more · Tea House"
    assert "2026-03-10 GMV: ¥1,000.00, expected ¥9,000.00, worth \u2212¥16,000.00 (red)" in body
    assert body.index("GMV") < body.index("Orders")
    assert "- All of it lies in product Tea." in body
    assert f"/anomalies?shop={office.shop_id}" in body
    assert letters[office.viewer.email]["Subject"] in ("Alarm: GMV · Tea House", "指标异常：成交额（GMV） · Tea House")
    assert office.states() == ["sent"] * 3
    assert all(one["told_at"] and one["waiting"] == 0 for one in office.client.get("/v1/alarm_receivers").json()["items"])


def test_what_is_refused_is_mailed_again_and_what_is_doubtful_is_not(office: Office) -> None:
    office.add(operator_id=office.owner.operator_id)
    office.box.moods = ["451 later", "break"]
    office.found()
    assert set(office.states()) == {"planned"}
    assert office.client.get("/v1/alarm_receivers").json()["items"][0]["error"]

    office.work()
    office.work()

    assert set(office.states()) <= {"unknown", "sent"}
    assert len(office.box.taken) == 1


def test_a_webhook_an_alarm_is_signed_and_sent_again_until_it_is_taken(office: Office) -> None:
    receiver = type("Receiver", (_Receiver,), {"taken": [], "answers": [503]})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    made = office.add(url=f"http://127.0.0.1:{server.server_port}/in")

    office.found()
    state = office.client.get("/v1/alarm_receivers").json()["items"][0]
    office.work()
    server.shutdown()

    assert (state["waiting"], state["error"]) == (2, "the receiver answered 503")
    taken = receiver.taken  # type: ignore[attr-defined]
    assert len(taken) == 3
    assert taken[0][0]["webhook-id"] == taken[1][0]["webhook-id"]
    for headers, body in taken:
        Webhook(made["secret"]).verify(body, headers)
    told = [json.loads(body)["data"]["alarm"] for _, body in taken[1:]]
    assert {one["metric"] for one in told} == {"gmv", "orders"}
    assert made["secret"] not in office.client.get("/v1/alarm_receivers").text


def test_who_is_told_is_checked_and_can_be_removed(office: Office) -> None:
    for wrong, code in (
        ({}, "bad_receivers"),
        ({"operator_id": "nobody"}, "bad_receivers"),
        ({"url": "ftp://x"}, "bad_url"),
        ({"url": "http://169.254.169.254/x"}, "bad_url"),
    ):
        assert office.add(**wrong)["code"] == code
    first = office.add(operator_id=office.owner.operator_id)["receiver"]
    assert office.add(operator_id=office.owner.operator_id)["code"] == "already_told"
    assert office.client.delete(f"/v1/alarm_receivers/{first['receiver_id']}").status_code == 204
    assert office.client.delete(f"/v1/alarm_receivers/{first['receiver_id']}").json()["code"] == "no_such_receiver"

    office.found()
    assert office.states() == []
